// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/guard.h"
#include "idou/store.h"

#include <string.h>

#define DAY 86400

// A store, a plan for target "ldap" and what is asked of the guards.
typedef struct Scene {
  Store *store;
  Plan *plan;
  GuardConfig *config;
  const GuardConfig *configs[2];
  GuardSetup setup;
} Scene;

typedef struct Many {
  OpKind kind;
  int n;
} Many;

static GuardConfig *config_of(const char *text)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Yaml) yaml = yaml_parse(text, strlen(text), "idou.yaml", findings, NULL);
  const TargetConfig target = {.name = "ldap",
                               .base = yaml_text(yaml_get(yaml_root(yaml), "base"))};
  GuardConfig *config = guard_config_read(yaml, yaml_root(yaml), &target, findings);
  UNIT_INT(findings_count(findings), 0, "%s", text);
  return config;
}

static void set_now(Instant now)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(now, text);
  g_setenv("IDOU_NOW", text->str, TRUE);
}

static void add_ops(Plan *plan, const Many *many)
{
  static const OpValue value = {.kind = VALUE_TEXT, .bytes = "x", .n = 1};
  static const OpChange change = {.attribute = "cn", .new_values = &value, .n_new = 1};
  bool edge = op_traits(many->kind)->edge;
  for (int i = 0; i < many->n; i++) {
    g_autofree char *object = g_strdup_printf("account/%d", i + 1);
    Op op = {.kind = many->kind,
             .object = edge ? "group/g" : object,
             .member = edge ? object : NULL,
             .name = "uid=x",
             .old_name = "uid=y",
             .person = (uint32_t)i + 1,
             .changes = &change,
             .n_changes = 1,
             .not_before = INSTANT_NONE};
    plan_add_op(plan, 0, &op);
  }
}

// `salt` makes plans that are otherwise equal different.
static Plan *make_plan(const Many *many, int64_t n_ours, const char *salt)
{
  PlanHead head = {.as_of = date_of(2027, 4, 1), .known_at = INSTANT_OPEN, .mapping_digest = salt};
  Plan *plan = plan_new(&head);
  PlanSection *section = plan_add_section(plan, "ldap");
  section->fingerprint = plan_intern(plan, "server-1");
  section->n_ours = n_ours;
  section->n_read = n_ours;
  section->n_desired = 1000;
  for (int i = 0; i < 100; i++) {
    g_autofree char *object = g_strdup_printf("account/%d", i + 1);
    Placed place = {.object = object, .name = "uid=x"};
    plan_add_place(plan, 0, &place);
  }
  Placed group = {.object = "group/g", .name = "cn=g"};
  plan_add_place(plan, 0, &group);
  for (; many && many->n > 0; many++)
    add_ops(plan, many);
  return plan;
}

static void seal(Scene *scene)
{
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(plan_seal(scene->plan, &error));
  UNIT_NO_ERROR(error);
}

static void set_plan(Scene *scene, Plan *plan)
{
  plan_free(scene->plan);
  scene->plan = plan;
  scene->setup.plan = plan;
}

static Scene setup(const Many *many)
{
  Scene scene = {.config = config_of("{}")};
  g_autofree char *path = g_build_filename(unit_dir(), "store", NULL);
  g_autoptr(GError) error = NULL;
  scene.store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  scene.plan = make_plan(many, 1000, "a");
  scene.configs[0] = scene.config;
  scene.setup = (GuardSetup){
      .plan = scene.plan, .store = scene.store, .now = date_start(date_of(2027, 4, 1)) + 3600};
  set_now(scene.setup.now);
  return scene;
}

static void set_config(Scene *scene, const char *text)
{
  guard_config_free(scene->config);
  scene->config = config_of(text);
  scene->configs[0] = scene->config;
}

static void teardown(Scene *scene)
{
  store_close(scene->store);
  plan_free(scene->plan);
  guard_config_free(scene->config);
  g_unsetenv("IDOU_NOW");
}

// "count ldap/disable 21; depends ldap 2"
static char *judged(Scene *scene)
{
  g_autoptr(GuardVerdict) verdict = NULL;
  g_autoptr(GError) error = NULL;
  GuardSetup with = scene->setup;
  with.configs = scene->configs;
  GString *out = g_string_new(NULL);
  if (!guard_check(&with, &verdict, &error)) {
    g_string_append(out, error->message);
    return g_string_free(out, FALSE);
  }
  int64_t n = 0;
  for (size_t i = 0; i < verdict->n_holds; i++) {
    const GuardHold *hold = &verdict->holds[i];
    g_string_append_printf(out, "%s%s", i > 0 ? "; " : "", hold->check);
    if (hold->target)
      g_string_append_printf(out, " %s", hold->target);
    if (hold->kind)
      g_string_append_printf(out, "/%s", hold->kind);
    g_string_append_printf(out, " %" G_GINT64_FORMAT, hold->count);
    n += hold->count;
  }
  UNIT_INT(guard_n_held(verdict), n);
  return g_string_free(out, FALSE);
}

#define JUDGED(scene, want, ...)          \
  do {                                    \
    g_autofree char *got = judged(scene); \
    UNIT_STR(got, want, " " __VA_ARGS__); \
  } while (0)

