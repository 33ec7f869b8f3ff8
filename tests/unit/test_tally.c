// SPDX-License-Identifier: GPL-3.0-or-later
//
// Months counted from a journal that was made for it: what stands in which month, what is one case, what is missing.
#include "unit/unit.h"

#include <idou/report.h>
#include <string.h>

static Store *new_store(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
  Store *store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  return store;
}

static void clock_is(const char *moment)
{
  g_setenv("IDOU_NOW", moment, true);
}

static int64_t begin(Store *store, const char *moment, bool desk)
{
  clock_is(moment);
  RunRow run = {.digest = moment,
                .started = instant_now(),
                .ended = INSTANT_NONE,
                .state = "running",
                .desk = desk};
  int64_t id = store_run_add(store, &run, NULL);
  UNIT_TRUE(id > 0);
  return id;
}

typedef struct Deed {
  const char *moment;  // NULL = as the one before
  uint32_t n;
  const char *target, *object, *kind, *state;
  uint32_t person;
  const char *cause, *matter;
} Deed;

static void journal(Store *store, int64_t run, const Deed *deeds, const char *ends)
{
  for (const Deed *deed = deeds; deed->target; deed++) {
    if (deed->moment)
      clock_is(deed->moment);
    OpRow row = {.run = run,
                 .n = deed->n,
                 .target = deed->target,
                 .object = deed->object,
                 .kind = deed->kind,
                 .state = deed->state,
                 .person = deed->person,
                 .cause = deed->cause,
                 .matter = deed->matter};
    UNIT_TRUE(store_op_set(store, &row, NULL));
  }
  if (ends)
    UNIT_TRUE(store_run_end(store, run, ends, NULL));
}

static void count(Store *store, const char *month, const char *now, TallyMonth *out)
{
  g_autoptr(GError) error = NULL;
  TallyPeriod period = {0};
  clock_is(now);
  UNIT_TRUE(tally_month_parse(month, &period), "%s", month);
  UNIT_TRUE(tally_month(&(TallyAsk){.store = store, .period = period, .now = instant_now()}, out,
                        &error));
  UNIT_NO_ERROR(error);
}

static int64_t done_of(const TallyMonth *month, const char *target, const char *kind, TallyEnd end)
{
  int64_t n = 0;
  for (guint i = 0; i < month->ops->len; i++) {
    const TallyOps *ops = &g_array_index(month->ops, TallyOps, i);
    if (strcmp(ops->target, target) == 0 && strcmp(ops->kind, kind) == 0)
      n += ops->n[end];
  }
  return n;
}

static unsigned holes_of(const TallyMonth *month, TallyGap gap)
{
  unsigned n = 0;
  for (guint i = 0; i < month->holes->len; i++)
    n += g_array_index(month->holes, TallyHole, i).gap == gap;
  return n;
}

// ---------------------------------------------------------------------------------------------

static void months(void)
{
  static const struct {
    const char *text;
    bool good;
    const char *first, *next;
  } rows[] = {{"2027-04", true, "2027-04-01", "2027-05-01"},
              {"2027-12", true, "2027-12-01", "2028-01-01"},
              {"2028-02", true, "2028-02-01", "2028-03-01"},
              {"2027-13", false, "", ""},
              {"2027-4", false, "", ""},
              {"2027-04-01", false, "", ""},
              {"", false, "", ""},
              {"0000-01", false, "", ""}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    TallyPeriod period = {DATE_NONE, DATE_NONE};
    g_autoptr(GString) first = g_string_new(NULL);
    g_autoptr(GString) next = g_string_new(NULL);
    UNIT_TRUE(tally_month_parse(rows[i].text, &period) == rows[i].good, "%s", rows[i].text);
    date_format(period.first, first);
    date_format(period.next, next);
    UNIT_STR(first->str, rows[i].first, "%s", rows[i].text);
    UNIT_STR(next->str, rows[i].next, "%s", rows[i].text);
  }
  TallyPeriod before = tally_month_before(date_of(2027, 1, 31));
  UNIT_INT(before.first, date_of(2026, 12, 1));
}

