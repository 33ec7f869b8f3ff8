// SPDX-License-Identifier: GPL-3.0-or-later
//
// A desired table as lines. Nothing goes in but what a rule writes into the target, the words that explain it, and the
// numbers by which we know the objects.
#include "bundle/bundle_p.h"

#include <stdlib.h>
#include <string.h>

#define PURPOSE_CHARS 16

// Why an entry is not in the bundle.
enum { LEFT_OUT = 1, STRANGER };

typedef struct Writing {
  const BundleSetup *setup;
  const TargetConfig *config;
  Pen pen;
  Schema *schema;
  GHashTable
      *known;  // objects that are wanted on the day or now, or that the bundle before told of
} Writing;

// One table of the target: of the day, or of now.
typedef struct Sheet {
  Writing *writing;
  Table *table;
  Desired *desired;
  const Klass **klasses;  // by class of the table
  uint8_t *out;           // by entry: 0, LEFT_OUT or STRANGER
  GArray *edges;          // Edge, by member
} Sheet;

// ---------------------------------------------------------------------------------------------
// Who is left out.

static bool is_unnamed(const Entry *entry)
{
  return entry->klass != KLASS_CONTAINER && entry->presence == PRESENCE_PRESENT &&
         *entry_rdn(entry) == '\0';
}

static void leave_out(Sheet *sheet, Findings *findings, uint32_t index, const char *why)
{
  g_autoptr(GString) label = g_string_new(NULL);
  sheet->out[index] = LEFT_OUT;
  sheet->desired->type->label(sheet->desired, index, label);
  findings_add(findings,
               &(Finding){.level = FINDING_WARNING, .code = "left-out", .subject = label->str},
               "%s: %s", sheet->writing->config->name, why);
}

static bool above_is_out(const Sheet *sheet, uint32_t index)
{
  for (uint32_t at = table_at(sheet->table, index)->parent; at != ENTRY_NONE;
       at = table_at(sheet->table, at)->parent)
    if (sheet->out[at])
      return true;
  return false;
}

static bool is_personal(const Sheet *sheet, const Entry *entry)
{
  static const bool personal[] = {
      [FOR_PERSON] = true, [FOR_POST] = true, [FOR_ASSIGNMENT] = true, [FOR_GROUP] = false};
  return entry->klass != KLASS_CONTAINER && personal[sheet->klasses[entry->klass]->subject];
}

static bool is_known(const Sheet *sheet, uint32_t index)
{
  g_autoptr(GString) object = g_string_new(NULL);
  table_object(sheet->table, index, object);
  return g_hash_table_contains(sheet->writing->known, object->str);
}

static void keep_references(Sheet *sheet, uint32_t index)
{
  uint32_t parent = table_at(sheet->table, index)->parent;
  if (parent != ENTRY_NONE && sheet->out[parent] == STRANGER)
    sheet->out[parent] = 0;
  Cursor cursor = entry_cursor(table_at(sheet->table, index));
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++) {
      Value value;
      at = packed_value(at, &value);
      if (value.kind == VALUE_REF && sheet->out[value.ref] == STRANGER)
        sheet->out[value.ref] = 0;
    }
  }
}

// A rule knows something of everybody: that they shall have nothing there. Of those who never had anything there, that is
// nobody's business.
static void leave_strangers(Sheet *sheet)
{
  size_t n = table_count(sheet->table);
  for (uint32_t i = 0; i < n; i++) {
    const Entry *entry = table_at(sheet->table, i);
    if (sheet->out[i] == 0 && entry->presence != PRESENCE_PRESENT && is_personal(sheet, entry) &&
        !is_known(sheet, i))
      sheet->out[i] = STRANGER;
  }
  for (uint32_t i = 0; i < n; i++)
    if (sheet->out[i] == 0)
      keep_references(sheet, i);
}

