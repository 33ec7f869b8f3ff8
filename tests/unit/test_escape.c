// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "unit.h"

#include <csv.h>
#include <ldap.h>

static GString *escaped(const char *bytes, size_t n_bytes, EscapeMode mode)
{
  GString *out = g_string_new(NULL);
  escape_append(out, bytes, n_bytes, mode);
  return out;
}

typedef struct Row {
  const char *text, *written;
} Row;

static void check_rows(const Row *rows, size_t n_rows, EscapeMode mode)
{
  for (size_t i = 0; i < n_rows; i++) {
    g_autoptr(GString) out = g_string_new("before ");
    escape_text(out, rows[i].text, mode);
    UNIT_STR(out->str + strlen("before "), rows[i].written, "row %zu", i);
  }
}

static void terminal(void)
{
  static const Row rows[] = {
      {NULL, ""},
      {"", ""},
      {"山田　太郎 C:\\x", "山田　太郎 C:\\x"},
      {"a\nb\tc\r", "a\\u{A}b\\u{9}c\\u{D}"},
      {"\x1B[2J\x7F", "\\u{1B}[2J\\u{7F}"},
      {"\u202E\u2066\u200F\uFEFF", "\\u{202E}\\u{2066}\\u{200F}\\u{FEFF}"},
      {"\xC2\x9B", "\\u{9B}"},
      {"\U0010FFFF", "\\u{10FFFF}"},
      {"a\xE3\x81z\xFF", "a\\x{E3}\\x{81}z\\x{FF}"},
      {"\xED\xA0\x80", "\\x{ED}\\x{A0}\\x{80}"},
      {"<b>\"&'", "<b>\"&'"},
  };
  check_rows(rows, G_N_ELEMENTS(rows), ESCAPE_TERMINAL);
}

static void cells_for_people(void)
{
  static const Row rows[] = {
      {NULL, ""},
      {"", ""},
      {"山田", "山田"},
      {"a,b", "\"a,b\""},
      {"say \"x\"", "\"say \"\"x\"\"\""},
      {"a\nb", "\"a\nb\""},
      {" a", "\" a\""},
      {"a ", "\"a \""},
      {"=1+1", "'=1+1"},
      {"+81", "'+81"},
      {"-1", "'-1"},
      {"@x", "'@x"},
      {"\tx", "\"'\tx\""},
      {"\r=1", "\"'\r=1\""},
      {"=HYPERLINK(\"a\",\"b\")", "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\""},
      {"a=1", "a=1"},
      {"000310", "000310"},
      {"a\u202E\x1B", "a\\u{202E}\\u{1B}"},
  };
  check_rows(rows, G_N_ELEMENTS(rows), ESCAPE_CSV);
}

static void cells_for_machines(void)
{
  static const Row rows[] = {{"=1+1", "=1+1"},
                             {"-1", "-1"},
                             {"a,b", "\"a,b\""},
                             {"\"", "\"\"\"\""},
                             {"\x1B\u202E", "\x1B\u202E"},
                             {"a\r\nb", "\"a\r\nb\""}};
  check_rows(rows, G_N_ELEMENTS(rows), ESCAPE_CSV_RAW);
}

static void html(void)
{
  static const Row rows[] = {{"<script>a&b</script>", "&lt;script&gt;a&amp;b&lt;/script&gt;"},
                             {"\"'", "&quot;&#39;"},
                             {"山\u202Ea\n", "山\\u{202E}a\\u{A}"}};
  check_rows(rows, G_N_ELEMENTS(rows), ESCAPE_HTML);
}

static void css(void)
{
  static const Row rows[] = {
      {"plan 1a2b", "plan 1a2b"},
      {"\"}</style><b>", "\\22 \\7d \\3c /style\\3e \\3c b\\3e "},
      {"a\\b\n\u202E山", "a\\5c b\\\\u{A}\\\\u{202E}山"},
  };
  check_rows(rows, G_N_ELEMENTS(rows), ESCAPE_CSS);
}

