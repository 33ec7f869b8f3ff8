// SPDX-License-Identifier: GPL-3.0-or-later
//
// What HR's words mean: headers, wordings of codes. Everything here is a row of a table; a field or kind
// that this version does not have is passed over.
#include "intake_p.h"

#include <string.h>

// A column of days on which the values of another one hold.
#define DAY_OF "day_of:"

// ---------------------------------------------------------------------------------------------
// Headers. Of two columns that say one field, the one whose row stands first has it.

const Heading guess_headings[] = {
    {"職員番号", {"number"}, NULL},
    {"職員コード", {"number"}, NULL},
    {"職員No", {"number"}, NULL},
    {"職員ID", {"number"}, NULL},
    {"社員番号", {"number"}, NULL},
    {"個人コード", {"number"}, NULL},
    {"個人番号", {"number"}, N_("an internal number, not My Number? ask HR")},
    {"旧職員番号", {"old_number"}, NULL},
    {"前職員番号", {"old_number"}, NULL},
    {"氏名", {"name"}, NULL},
    {"職員氏名", {"name"}, NULL},
    {"漢字氏名", {"name"}, NULL},
    {"氏名漢字", {"name"}, NULL},
    {"氏名(漢字)", {"name"}, NULL},
    {"職員名", {"name"}, NULL},
    {"カナ氏名", {"kana"}, NULL},
    {"氏名カナ", {"kana"}, NULL},
    {"氏名(カナ)", {"kana"}, NULL},
    {"職員カナ氏名", {"kana"}, NULL},
    {"フリガナ", {"kana"}, NULL},
    {"ふりがな", {"kana"}, NULL},
    {"氏名フリガナ", {"kana"}, NULL},
    {"カナ", {"kana"}, NULL},
    {"旧姓", {"former_name"}, NULL},
    {"旧氏", {"former_name"}, NULL},
    {"旧氏名", {"former_name"}, NULL},
    {"カナ旧姓", {NULL}, NULL},
    {"旧姓カナ", {NULL}, NULL},
    {"旧姓使用", {"use_former"}, NULL},
    {"旧姓使用区分", {"use_former"}, NULL},
    {"旧姓使用申請区分", {"use_former"}, NULL},
    {"旧姓使用フラグ", {"use_former"}, NULL},
    {"ローマ字氏名", {"romaji"}, NULL},
    {"氏名ローマ字", {"romaji"}, NULL},
    {"英字氏名", {"romaji"}, NULL},
    {"生年月日", {"birth"}, NULL},
    {"採用年月日", {"hired"}, NULL},
    {"採用日", {"hired"}, NULL},
    {"採用日付", {"hired"}, NULL},
    {"任用年月日", {"hired"}, NULL},
    {"任期満了日", {"until"}, NULL},
    {"任期満了年月日", {"until"}, NULL},
    {"任期終了日", {"until"}, NULL},
    {"任用期間終了日", {"until"}, NULL},
    {"職員種別", {"employment"}, NULL},
    {"職員種別コード", {"employment"}, NULL},
    {"職員区分", {"employment"}, NULL},
    {"任用区分", {"employment"}, NULL},
    {"雇用区分", {"employment"}, NULL},
    {"休退コード", {"state"}, NULL},
    {"休退区分", {"state"}, NULL},
    {"在職区分", {"state"}, NULL},
    {"在職状況", {"state"}, NULL},
    {"休職区分", {"state"}, NULL},
    {"現況区分", {"state"}, NULL},
    {"内線", {"phone"}, NULL},
    {"内線番号", {"phone"}, NULL},
    {"電話番号", {"phone"}, NULL},
    {"メールアドレス", {"mail"}, NULL},
    {"メール", {"mail"}, NULL},
    {"e-mail", {"mail"}, NULL},
    {"本務兼務区分", {"role"}, NULL},
    {"本兼務区分", {"role"}, NULL},
    {"本兼区分", {"role"}, NULL},
    {"兼務区分", {"role", "order_kind"}, NULL},
    {"兼務区分コード", {"role", "order_kind"}, NULL},
    {"所属コード", {"unit", "code"}, NULL},
    {"給与所属コード", {"unit", "code"}, NULL},
    {"発令所属コード", {"unit", "code"}, NULL},
    {"部署コード", {"unit", "code"}, NULL},
    {"組織コード", {"unit", "code"}, NULL},
    {"課コード", {"unit", "code"}, NULL},
    {"所属", {"unit", "code"}, NULL},
    {"兼務所属コード", {"unit"}, NULL},
    {"所属名称", {"unit_name"}, NULL},
    {"所属名", {"unit_name"}, NULL},
    {"組織名称", {"unit_name"}, NULL},
    {"組織名", {"unit_name"}, NULL},
    {"部署名", {"unit_name"}, NULL},
    {"給与所属名称", {NULL}, NULL},
    {"兼務先所属名", {NULL}, NULL},
    {"兼務所属名称", {NULL}, NULL},
    {"所属カナ", {"unit_kana"}, NULL},
    {"所属名カナ", {"unit_kana"}, NULL},
    {"所属カナ名称", {"unit_kana"}, NULL},
    {"所属略称", {NULL}, NULL},
    {"上位所属コード", {"parent"}, NULL},
    {"親所属コード", {"parent"}, NULL},
    {"上位組織コード", {"parent"}, NULL},
    {"親組織コード", {"parent"}, NULL},
    {"職制順", {"order", "post_order"}, NULL},
    {"並び順", {"order", "post_order"}, NULL},
    {"表示順", {"order", "post_order"}, NULL},
    {"職名コード", {"title"}, NULL},
    {"役職コード", {"title"}, NULL},
    {"職位コード", {"title"}, NULL},
    {"兼務先役職コード", {"title"}, NULL},
    {"補職名コード", {"title", "duty"}, NULL},
    {"職名名称", {"title_name"}, NULL},
    {"職名", {"title_name"}, NULL},
    {"役職名称", {"title_name"}, NULL},
    {"役職名", {"title_name"}, NULL},
    {"役職", {"title_name"}, NULL},
    {"職位名称", {"title_name"}, NULL},
    {"補職名称", {"title_name"}, NULL},
    {"補職名", {"title_name"}, NULL},
    {"担当", {"duty"}, NULL},
    {"担当コード", {"duty"}, NULL},
    {"係", {"section"}, NULL},
    {"係名", {"section"}, NULL},
    {"係コード", {"section"}, NULL},
    {"発令番号", {"order_number"}, NULL},
    {"発令No", {"order_number"}, NULL},
    {"辞令番号", {"order_number"}, NULL},
    {"発令日", {"order_date"}, NULL},
    {"発令年月日", {"order_date"}, NULL},
    {"発令日付", {"order_date"}, NULL},
    {"異動年月日", {"order_date"}, NULL},
    {"異動日", {"order_date"}, NULL},
    {"兼務発令年月日", {"order_date"}, NULL},
    {"兼務解除年月日", {"end_date"}, NULL},
    {"終了年月日", {"end_date"}, NULL},
    {"終了予定日", {"end_date"}, NULL},
    {"休職終了日", {"end_date"}, NULL},
    {"派遣終了日", {"end_date"}, NULL},
    {"所属発令年月日", {DAY_OF "unit"}, NULL},
    {"所属発令日", {DAY_OF "unit"}, NULL},
    {"職名発令年月日", {DAY_OF "title"}, NULL},
    {"職名発令日", {DAY_OF "title"}, NULL},
    {"役職発令年月日", {DAY_OF "title"}, NULL},
    {"版数", {"version"}, NULL},
    {"発令区分", {"order_kind"}, NULL},
    {"発令区分コード", {"order_kind"}, NULL},
    {"発令種別", {"order_kind"}, NULL},
    {"発令種別コード", {"order_kind"}, NULL},
    {"発令コード", {"order_kind"}, NULL},
    {"異動区分", {"order_kind"}, NULL},
    {"異動区分コード", {"order_kind"}, NULL},
    {"発令内容区分", {"order_kind"}, NULL},
    {"発令内容コード", {"order_kind"}, NULL},
    {"発令内容", {"order_kind"}, NULL},
    {"発令区分名称", {NULL}, NULL},
    {"発令内容名称", {NULL}, NULL},
    {"対象発令番号", {"order_target"}, NULL},
    {"訂正対象番号", {"order_target"}, NULL},
    {"訂正対象発令番号", {"order_target"}, NULL},
    {"取消対象発令番号", {"order_target"}, NULL},
    {"元発令番号", {"order_target"}, NULL},
    {"開始時刻", {"from_time"}, NULL},
    {"終了時刻", {"to_time"}, NULL},
    {"基準日", {"file_date"}, NULL},
    {"基準年月日", {"file_date"}, NULL},
    {"現在日", {"file_date"}, NULL},
    {"抽出日", {"file_date"}, NULL},
    {"作成日", {"file_date"}, NULL},
    {"作成年月日", {"file_date"}, NULL},
    {"旧コード", {"old_code"}, NULL},
    {"旧所属コード", {"old_code"}, NULL},
    {"新コード", {"new_code"}, NULL},
    {"新所属コード", {"new_code", "unit"}, NULL},
    {"区分", {"change"}, NULL},
    {"改廃区分", {"change"}, NULL},
    {"施行日", {"effective"}, NULL},
    {"施行年月日", {"effective"}, NULL},
    {"新上位所属コード", {"new_parent"}, NULL},
    {"新名称", {"new_name"}, NULL},
    {"新所属名称", {"new_name"}, NULL},
    {"旧名称", {NULL}, NULL},
    {"旧所属名称", {NULL}, NULL},
    {"コード変更のみフラグ",
     {NULL},
     N_("rows with this flag move nobody: ask HR to leave them out")},
    {"短時間勤務区分", {NULL}, NULL},
    {"職種コード", {NULL}, NULL},
    {"職種名コード", {NULL}, NULL},
    {"職種名称", {NULL}, NULL},
    {"性別", {NULL}, NULL},
    {"年齢", {NULL}, NULL},
    {"級", {NULL}, NULL},
    {"号給", {NULL}, NULL},
    {"年度", {NULL}, NULL},
    {"備考", {NULL}, NULL},
    {"摘要", {NULL}, NULL},
};
const size_t guess_n_headings = G_N_ELEMENTS(guess_headings);

