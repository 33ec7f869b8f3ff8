// SPDX-License-Identifier: GPL-3.0-or-later
//
// Writes down, for one person, what the rules want beside what was read. What differs is what the plan has
// an operation for.
#include "planner/planner_p.h"

#include <string.h>

typedef struct Notebook {
  Looking *looking;
  Side *side;
  Look *out;
  GPtrArray *ops;  // const Op: those about the person
} Notebook;

static const char *keep(Notebook *book, const char *text)
{
  return g_string_chunk_insert(book->out->strings, text == NULL ? "" : text);
}

static gpointer keep_array(Notebook *book, GArray *array, size_t *n)
{
  *n = array->len;
  gpointer data = g_array_free(array, FALSE);
  g_ptr_array_add(book->out->arrays, data);
  return data;
}

// ---------------------------------------------------------------------------------------------
// The plan's operations about the person.

static bool about_own(const Looking *looking, const Op *op)
{
  g_autoptr(GString) object = g_string_new(NULL);
  for (guint i = 0; i < looking->own->len; i++) {
    g_string_truncate(object, 0);
    table_object(looking->side.table, g_array_index(looking->own, uint32_t, i), object);
    if (strcmp(op->object, object->str) == 0 || g_strcmp0(op->member, object->str) == 0)
      return true;
  }
  return op->person == looking->person;
}

static void choose_ops(Notebook *book)
{
  for (uint32_t n = 1; n <= plan_n_ops(book->out->plan); n++) {
    const Op *op = plan_op(book->out->plan, n);
    if (about_own(book->looking, op))
      g_ptr_array_add(book->ops, (gpointer)op);
  }
}

static const Op *op_changing(const Notebook *book, const char *object, const char *attribute)
{
  for (guint i = 0; i < book->ops->len; i++) {
    const Op *op = g_ptr_array_index(book->ops, i);
    if (op->kind != OP_MODIFY || strcmp(op->object, object) != 0)
      continue;
    for (size_t k = 0; k < op->n_changes; k++)
      if (g_ascii_strcasecmp(op->changes[k].attribute, attribute) == 0)
        return op;
  }
  return NULL;
}

static const Op *op_on_edge(const Notebook *book, const char *group, const char *member)
{
  for (guint i = 0; i < book->ops->len; i++) {
    const Op *op = g_ptr_array_index(book->ops, i);
    if (op_traits(op->kind)->edge && strcmp(op->object, group) == 0 &&
        g_strcmp0(op->member, member) == 0)
      return op;
  }
  return NULL;
}

static bool is_labelled(const Notebook *book, const PlanNote *note)
{
  for (guint i = 0; i < book->looking->own->len; i++)
    if (g_strcmp0(note->label,
                  side_label(book->side, g_array_index(book->looking->own, uint32_t, i))) == 0)
      return true;
  return false;
}

static void choose_notes(Notebook *book)
{
  const PlanSection *section = plan_section(book->out->plan, 0);
  GPtrArray *notes = g_ptr_array_new();
  for (size_t i = 0; i < section->n_notes; i++)
    if (is_labelled(book, &section->notes[i]))
      g_ptr_array_add(notes, (gpointer)&section->notes[i]);
  g_ptr_array_add(notes, NULL);
  gpointer *list = g_ptr_array_free(notes, FALSE);
  g_ptr_array_add(book->out->arrays, list);
  book->out->notes = (const PlanNote *const *)list;
}

// ---------------------------------------------------------------------------------------------
// Values.

static OpValue text_value(Notebook *book, const char *bytes, size_t n)
{
  return (OpValue){VALUE_TEXT, g_string_chunk_insert_len(book->out->strings, bytes, (gssize)n), n};
}

static OpValue wanted_value(Notebook *book, const Value *value)
{
  if (value->kind == VALUE_TEXT)
    return text_value(book, value->bytes, value->n_bytes);
  if (value->kind == VALUE_SECRET)
    return (OpValue){.kind = VALUE_SECRET, .bytes = ""};
  g_autoptr(GString) place = g_string_new(NULL);
  table_place(book->side->table, value->ref, book->side->base, place);
  return text_value(book, place->str, place->len);
}