// The month ends at midnight here, nine hours before it does in Greenwich.
static void midnight_here(void)
{
  g_autoptr(Store) store = new_store();
  int64_t run = begin(store, "2027-04-30T23:50:00+09:00", false);
  journal(store, run,
          (const Deed[]){
              {"2027-04-30T23:59:59+09:00", 1, "ldap", "account/1", "create", "done", 1, "hire",
               "city/1"},
              {"2027-05-01T00:00:00+09:00", 2, "ldap", "account/2", "create", "done", 2, "hire",
               "city/2"},
              {"2027-04-30T15:00:00Z", 3, "ad", "account/2", "create", "done", 2, "hire", "city/2"},
              {NULL}},
          "done");
  g_auto(TallyMonth) april = {0};
  g_auto(TallyMonth) may = {0};
  count(store, "2027-04", "2027-06-01T00:00:00+09:00", &april);
  count(store, "2027-05", "2027-06-01T00:00:00+09:00", &may);
  UNIT_INT(done_of(&april, "ldap", "create", TALLY_DONE), 1);
  UNIT_INT(done_of(&may, "ldap", "create", TALLY_DONE), 1);
  UNIT_INT(done_of(&may, "ad", "create", TALLY_DONE), 1);
  UNIT_INT(april.cases[TALLY_ORDER].done, 1);
  UNIT_INT(may.cases[TALLY_ORDER].done, 1);
  UNIT_INT(may.cases[TALLY_ORDER].n_ops, 2);
  UNIT_INT(april.n_runs, 1);
  UNIT_INT(holes_of(&april, TALLY_NO_OPS), 0, "what was done after midnight is not missing");
  UNIT_INT(may.n_runs, 1, "it went on into this month");
}

static void add_order_from(Store *store, const char *number, const char *kind, const char *taken,
                           const char *known)
{
  clock_is(taken);
  IntakeRow intake = {.name = number,
                      .sha256 = number,
                      .layout = "l",
                      .kind = "orders",
                      .space = "city",
                      .declared = DATE_NONE,
                      .taken = instant_now()};
  int64_t file = store_intake_add(store, &intake, NULL);
  int64_t row = store_row_add(store, file, 2, "raw", 3, NULL);
  clock_is(known);
  OrderRow order = {.row = row,
                    .space = "city",
                    .number = number,
                    .person = 1,
                    .person_number = "1",
                    .old_number = "",
                    .target = "",
                    .kind = kind,
                    .date = date_of(2027, 4, 2),
                    .said = "{}",
                    .known_from = instant_now(),
                    .known_to = INSTANT_OPEN,
                    .state = "holds",
                    .reason = ""};
  UNIT_TRUE(store_order_add(store, &order, NULL), "%s", number);
}

static void add_order(Store *store, const char *number, const char *kind, const char *known)
{
  add_order_from(store, number, kind, known, known);
}

