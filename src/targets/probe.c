// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

// How a set of values stands against an entry.
typedef struct Tally {
  size_t n_known;  // values that can be looked for (not secrets)
  size_t n_there;
} Tally;

static const Attr *attr_of(const Sight *sight, const char *name)
{
  AttrId id = 0;
  if (!schema_find(sight->schema, name, &id)) {
    id = schema_attr(sight->schema, name);
    // Not described: compared as text, which is right for nearly all.
    sight->type->writer_schema(sight->self, sight->schema, NULL);
  }
  return schema_at(sight->schema, id);
}

static bool value_there(const Sight *sight, const Field *field, const Attr *attr,
                        const OpValue *value)
{
  if (value->kind == VALUE_TEXT)
    return record_value(field, attr, value->bytes, value->n) >= 0;
  g_autoptr(GString) dn = g_string_new(NULL);
  return places_dn(sight->places, value->bytes, dn, NULL) &&
         record_value(field, attr, dn->str, dn->len) >= 0;
}

static Tally tally(const Sight *sight, const Record *record, const char *attribute,
                   const OpValue *values, size_t n_values)
{
  Tally out = {0};
  const Attr *attr = attr_of(sight, attribute);
  const Field *field = record_find(record, attribute);
  for (size_t i = 0; i < n_values; i++) {
    if (values[i].kind == VALUE_SECRET)
      continue;
    out.n_known++;
    out.n_there += value_there(sight, field, attr, &values[i]);
  }
  return out;
}

static size_t count_values(const Record *record, const char *attribute)
{
  const Field *field = record_find(record, attribute);
  return field ? field->values->len : 0;
}

// PROBE_UNKNOWN: the change holds nothing that can be looked at.
static Probe look_change(const Sight *sight, const Record *record, const OpChange *change)
{
  Tally old = tally(sight, record, change->attribute, change->old_values, change->n_old);
  Tally new = tally(sight, record, change->attribute, change->new_values, change->n_new);
  if (change->replace) {
    size_t n = count_values(record, change->attribute);
    if (new.n_known < change->n_new)
      return PROBE_UNKNOWN;
    bool is_new = new.n_there == change->n_new &&n == change->n_new;
    // Said anew as it was: that it holds tells nothing.
    if (is_new && change->n_old == n && n > 0 && old.n_there == n)
      return PROBE_UNKNOWN;
    if (is_new)
      return PROBE_DONE;
    return old.n_there == change->n_old && n == change->n_old ? PROBE_NOT_DONE : PROBE_DRIFTED;
  }
  if (old.n_known + new.n_known == 0)
    return PROBE_UNKNOWN;
  if (new.n_there == new.n_known && old.n_there == 0)
    return PROBE_DONE;
  return new.n_there == 0 && old.n_there == old.n_known ? PROBE_NOT_DONE : PROBE_DRIFTED;
}

bool probe_same(const Sight *sight, const Record *record, const Op *op)
{
  bool same = true;
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    Tally old = tally(sight, record, change->attribute, change->old_values, change->n_old);
    same &= count_values(record, change->attribute) <= old.n_there;
  }
  return same;
}

static bool fetch(const Sight *sight, const Op *op, Record **out, GError **error)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  if (!places_dn(sight->places, op->object, dn, error))
    return false;
  const char *id = op->stable_id ? op->stable_id : places_stable_id(sight->places, op->object);
  return sight->type->writer_fetch(sight->self, dn->str, id, NULL, out, error);
}

static bool look_modify(const Sight *sight, const Op *op, Probe *out, GError **error)
{
  g_autoptr(Record) record = NULL;
  if (!fetch(sight, op, &record, error))
    return false;
  unsigned counts[PROBE_UNKNOWN + 1] = {0};
  for (size_t i = 0; record && i < op->n_changes; i++)
    counts[look_change(sight, record, &op->changes[i])]++;
  bool mixed = counts[PROBE_DONE] && counts[PROBE_NOT_DONE];
  if (!record || counts[PROBE_DRIFTED] || mixed)
    *out = PROBE_DRIFTED;
  else
    *out = counts[PROBE_DONE]       ? PROBE_DONE
           : counts[PROBE_NOT_DONE] ? PROBE_NOT_DONE
                                    : PROBE_UNKNOWN;
  return true;
}

