// SPDX-License-Identifier: GPL-3.0-or-later
//
// A bundle as what is wanted: tables filled from what was read, with the words that came along.
#include "bundle/bundle_p.h"

#include <string.h>

typedef struct Told {
  DesiredSource source;
  const Bundle *bundle;
} Told;

typedef struct Stated {
  Desired desired;
  const Bundle *bundle;
  const Section *section;
  GPtrArray *entries;  // const NoteEntry *: of the table's entry `first` and on
  uint32_t first;
  uint16_t *klasses;    // in the table, by class of the source
  GHashTable *objects;  // object -> entry + 1
  GHashTable *doubts;   // person -> why
  bool any_ended;
} Stated;

// ---------------------------------------------------------------------------------------------
// What it says.

static const NoteEntry *entry_of(const Stated *stated, uint32_t index)
{
  uint32_t i = index - stated->first;
  return index < stated->first || i >= stated->entries->len ? NULL
                                                            : g_ptr_array_index(stated->entries, i);
}

static uint16_t klass_of(const Desired *desired, size_t i)
{
  return ((const Stated *)desired)->klasses[i];
}

// What was asked before stands there already.
static void add_words(GString *out, const char *words)
{
  g_auto(GStrv) told = g_strsplit(out->str, ", ", -1);
  g_auto(GStrv) added = g_strsplit(words, ", ", -1);
  for (char **word = added; *word != NULL; word++)
    if (!g_strv_contains((const char *const *)told, *word))
      g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", *word);
}

static bool tell_why(const NoteEntry *entry, const NoteWhy *why, Why *out)
{
  if (*why->rules == '\0')
    return false;
  add_words(out->rule, why->rules);
  add_words(out->reason, why->reason);
  g_auto(GStrv) rows = g_strsplit(why->rows, ",", -1);
  for (char **row = rows; *row != NULL; row++) {
    guint64 i = 0;
    if (!g_ascii_string_to_unsigned(*row, 10, 1, entry->n_rows, &i, NULL))
      continue;
    int64_t id = (int64_t)(entry->row + i);
    g_array_append_val(out->rows, id);
  }
  return true;
}

static bool why_of(Desired *desired, uint32_t index, const char *attribute, Why *out)
{
  const Stated *stated = (const Stated *)desired;
  const NoteEntry *entry = entry_of(stated, index);
  if (entry == NULL || attribute == NULL)
    return entry != NULL && tell_why(entry, &entry->why, out);
  for (guint i = 0; i < entry->n_attrs; i++) {
    const NoteAttr *attr = &g_array_index(stated->bundle->attrs, NoteAttr, entry->attr + i);
    if (g_ascii_strcasecmp(attr->name, attribute) == 0)
      return tell_why(entry, &attr->why, out);
  }
  return false;
}

static bool why_of_edge(Desired *desired, uint32_t group, uint32_t member, Why *out)
{
  const Stated *stated = (const Stated *)desired;
  const NoteEntry *entry = entry_of(stated, member), *of = entry_of(stated, group);
  for (guint i = 0; entry != NULL && of != NULL && i < entry->n_edges; i++) {
    const NoteEdge *edge = &g_array_index(stated->bundle->edges, NoteEdge, entry->edge + i);
    if (strcmp(edge->group, of->object) == 0)
      return tell_why(entry, &edge->why, out);
  }
  return false;
}

static const NoteRow *row_of(const Desired *desired, int64_t row)
{
  const GArray *rows = ((const Stated *)desired)->bundle->rows;
  return row < 1 || row > (int64_t)rows->len ? NULL : &g_array_index(rows, NoteRow, row - 1);
}

static bool origin_of(Desired *desired, int64_t row, RowOrigin *out)
{
  const NoteRow *note = row_of(desired, row);
  if (note != NULL)
    *out = note->origin;
  return note != NULL && note->origin.file != NULL;
}

static bool order_of(Desired *desired, int64_t row, DesiredOrder *out)
{
  const NoteRow *note = row_of(desired, row);
  if (note != NULL)
    *out = note->order;
  return note != NULL && note->order.kind != NULL;
}

