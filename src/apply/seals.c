// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// Where the site says nothing of passwords: nobody learns them, so nobody types them. Of three kinds of characters,
// since AD takes no others.
static const SecretRule unsaid = {
    20, {"ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789", NULL}};

static Secret *make_one(const ApplySetup *setup, const Op *op, const OpSecret *wanted,
                        GError **error)
{
  if (!setup->passwords)
    return secret_make(&unsaid, op->account, error);
  const SecretRule *rule = passwords_rule(setup->passwords, wanted->policy);
  if (rule)
    return secret_make(rule, op->account, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("its password is to be made by the policy “%s”, which is not among “passwords” in "
                "the site file; nothing was sent"),
              wanted->policy);
  return NULL;
}

static BoxLabel label_of(const Op *op, const char *attribute)
{
  return (BoxLabel){op->target, op->object, attribute, op->account, op->label};
}

static bool make_of(const ApplySetup *setup, const Op *op, Cargo *cargo, GError **error)
{
  size_t n = op_n_secrets(op);
  if (n == 0 || cargo->secrets)
    return true;
  g_autoptr(GPtrArray) secrets = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
  g_autoptr(GPtrArray) boxes = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; i < n; i++) {
    const OpSecret wanted = op_secret(op, i);
    Secret *secret = make_one(setup, op, &wanted, error);
    if (!secret)
      return false;
    g_ptr_array_add(secrets, secret);
    const BoxLabel label = label_of(op, wanted.attribute);
    char *box = setup->passwords ? box_seal(setup->passwords->key, secret, &label, error) : NULL;
    if (setup->passwords && !box)
      return false;
    g_ptr_array_add(boxes, box);
  }
  cargo->secrets = g_steal_pointer(&secrets);
  cargo->boxes = setup->passwords ? g_steal_pointer(&boxes) : NULL;
  return true;
}

bool seals_make(const ApplySetup *setup, Parcel *parcel, GError **error)
{
  for (size_t i = 0; i < parcel->n_ops; i++)
    if (!make_of(setup, parcel->ops[i], &parcel->cargo[i], error))
      return false;
  return true;
}

static bool write_of(const ApplySetup *setup, int64_t run, const Op *op, const Cargo *cargo,
                     GError **error)
{
  if (!cargo->secrets)
    return true;
  // Of an attempt before, whose outcome was lost: whatever became of it, this one comes after it.
  if (!store_seals_void(setup->store, run, op->n, error))
    return false;
  for (size_t i = 0; cargo->boxes && i < cargo->boxes->len; i++) {
    SealRow row = {.run = run,
                   .n = op->n,
                   .target = op->target,
                   .object = op->object,
                   .attribute = op_secret(op, i).attribute,
                   .person = op->person,
                   .label = op->label ? op->label : "",
                   .account = op->account ? op->account : "",
                   .as_of = plan_head(setup->plan)->as_of,
                   .key_id = keys_public_id(setup->passwords->key),
                   .box = cargo->boxes->pdata[i]};
    if (!store_seal_add(setup->store, &row, error))
      return false;
  }
  return true;
}

bool seals_write(const ApplySetup *setup, int64_t run, const Parcel *parcel, GError **error)
{
  for (size_t i = 0; i < parcel->n_ops; i++)
    if (!write_of(setup, run, parcel->ops[i], &parcel->cargo[i], error))
      return false;
  return true;
}

typedef enum Verdict { SEAL_VOID, SEAL_VALID, SEAL_OPEN } Verdict;

// Already so before it was sent the first time: somebody else made it, with another password. After a sending
// whose answer was lost it was that one.
static Verdict judge(const Ending *ending)
{
  static const Verdict verdicts[N_STANDS] = {
      [STAND_DONE] = SEAL_VALID,   [STAND_ALREADY] = SEAL_VALID, [STAND_SENT] = SEAL_OPEN,
      [STAND_UNKNOWN] = SEAL_OPEN, [STAND_RECEIPT] = SEAL_OPEN,
  };
  if (ending->stand == STAND_ALREADY && !ending->doubted)
    return SEAL_VOID;
  return verdicts[ending->stand];
}

bool seals_are_valid(const Ending *ending)
{
  return judge(ending) == SEAL_VALID;
}

bool seals_end(Store *store, int64_t run, const Op *op, const Ending *ending, GError **error)
{
  Verdict verdict = judge(ending);
  if (verdict == SEAL_OPEN || op_n_secrets(op) == 0)
    return true;
  if (verdict == SEAL_VOID)
    return store_seals_void(store, run, op->n, error);
  return store_seals_valid(
      store, &(SealRow){.run = run, .n = op->n, .target = op->target, .object = op->object}, error);
}
