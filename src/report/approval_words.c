// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the paper by which a plan is approved calls things. Its words are Japanese whatever the language of the interface
// is, so what guards and rules say is said here again.
#include "report_p.h"

#include <string.h>

static const char *const kind_words[OP_N_KINDS] = {
    [OP_HOLD] = "保留",     [OP_WITHDRAW] = "取下げ",  [OP_ALLOCATE] = "名前払出",
    [OP_ADOPT] = "引受",    [OP_RELEASE] = "管理終了", [OP_CREATE] = "作成",
    [OP_RENAME] = "改名",   [OP_MOVE] = "移動",        [OP_MODIFY] = "変更",
    [OP_ENABLE] = "再開",   [OP_JOIN] = "所属付与",    [OP_LEAVE] = "所属解除",
    [OP_DISABLE] = "停止",  [OP_DELETE] = "削除",      [OP_TASK] = "手作業",
    [OP_RESTRICT] = "制限", [OP_LIFT] = "制限解除",
};

const char *approval_kind(OpKind kind)
{
  return kind_words[kind] ? kind_words[kind] : op_traits(kind)->name;
}

const char *approval_cause(Cause cause)
{
  static const char *const words[CAUSE_N] = {
      [CAUSE_HIRE] = "採用等",       [CAUSE_RETIRE] = "退職等",      [CAUSE_RETURN] = "復職等",
      [CAUSE_LEAVE] = "休職等",      [CAUSE_MOVE] = "異動",          [CAUSE_PROMOTE] = "昇任等",
      [CAUSE_RENAME] = "改姓等",     [CAUSE_RELABEL] = "組織名のみ", [CAUSE_DORMANT] = "休眠",
      [CAUSE_ORPHAN] = "持ち主なし", [CAUSE_RECERTIFIED] = "棚卸",   [CAUSE_OTHER] = "その他"};
  return words[cause];
}

static const char *word_of(const char *const (*words)[2], size_t n, const char *name)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(words[i][0], name) == 0)
      return words[i][1];
  return name;
}

const char *approval_file_kind(const char *kind)
{
  static const char *const words[][2] = {{"roster", "職員名簿"},    {"orders", "発令"},
                                         {"units", "組織"},         {"reorganisation", "組織改正"},
                                         {"details", "職員の詳細"}, {"unit-details", "組織の詳細"}};
  return word_of(words, G_N_ELEMENTS(words), kind);
}

// ---------------------------------------------------------------------------------------------
// Why: "left 2027-04-01, order 00000062".

static void put_piece(const char *piece, GString *out)
{
  static const struct {
    const char *begin, *words, *end;
  } words[] = {{"order ", "発令 ", ""},
               {"left ", "退職等 ", ""},
               {"on leave since ", "休職等 ", "から"},
               {"name", "名前の払出", ""}};
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
    size_t n = strlen(words[i].begin);
    if (strncmp(piece, words[i].begin, n) != 0 ||
        (words[i].begin[n - 1] != ' ' && piece[n] != '\0'))
      continue;
    g_string_append_printf(out, "%s%s%s", words[i].words, piece + n, words[i].end);
    return;
  }
  g_string_append(out, piece);
}

void approval_why(const char *why, GString *out)
{
  g_auto(GStrv) pieces = g_strsplit(why, ", ", -1);
  for (char **piece = pieces; *piece; piece++) {
    g_string_append(out, piece == pieces ? "" : "、");
    put_piece(*piece, out);
  }
}

// ---------------------------------------------------------------------------------------------
// What guards say.

typedef enum Lifted {
  BY_NOBODY,    // an approval does not
  BY_CHECK,     // an approval for "target/check"
  BY_KIND,      // "target/kind"
  BY_APPROVAL,  // any approval of the plan
  BY_DATE
} Lifted;