static bool event_of(Desired *desired, uint32_t person, int64_t row, bool enables,
                     DesiredEvent *out)
{
  (void)person;
  const NoteRow *note = row_of(desired, row);
  if (note == NULL || note->event.cause == NULL)
    return false;
  *out = (DesiredEvent){note->event.from, enables ? note->enables : note->event.cause};
  return true;
}

static uint32_t person_of(Desired *desired, uint32_t index)
{
  const NoteEntry *entry = entry_of((const Stated *)desired, index);
  return entry != NULL ? entry->person : 0;
}

static void label_of(Desired *desired, uint32_t index, GString *out)
{
  const NoteEntry *entry = entry_of((const Stated *)desired, index);
  g_string_append(out, entry != NULL ? entry->label : entry_key(table_at(desired->table, index)));
}

static bool is_over(Desired *desired, uint32_t index)
{
  const NoteEntry *entry = entry_of((const Stated *)desired, index);
  return entry != NULL && entry->ended;
}

static bool any_over(Desired *desired)
{
  return ((const Stated *)desired)->any_ended;
}

static const char *doubt_of(Desired *desired, uint32_t person)
{
  return g_hash_table_lookup(((const Stated *)desired)->doubts, GUINT_TO_POINTER(person));
}

static void close_stated(Desired *desired)
{
  Stated *stated = (Stated *)desired;
  g_ptr_array_unref(stated->entries);
  g_hash_table_unref(stated->objects);
  g_hash_table_unref(stated->doubts);
  g_free(stated->klasses);
  g_free(stated);
}

static const DesiredType stated_type = {
    .klass = klass_of,
    .why = why_of,
    .why_edge = why_of_edge,
    .origin = origin_of,
    .order = order_of,
    .event = event_of,
    .person = person_of,
    .label = label_of,
    .ended = is_over,
    .any_ended = any_over,
    .doubt = doubt_of,
    .close = close_stated,
};

// ---------------------------------------------------------------------------------------------
// Which entries.

// Those of the day; when the moment asked for is before it, with what is other at the moment the bundle was made.
static void list_entries(Stated *stated, bool now)
{
  const Section *section = stated->section;
  g_autoptr(GHashTable) others = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; now && i < section->now->len; i++) {
    NoteEntry *entry = &g_array_index(section->now, NoteEntry, i);
    g_hash_table_insert(others, (gpointer)entry->object, entry);
  }
  for (guint i = 0; i < section->entries->len; i++) {
    NoteEntry *entry = &g_array_index(section->entries, NoteEntry, i);
    NoteEntry *other = g_hash_table_lookup(others, entry->object);
    g_hash_table_remove(others, entry->object);
    if (!now || !g_hash_table_contains(section->not_now, entry->object))
      g_ptr_array_add(stated->entries, other != NULL ? other : entry);
  }
  for (guint i = 0; now && i < section->now->len; i++) {
    NoteEntry *entry = &g_array_index(section->now, NoteEntry, i);
    if (g_hash_table_contains(others, entry->object))
      g_ptr_array_add(stated->entries, entry);
  }
}

static uint32_t index_of(const Stated *stated, const char *object)
{
  return GPOINTER_TO_UINT(g_hash_table_lookup(stated->objects, object)) - 1;
}

// Entries come behind the places, in the order listed: where each will be is known before.
static void frame(Stated *stated, const DesiredSource *source)
{
  Table *table = stated->desired.table;
  const Section *section = stated->section;
  for (guint i = 0; i < section->containers->len; i++) {
    const char *object = g_ptr_array_index(section->containers, i);
    uint32_t index = table_container(table, object + strlen("container/"));
    g_hash_table_insert(stated->objects, (gpointer)object, GUINT_TO_POINTER(index + 1));
  }
  for (size_t i = 0; i < source->n_klasses; i++) {
    const Klass *klass = source->klass(source, i);
    if (strcmp(klass->target, section->target) != 0)
      continue;
    stated->klasses[i] = table_add_klass(table, klass->name);
    if (klass->subject == FOR_ASSIGNMENT)
      table_share_subjects(table, stated->klasses[i]);
  }
  stated->first = (uint32_t)table_count(table);
  for (guint i = 0; i < stated->entries->len; i++) {
    const NoteEntry *entry = g_ptr_array_index(stated->entries, i);
    g_hash_table_insert(stated->objects, (gpointer)entry->object,
                        GUINT_TO_POINTER(stated->first + i + 1));
    stated->any_ended |= entry->ended;
    if (entry->doubt != NULL)
      g_hash_table_insert(stated->doubts, GUINT_TO_POINTER(entry->person), (gpointer)entry->doubt);
  }
}

