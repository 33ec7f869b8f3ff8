// SPDX-License-Identifier: GPL-3.0-or-later
//
// What comes back of a list of questions: each file by itself, against two units' lists.
#include "unit.h"

#include "store/store_p.h"

#include <idou/inquiry.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD "番号,所属,職員番号,アカウント,回答(継続/不要),期限,理由,回答者\n"
#define ROW1 "Q1-1,100 総務課,000310,k-yamada,"
#define ROW2 "Q1-2,100 総務課,000311,00077,"
#define ROW3 "Q1-3,100 総務課,000312,𠮷田,"
#define OTHER "Q2-1,200 税務課,000320,h-suzuki,"
#define KEEPS "継続,2027/6/30,年度末まで使う,佐藤\n"

static Store *open_at(const char *path)
{
  g_autoptr(GError) error = NULL;
  Store *store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  return store;
}

static Store *open_store(void)
{
  g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
  return open_at(path);
}

static Question question(const char *number, const char *account, const char *object)
{
  return (Question){.target = "ldap",
                    .object = object,
                    .group = "",
                    .stable_id = "",
                    .number = number,
                    .label = "山田　太郎",
                    .system = "LDAP",
                    .account = account,
                    .text = "=HYPERLINK(\"x\")",
                    .used = INSTANT_NONE,
                    .proposed = QUESTION_REMOVE};
}

static Inquiry inquiry(const char *unit, const char *name)
{
  return (Inquiry){.cause = RESTRICTION_DORMANT,
                   .unit = unit,
                   .unit_name = name,
                   .title = "休眠 <b>",
                   .who = "idou",
                   .asked = date_of(2027, 4, 1),
                   .due = date_of(2027, 4, 30),
                   .limit = date_of(2028, 3, 31)};
}

static void ask(Store *store, const Inquiry *asked, const Question *questions, size_t n)
{
  InquiryAsked out;
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(inquiry_ask(store, asked, questions, n, &out, &error));
  UNIT_INT(out.n_asked, n, "%s", asked->unit);
  UNIT_NO_ERROR(error);
}

static Store *asked_at(const char *path)
{
  Store *store = open_at(path);
  Inquiry first = inquiry("100", "総務課"), second = inquiry("200", "税務課");
  const Question all[] = {
      question("000310", "k-yamada", "account/1"), question("000311", "00077", "account/2"),
      question("000312", "𠮷田", "account/3"), question("000320", "h-suzuki", "account/4")};
  g_setenv("IDOU_NOW", "2027-04-10T09:00:00+09:00", true);
  ask(store, &first, all, 3);
  ask(store, &second, all + 3, 1);
  return store;
}

static Store *asked_store(void)
{
  g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
  return asked_at(path);
}

static void take_bytes(Store *store, GBytes *bytes, GString *told)
{
  InquiryTaken taken;
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  InquiryReply reply = {.name = "r.csv", .bytes = bytes};
  UNIT_TRUE(inquiry_take(store, &reply, findings, &taken, &error));
  UNIT_NO_ERROR(error);
  g_string_append_printf(told, "kept %zu, removed %zu, already %zu, blank %zu, refused %zu%s",
                         taken.n_kept, taken.n_removed, taken.n_already, taken.n_blank,
                         taken.n_refused, taken.read ? "" : ", unread");
  for (size_t i = 0; i < findings_count(findings); i++) {
    const Finding *finding = findings_at(findings, i);
    g_string_append_printf(told, "; %d:%d %s", (int)finding->line, (int)finding->column,
                           finding->code);
  }
}

static void take(Store *store, const char *text, GString *told)
{
  g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
  take_bytes(store, bytes, told);
}