static void choose(Sheet *sheet, Findings *findings)
{
  size_t n = table_count(sheet->table);
  if (!sheet->writing->setup->everybody)
    leave_strangers(sheet);
  for (uint32_t i = 0; i < n; i++)
    if (table_is_double(sheet->table, i))
      sheet->out[i] = LEFT_OUT;  // told as such
    else if (is_unnamed(table_at(sheet->table, i)))
      leave_out(
          sheet, findings, i,
          _("no name is allocated yet; it comes with the bundle after the plan that allocates "
            "it was applied"));
  for (uint32_t i = 0; i < n; i++)
    if (!sheet->out[i] && above_is_out(sheet, i))
      leave_out(sheet, findings, i, _("what it belongs below is left out"));
}

// ---------------------------------------------------------------------------------------------
// Opening.

static int by_member(const void *a, const void *b)
{
  const Edge *x = a, *y = b;
  if (x->member != y->member)
    return x->member < y->member ? -1 : 1;
  return x->group < y->group ? -1 : x->group > y->group;
}

static void collect_edges(Sheet *sheet)
{
  sheet->edges = g_array_new(FALSE, FALSE, sizeof(Edge));
  for (uint32_t group = 0; group < table_count(sheet->table); group++) {
    size_t n = 0;
    const Edge *edges = table_edges(sheet->table, group, &n);
    for (size_t i = 0; i < n; i++)
      if (!sheet->out[group] && !sheet->out[edges[i].member])
        g_array_append_val(sheet->edges, edges[i]);
  }
  if (sheet->edges->len > 1)
    qsort(sheet->edges->data, sheet->edges->len, sizeof(Edge), by_member);
}

static void list_klasses(Sheet *sheet)
{
  const DesiredSource *source = sheet->writing->setup->source;
  sheet->klasses = g_new0(const Klass *, table_n_klasses(sheet->table) + 1);
  for (size_t i = 0; i < source->n_klasses; i++) {
    uint16_t klass = sheet->desired->type->klass(sheet->desired, i);
    if (klass != KLASS_CONTAINER)
      sheet->klasses[klass] = source->klass(source, i);
  }
}

// Whoever is stopped has their accounts off, whatever the rules say. What cannot be switched off is told to whoever makes
// the bundle: somebody has to go there.
static void stop_one(Sheet *sheet, uint32_t index, Findings *findings)
{
  const BundleSetup *setup = sheet->writing->setup;
  const Entry *entry = table_at(sheet->table, index);
  uint32_t person = sheet->desired->type->person(sheet->desired, index);
  const char *why = person != 0 && is_personal(sheet, entry) && entry->enabled != ENABLED_NO &&
                            entry->presence != PRESENCE_ABSENT
                        ? setup->stops(person, setup->stops_data)
                        : NULL;
  if (why == NULL)
    return;
  if (entry->presence == PRESENCE_PRESENT && entry->enabled == ENABLED_YES) {
    table_lessen(sheet->table, index, &(Loss){entry->presence, ENABLED_NO, why});
    return;
  }
  g_autoptr(GString) label = g_string_new(NULL);
  sheet->desired->type->label(sheet->desired, index, label);
  findings_add(findings,
               &(Finding){.level = FINDING_WARNING, .code = "stop-bundle", .subject = label->str},
               _("%s: what they have there is never switched off, so the bundle cannot stop it"),
               sheet->writing->config->name);
}

static bool sheet_open(Sheet *sheet, Writing *writing, bool now, Findings *findings, GError **error)
{
  const BundleSetup *setup = writing->setup;
  *sheet = (Sheet){.writing = writing, .table = table_new(writing->schema)};
  DesiredAsk ask = {.config = writing->config,
                    .table = sheet->table,
                    .day = now ? date_of_instant(setup->now) : setup->head.as_of,
                    .at = now ? setup->now : setup->at,
                    .findings = findings};
  sheet->desired = setup->source->open(setup->source, &ask, error);
  if (sheet->desired == NULL)
    return false;
  table_freeze(sheet->table, findings);
  list_klasses(sheet);
  sheet->out = g_new0(uint8_t, table_count(sheet->table) + 1);
  for (uint32_t i = 0; setup->stops != NULL && i < table_count(sheet->table); i++)
    stop_one(sheet, i, findings);
  return true;
}