// ---------------------------------------------------------------------------------------------
// Filling.

typedef struct Filling {
  Stated *stated;
  const DesiredAsk *ask;
  GArray *attributes;  // Attribute
  GArray *values;      // Value: of the entry at hand
} Filling;

static bool unknown(const Stated *stated, const char *what, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_DAMAGED,
              _("%s: it speaks of “%s”, which is not in it: both sides need the same version of "
                "idou"),
              stated->bundle->paper.name, what);
  return false;
}

static bool is_too_long(const Attr *attr, const NoteValue *value)
{
  return attr->max_chars > 0 && value->kind == VALUE_TEXT && value->n > attr->max_chars &&
         text_valid(value->bytes, value->n, NULL) && text_chars(value->bytes) > attr->max_chars;
}

// False: the target cannot hold it.
static bool fits(const Filling *filling, const NoteEntry *entry)
{
  const Bundle *bundle = filling->stated->bundle;
  Schema *schema = table_schema(filling->ask->table);
  for (guint i = 0; i < entry->n_attrs; i++) {
    const NoteAttr *note = &g_array_index(bundle->attrs, NoteAttr, entry->attr + i);
    const Attr *attr = schema_at(schema, schema_attr(schema, note->name));
    for (guint k = 0; k < note->n_values; k++) {
      if (!is_too_long(attr, &g_array_index(bundle->values, NoteValue, note->value + k)))
        continue;
      findings_add(filling->ask->findings,
                   &(Finding){.level = FINDING_ERROR,
                              .code = "too-long",
                              .subject = entry->label,
                              .field = note->name},
                   _("the target takes %u characters; the rule is to be changed where bundles are "
                     "made"),
                   attr->max_chars);
      return false;
    }
  }
  return true;
}

static bool take_values(Filling *filling, const NoteAttr *note, GError **error)
{
  const Stated *stated = filling->stated;
  for (guint k = 0; k < note->n_values; k++) {
    const NoteValue *from = &g_array_index(stated->bundle->values, NoteValue, note->value + k);
    Value value = {.kind = from->kind, .n_bytes = (uint32_t)from->n, .bytes = from->bytes};
    if (from->kind == VALUE_REF) {
      value.ref = index_of(stated, from->object);
      if (value.ref == ENTRY_NONE)
        return unknown(stated, from->object, error);
    }
    g_array_append_val(filling->values, value);
  }
  return true;
}

static bool take_attributes(Filling *filling, const NoteEntry *entry, GError **error)
{
  Schema *schema = table_schema(filling->ask->table);
  const GArray *attrs = filling->stated->bundle->attrs;
  g_array_set_size(filling->attributes, 0);
  g_array_set_size(filling->values, 0);
  for (guint i = 0; i < entry->n_attrs; i++)
    if (!take_values(filling, &g_array_index(attrs, NoteAttr, entry->attr + i), error))
      return false;
  // Only now do the values stay where they are.
  const Value *values = (const Value *)(const void *)filling->values->data;
  for (guint i = 0; i < entry->n_attrs; i++) {
    const NoteAttr *note = &g_array_index(attrs, NoteAttr, entry->attr + i);
    Attribute attribute = {schema_attr(schema, note->name), note->policy, (uint16_t)note->n_values,
                           values};
    values += note->n_values;
    g_array_append_val(filling->attributes, attribute);
  }
  return true;
}