static void dn_values(void)
{
  static const Row rows[] = {
      {"山田 太郎", "山田 太郎"},
      {"a,b+c\"d\\e;f<g>h=i", "a\\,b\\+c\\\"d\\\\e\\;f\\<g\\>h\\=i"},
      {" a ", "\\ a\\ "},
      {" ", "\\ "},
      {"  ", "\\ \\ "},
      {"   ", "\\  \\ "},
      {"#a#", "\\#a#"},
      {"\t\u202E", "\\09\\e2\\80\\ae"},
      {"*()", "*()"},
  };
  check_rows(rows, G_N_ELEMENTS(rows), ESCAPE_DN);
  g_autoptr(GString) nul = escaped("a\0b", 3, ESCAPE_DN);
  UNIT_STR(nul->str, "a\\00b");
}

static void filter_values(void)
{
  static const Row rows[] = {{"山田*", "山田\\2a"},
                             {"(a)\\", "\\28a\\29\\5c"},
                             {"*)(uid=*", "\\2a\\29\\28uid=\\2a"},
                             {"\n\u202E", "\\0a\\e2\\80\\ae"},
                             {"\xFF", "\\ff"}};
  check_rows(rows, G_N_ELEMENTS(rows), ESCAPE_FILTER);
  g_autoptr(GString) nul = escaped("a\0b", 3, ESCAPE_FILTER);
  UNIT_STR(nul->str, "a\\00b");
}

// What no output may hold, by our own count and not by the function under test.
static bool is_dangerous(gunichar c)
{
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
         (c & 0xFFFE) == 0xFFFE;
}

static bool is_safe(const GString *out, const char *kept)
{
  if (!g_utf8_validate(out->str, (gssize)out->len, NULL))
    return false;
  for (const char *at = out->str; *at; at = g_utf8_next_char(at))
    if (is_dangerous(g_utf8_get_char(at)) && !strchr(kept, *at))
      return false;
  return true;
}

static const struct {
  EscapeMode mode;
  const char *kept;  // control characters it lets through
} modes[] = {{ESCAPE_TERMINAL, ""}, {ESCAPE_CSV, "\t\r\n"}, {ESCAPE_HTML, ""},
             {ESCAPE_CSS, ""},      {ESCAPE_DN, ""},        {ESCAPE_FILTER, ""}};

static bool check_safe(const char *bytes, size_t n_bytes)
{
  for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
    g_autoptr(GString) out = escaped(bytes, n_bytes, modes[i].mode);
    if (!UNIT_TRUE(is_safe(out, modes[i].kept), "mode %d: %s", modes[i].mode, out->str))
      return false;
  }
  return true;
}

static void nothing_dangerous_passes(void)
{
  for (unsigned pair = 0; pair < 0x10000; pair++) {
    char bytes[] = {(char)(pair >> 8), (char)pair};
    if (!check_safe(bytes, 2))
      return;
  }
  for (gunichar c = 0; c < 0x110000; c++) {
    char bytes[8];
    size_t n = (size_t)g_unichar_to_utf8(c, bytes);
    if (!check_safe(bytes, n))
      return;
  }
}

// Bytes at random, of those that matter most.
static size_t random_bytes(GRand *random, char *bytes, size_t max)
{
  static const char pool[] =
      "aZ ,\"'\r\n\t;=+-@<>#&*()\\/\x1B\x7F\xE3\x81\x82\xE2\x80\xAE\xFF\xC2\x9B\xF0\x90";
  size_t n = (size_t)g_rand_int_range(random, 0, (gint32)max);
  for (size_t i = 0; i < n; i++)
    bytes[i] = pool[g_rand_int_range(random, 0, sizeof pool)];
  return n;
}

static void random_bytes_are_made_safe(void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(310);
  for (int i = 0; i < 50000; i++) {
    char bytes[24];
    size_t n = random_bytes(random, bytes, sizeof bytes);
    if (!check_safe(bytes, n))
      return;
  }
}

