// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a target says of one account.
#include "job/job_p.h"

#include <string.h>

static const char *const account_attributes[] = {"sAMAccountName", "uid", "userPrincipalName",
                                                 "mail"};

void desk_account_clear(DeskAccount *account)
{
  g_free(account->object);
  g_free(account->dn);
  g_free(account->id);
  g_free(account->account);
  g_free(account->lock);
  g_free(account->must);
  g_free(account->protected_by);
  *account = (DeskAccount){0};
}

void desk_door_close(DeskDoor *door)
{
  g_clear_pointer(&door->reader, reader_close);
  g_clear_pointer(&door->schema, schema_free);
  if (door->fingerprint != NULL)
    g_string_free(g_steal_pointer(&door->fingerprint), TRUE);
}

static void add_attributes(const DeskDoor *door, Schema *schema)
{
  const DeskTraits *traits = desk_traits(door->config->type);
  const char *const wanted[] = {traits->lock, traits->must_change, door->config->disable_attribute};
  for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
    if (wanted[i] != NULL)
      schema_attr(schema, wanted[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(account_attributes); i++)
    schema_attr(schema, account_attributes[i]);
  const char *const *protects = guard_attributes(door->guard);
  for (; protects != NULL && *protects != NULL; protects++)
    schema_attr(schema, *protects);
}

bool desk_door_open(DeskDoor *door, GError **error)
{
  if (door->reader != NULL)
    return true;
  door->reader = reader_open(door->config, error);
  door->schema = schema_new();
  door->fingerprint = g_string_new(NULL);
  if (door->reader == NULL)
    return false;
  add_attributes(door, door->schema);
  return guard_canaries(door->guard, door->reader, error) &&
         reader_fingerprint(door->reader, door->fingerprint, error) &&
         reader_schema(door->reader, door->schema, NULL, error);
}

// ---------------------------------------------------------------------------------------------

typedef struct Looking {
  DeskDoor *door;
  DeskAccount *account;
} Looking;

static char *value_of(const Looking *looking, const Observed *entry, const char *name)
{
  AttrId attr;
  if (name == NULL || !schema_find(looking->door->schema, name, &attr))
    return NULL;
  for (size_t i = 0; i < entry->n_attributes; i++)
    if (entry->attributes[i].attr == attr && entry->attributes[i].n_values > 0)
      return g_strndup(entry->attributes[i].values[0].at, entry->attributes[i].values[0].n);
  return NULL;
}

static bool take_entry(const Observed *entry, void *data, GError **error)
{
  (void)error;
  const Looking *looking = data;
  DeskAccount *account = looking->account;
  account->found = true;
  account->dn = g_strndup(entry->dn.at, entry->dn.n);
  account->enabled = entry->enabled;
  account->lock = value_of(looking, entry, account->traits->lock);
  account->must = value_of(looking, entry, account->traits->must_change);
  for (size_t i = 0; i < G_N_ELEMENTS(account_attributes) && account->account == NULL; i++)
    account->account = value_of(looking, entry, account_attributes[i]);
  if (entry->protected_by != NULL)
    account->protected_by = g_strdup(entry->protected_by);
  else if (guard_protects(entry, looking->door->schema, (void *)looking->door->guard))
    account->protected_by = g_strdup(_("“protected” in the site file"));
  return true;
}

static bool knows(const DeskDoor *door, const char *name)
{
  AttrId attr;
  return name != NULL && schema_find(door->schema, name, &attr) &&
         schema_at(door->schema, attr)->known;
}

bool desk_account_read(DeskDoor *door, DeskAccount *account, GError **error)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (size_t i = 0; i < schema_count(door->schema); i++)
    if (schema_at(door->schema, (AttrId)i)->known)
      g_ptr_array_add(names, (gpointer)schema_at(door->schema, (AttrId)i)->name);
  g_ptr_array_add(names, NULL);
  const char *const places[] = {"", NULL};
  const char *const keys[] = {account->id, NULL};
  const Scope scope = {
      .places = places, .attributes = (const char *const *)names->pdata, .keys = keys};
  Looking looking = {door, account};
  size_t n = 0;
  account->knows_must = knows(door, account->traits->must_change);
  return reader_read(door->reader, &scope, door->schema, take_entry, &looking, &n, error);
}