// A request is one case, whatever its operations; it is counted when the first of them is done, and only then.
static void cases(void)
{
  g_autoptr(Store) store = new_store();
  add_order(store, "req:1", "request", "2027-03-30T10:00:00+09:00");
  add_order(store, "req:2", "request", "2027-04-02T10:00:00+09:00");
  add_order(store, "req:2", "request", "2027-04-03T10:00:00+09:00");
  add_order(store, "7", "transfer", "2027-04-03T10:00:00+09:00");
  int64_t march = begin(store, "2027-03-31T20:00:00+09:00", false);
  journal(store, march,
          (const Deed[]){{NULL, 1, "ldap", "group/a", "join", "done", 1, "other", "city/req:1"},
                         {NULL}},
          "done");
  int64_t april = begin(store, "2027-04-10T20:00:00+09:00", false);
  journal(
      store, april,
      (const Deed[]){{NULL, 1, "ldap", "group/a", "leave", "done", 1, "other", "city/req:1"},
                     {NULL, 2, "ldap", "group/b", "join", "done", 1, "other", "city/req:2"},
                     {NULL, 3, "ad", "group/b", "join", "done", 1, "other", "city/req:2"},
                     {NULL, 4, "ad", "group/c", "join", "refused", 1, "other", "city/req:9"},
                     {NULL, 5, "ad", "account/1", "modify", "done", 1, "move", "city/7"},
                     {NULL, 6, "ad", "account/2", "modify", "done", 2, "rename", "roster.csv:4"},
                     {NULL, 7, "ad", "account/3", "modify", "done", 3, "other", NULL},
                     {NULL}},
      "failed");
  int64_t desk = begin(store, "2027-04-11T09:00:00+09:00", true);
  journal(
      store, desk,
      (const Deed[]){{NULL, 1, "ad", "account/1", "modify", "done", 1, "reset-password", NULL},
                     {NULL, 2, "ldap", "account/1", "modify", "done", 1, "reset-password", NULL},
                     {NULL, 3, "ad", "account/2", "modify", "done", 2, "reset-password", NULL},
                     {NULL}},
      "done");
  int64_t unlock = begin(store, "2027-04-12T09:00:00+09:00", true);
  journal(store, unlock,
          (const Deed[]){{NULL, 1, "ad", "account/1", "modify", "done", 1, "unlock", NULL}, {NULL}},
          "done");
  g_auto(TallyMonth) month = {0};
  count(store, "2027-04", "2027-05-01T00:00:00+09:00", &month);
  static const struct {
    TallyCase what;
    int64_t came, done, n_ops;
  } rows[] = {{TALLY_REQUEST, 1, 1, 3}, {TALLY_ORDER, 1, 1, 1},  {TALLY_LIST, 0, 1, 1},
              {TALLY_RESET, 2, 2, 3},   {TALLY_UNLOCK, 1, 1, 1}, {TALLY_DESK, 0, 0, 0}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const TallyCases *got = &month.cases[rows[i].what];
    UNIT_INT(got->came, rows[i].came, "%s came", tally_case_name(rows[i].what));
    UNIT_INT(got->done, rows[i].done, "%s done", tally_case_name(rows[i].what));
    UNIT_INT(got->n_ops, rows[i].n_ops, "%s operations", tally_case_name(rows[i].what));
  }
  UNIT_INT(done_of(&month, "ad", "reset-password", TALLY_DONE), 2);
  UNIT_INT(done_of(&month, "ad", "unlock", TALLY_DONE), 1);
  UNIT_INT(month.n_desk_runs, 2);
  UNIT_INT(holes_of(&month, TALLY_NO_OPS), 0);
  // What was taken in may be purged: figures stay.
  UNIT_TRUE(store_rows_purge(store, INSTANT_OPEN, NULL) > 0);
  g_auto(TallyMonth) again = {0};
  count(store, "2027-04", "2027-05-01T00:00:00+09:00", &again);
  UNIT_INT(again.cases[TALLY_REQUEST].done, 1);
  UNIT_INT(again.cases[TALLY_REQUEST].came, 1);
}