static bool take_entry(Filling *filling, const NoteEntry *entry, GError **error)
{
  Stated *stated = filling->stated;
  uint32_t parent = index_of(stated, entry->parent);
  uint16_t klass = KLASS_CONTAINER;
  for (guint i = 0; i < stated->bundle->klasses->len; i++)
    if (stated->klasses[i] != KLASS_CONTAINER &&
        strcmp(g_array_index(stated->bundle->klasses, const Klass *, i)->name, entry->klass) == 0)
      klass = stated->klasses[i];
  if (parent == ENTRY_NONE || klass == KLASS_CONTAINER)
    return unknown(stated, parent == ENTRY_NONE ? entry->parent : entry->klass, error);
  EntryDraft draft = {.subject = entry->subject,
                      .parent = parent,
                      .klass = klass,
                      .presence = entry->presence,
                      .enabled = entry->enabled,
                      .rdn = entry->rdn,
                      .key = entry->key,
                      .reason = entry->reason};
  if (!fits(filling, entry)) {
    // Left as it is, with its memberships.
    draft.presence = PRESENCE_RETAINED;
    draft.enabled = ENABLED_UNMANAGED;
    draft.reason = DESIRED_MISFIT;
    draft.rdn = "";
  } else if (!take_attributes(filling, entry, error)) {
    return false;
  } else {
    draft.attributes = (const Attribute *)(const void *)filling->attributes->data;
    draft.n_attributes = filling->attributes->len;
  }
  table_add(stated->desired.table, &draft);
  return true;
}

static bool take_edges(Filling *filling, uint32_t member, const NoteEntry *entry, GError **error)
{
  Stated *stated = filling->stated;
  for (guint i = 0; i < entry->n_edges; i++) {
    const char *group = g_array_index(stated->bundle->edges, NoteEdge, entry->edge + i).group;
    uint32_t index = index_of(stated, group);
    if (index == ENTRY_NONE)
      return unknown(stated, group, error);
    table_add_edge(stated->desired.table, index, member);
  }
  return true;
}

// Whoever walks up from an entry must arrive.
static bool ends_above(const Table *table, uint32_t index)
{
  size_t n = 0;
  while (index != ENTRY_NONE && n++ <= table_count(table))
    index = table_at(table, index)->parent;
  return index == ENTRY_NONE;
}

static bool check_places(const Stated *stated, GError **error)
{
  for (guint i = 0; i < stated->entries->len; i++) {
    const NoteEntry *entry = g_ptr_array_index(stated->entries, i);
    // Below a place, as most are, nothing can be wrong.
    if (!g_str_has_prefix(entry->parent, "container/") &&
        !ends_above(stated->desired.table, stated->first + i))
      return unknown(stated, entry->parent, error);
  }
  return true;
}

static bool fill(Stated *stated, const DesiredAsk *ask, GError **error)
{
  Filling filling = {stated, ask, g_array_new(FALSE, FALSE, sizeof(Attribute)),
                     g_array_new(FALSE, FALSE, sizeof(Value))};
  bool fine = true;
  for (guint i = 0; fine && i < stated->entries->len; i++)
    fine = take_entry(&filling, g_ptr_array_index(stated->entries, i), error);
  fine = fine && check_places(stated, error);
  for (guint i = 0; fine && i < stated->entries->len; i++)
    fine = take_edges(&filling, stated->first + i, g_ptr_array_index(stated->entries, i), error);
  g_array_unref(filling.attributes);
  g_array_unref(filling.values);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// The source.

static const Section *section_for(const Bundle *bundle, const char *target)
{
  for (guint i = 0; i < bundle->sections->len; i++) {
    const Section *section = &g_array_index(bundle->sections, Section, i);
    if (strcmp(section->target, target) == 0)
      return section;
  }
  return NULL;
}

static Desired *open_stated(const DesiredSource *source, const DesiredAsk *ask, GError **error)
{
  const Bundle *bundle = ((const Told *)source)->bundle;
  const BundleHead *head = &bundle->head;
  const Section *section = section_for(bundle, ask->config->name);
  if (section == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("target %s is not in the bundle: there, its entry in the site file lacks "
                  "“segment: %s”"),
                ask->config->name, head->id.segment);
    return NULL;
  }
  Stated *stated = g_new0(Stated, 1);
  stated->desired = (Desired){&stated_type, ask->table, ask->at};
  stated->bundle = bundle;
  stated->section = section;
  stated->entries = g_ptr_array_new();
  stated->klasses = g_new0(uint16_t, source->n_klasses + 1);
  stated->objects = g_hash_table_new(g_str_hash, g_str_equal);
  stated->doubts = g_hash_table_new(NULL, NULL);
  Instant begins = head->at != 0 ? head->at : date_start(head->as_of);
  list_entries(stated, section->has_now && ask->at < begins);
  frame(stated, source);
  if (fill(stated, ask, error))
    return &stated->desired;
  close_stated(&stated->desired);
  return NULL;
}