// Everything is known of who shall be there, on either day.
static void sheet_choose(Sheet *sheet, Findings *findings)
{
  choose(sheet, findings);
  collect_edges(sheet);
}

static void sheet_close(Sheet *sheet)
{
  desired_close(sheet->desired);
  g_free(sheet->klasses);
  g_free(sheet->out);
  g_clear_pointer(&sheet->edges, g_array_unref);
  table_free(sheet->table);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sheet, sheet_close)

// ---------------------------------------------------------------------------------------------
// One entry: a block of lines.

typedef struct Block {
  Sheet *sheet;
  uint32_t index;
  const Entry *entry;
  uint32_t person;  // 0 = nobody's
  bool held;        // somebody said that it stays as it is
  GArray *whys;     // Why: of the entry, of its attributes, of its edges, in that order
  GArray *rows;     // int64_t: of all of them, each once
} Block;

static void free_why(gpointer data)
{
  why_clear(data);
}

static Why *add_why(Block *block)
{
  Why why;
  why_init(&why);
  g_array_append_val(block->whys, why);
  return &g_array_index(block->whys, Why, block->whys->len - 1);
}

static const Edge *edges_of(const Sheet *sheet, uint32_t member, size_t *n)
{
  const Edge *edges = (const Edge *)(const void *)sheet->edges->data;
  size_t low = 0, high = sheet->edges->len;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (edges[middle].member < member)
      low = middle + 1;
    else
      high = middle;
  }
  for (*n = 0; low + *n < sheet->edges->len && edges[low + *n].member == member; (*n)++)
    continue;
  return edges + low;
}

// What refers to somebody left out is left as it is.
static bool is_told(const Sheet *sheet, const Packed *packed)
{
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < packed->n_values; i++) {
    Value value;
    at = packed_value(at, &value);
    if (value.kind == VALUE_REF && sheet->out[value.ref])
      return false;
  }
  return true;
}

static const char *attr_name(const Sheet *sheet, const Packed *packed)
{
  return schema_at(sheet->writing->schema, packed->attr)->name;
}

static int by_row(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static void collect_rows(Block *block)
{
  g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(int64_t));
  for (guint i = 0; i < block->whys->len; i++) {
    const GArray *rows = g_array_index(block->whys, Why, i).rows;
    g_array_append_vals(all, rows->data, rows->len);
  }
  if (all->len > 1)
    qsort(all->data, all->len, sizeof(int64_t), by_row);
  for (guint i = 0; i < all->len; i++)
    if (i == 0 || g_array_index(all, int64_t, i) != g_array_index(all, int64_t, i - 1))
      g_array_append_val(block->rows, g_array_index(all, int64_t, i));
}

static void collect(Block *block)
{
  Sheet *sheet = block->sheet;
  const DesiredType *type = sheet->desired->type;
  type->why(sheet->desired, block->index, NULL, add_why(block));
  Cursor cursor = entry_cursor(block->entry);
  Packed packed;
  while (cursor_next(&cursor, &packed))
    if (is_told(sheet, &packed))
      type->why(sheet->desired, block->index, attr_name(sheet, &packed), add_why(block));
  size_t n = 0;
  const Edge *edges = edges_of(sheet, block->index, &n);
  for (size_t i = 0; i < n; i++)
    type->why_edge(sheet->desired, edges[i].group, block->index, add_why(block));
  collect_rows(block);
}

static void put_object(const Sheet *sheet, uint32_t index)
{
  g_autoptr(GString) object = g_string_new(NULL);
  if (index != ENTRY_NONE)
    table_object(sheet->table, index, object);
  pen_text(&sheet->writing->pen, index == ENTRY_NONE ? NULL : object->str);
}