static void remember(Scene *scene)
{
  g_autoptr(GError) error = NULL;
  GuardSetup with = scene->setup;
  with.configs = scene->configs;
  UNIT_TRUE(store_begin(scene->store, &error) && guard_remember(&with, &error) &&
            store_commit(scene->store, &error));
  UNIT_NO_ERROR(error);
}

// As if apply had carried out the operations up to `n_done`.
static void apply_plan_until(Scene *scene, uint32_t n_done)
{
  g_autoptr(GError) error = NULL;
  store_begin(scene->store, &error);
  RunRow run = {.digest = plan_digest(scene->plan),
                .plan_path = "p",
                .host = "h",
                .started = scene->setup.now,
                .ended = INSTANT_NONE,
                .state = "running"};
  RunRow before;
  bool again = store_run_by_digest(scene->store, run.digest, &before);
  int64_t id = again ? before.id : store_run_add(scene->store, &run, &error);
  for (uint32_t n = 1; n <= n_done; n++) {
    const Op *op = plan_op(scene->plan, n);
    OpRow row = {.run = id,
                 .n = n,
                 .target = op->target,
                 .object = op->object,
                 .kind = op_traits(op->kind)->name,
                 .cause = op->cause,
                 .state = "done"};
    store_op_set(scene->store, &row, &error);
  }
  bool whole = n_done == plan_n_ops(scene->plan);
  store_run_end(scene->store, id, whole ? "done" : "interrupted", &error);
  store_commit(scene->store, &error);
  UNIT_NO_ERROR(error);
}

// ---------------------------------------------------------------------------------------------

