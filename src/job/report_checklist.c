// SPDX-License-Identifier: GPL-3.0-or-later
//
// The checklist of a night: what plans that wait will do, by time, work and target, and what the journal says of it.
#include "job/job_p.h"

#include <idou/orders.h>

#include <string.h>

#define DAY_SECONDS (24 * 3600)
#define MOST_CHANGES 16  // of a window, in a day

typedef struct Work {
  const char *words, *stop;
} Work;

// In the order in which a night does them.
typedef enum WorkKind {
  WORK_LEDGER,
  WORK_GRANT,
  WORK_CHANGE,
  WORK_REVOKE,
  WORK_DELETE,
  WORK_HANDS,
  N_WORKS
} WorkKind;

static const Work works[N_WORKS] = {
    [WORK_LEDGER] = {"台帳への記録", "差が0でなければ次へ進まない"},
    [WORK_GRANT] = {"作成・付与・再開", "失敗が続けばその系統を止め、原因を確かめる"},
    [WORK_CHANGE] = {"変更・移動", "失敗が続けばその系統を止め、原因を確かめる"},
    [WORK_REVOKE] = {"停止・解除", "失敗が1件でもあれば削除に進まない"},
    [WORK_DELETE] = {"削除", "予定にない削除、失敗が1件でもあれば中止"},
    [WORK_HANDS] = {"手作業", "終わらなければ朝の報告に載せる"},
};

static const WorkKind work_of[OP_N_KINDS] = {
    [OP_ALLOCATE] = WORK_GRANT, [OP_ADOPT] = WORK_GRANT,  [OP_RELEASE] = WORK_REVOKE,
    [OP_CREATE] = WORK_GRANT,   [OP_ENABLE] = WORK_GRANT, [OP_JOIN] = WORK_GRANT,
    [OP_RENAME] = WORK_CHANGE,  [OP_MOVE] = WORK_CHANGE,  [OP_MODIFY] = WORK_CHANGE,
    [OP_DISABLE] = WORK_REVOKE, [OP_LEAVE] = WORK_REVOKE, [OP_DELETE] = WORK_DELETE,
    [OP_TASK] = WORK_HANDS,
};

// ---------------------------------------------------------------------------------------------
// Plans.

typedef struct Waiting {
  Plan *plan;
  bool approved, begun;
  int64_t run;
} Waiting;

static void clear_waiting(void *data)
{
  plan_free(((Waiting *)data)->plan);
}

static void take_plan(const Site *site, Store *store, const char *path, Plan *plan, GArray *out)
{
  RunRow run;
  g_autoptr(Approvals) approvals = job_approval_beside(site, store, path, plan);
  Waiting waiting = {.plan = plan, .approved = approvals_enough(approvals)};
  waiting.begun = store_run_by_digest(store, plan_digest(plan), &run);
  waiting.run = waiting.begun ? run.id : 0;
  g_array_append_val(out, waiting);
}

static Instant made(const Waiting *waiting)
{
  return plan_envelope(waiting->plan)->made;
}

static int compare_made(const void *a, const void *b)
{
  Instant x = made(a), y = made(b);
  return x < y ? -1 : x > y;
}

static bool has_plan(const GArray *plans, const char *digest)
{
  for (guint i = 0; i < plans->len; i++)
    if (strcmp(plan_digest(g_array_index(plans, Waiting, i).plan), digest) == 0)
      return true;
  return false;
}

typedef struct Begun {
  Instant since;
  GPtrArray *paths;  // char *
} Begun;

static bool take_begun(const RunRow *run, void *data)
{
  Begun *begun = data;
  bool is_open = run->ended == INSTANT_NONE || run->ended >= begun->since;
  if (!run->desk && run->plan_path != NULL && (run->started >= begun->since || is_open))
    g_ptr_array_add(begun->paths, g_strdup(run->plan_path));
  return true;
}

// Plans may lie elsewhere than in the site's folder: the journal knows where those are that were begun.
static bool find_begun(const Site *site, Store *store, GArray *out, GError **error)
{
  Date today = date_of_instant(instant_now());
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  Begun begun = {date_start(today - 1), paths};
  if (!store_runs_ever(store, take_begun, &begun, error))
    return false;
  for (guint i = 0; i < paths->len; i++) {
    g_autoptr(Plan) plan = plan_read(paths->pdata[i], NULL);
    if (plan != NULL && plan_head(plan)->as_of >= today && !has_plan(out, plan_digest(plan)))
      take_plan(site, store, paths->pdata[i], g_steal_pointer(&plan), out);
  }
  return true;
}