// What is met again each night is one thing to look at.
static void held_each_night(void)
{
  g_autoptr(Store) store = new_store();
  static const char *const nights[] = {"2027-04-01T20:00:00+09:00", "2027-04-02T20:00:00+09:00",
                                       "2027-04-03T20:00:00+09:00"};
  for (size_t i = 0; i < G_N_ELEMENTS(nights); i++) {
    int64_t run = begin(store, nights[i], false);
    journal(store, run,
            (const Deed[]){{NULL, 1, "ad", "account/1", "delete", "held", 1, "retire", NULL},
                           {NULL, 2, "ad", "account/2", "delete", "failed", 2, "retire", NULL},
                           {NULL, 3, "ad", "group/g", "join", "refused", 1, "move", NULL},
                           {NULL, 4, "ad", "group/g", "join", "refused", 2, "move", NULL},
                           {NULL, 5, "csv", "account/2", "create", "receipt", 2, "hire", NULL},
                           {NULL}},
            "failed");
  }
  g_auto(TallyMonth) month = {0};
  count(store, "2027-04", "2027-05-01T00:00:00+09:00", &month);
  UNIT_INT(done_of(&month, "ad", "delete", TALLY_HELD), 1);
  UNIT_INT(done_of(&month, "ad", "delete", TALLY_FAILED), 1);
  UNIT_INT(done_of(&month, "ad", "join", TALLY_REFUSED), 2);
  UNIT_INT(done_of(&month, "csv", "create", TALLY_AWAITED), 3);
  // A later night did some of it, and another thing became of the rest.
  journal(store, begin(store, "2027-04-04T20:00:00+09:00", false),
          (const Deed[]){{NULL, 1, "ad", "account/1", "delete", "refused", 1, "retire", NULL},
                         {NULL, 2, "ad", "account/2", "delete", "done", 2, "retire", NULL},
                         {NULL, 3, "ad", "group/g", "join", "done", 1, "move", NULL},
                         {NULL, 4, "ad", "account/3", "modify", "held", 3, "move", NULL},
                         {NULL, 5, "ad", "account/3", "modify", "done", 3, "move", NULL},
                         {NULL}},
          "failed");
  g_auto(TallyMonth) later = {0};
  count(store, "2027-04", "2027-05-01T00:00:00+09:00", &later);
  static const struct {
    const char *kind;
    int64_t n[TALLY_N_ENDS];
  } rows[] = {{"delete", {1, 0, 0, 1, 0}}, {"join", {1, 0, 0, 1, 0}}, {"modify", {1, 0, 1, 0, 0}}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    for (TallyEnd end = 0; end < TALLY_N_ENDS; end++)
      UNIT_INT(done_of(&later, "ad", rows[i].kind, end), rows[i].n[end], "%s %s", rows[i].kind,
               tally_end_name(end));
}

// An order under an embargo is not told of by its number either.
static void embargo(void)
{
  static const struct {
    const char *now;
    int64_t came;
  } rows[] = {{"2027-03-20T10:00:00+09:00", 1},
              {"2027-03-25T09:59:59+09:00", 1},
              {"2027-03-25T10:00:00+09:00", 2},
              {"2027-04-10T10:00:00+09:00", 2}};
  g_autoptr(Store) store = new_store();
  add_order(store, "1", "transfer", "2027-03-12T10:00:00+09:00");
  add_order_from(store, "2", "transfer", "2027-03-12T10:00:00+09:00", "2027-03-25T10:00:00+09:00");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_auto(TallyMonth) month = {0};
    count(store, "2027-03", rows[i].now, &month);
    UNIT_INT(month.cases[TALLY_ORDER].came, rows[i].came, "%s", rows[i].now);
  }
}

