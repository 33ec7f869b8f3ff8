// SPDX-License-Identifier: GPL-3.0-or-later
#include "html_p.h"

#include <sodium.h>
#include <string.h>

void html_text(GString *out, const char *text)
{
  escape_text(out, text, ESCAPE_HTML);
}

void html_attribute(GString *out, const char *name, const char *value)
{
  if (!value)
    return;
  g_string_append_printf(out, " %s=\"", name);
  html_text(out, value);
  g_string_append_c(out, '"');
}

void html_element(GString *out, const char *tag, const char *klass, const char *text)
{
  g_string_append_printf(out, "<%s", tag);
  html_attribute(out, "class", klass);
  g_string_append_c(out, '>');
  html_text(out, text);
  g_string_append_printf(out, "</%s>", tag);
}

void html_number(GString *out, int64_t number)
{
  g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, number);
  size_t n = strlen(digits);
  for (size_t i = 0; i < n; i++) {
    if (i > (size_t)(number < 0) && (n - i) % 3 == 0)
      g_string_append_c(out, ',');
    g_string_append_c(out, digits[i]);
  }
}

// ---------------------------------------------------------------------------------------------
// The page.

// The foot of printed pages is made by the style: there its text stands in a CSS string.
static char *make_style(const HtmlPage *page)
{
  g_autoptr(GString) running = g_string_new(NULL);
  escape_text(running, page->running, ESCAPE_CSS);
  return g_strdup_printf("%s@page{size:A4%s;@bottom-left{content:\"%s\"}}\n%s", html_style,
                         page->landscape ? " landscape" : "", running->str,
                         page->style ? page->style : "");
}

// 'sha256-…' of what stands between the tags, as a policy names it.
static void put_hash(GString *out, const char *text)
{
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
  g_autofree char *base64 = g_base64_encode(hash, sizeof hash);
  g_string_append_printf(out, "'sha256-%s'", base64);
}

static void put_policy(const HtmlPage *page, const char *style, GString *out)
{
  g_string_append(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "base-uri 'none'; form-action 'none'; style-src ");
  put_hash(out, style);
  if (page->script) {
    g_string_append(out, "; script-src ");
    put_hash(out, page->script);
  }
  g_string_append(out, "\">\n");
}

void html_begin(const HtmlPage *page, GString *out)
{
  g_autofree char *style = make_style(page);
  // TRANSLATORS: the code of the language that you translate into: "ja".
  g_string_append_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n", _("en"));
  g_string_append(out, "<meta charset=\"utf-8\">\n");
  put_policy(page, style, out);
  g_string_append(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<meta name=\"referrer\" content=\"no-referrer\">\n");
  html_element(out, "title", NULL, page->title);
  g_string_append_printf(out, "\n<style>%s</style>\n</head>\n<body>\n", style);
}

// At the end, when all that it works on is there.
void html_end(const HtmlPage *page, GString *out)
{
  if (page->script)
    g_string_append_printf(out, "<script>%s</script>\n", page->script);
  g_string_append(out, "</body>\n</html>\n");
}