static void fill_wanted(Notebook *book, const Packed *packed, LookAttr *out)
{
  GArray *values = g_array_new(FALSE, FALSE, sizeof(OpValue));
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < packed->n_values && packed->policy != POLICY_CLEAR; i++) {
    Value value;
    at = packed_value(at, &value);
    OpValue shown = wanted_value(book, &value);
    g_array_append_val(values, shown);
  }
  out->should = keep_array(book, values, &out->n_should);
}

static bool is_secret(const LookAttr *attribute)
{
  for (size_t i = 0; i < attribute->n_should; i++)
    if (attribute->should[i].kind == VALUE_SECRET)
      return true;
  return record_is_secret(attribute->name);
}

static void fill_observed(Notebook *book, const Kept *kept, LookAttr *out)
{
  AttrId attr;
  GArray *values = g_array_new(FALSE, FALSE, sizeof(OpValue));
  const ObservedAttr *there = kept != NULL && schema_find(book->side->schema, out->name, &attr)
                                  ? diff_observed_attr(&kept->observed, attr)
                                  : NULL;
  for (size_t i = 0; there != NULL && i < there->n_values; i++) {
    OpValue shown = {.kind = VALUE_SECRET, .bytes = ""};
    if (!is_secret(out))
      shown = text_value(book, there->values[i].at, there->values[i].n);
    g_array_append_val(values, shown);
  }
  out->has = keep_array(book, values, &out->n_has);
}

// ---------------------------------------------------------------------------------------------
// Why.

typedef struct Because {
  const char *rule, *source, *order;
} Because;

static Because because(Notebook *book, const Why *why)
{
  Op op = {.why = "", .rule = "", .source = ""};
  side_explain(book->side, &op, why, why->reason->str);
  return (Because){keep(book, op.rule), keep(book, op.source), keep(book, op.why)};
}

static Because because_of(Notebook *book, uint32_t entry, const char *attribute)
{
  Why why;
  why_init(&why);
  book->side->desired->type->why(book->side->desired, entry, attribute, &why);
  Because told = because(book, &why);
  why_clear(&why);
  return told;
}

// ---------------------------------------------------------------------------------------------
// Attributes.

static LookAttr blank_attribute(Notebook *book, const char *name)
{
  return (LookAttr){
      .name = keep(book, name), .from = INSTANT_NONE, .rule = "", .source = "", .order = ""};
}

static void add_managed(Notebook *book, uint32_t index, const Kept *kept, GArray *out)
{
  const char *object = side_object(book->side, index);
  Cursor cursor = entry_cursor(table_at(book->side->table, index));
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    LookAttr attribute = blank_attribute(book, schema_at(book->side->schema, packed.attr)->name);
    attribute.managed = true;
    fill_wanted(book, &packed, &attribute);
    fill_observed(book, kept, &attribute);
    const Op *op = op_changing(book, object, attribute.name);
    attribute.differs = op != NULL;
    attribute.from = op == NULL ? INSTANT_NONE : op->not_before;
    Because told = because_of(book, index, attribute.name);
    attribute.rule = told.rule;
    attribute.source = told.source;
    attribute.order = told.order;
    g_array_append_val(out, attribute);
  }
}

static bool is_listed(const GArray *attributes, const char *name)
{
  for (guint i = 0; i < attributes->len; i++)
    if (g_ascii_strcasecmp(g_array_index(attributes, LookAttr, i).name, name) == 0)
      return true;
  return false;
}

// What is there though no rule asks for it now: of somebody who left, all of it.
static void add_unmanaged(Notebook *book, const Klass *klass, const Kept *kept, GArray *out)
{
  for (const char *const *name = klass->attributes; *name != NULL; name++) {
    LookAttr attribute = blank_attribute(book, *name);
    if (is_listed(out, *name))
      continue;
    fill_observed(book, kept, &attribute);
    if (attribute.n_has > 0)
      g_array_append_val(out, attribute);
  }
}

static void fill_locks(Notebook *book, const Kept *kept, LookEntry *out)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(LookAttr));
  for (const char *const *name = look_locks(); *name != NULL; name++) {
    LookAttr attribute = blank_attribute(book, *name);
    fill_observed(book, kept, &attribute);
    if (attribute.n_has > 0)
      g_array_append_val(list, attribute);
  }
  out->locks = keep_array(book, list, &out->n_locks);
}

// ---------------------------------------------------------------------------------------------
// Groups.

