// SPDX-License-Identifier: GPL-3.0-or-later
//
// Across targets: whoever is named in an access list exists before, and nothing of somebody is cleaned up
// elsewhere before their domain account is off. What takes rights away waits for nobody: it goes on while the
// domain is down. Sections are carried out in the order of the targets, the domains first.
#include "planner/planner_p.h"

#include <string.h>

typedef struct Off {
  uint32_t op;
  Instant not_before;
} Off;

struct Across {
  GHashTable *principals;  // normal form of a sAMAccountName -> operation that makes it so
  GHashTable *off;         // person -> Off
  const char *unread;      // a domain with people's accounts that could not be read; NULL = none
};

Across *across_new(void)
{
  Across *across = g_new0(Across, 1);
  across->principals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  across->off = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  return across;
}

void across_free(Across *across)
{
  if (across == NULL)
    return;
  g_hash_table_unref(across->principals);
  g_hash_table_unref(across->off);
  g_free(across);
}

static char *principal_key(const char *name, size_t n)
{
  GString *key = g_string_new(NULL);
  g_autofree char *text = g_strndup(name, n);
  text_key(text, key);
  return g_string_free(key, FALSE);
}

// ---------------------------------------------------------------------------------------------
// What others may wait for.

static bool is_domain(const Side *side)
{
  return strcmp(side->target->config->type, "ad") == 0;
}

void side_across_unread(Side *side)
{
  for (size_t i = 0; is_domain(side) && i < side->setup->source->n_klasses; i++) {
    const Klass *klass = side_klass_at(side, i);
    if (klass->subject == FOR_PERSON && strcmp(klass->target, side->target->config->name) == 0)
      side->across->unread = side->target->config->name;
  }
}

static void note_principals(Across *across, const OpChange *change, uint32_t handle)
{
  for (size_t i = 0; i < change->n_new; i++)
    if (change->new_values[i].kind == VALUE_TEXT)
      g_hash_table_insert(across->principals,
                          principal_key(change->new_values[i].bytes, change->new_values[i].n),
                          GUINT_TO_POINTER(handle));
}

static void note_op(Across *across, const Op *op, uint32_t handle)
{
  for (size_t i = 0; !op_traits(op->kind)->edge && i < op->n_changes; i++)
    if (g_ascii_strcasecmp(op->changes[i].attribute, "sAMAccountName") == 0)
      note_principals(across, &op->changes[i], handle);
  if (op->kind != OP_DISABLE || op->person == 0)
    return;
  Off off = {handle, op->not_before};
  g_hash_table_insert(across->off, GUINT_TO_POINTER(op->person), g_memdup2(&off, sizeof off));
}

// ---------------------------------------------------------------------------------------------
// What waits.

// The account's name in "allow read CITY\g-0101 (S-1-5-…)"; NULL when it names none of a domain.
static const char *principal_of(const OpValue *value, size_t *n)
{
  const char *slash = memchr(value->bytes, '\\', value->n);
  if (slash == NULL)
    return NULL;
  const char *name = slash + 1, *end = value->bytes + value->n;
  const char *sid = g_strstr_len(name, end - name, " (S-1-");
  *n = (size_t)((sid != NULL ? sid : end) - name);
  return name;
}

static void wait_for_principals(Side *side, const OpChange *change, uint32_t handle)
{
  for (size_t i = 0; i < change->n_new; i++) {
    size_t n = 0;
    const OpValue *value = &change->new_values[i];
    const char *name = value->kind == VALUE_TEXT ? principal_of(value, &n) : NULL;
    if (name == NULL)
      continue;
    g_autofree char *key = principal_key(name, n);
    uint32_t made = GPOINTER_TO_UINT(g_hash_table_lookup(side->across->principals, key));
    plan_add_after(side->plan, handle, made);
  }
}

// A card that hands collect is void at once, whatever becomes of the account: nothing is lost with it.
static bool cleans_up(const Side *side, const Op *op)
{
  return op->person != 0 && (op->kind == OP_DELETE || op->kind == OP_MOVE) &&
         !tasks_are(side->target->config);
}

// What is due does not wait for what is off only on a later day.
static void wait_for_off(Side *side, const Op *op, uint32_t handle)
{
  const Off *off = g_hash_table_lookup(side->across->off, GUINT_TO_POINTER(op->person));
  // By days: within one the account goes off first, however late in the night that is.
  Instant when = op->not_before == INSTANT_NONE ? side->setup->now : op->not_before;
  bool later = off != NULL && off->not_before != INSTANT_NONE &&
               date_of_instant(when) < date_of_instant(off->not_before);
  if (off != NULL && !later)
    plan_add_after(side->plan, handle, off->op);
}

bool side_waits(Side *side, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  const Klass *klass = side_klass(side, index);
  if (side->across == NULL || side->across->unread == NULL || klass->subject != FOR_PERSON ||
      entry->presence == PRESENCE_PRESENT || tasks_are(side->target->config))
    return false;
  g_autofree char *text = g_strdup_printf(
      _("whether the account is off in %s, which cannot be read, is not known: until then "
        "nothing is cleaned up here"),
      side->across->unread);
  side_note_left(side, "waits", index, NULL, text);
  return true;
}

void side_across(Side *side, const Op *op, uint32_t handle)
{
  if (side->across == NULL)
    return;
  if (is_domain(side)) {
    note_op(side->across, op, handle);
    return;
  }
  for (size_t i = 0; side->target->config->principals != NULL && i < op->n_changes; i++)
    wait_for_principals(side, &op->changes[i], handle);
  if (cleans_up(side, op))
    wait_for_off(side, op, handle);
}
