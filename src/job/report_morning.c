// SPDX-License-Identifier: GPL-3.0-or-later
//
// The page of the morning: what last night's runs did, what they left, what somebody has to decide, what to type next.
#include "job/job_p.h"

#include <string.h>

#define SOON_DAYS 1
#define NIGHT_BEGINS (12 * 3600)  // before the midnight that has gone by

typedef struct Seen {  // an operation, as the last run of the night has it
  char *target, *kind, *state, *detail;
  uint32_t person;
  int64_t run;
  uint32_t n;
} Seen;

static void free_seen(void *data)
{
  Seen *seen = data;
  g_free(seen->target);
  g_free(seen->kind);
  g_free(seen->state);
  g_free(seen->detail);
  g_free(seen);
}

typedef struct Morning {
  const Site *site;
  Store *store;
  ReportNight night;
  GHashTable *ops;   // "target object kind person" -> Seen
  GPtrArray *order;  // Seen *: as they were met first
  GStringChunk *texts;
} Morning;

static const char *keep(const Morning *morning, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const(morning->texts, text) : NULL;
}

// ---------------------------------------------------------------------------------------------
// Runs and their operations.

static bool take_run(const RunRow *run, void *data)
{
  Morning *morning = data;
  if (run->desk || (run->started < morning->night.since && run->ended != INSTANT_NONE &&
                    run->ended < morning->night.since))
    return true;
  const ReportNightRun row = {run->id, run->started, run->ended, keep(morning, run->state),
                              keep(morning, run->digest)};
  g_array_append_val(morning->night.runs, row);
  return true;
}

// What a later run did of the same is done, whatever became of it before.
static bool take_op(const OpRow *op, void *data)
{
  Morning *morning = data;
  g_autofree char *key =
      g_strdup_printf("%s %s %s %u", op->target, op->object, op->kind, op->person);
  Seen *seen = g_hash_table_lookup(morning->ops, key);
  if (seen == NULL) {
    seen = g_new0(Seen, 1);
    g_hash_table_insert(morning->ops, g_steal_pointer(&key), seen);
    g_ptr_array_add(morning->order, seen);
    seen->target = g_strdup(op->target);
    seen->kind = g_strdup(op->kind);
  }
  g_free(seen->state);
  g_free(seen->detail);
  seen->state = g_strdup(op->state);
  seen->detail = g_strdup(op->detail);
  seen->person = op->person;
  seen->run = op->run;
  seen->n = op->n;
  return true;
}

