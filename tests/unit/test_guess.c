// SPDX-License-Identifier: GPL-3.0-or-later
//
// Layouts proposed for files that nobody has described.
#include "intake_kit.h"

#include <string.h>

typedef struct Try {
  Findings *findings;
  Guessed guessed;
  bool made;
} Try;

static void try_clear(Try *try)
{
  g_clear_pointer(&try->findings, findings_free);
  guessed_clear(&try->guessed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Try, try_clear)

static Try guess_as(const char *name, const char *encoding, const char *text)
{
  Try try = {.findings = findings_new()};
  gsize n_bytes = 0;
  char *bytes = g_convert(text, -1, encoding, "UTF-8", NULL, &n_bytes, NULL);
  UNIT_TRUE(bytes != NULL, "%s", encoding);
  g_autoptr(GBytes) file = g_bytes_new_take(bytes, n_bytes);
  GuessOptions options = {.name = name};
  try.made = guess_layout(file, &options, try.findings, &try.guessed);
  return try;
}

static void has_line(const Try *try, const char *line, const char *what)
{
  g_auto(GStrv) lines = g_strsplit(try->guessed.yaml->str, "\n", -1);
  for (char **at = lines; *at; at++) {
    // What is behind a key is a comment.
    g_autofree char *bare = g_strdup(*at);
    char *comment = strstr(bare, "  # ");
    if (comment && strspn(bare, " ") < (size_t)(comment - bare))
      *comment = '\0';
    if (g_str_equal(g_strchomp(bare), line))
      return;
  }
  UNIT_STR(try->guessed.yaml->str, line, "%s", what);
}

static Layout *load(const Try *try, Findings *findings)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(unit_dir(), "guessed.yaml", NULL);
  UNIT_TRUE(g_file_set_contents(path, try->guessed.yaml->str, -1, NULL));
  Layout *layout = layout_load(path, findings, &error);
  UNIT_NO_ERROR(error, "%s", try->guessed.yaml->str);
  return layout;
}

#define ORDERS_HEADER \
  "発令番号,発令年月日,発令区分コード,発令区分名称,職員番号,氏名,カナ氏名,所属CD,職名[＊],職名\n"

static const char orders[] =
    ORDERS_HEADER "0001,R9.4.1,10,採用,000101,山田　太郎,ヤマダ　タロウ,0101,070,主事\n"
                  "0002,R9.4.1,20,配置換,000102,鈴木　花子,スズキ　ハナコ,0102,040,係長\n"
                  "0003,R9.3.31,50,定年退職,000103,佐藤　次郎,サトウ　ジロウ,0102,040,係長\n";

static void whole(void)
{
  static const struct {
    const char *encoding, *line;
  } rows[] = {{"CP932", "encoding: cp932"}, {"UTF-8", "encoding: utf8"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_auto(Try) try = guess_as("hatsurei_20270401.csv", rows[i].encoding, orders);
    const char *what = rows[i].encoding;
    if (!UNIT_TRUE(try.made, "%s", what))
      continue;
    UNIT_STR(try.guessed.kind, "orders", "%s", what);
    UNIT_INT(try.guessed.n_rows, 3, "%s", what);
    UNIT_INT(try.guessed.n_columns, 10, "%s", what);
    UNIT_INT(try.guessed.n_gaps, 0, "%s: %s", what, try.guessed.yaml->str);
    has_line(&try, rows[i].line, what);
    has_line(&try, "files: \"hatsurei_*.csv\"", what);
    has_line(&try, "dates: [wareki]", what);
    has_line(&try, "  職員番号: {field: number, digits: 6}", what);
    has_line(&try, "  所属CD: {field: unit, digits: 4}", what);
    has_line(&try, "  \"職名[＊]\": {field: title, digits: 3}", what);
    has_line(&try, "  職名: title_name", what);
    has_line(&try, "  \"10\": hire", what);
    has_line(&try, "  \"20\": transfer", what);
    has_line(&try, "  \"50\": {kind: retire, last_day: true}", what);
  }
}

// What was proposed reads the file it was proposed for.
static void reads_its_file(void)
{
  g_auto(Try) try = guess_as("a.csv", "UTF-8", orders);
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Layout) layout = load(&try, findings);
  if (!layout)
    return;
  IntakeOptions options = {.layout = layout, .name = "a.csv"};
  IntakeReceipt receipt;
  UNIT_TRUE(intake_examine(orders, strlen(orders), &options, findings, &receipt, NULL));
  UNIT_INT(receipt.verdict, INTAKE_TAKEN);
  UNIT_INT(receipt.n_taken, 3);
  UNIT_INT(findings_count(findings), 0);
}