static const Klass *klass_at(const DesiredSource *source, size_t i)
{
  return g_array_index(((const Told *)source)->bundle->klasses, const Klass *, i);
}

G_GNUC_PRINTF(4, 5)
static void misfit(Findings *findings, const Klass *klass, const char *field, const char *format,
                   ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  findings_add(
      findings,
      &(Finding){
          .level = FINDING_ERROR, .code = "bundle-misfit", .subject = klass->file, .field = field},
      "%s", text);
}

static void hold_attributes(const Klass *klass, const Schema *schema, Findings *findings)
{
  for (const char *const *name = klass->attributes; *name != NULL; name++) {
    AttrId id;
    const Attr *attr = schema_find(schema, *name, &id) ? schema_at((Schema *)schema, id) : NULL;
    if (attr == NULL || !attr->known)
      misfit(findings, klass, *name, _("the target knows no attribute “%s”"), *name);
    else if (attr->readonly)
      misfit(findings, klass, *name, _("the target sets “%s” itself"), *name);
  }
}

static void hold_classes(const Klass *klass, const char *const *known, Findings *findings)
{
  for (const char *const *name = klass->classes; known[0] != NULL && *name != NULL; name++) {
    bool found = false;
    for (size_t i = 0; known[i] != NULL && !found; i++)
      found = g_ascii_strcasecmp(known[i], *name) == 0;
    if (!found)
      misfit(findings, klass, NULL, _("the target knows no object class “%s”"), *name);
  }
}

static void hold_policies(const Bundle *bundle, const char *const *policies, Findings *findings)
{
  for (guint i = 0; policies != NULL && i < bundle->values->len; i++) {
    const NoteValue *value = &g_array_index(bundle->values, NoteValue, i);
    g_autofree char *policy =
        value->kind == VALUE_SECRET ? g_strndup(value->bytes, strcspn(value->bytes, " ")) : NULL;
    if (policy == NULL || g_strv_contains(policies, policy))
      continue;
    findings_add(findings,
                 &(Finding){.level = FINDING_ERROR, .code = "password-policy", .field = policy},
                 _("“passwords” of the site file has no policy “%s”"), policy);
    return;
  }
}

static void hold_against(const DesiredSource *source, const MappingWorld *world, Findings *findings)
{
  const Bundle *bundle = ((const Told *)source)->bundle;
  for (guint i = 0; i < bundle->klasses->len; i++) {
    const Klass *klass = g_array_index(bundle->klasses, const Klass *, i);
    if (strcmp(klass->target, world->target) != 0)
      continue;
    hold_attributes(klass, world->schema, findings);
    hold_classes(klass, world->object_classes, findings);
  }
  hold_policies(bundle, world->policies, findings);
}

static void close_told(DesiredSource *source)
{
  g_free(source);
}

DesiredSource *bundle_source(const Bundle *bundle)
{
  Told *told = g_new0(Told, 1);
  told->source = (DesiredSource){.digest = bundle->head.rules,
                                 .n_klasses = bundle->klasses->len,
                                 .klass = klass_at,
                                 .fits = hold_against,
                                 .open = open_stated,
                                 .close = close_told};
  told->bundle = bundle;
  return &told->source;
}
