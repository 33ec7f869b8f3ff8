// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_kit.h"

#include "unit.h"

#include <string.h>

const char kit_content[] =
    "version: 1\n\n"
    "dn: dc=city,dc=example\nobjectClass: dcObject\nobjectClass: organization\ndc: city\no: "
    "City\n\n"
    "dn: ou=people,dc=city,dc=example\nobjectClass: organizationalUnit\nou: people\n\n"
    "dn: ou=retired,dc=city,dc=example\nobjectClass: organizationalUnit\nou: retired\n\n"
    "dn: ou=groups,dc=city,dc=example\nobjectClass: organizationalUnit\nou: groups\n\n"
    "dn: uid=yamada,ou=people,dc=city,dc=example\nobjectClass: inetOrgPerson\nuid: yamada\n"
    "cn:: 5bGx55SwIOWkqumDjg==\nsn: Yamada\ntitle: staff\nemployeeNumber: 000310\n"
    "userPassword: {SSHA}x\nentryUUID: 11111111-1111-1111-1111-111111111111\n\n"
    "dn: uid=sato,ou=people,dc=city,dc=example\nobjectClass: inetOrgPerson\nuid: sato\ncn: Sato\n"
    "sn: Sato\nemployeeNumber: 000311\npwdAccountLockedTime: 000001010000Z\n"
    "entryUUID: 22222222-2222-2222-2222-222222222222\n\n"
    "dn: cn=g,ou=groups,dc=city,dc=example\nobjectClass: groupOfNames\ncn: g\n"
    "member: uid=sato,ou=people,dc=city,dc=example\n"
    "member: cn=filler,dc=city,dc=example\n";

const Placed kit_places[] = {
    {"container/ou=people", NULL, "ou=people", NULL, true},
    {"container/ou=retired", NULL, "ou=retired", NULL, true},
    {"container/ou=groups", NULL, "ou=groups", NULL, true},
    {"account/1", "container/ou=people", "uid=yamada", NULL, true},
    {"account/2", "container/ou=people", "uid=sato", NULL, true},
    {"account/3", "container/ou=people", "uid=suzuki", NULL, false},
    {"account/9", "container/ou=people", "uid=vanished", NULL, true},
    {"group/g", "container/ou=groups", "cn=g", NULL, true},
};
const size_t kit_n_places = G_N_ELEMENTS(kit_places);

typedef struct Whole {
  Op op;
  OpChange changes[5];
  OpValue values[6];
} Whole;

static OpValue value_of(const char *text)
{
  if (*text == '@')
    return (OpValue){VALUE_REF, text + 1, strlen(text + 1)};
  if (*text == '!')
    return (OpValue){VALUE_SECRET, text + 1, strlen(text + 1)};
  return (OpValue){VALUE_TEXT, text, strlen(text)};
}

static void add_change(Whole *whole, const char *attribute, const char *old_value,
                       const char *new_value)
{
  OpChange *change = &whole->changes[whole->op.n_changes++];
  change->attribute = attribute;
  size_t n = 0;
  while (n < G_N_ELEMENTS(whole->values) && whole->values[n].bytes)
    n++;
  if (old_value) {
    whole->values[n] = value_of(old_value);
    change->old_values = &whole->values[n++];
    change->n_old = 1;
  }
  if (new_value) {
    whole->values[n] = value_of(new_value);
    change->new_values = &whole->values[n];
    change->n_new = 1;
  }
}

Op *kit_op(const KitOp *brief)
{
  Whole *whole = g_new0(Whole, 1);
  Op *op = &whole->op;
  *op = (Op){.n = 1,
             .kind = brief->kind,
             .object = brief->object,
             .member = brief->member,
             .parent = brief->parent,
             .name = brief->name,
             .changes = whole->changes};
  if (brief->kind == OP_CREATE) {
    add_change(whole, "objectClass", NULL, "inetOrgPerson");
    add_change(whole, "uid", NULL, strchr(brief->name, '=') + 1);
    add_change(whole, "cn", NULL, "Suzuki");
    add_change(whole, "sn", NULL, "Suzuki");
  }
  if (brief->attribute) {
    add_change(whole, brief->attribute, brief->old_value, brief->new_value);
    whole->changes[op->n_changes - 1].replace = brief->replace;
  }
  return op;
}

void kit_op_free(Op *op)
{
  g_free(op);
}

char *kit_file(void)
{
  char *path = g_build_filename(unit_dir(), "system.ldif", NULL);
  GError *error = NULL;
  if (!g_file_set_contents(path, kit_content, -1, &error))
    g_error("%s", error->message);
  return path;
}

Outcome kit_run(Writer *writer, const Op *op)
{
  GError *error = NULL;
  bool got = false;
  Outcome outcome = {.kind = OUTCOME_SENT};
  g_autoptr(GPtrArray) secrets = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
  for (size_t i = 0; i < op_n_secrets(op); i++)
    g_ptr_array_add(secrets, secret_random(20, NULL));
  if (!writer_submit(writer, &(Sending){&op, 1, secrets, 0, false}, 7, &error) ||
      !writer_collect(writer, 1000, &outcome, &got, &error)) {
    unit_no_error(error, &(UnitPlace){__FILE__, __func__, __LINE__}, " ");
    g_clear_error(&error);
  } else if (!got || outcome.token != 7) {
    UNIT_TRUE(got && outcome.token == 7);
  }
  return outcome;
}

char *kit_text(const char *path)
{
  char *text = NULL;
  g_file_get_contents(path, &text, NULL, NULL);
  return text;
}
