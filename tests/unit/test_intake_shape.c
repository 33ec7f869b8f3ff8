// SPDX-License-Identifier: GPL-3.0-or-later
//
// How files come: encodings, shapes that a layout allows or not, what a spreadsheet left, and the table of
// findings that goes back.
#include "intake_kit.h"
#include "unit.h"

#include <string.h>

#define HEAD "layout: a\nkind: roster\nspace: s\nfiles: a\ndates: [iso]\n"
#define COLUMNS "columns: {d: file_date, n: {field: number, digits: 6}, x: name, u: unit}\n"
#define UTF8 HEAD "encoding: utf8\n" COLUMNS
#define FILE_HEAD "d,n,x,u\n"
#define ROW "2027-03-01,000001,山田,1200\n"

typedef struct Got {
  Findings *findings;
  IntakeReceipt receipt;
  GString *returns;
} Got;

static Got examine(const char *yaml, const void *bytes, size_t n_bytes)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Kit) kit = kit_new();
  g_autoptr(Layout) layout = kit_layout(kit, yaml);
  Got got = {.findings = findings_new(), .returns = g_string_new(NULL)};
  IntakeOptions options = {.layout = layout, .name = "a.csv", .returns = got.returns};
  if (layout)
    intake_examine(bytes, n_bytes, &options, got.findings, &got.receipt, &error);
  UNIT_NO_ERROR(error);
  return got;
}

static void got_clear(Got *got)
{
  findings_free(got->findings);
  g_string_free(got->returns, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Got, got_clear)

static char *encoded(const char *text, const char *encoding, size_t *n_bytes)
{
  g_autoptr(GError) error = NULL;
  char *bytes = g_convert(text, -1, encoding, "UTF-8", NULL, n_bytes, &error);
  UNIT_NO_ERROR(error);
  return bytes;
}

static const struct {
  const char *layout, *iconv;
} encodings[] = {
    {"utf8", "UTF-8"}, {"cp932", "CP932"}, {"utf16le", "UTF-16LE"}, {"eucjp", "EUC-JP-MS"}};

static char *layout_in(const char *encoding, const char *more)
{
  return g_strconcat(HEAD "encoding: ", encoding, "\n", more, COLUMNS, NULL);
}

// The same file in each encoding is the same file.
static void each_encoding(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++) {
    size_t n_bytes;
    g_autofree char *yaml = layout_in(encodings[i].layout, "");
    g_autofree char *bytes =
        encoded(FILE_HEAD ROW "2027-03-01,000002,\"髙橋,①\",1200\r\n2027-03-01,3,鈴木,1200\n",
                encodings[i].iconv, &n_bytes);
    g_auto(Got) got = examine(yaml, bytes, n_bytes);
    UNIT_INT(got.receipt.n_taken, 2, "%s", encodings[i].layout);
    if (!UNIT_INT(findings_count(got.findings), 2, "%s", encodings[i].layout))
      continue;
    UNIT_STR(findings_at(got.findings, 0)->code, "digits");
    UNIT_INT(findings_at(got.findings, 0)->line, 4);
    UNIT_STR(findings_at(got.findings, 1)->code, "line-ends-mixed");
  }
}

typedef struct Case {
  const char *more;  // of the layout
  const char *text;
  const char *code;  // of the first finding that is no note; NULL = all taken
  int64_t line, column;
  const char *note;  // code of a note; NULL = none
  int64_t n_taken;
} Case;

static const Finding *first_of(const Findings *findings, bool note)
{
  for (size_t i = 0; i < findings_count(findings); i++)
    if ((findings_at(findings, i)->level == FINDING_NOTE) == note)
      return findings_at(findings, i);
  return NULL;
}

