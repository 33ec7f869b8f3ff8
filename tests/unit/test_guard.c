// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_kit.h"

#include <string.h>

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
    Scene scene = scene_open((Many[]){{OP_DISABLE, rows[i].n_disable}, {OP_MODIFY, 3}, {0}});
    scene_set_config(&scene, rows[i].config);
    scene_seal(&scene);
    JUDGED(&scene, rows[i].judged, "%s, %d", rows[i].config, rows[i].n_disable);
    scene_close(&scene);
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
    Scene scene = scene_open(NULL);
    PlanHead head = *plan_head(scene.plan);
    head.restricted = rows[i].restricted;
    Plan *plan = plan_new(&head);
    PlanSection *section = plan_add_section(plan, "ldap");
    section->fingerprint = plan_intern(plan, "server-1");
    section->n_desired = 1000;
    scene_add(plan, &(Many){OP_RESTRICT, rows[i].n});
    scene_set_plan(&scene, plan);
    scene_set_config(&scene, rows[i].config);
    scene_seal(&scene);
    JUDGED(&scene, rows[i].judged, "%s, %d", rows[i].config, rows[i].n);
    UNIT_TRUE(store_begin(scene.store, NULL) && guard_remember(&scene.setup, NULL) &&
              store_commit(scene.store, NULL));
    UNIT_STR(store_cursor_get(scene.store, "ldap", "n_read"), rows[i].restricted ? NULL : "0");
    scene_close(&scene);
  }
}

static void only_the_class_and_what_depends(void)
{
  Scene scene = scene_open((Many[]){{OP_CREATE, 60}, {OP_JOIN, 60}, {OP_DISABLE, 5}, {0}});
  for (uint32_t i = 1; i <= 60; i++)
    plan_add_after(scene.plan, 60 + i, i);
  scene_seal(&scene);
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
  scene_close(&scene);
}

// Who is not disabled keeps memberships and place, too.
static void not_half_gone(void)
{
  Scene scene = scene_open((Many[]){{OP_DISABLE, 40}, {OP_LEAVE, 45}, {OP_MOVE, 42}, {0}});
  scene_seal(&scene);
  JUDGED(&scene, "count ldap/disable 40; depends ldap 80");
  scene_close(&scene);
}

// What it did was undone and is held: that the same plan comes of the next night makes it no part of the run.
static void again(void)
{
  Scene scene = scene_open((Many[]){{OP_DELETE, 6}, {0}});
  g_autoptr(GError) error = NULL;
  scene_seal(&scene);
  scene_apply_until(&scene, 6);
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
  scene_close(&scene);
}

// Half done, then resumed: the half that is done neither counts twice nor is held.
static void resumed(void)
{
  Scene scene = scene_open((Many[]){{OP_DELETE, 10}, {0}});
  scene_seal(&scene);
  JUDGED(&scene, "");
  scene_apply_until(&scene, 4);
  JUDGED(&scene, "");
  scene_set_config(&scene, "guard: {delete: 5}");
  JUDGED(&scene, "count ldap/delete 6");
  // What came in between finds no room that this plan has used.
  Plan *first = scene.plan;
  scene.plan = NULL;
  scene_set_config(&scene, "{}");
  scene_set_plan(&scene, scene_plan((Many[]){{OP_DELETE, 3}, {0}}, 1000, "b"));
  scene_seal(&scene);
  scene_apply_until(&scene, 3);
  scene_set_plan(&scene, first);
  JUDGED(&scene, "count ldap/delete 6");
  scene_close(&scene);
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
    Scene scene = scene_open((Many[]){{OP_DISABLE, 39}, {OP_DELETE, 40}, {0}});
    Op op = {.kind = OP_DISABLE,
             .object = "account/90",
             .not_before = INSTANT_NONE,
             .confirm = "found by uid"};
    plan_add_op(scene.plan, 0, &op);
    scene_seal(&scene);
    char *allows[] = {(char *)rows[i].allows, NULL};
    Approval approval = {.digest = (char *)plan_digest(scene.plan),
                         .not_before = INSTANT_NONE,
                         .expires = scene.setup.now + 60,
                         .allows = allows};
    g_autoptr(Approvals) approvals = approvals_of(&approval);
    scene.setup.approvals = approvals;
    JUDGED(&scene, rows[i].judged, "%s", rows[i].allows);
    scene_close(&scene);
  }
}