// Endings by which headers name a code or the name of it, as text_key has them; longer ones first.
static const struct {
  const char *ending;
  bool name;
} endings[] = {
    {"[*]", false}, {"コード", false}, {"code", false}, {"cd", false},
    {"名称", true}, {"略称", true},    {"区分", false}, {"名", true},
};
#define MARK "[*]"
#define CODE "コード"

static char *key_of(const char *text)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(text, key);
  return g_string_free(g_steal_pointer(&key), FALSE);
}

GHashTable *guess_dictionary(void)
{
  GHashTable *dictionary = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < guess_n_headings; i++)
    g_hash_table_insert(dictionary, key_of(guess_headings[i].header), (void *)&guess_headings[i]);
  return dictionary;
}

// 所属CD, 所属code and 所属[＊] are 所属コード.
static const Heading *find_coded(GHashTable *dictionary, const char *key)
{
  for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
    if (endings[i].name || !g_str_has_suffix(key, endings[i].ending))
      continue;
    g_autofree char *stem = g_strndup(key, strlen(key) - strlen(endings[i].ending));
    g_autofree char *coded = g_strconcat(stem, CODE, NULL);
    const Heading *heading = g_hash_table_lookup(dictionary, coded);
    return heading || g_str_equal(endings[i].ending, "区分")
               ? heading
               : g_hash_table_lookup(dictionary, stem);
  }
  return NULL;
}