static void put_why(const Block *block, guint i)
{
  Pen *pen = &block->sheet->writing->pen;
  const Why *why = &g_array_index(block->whys, Why, i);
  g_autoptr(GString) rows = g_string_new(NULL);
  for (guint k = 0; k < why->rows->len; k++) {
    const int64_t *found = bsearch(&g_array_index(why->rows, int64_t, k), block->rows->data,
                                   block->rows->len, sizeof(int64_t), by_row);
    g_string_append_printf(rows, "%s%td", k > 0 ? "," : "",
                           found - (const int64_t *)(const void *)block->rows->data + 1);
  }
  pen_text(pen, why->rule->str);
  pen_text(pen, why->reason->str);
  pen_text(pen, rows->str);
}

// There an order counts only where a cover note counted it, or where it renews; and that somebody is away is told, not why.
static const char *told_kind(const DesiredOrder *order)
{
  if (order->kind == NULL || (order->cover == NULL && !order->renews))
    return NULL;
  return strcmp(order->kind, "suspend") == 0 ? "leave" : order->kind;
}

static void put_row(const Block *block, int64_t row)
{
  Pen *pen = &block->sheet->writing->pen;
  Desired *desired = block->sheet->desired;
  RowOrigin origin = {0};
  DesiredOrder order = {0};
  DesiredEvent event = {DATE_NONE, NULL}, enables = {DATE_NONE, NULL};
  pen_begin(pen, "row");
  bool known = desired->type->origin(desired, row, &origin);
  pen_text(pen, known ? origin.file : NULL);
  pen_number(pen, known ? origin.line : 0);
  pen_text(pen, known ? origin.order : NULL);
  if (!desired->type->order(desired, row, &order))
    order = (DesiredOrder){0};
  pen_text(pen, told_kind(&order));
  pen_text(pen, order.cover);
  pen_number(pen, order.renews);
  bool tells = block->person != 0 &&
               desired->type->event(desired, block->person, row, false, &event) &&
               desired->type->event(desired, block->person, row, true, &enables);
  g_autoptr(GString) from = g_string_new(NULL);
  date_format(event.from, from);
  pen_text(pen, tells ? from->str : NULL);
  pen_text(pen, tells ? event.cause : NULL);
  pen_text(pen, tells ? enables.cause : NULL);
  pen_end(pen);
}

// The value that renews a secret is nobody's business there; that it became another one is.
static void put_purpose(const Block *block, const char *purpose)
{
  g_autoptr(GString) text = g_string_new(block->sheet->writing->setup->salt);
  g_string_append_c(text, ' ');
  table_object(block->sheet->table, block->index, text);
  g_string_append_printf(text, " %s", purpose);
  g_autofree char *hex = file_sha256(text->str, text->len);
  hex[PURPOSE_CHARS] = '\0';
  pen_text(&block->sheet->writing->pen, hex);
}

static void put_secret(const Block *block, const Value *value)
{
  Pen *pen = &block->sheet->writing->pen;
  g_autofree char *bytes = g_strndup(value->bytes, value->n_bytes);
  char *purpose = strchr(bytes, ' ');
  if (purpose != NULL)
    *purpose++ = '\0';
  pen_begin(pen, "secret");
  pen_text(pen, bytes);
  if (purpose != NULL)
    put_purpose(block, purpose);
  else
    pen_text(pen, NULL);
  pen_end(pen);
}

static void put_value(const Block *block, const Value *value)
{
  Pen *pen = &block->sheet->writing->pen;
  if (value->kind == VALUE_SECRET) {
    put_secret(block, value);
    return;
  }
  pen_begin(pen, value->kind == VALUE_REF ? "ref" : "text");
  if (value->kind == VALUE_REF)
    put_object(block->sheet, value->ref);
  pen_bytes(pen, value->bytes, value->n_bytes);
  pen_end(pen);
}

static void put_attribute(const Block *block, const Packed *packed, guint why)
{
  Pen *pen = &block->sheet->writing->pen;
  pen_begin(pen, "attr");
  pen_text(pen, attr_name(block->sheet, packed));
  pen_text(pen, bundle_policies[packed->policy]);
  put_why(block, why);
  pen_end(pen);
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < packed->n_values; i++) {
    Value value;
    at = packed_value(at, &value);
    put_value(block, &value);
  }
}