// What was approved does not count against the next night.
static void approved_is_not_counted_later(void)
{
  Scene scene = scene_open((Many[]){{OP_DELETE, 60}, {0}});
  scene_seal(&scene);
  char *allows[] = {"ldap/delete", NULL};
  Approval approval = {.digest = g_strdup(plan_digest(scene.plan)),
                       .not_before = INSTANT_NONE,
                       .expires = scene.setup.now + 60,
                       .allows = allows};
  g_autoptr(Approvals) approvals = approvals_of(&approval);
  scene.setup.approvals = approvals;
  scene_apply_until(&scene, 30);
  scene_remember(&scene);
  scene_apply_until(&scene, 60);
  scene_remember(&scene);  // in two parts: said twice, remembered once
  UNIT_STR(store_cursor_get(scene.store, "ldap", "n_read"), "940");
  scene.setup.approvals = NULL;
  scene_set_plan(&scene, scene_plan((Many[]){{OP_DELETE, 10}, {0}}, 1000, "b"));
  scene_seal(&scene);
  JUDGED(&scene, "");
  g_free(approval.digest);
  scene_close(&scene);
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
    Scene scene = scene_open((Many[]){{OP_DELETE, 40}, {0}});
    scene_seal(&scene);
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
    scene_close(&scene);
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
  Scene scene = scene_open(NULL);
  scene_set_plan(&scene, scene_plan((Many[]){{OP_CREATE, 90}, {0}}, 0, "a"));
  scene_seal(&scene);
  JUDGED(&scene, "empty ldap 90");
  scene.setup.first_run = true;
  JUDGED(&scene, "");
  scene_apply_until(&scene, 50);
  scene.setup.first_run = false;
  JUDGED(&scene, "", "resumed without saying it again");
  scene_remember(&scene);
  scene_set_plan(&scene, scene_plan((Many[]){{OP_CREATE, 20}, {0}}, 100, "b"));
  scene_seal(&scene);
  JUDGED(&scene, "", "what the first run made does not count later");
  scene_set_plan(&scene, scene_plan((Many[]){{OP_CREATE, 80}, {0}}, 100, "c"));
  scene_seal(&scene);
  scene.setup.first_run = true;
  JUDGED(&scene, "count ldap/create 80", "the word is no licence where there is something");
  scene_close(&scene);
}

static void fingerprints(void)
{
  Scene scene = scene_open((Many[]){{OP_MODIFY, 2}, {0}});
  scene_seal(&scene);
  JUDGED(&scene, "", "nothing pinned yet");
  scene_remember(&scene);
  UNIT_STR(store_cursor_get(scene.store, "ldap", "fingerprint"), "server-1");
  JUDGED(&scene, "");
  UNIT_TRUE(store_cursor_set(scene.store, "ldap", "fingerprint", "server-0", NULL));
  UNIT_TRUE(store_cursor_set(scene.store, "ldap", "n_read", "7", NULL));
  JUDGED(&scene, "fingerprint ldap 2");
  scene_remember(&scene);
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
  scene_remember(&scene);
  UNIT_STR(store_cursor_get(scene.store, "ldap", "fingerprint"), "server-1");
  scene.setup.approvals = NULL;
  scene_set_config(&scene, "fingerprint: server-2");
  JUDGED(&scene, "fingerprint ldap 2", "what is configured comes before what is pinned");
  scene_close(&scene);
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
    Scene scene = scene_open((Many[]){{OP_MODIFY, 2}, {0}});
    scene_seal(&scene);
    if (rows[i].as_of) {
      store_cursor_set(scene.store, "run", "as_of", rows[i].as_of, NULL);
      store_cursor_set(scene.store, "run", "day", rows[i].day, NULL);
    }
    JUDGED(&scene, rows[i].judged, "row %zu", i);
    scene_remember(&scene);
    UNIT_STR(store_cursor_get(scene.store, "run", "as_of"),
             *rows[i].judged ? rows[i].as_of : "2027-04-01", "row %zu", i);
    scene_close(&scene);
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
    Scene scene = scene_open((Many[]){{OP_JOIN, 3}, {OP_DELETE, 3}, {0}});
    plan_add_after(scene.plan, 6, 1);  // deletes account/3 after the join of account/1
    scene_seal(&scene);
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
    scene_close(&scene);
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
    Scene scene = scene_open(NULL);
    scene_set_config(&scene, rows[i].config);
    if (rows[i].last)
      store_cursor_set(scene.store, "ldap", "n_read", rows[i].last, NULL);
    PlanSection section = {.target = "ldap", .n_read = rows[i].n_read};
    UNIT_INT(guard_shrink(scene.config, scene.store, &section, &error), rows[i].fine, "row %zu", i);
    UNIT_INT(error ? error->code : 0, rows[i].fine ? 0 : EXIT_UNREAD, "row %zu", i);
    scene_close(&scene);
  }
}

static const UnitTest tests[] = {
    {"limits", limits},
    {"restrictions", restrictions},
    {"only_the_class_and_what_depends", only_the_class_and_what_depends},
    {"not_half_gone", not_half_gone},
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