static void gaps(void)
{
  g_autoptr(Store) store = new_store();
  static const Deed lacking[] = {{NULL, 1, "ad", "account/1", "modify", "done", 1, "move", NULL},
                                 {NULL, 4, "ad", "account/2", "modify", "done", 2, "move", NULL},
                                 {NULL}};
  static const Deed whole[] = {{NULL, 1, "ad", "account/1", "modify", "done", 1, "move", NULL},
                               {NULL}};
  journal(store, begin(store, "2027-04-10T20:00:00+09:00", false), lacking, "done");
  journal(store, begin(store, "2027-04-12T20:00:00+09:00", false), whole, NULL);
  journal(store, begin(store, "2027-04-11T20:00:00+09:00", false), whole, "done");
  g_auto(TallyMonth) april = {0};
  count(store, "2027-04", "2027-04-20T00:00:00+09:00", &april);
  UNIT_INT(holes_of(&april, TALLY_NO_OPS), 1);
  UNIT_INT(holes_of(&april, TALLY_NO_END), 1);
  UNIT_INT(holes_of(&april, TALLY_CLOCK), 1);
  UNIT_INT(holes_of(&april, TALLY_BEFORE), 1, "its first days are before the first run");
  UNIT_INT(holes_of(&april, TALLY_UNFINISHED), 1);
  UNIT_INT(holes_of(&april, TALLY_NO_RUN), 0);
  g_auto(TallyMonth) march = {0};
  count(store, "2027-03", "2027-04-20T00:00:00+09:00", &march);
  UNIT_INT(holes_of(&march, TALLY_BEFORE), 1);
  UNIT_INT(holes_of(&march, TALLY_NO_OPS), 0, "that is another month's");
  TallyPeriod coming = tally_month_of(date_of(2027, 5, 1));
  g_autoptr(GError) error = NULL;
  g_auto(TallyMonth) may = {0};
  UNIT_TRUE(!tally_month(&(TallyAsk){.store = store, .period = coming, .now = instant_now()}, &may,
                         &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE));
}

// Runs that an earlier version began, whoever ended them: their cases are not known, and that is told.
static void without_case(void)
{
  g_autoptr(Store) store = new_store();
  static const Deed deeds[] = {{NULL, 1, "ad", "account/1", "modify", "done", 1, "move", NULL},
                               {NULL, 2, "ad", "group/a", "join", "done", 1, "move", NULL},
                               {NULL, 3, "ad", "group/b", "join", "done", 1, "move", "city/1"},
                               {NULL}};
  journal(store, begin(store, "2027-04-10T20:00:00+09:00", false), deeds, "done");
  UNIT_TRUE(store_cursor_set(store, "journal", "without-case", "1", NULL));
  journal(store, begin(store, "2027-05-10T20:00:00+09:00", false), deeds, "done");
  g_auto(TallyMonth) april = {0};
  g_auto(TallyMonth) may = {0};
  count(store, "2027-04", "2027-06-20T00:00:00+09:00", &april);
  count(store, "2027-05", "2027-06-20T00:00:00+09:00", &may);
  UNIT_INT(holes_of(&april, TALLY_UNSIGNED), 1);
  UNIT_INT(holes_of(&may, TALLY_UNSIGNED), 0, "a grace that ends is nobody's case");
}

static void nothing_at_all(void)
{
  g_autoptr(Store) store = new_store();
  g_auto(TallyMonth) month = {0};
  count(store, "2027-04", "2027-05-20T00:00:00+09:00", &month);
  UNIT_INT(month.ops->len, 0);
  UNIT_INT(holes_of(&month, TALLY_BEFORE), 1);
}

// ---------------------------------------------------------------------------------------------

static void restrict_it(Store *store, const char *object, const char *since, Date until)
{
  clock_is(since);
  RestrictionRow row = {.target = "ad",
                        .object = object,
                        .cause = RESTRICTION_DORMANT,
                        .what = RESTRICT_DISABLE,
                        .group = "",
                        .reason = "",
                        .source = "",
                        .who = "w",
                        .since = instant_now(),
                        .until = until};
  UNIT_TRUE(store_restriction_add(store, &row, NULL) > 0, "%s", object);
}