// Days gone by need not be read: the day stands in the names.
static bool find_plans(const Site *site, Store *store, GArray *out, GError **error)
{
  if (!find_begun(site, store, out, error))
    return false;
  const char *name;
  Date today = date_of_instant(instant_now());
  g_autoptr(GString) least = g_string_new(NULL);
  g_autoptr(GDir) dir = g_dir_open(site->plans, 0, NULL);
  date_format(today, least);
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(site->plans, name, NULL);
    if (!g_str_has_suffix(name, ".plan") || strcmp(name, least->str) < 0)
      continue;
    g_autoptr(Plan) plan = plan_read(path, NULL);
    if (plan != NULL && plan_head(plan)->as_of >= today && !plan_head(plan)->whatif &&
        !has_plan(out, plan_digest(plan)))
      take_plan(site, store, path, g_steal_pointer(&plan), out);
  }
  g_array_sort(out, compare_made);
  // What nobody approved or began is another try, but the last of them.
  for (guint i = out->len > 0 ? out->len - 1 : 0; i > 0; i--) {
    const Waiting *waiting = &g_array_index(out, Waiting, i - 1);
    if (!waiting->approved && !waiting->begun)
      g_array_remove_index(out, i - 1);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Rows.

typedef struct Counting {
  const Site *site;
  GArray *checks;  // ReportDuty; without plan: of this plan
  const Plan *plan;
  guint first;  // of its rows
  bool begun;
  GByteArray *done;  // by number - 1
  int64_t n_bad;
  GStringChunk *texts;
} Counting;

static ReportDuty *check_of(Counting *counting, const Op *op)
{
  const Work *work = &works[work_of[op->kind]];
  for (guint i = counting->first; i < counting->checks->len; i++) {
    ReportDuty *check = &g_array_index(counting->checks, ReportDuty, i);
    if (check->work == work->words && check->when == op->not_before &&
        strcmp(check->target, op->target) == 0)
      return check;
  }
  const ReportDuty check = {
      .when = op->not_before,
      .plan = g_string_chunk_insert_const(counting->texts, plan_digest(counting->plan)),
      .work = work->words,
      .target = g_string_chunk_insert_const(counting->texts, op->target),
      .actual = counting->begun ? 0 : -1,
      .stop = work->stop};
  g_array_append_val(counting->checks, check);
  return &g_array_index(counting->checks, ReportDuty, counting->checks->len - 1);
}

static bool take_op(const OpRow *op, void *data)
{
  Counting *counting = data;
  static const char *const bad[] = {"held", "blocked", "failed", "refused", "unknown"};
  if (op->n < 1 || op->n > counting->done->len)
    return true;
  counting->done->data[op->n - 1] = strcmp(op->state, "done") == 0 ||
                                    strcmp(op->state, "already") == 0 ||
                                    strcmp(op->state, "receipt") == 0;
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
    counting->n_bad += strcmp(op->state, bad[i]) == 0;
  return true;
}

static int work_rank(const char *words)
{
  int rank = 0;
  while (rank < N_WORKS && works[rank].words != words)
    rank++;
  return rank;
}

static int compare_checks(const void *a, const void *b)
{
  const ReportDuty *x = a, *y = b;
  if (x->when != y->when)
    return x->when < y->when ? -1 : 1;
  int ranks = work_rank(x->work) - work_rank(y->work);
  return ranks != 0 ? ranks : strcmp(x->target, y->target);
}

static void add_row(Counting *counting, const ReportDuty *check)
{
  ReportDuty row = *check;
  row.plan = g_string_chunk_insert_const(counting->texts, plan_digest(counting->plan));
  g_array_append_val(counting->checks, row);
}

// Targets that the plan does not speak of are to be done by hand or again: a plan that lacks one is not whole.
static void add_unread(Counting *counting)
{
  int64_t n = 0;
  for (size_t i = 0; i < plan_n_sections(counting->plan); i++)
    n += plan_section(counting->plan, i)->unread != NULL;
  add_row(counting, &(ReportDuty){.when = INSTANT_NONE,
                                  .work = "作業前　読み取れない系統",
                                  .actual = n,
                                  .stop = "0でなければ、その系統は予定に含まれない"});
}

// When a system opens and closes in the next day: what is not written until then goes on when it opens again.
static void add_windows(Counting *counting, const TargetConfig *config)
{
  Instant last = instant_now() + DAY_SECONDS;
  WindowsState now, next;
  windows_look(config->windows, instant_now(), &now);
  for (size_t i = 0; i < MOST_CHANGES && now.until < last; i++, now = next) {
    windows_look(config->windows, now.until, &next);
    const char *why = next.closed ? next.why : "";
    g_autofree char *words = g_strdup_printf("%s%s%s", next.closed ? "系統が閉まる" : "系統が開く",
                                             *why != '\0' ? "　" : "", why);
    add_row(counting, &(ReportDuty){.when = now.until,
                                    .work = g_string_chunk_insert(counting->texts, words),
                                    .target = config->name,
                                    .expected = -1,
                                    .actual = -1,
                                    .stop = next.closed ? "残りは開いてから続ける" : ""});
  }
}

static bool speaks_of(const Plan *plan, const char *target)
{
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    if (plan_section(plan, i)->n_ops > 0 && strcmp(plan_section(plan, i)->target, target) == 0)
      return true;
  return false;
}

static bool take_latest(const IntakeRow *row, void *data)
{
  GString *latest = data;
  g_string_printf(latest, "作業前　人事データの受付　最後は第%" G_GINT64_FORMAT "号 %s", row->id,
                  row->name);
  return true;
}

// Before anything of a plan: whether all is there, and fit to begin.
static bool add_before(Store *store, Counting *counting, GError **error)
{
  g_autoptr(GString) latest = g_string_new("作業前　人事データの受付　まだない");
  g_autoptr(Findings) open = findings_new();
  if (!store_intakes_each(store, take_latest, latest, error) ||
      !orders_tell_open(store, store_known_by(store, instant_now()), open, error))
    return false;
  add_row(counting, &(ReportDuty){.when = INSTANT_NONE,
                                  .work = g_string_chunk_insert(counting->texts, latest->str),
                                  .expected = -1,
                                  .actual = -1,
                                  .stop = "後から届いたものがあれば、変更予定を作り直す"});
  add_row(counting, &(ReportDuty){.when = INSTANT_NONE,
                                  .work = "作業前　確認待ちの発令",
                                  .actual = (int64_t)findings_count(open),
                                  .stop = "0でなければ idou orders で確かめる"});
  add_row(counting, &(ReportDuty){.when = INSTANT_NONE,
                                  .work = "作業前　点検 idou doctor",
                                  .expected = -1,
                                  .actual = -1,
                                  .stop = "一つでも不可なら始めない"});
  return true;
}

static bool add_plan(Store *store, const Waiting *waiting, Counting *counting, GError **error)
{
  size_t n = plan_n_ops(waiting->plan);
  g_autoptr(GByteArray) done = g_byte_array_set_size(g_byte_array_new(), (guint)n);
  memset(done->data, 0, n);
  counting->plan = waiting->plan;
  counting->begun = waiting->begun;
  counting->done = done;
  counting->n_bad = 0;
  if (!add_before(store, counting, error))
    return false;
  add_row(counting, &(ReportDuty){.when = INSTANT_NONE,
                                  .work = "作業前　承認",
                                  .expected = 1,
                                  .actual = waiting->approved,
                                  .stop = "承認がなければ、安全装置の保留は解けない"});
  add_unread(counting);
  counting->first = counting->checks->len;
  if (waiting->begun && !store_ops_each(store, waiting->run, take_op, counting, error))
    return false;
  for (uint32_t i = 1; i <= n; i++) {
    ReportDuty *check = check_of(counting, plan_op(waiting->plan, i));
    check->expected++;
    check->actual += done->data[i - 1];
  }
  for (size_t i = 0; counting->site->targets[i] != NULL; i++)
    if (speaks_of(waiting->plan, counting->site->targets[i]->name))
      add_windows(counting, counting->site->targets[i]);
  if (counting->checks->len > counting->first)
    qsort(&g_array_index(counting->checks, ReportDuty, counting->first),
          counting->checks->len - counting->first, sizeof(ReportDuty), compare_checks);
  add_row(counting, &(ReportDuty){.when = INSTANT_NONE,
                                  .work = "作業後　保留・失敗・結果不明",
                                  .actual = waiting->begun ? counting->n_bad : -1,
                                  .stop = "0でなければ朝の報告で判断する"});
  return true;
}

static bool make(const Site *site, Store *store, const char *path, GArray *plans, GError **error)
{
  if (path == NULL)
    return find_plans(site, store, plans, error);
  Plan *plan = plan_read(path, error);
  if (plan != NULL)
    take_plan(site, store, path, plan, plans);
  return plan != NULL;
}

bool job_report_checklist(const Site *site, const char *plan, ReportBook **out, GError **error)
{
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  g_autoptr(GArray) plans = g_array_new(FALSE, FALSE, sizeof(Waiting));
  g_autoptr(GArray) checks = g_array_new(FALSE, FALSE, sizeof(ReportDuty));
  g_array_set_clear_func(plans, clear_waiting);
  if (store == NULL || !make(site, store, plan, plans, error))
    return false;
  Counting counting = {.site = site, .checks = checks, .texts = g_string_chunk_new(1024)};
  bool fine = true;
  for (guint i = 0; fine && i < plans->len; i++)
    fine = add_plan(store, &g_array_index(plans, Waiting, i), &counting, error);
  fine = fine && store_check(store, error);
  if (fine)
    *out = report_checklist(checks, instant_now());
  if (fine && plans->len == 0)
    report_book_note(*out, "no-plan", "今日以降の変更予定がない（idou plan で作る）");
  g_string_chunk_free(counting.texts);
  return fine;
}