// ---------------------------------------------------------------------------------------------
// What people call it, as far as the target holds it anyway.

static bool is_named(const Block *block, const GString *wanted)
{
  const char *equals = strchr(entry_rdn(block->entry), '=');
  g_autofree char *name = equals == NULL ? NULL : place_unescape(equals + 1);
  g_autoptr(GString) key = g_string_new(NULL);
  if (name != NULL && text_valid(name, strlen(name), NULL))
    text_key(name, key);
  return g_string_equal(key, wanted);
}

static bool holds(const Block *block, const char *text)
{
  g_autoptr(GString) wanted = g_string_new(NULL);
  text_key(text, wanted);
  if (wanted->len > 0 && is_named(block, wanted))
    return true;
  Cursor cursor = entry_cursor(block->entry);
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++) {
      Value value;
      at = packed_value(at, &value);
      g_autofree char *bytes = g_strndup(value.bytes, value.n_bytes);
      g_autoptr(GString) key = g_string_new(NULL);
      if (value.kind == VALUE_TEXT && text_valid(bytes, strlen(bytes), NULL))
        text_key(bytes, key);
      if (key->len > 0 && g_string_equal(key, wanted))
        return true;
    }
  }
  return false;
}

static void put_label(const Block *block)
{
  Sheet *sheet = block->sheet;
  g_autoptr(GString) label = g_string_new(NULL);
  sheet->desired->type->label(sheet->desired, block->index, label);
  const char *key = entry_key(block->entry);
  char *space = strchr(label->str, ' ');
  g_autofree char *name = space == NULL ? NULL : g_strdup(space + 1);
  if (space != NULL)
    *space = '\0';
  const char *number = strcmp(label->str, key) == 0 || holds(block, label->str) ? label->str : key;
  g_autofree char *both =
      name != NULL && holds(block, name) ? g_strconcat(number, " ", name, NULL) : g_strdup(number);
  pen_text(&sheet->writing->pen, both);
}

static void put_head(const Block *block)
{
  Sheet *sheet = block->sheet;
  Pen *pen = &sheet->writing->pen;
  const Entry *entry = block->entry;
  const DesiredType *type = sheet->desired->type;
  const Klass *klass = sheet->klasses[entry->klass];
  pen_begin(pen, "entry");
  pen_text(pen, klass->name);
  pen_number(pen, entry->subject);
  pen_text(pen, entry_key(entry));
  put_object(sheet, entry->parent);
  pen_text(pen, block->held ? "" : entry_rdn(entry));
  pen_text(pen, bundle_presences[block->held ? PRESENCE_RETAINED : entry->presence]);
  pen_text(pen, bundle_enableds[block->held ? ENABLED_UNMANAGED : entry->enabled]);
  pen_text(pen, block->held ? "held" : entry_reason(entry));
  put_label(block);
  pen_text(pen, block->person == 0 ? NULL : type->doubt(sheet->desired, block->person));
  pen_number(pen, klass->subject == FOR_UNIT && type->ended(sheet->desired, block->index));
  pen_number(pen, block->person);
  put_why(block, 0);
  pen_end(pen);
}

static void put_block(const Block *block)
{
  Sheet *sheet = block->sheet;
  Pen *pen = &sheet->writing->pen;
  guint why = 1;
  put_head(block);
  for (guint i = 0; i < block->rows->len; i++)
    put_row(block, g_array_index(block->rows, int64_t, i));
  if (block->held)
    return;
  Cursor cursor = entry_cursor(block->entry);
  Packed packed;
  while (cursor_next(&cursor, &packed))
    if (is_told(sheet, &packed))
      put_attribute(block, &packed, why++);
  size_t n = 0;
  const Edge *edges = edges_of(sheet, block->index, &n);
  for (size_t i = 0; i < n; i++) {
    pen_begin(pen, "in");
    put_object(sheet, edges[i].group);
    put_why(block, why++);
    pen_end(pen);
  }
}