static void stages_and_claims(void)
{
  g_autoptr(Store) store = new_store();
  restrict_it(store, "account/1", "2027-03-30T00:00:00+09:00", DATE_OPEN);
  restrict_it(store, "account/2", "2027-04-02T00:00:00+09:00", DATE_OPEN);
  restrict_it(store, "account/3", "2027-04-02T00:00:00+09:00", date_of(2027, 4, 20));
  restrict_it(store, "account/4", "2027-05-01T00:00:00+09:00", DATE_OPEN);
  clock_is("2027-04-15T00:00:00+09:00");
  UNIT_TRUE(store_restriction_lift(store, 1, "w", "used again", NULL));
  ClaimRow claim = {.target = "ad",
                    .object = "account/9",
                    .cause = RESTRICTION_DORMANT,
                    .group = "",
                    .until = date_of(2027, 5, 1),
                    .reason = "<b>",
                    .source = "",
                    .who = "w",
                    .since = instant_now()};
  UNIT_TRUE(store_claim_add(store, &claim, NULL) > 0);
  int64_t id = store_hold_add(
      store,
      &(HoldRow){
          .kind = "person", .name = "000001", .reason = "r", .who = "w", .since = instant_now()},
      NULL);
  UNIT_TRUE(store_hold_release(store, id, "w", "over", NULL));
  g_auto(TallyMonth) month = {0};
  count(store, "2027-04", "2027-06-01T00:00:00+09:00", &month);
  UNIT_INT(month.stages->len, 1);
  const TallyStage *stage = &g_array_index(month.stages, TallyStage, 0);
  UNIT_INT(stage->made, 2);
  UNIT_INT(stage->lifted, 1);
  UNIT_INT(stage->ended, 1);
  UNIT_INT(stage->stand, 1);
  UNIT_INT(month.exceptions->len, 2);
  const TallyException *first = &g_array_index(month.exceptions, TallyException, 0);
  UNIT_STR(first->kind, "claim");
  UNIT_TRUE(first->begun && !first->ended, "it ends with the month, and so after it");
  UNIT_TRUE(g_array_index(month.exceptions, TallyException, 1).ended, "released");
}

// Who has not answered when the month is over, even if they did since.
static void overdue(void)
{
  static const struct {
    const char *unit;
    int due_month, due_day;
    bool told;
  } rows[] = {{"a", 4, 10, true}, {"b", 4, 30, false}, {"c", 5, 10, false}, {"d", 4, 12, false}};
  g_autoptr(Store) store = new_store();
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    InquiryRow inquiry = {.cause = RESTRICTION_DORMANT,
                          .unit = rows[i].unit,
                          .unit_name = rows[i].unit,
                          .title = "t",
                          .who = "w",
                          .asked = date_of(2027, 4, 1),
                          .due = date_of(2027, rows[i].due_month, rows[i].due_day),
                          .limit = DATE_OPEN};
    QuestionRow question = {.n = 1,
                            .target = "ad",
                            .object = rows[i].unit,
                            .group = "",
                            .stable_id = "",
                            .number = "",
                            .label = "",
                            .system = "",
                            .account = "",
                            .text = "",
                            .used = INSTANT_NONE,
                            .proposed = ""};
    question.inquiry = store_inquiry_add(store, &inquiry, NULL);
    UNIT_TRUE(store_question_add(store, &question, NULL));
    // a answers too late, d in time.
    clock_is(i == 0 ? "2027-05-02T00:00:00+09:00" : "2027-04-11T00:00:00+09:00");
    question.state = i == 0 || i == 3 ? QUESTION_KEEP : QUESTION_OPEN;
    question.answered = i == 0 || i == 3 ? instant_now() : INSTANT_NONE;
    question.reason = question.answered_by = question.source = "";
    question.until = DATE_NONE;
    UNIT_TRUE(store_question_answer(store, &question, NULL));
  }
  g_auto(TallyMonth) month = {0};
  count(store, "2027-04", "2027-06-01T00:00:00+09:00", &month);
  UNIT_INT(month.overdue->len, 1);
  UNIT_STR(g_array_index(month.overdue, TallyOverdue, 0).unit, "a");
}

