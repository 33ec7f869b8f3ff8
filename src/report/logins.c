// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who cannot log in: for those who sit at the telephone when the counters open.
#include "report_p.h"

static const struct {
  const char *id, *words, *deed;  // what to do, unless something better is known
} states[LOGIN_N] = {
    [LOGIN_STOPPED] = {"stopped", "停止", "情報システム担当へ取り次ぐ"},
    [LOGIN_UNKNOWN] = {"unknown", "不明", "系統に接続できるか確かめ、もう一度 idou report logins"},
    [LOGIN_MISSING] = {"missing", "アカウントなし",
                       "idou resume（なければ idou plan と idou apply）"},
    [LOGIN_OFF] = {"off", "無効", "idou resume（なければ idou plan と idou apply）"},
    [LOGIN_LOCKED] = {"locked", "ロック", "本人を確かめて idou unlock 職員番号"},
    [LOGIN_AWAITED] = {"awaited", "登録確認待ち", "idou receipts で登録先の結果を確かめる"},
    [LOGIN_UNPRINTED] = {"unprinted", "パスワード未通知", "idou notices で印刷し、本人に渡す"},
};

static void put_login(ReportBook *book, const ReportLogin *login)
{
  report_book_text(book, login->counter ? "○" : "");
  report_book_text(book, login->unit);
  report_book_text(book, login->phone);
  report_book_text(book, login->number);
  report_book_text(book, login->name);
  report_book_text(book, login->target);
  report_book_text(book, states[login->state].words);
  report_book_text(book, login->cause);
  report_book_text(book, login->deed ? login->deed : states[login->state].deed);
}

ReportBook *report_logins(const GArray *logins, Instant at)
{
  static const ReportColumn columns[] = {
      {"counter", "窓口", false},    {"unit", "所属", false},  {"extension", "内線", false},
      {"number", "職員番号", false}, {"name", "氏名", false},  {"system", "系統", false},
      {"state", "状態", false},      {"cause", "原因", false}, {"deed", "処置", false}};
  int64_t n[LOGIN_N] = {0}, n_counters = 0;
  g_autoptr(GString) when = g_string_new(NULL);
  ReportBook *book = report_book_new("logins", "ログインできない職員");
  columns_instant(when, at);
  report_book_fact(book, "at", "時点", when->str);
  report_book_table(book, "logins", "ログインできない職員", columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < logins->len; i++) {
    const ReportLogin *login = &g_array_index(logins, ReportLogin, i);
    put_login(book, login);
    n[login->state]++;
    n_counters += login->counter;
  }
  report_book_tile(book, "counters", "窓口の職員", n_counters);
  for (size_t i = 0; i < LOGIN_N; i++)
    report_book_tile(book, states[i].id, states[i].words, n[i]);
  return book;
}