// Stronger than HR, there as here; of why nothing is told.
static bool is_held(const Block *block)
{
  const BundleSetup *setup = block->sheet->writing->setup;
  g_autoptr(GString) object = g_string_new(NULL);
  if (setup->holds == NULL)
    return false;
  table_object(block->sheet->table, block->index, object);
  return setup->holds(block->sheet->writing->config->name, object->str, block->person,
                      setup->holds_data);
}

static void write_entry(Sheet *sheet, uint32_t index, GString *out)
{
  Block block = {.sheet = sheet,
                 .index = index,
                 .entry = table_at(sheet->table, index),
                 .whys = g_array_new(FALSE, FALSE, sizeof(Why)),
                 .rows = g_array_new(FALSE, FALSE, sizeof(int64_t))};
  block.person = sheet->desired->type->person(sheet->desired, index);
  block.held = is_held(&block);
  g_array_set_clear_func(block.whys, free_why);
  GString *whole = sheet->writing->pen.out;
  sheet->writing->pen.out = out;
  collect(&block);
  put_block(&block);
  sheet->writing->pen.out = whole;
  g_array_unref(block.whys);
  g_array_unref(block.rows);
}

// ---------------------------------------------------------------------------------------------
// A target.

static void put_list(Pen *pen, const char *word, const char *const *list)
{
  if (list == NULL)
    return;
  pen_begin(pen, word);
  for (; *list != NULL; list++)
    pen_text(pen, *list);
  pen_end(pen);
}

static void put_klass(Pen *pen, const Klass *klass)
{
  pen_begin(pen, "class");
  pen_text(pen, klass->name);
  pen_text(pen, klass->file);
  pen_text(pen, bundle_subjects[klass->subject]);
  pen_text(pen, klass->key_attribute);
  pen_number(pen, klass->renews);
  pen_number(pen, klass->keeps);
  pen_text(pen, klass->member_attribute);
  pen_text(pen, klass->filler);
  pen_text(pen, klass->owned_below);
  pen_end(pen);
  put_list(pen, "adopts", klass->adopt);
  put_list(pen, "object-classes", klass->classes);
  put_list(pen, "within", klass->containers);
  put_list(pen, "writes", klass->attributes);
}

static void put_frame(Sheet *sheet)
{
  Pen *pen = &sheet->writing->pen;
  const DesiredSource *source = sheet->writing->setup->source;
  for (uint32_t i = 0; i < table_count(sheet->table); i++) {
    if (table_at(sheet->table, i)->klass != KLASS_CONTAINER)
      continue;
    pen_begin(pen, "container");
    put_object(sheet, i);
    pen_end(pen);
  }
  for (size_t i = 0; i < source->n_klasses; i++) {
    const Klass *klass = source->klass(source, i);
    if (strcmp(klass->target, sheet->writing->config->name) == 0)
      put_klass(pen, klass);
  }
}

static char *object_of(const Sheet *sheet, uint32_t index)
{
  GString *object = g_string_new(NULL);
  table_object(sheet->table, index, object);
  return g_string_free(object, FALSE);
}

// Calls for each entry that is told, with its block.
typedef void (*BlockFunc)(char *object, GString *block, void *data);

static void each_block(Sheet *sheet, BlockFunc func, void *data)
{
  for (uint32_t i = 0; i < table_count(sheet->table); i++) {
    if (sheet->out[i] || table_at(sheet->table, i)->klass == KLASS_CONTAINER)
      continue;
    g_autoptr(GString) block = g_string_new(NULL);
    write_entry(sheet, i, block);
    func(object_of(sheet, i), block, data);
  }
}

// What the day's table says of each object, to tell what is other now.
typedef struct Told {
  GString *out;
  GHashTable *blocks;  // object -> its block; NULL = nobody asks
  GPtrArray *objects;  // in order
} Told;

static void tell(char *object, GString *block, void *data)
{
  Told *told = data;
  g_string_append_len(told->out, block->str, (gssize)block->len);
  if (told->blocks != NULL) {
    g_hash_table_insert(told->blocks, object, g_strdup(block->str));
    g_ptr_array_add(told->objects, object);
  } else {
    g_free(object);
  }
}