static void measures(void)
{
  g_autoptr(Store) store = new_store();
  static const struct {
    const char *moment, *name;
    int64_t used;
  } rows[] = {{"2027-03-31T23:59:59+09:00", "units/a", 1},
              {"2027-04-01T00:00:00+09:00", "units/a", 10},
              {"2027-04-30T23:00:00+09:00", "units/a", 25},
              {"2027-04-30T23:00:00+09:00", "units/b", 7}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    clock_is(rows[i].moment);
    UNIT_TRUE(store_measure_add(store,
                                &(MeasureRow){.kind = MEASURE_FOLDER,
                                              .target = "share",
                                              .name = rows[i].name,
                                              .taken = instant_now(),
                                              .used = rows[i].used,
                                              .most = 100},
                                NULL));
  }
  g_auto(TallyMonth) month = {0};
  count(store, "2027-04", "2027-06-01T00:00:00+09:00", &month);
  UNIT_INT(month.measures->len, 2);
  const TallyMeasure *a = &g_array_index(month.measures, TallyMeasure, 0);
  UNIT_STR(a->name, "units/a");
  UNIT_INT(a->used_first, 10);
  UNIT_INT(a->used, 25);
}

// ---------------------------------------------------------------------------------------------
// The book of it, in every format.

static void book(void)
{
  static const char hostile[] = "=cmd|' /C calc'!A0\"></title><script>alert(1)</script>\u202E";
  static const ReportColumn columns[] = {{"who", "who", false}, {"n", "n", true}};
  g_autoptr(ReportBook) it = report_book_new("test", hostile);
  report_book_fact(it, "fact", hostile, hostile);
  report_book_note(it, "note", hostile);
  report_book_tile(it, "tile", hostile, -7);
  report_book_table(it, "one", hostile, columns, 2);
  report_book_bars(it, 1);
  report_book_text(it, hostile);
  report_book_number(it, -12);
  report_book_table(it, "two", "empty", columns, 2);
  static const struct {
    const char *format, *has;
    const char *hasnt[3];
  } rows[] = {{"csv", "'=cmd", {"\n=cmd", ",=cmd", "\u202E"}},
              {"html", "&lt;script&gt;", {"<script>alert", "\u202E", "\"></title><"}},
              {"json", "\"n\": -12", {"\u202E", NULL}},
              {"text", "alert(1)", {"\u202E", NULL}},
              {"pdf", "%PDF-", {"alert(1)", NULL}}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(report_book_write(it, rows[i].format, NULL, out, &error), "%s", rows[i].format);
    UNIT_NO_ERROR(error);
    UNIT_TRUE(strstr(out->str, rows[i].has), "%s: %s", rows[i].format, out->str);
    for (size_t k = 0; k < 3 && rows[i].hasnt[k]; k++)
      UNIT_TRUE(!strstr(out->str, rows[i].hasnt[k]), "%s has %s", rows[i].format, rows[i].hasnt[k]);
  }
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(!report_book_write(it, "csv", "three", out, &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE));
  g_clear_error(&error);
  UNIT_TRUE(!report_book_write(it, "xls", NULL, out, &error));
  UNIT_TRUE(report_book_write(it, "csv", "two", out, NULL));
  UNIT_STR(out->str, "who,n\r\n");
}

static void encodings(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GString) text = g_string_new("髙﨑\U00020BB7,1\r\n");
  UNIT_TRUE(report_encode(text, "cp932", findings, NULL));
  UNIT_INT(text->len, 10, "two bytes each, and 〓");
  UNIT_INT(findings_count(findings), 1);
  UNIT_TRUE(strstr(findings_at(findings, 0)->text, "20BB7"), "%s", findings_at(findings, 0)->text);
  UNIT_TRUE(!report_encode(text, "latin1", findings, NULL));
}

// ---------------------------------------------------------------------------------------------
// Seats, day by day.

static Instant on(int month, int day)
{
  return date_start(date_of(2027, month, day));
}