static void unknown_codes(void)
{
  g_autofree char *text =
      g_strconcat(orders, "0004,R9.4.1,37,特命,000104,高橋　三郎,タカハシ,0101,070,主事\n",
                  "0005,R9.4.1,37,特命,000105,高橋　四郎,タカハシ,0101,070,主事\n", NULL);
  g_auto(Try) try = guess_as("a.csv", "CP932", text);
  UNIT_TRUE(try.made);
  UNIT_INT(try.guessed.n_gaps, 1);
  has_line(&try, "  # unknown: \"37\" 特命, 2 rows, e.g. line 5", "unknown");
}

// Wordings of public orders, as they stand beside a code.
static void wordings(void)
{
  static const struct {
    const char *wording, *want;
  } rows[] = {
      {"採用", "hire"},
      {"会計年度任用", "hire"},
      {"再任用", "hire"},
      {"昇任", "promote"},
      {"降任", "promote"},
      {"転任", "transfer"},
      {"配置換", "transfer"},
      {"配置換え", "transfer"},
      {"出向", "hand_over"},
      {"転入", "take_over"},
      {"派遣", "second"},
      {"自治法派遣", "second"},
      {"派遣解除", "return"},
      {"組織のみ変更", "relabel"},
      {"併任", "joint"},
      {"併任解除", "joint_end"},
      {"兼務", "concurrent"},
      {"兼務解除", "concurrent_end"},
      {"事務取扱", "acting"},
      {"事務取扱解除", "acting_end"},
      {"事務従事", "assist"},
      {"充て職", "seat"},
      {"休職", "leave"},
      {"育児休業", "leave"},
      {"停職", "suspend"},
      {"復職", "return"},
      {"自己都合退職", "retire"},
      {"死亡退職", "retire"},
      {"任期満了", "retire"},
      {"免職", "retire"},
      {"身分換", "change"},
      {"ﾌｸｼｮｸ", NULL},
      {"訂正", NULL},
      {"特命", NULL},
      {"育児短時間勤務", NULL},
      {"", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *text =
        g_strdup_printf("発令番号,発令日,発令区分,発令区分名称,職員番号,氏名,所属,職名\n"
                        "01,R9.3.31,77,%s,1,x,1,1\n",
                        rows[i].wording);
    g_auto(Try) try = guess_as("a.csv", "UTF-8", text);
    bool retire = g_strcmp0(rows[i].want, "retire") == 0;
    g_autofree char *line = g_strdup_printf(
        retire ? "  \"77\": {kind: %s, last_day: true}" : "  \"77\": %s", rows[i].want);
    bool column = g_strcmp0(rows[i].want, "promote") != 0;  // no column of 職名コード
    if (rows[i].want && column)
      has_line(&try, line, rows[i].wording);
    UNIT_INT(try.guessed.n_gaps, rows[i].want && column ? 0 : 1, "%s", rows[i].wording);
  }
}

// Orders without a number need a key; a column may have days of its own.
static void without_numbers(void)
{
  g_auto(Try) try = guess_as(
      "a.csv", "UTF-8",
      "職員番号,氏名,発令日付,発令区分,発令区分名称,所属コード,所属発令年月日,職名[＊],職名\n"
      "000101,山田,20270401,20,転任,0101,20270401,070,主事\n");
  has_line(&try, "key: [number, order_date, order_kind, unit]", "key");
  has_line(&try, "  所属発令年月日: {day_of: 所属コード}", "day");
  UNIT_INT(try.guessed.n_gaps, 0, "%s", try.guessed.yaml->str);
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Layout) layout = load(&try, findings);
  UNIT_TRUE(layout != NULL);
}

// Nothing of a person stands in a proposal.
static void no_person(void)
{
  static const char *const personal[] = {"山田", "太郎", "ヤマダ", "000101", "0101,"};
  g_auto(Try) try = guess_as("a.csv", "CP932", orders);
  for (size_t i = 0; i < G_N_ELEMENTS(personal); i++)
    UNIT_TRUE(strstr(try.guessed.yaml->str, personal[i]) == NULL, "%s", personal[i]);
  // A column of names is no name of codes, whatever it is called.
  g_auto(Try) names = guess_as("a.csv", "UTF-8",
                               "職員番号,氏名,職員区分,職員名,所属コード,職員区分名\n"
                               "000101,甲,1,乙,0101,丙丁\n000102,甲,1,戊,0101,丙丁\n");
  UNIT_TRUE(names.made);
  UNIT_TRUE(strstr(names.guessed.yaml->str, "乙") == NULL, "%s", names.guessed.yaml->str);
}