// A file by itself.
static void files(void)
{
  static const struct {
    const char *text, *told;
  } cases[] = {
      {HEAD ROW1 KEEPS ROW2 "不要,,,佐藤\n" ROW3 ",,,\n",
       "kept 1, removed 1, already 0, blank 1, refused 0"},
      // The last day that may be said, and today; Excel's and Japan's ways of writing them.
      {HEAD ROW1 "継続,2028-03-31,x,y\n" ROW2 "必要,R9.4.10,x,y\n" ROW3 "keep,46599,x,y\n",
       "kept 3, removed 0, already 0, blank 0, refused 0"},
      // Excel took the zeros of numbers, CP932 did not hold 𠮷: both are still known.
      {HEAD "Q1-1,100 総務課,310,k-yamada," KEEPS "Q1-2,100 総務課,311,77,不要,,,佐藤\n"
            "Ｑ１－３,100 総務課,312,〓田,不要,,,佐藤\n",
       "kept 1, removed 2, already 0, blank 0, refused 0"},
      // Tabs, other order, columns that are not needed left out, an empty line's cells.
      {"回答\tアカウント\t番号\t回答者\n不要\tk-yamada\tq1-1\t佐藤\n\t\t\t\n",
       "kept 0, removed 1, already 0, blank 0, refused 0; 0:0 reply-incomplete"},
      {HEAD OTHER "不要,,,鈴木\n" ROW1 KEEPS,
       "kept 0, removed 1, already 0, blank 0, refused 1; 3:1 reply-unit"},
      {HEAD "Q1-1,200 税務課,000310,k-yamada," KEEPS ROW2 ",,,\n" ROW3 ",,,\n",
       "kept 0, removed 0, already 0, blank 2, refused 1; 2:2 reply-unit"},
      {HEAD ROW1 ",,,\n" ROW2 ",,,\n" ROW3 ",,,\nQ1-4,100 総務課,1,x," KEEPS "Q9-1,,,x," KEEPS
                 "12月7日,,,x," KEEPS "Q1-1x,,,x," KEEPS,
       "kept 0, removed 0, already 0, blank 3, refused 4; 7:1 reply-number; 8:1 reply-number; 5:1 "
       "reply-unknown; 6:1 reply-unknown"},
      {HEAD "Q1-1,100 総務課,000310,h-suzuki," KEEPS "Q1-2,100 総務課,000310,00077," KEEPS
            "Q1-3,100 総務課,000312,1.2E+11," KEEPS,
       "kept 0, removed 0, already 0, blank 0, refused 3; 2:4 reply-row-changed; 3:3 "
       "reply-row-changed; 4:4 reply-row-changed"},
      {HEAD ROW1 ",2027/6/30,,佐藤\n" ROW2 "たぶん,,,佐藤\n" ROW3 "継続/不要,,,佐藤\n",
       "kept 0, removed 0, already 0, blank 0, refused 3; 2:5 reply-no-decision; 3:5 "
       "reply-no-decision; 4:5 reply-both"},
      {HEAD ROW1 "不要,2027/6/30,,佐藤\n" ROW2 "継続,,使う,佐藤\n" ROW3 "継続,2027/6/30,,佐藤\n",
       "kept 0, removed 0, already 0, blank 0, refused 3; 2:6 reply-both; 3:6 reply-no-date; 4:7 "
       "reply-no-reason"},
      {HEAD ROW1 "継続,2027/4/9,x,y\n" ROW2 "継続,2028/4/1,x,y\n" ROW3 "不要,,x,\n",
       "kept 0, removed 0, already 0, blank 0, refused 3; 2:6 reply-date-past; 3:6 "
       "reply-date-far; 4:8 reply-nobody"},
      {HEAD ROW1 "継続,6月30日,x,y\n" ROW2 "継続,27/6/30,x,y\n" ROW3 "継続,2027/6/31,x,y\n",
       "kept 0, removed 0, already 0, blank 0, refused 3; 2:6 reply-date; 3:6 reply-date; 4:6 "
       "reply-date"},
      // Said twice, and said otherwise: neither counts.
      {HEAD ROW1 KEEPS ROW1 KEEPS ROW2 "不要,,,佐藤\n" ROW2 KEEPS ROW3 ",,,\n",
       "kept 1, removed 0, already 0, blank 1, refused 2; 4:5 reply-conflict; 5:5 reply-conflict"},
      // Also where one of them cannot be read.
      {HEAD ROW1 "たぶん,,,佐藤\n" ROW1 "不要,,,佐藤\n" ROW2 ",,,\n" ROW3 ",,,\n",
       "kept 0, removed 0, already 0, blank 2, refused 2; 2:5 reply-no-decision; 3:5 "
       "reply-conflict"},
      // A number that was filled down: only the row it belongs to counts, whichever comes first.
      {HEAD ROW1 "不要,,,佐藤\nQ1-1,100 総務課,000311,00077,不要,,,佐藤\n" ROW2 ",,,\n" ROW3
                 ",,,\n",
       "kept 0, removed 1, already 0, blank 2, refused 1; 3:3 reply-row-changed"},
      {HEAD "Q1-1,100 総務課,000311,00077,不要,,,佐藤\n" ROW1 "不要,,,佐藤\n" ROW2 ",,,\n" ROW3
            ",,,\n",
       "kept 0, removed 1, already 0, blank 2, refused 1; 2:3 reply-row-changed"},
      // Columns that were sorted by themselves, also among the rows of one account.
      {"番号,アカウント,内容,回答,回答者\nQ1-1,k-yamada,別の権利,不要,佐藤\n",
       "kept 0, removed 0, already 0, blank 0, refused 1; 2:3 reply-row-changed"},
      {"番号,アカウント,氏名,系統,内容,回答,回答者\n"
       "Q1-1,k-yamada,鈴木,LDAP,\"'=HYPERLINK(\"\"x\"\")\",不要,佐藤\n"
       "Q1-2,00077,山田 太郎,AD,\"'=HYPERLINK(\"\"x\"\")\",不要,佐藤\n"
       "Q1-3,𠮷田,山田　太郎,LDAP,\"=HYPERLINK(\"\"x\"\")\",不要,佐藤\n",
       "kept 0, removed 1, already 0, blank 0, refused 2; 2:3 reply-row-changed; 3:4 "
       "reply-row-changed"},
      // A first row of another list does not say whose the file is.
      {HEAD "Q2-1,100 総務課,000310,k-yamada,不要,,,佐藤\n" ROW1 "不要,,,佐藤\n" ROW2 ",,,\n" ROW3
            ",,,\n",
       "kept 0, removed 1, already 0, blank 2, refused 1; 2:2 reply-unit"},
      {"番号,アカウント,回答,回答者,回答\nQ1-1,k-yamada,継続,佐藤,不要\n",
       "kept 0, removed 0, already 0, blank 0, refused 0, unread; 1:0 reply-header"},
      // Cut short: what stands before counts.
      {HEAD ROW1 "不要,,,佐藤\n" ROW2 "継続,2027/6/3",
       "kept 0, removed 1, already 0, blank 0, refused 1; 3:1 reply-cut; 0:0 reply-incomplete"},
      {HEAD ROW1 "不要,,,佐藤\n" ROW2 "継続,2027/6/30,\"x,佐藤\n",
       "kept 0, removed 1, already 0, blank 0, refused 0; 3:0 reply-cut; 0:0 reply-incomplete"},
      {"職員番号,回答\n000310,不要\n",
       "kept 0, removed 0, already 0, blank 0, refused 0, unread; 1:0 reply-header"},
      {"", "kept 0, removed 0, already 0, blank 0, refused 0, unread; 1:0 reply-header"},
      {"PK\x03\x04",
       "kept 0, removed 0, already 0, blank 0, refused 0, unread; 0:0 reply-workbook"},
      {"\xEF\xBB\xBF\x8E\x52\n",
       "kept 0, removed 0, already 0, blank 0, refused 0, unread; 0:0 reply-encoding"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Store) store = asked_store();
    g_autoptr(GString) told = g_string_new(NULL);
    take(store, cases[i].text, told);
    UNIT_STR(told->str, cases[i].told, "file %zu", i);
  }
}

