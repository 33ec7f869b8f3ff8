// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "targets/targets_p.h"

#include <string.h>

#define BASE "csv=desk"
#define USERS "file=users,csv=desk"

static bool plain(const char *name, Attr *attr, const void *data)
{
  (void)name;
  (void)data;
  attr->match = MATCH_EXACT;
  return true;
}

static Believed *open_it(const char *folder, bool writes)
{
  g_autoptr(GError) error = NULL;
  BelievedTraits traits = {
      .base = BASE, .dit = {.rules = plain, .names_follow = true}, .writes = writes};
  Believed *believed = believed_open(folder, &traits, &error);
  UNIT_NO_ERROR(error, "open");
  return believed;
}

static void add_value(Request *request, ModKind kind, const char *name, const char *value)
{
  Mod *mod = request_add_mod(request, kind, name);
  request_add_value(request, mod, value, strlen(value));
}

static int run(Believed *believed, Request *request, uint32_t n)
{
  const char *text = NULL;
  const Record *touched = NULL;
  request->run = 7;
  g_array_append_val(request->numbers, n);
  int code = believed_execute(believed, request, &text, &touched);
  request_free(request);
  return code;
}

static int add(Believed *believed, const char *dn, const char *title)
{
  Request *request = request_blank(REQUEST_ADD, dn);
  add_value(request, MOD_ADD, "objectClass", "users");
  if (title)
    add_value(request, MOD_ADD, "title", title);
  return run(believed, request, 1);
}

static int retitle(Believed *believed, const char *dn, const char *from, const char *to)
{
  Request *request = request_blank(REQUEST_MODIFY, dn);
  add_value(request, MOD_DELETE, "title", from);
  add_value(request, MOD_ADD, "title", to);
  return run(believed, request, 2);
}

static const char *title_of(const Dit *dit, const char *dn)
{
  const Record *record = dit_at_dn(dit, dn);
  Field *field = record ? record_find(record, "title") : NULL;
  return field ? g_array_index(field->values, Bytes, 0).at : record ? "" : NULL;
}

static void commit(Believed *believed)
{
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(believed_commit(believed, &error));
  UNIT_NO_ERROR(error, "commit");
}

#define YAMADA "row=yamada," USERS

static void what_is_sent_is_believed(void)
{
  const char *folder = unit_dir();
  Believed *believed = open_it(folder, true);
  UNIT_INT(add(believed, USERS, NULL), LDAP_SUCCESS);
  UNIT_INT(add(believed, YAMADA, "主事"), LDAP_SUCCESS);
  UNIT_INT(add(believed, YAMADA, "主事"), LDAP_ALREADY_EXISTS);
  UNIT_INT(retitle(believed, YAMADA, "主事", "係長"), LDAP_SUCCESS);
  UNIT_INT(retitle(believed, YAMADA, "主事", "課長"), LDAP_NO_SUCH_ATTRIBUTE);
  UNIT_INT((long long)believed_n_pending(believed), 3, "what was refused is not pending");
  UNIT_STR(title_of(believed_now(believed), YAMADA), "係長");
  UNIT_STR(title_of(believed_confirmed(believed), YAMADA), NULL);
  UNIT_TRUE(dit_has_value(believed_now(believed), dit_at_dn(believed_now(believed), YAMADA), "row",
                          "yamada"));
  g_autofree char *id = g_strdup(dit_at_dn(believed_now(believed), YAMADA)->stable_id);
  believed_set_batch(believed, 1, "000001");
  believed_set_mark(believed, "export", "users.csv");
  commit(believed);
  believed_close(believed);

  believed = open_it(folder, false);
  UNIT_STR(title_of(believed_now(believed), YAMADA), "係長");
  UNIT_STR(dit_at_dn(believed_now(believed), YAMADA)->stable_id, id, "called as before");
  UNIT_INT((long long)believed_n_pending(believed), 3);
  const Pending *pending = believed_pending(believed, 1);
  UNIT_STR(pending->batch, "000001");
  UNIT_INT(pending->request->run, 7);
  UNIT_INT(g_array_index(pending->request->numbers, uint32_t, 0), 1);
  UNIT_STR(believed_mark(believed, "export"), "users.csv");
  believed_close(believed);
}