// Population 1,000: the standard for disable is 20 or 3 %, the greater of them 30.
static void limits(void)
{
  static const struct {
    const char *config;
    int n_disable;
    const char *judged;
  } rows[] = {
      {"{}", 30, ""},
      {"{}", 31, "count ldap/disable 31"},
      {"guard: {disable: 5}", 5, ""},
      {"guard: {disable: 5}", 6, "count ldap/disable 6"},
      {"guard: {disable: 1%}", 10, ""},
      {"guard: {disable: 1%}", 11, "count ldap/disable 11"},
      {"guard: {disable: 12 or 1%}", 12, ""},
      {"guard: {disable: 2 or 1%}", 11, "count ldap/disable 11"},
      {"guard: {disable: 0}", 1, "count ldap/disable 1"},
      {"guard: {disable: none}", 100, ""},
      {"guard: {create: 1}", 30, ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup((Many[]){{OP_DISABLE, rows[i].n_disable}, {OP_MODIFY, 3}, {0}});
    set_config(&scene, rows[i].config);
    seal(&scene);
    JUDGED(&scene, rows[i].judged, "%s, %d", rows[i].config, rows[i].n_disable);
    teardown(&scene);
  }
}

// Of a plan of restrictions little is read: a share is one of what the rules want, and an empty reading is none.
static void restrictions(void)
{
  static const struct {
    const char *config;
    int n;
    bool restricted;
    const char *judged;
  } rows[] = {
      {"{}", 30, true, ""},
      {"{}", 31, true, "count ldap/restrict 31"},
      {"{}", 31, false, "empty ldap 31"},
      {"guard: {restrict: none}", 100, true, ""},
      {"guard: {restrict: 5}", 6, true, "count ldap/restrict 6"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup(NULL);
    PlanHead head = *plan_head(scene.plan);
    head.restricted = rows[i].restricted;
    Plan *plan = plan_new(&head);
    PlanSection *section = plan_add_section(plan, "ldap");
    section->fingerprint = plan_intern(plan, "server-1");
    section->n_desired = 1000;
    add_ops(plan, &(Many){OP_RESTRICT, rows[i].n});
    set_plan(&scene, plan);
    set_config(&scene, rows[i].config);
    seal(&scene);
    JUDGED(&scene, rows[i].judged, "%s, %d", rows[i].config, rows[i].n);
    UNIT_TRUE(store_begin(scene.store, NULL) && guard_remember(&scene.setup, NULL) &&
              store_commit(scene.store, NULL));
    UNIT_STR(store_cursor_get(scene.store, "ldap", "n_read"), rows[i].restricted ? NULL : "0");
    teardown(&scene);
  }
}

static void only_the_class_and_what_depends(void)
{
  Scene scene = setup((Many[]){{OP_CREATE, 60}, {OP_JOIN, 60}, {OP_DISABLE, 5}, {0}});
  for (uint32_t i = 1; i <= 60; i++)
    plan_add_after(scene.plan, 60 + i, i);
  seal(&scene);
  JUDGED(&scene, "count ldap/create 60; depends ldap 60");
  scene.configs[0] = NULL;  // no configuration: the standard limits
  JUDGED(&scene, "count ldap/create 60; depends ldap 60");
  g_autoptr(GuardVerdict) verdict = NULL;
  UNIT_TRUE(guard_check(&scene.setup, &verdict, NULL));
  UNIT_STR(verdict->held[0], NULL);  // a disable
  UNIT_STR(verdict->held[5], "more create than the limit: 60 of 50");
  UNIT_STR(verdict->held[65], "depends on operation 6, which is held");
  UNIT_STR(
      verdict->holds[0].text,
      "ldap: 60 × create planned and 0 done before (window 1 d), more than 50 (50 or 5%): all of "
      "these are held. Look at them, then approve the plan for ldap/create, or correct the limit");
  teardown(&scene);
}

// Who is not disabled keeps memberships and place, too.
static void not_half_gone(void)
{
  Scene scene = setup((Many[]){{OP_DISABLE, 40}, {OP_LEAVE, 45}, {OP_MOVE, 42}, {0}});
  seal(&scene);
  JUDGED(&scene, "count ldap/disable 40; depends ldap 80");
  teardown(&scene);
}

// A little every run adds up.
static void window(void)
{
  Scene scene = setup((Many[]){{OP_DELETE, 6}, {0}});
  seal(&scene);
  JUDGED(&scene, "");
  apply_plan_until(&scene, 6);
  remember(&scene);
  JUDGED(&scene, "", "the same plan again: it counts once");
  set_plan(&scene, make_plan((Many[]){{OP_DELETE, 5}, {0}}, 1000, "b"));
  seal(&scene);
  scene.setup.now += 3600;
  JUDGED(&scene, "count ldap/delete 5");
  set_config(&scene, "guard: {window: 2d}");
  scene.setup.now += DAY;
  JUDGED(&scene, "count ldap/delete 5");
  set_config(&scene, "guard: {window: 1d}");
  JUDGED(&scene, "");
  teardown(&scene);
}

// Nights one after the other, of so many operations each: what is held of the last one.
typedef struct Night {
  int n;
  int hours;         // after the one before
  bool other_cause;  // of restrictions
  bool approved;
} Night;

static void play_night(Scene *scene, const Night *night, const char *salt, const char *want)
{
  scene->setup.now += night->hours * 3600;
  set_now(scene->setup.now);
  set_plan(scene, make_plan(NULL, 1000, salt));
  static const OpValue value = {.kind = VALUE_TEXT, .bytes = "x", .n = 1};
  static const OpChange change = {.attribute = "cn", .new_values = &value, .n_new = 1};
  for (int i = 0; i < night->n; i++) {
    g_autofree char *object = g_strdup_printf("account/%d", i + 1);
    plan_add_op(scene->plan, 0,
                &(Op){.kind = OP_DISABLE,
                      .object = object,
                      .name = "uid=x",
                      .changes = &change,
                      .n_changes = 1,
                      .cause = night->other_cause ? RESTRICTION_DORMANT : NULL,
                      .not_before = INSTANT_NONE});
  }
  seal(scene);
  char *allows[] = {"ldap/disable", NULL};
  const Approval approval = {.digest = (char *)plan_digest(scene->plan),
                             .expires = scene->setup.now + 60,
                             .allows = allows};
  g_autoptr(Approvals) approvals = night->approved ? approvals_of(&approval) : NULL;
  scene->setup.approvals = approvals;
  g_autofree char *got = judged(scene);
  UNIT_STR(got, want, "night %s", salt);
  if (*got == '\0') {
    apply_plan_until(scene, night->n);
    remember(scene);
  }
  scene->setup.approvals = NULL;
}

// Population 1,000: 20 or 3 % within a day are 30, 50 or 6 % within a week are 60.
static void nights(void)
{
  static const struct {
    const char *config;
    const char *nights;  // "25h 15*!": 25 hours later, 15 of restrictions, approved
    const char *judged;  // of the last one
  } rows[] = {
      {"{}", "0h 15, 25h 15, 25h 15, 25h 15, 25h 15", "week ldap/disable 15"},
      {"{}", "0h 15, 25h 15, 25h 15, 25h 15", ""},
      {"{}", "0h 15, 24h 16", "count ldap/disable 16"},  // at the same hour: within a day
      {"{}", "0h 30, 25h 30, 25h 1", "week ldap/disable 1"},
      {"{}", "0h 30, 25h 30, 144h 1", ""},  // the first of them is a week ago
      // What was approved, or comes of restrictions, counts by itself or not at all, a week later neither.
      {"{}", "0h 40!, 25h 30, 25h 30", ""},
      {"{}", "0h 40!, 25h 30, 142h 30, 1h 1", "count ldap/disable 1"},
      {"{}", "0h 30*, 25h 30*, 25h 30, 25h 1*", "week ldap/disable 1"},
      {"guard: {disable: {run: 20, day: 30, week: 50}}", "0h 21", "count ldap/disable 21"},
      {"guard: {disable: {run: 20, day: 30, week: 50}}", "0h 20, 1h 11", "count ldap/disable 11"},
      {"guard: {disable: {run: 20, day: 30, week: 50}}", "0h 20, 1h 10", ""},
      {"guard: {disable: {run: 20, day: 30, week: 50}}", "0h 20, 25h 20, 25h 11",
       "week ldap/disable 11"},
      // One that is said by itself is the only one, over the window.
      {"guard: {disable: 20}", "0h 20, 25h 20, 25h 20, 25h 20", ""},
      {"guard: {disable: 20, window: 2d}", "0h 20, 25h 1", "count ldap/disable 1"},
      // What is not said gives way to what is, or stands as it did.
      {"guard: {disable: {day: 90}}", "0h 90", ""},
      {"guard: {disable: {day: 90}}", "0h 90, 25h 1", "week ldap/disable 1"},
      {"guard: {disable: {run: none}}", "0h 90, 25h 90", ""},
      {"guard: {disable: {week: 40}}", "0h 31", "count ldap/disable 31"},
      {"guard: {disable: {week: 40}}", "0h 30, 25h 11", "week ldap/disable 11"},
      // Set back, a clock lets what was done count all the same.
      {"{}", "0h 30, -5h 1", "count ldap/disable 1"},
      {"{}", "0h 30, 25h 30, -720h 1", "count ldap/disable 1"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup(NULL);
    set_config(&scene, rows[i].config);
    g_auto(GStrv) nights = g_strsplit(rows[i].nights, ", ", -1);
    for (size_t k = 0; nights[k]; k++) {
      g_autofree char *salt = g_strdup_printf("%zu.%zu", i, k);
      Night night = {.other_cause = strchr(nights[k], '*') != NULL,
                     .approved = strchr(nights[k], '!') != NULL};
      UNIT_INT(sscanf(nights[k], "%dh %d", &night.hours, &night.n), 2);
      play_night(&scene, &night, salt, nights[k + 1] ? "" : rows[i].judged);
    }
    teardown(&scene);
  }
}

// Set forth, it is found out by the machine's own count, unless the machine was started anew; the next night, too.
static void clock_forth(void)
{
  static const struct {
    const char *boots[3];
    int hours[3];
    const char *judged;
  } rows[] = {
      {{"a 0", "a 86400", "a 172800"}, {0, 24, 24}, "week ldap/disable 1"},
      {{"a 0", "a 3600", "a 90000"}, {0, 30 * 24, 24}, "week ldap/disable 1"},
      {{"a 0", "a 3600", "b 10"}, {0, 30 * 24, 24}, "week ldap/disable 1"},
      {{"a 0", "a 90000", "b 10"}, {0, 25, 30 * 24}, ""},
      {{"a 0", "a 90000", "a 2682000"}, {0, 25, 30 * 24}, ""},
      {{"a 0", "a 90000", "a 180000"}, {0, 25, 30 * 24}, "week ldap/disable 1"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup(NULL);
    set_config(&scene, "guard: {disable: {run: 30, day: none, week: 60}}");
    for (size_t k = 0; k < 3; k++) {
      g_setenv("IDOU_BOOT", rows[i].boots[k], TRUE);
      Night night = {.n = k < 2 ? 30 : 1, .hours = rows[i].hours[k]};
      g_autofree char *salt = g_strdup_printf("%zu.%zu", i, k);
      store_cursor_set(scene.store, "run", "as_of", "2027-04-01", NULL);
      play_night(&scene, &night, salt, k < 2 ? "" : rows[i].judged);
    }
    g_unsetenv("IDOU_BOOT");
    teardown(&scene);
  }
}

static void profiles(void)
{
  static const struct {
    const char *profile, *judged;
  } rows[] = {
      {NULL, "count ldap/disable 40"},
      {"{}", "count ldap/disable 40"},
      {"{guard: {disable: 40}}", ""},
      {"{guard: {disable: {day: 39}}}", "count ldap/disable 40"},
      {"{guard: {disable: 40}, targets: {ldap: {guard: {disable: 0}}}}", "count ldap/disable 40"},
      {"{guard: {disable: 0}, targets: {ldap: {guard: {disable: none}}}}", ""},
      {"{guard: {disable: 40}, targets: {ad: {guard: {disable: 0}}}}", ""},
      {"{only: [disable], guard: {disable: 40}}", "profile ldap 3"},
      {"{only: [modify]}", "profile ldap 40"},
      {"{only: []}", "profile ldap 43"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup((Many[]){{OP_DISABLE, 40}, {OP_MODIFY, 3}, {0}});
    seal(&scene);
    g_autoptr(Findings) findings = findings_new();
    const char *text = rows[i].profile ? rows[i].profile : "{}";
    g_autoptr(Yaml) yaml = yaml_parse(text, strlen(text), "idou.yaml", findings, NULL);
    g_autoptr(GuardProfile) profile =
        rows[i].profile ? guard_profile_read(yaml, yaml_root(yaml), "other", findings) : NULL;
    UNIT_INT(findings_count(findings), 0, "%s", text);
    scene.setup.profile = profile;
    JUDGED(&scene, rows[i].judged, "%s", text);
    g_autoptr(GuardVerdict) verdict = NULL;
    UNIT_TRUE(guard_check(&scene.setup, &verdict, NULL));
    UNIT_STR(verdict->profile, profile ? "other" : "normal");
    teardown(&scene);
  }
}

// What two people override, and what only they do.
static void overrides(void)
{
  static const char *const week[] = {"week", "count", "fingerprint", NULL};
  static const struct {
    const char *const *only;
    const char *words[3];  // kind, who, class, “own” of the plan's maker
    const char *judged;
  } rows[] = {
      {NULL, {"override A ldap/disable"}, "count ldap/disable 40"},
      {NULL, {"override A ldap/disable", "override B ldap/disable"}, ""},
      {NULL, {"override A ldap/disable", "override B ldap/modify"}, "count ldap/disable 40"},
      {NULL,
       {"override Sato ldap/disable", "override ｓａｔｏ ldap/disable"},
       "count ldap/disable 40"},
      {NULL,
       {"override A ldap/disable own", "override B ldap/disable own"},
       "count ldap/disable 40"},
      {NULL, {"override A ldap/disable own", "override B ldap/disable"}, ""},
      {NULL, {"override A ldap/disable", "approval B ldap/modify"}, "count ldap/disable 40"},
      {NULL, {"approval A ldap/disable"}, ""},
      {week, {"approval A ldap/disable"}, "count ldap/disable 40"},
      {week, {"approval A all", "approval B all"}, "count ldap/disable 40"},
      {week, {"override A ldap/disable", "override B ldap/disable"}, ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup((Many[]){{OP_DISABLE, 40}, {0}});
    seal(&scene);
    g_autofree char *path = g_build_filename(unit_dir(), "p.approval", NULL);
    remove(path);
    for (size_t k = 0; k < 3 && rows[i].words[k]; k++) {
      g_auto(GStrv) word = g_strsplit(rows[i].words[k], " ", -1);
      char *allows[] = {word[2], NULL};
      const Approval approval = {.kind = word[0],
                                 .digest = (char *)plan_digest(scene.plan),
                                 .who = word[1],
                                 .reason = "looked at",
                                 .given = scene.setup.now,
                                 .expires = scene.setup.now + 60,
                                 .allows = allows};
      UNIT_TRUE(approvals_add(path, &approval, NULL));
    }
    g_autoptr(Approvals) approvals = approvals_read(path, NULL);
    for (size_t k = 0; k < approvals->list->len; k++)
      ((Approval *)approvals->list->pdata[k])->own = g_str_has_suffix(rows[i].words[k], " own");
    scene.setup.approvals = approvals;
    scene.setup.override_only = rows[i].only;
    JUDGED(&scene, rows[i].judged, "row %zu", i);
    // Only what lifted something is the run's, and spent when that has come to its end: begun again, it has it no more.
    bool lifted = g_str_has_prefix(rows[i].words[0], "override") && !*rows[i].judged;
    apply_plan_until(&scene, 40);
    RunRow run;
    store_run_by_digest(scene.store, plan_digest(scene.plan), &run);
    int64_t id = run.id;
    static const struct {
      const char *state;
      bool over;
    } states[] = {{"interrupted", false}, {"scheduled", false}, {"failed", true},
                  {"running", true},      {"running", true},    {"done", true}};
    for (size_t k = 0; k < G_N_ELEMENTS(states); k++) {
      store_begin(scene.store, NULL);
      UNIT_TRUE(store_run_end(scene.store, id, states[k].state, NULL));
      UNIT_TRUE(guard_overrides_take(approvals, scene.store, scene.plan, NULL));
      store_commit(scene.store, NULL);
      guard_overrides_judge(approvals, scene.store);
      const Approval *first = approvals->list->pdata[0];
      UNIT_INT(first->flaw != NULL, lifted && states[k].over, "row %zu, state %zu", i, k);
    }
    teardown(&scene);
  }
}

static void add_use(const GuardUse *use, void *data)
{
  if (use->day_done > 0 || use->week_done > 0 || strcmp(use->kind, "delete") == 0)
    g_string_append_printf(data,
                           "%s%s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                           "/%" G_GINT64_FORMAT " left %" G_GINT64_FORMAT "; ",
                           use->kind, use->restricted ? "*" : "", use->day_done, use->day_most,
                           use->week_done, use->week_most, use->left);
}

static void uses(void)
{
  Scene scene = setup(NULL);
  play_night(&scene, &(Night){.n = 25}, "a", "");
  play_night(&scene, &(Night){.n = 10, .hours = 30}, "b", "");
  play_night(&scene, &(Night){.n = 12, .hours = 1, .other_cause = true}, "c", "");
  g_autoptr(GString) out = g_string_new(NULL);
  GuardSetup with = scene.setup;
  with.configs = scene.configs;
  with.plan = NULL;
  UNIT_TRUE(guard_use(&with, add_use, out, NULL));
  UNIT_STR(out->str, "disable 10/30 35/60 left 20; disable* 12/30 12/60 left 18; "
                     "delete 0/10 0/25 left 10; delete* 0/10 0/25 left 10; ");
  teardown(&scene);
}

// What it did was undone and is held: that the same plan comes of the next night makes it no part of the run.
static void again(void)
{
  Scene scene = setup((Many[]){{OP_DELETE, 6}, {0}});
  g_autoptr(GError) error = NULL;
  seal(&scene);
  apply_plan_until(&scene, 6);
  JUDGED(&scene, "");
  store_begin(scene.store, &error);
  const HoldRow row = {.kind = "target",
                       .name = "ldap",
                       .reason = "undo of run 1",
                       .who = "desk",
                       .since = scene.setup.now,
                       .plan = "of the undo"};
  store_hold_add(scene.store, &row, &error);
  store_commit(scene.store, &error);
  UNIT_NO_ERROR(error);
  JUDGED(&scene, "hold ldap 6");
  teardown(&scene);
}

// Half done, then resumed: the half that is done neither counts twice nor is held.
static void resumed(void)
{
  Scene scene = setup((Many[]){{OP_DELETE, 10}, {0}});
  seal(&scene);
  JUDGED(&scene, "");
  apply_plan_until(&scene, 4);
  JUDGED(&scene, "");
  set_config(&scene, "guard: {delete: 5}");
  JUDGED(&scene, "count ldap/delete 6");
  teardown(&scene);
}

static void approvals(void)
{
  static const struct {
    const char *allows, *judged;
  } rows[] = {
      {"all", ""},
      {"ldap/delete", "confirm ldap 1; count ldap/disable 39"},
      {"ldap/disable", "confirm ldap 1; count ldap/delete 40"},
      {"ldap/confirm", "count ldap/disable 40; count ldap/delete 40"},
      {"ad/disable", "confirm ldap 1; count ldap/disable 39; count ldap/delete 40"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup((Many[]){{OP_DISABLE, 39}, {OP_DELETE, 40}, {0}});
    Op op = {.kind = OP_DISABLE,
             .object = "account/90",
             .not_before = INSTANT_NONE,
             .confirm = "found by uid"};
    plan_add_op(scene.plan, 0, &op);
    seal(&scene);
    char *allows[] = {(char *)rows[i].allows, NULL};
    Approval approval = {.digest = (char *)plan_digest(scene.plan),
                         .not_before = INSTANT_NONE,
                         .expires = scene.setup.now + 60,
                         .allows = allows};
    g_autoptr(Approvals) approvals = approvals_of(&approval);
    scene.setup.approvals = approvals;
    JUDGED(&scene, rows[i].judged, "%s", rows[i].allows);
    teardown(&scene);
  }
}

// What was approved does not count against the next night.
static void approved_is_not_counted_later(void)
{
  Scene scene = setup((Many[]){{OP_DELETE, 60}, {0}});
  seal(&scene);
  char *allows[] = {"ldap/delete", NULL};
  Approval approval = {.digest = g_strdup(plan_digest(scene.plan)),
                       .not_before = INSTANT_NONE,
                       .expires = scene.setup.now + 60,
                       .allows = allows};
  g_autoptr(Approvals) approvals = approvals_of(&approval);
  scene.setup.approvals = approvals;
  apply_plan_until(&scene, 30);
  remember(&scene);
  apply_plan_until(&scene, 60);
  remember(&scene);  // in two parts: said twice, remembered once
  UNIT_STR(store_cursor_get(scene.store, "ldap", "n_read"), "940");
  scene.setup.approvals = NULL;
  set_plan(&scene, make_plan((Many[]){{OP_DELETE, 10}, {0}}, 1000, "b"));
  seal(&scene);
  JUDGED(&scene, "");
  g_free(approval.digest);
  teardown(&scene);
}

static void refused_approvals(void)
{
  static const struct {
    bool other;
    int from, until;  // seconds from now; 0 = none
    const char *message;
  } rows[] = {
      {false, -60, 60, ""},
      {true, 0, 60,
       "the approval of 山田 is for another plan (0123456789ab…), not for this one (%.12s…): look "
       "at this "
       "plan and approve it"},
      {false, 60, 120, "the approval of 山田 is valid from 2027-04-01T01:01:00+09:00 on, not yet"},
      {false, 0, -60,
       "the approval of 山田 expired at 2027-04-01T00:59:00+09:00: approve the plan again"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup((Many[]){{OP_DELETE, 40}, {0}});
    seal(&scene);
    const char *digest = plan_digest(scene.plan);
    char *allows[] = {"all", NULL};
    Approval approval = {.digest = rows[i].other ? "0123456789abcdef" : (char *)digest,
                         .who = "山田",
                         .not_before = rows[i].from ? scene.setup.now + rows[i].from : INSTANT_NONE,
                         .expires = scene.setup.now + rows[i].until,
                         .allows = allows};
    g_autoptr(Approvals) approvals = approvals_of(&approval);
    scene.setup.approvals = approvals;
    g_autofree char *want = g_strdup(rows[i].message);
    char *mark = strstr(want, "%.12s");
    if (mark) {
      g_autofree char *head = g_strndup(want, mark - want);
      g_autofree char *full = g_strdup_printf("%s%.12s%s", head, digest, mark + strlen("%.12s"));
      JUDGED(&scene, full);
    } else {
      JUDGED(&scene, want);
    }
    teardown(&scene);
  }
}

static void approval_files(void)
{
  g_autofree char *path = g_build_filename(unit_dir(), "approval", NULL);
  g_autoptr(GError) error = NULL;
  char *allows[] = {"ldap/disable", "date", NULL};
  Approval written = {.digest = "abc",
                      .who = "人事課 山田",
                      .ref = "R9-総-12",
                      .reason = "4/1 \"transfer\"",
                      .given = 1806505000,
                      .not_before = INSTANT_NONE,
                      .expires = 1806505200,
                      .allows = allows};
  UNIT_TRUE(approvals_add(path, &written, &error));
  g_autoptr(Approvals) approvals = approvals_read(path, &error);
  UNIT_NO_ERROR(error);
  CU_ASSERT_FATAL(approvals != NULL && approvals->list->len == 1);
  const Approval *read = g_ptr_array_index(approvals->list, 0);
  UNIT_STR(read->kind, APPROVAL_GIVEN);
  UNIT_STR(read->digest, "abc");
  UNIT_STR(read->who, "人事課 山田");
  UNIT_STR(read->ref, "R9-総-12");
  UNIT_STR(read->reason, "4/1 \"transfer\"");
  UNIT_INT(read->given, 1806505000);
  UNIT_INT(read->not_before, INSTANT_NONE);
  UNIT_INT(read->expires, 1806505200);
  UNIT_STR(read->allows[1], "date");
  UNIT_STR(read->allows[2], NULL);
  static const struct {
    const char *text, *message;
  } rows[] = {
      {"{", "%s:1: not JSON: string or '}' expected near end of file"},
      {"[]", "%s: “format” is missing, unknown or malformed in the approval"},
      {"{\"format\":3}", "%s: “format” is missing, unknown or malformed in the approval"},
      {"{\"format\":1,\"digest\":\"a\",\"who\":\"\"}",
       "%s: “who” is missing, unknown or malformed in the approval"},
      {"{\"format\":1,\"digest\":\"a\",\"who\":\"w\",\"reason\":\"r\",\"allows\":[\"all\"]}",
       "%s: “expires” is missing, unknown or malformed in the approval"},
      {"{\"format\":1,\"digest\":\"a\",\"who\":\"w\",\"reason\":\"r\","
       "\"expires\":\"2027-04-01T00:00:00+09:00\",\"allows\":[]}",
       "%s: “allows” is missing, unknown or malformed in the approval"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) fault = NULL;
    g_file_set_contents(path, rows[i].text, -1, NULL);
    UNIT_TRUE(!approvals_read(path, &fault), "%s", rows[i].text);
    g_autofree char *want = g_strconcat(path, fault ? strchr(rows[i].message, ':') : "", NULL);
    UNIT_STR(fault ? fault->message : NULL, want);
  }
}

static void first_run(void)
{
  Scene scene = setup(NULL);
  set_plan(&scene, make_plan((Many[]){{OP_CREATE, 90}, {0}}, 0, "a"));
  seal(&scene);
  JUDGED(&scene, "empty ldap 90");
  scene.setup.first_run = true;
  JUDGED(&scene, "");
  apply_plan_until(&scene, 50);
  scene.setup.first_run = false;
  JUDGED(&scene, "", "resumed without saying it again");
  remember(&scene);
  set_plan(&scene, make_plan((Many[]){{OP_CREATE, 20}, {0}}, 100, "b"));
  seal(&scene);
  JUDGED(&scene, "", "what the first run made does not count later");
  set_plan(&scene, make_plan((Many[]){{OP_CREATE, 80}, {0}}, 100, "c"));
  seal(&scene);
  scene.setup.first_run = true;
  JUDGED(&scene, "count ldap/create 80", "the word is no licence where there is something");
  teardown(&scene);
}

static void fingerprints(void)
{
  Scene scene = setup((Many[]){{OP_MODIFY, 2}, {0}});
  seal(&scene);
  JUDGED(&scene, "", "nothing pinned yet");
  remember(&scene);
  UNIT_STR(store_cursor_get(scene.store, "ldap", "fingerprint"), "server-1");
  JUDGED(&scene, "");
  UNIT_TRUE(store_cursor_set(scene.store, "ldap", "fingerprint", "server-0", NULL));
  UNIT_TRUE(store_cursor_set(scene.store, "ldap", "n_read", "7", NULL));
  JUDGED(&scene, "fingerprint ldap 2");
  remember(&scene);
  UNIT_STR(store_cursor_get(scene.store, "ldap", "fingerprint"), "server-0", "not pinned anew");
  UNIT_STR(store_cursor_get(scene.store, "ldap", "n_read"), "7");
  char *allows[] = {"ldap/fingerprint", NULL};
  Approval approval = {.digest = (char *)plan_digest(scene.plan),
                       .not_before = INSTANT_NONE,
                       .expires = scene.setup.now + 60,
                       .allows = allows};
  g_autoptr(Approvals) approvals = approvals_of(&approval);
  scene.setup.approvals = approvals;
  JUDGED(&scene, "");
  remember(&scene);
  UNIT_STR(store_cursor_get(scene.store, "ldap", "fingerprint"), "server-1");
  scene.setup.approvals = NULL;
  set_config(&scene, "fingerprint: server-2");
  JUDGED(&scene, "fingerprint ldap 2", "what is configured comes before what is pinned");
  teardown(&scene);
}

static void dates(void)
{
  static const struct {
    const char *as_of, *day, *judged;  // of the last run
  } rows[] = {
      {NULL, NULL, ""},
      {"2027-04-01", "2027-04-01", ""},
      {"2027-03-25", "2027-03-25", ""},
      {"2027-03-24", "2027-03-24", "date 2"},
      {"2027-04-09", "2027-04-09", "date 2"},
      {"2027-04-02", "2027-04-02", ""},  // the evening's plan was for tomorrow
      {"2027-04-03", "2027-04-03", "date 2"},
      {"2027-05-01", "2027-03-31", ""},  // the last run planned ahead
      {"2027-03-31", "2026-11-23", ""},  // planned from afar, day by day
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Scene scene = setup((Many[]){{OP_MODIFY, 2}, {0}});
    seal(&scene);
    if (rows[i].as_of) {
      store_cursor_set(scene.store, "run", "as_of", rows[i].as_of, NULL);
      store_cursor_set(scene.store, "run", "day", rows[i].day, NULL);
    }
    JUDGED(&scene, rows[i].judged, "row %zu", i);
    remember(&scene);
    UNIT_STR(store_cursor_get(scene.store, "run", "as_of"),
             *rows[i].judged ? rows[i].as_of : "2027-04-01", "row %zu", i);
    teardown(&scene);
  }
}

static void holds(void)
{
  static const struct {
    const char *kind, *name, *judged;
    int days;      // that it stands from now on; 0 = without end, -1 = it is over
    bool planned;  // the plan at hand placed it
  } rows[] = {
      {"object", "account/2", "hold 2", 0, false},
      {"object", "group/g", "hold 3; depends ldap 1", 0, false},
      {"object", "account/77", "", 0, false},
      {"target", "ldap", "hold ldap 6", 0, false},
      {"target", "ad", "", 0, false},
      {"person", "000310", "hold 2", 0, false},
      {"person", "city/000310", "hold 2", 0, false},
      {"person", "hospital/000310", "", 0, false},
      {"target", "ldap", "hold ldap 6", 1, false},
      {"target", "ldap", "", -1, false},
      {"target", "ldap", "", 0, true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    Scene scene = setup((Many[]){{OP_JOIN, 3}, {OP_DELETE, 3}, {0}});
    plan_add_after(scene.plan, 6, 1);  // deletes account/3 after the join of account/1
    seal(&scene);
    store_begin(scene.store, &error);
    for (uint32_t person = 0; person < 2;)
      person = store_subject_add(scene.store, SUBJECT_PERSON, &error);
    store_link_add(scene.store, SUBJECT_PERSON, "city", "000310", 2, 0, &error);
    HoldRow row = {.kind = rows[i].kind,
                   .name = rows[i].name,
                   .reason = "telephone call",
                   .who = "desk",
                   .since = scene.setup.now,
                   .plan = rows[i].planned ? plan_digest(scene.plan) : NULL};
    if (rows[i].days != 0)
      row.until = date_of_instant(scene.setup.now) + (rows[i].days > 0 ? rows[i].days : 0);
    store_hold_add(scene.store, &row, &error);
    store_commit(scene.store, &error);
    UNIT_NO_ERROR(error);
    char *allows[] = {"all", NULL};
    Approval approval = {.digest = (char *)plan_digest(scene.plan),
                         .not_before = INSTANT_NONE,
                         .expires = scene.setup.now + 60,
                         .allows = allows};
    g_autoptr(Approvals) approvals = approvals_of(&approval);
    scene.setup.approvals = approvals;  // lifts no hold of this kind
    JUDGED(&scene, rows[i].judged, "%s %s", rows[i].kind, rows[i].name);
    teardown(&scene);
  }
}

static void shrinking(void)
{
  static const struct {
    const char *config, *last;
    int64_t n_read;
    bool fine;
  } rows[] = {
      {"{}", NULL, 0, true},           {"{}", "1000", 1000, true},
      {"{}", "1000", 900, true},       {"{}", "1000", 899, false},
      {"{}", "1000", 0, false},        {"{}", "1000", 5000, true},
      {"shrink: 50%", "10", 5, true},  {"shrink: 0.5%", "1000", 994, false},
      {"shrink: 100%", "10", 0, true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    Scene scene = setup(NULL);
    set_config(&scene, rows[i].config);
    if (rows[i].last)
      store_cursor_set(scene.store, "ldap", "n_read", rows[i].last, NULL);
    PlanSection section = {.target = "ldap", .n_read = rows[i].n_read};
    UNIT_INT(guard_shrink(scene.config, scene.store, &section, &error), rows[i].fine, "row %zu", i);
    UNIT_INT(error ? error->code : 0, rows[i].fine ? 0 : EXIT_UNREAD, "row %zu", i);
    teardown(&scene);
  }
}

static const UnitTest tests[] = {
    {"limits", limits},
    {"restrictions", restrictions},
    {"only_the_class_and_what_depends", only_the_class_and_what_depends},
    {"not_half_gone", not_half_gone},
    {"window", window},
    {"nights", nights},
    {"clock_forth", clock_forth},
    {"profiles", profiles},
    {"overrides", overrides},
    {"uses", uses},
    {"again", again},
    {"resumed", resumed},
    {"approvals", approvals},
    {"approved_is_not_counted_later", approved_is_not_counted_later},
    {"refused_approvals", refused_approvals},
    {"approval_files", approval_files},
    {"first_run", first_run},
    {"fingerprints", fingerprints},
    {"dates", dates},
    {"holds", holds},
    {"shrinking", shrinking},
    {NULL, NULL},
};
UNIT_SUITE(guard, tests);