static void add_group(Notebook *book, uint32_t group, uint32_t member, GArray *out)
{
  Side *side = book->side;
  LookGroup shown = {.name = keep(book, entry_key(table_at(side->table, group))),
                     .ours = true,
                     .should = look_edge(side, group, member),
                     .has = side_has_member(side, group, member),
                     .from = INSTANT_NONE,
                     .rule = "",
                     .source = "",
                     .order = ""};
  if (!shown.should && !shown.has)
    return;
  const Op *op = op_on_edge(book, side_object(side, group), side_object(side, member));
  shown.differs = op != NULL;
  shown.from = op == NULL ? INSTANT_NONE : op->not_before;
  Why why;
  why_init(&why);
  if (shown.should && side->desired->type->why_edge(side->desired, group, member, &why)) {
    Because told = because(book, &why);
    shown.rule = told.rule;
    shown.source = told.source;
    shown.order = told.order;
  }
  why_clear(&why);
  g_array_append_val(out, shown);
}

static const char *group_name(Notebook *book, const char *dn, bool *ours)
{
  Side *side = book->side;
  uint32_t entry = side_find_place(side, dn, strlen(dn));
  *ours = entry != ENTRY_NONE && *entry_key(table_at(side->table, entry)) != '\0';
  return keep(book, *ours ? entry_key(table_at(side->table, entry)) : dn);
}

static bool is_shown(const GArray *groups, const char *name)
{
  for (guint i = 0; i < groups->len; i++) {
    const LookGroup *group = &g_array_index(groups, LookGroup, i);
    if (group->has && strcmp(group->name, name) == 0)
      return true;
  }
  return false;
}

static void add_nested(Notebook *book, uint32_t index, GArray *out)
{
  const GArray *all = book->looking->nested;
  for (guint i = 0; i < all->len; i++) {
    const Nested *nested = &g_array_index(all, Nested, i);
    bool ours = false, way_ours = false;
    const char *name = group_name(book, nested->dn, &ours);
    if (nested->member != index || is_shown(out, name))
      continue;
    LookGroup shown = {
        .name = keep(book, nested->dn),
        .has = true,
        .through = nested->through == NULL ? NULL : group_name(book, nested->through, &way_ours),
        .primary = nested->primary,
        .from = INSTANT_NONE,
        .rule = "",
        .source = "",
        .order = ""};
    g_array_append_val(out, shown);
  }
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const LookGroup *)a)->name, ((const LookGroup *)b)->name);
}

static void fill_groups(Notebook *book, uint32_t index, LookEntry *out)
{
  Side *side = book->side;
  GArray *list = g_array_new(FALSE, FALSE, sizeof(LookGroup));
  for (uint32_t group = 0; group < table_count(side->table); group++) {
    const Klass *klass = side_klass(side, group);
    if (klass != NULL && klass->member_attribute != NULL)
      add_group(book, group, index, list);
  }
  g_array_sort(list, by_name);
  for (guint i = 0; i < side->strangers->len; i++) {
    const Stranger *stranger = &g_array_index(side->strangers, Stranger, i);
    LookGroup shown = {.name = keep(book, stranger->dn),
                       .has = true,
                       .from = INSTANT_NONE,
                       .rule = "",
                       .source = "",
                       .order = ""};
    // Another class may have known it.
    if (stranger->member == index && !g_hash_table_contains(side->delivered, stranger->dn))
      g_array_append_val(list, shown);
  }
  add_nested(book, index, list);
  out->groups = keep_array(book, list, &out->n_groups);
}

// ---------------------------------------------------------------------------------------------
// Entries.

static void fill_state(Notebook *book, uint32_t index, const Kept *kept, LookEntry *out)
{
  const Side *side = book->side;
  uint16_t flags = side->flags[index];
  const char *elsewhere = g_hash_table_lookup(book->looking->elsewhere, GUINT_TO_POINTER(index));
  out->found = kept != NULL;
  out->dn = kept == NULL ? NULL : keep(book, kept->observed.dn.at);
  out->is_enabled = kept == NULL ? ENABLED_UNMANAGED : kept->observed.enabled;
  out->is_protected = (flags & PROTECTED) != 0;
  out->unclear = (flags & AMBIGUOUS) != 0;
  out->vanished = (flags & VANISHED) != 0;
  out->elsewhere = elsewhere == NULL ? NULL : keep(book, elsewhere);
}