// What is done is confirmed, or stays a request until the system was read; what is not is forgotten.
static void settling(void)
{
  static const struct {
    bool lasts;
    long long n_pending;
    const char *confirmed, *now;
  } rows[] = {{false, 0, "主事", "主事"}, {true, 2, NULL, "主事"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const char *folder = unit_dir();
    Believed *believed = open_it(folder, true);
    add(believed, USERS, NULL);
    add(believed, YAMADA, "主事");
    retitle(believed, YAMADA, "主事", "係長");
    commit(believed);
    believed_settle(believed, 2, &(Settling){0});
    believed_settle(believed, 1, &(Settling){true, rows[i].lasts, "4711"});
    believed_settle(believed, 0, &(Settling){true, rows[i].lasts, NULL});
    commit(believed);
    believed_close(believed);
    believed = open_it(folder, true);
    UNIT_INT((long long)believed_n_pending(believed), rows[i].n_pending, "row %zu", i);
    UNIT_STR(title_of(believed_now(believed), YAMADA), rows[i].now, "row %zu", i);
    UNIT_STR(title_of(believed_confirmed(believed), YAMADA), rows[i].confirmed, "row %zu", i);
    const Record *record = dit_at_dn(believed_now(believed), YAMADA);
    UNIT_STR(record ? record->stable_id : NULL, "4711", "row %zu", i);
    while (believed_n_pending(believed))
      believed_drop(believed, 0);
    believed_replace(believed,
                     dit_new_with(BASE, &(DitTraits){.rules = plain, .names_follow = true}));
    UNIT_INT(add(believed, USERS, NULL), LDAP_NO_SUCH_OBJECT, "nothing is there any more");
    commit(believed);
    believed_close(believed);
  }
}

static void secrets_are_not_kept(void)
{
  const char *folder = unit_dir();
  Believed *believed = open_it(folder, true);
  add(believed, USERS, NULL);
  Request *request = request_blank(REQUEST_ADD, YAMADA);
  add_value(request, MOD_ADD, "objectClass", "users");
  add_value(request, MOD_ADD, "initialPassword", "Xy7-geheim");
  UNIT_INT(run(believed, request, 1), LDAP_SUCCESS);
  UNIT_TRUE(believed_pending(believed, 1)->has_secret);
  commit(believed);
  believed_close(believed);
  g_autofree char *path = g_build_filename(folder, "believed.log", NULL), *text = NULL;
  g_file_get_contents(path, &text, NULL, NULL);
  UNIT_TRUE(text && strstr(text, "yamada") && !strstr(text, "geheim"));
}

// What was committed is there, and nothing else, wherever the log is cut off.
static void a_log_that_is_cut_off(void)
{
  const char *folder = unit_dir();
  Believed *believed = open_it(folder, true);
  add(believed, USERS, NULL);
  commit(believed);
  add(believed, YAMADA, "主事");
  commit(believed);
  believed_close(believed);
  g_autofree char *path = g_build_filename(folder, "believed.log", NULL), *text = NULL;
  gsize n = 0;
  g_file_get_contents(path, &text, &n, NULL);
  for (gsize cut = 0; cut < n; cut++) {
    g_file_set_contents(path, text, (gssize)cut, NULL);
    believed = open_it(folder, true);
    size_t n_before = believed_n_pending(believed);
    UNIT_TRUE(n_before < 2, "cut at %zu", cut);
    if (n_before == 0)
      UNIT_INT(add(believed, USERS, NULL), LDAP_SUCCESS);
    UNIT_INT(add(believed, "row=sato," USERS, NULL), LDAP_SUCCESS);
    commit(believed);
    believed_close(believed);
    believed = open_it(folder, false);
    UNIT_INT((long long)believed_n_pending(believed), 2, "cut at %zu", cut);
    believed_close(believed);
  }
}

// Killed between the new snapshot and the removal of the log: the log counts no more.
static void a_log_that_is_in_the_snapshot(void)
{
  const char *folder = unit_dir();
  g_autofree char *log = g_build_filename(folder, "believed.log", NULL), *text = NULL;
  gsize n = 0;
  Believed *believed = open_it(folder, true);
  add(believed, USERS, NULL);
  commit(believed);
  g_file_get_contents(log, &text, &n, NULL);
  believed_settle(believed, 0, &(Settling){.done = true});
  commit(believed);
  believed_close(believed);
  g_file_set_contents(log, text, (gssize)n, NULL);
  believed = open_it(folder, true);
  UNIT_INT((long long)believed_n_pending(believed), 0);
  UNIT_TRUE(dit_at_dn(believed_confirmed(believed), USERS) != NULL);
  UNIT_INT(add(believed, YAMADA, "主事"), LDAP_SUCCESS);
  commit(believed);
  believed_close(believed);
  believed = open_it(folder, false);
  UNIT_STR(title_of(believed_now(believed), YAMADA), "主事");
  believed_close(believed);
}

static void damage_is_told(void)
{
  const char *folder = unit_dir();
  static const char *const bad[] = {
      "nonsense\n", "{\"believed\":1,\"generation\":1,\"last\":0}\n{\"what\":1}\n",
      "{\"believed\":1,\"generation\":1,\"last\":0}\n{\"entry\":\"row=a\"}\n",
      "{\"believed\":1,\"generation\":1,\"last\":0}\n{\"mark\":\"a\"}"};
  g_autofree char *path = g_build_filename(folder, "believed.jsonl", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    BelievedTraits traits = {.base = BASE, .dit = {.rules = plain}};
    g_file_set_contents(path, bad[i], -1, NULL);
    g_autoptr(Believed) believed = believed_open(folder, &traits, &error);
    UNIT_TRUE(!believed && error && error->code == EXIT_UNREAD && strstr(error->message, "line"),
              "%s", bad[i]);
  }
}

static void one_at_a_time(void)
{
  const char *folder = unit_dir();
  g_autoptr(GError) error = NULL;
  Believed *first = open_it(folder, true);
  BelievedTraits traits = {.base = BASE, .dit = {.rules = plain}, .writes = true};
  g_autoptr(Believed) second = believed_open(folder, &traits, &error);
  UNIT_TRUE(!second && error && error->code == EXIT_LOCKED);
  believed_close(first);
}

static const UnitTest tests[] = {
    {"what_is_sent_is_believed", what_is_sent_is_believed},
    {"settling", settling},
    {"secrets_are_not_kept", secrets_are_not_kept},
    {"a_log_that_is_cut_off", a_log_that_is_cut_off},
    {"a_log_that_is_in_the_snapshot", a_log_that_is_in_the_snapshot},
    {"damage_is_told", damage_is_told},
    {"one_at_a_time", one_at_a_time},
    {NULL, NULL},
};
UNIT_SUITE(believed, tests);
