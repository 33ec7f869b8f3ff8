// SPDX-License-Identifier: GPL-3.0-or-later
//
// The sheets of a night: what is to be done, and what came of it.
#include "report_p.h"

#include <string.h>

#define SHORT_DIGEST_CHARS 12
#define MOST_ROWS 14  // of each table of the morning, so that it stays one page

static void put_instant(ReportBook *book, const char *id, const char *label, Instant instant)
{
  g_autoptr(GString) text = g_string_new(NULL);
  columns_instant(text, instant);
  report_book_fact(book, id, label, text->str);
}

static void put_digest(ReportBook *book, const char *digest)
{
  g_autofree char *brief = g_strndup(digest ? digest : "", SHORT_DIGEST_CHARS);
  report_book_text(book, brief);
}

// Of what has no time of its own.
static const char *time_words(const char *work)
{
  return g_str_has_prefix(work, "作業前")   ? "開始前"
         : g_str_has_prefix(work, "作業後") ? "終了後"
                                            : "開始後";
}

ReportBook *report_checklist(const GArray *checks, Instant at)
{
  static const ReportColumn columns[] = {{"time", "時刻", false},     {"work", "作業", false},
                                         {"system", "系統", false},   {"expected", "予定", true},
                                         {"actual", "実績", true},    {"difference", "差", true},
                                         {"stop", "中止基準", false}, {"plan", "変更予定", false}};
  ReportBook *book = report_book_new("checklist", "作業チェックリスト");
  put_instant(book, "at", "時点", at);
  report_book_table(book, "checklist", "作業", columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < checks->len; i++) {
    const ReportDuty *check = &g_array_index(checks, ReportDuty, i);
    if (check->when == INSTANT_NONE)
      report_book_text(book, time_words(check->work));
    else
      report_book_instant(book, check->when);
    report_book_text(book, check->work);
    report_book_text(book, check->target);
    if (check->expected >= 0)
      report_book_number(book, check->expected);
    else
      report_book_text(book, NULL);
    if (check->actual >= 0) {
      report_book_number(book, check->actual);
      report_book_number(book, check->actual - check->expected);
    } else {
      report_book_text(book, NULL);
      report_book_text(book, NULL);
    }
    report_book_text(book, check->stop);
    put_digest(book, check->plan);
  }
  return book;
}

// ---------------------------------------------------------------------------------------------
// The morning.

// Which states of the journal stand together, in the order of the page.
static const struct {
  const char *id, *title;
  const char *states[5];  // NULL-terminated
} groups[] = {
    {"done", "済んだもの", {"done", "already", "receipt", NULL}},
    {"held", "保留", {"held", "blocked", "skipped", NULL}},
    {"failed", "失敗", {"failed", "refused", "unknown", NULL}},
    {"waiting", "これから", {"scheduled", "pending", "sent", NULL}},
};

static bool is_in(size_t group, const char *state)
{
  for (const char *const *one = groups[group].states; *one; one++)
    if (strcmp(*one, state) == 0)
      return true;
  return false;
}

static const char *state_words(const char *state)
{
  static const char *const words[][2] = {{"done", "反映済み"},
                                         {"already", "反映済み（変更なし）"},
                                         {"receipt", "送信済み・確認待ち"},
                                         {"held", "保留"},
                                         {"blocked", "前の操作を待つ"},
                                         {"skipped", "除外"},
                                         {"failed", "失敗"},
                                         {"refused", "拒否"},
                                         {"unknown", "結果不明"},
                                         {"scheduled", "期日待ち"},
                                         {"pending", "未着手"},
                                         {"sent", "結果不明"}};
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (strcmp(words[i][0], state) == 0)
      return words[i][1];
  return state;
}

static void put_rest(ReportBook *book, int64_t n)
{
  if (n == 0)
    return;
  report_book_text(book, NULL);
  report_book_text(book, "ほか");
  report_book_number(book, n);
  report_book_text(book, NULL);
  report_book_text(book, NULL);
  report_book_text(book, "idou report run");
}

static void put_counts(ReportBook *book, const ReportNight *night, size_t group)
{
  static const ReportColumn columns[] = {{"system", "系統", false}, {"kind", "種別", false},
                                         {"n", "件数", true},       {"state", "状態", false},
                                         {"whose", "例", false},    {"detail", "理由", false}};
  int64_t n = 0, n_rows = 0, rest = 0;
  report_book_table(book, groups[group].id, groups[group].title, columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < night->counts->len; i++) {
    const ReportNightCount *count = &g_array_index(night->counts, ReportNightCount, i);
    OpKind kind;
    if (!is_in(group, count->state))
      continue;
    n += count->n;
    if (n_rows++ >= MOST_ROWS) {
      rest += count->n;
      continue;
    }
    report_book_text(book, count->target);
    report_book_text(book, op_kind_of(count->kind, &kind) ? approval_kind(kind) : count->kind);
    report_book_number(book, count->n);
    report_book_text(book, state_words(count->state));
    report_book_text(book, group > 0 ? count->label : NULL);
    report_book_text(book, count->detail);
  }
  put_rest(book, rest);
  report_book_tile(book, groups[group].id, groups[group].title, n);
}

static const char *run_words(const char *state)
{
  static const char *const words[][2] = {{"running", "実行中"},     {"done", "完了"},
                                         {"scheduled", "期日待ち"}, {"held", "保留あり"},
                                         {"failed", "失敗あり"},    {"interrupted", "中断"},
                                         {"receipts", "確認待ち"}};
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_strcmp0(words[i][0], state) == 0)
      return words[i][1];
  return state;
}

static void put_runs(ReportBook *book, const GArray *runs)
{
  static const ReportColumn columns[] = {{"run", "実行", true},
                                         {"started", "開始", false},
                                         {"ended", "終了", false},
                                         {"state", "状態", false},
                                         {"plan", "変更予定", false}};
  report_book_table(book, "runs", "実行", columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < runs->len; i++) {
    const ReportNightRun *run = &g_array_index(runs, ReportNightRun, i);
    report_book_number(book, run->run);
    report_book_instant(book, run->started);
    report_book_instant(book, run->ended);
    report_book_text(book, run_words(run->state));
    put_digest(book, run->digest);
  }
}

static void put_items(ReportBook *book, const char *id, const char *title, const GArray *items)
{
  static const ReportColumn columns[] = {{"what", "内容", false}, {"command", "コマンド", false}};
  report_book_table(book, id, title, columns, G_N_ELEMENTS(columns));
  g_autofree char *rest = g_strdup_printf("ほか %u件", items->len - MIN(items->len, MOST_ROWS));
  for (guint i = 0; i < MIN(items->len, MOST_ROWS); i++) {
    const ReportNightItem *item = &g_array_index(items, ReportNightItem, i);
    report_book_text(book, item->what);
    report_book_text(book, item->command);
  }
  if (items->len > MOST_ROWS) {
    report_book_text(book, rest);
    report_book_text(book, "idou hold --list");
  }
}

ReportBook *report_morning(const ReportNight *night)
{
  ReportBook *book = report_book_new("morning", "朝の報告");
  put_instant(book, "since", "対象", night->since);
  put_instant(book, "at", "時点", night->at);
  put_runs(book, night->runs);
  for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
    put_counts(book, night, i);
  report_book_tile(book, "decide", "判断すること", night->decide->len);
  put_items(book, "decide", "判断すること", night->decide);
  put_items(book, "next", "次にすること", night->next);
  return book;
}
