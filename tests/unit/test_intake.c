// SPDX-License-Identifier: GPL-3.0-or-later
//
// Judging a file, without a ledger: what rejects it whole, and what costs it a row.
#include "idou/intake.h"
#include "intake_kit.h"
#include "unit.h"

#include <string.h>

#define ROSTER "date,no,name,unit,phone\n"
#define ROW "2027-03-01,000001,山田　太郎,1200,0100\n"

typedef struct Case {
  const char *text;
  const char *code;  // of the finding; NULL = none
  int64_t line, column;
  const char *value;  // what the finding shows; NULL = nothing
} Case;

static IntakeReceipt examine(const char *yaml, const char *name, const char *text,
                             Findings *findings)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Kit) kit = kit_new();
  g_autoptr(Layout) layout = kit_layout(kit, yaml);
  IntakeOptions options = {.layout = layout, .name = name};
  IntakeReceipt receipt = {.verdict = INTAKE_KNOWN};
  if (layout)
    intake_examine(text, strlen(text), &options, findings, &receipt, &error);
  UNIT_NO_ERROR(error);
  return receipt;
}

static void check_finding(const Findings *findings, const Case *row, size_t i)
{
  if (!UNIT_TRUE(findings_count(findings) >= 1, "row %zu: %s", i, row->code))
    return;
  const Finding *finding = findings_at(findings, 0);
  UNIT_STR(finding->code, row->code, "row %zu: %s", i, finding->text);
  UNIT_STR(finding->file, "a.csv", "row %zu", i);
  UNIT_INT(finding->line, row->line, "row %zu (%s): line", i, row->code);
  UNIT_INT(finding->column, row->column, "row %zu (%s): column", i, row->code);
  UNIT_STR(finding->value, row->value, "row %zu (%s): value", i, row->code);
}