const char *guess_day_of(const Heading *heading)
{
  const char *field = heading ? heading->fields[0] : NULL;
  return field && g_str_has_prefix(field, DAY_OF) ? field + strlen(DAY_OF) : NULL;
}

bool guess_is_marked(const char *header)
{
  g_autofree char *key = key_of(header);
  return g_str_has_suffix(key, MARK);
}

const Heading *guess_heading(GHashTable *dictionary, const char *header)
{
  g_autofree char *key = key_of(header);
  const Heading *heading = g_hash_table_lookup(dictionary, key);
  return heading || !*key ? heading : find_coded(dictionary, key);
}

bool guess_is_name(const char *header)
{
  g_autofree char *key = key_of(header);
  for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
    if (g_str_has_suffix(key, endings[i].ending))
      return endings[i].name;
  return false;
}

void guess_stem(const char *header, GString *out)
{
  g_autofree char *key = key_of(header);
  size_t i = 0;
  while (i < G_N_ELEMENTS(endings)) {
    size_t n = strlen(key), n_ending = strlen(endings[i].ending);
    bool cut = n > n_ending && g_str_has_suffix(key, endings[i].ending);
    if (cut)
      key[n - n_ending] = '\0';
    i = cut ? 0 : i + 1;
  }
  g_string_append(out, key);
}