static void tell_other(char *object, GString *block, void *data)
{
  Told *told = data;
  const char *later = g_hash_table_lookup(told->blocks, object);
  if (later == NULL || strcmp(later, block->str) != 0)
    g_string_append_len(told->out, block->str, (gssize)block->len);
  g_hash_table_remove(told->blocks, object);
  g_free(object);
}

static void put_now(Sheet *sheet, Told *told)
{
  Pen *pen = &sheet->writing->pen;
  pen_begin(pen, "now");
  pen_end(pen);
  g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < told->objects->len; i++)
    g_ptr_array_add(order, g_strdup(g_ptr_array_index(told->objects, i)));
  each_block(sheet, tell_other, told);
  // What is left is wanted on the day only.
  for (guint i = 0; i < order->len; i++) {
    if (!g_hash_table_contains(told->blocks, g_ptr_array_index(order, i)))
      continue;
    pen_begin(pen, "not-now");
    pen_text(pen, g_ptr_array_index(order, i));
    pen_end(pen);
  }
}

static void put_day(Sheet *sheet, Sheet *now)
{
  Told told = {.out = sheet->writing->pen.out, .objects = g_ptr_array_new()};
  if (now != NULL)
    told.blocks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  put_frame(sheet);
  each_block(sheet, tell, &told);
  if (now != NULL)
    put_now(now, &told);
  g_clear_pointer(&told.blocks, g_hash_table_unref);
  g_ptr_array_unref(told.objects);
}

static void note_wanted(const Sheet *sheet)
{
  for (uint32_t i = 0; i < table_count(sheet->table); i++)
    if (table_at(sheet->table, i)->presence == PRESENCE_PRESENT)
      g_hash_table_add(sheet->writing->known, object_of(sheet, i));
}

static void note_told(const char *object, void *data)
{
  g_hash_table_add(data, g_strdup(object));
}

static bool put_sheets(Writing *writing, GError **error)
{
  const BundleSetup *setup = writing->setup;
  g_auto(Sheet) day = {0}, now = {0};
  g_autoptr(Findings) untold = findings_new();
  bool later = setup->at > setup->now;
  if (!sheet_open(&day, writing, false, setup->findings, error) ||
      (later && !sheet_open(&now, writing, true, untold, error)))
    return false;
  if (setup->before != NULL)
    bundle_objects(setup->before, writing->config->name, note_told, writing->known);
  note_wanted(&day);
  if (later)
    note_wanted(&now);
  sheet_choose(&day, setup->findings);
  if (later)
    sheet_choose(&now, untold);
  put_day(&day, later ? &now : NULL);
  return true;
}

static bool put_target(const BundleSetup *setup, const TargetConfig *config, GString *out,
                       GError **error)
{
  Writing writing = {.setup = setup,
                     .config = config,
                     .schema = schema_new(),
                     .known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
  size_t begin = out->len;
  pen_init(&writing.pen, out);
  pen_begin(&writing.pen, "section");
  pen_text(&writing.pen, config->name);
  pen_end(&writing.pen);
  bool fine = put_sheets(&writing, error);
  g_autofree char *digest = file_sha256(out->str + begin, out->len - begin);
  pen_begin(&writing.pen, "end");
  pen_text(&writing.pen, config->name);
  pen_text(&writing.pen, digest);
  pen_end(&writing.pen);
  pen_clear(&writing.pen);
  schema_free(writing.schema);
  g_hash_table_unref(writing.known);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// The whole.

bool bundle_write(const BundleSetup *setup, GString *out, char digest[BUNDLE_DIGEST_CHARS + 1],
                  GError **error)
{
  Pen pen;
  pen_init(&pen, out);
  head_put(&pen, &setup->head);
  bool fine = true;
  for (size_t i = 0; fine && setup->targets[i] != NULL; i++)
    fine = put_target(setup, setup->targets[i], out, error);
  if (fine)
    pen_sign(&pen, BUNDLE_PURPOSE, setup->signer, digest);
  pen_clear(&pen);
  return fine;
}
