// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sealed passwords while a plan is applied: on disk before anything is sent, and what each outcome means for them.
#include "unit.h"

#include "apply_kit.h"

#include <string.h>

typedef struct Bench {
  Rig *rig;
  Passwords passwords;
  PrivateKey *private;
} Bench;

static void bench_init(Bench *bench)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  static unsigned n_folders;
  g_autofree char *folder = g_strdup_printf("%s/keys%u", unit_dir(), ++n_folders);
  g_autofree char *public = g_build_filename(folder, KEYS_PUBLIC, NULL);
  g_autofree char *private = g_build_filename(folder, KEYS_PRIVATE, NULL);
  const PasswordsPolicy policy = {"initial", {12, {"ABCDEFGH", "abcdefgh", "2345", "!#", NULL}}};
  *bench = (Bench){.rig = rig_new(3, 0, 0)};
  bench->passwords.policies = g_array_new(FALSE, FALSE, sizeof(PasswordsPolicy));
  g_array_append_val(bench->passwords.policies, policy);
  keys_make(folder, NULL, fingerprint, &error);
  bench->passwords.key = keys_public(public, NULL);
  bench->private = keys_private(private, NULL, NULL);
  UNIT_NO_ERROR(error);
  bench->rig->setup.passwords = &bench->passwords;
}

static void bench_clear(Bench *bench)
{
  keys_private_free(bench->private);
  keys_public_free(bench->passwords.key);
  g_array_unref(bench->passwords.policies);
  rig_free(bench->rig);
}

static void add_reset(Rig *rig, const char *secret)
{
  rig_add(rig,
          &(Deed){.label = "reset", .kind = OP_MODIFY, .object = "account/1", .secret = secret});
  rig_seal(rig);
}

static bool list(const SealRow *seal, void *data)
{
  g_string_append_printf(data, "%d %s%s\n", (int)seal->number, seal->state,
                         seal->box ? "" : " empty");
  return true;
}

static void check_seals(Store *store, const char *want, const char *row)
{
  g_autoptr(GString) got = g_string_new(NULL);
  store_seals_each(store, list, got, NULL);
  UNIT_STR(got->str, want, "%s", row);
}