// ---------------------------------------------------------------------------------------------
// Wordings of codes. The longest one that a text ends with counts: 定年退職 is a 退職. The first of
// `ours` that this version has is proposed; where it has none, the wording is not known.

typedef struct Wording {
  const char *field;
  const char *wording;
  const char *ours[2];
  bool last_day;
} Wording;

static const Wording wordings[] = {
    {"order_kind", "採用", {"hire"}, false},
    {"order_kind", "再任用", {"hire"}, false},
    {"order_kind", "任期付", {"hire"}, false},
    {"order_kind", "会計年度任用", {"hire"}, false},
    {"order_kind", "臨時的任用", {"hire"}, false},
    {"order_kind", "任用", {"hire"}, false},
    {"order_kind", "再任用短時間勤務", {"hire"}, false},
    {"order_kind", "転入", {"take_over", "hire"}, false},
    {"order_kind", "割愛", {"hire"}, false},
    {"order_kind", "派遣受入", {"hire"}, false},
    {"order_kind", "特別職", {"hire"}, false},
    {"order_kind", "任用更新", {"renew"}, false},
    {"order_kind", "任期更新", {"renew"}, false},
    {"order_kind", "更新", {"renew"}, false},
    {"order_kind", "昇任", {"promote"}, false},
    {"order_kind", "昇格", {"promote"}, false},
    {"order_kind", "降任", {"promote"}, false},
    {"order_kind", "役職定年", {"promote"}, false},
    {"order_kind", "異動", {"transfer"}, false},
    {"order_kind", "転任", {"transfer"}, false},
    {"order_kind", "配置換", {"transfer"}, false},
    {"order_kind", "配置換え", {"transfer"}, false},
    {"order_kind", "所属換", {"transfer"}, false},
    {"order_kind", "所属換え", {"transfer"}, false},
    {"order_kind", "配属", {"transfer"}, false},
    {"order_kind", "出向", {"hand_over", "transfer"}, false},
    {"order_kind", "組織のみ変更", {"relabel", "transfer"}, false},
    {"order_kind", "兼務", {"concurrent"}, false},
    {"order_kind", "兼務を命ずる", {"concurrent"}, false},
    {"order_kind", "併任", {"joint"}, false},
    {"order_kind", "事務取扱", {"acting"}, false},
    {"order_kind", "心得", {"promote"}, false},
    {"order_kind", "事務従事", {"assist"}, false},
    {"order_kind", "応援", {"assist"}, false},
    {"order_kind", "充て職", {"seat"}, false},
    {"order_kind", "充職", {"seat"}, false},
    {"order_kind", "兼務解除", {"concurrent_end"}, false},
    {"order_kind", "兼務を解く", {"concurrent_end"}, false},
    {"order_kind", "兼務免", {"concurrent_end"}, false},
    {"order_kind", "併任解除", {"joint_end"}, false},
    {"order_kind", "事務取扱解除", {"acting_end"}, false},
    {"order_kind", "事務従事解除", {"assist_end"}, false},
    {"order_kind", "応援解除", {"assist_end"}, false},
    {"order_kind", "充て職解除", {"seat_end"}, false},
    {"order_kind", "派遣", {"second"}, false},
    {"order_kind", "派遣解除", {"return"}, false},
    {"order_kind", "帰任", {"return"}, false},
    {"order_kind", "停職", {"suspend"}, false},
    {"order_kind", "休職", {"leave"}, false},
    {"order_kind", "育児休業", {"leave"}, false},
    {"order_kind", "育休", {"leave"}, false},
    {"order_kind", "産休", {"leave"}, false},
    {"order_kind", "産前産後休暇", {"leave"}, false},
    {"order_kind", "病休", {"leave"}, false},
    {"order_kind", "病気休暇", {"leave"}, false},
    {"order_kind", "介護休暇", {"leave"}, false},
    {"order_kind", "配偶者同行休業", {"leave"}, false},
    {"order_kind", "自己啓発等休業", {"leave"}, false},
    {"order_kind", "在籍専従", {"leave"}, false},
    {"order_kind", "復職", {"return"}, false},
    {"order_kind", "職務復帰", {"return"}, false},
    {"order_kind", "復帰", {"return"}, false},
    {"order_kind", "退職", {"retire"}, true},
    {"order_kind", "任期満了", {"retire"}, true},
    {"order_kind", "任用満了", {"retire"}, true},
    {"order_kind", "免職", {"retire"}, true},
    {"order_kind", "失職", {"retire"}, true},
    {"order_kind", "転出", {"retire"}, true},
    {"order_kind", "退職派遣", {"retire"}, true},
    {"order_kind", "出向受入", {"take_over"}, false},
    {"order_kind", "所属名変更", {"relabel"}, false},
    {"order_kind", "組織改編", {"relabel"}, false},
    {"order_kind", "身分換", {"change"}, false},
    {"order_kind", "身分換え", {"change"}, false},
    {"order_kind", "職種変更", {"change"}, false},
    {"order_kind", "充職解除", {"seat_end"}, false},
    {"order_kind", "昇給", {"ignore"}, false},
    {"order_kind", "改姓", {"rename"}, false},
    {"order_kind", "氏名変更", {"rename"}, false},
    {"order_kind", "訂正", {"correct"}, false},
    {"order_kind", "発令訂正", {"correct"}, false},
    {"order_kind", "取消", {"cancel"}, false},
    {"order_kind", "取消し", {"cancel"}, false},
    {"order_kind", "発令取消", {"cancel"}, false},
    {"state", "在職", {"active"}, false},
    {"state", "現職", {"active"}, false},
    {"state", "在籍", {"active"}, false},
    {"state", "休職", {"leave"}, false},
    {"state", "育児休業", {"leave"}, false},
    {"state", "介護休業", {"leave"}, false},
    {"state", "配偶者同行休業", {"leave"}, false},
    {"state", "自己啓発等休業", {"leave"}, false},
    {"state", "育休", {"leave"}, false},
    {"state", "産休", {"leave"}, false},
    {"state", "病休", {"leave"}, false},
    {"state", "病気休暇", {"leave"}, false},
    {"state", "介護休暇", {"leave"}, false},
    {"state", "産前産後休暇", {"leave"}, false},
    {"state", "専従", {"leave"}, false},
    {"state", "停職", {"suspended"}, false},
    {"state", "派遣", {"seconded"}, false},
    {"state", "退職", {"left"}, false},
    {"role", "本務", {"main"}, false},
    {"role", "主務", {"main"}, false},
    {"role", "兼務", {"concurrent"}, false},
    {"role", "併任", {"joint"}, false},
    {"role", "事務取扱", {"acting"}, false},
    {"role", "事務従事", {"assist"}, false},
    {"role", "応援", {"assist"}, false},
    {"role", "充て職", {"seat"}, false},
    {"use_former", "使用", {"1"}, false},
    {"use_former", "使用する", {"1"}, false},
    {"use_former", "申請", {"1"}, false},
    {"use_former", "有", {"1"}, false},
    {"use_former", "不使用", {"0"}, false},
    {"use_former", "使用しない", {"0"}, false},
    {"use_former", "無", {"0"}, false},
    {"employment", "正規", {"regular"}, false},
    {"employment", "正規職員", {"regular"}, false},
    {"employment", "一般職", {"regular"}, false},
    {"employment", "再任用", {"rehired"}, false},
    {"employment", "再任用職員", {"rehired"}, false},
    {"employment", "会計年度任用", {"fiscal"}, false},
    {"employment", "会計年度任用職員", {"fiscal"}, false},
    {"employment", "任期付", {"term"}, false},
    {"employment", "任期付職員", {"term"}, false},
    {"change", "改称", {"rename"}, false},
    {"change", "名称変更", {"rename"}, false},
    {"change", "統合", {"merge"}, false},
    {"change", "分割", {"split"}, false},
    {"change", "移管", {"transfer"}, false},
    {"change", "新設", {"new"}, false},
    {"change", "廃止", {"abolish"}, false},
};