static const struct {
  const char *check, *words, *text;
  Lifted lifted;
} checks[] = {
    {"fingerprint", "接続先", "登録したサーバーと違う。入れ替えたのでなければ接続先を確かめる",
     BY_CHECK},
    {"empty", "空", "管理するものが一つも見えない。読み取り用の権限を確かめる", BY_CHECK},
    {"stop", "停止", "解除されるまで何も付与しない", BY_NOBODY},
    {"hold", "保留", "解かれるまで反映しない", BY_NOBODY},
    {"owner", "持ち主", "作成の後に対象の持ち主が変わった。変更予定を作り直す", BY_NOBODY},
    {"left-out", "除外済み", "承認済みの予定から除外したもの。今反映するなら承認する", BY_CHECK},
    {"drifted", "値の相違", "承認の後に対象が変わった。内容を確かめて承認するか、対象を直す",
     BY_CHECK},
    {"profile", "区分外", "今の運用区分（プロファイル）では反映しない種別", BY_NOBODY},
    {"approval", "承認待ち", "承認がなければ反映しない", BY_APPROVAL},
    {"confirm", "要確認", "人の確認が要る。一件ずつ内容を確かめる", BY_CHECK},
    {"licence", "席数", "ライセンスの席数が足りない", BY_CHECK},
    {"count", "上限", NULL, BY_KIND},
    {"week", "週の上限", NULL, BY_KIND},
    {"date", "日付",
     "前回の実行から7日を超えて離れた施行日。日付が正しいか確かめる（件数は上の行にないもの）",
     BY_DATE},
    {"depends", "依存", "保留した操作の後に行うもの。先の操作の保留が解ければ反映する", BY_NOBODY},
};

static size_t check_of(const char *check)
{
  size_t i = 0;
  while (i < G_N_ELEMENTS(checks) && strcmp(checks[i].check, check) != 0)
    i++;
  return i;
}

const char *approval_check(const char *check)
{
  size_t i = check_of(check);
  return i < G_N_ELEMENTS(checks) ? checks[i].words : check;
}

static void put_limit(const GuardHold *hold, GString *out)
{
  if (hold->days == 0)
    g_string_append(out, "1回の実行");
  else
    g_string_append_printf(out, "直近%d日", hold->days);
  g_string_append_printf(out, "の上限 %" G_GINT64_FORMAT "件を超える（予定 %" G_GINT64_FORMAT "件",
                         hold->most, hold->planned);
  if (hold->done > 0)
    g_string_append_printf(out, "、反映済み %" G_GINT64_FORMAT "件", hold->done);
  g_string_append(out, "）");
}

static void put_lifted(const GuardHold *hold, Lifted lifted, GString *out)
{
  const char *what = lifted == BY_KIND ? hold->kind : hold->check;
  if (lifted == BY_NOBODY) {
    g_string_append(out, "。承認では解けない");
    return;
  }
  g_string_append(out, hold->overridden ? "。承認では解けず、二人による許可（idou override）が要る"
                                        : "。承認すれば反映する");
  if (lifted != BY_APPROVAL)
    g_string_append_printf(out, "（承認の区分 %s%s%s）", hold->target ? hold->target : "",
                           hold->target ? "/" : "", what);
}

// Why people placed a hold is not for paper: its number is.
void approval_hold(const GuardHold *hold, GString *out)
{
  size_t i = check_of(hold->check);
  if (i == G_N_ELEMENTS(checks)) {
    g_string_append(out, hold->text);
    return;
  }
  if (hold->number > 0)
    g_string_append_printf(out, "%s　第%" G_GINT64_FORMAT "号。", checks[i].words, hold->number);
  if (checks[i].text)
    g_string_append(out, checks[i].text);
  else
    put_limit(hold, out);
  put_lifted(hold, checks[i].lifted, out);
}

// ---------------------------------------------------------------------------------------------
// Who approved, and what of.

void approval_class(const char *const *allows, GString *out)
{
  for (const char *const *class = allows; class && *class; class ++)
    g_string_append_printf(out, "%s%s", class == allows ? "" : "、",
                           strcmp(*class, "all") == 0 ? "すべて" : *class);
}

const char *approval_measure(const char *measure)
{
  static const char *const words[][2] = {
      {"people", "対象の職員"}, {"revoking", "停止・解除・削除・制限"}, {"operations", "操作"}};
  OpKind kind;
  return op_kind_of(measure, &kind) ? approval_kind(kind)
                                    : word_of(words, G_N_ELEMENTS(words), measure);
}