// What each thing that may happen makes of a seal.
static void outcomes(void)
{
  static const struct {
    const char *fault, *state, *seals;
  } rows[] = {
      {NULL, "done", "1 valid\n"},
      {"op 1 refused", "refused", "1 void empty\n"},
      {"op 1 failed", "failed", "1 void empty\n"},
      {"op 1 busy", "done", "1 valid\n"},
      // Nobody can see in the entry whether it was done, so it is sent again: with the same password.
      {"op 1 lost", "done", "1 valid\n"},
      {"op 1 lost done", "done", "1 valid\n"},
      {"op 1 unknown done", "done", "1 valid\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Bench bench;
    bench_init(&bench);
    add_reset(bench.rig, "*initial");
    if (rows[i].fault)
      rig_fault(bench.rig, rows[i].fault);
    rig_apply(bench.rig, NULL);
    UNIT_STR(rig_state(bench.rig, "reset"), rows[i].state, "%s", rows[i].fault);
    check_seals(bench.rig->store, rows[i].seals, rows[i].fault ? rows[i].fault : "no fault");
    bench_clear(&bench);
  }
}

static void look_at_disk(Rig *rig, const ApplyStep *step)
{
  if (!g_str_equal(step->name, "submit"))
    return;
  g_autofree char *folder = g_path_get_dirname(rig->path);
  g_autofree char *path = g_build_filename(folder, "idou.db", NULL);
  g_autoptr(Store) other = store_open(path, STORE_READ, NULL);
  if (UNIT_TRUE(other != NULL))
    check_seals(other, "1 sealed\n", "before it is sent");
  rig->hook = NULL;
}

static void on_disk_before_it_is_sent(void)
{
  Bench bench;
  bench_init(&bench);
  add_reset(bench.rig, "*initial");
  bench.rig->hook = look_at_disk;
  rig_apply(bench.rig, NULL);
  UNIT_TRUE(bench.rig->hook == NULL);
  SealRow seal;
  if (UNIT_TRUE(store_seal_at(bench.rig->store, 1, &seal))) {
    const BoxLabel label = {seal.target, seal.object, seal.attribute, seal.account, seal.label};
    g_autoptr(Secret) opened = box_open(bench.private, seal.box, &label, NULL);
    UNIT_TRUE(opened && strlen(secret_bytes(opened, NULL)) == 12);
  }
  bench_clear(&bench);
}

static void unknown_policy_sends_nothing(void)
{
  Bench bench;
  bench_init(&bench);
  add_reset(bench.rig, "*strong R9-1");
  rig_apply(bench.rig, NULL);
  UNIT_STR(rig_state(bench.rig, "reset"), "failed");
  UNIT_TRUE(strstr(rig_detail(bench.rig, "reset"), "strong") != NULL);
  UNIT_INT(rig_count(bench.rig, "submit "), 0);
  check_seals(bench.rig->store, "", "unknown policy");
  bench_clear(&bench);
}

static void add_older_run(Store *store)
{
  store_run_add(store, &(RunRow){.digest = "d", .state = "done", .ended = INSTANT_NONE}, NULL);
}

static void add_valid(Store *store, uint32_t n, const char *object)
{
  const SealRow row = {.run = 1,
                       .n = n,
                       .target = "t",
                       .object = object,
                       .attribute = "userPassword",
                       .label = "",
                       .account = "",
                       .key_id = "k",
                       .box = "b"};
  UNIT_TRUE(store_seal_add(store, &row, NULL) && store_seals_valid(store, &row, NULL));
}

// Another run: what works now is the newer one.
static void newer_voids_older(void)
{
  Bench bench;
  bench_init(&bench);
  Store *store = bench.rig->store;
  add_older_run(store);
  add_valid(store, 7, "account/1");
  add_valid(store, 8, "account/2");
  add_reset(bench.rig, "*initial");
  rig_apply(bench.rig, NULL);
  check_seals(store, "1 void empty\n2 valid\n3 valid\n", "a newer one");
  bench_clear(&bench);
}

// A newer one that did not come about leaves the older as it is.
static void failed_one_voids_nothing(void)
{
  Bench bench;
  bench_init(&bench);
  Store *store = bench.rig->store;
  add_older_run(store);
  add_valid(store, 7, "account/1");
  add_reset(bench.rig, "*initial");
  rig_fault(bench.rig, "op 1 refused");
  rig_apply(bench.rig, NULL);
  check_seals(store, "1 valid\n2 void empty\n", "refused");
  bench_clear(&bench);
}

static void deleting_voids(void)
{
  Bench bench;
  bench_init(&bench);
  rig_add_all(
      bench.rig,
      (const Deed[]){
          {.label = "reset", .kind = OP_MODIFY, .object = "account/1", .secret = "*initial"},
          {.label = "delete", .kind = OP_DELETE, .object = "account/1", .after = {"reset"}},
          {NULL}});
  rig_seal(bench.rig);
  rig_apply(bench.rig, NULL);
  check_seals(bench.rig->store, "1 void empty\n", "deleted");
  bench_clear(&bench);
}

static void without_passwords_nothing_is_sealed(void)
{
  Bench bench;
  bench_init(&bench);
  bench.rig->setup.passwords = NULL;
  add_reset(bench.rig, "*whatever");
  rig_apply(bench.rig, NULL);
  UNIT_STR(rig_state(bench.rig, "reset"), "done");
  check_seals(bench.rig->store, "", "no passwords");
  bench_clear(&bench);
}

// ---------------------------------------------------------------------------------------------
// Objects that another process is at.

static void what_the_desk_is_at_waits(void)
{
  Bench bench;
  bench_init(&bench);
  Rig *rig = bench.rig;
  g_autofree char *path = g_build_filename(unit_dir(), "objects", NULL);
  g_autofree char *name = apply_latch("t", "account/1");
  rig->setup.object_locks = path;
  rig->config.retries = 0;
  rig_add_all(rig, (const Deed[]){{.label = "title",
                                   .kind = OP_MODIFY,
                                   .object = "account/1",
                                   .attribute = "title",
                                   .old_value = "staff",
                                   .new_value = "chief"},
                                  {.label = "other",
                                   .kind = OP_MODIFY,
                                   .object = "account/2",
                                   .attribute = "title",
                                   .old_value = "staff",
                                   .new_value = "chief"},
                                  {NULL}});
  rig_seal(rig);
  Latches *desk = latches_open(path, NULL);
  bool got = false;
  UNIT_TRUE(latches_try(desk, name, &got, NULL) && got);
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "title"), "failed");
  UNIT_TRUE(strstr(rig_detail(rig, "title"), "service desk") != NULL);
  UNIT_STR(rig_state(rig, "other"), "done");
  latches_close(desk);
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "title"), "done");
  // Nothing stays locked.
  g_autoptr(Latches) after = latches_open(path, NULL);
  UNIT_TRUE(latches_try(after, name, &got, NULL) && got);
  bench_clear(&bench);
}

static void latches(void)
{
  g_autofree char *path = g_build_filename(unit_dir(), "latches", NULL);
  g_autoptr(Latches) a = latches_open(path, NULL), b = latches_open(path, NULL);
  bool got = false;
  UNIT_TRUE(latches_try(a, "x", &got, NULL) && got);
  UNIT_TRUE(latches_try(a, "x", &got, NULL) && got);
  UNIT_TRUE(latches_try(b, "x", &got, NULL) && !got);
  UNIT_TRUE(latches_try(b, "y", &got, NULL) && got);
  latches_drop(a, "x");
  UNIT_TRUE(latches_try(b, "x", &got, NULL) && got);
}

static const UnitTest tests[] = {
    {"outcomes", outcomes},
    {"on_disk_before_it_is_sent", on_disk_before_it_is_sent},
    {"unknown_policy_sends_nothing", unknown_policy_sends_nothing},
    {"newer_voids_older", newer_voids_older},
    {"failed_one_voids_nothing", failed_one_voids_nothing},
    {"deleting_voids", deleting_voids},
    {"without_passwords_nothing_is_sealed", without_passwords_nothing_is_sealed},
    {"what_the_desk_is_at_waits", what_the_desk_is_at_waits},
    {"latches", latches},
    {NULL, NULL},
};
UNIT_SUITE(apply_seals, tests);