static void kinds_of_file(void)
{
  static const struct {
    const char *text, *kind;
  } rows[] = {
      {ORDERS_HEADER "1,R9.4.1,10,採用,1,x,x,1,1,x\n", "orders"},
      {"職員番号,氏名,所属コード,本務兼務区分\n1,x,1,1\n", "roster"},
      {"職員番号,氏名,所属コード,兼務区分\n1,x,1,1\n", "roster"},
      {"所属コード,所属名称,上位所属コード\n1,x,\n", "units"},
      {"旧コード,新コード,区分,施行日\n1,2,改称,R9.4.1\n", "reorganisation"},
      {"職員番号,兼務区分CD,兼務所属CD,兼務先所属名,兼務発令年月日\n1,1,1,x,R9.4.1\n", "orders"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_auto(Try) try = guess_as("a.csv", "CP932", rows[i].text);
    UNIT_TRUE(try.made, "%s", rows[i].text);
    UNIT_STR(try.guessed.kind, rows[i].kind, "%s", rows[i].text);
  }
}

static void encodings(void)
{
  static const struct {
    const char *iconv, *mark, *want;
  } rows[] = {
      {"UTF-8", "", "encoding: utf8"},       {"UTF-8", "\xef\xbb\xbf", "encoding: utf8"},
      {"CP932", "", "encoding: cp932"},      {"EUC-JP-MS", "", "encoding: eucjp"},
      {"UTF-16LE", "", "encoding: utf16le"}, {"UTF-16LE", "\xff\xfe", "encoding: utf16le"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    gsize n = 0;
    g_autoptr(Findings) findings = findings_new();
    g_auto(Guessed) guessed = {0};
    g_autofree char *body = g_convert(orders, -1, rows[i].iconv, "UTF-8", NULL, &n, NULL);
    g_autoptr(GByteArray) whole_file = g_byte_array_new();
    g_byte_array_append(whole_file, (const guint8 *)rows[i].mark, (guint)strlen(rows[i].mark));
    g_byte_array_append(whole_file, (const guint8 *)body, (guint)n);
    g_autoptr(GBytes) bytes = g_bytes_new(whole_file->data, whole_file->len);
    GuessOptions options = {.name = "a.csv"};
    UNIT_TRUE(guess_layout(bytes, &options, findings, &guessed), "%s %zu", rows[i].iconv, i);
    UNIT_TRUE(strstr(guessed.yaml->str, rows[i].want) != NULL, "%s %zu: %s", rows[i].iconv, i,
              guessed.yaml->str);
  }
}

static void dates(void)
{
  static const struct {
    const char *dates[3], *want;
  } rows[] = {
      {{"2027-04-01", "2027-03-31", ""}, "dates: [iso]"},
      {{"2027/4/1", "2027/3/31", "2027/10/1"}, "dates: [slash]"},
      {{"20270401", "", ""}, "dates: [compact]"},
      {{"R9.4.1", "令和9年3月31日", "R090401"}, "dates: [wareki]"},
      {{"R9.4.1", "20270401", "20270401"}, "dates: [compact, wareki]"},
      {{"46478", "46477", ""}, "dates: [excel]"},
      {{"5-090401", "5-090331", ""}, "dates: [era_code]"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) text = g_string_new("発令番号,発令日,発令区分,発令区分名称,職員番号,所属\n");
    for (size_t k = 0; k < 3; k++)
      g_string_append_printf(text, "000%zu,%s,1,異動,000001,01\n", k, rows[i].dates[k]);
    g_auto(Try) try = guess_as("a.csv", "CP932", text->str);
    has_line(&try, rows[i].want, rows[i].want);
  }
}

// A digit that can be one era only is told; else a person must say it.
static void era_codes(void)
{
  static const char header[] = "発令番号,発令日,発令区分,発令区分名称,職員番号,生年月日,所属\n";
  g_autofree char *text = g_strconcat(
      header, "0001,5-090401,1,異動,000001,3-450101,01\n0002,5-090401,1,異動,000002,4-020101,01\n",
      "0003,5-090401,1,異動,000002,3-640107,01\n", NULL);
  g_auto(Try) try = guess_as("a.csv", "CP932", text);
  has_line(&try, "  5: R", "an order of this century");
  has_line(&try, "  3: S", "no other era had a year 64");
  has_line(&try, "  # GAP: 4: T or S or H or R? ask HR what the digit means",
           "a year that many have");
  UNIT_INT(try.guessed.n_gaps, 1);
}

static void retire_days(void)
{
  static const struct {
    const char *first, *second;
    size_t n_gaps;
    const char *want;
  } rows[] = {
      {"R9.3.31", "R9.3.31", 0, "  \"1\": {kind: retire, last_day: true}"},
      {"R9.3.31", "R9.4.10", 0, "  \"1\": {kind: retire, last_day: true}"},
      {"R9.4.1", "R9.4.1", 1, "  \"1\": retire"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *text = g_strdup_printf(
        "発令番号,発令日,発令区分,発令区分名称,職員番号\n01,%s,1,退職,1\n02,%s,1,退職,1\n",
        rows[i].first, rows[i].second);
    g_auto(Try) try = guess_as("a.csv", "CP932", text);
    has_line(&try, rows[i].want, rows[i].first);
    UNIT_INT(try.guessed.n_gaps, (long long)rows[i].n_gaps, "%s", rows[i].first);
  }
}

static void around_the_table(void)
{
  g_auto(Try) try = guess_as("meibo.csv", "CP932",
                             "職員名簿\n\n職員番号\t氏名\t所属コード\t職名コード\t知らない列\n"
                             "000101\t山田\t 0101\t070\tx\n000102\t鈴木\t 0102\t040\ty\n"
                             "99\t2\t\t\t\n");
  UNIT_TRUE(try.made);
  UNIT_INT(try.guessed.n_rows, 2);
  has_line(&try, "separator: tab", "tabs");
  has_line(&try, "trim: true", "padding");
  has_line(&try, "trailer: {match: \"99\", count_column: 2}", "trailer");
  has_line(&try,
           "# GAP: a roster holds as of a day: a column of file_date, or date_in_name, is wanted",
           "no date");
  UNIT_TRUE(strstr(try.guessed.yaml->str, "  - 知らない列") != NULL);
  UNIT_TRUE(strstr(try.guessed.yaml->str, "GAP: not known to idou") != NULL);
}

// A title, empty lines, commas to the end: the layout says so, and the file is read.
static void shapes(void)
{
  static const char text[] =
      "職員名簿,,,\n\n職員番号,氏名,所属コード,\n000101,\"山田\n太郎\",0101,\n,,,\n\n"
      "000102,鈴木　花子,0102,\n";
  g_auto(Try) try = guess_as("meibo-20270301.csv", "EUC-JP-MS", text);
  has_line(&try, "encoding: eucjp", "encoding");
  has_line(&try, "header_line: 3", "title");
  has_line(&try, "empty_lines: skip", "empty");
  has_line(&try, "trailing_commas: true", "commas");
  has_line(&try, "line_breaks: space", "breaks");
  UNIT_INT(try.guessed.n_gaps, 0, "%s", try.guessed.yaml->str);
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Layout) layout = load(&try, findings);
  if (!layout)
    return;
  gsize n_bytes = 0;
  g_autofree char *bytes = g_convert(text, -1, "EUC-JP-MS", "UTF-8", NULL, &n_bytes, NULL);
  IntakeOptions options = {.layout = layout, .name = "meibo-20270301.csv"};
  IntakeReceipt receipt;
  UNIT_TRUE(intake_examine(bytes, n_bytes, &options, findings, &receipt, NULL));
  for (size_t i = 0; i < findings_count_level(findings, FINDING_WARNING); i++)
    UNIT_STR(findings_at(findings, i)->text, NULL);
  UNIT_INT(receipt.n_taken, 2);
}

static void by_name(void)
{
  g_auto(Try) try =
      guess_as("meibo-20270301.csv", "CP932", "職員番号,氏名,所属コード\n000101,山田,0101\n");
  has_line(&try, "date_in_name: \"meibo-{date}.csv\"", "date");
  has_line(&try, "dates: [compact]", "date");
  UNIT_INT(try.guessed.n_gaps, 0, "%s", try.guessed.yaml->str);
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Layout) layout = load(&try, findings);
  UNIT_TRUE(layout != NULL);
}

static void states(void)
{
  g_auto(Try) named = guess_as("a-20270301.csv", "CP932",
                               "職員番号,氏名,所属コード,休退コード,休退名称\n000101,山田,0101,,\n"
                               "000102,鈴木,0101,7,育児休業\n000103,佐藤,0101,9,不詳\n");
  has_line(&named, "      \"\": \"active\"", "nothing is in service");
  has_line(&named, "      \"7\": \"leave\"", "by the name beside it");
  has_line(&named, "      # unknown: \"9\" 不詳, 1 row, e.g. line 4", "unknown");
  UNIT_INT(named.guessed.n_gaps, 1, "%s", named.guessed.yaml->str);
  g_auto(Try) bare = guess_as("a-20270301.csv", "CP932",
                              "職員番号,氏名,所属コード,在職区分\n000101,山田,0101,1\n"
                              "000102,鈴木,0101,2\n");
  has_line(&bare, "      \"2\": \"leave\"", "assumed");
  UNIT_INT(bare.guessed.n_gaps, 2, "%s", bare.guessed.yaml->str);
}

static void refused(void)
{
  static const struct {
    const char *text, *code;
  } rows[] = {
      {"", "header-unknown"},
      {"1,2,3\n4,5,6\n", "header-unknown"},
      {"000101,山田　太郎,0101\n000102,鈴木　花子,0102\n", "header-unknown"},
      {"職員番号,氏名,個人番号\n000101,山田,123456789018\n000102,鈴木,123456789018\n", "my-number"},
      {"備考,性別,年齢\nx,y,z\n", "kind"},
      {"PK\3\4xl/workbook.xml", "no-text"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_auto(Try) try = guess_as("a.csv", "CP932", rows[i].text);
    UNIT_TRUE(!try.made, "%s", rows[i].text);
    UNIT_INT(try.guessed.yaml->len, 0, "%s", rows[i].text);
    if (!UNIT_INT(findings_count(try.findings), 1, "%s", rows[i].text))
      continue;
    const Finding *finding = findings_at(try.findings, 0);
    UNIT_STR(finding->code, rows[i].code, "%s", rows[i].text);
    UNIT_TRUE(!finding->value || !strstr(finding->value, "1234"), "%s", rows[i].text);
  }
}

// An internal number may have that name, too: it is told from a My Number by its values.
static void internal_number(void)
{
  g_auto(Try) try = guess_as("a-20270301.csv", "CP932",
                             "個人番号,氏名,所属コード\n000101,山田,0101\n000102,鈴木,0102\n");
  UNIT_TRUE(try.made);
  has_line(&try, "  個人番号: {field: number, digits: 6}", "internal");
  UNIT_INT(try.guessed.n_gaps, 1);
}

static void codes(void)
{
  g_autoptr(Kit) kit = kit_new();
  g_autoptr(Layout) layout = kit_layout(
      kit,
      "layout: o\nkind: orders\nspace: city\nfiles: a\nencoding: utf8\ndates: [iso]\ncolumns:\n"
      "  o: order_number\n  d: order_date\n  k: order_kind\n  n: number\n  u: unit\n"
      "  e: {field: employment, codes: {1: regular}}\nkinds: {1: transfer}\n");
  static const char text[] = "o,d,k,n,u,e\n1,2027-04-01,1,1,1,1\n2,2027-04-01,37,1,1,9\n"
                             "3,nonsense,37,1,1,1\n4,2027-04-01,1,1,1,9\n";
  g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
  IntakeOptions options = {.layout = layout, .name = "a"};
  g_auto(IntakeCodes) found = {0};
  UNIT_TRUE(intake_codes(bytes, &options, kit->findings, &found));
  static const struct {
    const char *header, *code;
    int64_t n, line;
  } want[] = {{"e", "9", 2, 3}, {"k", "37", 2, 3}};
  if (!UNIT_INT(found.codes->len, G_N_ELEMENTS(want)))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
    const IntakeCode *code = &g_array_index(found.codes, IntakeCode, i);
    UNIT_STR(code->header, want[i].header);
    UNIT_STR(code->code, want[i].code);
    UNIT_INT(code->n, want[i].n, "%s", want[i].header);
    UNIT_INT(code->line, want[i].line, "%s", want[i].header);
  }
}

static const UnitTest tests[] = {
    {"whole", whole},
    {"reads_its_file", reads_its_file},
    {"unknown_codes", unknown_codes},
    {"wordings", wordings},
    {"without_numbers", without_numbers},
    {"no_person", no_person},
    {"kinds_of_file", kinds_of_file},
    {"encodings", encodings},
    {"dates", dates},
    {"era_codes", era_codes},
    {"retire_days", retire_days},
    {"around_the_table", around_the_table},
    {"shapes", shapes},
    {"by_name", by_name},
    {"states", states},
    {"refused", refused},
    {"internal_number", internal_number},
    {"codes", codes},
    {NULL, NULL},
};
UNIT_SUITE(guess, tests);
