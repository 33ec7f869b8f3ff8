// SPDX-License-Identifier: GPL-3.0-or-later
//
// Limits over time: windows, profiles, overrides.
#include "guard_kit.h"

#include <string.h>

// A little every run adds up.
static void window(void)
{
  Scene scene = scene_open((Many[]){{OP_DELETE, 6}, {0}});
  scene_seal(&scene);
  JUDGED(&scene, "");
  scene_apply_until(&scene, 6);
  scene_remember(&scene);
  JUDGED(&scene, "", "the same plan again: it counts once");
  scene_set_plan(&scene, scene_plan((Many[]){{OP_DELETE, 5}, {0}}, 1000, "b"));
  scene_seal(&scene);
  scene.setup.now += 3600;
  JUDGED(&scene, "count ldap/delete 5");
  scene_set_config(&scene, "guard: {window: 2d}");
  scene.setup.now += DAY;
  JUDGED(&scene, "count ldap/delete 5");
  scene_set_config(&scene, "guard: {window: 1d}");
  JUDGED(&scene, "");
  scene_close(&scene);
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
  scene_now(scene->setup.now);
  scene_set_plan(scene, scene_plan(NULL, 1000, salt));
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
  scene_seal(scene);
  char *allows[] = {"ldap/disable", NULL};
  const Approval approval = {.digest = (char *)plan_digest(scene->plan),
                             .expires = scene->setup.now + 60,
                             .allows = allows};
  g_autoptr(Approvals) approvals = night->approved ? approvals_of(&approval) : NULL;
  scene->setup.approvals = approvals;
  g_autofree char *got = scene_judged(scene);
  UNIT_STR(got, want, "night %s", salt);
  if (*got == '\0') {
    scene_apply_until(scene, night->n);
    scene_remember(scene);
  }
  scene->setup.approvals = NULL;
}

// Population 1,000: 20 or 3 % within a day are 30, 50 or 6 % within a week are 60.
static void nights(void)
{
  static const struct {
    const char *config;
    const char *
        nights;  // "25h 15*!": 25 hours later, 15 of restrictions, approved; ^: only overrides lift weeks
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
      {"{}", "0h 40!^, 25h 30", "week ldap/disable 30"},
      {"{}", "0h 40!^, 1h 30", "week ldap/disable 30"},
      {"{}", "0h 40!^, 1h 20", ""},
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
    Scene scene = scene_open(NULL);
    static const char *const week[] = {"week", NULL};
    scene_set_config(&scene, rows[i].config);
    scene.setup.override_only = strchr(rows[i].nights, '^') ? week : NULL;
    g_auto(GStrv) nights = g_strsplit(rows[i].nights, ", ", -1);
    for (size_t k = 0; nights[k]; k++) {
      g_autofree char *salt = g_strdup_printf("%zu.%zu", i, k);
      Night night = {.other_cause = strchr(nights[k], '*') != NULL,
                     .approved = strchr(nights[k], '!') != NULL};
      UNIT_INT(sscanf(nights[k], "%dh %d", &night.hours, &night.n), 2);
      play_night(&scene, &night, salt, nights[k + 1] ? "" : rows[i].judged);
    }
    scene_close(&scene);
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
    Scene scene = scene_open(NULL);
    scene_set_config(&scene, "guard: {disable: {run: 30, day: none, week: 60}}");
    for (size_t k = 0; k < 3; k++) {
      g_setenv("IDOU_BOOT", rows[i].boots[k], TRUE);
      Night night = {.n = k < 2 ? 30 : 1, .hours = rows[i].hours[k]};
      g_autofree char *salt = g_strdup_printf("%zu.%zu", i, k);
      store_cursor_set(scene.store, "run", "as_of", "2027-04-01", NULL);
      play_night(&scene, &night, salt, k < 2 ? "" : rows[i].judged);
    }
    g_unsetenv("IDOU_BOOT");
    scene_close(&scene);
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
    Scene scene = scene_open((Many[]){{OP_DISABLE, 40}, {OP_MODIFY, 3}, {0}});
    scene_seal(&scene);
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
    scene_close(&scene);
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
    Scene scene = scene_open((Many[]){{OP_DISABLE, 40}, {0}});
    scene_seal(&scene);
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
    scene_apply_until(&scene, 40);
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
    scene_close(&scene);
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
  Scene scene = scene_open(NULL);
  play_night(&scene, &(Night){.n = 25}, "a", "");
  play_night(&scene, &(Night){.n = 10, .hours = 30}, "b", "");
  play_night(&scene, &(Night){.n = 12, .hours = 1, .other_cause = true}, "c", "");
  // What became of one is not known: it counts.
  RunRow run;
  store_run_by_digest(scene.store, plan_digest(scene.plan), &run);
  const OpRow row = {.run = run.id,
                     .n = 1,
                     .target = "ldap",
                     .object = "account/1",
                     .kind = "disable",
                     .cause = RESTRICTION_DORMANT,
                     .state = "unknown"};
  UNIT_TRUE(store_begin(scene.store, NULL) && store_op_set(scene.store, &row, NULL) &&
            store_commit(scene.store, NULL));
  g_autoptr(GString) out = g_string_new(NULL);
  GuardSetup with = scene.setup;
  with.configs = scene.configs;
  with.plan = NULL;
  UNIT_TRUE(guard_use(&with, add_use, out, NULL));
  UNIT_STR(out->str, "disable 10/30 35/60 left 20; disable* 12/30 12/60 left 18; "
                     "delete 0/10 0/25 left 10; delete* 0/10 0/25 left 10; ");
  scene_close(&scene);
}

static const UnitTest tests[] = {
    {"window", window},     {"nights", nights},       {"clock_forth", clock_forth},
    {"profiles", profiles}, {"overrides", overrides}, {"uses", uses},
    {NULL, NULL},
};
UNIT_SUITE(guard_limits, tests);