static bool count_claim(const ClaimRow *claim, void *data)
{
  g_string_append_printf(data, "%s %s %s %s; ", claim->object, claim->who, claim->source,
                         claim->reason);
  return true;
}

static bool add_decision(const Inquiry *asked, const Question *about, void *data)
{
  g_string_append_printf(data, "%s %s %s; ", asked->unit, about->object, about->source);
  return true;
}

static void stands(Store *store, const char *claims, const char *decisions)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) claimed = g_string_new(NULL), decided = g_string_new(NULL);
  UNIT_TRUE(store_claims_each(store, NULL, count_claim, claimed, &error));
  UNIT_TRUE(inquiry_decisions_each(store, RESTRICTION_DORMANT, add_decision, decided, &error));
  UNIT_NO_ERROR(error);
  UNIT_STR(claimed->str, claims);
  UNIT_STR(decided->str, decisions);
}

// One file after the other, and what stands then.
static void one_after_the_other(void)
{
  static const struct {
    const char *text, *told, *claims, *decisions;
  } steps[] = {
      {HEAD ROW1 KEEPS ROW2 "不要,,,佐藤\n" ROW3 ",,,\n",
       "kept 1, removed 1, already 0, blank 1, refused 0",
       "account/1 佐藤 r.csv:2 年度末まで使う; ", "100 account/2 r.csv:3; "},
      {HEAD ROW1 KEEPS ROW2 "不要,,,佐藤\n" ROW3 ",,,\n",
       "kept 0, removed 0, already 2, blank 1, refused 0",
       "account/1 佐藤 r.csv:2 年度末まで使う; ", "100 account/2 r.csv:3; "},
      // Another answer: what was kept is kept, what was to be removed is open again.
      {HEAD ROW1 "不要,,,鈴木\n" ROW2 KEEPS,
       "kept 0, removed 0, already 0, blank 0, refused 2; 2:5 reply-conflict; 3:5 reply-conflict; "
       "0:0 reply-incomplete",
       "account/1 佐藤 r.csv:2 年度末まで使う; ", ""},
      {HEAD ROW2 "不要,,,鈴木\n" ROW3 ",,,\n", "kept 0, removed 1, already 0, blank 1, refused 0",
       "account/1 佐藤 r.csv:2 年度末まで使う; ", "100 account/2 r.csv:2; "},
  };
  g_autoptr(Store) store = asked_store();
  for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
    g_autoptr(GString) told = g_string_new(NULL);
    take(store, steps[i].text, told);
    UNIT_STR(told->str, steps[i].told, "step %zu", i);
    stands(store, steps[i].claims, steps[i].decisions);
  }
}

