// SPDX-License-Identifier: GPL-3.0-or-later
//
// The parts of a page. How pages look and what a browser makes of them, tests/html does.
#include "unit/unit.h"

#include <idou/html.h>

#include <sodium.h>
#include <string.h>

static const char hostile[] = "\"></title><script>alert(1)</script>'\u202E&";

// Whether nothing of it came through that a browser would obey.
static bool is_harmless(const GString *out)
{
  return !strstr(out->str, "<script>alert") && !strstr(out->str, "\u202E") &&
         !strstr(out->str, "\"></title>");
}

static void values(void)
{
  static const struct {
    int64_t number;
    const char *written;
  } rows[] = {
      {0, "0"},       {7, "7"},         {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"},
      {-999, "-999"}, {-1234, "-1,234"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    html_number(out, rows[i].number);
    UNIT_STR(out->str, rows[i].written, "row %zu", i);
  }
  g_autoptr(GString) out = g_string_new(NULL);
  html_element(out, "b", "x", "<&");
  html_element(out, "i", NULL, NULL);
  html_attribute(out, "title", "a\"b");
  html_attribute(out, "none", NULL);
  UNIT_STR(out->str, "<b class=\"x\">&lt;&amp;</b><i></i> title=\"a&quot;b\"", "values");
}

static void nothing_hostile(void)
{
  const HtmlPage page = {.title = hostile, .running = hostile, .script = "void 0\n"};
  const HtmlFact fact = {hostile, hostile, hostile};
  const HtmlTile tile = {.label = hostile, .note = hostile, .link = "#held"};
  const char *const series[] = {hostile};
  const HtmlBar bar = {hostile, {1}};
  const HtmlChart chart = {hostile, hostile, hostile, series, 1, &bar, 1};
  const HtmlColumn column = {hostile, false};
  const char *const cells[] = {hostile};
  g_autoptr(GString) out = g_string_new(NULL);
  html_begin(&page, out);
  html_facts(&fact, 1, out);
  html_tiles(&tile, 1, out);
  html_chart(&chart, out);
  html_table_begin(hostile, &column, 1, out);
  html_table_row(&column, 1, cells, out);
  html_table_end(out);
  html_end(&page, out);
  UNIT_TRUE(is_harmless(out), "%s", strstr(out->str, "</style>"));
}

// 'sha256-…' of the text between two tags.
static char *hash_between(const char *document, const char *from, const char *to)
{
  const char *begin = strstr(document, from) + strlen(from);
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, (const unsigned char *)begin, (size_t)(strstr(begin, to) - begin));
  g_autofree char *base64 = g_base64_encode(hash, sizeof hash);
  return g_strdup_printf("'sha256-%s'", base64);
}

static void policy(void)
{
  HtmlPage page = {.title = "t", .script = "let a = '\\u3042'\n", .style = "b { color: red }"};
  g_autoptr(GString) out = g_string_new(NULL);
  html_begin(&page, out);
  html_end(&page, out);
  g_autofree char *style = hash_between(out->str, "<style>", "</style>");
  g_autofree char *script = hash_between(out->str, "<script>", "</script>");
  g_autofree char *wanted = g_strdup_printf("style-src %s; script-src %s\"", style, script);
  UNIT_TRUE(strstr(out->str, wanted), "the hashes are not %s", wanted);
  page.script = NULL;
  g_string_truncate(out, 0);
  html_begin(&page, out);
  html_end(&page, out);
  UNIT_TRUE(!strstr(out->str, "script"), "a page without a script allows none");
}

static void bars(void)
{
  static const char *const series[] = {"one", "absent", "two"};
  static const HtmlBar bars[] = {{"a", {1, 0, 2}}, {"b", {3, 0, 3}}, {"c", {0}}};
  const HtmlChart chart = {"title", "head", "total", series, 3, bars, 3};
  g_autoptr(GString) out = g_string_new(NULL);
  html_chart(&chart, out);
  UNIT_TRUE(!strstr(out->str, "absent"), "an empty series is in the legend");
  UNIT_TRUE(strstr(out->str, "x=\"0\" width=\"166\""), "1 of 6: %s", out->str);
  UNIT_TRUE(strstr(out->str, "x=\"166\" width=\"334\""), "2 of 6 behind it: %s", out->str);
  UNIT_TRUE(strstr(out->str, "x=\"500\" width=\"500\""), "the longest: %s", out->str);
  g_string_truncate(out, 0);
  html_chart(&(HtmlChart){.title = "title", .n_series = 1}, out);
  UNIT_STR(out->str, "", "without bars");
}

static const UnitTest tests[] = {
    {"values", values}, {"nothing_hostile", nothing_hostile}, {"policy", policy}, {"bars", bars},
    {NULL, NULL},
};
UNIT_SUITE(html, tests);