static void check_case(const Case *row, size_t i)
{
  g_autofree char *yaml = layout_in("utf8", row->more);
  g_auto(Got) got = examine(yaml, row->text, strlen(row->text));
  const Finding *bad = first_of(got.findings, false), *note = first_of(got.findings, true);
  UNIT_STR(bad ? bad->code : NULL, row->code, "row %zu", i);
  UNIT_STR(note ? note->code : NULL, row->note, "row %zu: note", i);
  UNIT_INT(got.receipt.n_taken, row->n_taken, "row %zu: taken", i);
  if (!bad || !row->code)
    return;
  UNIT_INT(bad->line, row->line, "row %zu: line", i);
  UNIT_INT(bad->column, row->column, "row %zu: column", i);
}

static void shapes(void)
{
  static const Case rows[] = {
      // The header further down.
      {"header_line: 3\n", "名簿\n\"2027\n" FILE_HEAD ROW, NULL, 0, 0, "header-above", 1},
      {"header_line: 3\n", "名簿\n" FILE_HEAD ROW, "header-unknown", 3, 1, NULL, 0},
      {"header_line: 9\n", FILE_HEAD ROW, "empty", 1, 0, NULL, 0},
      {"", "職員名簿\n,,\n" FILE_HEAD ROW, "header-line", 3, 0, NULL, 0},
      {"", "職員名簿,,,\n" FILE_HEAD ROW, "header-line", 2, 0, NULL, 0},
      {"", "x,n,d,q\n" ROW, "header-unknown", 1, 4, NULL, 0},
      // Empty lines.
      {"", FILE_HEAD ROW "\n" ROW, "csv-empty-line", 3, 1, NULL, 0},
      {"empty_lines: skip\n", FILE_HEAD "\n\n" ROW "\n2027-03-01,000002,鈴木,1200\n\n", NULL, 0, 0,
       "empty-lines", 2},
      {"empty_lines: skip\n", FILE_HEAD ROW ",,,\n,,,\n", NULL, 0, 0, "empty-lines", 1},
      {"", FILE_HEAD ROW ",,,\n", "empty-row", 3, 0, NULL, 1},
      {"empty_lines: skip\n", "\n" FILE_HEAD ROW, NULL, 0, 0, "empty-lines", 1},
      // Commas at the end.
      {"", "d,n,x,u,,\n2027-03-01,000001,山田,1200,,\n", NULL, 0, 0, NULL, 1},
      {"", "d,n,x,u,,\n2027-03-01,000001,山田,1200,\n", "csv-ragged", 2, 6, NULL, 0},
      {"", "d,n,x,u,\n2027-03-01,000001,山田,1200,z\n", "csv-ragged", 2, 5, NULL, 0},
      {"", "d,n,x,u\n2027-03-01,000001,山田,1200,\n", "csv-ragged", 2, 5, NULL, 0},
      {"trailing_commas: true\n", "d,n,x,u\n2027-03-01,000001,山田,1200,,,\n", NULL, 0, 0, NULL, 1},
      {"trailing_commas: true\n", "d,n,x,u,,\n2027-03-01,000001,山田,1200\n", NULL, 0, 0, NULL, 1},
      {"trailing_commas: true\n", "d,n,x,u\n2027-03-01,000001,山田,1200,,z\n", "csv-ragged", 2, 6,
       NULL, 0},
      {"trailing_commas: true\n", "d,n,x,u\n2027-03-01,000001,山田\n", "csv-ragged", 2, 4, NULL, 0},
      // Line ends.
      {"", "d,n,x,u\r2027-03-01,000001,山田,1200\r", NULL, 0, 0, NULL, 1},
      {"", "d,n,x,u\r\n2027-03-01,000001,山田,1200\n", NULL, 0, 0, "line-ends-mixed", 1},
      {"line_breaks: space\n", "d,n,x,u\r\n2027-03-01,000001,\"山田\n\",1200\r\n", NULL, 0, 0, NULL,
       1},
      // Line breaks in cells.
      {"", FILE_HEAD "2027-03-01,000001,\"山\n田\",1200\n", "control", 2, 3, NULL, 0},
      {"line_breaks: space\n", FILE_HEAD "2027-03-01,000001,\"山\r\n田\",1200\n", NULL, 0, 0, NULL,
       1},
      {"line_breaks: space\n", FILE_HEAD "2027-03-01,000001,山\x01,1200\n", "control", 2, 3, NULL,
       0},
      // A trailer is none of the rows.
      {"trailer: {match: T, count_column: 2}\nempty_lines: skip\n", FILE_HEAD ROW "T,1\n\n", NULL,
       0, 0, NULL, 1},
      {"trailer: {match: T, count_column: 2}\n", FILE_HEAD "T,0\n", "empty", 1, 0, NULL, 0},
      {"trailer: {match: T, count_column: 2}\n", FILE_HEAD, "trailer", 1, 1, NULL, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    check_case(&rows[i], i);
}

// What an error says to write in the layout is there.
static void advice(void)
{
  static const struct {
    const char *text, *advice;
  } rows[] = {
      {"名簿\n" FILE_HEAD ROW, "header_line: 2"},
      {FILE_HEAD "\n" ROW, "empty_lines: skip"},
      {FILE_HEAD ROW ",,,\n", "empty_lines: skip"},
      {FILE_HEAD "2027-03-01,000001,山田,1200,\n", "trailing_commas: true"},
      {FILE_HEAD "2027-03-01,000001,\"山\n田\",1200\n", "line_breaks: space"},
      {FILE_HEAD "2027-03-01,1,山田,1200\n", "restore_zeros: true"},
      {"\xff\xfe"
       "d",
       "encoding: utf16le"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_auto(Got) got = examine(UTF8, rows[i].text, strlen(rows[i].text));
    UNIT_TRUE(findings_count(got.findings) > 0 &&
                  strstr(findings_at(got.findings, 0)->text, rows[i].advice),
              "row %zu: %s", i, rows[i].advice);
  }
}

#define ZEROS                                                                                  \
  HEAD "encoding: utf8\ncolumns: {d: file_date, n: {field: number, digits: 6, restore_zeros: " \
       "true}, x: name, u: unit}\n"

static void zeros(void)
{
  static const char text[] = FILE_HEAD "2027-03-01,12,山田,1200\n2027-03-01,000013,佐藤,1200\n"
                                       "2027-03-01,14,鈴木,1200\n2027-03-01,1234567,林,1200\n";
  g_auto(Got) got = examine(ZEROS, text, strlen(text));
  UNIT_INT(got.receipt.n_taken, 3);
  UNIT_INT(findings_count(got.findings), 2);
  UNIT_STR(findings_at(got.findings, 0)->code, "digits");
  const Finding *note = findings_at(got.findings, 1);
  UNIT_STR(note->code, "zeros-restored");
  UNIT_INT(note->level, FINDING_NOTE);
  UNIT_INT(note->line, 2);
  UNIT_TRUE(strstr(note->text, "2 numbers"), "%s", note->text);
  g_autoptr(Kit) kit = kit_new();
  UNIT_INT(kit_take(kit, ZEROS, "a.csv", text), INTAKE_TAKEN_IN_PART);
  UNIT_TRUE(store_link_find(kit->store, SUBJECT_PERSON, "s", "000012", DATE_OPEN - 1));
  UNIT_TRUE(!store_link_find(kit->store, SUBJECT_PERSON, "s", "12", DATE_OPEN - 1));
}

static void damages(void)
{
  static const struct {
    const char *cell, *code;  // in the column of a code; NULL = taken
    bool in_text;             // also where text stands
  } rows[] = {
      {"1.23E+11", "spreadsheet", true},
      {"1E+10", "spreadsheet", true},
      {"#NAME?", "spreadsheet", true},
      {"#REF!", "spreadsheet", true},
      {"#N/A", "spreadsheet", true},
      {"########", "spreadsheet", true},
      {"2-Jan", "spreadsheet", false},
      {"Jan-02", "spreadsheet", false},
      {"1月2日", "spreadsheet", false},
      {"2027/1/2", "spreadsheet", false},
      {"2027年1月2日", "spreadsheet", false},
      {"-1", "spreadsheet", false},
      {"TRUE", "spreadsheet", false},
      {"FALSE", "spreadsheet", false},
      {"2027-1-2", NULL, false},
      {"1-2", NULL, false},
      {"(1)", NULL, false},
      {"#1", NULL, false},
      {"E10", NULL, false},
      {"12E", NULL, false},
      {"True", NULL, false},
      {"2027/1", NULL, false},
      {"JAN", NULL, false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *code = g_strdup_printf(FILE_HEAD "2027-03-01,000001,山田,%s\n", rows[i].cell);
    g_autofree char *text = g_strdup_printf(FILE_HEAD "2027-03-01,000001,%s,1200\n", rows[i].cell);
    g_auto(Got) in_code = examine(UTF8, code, strlen(code));
    g_auto(Got) in_text = examine(UTF8, text, strlen(text));
    const Finding *bad = first_of(in_code.findings, false);
    UNIT_STR(bad ? bad->code : NULL, rows[i].code, "%s", rows[i].cell);
    UNIT_INT(findings_count(in_text.findings), rows[i].in_text, "%s in text", rows[i].cell);
  }
}

static void foreign(void)
{
  static const struct {
    const char *bytes;
    size_t n_bytes;
    const char *name;
  } rows[] = {
      {"PK\3\4....[Content_Types].xml", 27, ".xlsx"},
      {"PK\3\4mimetypeapplication/vnd.oasis.opendocument.spreadsheet", 58, ".ods"},
      {"PK\3\4....readme", 14, "zip"},
      {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", 12, ".xls"},
      {"%PDF-1.7", 8, "PDF"},
      {"<html><table>", 13, "web page"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    for (size_t n = 0; n < G_N_ELEMENTS(encodings); n++) {
      g_autofree char *yaml = layout_in(encodings[n].layout, "");
      g_auto(Got) got = examine(yaml, rows[i].bytes, rows[i].n_bytes);
      UNIT_INT(got.receipt.verdict, INTAKE_REJECTED);
      if (!UNIT_INT(findings_count(got.findings), 1, "row %zu", i))
        continue;
      UNIT_STR(findings_at(got.findings, 0)->code, "no-text");
      UNIT_TRUE(strstr(findings_at(got.findings, 0)->text, rows[i].name), "row %zu: %s", i,
                findings_at(got.findings, 0)->text);
    }
}

// ---------------------------------------------------------------------------------------------
// My Numbers.

static void my_numbers(void)
{
  static const char *const cells[] = {"123456789018",
                                      "\"123456789018\"",
                                      "1234-5678-9018",
                                      "1234 5678 9018",
                                      "１２３４５６７８９０１８",
                                      "\"1234 5678\n9018\"",
                                      "１２３４－５６７８－９０１８"};
  for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++)
    for (size_t n = 0; n < G_N_ELEMENTS(cells); n++) {
      size_t n_bytes;
      g_autofree char *text = g_strdup_printf(
          FILE_HEAD "2027-03-01,1,%s,1200\n2027-03-01,000002,%s,1200\n", cells[n], cells[n]);
      g_autofree char *yaml = layout_in(encodings[i].layout, "");
      g_autofree char *bytes = encoded(text, encodings[i].iconv, &n_bytes);
      g_auto(Got) got = examine(yaml, bytes, n_bytes);
      if (UNIT_INT(findings_count(got.findings), 1, "%s: %s", encodings[i].layout, cells[n]))
        UNIT_STR(findings_at(got.findings, 0)->code, "my-number");
      g_autofree char *returns = g_convert(got.returns->str, (gssize)got.returns->len, "UTF-8",
                                           encodings[i].iconv, NULL, NULL, NULL);
      UNIT_TRUE(returns && !strstr(returns, "5678") && !strstr(returns, "５６７８"), "%s", returns);
    }
}

// A file that is rejected for its shape is judged as well, for it is kept otherwise.
static void my_numbers_in_broken(void)
{
  static const char *const texts[] = {
      FILE_HEAD "2027-03-01,000001,123456789018,1200\n2027-03-01,000002,123456789018,1200,\n",
      FILE_HEAD "2027-03-01,000001,123456789018,1200\n2027-03-01,000002,123456789018,12\"00\n"
                "2027-03-01,000003,\n",
      "d,n,x,fax\n2027-03-01,000001,123456789018,1200\n2027-03-01,000002,123456789018,1200\n",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_auto(Got) got = examine(UTF8, texts[i], strlen(texts[i]));
    UNIT_INT(got.receipt.verdict, INTAKE_REJECTED);
    bool judged = findings_count(got.findings) == 1 &&
                  g_str_equal(findings_at(got.findings, 0)->code, "my-number");
    // Of the second only one row could be read, which is chance.
    UNIT_INT(judged, i != 1, "row %zu", i);
  }
}

// ---------------------------------------------------------------------------------------------
// The table of findings.

#define RETURN_HEAD "行,列,項目,職員番号,値,程度,理由,コード,"

static char *decoded(const GString *bytes, const char *encoding)
{
  return g_convert(bytes->str, (gssize)bytes->len, "UTF-8", encoding, NULL, NULL, NULL);
}

static void returns(void)
{
  static const char text[] = "d,n,x,u\r\n2027-03-01,1,髙橋,=1+1\r\n2027-03-01,000002,佐藤,1200\r\n"
                             "2027-03-01,3,\"鈴,木\",2-Jan\r\n";
  for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++) {
    size_t n_bytes;
    bool marked = i == 0 || i == 2;
    g_autofree char *yaml = layout_in(encodings[i].layout, "");
    g_autofree char *bytes = encoded(text, encodings[i].iconv, &n_bytes);
    g_auto(Got) got = examine(yaml, bytes, n_bytes);
    g_autofree char *table = decoded(got.returns, encodings[i].iconv);
    if (!UNIT_TRUE(table != NULL, "%s", encodings[i].layout))
      continue;
    g_auto(GStrv) lines = g_strsplit(table, "\r\n", -1);
    if (!UNIT_INT(g_strv_length(lines), 5, "%s: %s", encodings[i].layout, table))
      continue;
    UNIT_STR(lines[0] + (marked ? 3 : 0), RETURN_HEAD "d,n,x,u");
    UNIT_TRUE(g_str_has_prefix(lines[1], "2,2,n,1,1,誤り,"), "%s", lines[1]);
    UNIT_TRUE(g_str_has_suffix(lines[1], ",digits,2027-03-01,1,髙橋,'=1+1"), "%s", lines[1]);
    UNIT_TRUE(g_str_has_suffix(lines[2], ",digits,2027-03-01,3,\"鈴,木\",2-Jan"), "%s", lines[2]);
    // The second finding of a row does not repeat it.
    UNIT_TRUE(g_str_has_suffix(lines[3], ",spreadsheet,,,,"), "%s", lines[3]);
    UNIT_STR(lines[4], "");
  }
}

static void returns_nothing(void)
{
  g_auto(Got) got = examine(UTF8, FILE_HEAD ROW, strlen(FILE_HEAD ROW));
  UNIT_INT(got.returns->len, 0);
}

// A row of a file that is rejected for its shape is there, too.
static void returns_ragged(void)
{
  static const char text[] = FILE_HEAD ROW "2027-03-01,000002,佐藤,1200,x\n";
  g_auto(Got) got = examine(UTF8, text, strlen(text));
  UNIT_TRUE(strstr(got.returns->str, "csv-ragged,2027-03-01,000002,佐藤,1200,x\r\n"), "%s",
            got.returns->str);
}

// Never a “?”.
static void returns_unencodable(void)
{
  size_t n_bytes;
  static const char yaml[] = HEAD
      "encoding: cp932\ncolumns: {d: file_date, n: {field: number, digits: 6}, x: name, u: {field: "
      "unit, codes: {1: \"1\"}}, é: duty}\n";
  g_autofree char *bytes = encoded("d,n,x,u\n2027-03-01,000002,佐藤,2\n", "CP932", &n_bytes);
  g_auto(Got) got = examine(yaml, bytes, n_bytes);
  g_autofree char *table = decoded(got.returns, "CP932");
  UNIT_TRUE(table && strstr(table, "{U+00E9}") && !strchr(table, '?'), "%s", table);
}

#define ORDERS "o,d,k,no,name,unit,title\n"

// Corrected where it is wrong, the table is taken as it is.
static void returns_taken(void)
{
  static const char text[] =
      ORDERS "1,2027-04-01,hire,000001,山田,1200,\n"
             "2,2027-04-01,hire,2,佐藤,,\n3,2027-04-01,hire,000003,=1,1300,\n";
  g_autoptr(Kit) kit = kit_new();
  g_autoptr(GString) table = g_string_new(NULL);
  kit->options.returns = table;
  UNIT_INT(kit_take(kit, kit_orders, "a.csv", text), INTAKE_TAKEN_IN_PART);
  kit->options.returns = NULL;
  UNIT_INT(kit->receipt.n_taken, 2);
  g_auto(GStrv) parts = g_strsplit(table->str, "hire,2,佐藤,,", -1);
  if (!UNIT_INT(g_strv_length(parts), 2, "%s", table->str))
    return;
  g_autofree char *corrected = g_strjoinv("hire,000002,'-佐藤,1200,", parts);
  UNIT_INT(kit_take(kit, kit_orders, "b.csv", corrected), INTAKE_TAKEN);
  UNIT_INT(kit->receipt.n_taken, 1);
  UNIT_STR(kit_value(kit, "000002", NULL, FIELD_NAME, "2027-04-01"), "-佐藤");
}

static void returns_of_full(void)
{
  static const char text[] = RETURN_HEAD "date,no,name,unit,phone\n"
                                         "2,2,no,1,1,誤り,x,digits,2027-03-01,000001,山田,1200,\n";
  g_auto(Got) got = examine(kit_roster, text, strlen(text));
  UNIT_STR(findings_at(got.findings, 0)->code, "returned-part");
}

// ---------------------------------------------------------------------------------------------

// Rows of one person far apart, in a file that is in no order.
static void unsorted(void)
{
  static const char head[] = "date,no,name,unit,role\n";
  g_autoptr(GString) text = g_string_new(head);
  for (int i = 0; i < 500; i++)
    g_string_append_printf(text, "2027-03-01,%06d,山田,1200,1\n", i * 7919 % 500);
  for (int i = 0; i < 500; i += 100)
    g_string_append_printf(text, "2027-03-01,%06d,山田,1300,2\n", i);
  g_string_append(text, "2027-03-01,000000,山田,1200,1\n2027-03-01,000100,鈴木,1400,2\n");
  g_auto(Got) got = examine(kit_roster, text->str, text->len);
  UNIT_INT(got.receipt.verdict, INTAKE_REJECTED);
  if (!UNIT_INT(findings_count(got.findings), 2))
    return;
  // In the order in which their people come in the file.
  UNIT_STR(findings_at(got.findings, 0)->code, "repeat");
  UNIT_INT(findings_at(got.findings, 0)->line, 507);
  UNIT_STR(findings_at(got.findings, 1)->code, "conflict");
  UNIT_INT(findings_at(got.findings, 1)->line, 508);
  UNIT_INT(findings_at(got.findings, 1)->column, 3);
}

static const UnitTest tests[] = {
    {"each_encoding", each_encoding},
    {"shapes", shapes},
    {"advice", advice},
    {"zeros", zeros},
    {"damages", damages},
    {"foreign", foreign},
    {"my_numbers", my_numbers},
    {"my_numbers_in_broken", my_numbers_in_broken},
    {"returns", returns},
    {"returns_nothing", returns_nothing},
    {"returns_ragged", returns_ragged},
    {"returns_unencodable", returns_unencodable},
    {"returns_taken", returns_taken},
    {"returns_of_full", returns_of_full},
    {"unsorted", unsorted},
    {NULL, NULL},
};
UNIT_SUITE(intake_shape, tests);