static bool look_create(const Sight *sight, const Op *op, Probe *out, GError **error)
{
  g_autoptr(GString) parent = g_string_new(NULL);
  // One that is brought back is completed by doing it again.
  *out = PROBE_NOT_DONE;
  if (op->stable_id && sight->type->writer_revive)
    return true;
  if (!places_dn(sight->places, op->parent, parent, error))
    return false;
  g_autofree char *dn = g_strdup_printf("%s,%s", op->name, parent->str);
  g_autoptr(Record) record = NULL;
  if (!sight->type->writer_fetch(sight->self, dn, NULL, NULL, &record, error))
    return false;
  *out = record ? PROBE_DONE : PROBE_NOT_DONE;
  for (size_t i = 0; record && i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    Tally new = tally(sight, record, change->attribute, change->new_values, change->n_new);
    if (new.n_there < new.n_known)
      *out = PROBE_DRIFTED;
  }
  return true;
}

static bool same_place(const char *a, const char *b)
{
  g_autoptr(GString) key_a = g_string_new(NULL), key_b = g_string_new(NULL);
  return place_key(a, strlen(a), key_a) && place_key(b, strlen(b), key_b) &&
         g_string_equal(key_a, key_b);
}

// Where the entry was and where it shall be, from the operation itself: the places may have followed
// it already. A rename's parent is wherever the object is now.
static bool compose_ends(const Sight *sight, const Op *op, GString *before, GString *after,
                         GError **error)
{
  g_autoptr(GString) now = g_string_new(NULL);
  if (!places_dn(sight->places, op->object, now, error))
    return false;
  size_t rdn_bytes = 0;
  const char *parent = NULL;
  if (!place_split(now->str, &rdn_bytes, &parent)) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s is not a valid name"), now->str);
    return false;
  }
  g_autofree char *rdn = g_strndup(now->str, rdn_bytes);
  g_autoptr(GString) old_parent = g_string_new(NULL), new_parent = g_string_new(NULL);
  bool moves = op->kind == OP_MOVE;
  if (moves && (!places_dn(sight->places, op->old_parent, old_parent, error) ||
                !places_dn(sight->places, op->parent, new_parent, error)))
    return false;
  g_string_printf(before, "%s,%s", op->old_name ? op->old_name : rdn,
                  moves ? old_parent->str : parent);
  g_string_printf(after, "%s,%s", op->name ? op->name : rdn, moves ? new_parent->str : parent);
  return true;
}

static bool look_rename(const Sight *sight, const Op *op, Probe *out, GError **error)
{
  g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL);
  if (!compose_ends(sight, op, before, after, error))
    return false;
  const char *id = op->stable_id ? op->stable_id : places_stable_id(sight->places, op->object);
  g_autoptr(Record) there = NULL, left = NULL;
  if (!sight->type->writer_fetch(sight->self, after->str, id, "1.1", &there, error))
    return false;
  if (!id && !sight->type->writer_fetch(sight->self, before->str, NULL, "1.1", &left, error))
    return false;
  bool at_new = there && same_place(there->dn, after->str);
  bool at_old = id ? there && same_place(there->dn, before->str) : left != NULL;
  // An operation that does not tell where the entry was, of a place that has been followed.
  at_old &= !at_new || !same_place(before->str, after->str);
  *out = at_new && !at_old ? PROBE_DONE : at_old && !at_new ? PROBE_NOT_DONE : PROBE_DRIFTED;
  return true;
}

static bool look_delete(const Sight *sight, const Op *op, Probe *out, GError **error)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  g_autoptr(Record) record = NULL;
  if (!places_dn(sight->places, op->object, dn, error) || !fetch(sight, op, &record, error))
    return false;
  *out = !record ? PROBE_DONE : same_place(record->dn, dn->str) ? PROBE_NOT_DONE : PROBE_DRIFTED;
  return true;
}