static void seats(void)
{
  static const TargetConfig config = {
      .name = "t", .disable_attribute = "lock", .disable_value = "1"};
  const OpValue locked = {VALUE_TEXT, "1", 1};
  const OpChange off = {.attribute = "lock", .new_values = &locked, .n_new = 1};
  const Op ops[] = {
      {.kind = OP_DISABLE, .object = "account/1", .not_before = on(4, 1)},
      {.kind = OP_DELETE, .object = "account/2", .stable_id = "on", .not_before = INSTANT_NONE},
      {.kind = OP_DELETE, .object = "account/3", .stable_id = "off", .not_before = INSTANT_NONE},
      {.kind = OP_CREATE,
       .object = "account/4",
       .changes = &off,
       .n_changes = 1,
       .not_before = INSTANT_NONE},
      {.kind = OP_ENABLE, .object = "account/4", .not_before = on(4, 1)},
      {.kind = OP_CREATE, .object = "account/5", .not_before = on(4, 1)},
      {.kind = OP_CREATE, .object = "accounting/6", .not_before = INSTANT_NONE},
      {.kind = OP_CREATE, .object = "account/7", .not_before = on(4, 3)},
      {.kind = OP_DISABLE, .object = "account/8", .not_before = on(4, 5)},
      {.kind = OP_JOIN, .object = "group/1", .member = "account/9", .not_before = INSTANT_NONE}};
  g_autoptr(GHashTable) is_on = g_hash_table_new(g_str_hash, g_str_equal);
  g_hash_table_add(is_on, (char *)"on");
  const TallySeen seen = {10, 8, is_on};
  static const struct {
    bool enabled_only;
    int64_t seats, used, reserve, net, peak, lacking;
    int month, day;
  } rows[] = {{true, 9, 8, 0, 0, 9, 0, 4, 3},  // 8 -1 | -1 +1 +1 | +1 | -1
              {true, 8, 8, 0, 0, 9, 1, 4, 3},
              {true, 9, 8, 2, 0, 9, 2, 4, 3},
              // 10 +1, then -1 -1 | +1 | +1: what is deleted goes after what comes that day.
              {false, 10, 10, 0, 1, 11, 1, 3, 31}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const TallyLicence licence = {.target = "t",
                                  .product = "p",
                                  .klass = "account",
                                  .seats = rows[i].seats,
                                  .reserve = rows[i].reserve,
                                  .until = DATE_OPEN,
                                  .enabled_only = rows[i].enabled_only};
    const TallyCount what = {&licence, &config, ops, G_N_ELEMENTS(ops), date_of(2027, 3, 31)};
    TallySeats out = {.used = rows[i].used};
    tally_seats(&what, &seen, &out);
    UNIT_INT(out.net, rows[i].net, "row %zu", i);
    UNIT_INT(out.peak, rows[i].peak, "row %zu", i);
    UNIT_INT(out.lacking, rows[i].lacking, "row %zu", i);
    UNIT_INT(out.peak_day, date_of(2027, rows[i].month, rows[i].day), "row %zu", i);
  }
}

static void contract_ends(void)
{
  static const struct {
    int month, day;
    bool told;
  } rows[] = {{2, 14, false}, {2, 15, true}, {3, 31, true}, {5, 1, true}};
  const TallyLicence licence = {
      .target = "t", .product = "p", .until = date_of(2027, 4, 1), .warn_days = 45};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    Date today = date_of(2027, rows[i].month, rows[i].day);
    UNIT_TRUE(tally_licence_ends(&licence, today, text) == rows[i].told, "row %zu", i);
  }
}

static const UnitTest tests[] = {
    {"months", months},
    {"midnight_here", midnight_here},
    {"cases", cases},
    {"held_each_night", held_each_night},
    {"embargo", embargo},
    {"without_case", without_case},
    {"gaps", gaps},
    {"nothing_at_all", nothing_at_all},
    {"stages_and_claims", stages_and_claims},
    {"overdue", overdue},
    {"measures", measures},
    {"book", book},
    {"encodings", encodings},
    {"seats", seats},
    {"contract_ends", contract_ends},
    {NULL, NULL},
};
UNIT_SUITE(tally, tests);
