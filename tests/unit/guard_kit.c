// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_kit.h"

#include <string.h>

GuardConfig *scene_config(const char *text)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Yaml) yaml = yaml_parse(text, strlen(text), "idou.yaml", findings, NULL);
  static TargetConfig target;  // borrowed by what is read
  target = (TargetConfig){.name = "ldap", .base = yaml_text(yaml_get(yaml_root(yaml), "base"))};
  GuardConfig *config = guard_config_read(yaml, yaml_root(yaml), &target, findings);
  target.base = NULL;
  UNIT_INT(findings_count(findings), 0, "%s", text);
  return config;
}

void scene_now(Instant now)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(now, text);
  g_setenv("IDOU_NOW", text->str, TRUE);
}

void scene_add(Plan *plan, const Many *many)
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
Plan *scene_plan(const Many *many, int64_t n_ours, const char *salt)
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
    scene_add(plan, many);
  return plan;
}

void scene_seal(Scene *scene)
{
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(plan_seal(scene->plan, &error));
  UNIT_NO_ERROR(error);
}

void scene_set_plan(Scene *scene, Plan *plan)
{
  plan_free(scene->plan);
  scene->plan = plan;
  scene->setup.plan = plan;
}

Scene scene_open(const Many *many)
{
  Scene scene = {.config = scene_config("{}")};
  g_autofree char *path = g_build_filename(unit_dir(), "store", NULL);
  g_autoptr(GError) error = NULL;
  scene.store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  scene.plan = scene_plan(many, 1000, "a");
  scene.configs[0] = scene.config;
  scene.setup = (GuardSetup){
      .plan = scene.plan, .store = scene.store, .now = date_start(date_of(2027, 4, 1)) + 3600};
  scene_now(scene.setup.now);
  return scene;
}

void scene_set_config(Scene *scene, const char *text)
{
  guard_config_free(scene->config);
  scene->config = scene_config(text);
  scene->configs[0] = scene->config;
}

void scene_close(Scene *scene)
{
  store_close(scene->store);
  plan_free(scene->plan);
  guard_config_free(scene->config);
  g_unsetenv("IDOU_NOW");
}

// "count ldap/disable 21; depends ldap 2"
char *scene_judged(Scene *scene)
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

void scene_remember(Scene *scene)
{
  g_autoptr(GError) error = NULL;
  GuardSetup with = scene->setup;
  with.configs = scene->configs;
  UNIT_TRUE(store_begin(scene->store, &error) && guard_remember(&with, &error) &&
            store_commit(scene->store, &error));
  UNIT_NO_ERROR(error);
}

// As if apply had carried out the operations up to `n_done`.
void scene_apply_until(Scene *scene, uint32_t n_done)
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