// The same file again changes nothing, also when the day it says is over.
static void again_later(void)
{
  g_autoptr(Store) store = asked_store();
  static const char *const told[][2] = {
      {"2027-04-10T09:00:00+09:00", "kept 1, removed 0, already 0, blank 2, refused 0"},
      {"2027-07-01T09:00:00+09:00", "kept 0, removed 0, already 1, blank 2, refused 0"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    g_setenv("IDOU_NOW", told[i][0], true);
    take(store, HEAD ROW1 KEEPS ROW2 ",,,\n" ROW3 ",,,\n", out);
    UNIT_STR(out->str, told[i][1], "%s", told[i][0]);
  }
}

static int64_t restrict_it(Store *store, const char *object, const char *source)
{
  g_autoptr(GError) error = NULL;
  RestrictionRow row = {.target = "ldap",
                        .object = object,
                        .cause = RESTRICTION_DORMANT,
                        .what = RESTRICT_DISABLE,
                        .group = "",
                        .reason = "",
                        .source = source,
                        .who = "x",
                        .since = 1,
                        .until = DATE_OPEN};
  int64_t id = store_restriction_add(store, &row, &error);
  UNIT_NO_ERROR(error);
  return id;
}

// A removal waits until a restriction came of it, and that it is lifted later does not bring it back.
static void removal_in_force(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) told = g_string_new(NULL);
  g_autoptr(Store) store = asked_store();
  take(store, HEAD ROW1 "不要,,,佐藤\n" ROW2 "不要,,,佐藤\n", told);
  stands(store, "", "100 account/1 r.csv:2; 100 account/2 r.csv:3; ");
  int64_t id = restrict_it(store, "account/1", "Q1-1");
  stands(store, "", "100 account/2 r.csv:3; ");
  UNIT_TRUE(!inquiry_reopen(store, 1, 1, &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE));
  g_clear_error(&error);
  g_string_truncate(told, 0);
  take(store, HEAD ROW1 KEEPS, told);
  UNIT_TRUE(strstr(told->str, "2:5 reply-conflict"), "%s", told->str);
  UNIT_TRUE(store_restriction_lift(store, id, "x", "", &error));
  stands(store, "", "100 account/2 r.csv:3; ");
  // One of another answer that was lifted before does not count.
  id = restrict_it(store, "account/2", "Q0-1");
  UNIT_TRUE(store_restriction_lift(store, id, "x", "", &error));
  stands(store, "", "100 account/2 r.csv:3; ");
  UNIT_NO_ERROR(error);
}