static void take_cell(void *cell, size_t n_bytes, void *cells)
{
  g_ptr_array_add(cells, g_bytes_new(cell, n_bytes));
}

// libcsv reads a row of two such cells back, byte by byte.
static void raw_cells_come_back(void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(311);
  for (int i = 0; i < 20000; i++) {
    char bytes[24];
    size_t n = random_bytes(random, bytes, sizeof bytes);
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(GString) row = escaped(bytes, n, ESCAPE_CSV_RAW);
    g_string_append(row, ",end\r\n");
    struct csv_parser parser;
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
    size_t taken = csv_parse(&parser, row->str, row->len, take_cell, NULL, cells);
    csv_fini(&parser, take_cell, NULL, cells);
    csv_free(&parser);
    g_autoptr(GBytes) want = g_bytes_new(bytes, n);
    bool right = taken == row->len && cells->len == 2 && g_bytes_equal(cells->pdata[0], want);
    if (!UNIT_TRUE(right, "%s", row->str))
      return;
  }
}

// libldap reads the value back from a DN.
static bool dn_comes_back(const char *bytes, size_t n)
{
  g_autoptr(GString) dn = escaped(bytes, n, ESCAPE_DN);
  g_string_prepend(dn, "cn=");
  g_string_append(dn, ",ou=people");
  LDAPDN parsed = NULL;
  if (ldap_str2dn(dn->str, &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS || !parsed)
    return UNIT_TRUE(false, "%s is no DN", dn->str);
  struct berval value = parsed[0][0]->la_value;
  bool right = parsed[1] && value.bv_len == n && memcmp(value.bv_val, bytes, n) == 0;
  ldap_dnfree(parsed);
  return UNIT_TRUE(right, "%s", dn->str);
}

static void dn_values_come_back(void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(312);
  for (int i = 0; i < 20000; i++) {
    char bytes[24];
    size_t n = random_bytes(random, bytes, sizeof bytes);
    if (n > 0 && !dn_comes_back(bytes, n))
      return;
  }
  for (gunichar c = 1; c < 0x11000; c++) {
    char bytes[8];
    if ((c < 0xD800 || c > 0xDFFF) && !dn_comes_back(bytes, (size_t)g_unichar_to_utf8(c, bytes)))
      return;
  }
}

// By RFC 4515's rule: \XX is a byte, and no other special character may stand.
static void filter_values_come_back(void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(313);
  for (int i = 0; i < 20000; i++) {
    char bytes[24];
    size_t n = random_bytes(random, bytes, sizeof bytes);
    g_autoptr(GString) out = escaped(bytes, n, ESCAPE_FILTER);
    g_autoptr(GString) back = g_string_new(NULL);
    for (const char *at = out->str; *at; at++) {
      UNIT_TRUE(!strchr("*()", *at), "%s", out->str);
      if (*at == '\\') {
        g_string_append_c(back,
                          (char)(g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2])));
        at += 2;
      } else {
        g_string_append_c(back, *at);
      }
    }
    if (!UNIT_TRUE(back->len == n && memcmp(back->str, bytes, n) == 0, "%s", out->str))
      return;
  }
}

static const UnitTest tests[] = {
    {"terminal", terminal},
    {"cells_for_people", cells_for_people},
    {"cells_for_machines", cells_for_machines},
    {"html", html},
    {"css", css},
    {"dn_values", dn_values},
    {"filter_values", filter_values},
    {"nothing_dangerous_passes", nothing_dangerous_passes},
    {"random_bytes_are_made_safe", random_bytes_are_made_safe},
    {"raw_cells_come_back", raw_cells_come_back},
    {"dn_values_come_back", dn_values_come_back},
    {"filter_values_come_back", filter_values_come_back},
    {NULL, NULL},
};
UNIT_SUITE(escape, tests);