// By kind of operation: where it stands in a LookEntry.
static const struct {
  OpKind kind;
  size_t offset;
} own_ops[] = {
    {OP_CREATE, offsetof(LookEntry, create)}, {OP_ADOPT, offsetof(LookEntry, adopt)},
    {OP_MOVE, offsetof(LookEntry, move)},     {OP_RENAME, offsetof(LookEntry, move)},
    {OP_ENABLE, offsetof(LookEntry, enable)}, {OP_DISABLE, offsetof(LookEntry, enable)},
    {OP_DELETE, offsetof(LookEntry, remove)},
};

static void fill_ops(const Notebook *book, LookEntry *out)
{
  for (guint i = 0; i < book->ops->len; i++) {
    const Op *op = g_ptr_array_index(book->ops, i);
    for (size_t k = 0; k < G_N_ELEMENTS(own_ops); k++)
      if (own_ops[k].kind == op->kind && strcmp(op->object, out->object) == 0)
        *(const Op **)(void *)((char *)out + own_ops[k].offset) = op;
  }
}

static void fill_proposed(Notebook *book, uint32_t index, LookEntry *out)
{
  const GArray *proposals = book->side->proposals;
  g_autoptr(GString) names = g_string_new(NULL);
  for (guint i = 0; i < proposals->len; i++) {
    const Proposal *proposal = &g_array_index(proposals, Proposal, i);
    if (proposal->unnamed.entry == index)
      g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", proposal->name);
  }
  if (names->len > 0)
    out->proposed = keep(book, names->str);
}

static LookEntry show_entry(Notebook *book, uint32_t index)
{
  Side *side = book->side;
  const Entry *entry = table_at(side->table, index);
  const Klass *klass = side_klass(side, index);
  const Kept *kept = g_hash_table_lookup(side->looked, GUINT_TO_POINTER(index));
  g_autoptr(GString) place = g_string_new(NULL);
  if (*entry_rdn(entry) != '\0')
    table_place(side->table, index, side->base, place);
  Because told = because_of(book, index, NULL);
  LookEntry out = {.klass = keep(book, klass->name),
                   .object = keep(book, side_object(side, index)),
                   .of_post = klass->subject == FOR_POST || klass->subject == FOR_ASSIGNMENT,
                   .presence = (Presence)entry->presence,
                   .reason = keep(book, entry_reason(entry)),
                   .enabled = (Enabled)entry->enabled,
                   .name = keep(book, entry_rdn(entry)),
                   .place = keep(book, place->str),
                   .rule = told.rule,
                   .source = told.source,
                   .order = told.order};
  fill_proposed(book, index, &out);
  fill_state(book, index, kept, &out);
  fill_ops(book, &out);
  GArray *attributes = g_array_new(FALSE, FALSE, sizeof(LookAttr));
  add_managed(book, index, kept, attributes);
  add_unmanaged(book, klass, kept, attributes);
  out.attributes = keep_array(book, attributes, &out.n_attributes);
  fill_locks(book, kept, &out);
  fill_groups(book, index, &out);
  return out;
}

// What somebody was given years ago is of interest only while something is to be done about it.
static bool is_past(const Side *side, uint32_t index)
{
  Presence presence = (Presence)table_at(side->table, index)->presence;
  bool over = presence == PRESENCE_CLOSED || presence == PRESENCE_ABSENT;
  return over && table_shares_subjects(side->table, table_at(side->table, index)->klass) &&
         !g_hash_table_contains(side->ops, GUINT_TO_POINTER(index));
}

void look_show(Looking *looking, Look *out)
{
  Notebook book = {looking, &looking->side, out, g_ptr_array_new()};
  choose_ops(&book);
  GArray *entries = g_array_new(FALSE, TRUE, sizeof(LookEntry));
  for (guint i = 0; i < looking->own->len; i++) {
    uint32_t own = g_array_index(looking->own, uint32_t, i);
    if (is_past(&looking->side, own))
      continue;
    LookEntry entry = show_entry(&book, own);
    g_array_append_val(entries, entry);
  }
  out->entries = keep_array(&book, entries, &out->n_entries);
  choose_notes(&book);
  g_ptr_array_add(book.ops, NULL);
  gpointer *ops = g_ptr_array_free(book.ops, FALSE);
  g_ptr_array_add(out->arrays, ops);
  out->ops = (const Op *const *)ops;
}