static void rejected(void)
{
  static const Case rows[] = {
      {"", "empty", 1, 0, NULL},
      {ROSTER, "empty", 1, 0, NULL},
      {ROSTER "2027-03-01,000001,\xff", "undecodable", 2, 3, "FF"},
      {ROSTER "2027-03-01,000001,\"山田,1200,\n", "csv-unclosed", 2, 3, NULL},
      {ROSTER "2027-03-01,000001,山\"田,1200,\n", "csv-quote", 2, 3, NULL},
      {ROSTER ROW "2027-03-01,000002,山田\n", "csv-ragged", 3, 4, NULL},
      {ROSTER ROW "2027-03-01,000002,山田,1200,,\n", "csv-ragged", 3, 6, NULL},
      {ROSTER "\n" ROW, "csv-empty-line", 2, 1, NULL},
      {"date,no,name,unit,fax\n" ROW, "header-unknown", 1, 5, NULL},
      {"date,no,name,unit,unit\n" ROW, "header-twice", 1, 5, NULL},
      {"date,no,name,phone\n2027-03-01,000001,山田,1\n", "header-missing", 1, 0, NULL},
      {"date,no,name,unit , phone\n" ROW, "header-unknown", 1, 4, NULL},  // spaces are part of it
      {ROW ROW, "header-unknown", 1, 1, NULL},
      {ROSTER ROW "2027-03-02,000002,鈴木,1200,\n", "file-date", 3, 1, "2027-03-02"},
      {ROSTER ROW "2027-03-01,000001,山田　太郎,1200,0200\n", "conflict", 3, 5, "0200"},
      {ROSTER ROW "2027-03-01,000001,山田　次郎,1200,0100\n", "conflict", 3, 3, "山田　次郎"},
      {"date,no,name,unit,role\n2027-03-01,000001,山田,1200,1\n2027-03-01,000001,山田,1300,1\n",
       "conflict", 3, 4, "1300"},
      {"date,no,name,unit,role\n2027-03-01,000001,山口,1300,2\n2027-03-01,000001,山田,1200,1\n",
       "conflict", 2, 3, "山口"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    IntakeReceipt receipt = examine(kit_roster, "a.csv", rows[i].text, findings);
    UNIT_INT(receipt.verdict, INTAKE_REJECTED, "row %zu: %s", i, rows[i].code);
    UNIT_INT(receipt.n_taken, 0, "row %zu", i);
    check_finding(findings, &rows[i], i);
  }
}

// The bad row is left out, the good one before it is taken.
static void left_out(void)
{
  static const Case rows[] = {
      {"2027-03-01,123,鈴木,1200,\n", "digits", 3, 2, "123"},  // zeros lost
      {"2027-03-01,0000012,鈴木,1200,\n", "digits", 3, 2, "0000012"},
      {"2027-03-01,１２３４５６,鈴木,1200,\n", "digits", 3, 2, "１２３４５６"},
      {"2027-03-01,1.23E+11,鈴木,1200,\n", "spreadsheet", 3, 2, "1.23E+11"},
      {"2027-03-01,000002,鈴木,2-Jan,\n", "spreadsheet", 3, 4, "2-Jan"},
      {"2027-03-01,000002,鈴木,Jan-02,\n", "spreadsheet", 3, 4, "Jan-02"},
      {"2027-03-01,000002,鈴木,1月2日,\n", "spreadsheet", 3, 4, "1月2日"},
      {"2027-03-01,000002,鈴木,-1,\n", "spreadsheet", 3, 4, "-1"},
      {"2027-03-01,000002,鈴木,1200 ,\n", "padded", 3, 4, "1200 "},
      {"2027-03-01,000002,鈴木,　1200,\n", "padded", 3, 4, "　1200"},
      {"2027-03-01,000002,,1200,\n", "empty-cell", 3, 3, NULL},
      {"2027-03-01,,鈴木,1200,\n", "empty-cell", 3, 2, NULL},
      {"2027-02-29,000002,鈴木,1200,\n", "date", 3, 1, "2027-02-29"},
      {"2027/3/1,000002,鈴木,1200,\n", "date", 3, 1, "2027/3/1"},  // not declared
      {"2027-03-01,000002,\"鈴木\n一郎\",1200,\n", "control", 3, 3, "鈴木\n一郎"},
      {"2027-03-01,000002,\"鈴\n木\",\"12\n00\",\n", "control", 3, 3, "鈴\n木"},
      {"2027-03-01,000002,鈴\xe2\x80\xae木,1200,\n", "control", 3, 3, "鈴\xe2\x80\xae木"},  // RLO
      {"2027-03-01,000002,鈴\x01木,1200,\n", "control", 3, 3, "鈴\x01木"},
      {"2027-03-01,000002,\xee\x80\x80,1200,\n", "gaiji-unknown", 3, 3, "U+E000 (CP932 F040)"},
      {"2027-03-01,000002,\xee\x9d\x97,1200,\n", "gaiji-unknown", 3, 3, "U+E757 (CP932 F9FC)"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autofree char *text = g_strconcat(ROSTER ROW, rows[i].text, NULL);
    IntakeReceipt receipt = examine(kit_roster, "a.csv", text, findings);
    UNIT_INT(receipt.verdict, INTAKE_TAKEN_IN_PART, "row %zu: %s", i, rows[i].code);
    UNIT_INT(receipt.n_rows, 2, "row %zu", i);
    UNIT_INT(receipt.n_taken, 1, "row %zu", i);
    UNIT_INT(receipt.n_rejected, 1, "row %zu", i);
    check_finding(findings, &rows[i], i);
  }
}

static void orders_left_out(void)
{
  static const Case rows[] = {
      {"1,2027-04-01,promotion,000001,山田,1200,010,\n", "order-kind", 2, 3, "promotion"},
      {"1,2027-04-01,transfer,000001,山田,,010,\n", "empty-cell", 2, 6, ""},
      {"1,2027-04-01,promote,000001,山田,1200,,\n", "empty-cell", 2, 7, ""},
      {"1,2027-04-01,hire,000001,,1200,,\n", "empty-cell", 2, 5, ""},
      {"1,2027-04-01,cancel,000001,山田,1200,,\n", "empty-cell", 2, 8, ""},
      {",2027-04-01,hire,000001,山田,1200,,\n", "empty-cell", 2, 1, NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autofree char *text = g_strconcat("o,d,k,no,name,unit,title,t\n", rows[i].text, NULL);
    IntakeReceipt receipt = examine(kit_orders, "a.csv", text, findings);
    UNIT_INT(receipt.verdict, INTAKE_TAKEN_IN_PART, "row %zu: %s", i, rows[i].code);
    check_finding(findings, &rows[i], i);
  }
}

// Columns in any order, repeats taken once, empty lines at the end.
static void taken(void)
{
  static const char *const rows[] = {
      ROSTER ROW,
      "phone,unit,name,no,date\n0100,1200,山田,000001,2027-03-01\n",
      "\xef\xbb\xbf" ROSTER ROW "\n\n",
      "date,no,name,unit\r\n2027-03-01,000001,山田,1200\r\n",
      "date,no,name,unit\r2027-03-01,000001,山田,1200\r",
      "date,no,name,unit\n2027-03-01,000001,\"山田, 太郎\",1200",
      ROSTER ROW "\x1a",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    IntakeReceipt receipt = examine(kit_roster, "a.csv", rows[i], findings);
    UNIT_INT(receipt.verdict, INTAKE_TAKEN, "row %zu", i);
    UNIT_INT(receipt.n_taken, 1, "row %zu", i);
    UNIT_INT(findings_count(findings), 0, "row %zu", i);
    UNIT_INT(receipt.declared, date_of(2027, 3, 1), "row %zu", i);
  }
  g_autoptr(Findings) findings = findings_new();
  IntakeReceipt receipt = examine(kit_roster, "a.csv", ROSTER ROW ROW, findings);
  UNIT_INT(receipt.verdict, INTAKE_TAKEN);
  UNIT_INT(receipt.n_taken, 2);
  UNIT_STR(findings_at(findings, 0)->code, "repeat");
  UNIT_INT(findings_at(findings, 0)->line, 3);
}

#define HEAD "layout: a\nkind: roster\nspace: s\nfiles: a\nencoding: utf8\n"
#define COLUMNS "columns: {d: file_date, n: number, x: name, u: unit}\n"
#define UNDATED "columns: {n: number, x: name, u: unit}\n"

// What a layout says beyond its columns.
static void layouts(void)
{
  static const struct {
    const char *yaml, *name, *text, *code;  // code NULL = taken
  } rows[] = {
      // 元年 and the last day of an era; the day after belongs to the next.
      {HEAD COLUMNS "dates: [wareki]\n", "a", "d,n,x,u\n平成31年4月30日,1,a,b\n", NULL},
      {HEAD COLUMNS "dates: [wareki]\n", "a", "d,n,x,u\n令和元年5月1日,1,a,b\n", NULL},
      {HEAD COLUMNS "dates: [wareki]\n", "a", "d,n,x,u\n平成31年5月1日,1,a,b\n", "date"},
      {HEAD COLUMNS "dates: [wareki]\nbeyond_era: true\n", "a", "d,n,x,u\n平成32年4月1日,1,a,b\n",
       NULL},
      {HEAD COLUMNS "dates: [wareki]\n", "a", "d,n,x,u\nS64.1.7,1,a,b\n", NULL},
      {HEAD COLUMNS "dates: [wareki]\n", "a", "d,n,x,u\nS64.1.8,1,a,b\n", "date"},
      {HEAD COLUMNS "dates: [wareki]\n", "a", "d,n,x,u\nH1.1.8,1,a,b\n", NULL},
      {HEAD COLUMNS "dates: [wareki]\n", "a", "d,n,x,u\n9/4/1,1,a,b\n", "date"},
      {HEAD COLUMNS "dates: [slash]\n", "a", "d,n,x,u\n27/4/1,1,a,b\n", "date"},
      {HEAD COLUMNS "dates: [compact, slash]\n", "a", "d,n,x,u\n20270401,1,a,b\n", NULL},
      {HEAD COLUMNS "dates: [era_code]\nera_codes: {5: R, 4: H}\n", "a",
       "d,n,x,u\n5-090401,1,a,b\n", NULL},
      {HEAD COLUMNS "dates: [era_code]\nera_codes: {4: H}\n", "a", "d,n,x,u\n5-090401,1,a,b\n",
       "date"},
      {HEAD COLUMNS "dates: [excel]\n", "a", "d,n,x,u\n46478,1,a,b\n", NULL},
      {HEAD UNDATED "dates: [compact]\ndate_in_name: r-{date}.csv\n", "r-20270401.csv",
       "n,x,u\n1,a,b\n", NULL},
      {HEAD UNDATED "dates: [compact]\ndate_in_name: r-{date}.csv\n", "q-20270401.csv",
       "n,x,u\n1,a,b\n", "file-date"},
      {HEAD UNDATED "dates: [compact]\ndate_in_name: r-{date}.csv\n", "r-20270431.csv",
       "n,x,u\n1,a,b\n", "file-date"},
      {HEAD COLUMNS "dates: [iso]\ntrailer: {match: T, count_column: 2}\n", "a",
       "d,n,x,u\n2027-04-01,1,a,b\nT,1\n", NULL},
      {HEAD COLUMNS "dates: [iso]\ntrailer: {match: T, count_column: 2}\n", "a",
       "d,n,x,u\n2027-04-01,1,a,b\nT,2\n", "trailer"},
      {HEAD COLUMNS "dates: [iso]\ntrailer: {match: T, count_column: 2}\n", "a",
       "d,n,x,u\n2027-04-01,1,a,b\nT,x\n", "trailer"},
      {HEAD COLUMNS "dates: [iso]\ntrailer: {match: T, count_column: 2}\n", "a",
       "d,n,x,u\n2027-04-01,1,a,b\n", "trailer"},
      {HEAD COLUMNS "dates: [iso]\nseparator: tab\n", "a", "d\tn\tx\tu\n2027-04-01\t1\ta,c\tb\n",
       NULL},
      {HEAD COLUMNS "dates: [iso]\ntrim: true\n", "a", "d ,n,x,u\n2027-04-01 ,1　, a , b\n", NULL},
      {HEAD COLUMNS "dates: [iso]\nignore: [z]\n", "a", "d,n,x,u,z\n2027-04-01,1,a,b,\"x\ny\"\n",
       NULL},
      {HEAD COLUMNS "dates: [iso]\nkey: [number, unit]\n", "a",
       "d,n,x,u\n2027-04-01,1,a,b\n2027-04-01,1,a,b\n", "repeat"},
      {HEAD "columns: {d: file_date, n: number, x: name, u: unit, s: {field: state, codes: {1: "
            "active, \"\": leave}}}\n"
            "dates: [iso]\n",
       "a", "d,n,x,u,s\n2027-04-01,1,a,b,\n", NULL},
      {HEAD "columns: {d: file_date, n: number, x: name, u: unit, s: {field: state, codes: {1: "
            "active}}}\n"
            "dates: [iso]\n",
       "a", "d,n,x,u,s\n2027-04-01,1,a,b,3\n", "code-unknown"},
      {HEAD "columns: {d: file_date, n: number, x: name, u: unit, s: state}\n"
            "dates: [iso]\n",
       "a", "d,n,x,u,s\n2027-04-01,1,a,b,lea\n", "code-unknown"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    IntakeReceipt receipt = examine(rows[i].yaml, rows[i].name, rows[i].text, findings);
    if (!rows[i].code)
      UNIT_INT(receipt.verdict, INTAKE_TAKEN, "row %zu", i);
    UNIT_STR(findings_count(findings) ? findings_at(findings, 0)->code : NULL, rows[i].code,
             "row %zu", i);
  }
}

// Valid and invalid numbers of domain.md §6 and such that pass by the same formula.
static void my_numbers(void)
{
  static const struct {
    const char *header;
    const char *cells[7];
    bool found;
  } rows[] = {
      {"phone", {"123456789018", "123456789018"}, true},
      {"phone", {"123456789018"}, false},                  // one cell is chance
      {"phone", {"123456789012", "123456789012"}, false},  // wrong check digits
      {"phone", {"1234-5678-9018", "１２３４５６７８９０１８"}, true},
      {"phone", {"123456789018", "0100"}, false},
      {"phone",
       {"123456789018", "", "123456789018", "", "123456789018", "123456789018", "123456789018"},
       true},
      {"phone",
       {"123456789018", "0100", "123456789018", "0200", "123456789018", "123456789018",
        "123456789018"},
       false},
      {"個人番号", {"123456789018"}, true},
      {"個人番号", {"000123", "000124"}, false},  // an internal number of that name
      {"マイナンバー", {"123456789018", "x"}, true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(GString) text = g_string_new("date,no,name,unit,");
    g_autofree char *yaml = g_strconcat(kit_roster, "ignore: [個人番号, マイナンバー]\n", NULL);
    g_string_append_printf(text, "%s\n", rows[i].header);
    for (size_t n = 0; n < G_N_ELEMENTS(rows[i].cells) && rows[i].cells[n]; n++)
      g_string_append_printf(text, "2027-03-01,%06zu,山田,1200,%s\n", n, rows[i].cells[n]);
    IntakeReceipt receipt = examine(yaml, "a.csv", text->str, findings);
    UNIT_INT(receipt.verdict == INTAKE_REJECTED, rows[i].found, "row %zu", i);
    for (size_t f = 0; f < findings_count(findings); f++) {
      g_autoptr(GString) line = g_string_new(NULL);
      findings_format(findings_at(findings, f), line);
      UNIT_TRUE(!strstr(line->str, "123456789018") && !strstr(line->str, "5678"), "%s", line->str);
    }
    if (rows[i].found && UNIT_INT(findings_count(findings), 1, "row %zu", i)) {
      UNIT_STR(findings_at(findings, 0)->code, "my-number");
      UNIT_INT(findings_at(findings, 0)->column, 5);
      UNIT_STR(findings_at(findings, 0)->field, rows[i].header);
    }
  }
}

static void check_never_shown(const char *yaml, const char *text, size_t i)
{
  g_autoptr(Findings) findings = findings_new();
  examine(yaml, "a.csv", text, findings);
  UNIT_TRUE(findings_count(findings) > 0, "row %zu", i);
  for (size_t f = 0; f < findings_count(findings); f++) {
    g_autoptr(GString) line = g_string_new(NULL);
    findings_format(findings_at(findings, f), line);
    UNIT_TRUE(!strstr(line->str, "123456789018"), "%s", line->str);
  }
}

// No finding shows a My Number, whatever is wrong with the row it stands in.
static void my_numbers_never_shown(void)
{
  static const struct {
    const char *yaml, *text;
  } rows[] = {
      {kit_roster, "123456789018,a\n1,2\n"},
      {kit_roster, ROSTER ROW "2027-03-01,123456789018,山田,1200,\n"},
      {kit_roster, ROSTER ROW "2027-03-01,000002,山田,1200,\"123456789018\n\"\n"},
      {kit_roster, ROSTER ROW "123456789018,000002,山田,1200,\n"},
      {kit_roster, ROSTER ROW "2027-03-01,000001,山田　太郎,1200,123456789018\n"},
      {kit_roster, ROSTER ROW "2027-03-01,123456789018,山田\x01,1200,\n"},
      {kit_orders, "o,d,k,no,name,unit,title\n1,2027-04-01,123456789018,000001,山田,1200,\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    check_never_shown(rows[i].yaml, rows[i].text, i);
}

static const UnitTest tests[] = {
    {"rejected", rejected},
    {"left_out", left_out},
    {"orders_left_out", orders_left_out},
    {"taken", taken},
    {"layouts", layouts},
    {"my_numbers", my_numbers},
    {"my_numbers_never_shown", my_numbers_never_shown},
    {NULL, NULL},
};
UNIT_SUITE(intake, tests);