static void asked_again(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) told = g_string_new(NULL);
  g_autoptr(Store) store = asked_store();
  Inquiry same = inquiry("100", "総務課"), other = inquiry("200", "税務課");
  const Question all[] = {question("000310", "k-yamada", "account/1"),
                          question("000311", "00077", "account/2"),
                          question("000399", "new", "account/9")};
  InquiryAsked out;
  UNIT_TRUE(inquiry_ask(store, &same, all, 2, &out, &error));
  UNIT_INT(out.id, 0, "nothing new");
  UNIT_INT(out.n_open, 2, "open before");
  const Question twice[] = {all[2], all[0], all[2]};
  UNIT_TRUE(inquiry_ask(store, &other, twice, 3, &out, &error));
  UNIT_INT(out.id, 3, "number");
  UNIT_INT(out.n_asked, 2, "asked");
  UNIT_INT(out.n_moved, 1, "moved");
  UNIT_INT(out.n_open, 1, "of one call");
  take(store, HEAD ROW1 KEEPS ROW2 KEEPS ROW3 KEEPS, told);
  UNIT_STR(told->str, "kept 2, removed 0, already 0, blank 0, refused 1; 2:1 reply-closed");
  UNIT_NO_ERROR(error);
}

// The account was made anew since: the answer is of another one.
static void made_anew(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) told = g_string_new(NULL);
  g_autoptr(Store) store = open_store();
  g_setenv("IDOU_NOW", "2027-04-10T09:00:00+09:00", true);
  Inquiry first = inquiry("100", "総務課");
  Question all[] = {question("000310", "k-yamada", "account/1"),
                    question("000311", "00077", "account/2")};
  all[0].stable_id = all[1].stable_id = "one";
  UNIT_TRUE(store_begin(store, &error));
  UNIT_TRUE(store_binding_set(store, "ldap", "account/1", "other", &error));
  UNIT_TRUE(store_binding_set(store, "ldap", "account/2", "one", &error));
  UNIT_TRUE(store_commit(store, &error));
  ask(store, &first, all, 2);
  take(store, HEAD ROW1 "不要,,,佐藤\n" ROW2 "不要,,,佐藤\n", told);
  UNIT_STR(told->str,
           "kept 0, removed 1, already 0, blank 0, refused 1; 2:4 reply-account-changed");
  UNIT_NO_ERROR(error);
}

// What goes out comes back as it was: nothing is decided by opening and saving it.
static void round_trip(void)
{
  for (int code = 0; code < 2; code++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) sheet = g_string_new(NULL), told = g_string_new(NULL);
    g_autoptr(Store) store = asked_store();
    UNIT_TRUE(inquiry_sheet(store, 1, (InquiryCode)code, sheet, &error));
    g_autoptr(GBytes) bytes = g_bytes_new(sheet->str, sheet->len);
    take_bytes(store, bytes, told);
    UNIT_STR(told->str, "kept 0, removed 0, already 0, blank 3, refused 0", "code %d", code);
    g_autofree char *text = filled_decode(sheet->str, sheet->len);
    UNIT_TRUE(strstr(text, ",\"'=HYPERLINK(\"\"x\"\")\","), "%s", text);
    UNIT_NO_ERROR(error);
  }
}

static void page(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(Store) store = asked_store();
  UNIT_TRUE(inquiry_page(store, 1, out, &error));
  UNIT_NO_ERROR(error);
  UNIT_TRUE(strstr(out->str, "休眠 &lt;b&gt;　総務課") && !strstr(out->str, "<b>"), "escaped");
  UNIT_TRUE(strstr(out->str, "回答期限 令和9年4月30日"), "due");
  UNIT_TRUE(strstr(out->str, "<td class=\"n\">Q1-2</td><td>000311 山田　太郎</td>"), "row");
  UNIT_TRUE(!inquiry_page(store, 7, out, &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE), "no such inquiry");
}

static bool add_count(const InquiryCount *count, void *data)
{
  g_string_append_printf(data, "%s %zu/%zu/%zu%s; ", count->inquiry.unit, count->n_open,
                         count->n_kept, count->n_removed, count->overdue ? " overdue" : "");
  return true;
}