static bool look_edge(const Sight *sight, const Op *op, Probe *out, GError **error)
{
  g_autoptr(GString) group = g_string_new(NULL), member = g_string_new(NULL);
  bool there = false;
  if (!places_ref(sight->places, op->object, group, error) ||
      !places_ref(sight->places, op->member, member, error) ||
      !sight->type->writer_compare(sight->self, group->str, request_member_attribute(op),
                                   member->str, &there, error))
    return false;
  if (!there && sight->type->writer_is_primary &&
      !sight->type->writer_is_primary(sight->self, group->str, member->str, &there, error))
    return false;
  *out = there == (op->kind == OP_JOIN) ? PROBE_DONE : PROBE_NOT_DONE;
  return true;
}

static bool (*const lookers[OP_N_KINDS])(const Sight *sight, const Op *op, Probe *out,
                                         GError **error) = {
    [OP_CREATE] = look_create, [OP_RENAME] = look_rename, [OP_MOVE] = look_rename,
    [OP_MODIFY] = look_modify, [OP_ENABLE] = look_modify, [OP_DISABLE] = look_modify,
    [OP_DELETE] = look_delete, [OP_JOIN] = look_edge,     [OP_LEAVE] = look_edge,
};

bool probe_look(const Sight *sight, const Op *op, Probe *out, GError **error)
{
  *out = PROBE_UNKNOWN;
  return !lookers[op->kind] || lookers[op->kind](sight, op, out, error);
}

static void explain_values(const Field *field, GString *out)
{
  if (!field)
    g_string_append(out, _("nothing"));
  for (size_t i = 0; field && i < field->values->len && i < 3; i++) {
    const Bytes *value = &g_array_index(field->values, Bytes, i);
    if (i)
      g_string_append(out, ", ");
    escape_append(out, value->at, value->n, ESCAPE_TERMINAL);
  }
  if (field && field->values->len > 3)
    g_string_append(out, ", …");
}

// Where it is now, when that is not where it was expected.
static void explain_place(const Sight *sight, const Op *op, GString *out)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  g_autoptr(Record) record = NULL;
  if (!places_dn(sight->places, op->object, dn, NULL) || !fetch(sight, op, &record, NULL) ||
      (record && same_place(record->dn, dn->str)))
    return;
  if (record)
    escape_text(out, record->dn, ESCAPE_TERMINAL);
  else
    g_string_append(out, _("it is not there any more"));
}

// Only another primary group lets go of the one that there is.
static void explain_primary(const Sight *sight, const Op *op, GString *out)
{
  g_autoptr(GString) group = g_string_new(NULL), member = g_string_new(NULL);
  bool is_primary = false;
  if (sight->type->writer_is_primary && places_ref(sight->places, op->object, group, NULL) &&
      places_ref(sight->places, op->member, member, NULL) &&
      sight->type->writer_is_primary(sight->self, group->str, member->str, &is_primary, NULL) &&
      is_primary)
    g_string_append(out, _("it is the account's primary group: give the account another one "
                           "(primaryGroupID) first"));
}

void probe_explain(const Sight *sight, const Op *op, GString *out)
{
  g_autoptr(Record) record = NULL;
  if (op->kind == OP_LEAVE)
    explain_primary(sight, op, out);
  if (op->kind == OP_MOVE || op->kind == OP_RENAME || op->kind == OP_DELETE)
    explain_place(sight, op, out);
  if (lookers[op->kind] != look_modify || !fetch(sight, op, &record, NULL))
    return;
  if (!record)
    g_string_append(out, _("it is not there any more"));
  for (size_t i = 0; record && i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    Probe state = look_change(sight, record, change);
    if (state == PROBE_NOT_DONE || state == PROBE_UNKNOWN || record_is_secret(change->attribute))
      continue;
    g_string_append_printf(out, "%s%s: ", out->len ? "; " : "", change->attribute);
    explain_values(record_find(record, change->attribute), out);
  }
}
