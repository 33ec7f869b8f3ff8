// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/mapping.h"

#include <string.h>

// A folder with the tables that `lookup` and `degrade` read here.
static const char *tables(void)
{
  const char *folder = unit_dir();
  static const struct {
    const char *name, *text;
  } files[] = {
      {"x.csv", "\xef\xbb\xbf"
                "code,name,name_en\r\n01,総務課,General Affairs\r\n02,\"財政,課\",\r\n"},
      {"degrade.csv", "from,to\n髙,高\n﨑,崎\n濵,濱|浜\n罇,墫|樽\n澈,徹?\n丨,\n①,(1)\nU+2011,‐\n"},
      {"degrade-site.csv", "from,to,remark\n濵,浜,decided\n辻\U000E0101,辻,\n"},
      {"twice.csv", "code,name\n1,a\n1,b\n"},
  };
  g_autofree char *below = g_build_filename(folder, "tables", NULL);
  file_make_dir(below, 0700, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *path = g_build_filename(below, files[i].name, NULL);
    g_file_set_contents(path, files[i].text, -1, NULL);
  }
  return folder;
}

static void results(void)
{
  static const struct {
    const char *template, *value, *want;  // the value of ${v}; NULL = missing
  } rows[] = {
      {"${v|lower}", "AbＡ", "abａ"},
      {"${v|upper}", "abç", "ABÇ"},
      {"${v|capital}", "SATOH tarou", "Satoh Tarou"},
      {"${v|capital}", "jean-paul　o", "Jean-Paul　O"},
      {"${v|hepburn}", "スミス　ジョン・ポール", "sumisu jon poru"},
      {"${v|cut:2}", "山田太郎", "山田"},
      {"${v|cut:9}", "ab", "ab"},
      {"${v|pad:6}", "310", "000310"},
      {"${v|pad:4:x}", "ab", "xxab"},
      {"${v|pad:2}", "310", "310"},
      {"${v|hepburn}", "ヤマダ　タロウ", "yamada taro"},
      {"${v|hepburn}", "おおた", "ota"},
      {"${v|kunrei}", "シマズ", "simazu"},
      {"${v|hepburn2025}", "ほんま", "honma"},
      {"${v|hepburn}", "ほんま", "homma"},
      {"${v|nfkc}", "㈱１", "(株)1"},
      {"${v|halfwidth}", "ＡＢ　カ゛", "AB ｶﾞ"},
      {"${v|fullwidth}", "ｶﾞAB", "ガＡＢ"},
      {"${v|hiragana}", "ヤマダ", "やまだ"},
      {"${v|katakana}", "やまだ", "ヤマダ"},
      {"${v|digits}", "０９-12 内", "0912"},
      {"${v|filetime}", "2027-03-31", "134509788000000000"},  // 2027-03-31T15:00:00Z
      {"${v|filetime}", "1970-01-01", "116445276000000000"},
      {"${v|squeeze}", " 山田　 太郎 ", "山田 太郎"},
      {"${v|degrade}", "髙田 﨑", "高田 崎"},
      {"${v|degrade}", "濵①", "浜(1)"},                      // the site decided
      {"${v|degrade}", "邉\U000E0100辻\U000E0101", "邉辻"},  // forms of a character
      {"${v|degrade}", "か\u3099ハ\u309A", "がパ"},
      {"${v|degrade}", "ｶﾞｰ-‑〜～ A", "ｶﾞｰ-‐〜～ A"},  // U+2011
      {"${v|cp932}", "〜‖−¢£¬—¥‾", "～∥－￠￡￢―￥￣"},
      {"${v|cp932}", "か\u3099ー-﨑", "がー-﨑"},
      {"${v|date:%Y%m%d}", "2027-04-01", "20270401"},
      {"${v|date:'%M月%D日'}", "2027-04-01", "4月1日"},
      {"${v|date:%F}", "2027-03-31", "2026"},
      {"${v|wareki}", "2019-05-01", "令和元年5月1日"},
      {"${v|lookup:tables/x.csv}", "01", "総務課"},
      {"${v|lookup:tables/x.csv:name_en}", "01", "General Affairs"},
      {"${v|lookup:tables/x.csv}", "02", "財政,課"},
      {"${v?|lookup:tables/x.csv}", "99", ""},
      {"${v|lookup:tables/x.csv|default:不明}", "99", "不明"},
      {"${v|match:'^[0-9]+'}", "123abc", "123"},
      {"${v|match:'([a-z]+)$'}", "123abc", "abc"},
      {"${v?|match:x}", "abc", ""},
      {"${v|sub:'[-‐]':''}", "03-1234‐5678", "0312345678"},
      {"${v|sub:'(.)-(.)':'$2$1'}", "a-b", "ba"},
      {"${v|sub:a:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}", "aaa",
       "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
       "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
       "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
      {"${v|default:x}", NULL, "x"},
      {"${v|default:x}", "", "x"},
      {"${v|default:x}", "y", "y"},
      {"${v|default:''}", NULL, ""},
      {"${v|join:.}", "a  b　c", "a.b.c"},
      {"${v|join:''}", "山田　太郎", "山田太郎"},
      {"${v|first}", "山田　太郎", "山田"},
      {"${v|first:/}", "総務部/総務課", "総務部"},
      {"${v|first:/}", "総務部", "総務部"},
      {"${v|cut:1|upper}", "abc", "A"},
      {"${v|lower}", "", ""},
      {"${v|hepburn}", "", ""},
      {"${v|join:'it''s'}", "a b", "ait'sb"},
      {"${v|join:\"|:}\"}", "a b", "a|:}b"},
  };
  const char *folder = tables();
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    EvalField field = {"v", rows[i].value};
    bool fine = mapping_eval(rows[i].template, &field, rows[i].value != NULL, folder, out, &error);
    UNIT_NO_ERROR(error, "%s", rows[i].template);
    UNIT_TRUE(fine, "%s", rows[i].template);
    UNIT_STR(out->str, rows[i].want, "%s of %s", rows[i].template, rows[i].value);
  }
}