static bool add_reminder(const InquiryReminder *reminder, void *data)
{
  g_string_append_printf(data, "%s %zu%s %s; ", reminder->unit_name, reminder->n_open,
                         reminder->escalated ? " escalated" : "", reminder->key);
  return true;
}

static void overdue(void)
{
  static const struct {
    const char *today, *counts, *reminders;
  } cases[] = {
      {"2027-04-30", "100 1/1/1; 200 1/0/0; ", ""},
      {"2027-05-01", "100 1/1/1 overdue; 200 1/0/0 overdue; ",
       "総務課 1 inquiry-overdue/100/2027-04-30/1; 税務課 1 inquiry-overdue/200/2027-04-30/1; "},
      {"2027-05-15", "100 1/1/1 overdue; 200 1/0/0 overdue; ",
       "総務課 1 escalated inquiry-overdue/100/2027-04-30/3; 税務課 1 escalated "
       "inquiry-overdue/200/2027-04-30/3; "},
  };
  g_autoptr(Store) store = asked_store();
  g_autoptr(GString) told = g_string_new(NULL);
  take(store, HEAD ROW1 KEEPS ROW2 "不要,,,佐藤\n", told);
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) counts = g_string_new(NULL), reminders = g_string_new(NULL);
    Date today = DATE_NONE;
    date_parse_iso(cases[i].today, &today);
    InquiryPatience patience = {today, 7, 14};
    UNIT_TRUE(inquiry_counts_each(store, NULL, today, add_count, counts, &error));
    UNIT_TRUE(inquiry_reminders_each(store, &patience, add_reminder, reminders, &error));
    UNIT_NO_ERROR(error);
    UNIT_STR(counts->str, cases[i].counts, "%s", cases[i].today);
    UNIT_STR(reminders->str, cases[i].reminders, "%s", cases[i].today);
  }
}

// ---------------------------------------------------------------------------------------------
// Killed at each statement.

static int kill_at(unsigned what, void *countdown, void *statement, void *sql)
{
  (void)what, (void)statement, (void)sql;
  if ((*(int *)countdown)-- == 0)
    raise(SIGKILL);
  return 0;
}

static const char whole[] = HEAD ROW1 KEEPS ROW2 "不要,,,佐藤\n" ROW3 KEEPS;

// True when the process came to its end.
static bool take_and_die(const char *path, int at)
{
  pid_t child = fork();
  if (child == 0) {
    int countdown = at;
    Store *store = store_open(path, STORE_WRITE, NULL);
    g_autoptr(GString) told = g_string_new(NULL);
    sqlite3_trace_v2(store->db, SQLITE_TRACE_STMT, kill_at, &countdown);
    take(store, whole, told);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Either nothing of the file is in the ledger, or all of it; taken again it is there once.
static void killed(void)
{
  static const char claims[] =
      "account/1 佐藤 r.csv:2 年度末まで使う; account/3 佐藤 r.csv:4 年度末まで使う; ";
  bool ended = false;
  int at = 0;
  for (; !ended && at < 100; at++) {
    g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
    store_close(asked_at(path));
    ended = take_and_die(path, at);
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = open_at(path);
    g_autoptr(GString) claimed = g_string_new(NULL), told = g_string_new(NULL);
    UNIT_TRUE(store_claims_each(store, NULL, count_claim, claimed, &error), "at %d", at);
    UNIT_STR(claimed->str, claimed->len ? claims : "", "at %d", at);
    stands(store, claimed->str, claimed->len ? "100 account/2 r.csv:3; " : "");
    take(store, whole, told);
    UNIT_STR(told->str,
             claimed->len ? "kept 0, removed 0, already 3, blank 0, refused 0"
                          : "kept 2, removed 1, already 0, blank 0, refused 0",
             "at %d", at);
    stands(store, claims, "100 account/2 r.csv:3; ");
    UNIT_NO_ERROR(error);
  }
  UNIT_TRUE(ended && at > 10, "%d statements", at);
}

static const UnitTest tests[] = {
    {"files", files},
    {"again_later", again_later},
    {"one_after_the_other", one_after_the_other},
    {"removal_in_force", removal_in_force},
    {"asked_again", asked_again},
    {"made_anew", made_anew},
    {"round_trip", round_trip},
    {"page", page},
    {"overdue", overdue},
    {"killed", killed},
    {NULL, NULL},
};
UNIT_SUITE(inquiry, tests);