static bool read_runs(Morning *morning, GError **error)
{
  if (!store_runs_ever(morning->store, take_run, morning, error))
    return false;
  for (guint i = 0; i < morning->night.runs->len; i++)
    if (!store_ops_each(morning->store, g_array_index(morning->night.runs, ReportNightRun, i).run,
                        take_op, morning, error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------
// Counts.

// What idou itself says, in the words of the page: without numbers of operations, of which each would be a row. "": nothing
// besides the state. NULL: these words are a target's, or say more than a reason.
static const char *own_words(const char *detail)
{
  static const char *const words[][2] = {
      {"waits for operation ", ""},
      {"not before ", ""},
      {"depends on operation ", "先の操作の保留"},
      {"more ", "上限超過"},
      {"needs confirmation: ", "要確認"},
      {"the date is far ", "施行日が離れている"},
      {"nobody has approved it yet", "承認待ち"},
      {"left out by the approved run ", "承認済みの予定で除外"},
      {"refused in the approved run ", "承認の後に対象が変わった"},
      {"the target is not the server it was", "接続先が違う"},
      {"there are too few seats", "席数不足"}};
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_has_prefix(detail, words[i][0]))
      return words[i][1];
  return NULL;
}

// What waits says by its number for what, and would fill the page. Of what went well no reasons are told; nor is that of a hold that somebody placed in an older version's words.
static const char *detail_of(const Morning *morning, const Seen *seen)
{
  static const char *const silent[] = {"done", "already", "receipt", "blocked"};
  for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
    if (strcmp(seen->state, silent[i]) == 0)
      return NULL;
  if (seen->detail == NULL || g_str_has_prefix(seen->detail, "held by "))
    return NULL;
  const char *words = own_words(seen->detail);
  return words != NULL ? (*words != '\0' ? words : NULL) : keep(morning, seen->detail);
}

static void count(Morning *morning, const Seen *seen)
{
  GArray *counts = morning->night.counts;
  const char *detail = detail_of(morning, seen);
  for (guint i = 0; i < counts->len; i++) {
    ReportNightCount *one = &g_array_index(counts, ReportNightCount, i);
    if (strcmp(one->target, seen->target) != 0 || strcmp(one->kind, seen->kind) != 0 ||
        strcmp(one->state, seen->state) != 0 || g_strcmp0(one->detail, detail) != 0)
      continue;
    one->n++;
    return;
  }
  const char *number =
      seen->person != 0 ? store_link_number(morning->store, SUBJECT_PERSON, seen->person) : NULL;
  const ReportNightCount row = {keep(morning, seen->target), keep(morning, seen->kind),
                                keep(morning, seen->state),  detail,
                                keep(morning, number),       1};
  g_array_append_val(counts, row);
}

static int compare_counts(const void *a, const void *b)
{
  const ReportNightCount *x = a, *y = b;
  int targets = strcmp(x->target, y->target);
  return targets != 0 ? targets : strcmp(x->kind, y->kind);
}

// Held by a person, says the journal: "hold 12; ask Tanaka".
static bool is_guarded(const Morning *morning)
{
  for (guint i = 0; i < morning->night.counts->len; i++) {
    const ReportNightCount *one = &g_array_index(morning->night.counts, ReportNightCount, i);
    if (strcmp(one->state, "held") == 0 && one->detail != NULL &&
        !g_str_has_prefix(one->detail, "hold "))
      return true;
  }
  return false;
}

static bool has_state(const Morning *morning, const char *state)
{
  for (guint i = 0; i < morning->night.counts->len; i++)
    if (strcmp(g_array_index(morning->night.counts, ReportNightCount, i).state, state) == 0)
      return true;
  return false;
}

// ---------------------------------------------------------------------------------------------
// What to decide, what to do.

static void tell(GArray *items, const Morning *morning, const char *what, const char *command)
{
  const ReportNightItem item = {keep(morning, what), keep(morning, command)};
  g_array_append_val(items, item);
}

static const char *hold_words(const char *kind)
{
  return strcmp(kind, "person") == 0 ? "職員" : strcmp(kind, "target") == 0 ? "系統" : "対象";
}

static bool tell_holds(const Morning *morning, GError **error)
{
  g_autoptr(Holds) holds = NULL;
  Date today = date_of_instant(morning->night.at);
  if (!store_holds_read(morning->store, today, NULL, &holds, error))
    return false;
  for (size_t i = 0; i < store_holds_n(holds); i++) {
    const HoldRow *hold = store_hold_at(holds, i);
    g_autoptr(GString) what = g_string_new(NULL);
    if (strcmp(hold->kind, HOLD_STOP) == 0) {
      g_string_printf(what, "停止　第%" G_GINT64_FORMAT "号（%s）が続いている", hold->id,
                      hold->name);
      tell(morning->night.decide, morning, what->str, NULL);
      continue;
    }
    g_string_printf(what, "保留　第%" G_GINT64_FORMAT "号（%s %s）を解くか", hold->id,
                    hold_words(hold->kind), hold->name);
    g_autofree char *command =
        g_strdup_printf("idou release %" G_GINT64_FORMAT " --by 氏名", hold->id);
    tell(morning->night.decide, morning, what->str, command);
  }
  return true;
}

static bool count_receipt(const OpRow *op, Instant since, void *data)
{
  (void)op, (void)since;
  (*(size_t *)data)++;
  return true;
}

static bool tell_receipts(const Morning *morning, GError **error)
{
  size_t n = 0;
  if (!store_receipts_each(morning->store, count_receipt, &n, error))
    return false;
  g_autofree char *what = g_strdup_printf("送信して結果を待つもの %zu件の確認", n);
  if (n > 0)
    tell(morning->night.decide, morning, what, "idou receipts");
  return true;
}

static bool take_inquiry(const InquiryCount *count, void *data)
{
  const Morning *morning = data;
  Date today = date_of_instant(morning->night.at);
  if (count->n_open == 0 || count->inquiry.due > today + SOON_DAYS)
    return true;
  g_autoptr(GString) due = g_string_new(NULL);
  date_format(count->inquiry.due, due);
  g_autofree char *what =
      g_strdup_printf("照会　第%" G_GINT64_FORMAT "号の未回答 %zu件（期限 %s%s）",
                      count->inquiry.id, count->n_open, due->str, count->overdue ? "、超過" : "");
  tell(morning->night.decide, morning, what, "idou inquiry");
  return true;
}

typedef struct Plans {
  int64_t run;       // the last
  const char *path;  // of its plan
  const char *state;
} Plans;

static bool goes_on(const Plans *last)
{
  static const char *const open[] = {"interrupted", "running", "scheduled"};
  for (size_t i = 0; i < G_N_ELEMENTS(open); i++)
    if (g_strcmp0(last->state, open[i]) == 0)
      return true;
  return false;
}

// A run that is gone on with after its approval has expired has the rest held.
static void tell_expiring(const Morning *morning, const Plans *last)
{
  g_autofree char *path = last->path != NULL ? approvals_path(last->path) : NULL;
  g_autoptr(Approvals) approvals = path != NULL ? approvals_read(path, NULL) : NULL;
  for (guint i = 0; approvals != NULL && goes_on(last) && i < approvals->list->len; i++) {
    const Approval *approval = approvals->list->pdata[i];
    if (approval->expires > morning->night.at + SOON_DAYS * 24 * 3600)
      continue;
    g_autoptr(GString) end = g_string_new(NULL);
    instant_format(approval->expires, end);
    g_autofree char *what = g_strdup_printf(
        "承認（%s）の期限 %.10s %.5s %s", approval->who, end->str, end->str + strlen("2027-04-01T"),
        approval->expires > morning->night.at ? "までに残りを終えるか"
                                              : "が切れた。もう一度承認するか");
    g_autofree char *command = g_strconcat("idou approve ", last->path, " --list", NULL);
    tell(morning->night.decide, morning, what, command);
  }
}

static Plans last_plan(const Morning *morning)
{
  RunRow run;
  const GArray *runs = morning->night.runs;
  if (runs->len == 0 ||
      !store_run_get(morning->store, g_array_index(runs, ReportNightRun, runs->len - 1).run, &run))
    return (Plans){0};
  return (Plans){run.id, keep(morning, run.plan_path), keep(morning, run.state)};
}

// Held by a guard: an approval lets it pass, for one plan; what a person holds is told by the hold.
static void tell_held(const Morning *morning, const Plans *last)
{
  g_autofree char *show = g_strconcat("idou show ", last->path, NULL);
  g_autofree char *approve =
      g_strconcat("idou approve ", last->path, " --by 氏名 --ref 決裁番号 --reason 理由", NULL);
  if (!is_guarded(morning) || last->path == NULL)
    return;
  tell(morning->night.decide, morning, "安全装置が保留したものを見る", show);
  tell(morning->night.decide, morning, "… よければ承認する", approve);
}

static void tell_next(const Morning *morning, const Plans *last)
{
  GArray *next = morning->night.next;
  if (morning->night.runs->len == 0)
    tell(next, morning, "夜の実行がない。ジョブの状態を見る", "idou status");
  if (goes_on(last))
    tell(next, morning, "終わっていない実行を続ける", "idou resume");
  if (has_state(morning, "unknown") || has_state(morning, "sent"))
    tell(next, morning, "結果の分からないものを確かめ、続ける", "idou resume");
  if (has_state(morning, "failed") || has_state(morning, "refused"))
    tell(next, morning, "失敗・拒否の原因を除いてから、もう一度予定を作る",
         "idou plan --as-of today");
  g_autofree char *undo =
      g_strdup_printf("idou undo %" G_GINT64_FORMAT " --by 氏名 --reason 理由", last->run);
  if (has_state(morning, "done"))
    tell(next, morning, "誤って反映したものがあれば巻き戻す", undo);
  tell(next, morning, "ログインできない職員を窓口に知らせる", "idou report logins");
  tell(next, morning, "もう何も残っていないことを確かめる", "idou plan --as-of today --summary");
}

static bool make(Morning *morning, GError **error)
{
  if (!read_runs(morning, error))
    return false;
  for (guint i = 0; i < morning->order->len; i++)
    count(morning, morning->order->pdata[i]);
  g_array_sort(morning->night.counts, compare_counts);
  Plans last = last_plan(morning);
  if (!tell_holds(morning, error) || !tell_receipts(morning, error) ||
      !inquiry_counts_each(morning->store, NULL, date_of_instant(morning->night.at), take_inquiry,
                           morning, error))
    return false;
  tell_expiring(morning, &last);
  tell_held(morning, &last);
  tell_next(morning, &last);
  return store_check(morning->store, error);
}

bool job_report_morning(const Site *site, ReportBook **out, GError **error)
{
  Instant now = instant_now();
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL)
    return false;
  g_autoptr(GHashTable) ops = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_seen);
  g_autoptr(GPtrArray) order = g_ptr_array_new();
  g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(ReportNightRun));
  g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(ReportNightCount));
  g_autoptr(GArray) decide = g_array_new(FALSE, FALSE, sizeof(ReportNightItem));
  g_autoptr(GArray) next = g_array_new(FALSE, FALSE, sizeof(ReportNightItem));
  Morning morning = {.site = site,
                     .store = store,
                     .night = {.since = date_start(date_of_instant(now)) - NIGHT_BEGINS,
                               .at = now,
                               .runs = runs,
                               .counts = counts,
                               .decide = decide,
                               .next = next},
                     .ops = ops,
                     .order = order,
                     .texts = g_string_chunk_new(4096)};
  bool fine = make(&morning, error);
  if (fine)
    *out = report_morning(&morning.night);
  g_string_chunk_free(morning.texts);
  return fine;
}