static void refusals(void)
{
  static const struct {
    const char *template, *value, *part;  // of the message
  } rows[] = {
      {"${v|hepburn}", "山田", "“山田” is not kana"},
      {"${v|date:%Y}", "2027-02-30", "is not a date"},
      {"${v|degrade}", "罇沢", "“罇” (U+7F47) in “罇沢” is not in JIS X 0208"},
      {"${v|degrade}", "罇沢", "墫|樽"},
      {"${v|degrade}", "澈", "not decided: 徹."},
      {"${v|degrade}", "丨", "nothing is known"},
      {"${v|degrade}", "𠮷", "“𠮷” (U+20BB7)"},
      {"${v|degrade}", "あ\u3099", "“◌\u3099” (U+3099)"},
      {"${v}", NULL, "“v” is missing"},
      {"${v|upper}", NULL, "“v” is missing"},
      {"${v|lookup:tables/x.csv}", "99", "“v” is missing"},
      {"${v|match:x}", "abc", "“v” is missing"},
      {"${v|match:'(a+)+$'}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "too long"},
  };
  const char *folder = tables();
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new("kept");
    EvalField field = {"v", rows[i].value};
    UNIT_TRUE(!mapping_eval(rows[i].template, &field, rows[i].value != NULL, folder, out, &error),
              "%s", rows[i].template);
    UNIT_TRUE(error && strstr(error->message, rows[i].part), "%s: %s", rows[i].template,
              error ? error->message : "no error");
    UNIT_STR(out->str, "kept", "%s", rows[i].template);
  }
}

// The site's own table decides: it leaves nothing open, and nothing stands in it that helps nobody.
static void faulty_degrade_tables(void)
{
  static const struct {
    const char *shipped, *own, *part;
  } rows[] = {
      {"from,to\n髙,髙\n", NULL, "must itself be in JIS X 0208"},
      {"from,to\n髙,高\n", "from,to\n髙,高|﨑\n", "must itself be in JIS X 0208"},
      {"from,to\n髙,高\n", "from,to\n濵,濱|浜\n", "one counterpart is written"},
      {"from,to\n髙,高\n", "from,to\n濵,濱?\n", "one counterpart is written"},
      {"from,to\n髙,高\n", "from,to\n濵,\n", "one counterpart is written"},
      {"a,b\n髙,高\n", NULL, "columns from and to"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const char *folder = unit_dir();
    g_autofree char *below = g_build_filename(folder, "tables", NULL);
    g_autofree char *shipped = g_build_filename(below, "degrade.csv", NULL);
    g_autofree char *own = g_build_filename(below, "degrade-site.csv", NULL);
    file_make_dir(below, 0700, NULL);
    g_file_set_contents(shipped, rows[i].shipped, -1, NULL);
    if (rows[i].own)
      g_file_set_contents(own, rows[i].own, -1, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    EvalField field = {"v", "x"};
    UNIT_TRUE(!mapping_eval("${v|degrade}", &field, 1, folder, out, &error), "%zu", i);
    UNIT_TRUE(error && strstr(error->message, rows[i].part), "%zu: %s", i,
              error ? error->message : "no error");
  }
}

static void faults(void)
{
  static const struct {
    const char *template, *want;  // how the message begins
  } rows[] = {
      {"${v|uper}", "1:5: there is no filter “uper”"},
      {"あ${v|uper}", "1:6: there is no filter “uper”"},
      {"${v|cut}", "1:5: the filter is written cut:N"},
      {"${v|cut:1:2}", "1:5: the filter is written cut:N"},
      {"${v|cut:x}", "1:5: cut: takes a number"},
      {"${v|cut:0}", "1:5: cut: takes a number"},
      {"${v|match:'('}", "1:5: match: pattern does not compile"},
      {"${v|match:'x}", "1:11: this quote is not closed"},
      {"${v|lookup:tables/none.csv}", "1:5: lookup:"},
      {"${v|lookup:tables/x.csv:no}", "1:5: lookup: the table has no such column"},
      {"${v|lookup:../x.csv}", "1:5: lookup:"},
      {"${v|lookup:/etc/passwd}", "1:5: lookup:"},
      {"${v", "1:4: “}” is missing"},
      {"${v lower}", "1:4: “}” is missing"},
      {"${}", "1:3: ${ must be followed by a name"},
      {"${|lower}", "1:3: ${ must be followed by a name"},
  };
  const char *folder = tables();
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    EvalField field = {"v", "x"};
    bool done = mapping_eval(rows[i].template, &field, 1, folder, out, &error);
    UNIT_TRUE(!done, "%s", rows[i].template);
    // A table's own fault comes first and tells the table's place.
    bool is_table = strstr(rows[i].want, "lookup:") && !strstr(rows[i].want, "column");
    if (!is_table)
      UNIT_TRUE(error && g_str_has_prefix(error->message, rows[i].want), "%s: %s", rows[i].template,
                error ? error->message : "no error");
  }
}

static const UnitTest tests[] = {
    {"results", results}, {"refusals", refusals},
    {"faults", faults},   {"faulty_degrade_tables", faulty_degrade_tables},
    {NULL, NULL},
};
UNIT_SUITE(filter, tests);