// What systems mean by bare codes, as a rule.
static const struct {
  const char *field, *code, *ours;
  GuessTrust trust;
} conventions[] = {
    {"role", "1", "main", GUESS_KNOWN},  // headers say 本務 before 兼務
    {"role", "2", "concurrent", GUESS_KNOWN}, {"role", "0", "main", GUESS_ASSUMED},
    {"state", "", "active", GUESS_KNOWN},     {"state", "0", "active", GUESS_ASSUMED},
    {"state", "1", "active", GUESS_ASSUMED},  {"state", "2", "leave", GUESS_ASSUMED},
    {"use_former", "1", "1", GUESS_KNOWN},    {"use_former", "0", "0", GUESS_KNOWN},
    {"use_former", "2", "0", GUESS_ASSUMED},
};

static bool is_offered(WordId word, const char *ours)
{
  if (!ours || word == WORD_ORDER_KIND)
    return ours && act_find(ours) != N_ACTS;
  if (!words[word].choices)
    return true;
  g_auto(GStrv) choices = g_strsplit(words[word].choices, "|", -1);
  return g_strv_contains((const char *const *)choices, ours);
}

static Meaning meaning_of(WordId word, const Wording *wording)
{
  for (size_t i = 0; i < G_N_ELEMENTS(wording->ours); i++)
    if (is_offered(word, wording->ours[i]))
      return (Meaning){wording->ours[i], wording->last_day, GUESS_KNOWN};
  return (Meaning){NULL, false, GUESS_UNKNOWN};
}

Meaning guess_wording(WordId word, const char *wording)
{
  g_autofree char *key = key_of(wording ? wording : "");
  const Wording *best = NULL;
  size_t n_best = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(wordings); i++) {
    g_autofree char *known = key_of(wordings[i].wording);
    if (!g_str_equal(wordings[i].field, words[word].name) || strlen(known) <= n_best ||
        !g_str_has_suffix(key, known))
      continue;
    best = &wordings[i];
    n_best = strlen(known);
  }
  return best ? meaning_of(word, best) : (Meaning){NULL, false, GUESS_UNKNOWN};
}

Meaning guess_code(WordId word, const char *code)
{
  for (size_t i = 0; i < G_N_ELEMENTS(conventions); i++)
    if (g_str_equal(conventions[i].field, words[word].name) &&
        g_str_equal(conventions[i].code, code))
      return (Meaning){conventions[i].ours, false, conventions[i].trust};
  return guess_wording(word, code);
}
