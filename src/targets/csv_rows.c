// SPDX-License-Identifier: GPL-3.0-or-later
//
// The rows of a set. Several requests about one row are one row of it: what was there before the first, and what is
// to be there after the last.
#include "csv_p.h"

#include <stdlib.h>

static void free_change(void *data)
{
  CsvChange *change = data;
  g_ptr_array_unref(change->secrets);
  g_free(change);
}

void csv_rows_free(CsvRows *rows)
{
  if (!rows)
    return;
  g_ptr_array_unref(rows->changes);
  g_clear_pointer(&rows->before, dit_free);
  g_clear_pointer(&rows->after, dit_free);
  g_free(rows);
}

static bool is_due(const Pending *pending)
{
  return !pending->batch && !pending->done;
}

static void execute(Dit *dit, const Request *request)
{
  const char *text = NULL;
  const Record *touched = NULL;
  dit_execute(dit, request, &text, &touched);
}

static CsvChange *change_of(CsvRows *rows, GHashTable *by_id, const CsvFile *file, const char *id)
{
  CsvChange *change = g_hash_table_lookup(by_id, id);
  if (change)
    return change;
  change = g_new0(CsvChange, 1);
  change->file = file;
  change->before = dit_with_id(rows->before, id);
  change->secrets = g_ptr_array_new();
  g_ptr_array_add(rows->changes, change);
  g_hash_table_insert(by_id, g_strdup(id), change);
  return change;
}

static void take_secrets(CsvChange *change, const Pending *pending, const GPtrArray *secrets)
{
  for (size_t i = 0; i < secrets->len; i++)
    if (((const CsvSecret *)secrets->pdata[i])->pending == pending->id)
      g_ptr_array_add(change->secrets, secrets->pdata[i]);
}

static void take_pending(CsvRows *rows, GHashTable *by_id, const Pending *pending,
                         const GPtrArray *secrets)
{
  const Request *request = pending->request;
  const Record *there = request->stable_id ? dit_with_id(rows->after, request->stable_id) : NULL;
  if (!there)
    there = dit_at_dn(rows->after, request->dn);
  const char *id = request->kind == REQUEST_ADD || !there ? request->stable_id : there->stable_id;
  g_autofree char *row = NULL;
  const CsvFile *file = csv_place_of(rows->view->config, request->dn, &row);
  if (file && id)
    take_secrets(change_of(rows, by_id, file, id), pending, secrets);
  execute(rows->after, request);
}

static void settle_deeds(CsvRows *rows, GHashTable *by_id)
{
  GHashTableIter iter;
  void *id = NULL, *data = NULL;
  g_hash_table_iter_init(&iter, by_id);
  while (g_hash_table_iter_next(&iter, &id, &data)) {
    CsvChange *change = data;
    change->after = dit_with_id(rows->after, id);
    change->deed = !change->before ? change->after ? CSV_CREATE : CSV_KEEP
                   : change->after ? CSV_MODIFY
                                   : CSV_DELETE;
  }
}

CsvRows *csv_rows_new(CsvView *view, const GPtrArray *secrets)
{
  CsvRows *rows = g_new0(CsvRows, 1);
  g_autoptr(GHashTable) by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  rows->view = view;
  rows->changes = g_ptr_array_new_with_free_func(free_change);
  rows->before = dit_copy(believed_confirmed(view->believed));
  size_t n = believed_n_pending(view->believed);
  for (size_t i = 0; i < n; i++)
    if (!is_due(believed_pending(view->believed, i)))
      execute(rows->before, believed_pending(view->believed, i)->request);
  rows->after = dit_copy(rows->before);
  for (size_t i = 0; i < n; i++)
    if (is_due(believed_pending(view->believed, i)))
      take_pending(rows, by_id, believed_pending(view->believed, i), secrets);
  settle_deeds(rows, by_id);
  return rows;
}

// ---------------------------------------------------------------------------------------------
// Of one step

static CsvChange *copy_change(const CsvChange *change)
{
  CsvChange *copy = g_memdup2(change, sizeof *change);
  g_ptr_array_ref(copy->secrets);
  return copy;
}

static void add_kept(GPtrArray *out, const CsvFile *file, const Record *record)
{
  CsvChange *change = g_new0(CsvChange, 1);
  *change = (CsvChange){file, CSV_KEEP, record, record, g_ptr_array_new()};
  g_ptr_array_add(out, change);
}

static bool is_wanted(CsvPart part, CsvDeed deed)
{
  if (deed == CSV_KEEP)
    return false;  // made and taken away again
  return part == CSV_WHOLE || (part == CSV_SHRINK) == (deed == CSV_DELETE);
}

static void add_changes(const CsvRows *rows, const CsvStep *step, GPtrArray *out)
{
  for (size_t i = 0; i < rows->changes->len; i++) {
    const CsvChange *change = rows->changes->pdata[i];
    if (change->file == step->file && is_wanted(step->part, change->deed))
      g_ptr_array_add(out, copy_change(change));
  }
}

// Rows that do not change in this step: of a file that is written whole all others are in it, too.
static void add_others(const CsvRows *rows, const CsvStep *step, GPtrArray *out)
{
  g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) all = dit_sorted(rows->after);
  for (size_t i = 0; i < out->len; i++) {
    const CsvChange *change = out->pdata[i];
    g_hash_table_add(listed, (change->before ? change->before : change->after)->stable_id);
  }
  for (size_t i = 0; i < all->len; i++) {
    const Record *record = all->pdata[i];
    g_autofree char *row = NULL;
    const CsvFile *file = csv_place_of(rows->view->config, record->dn, &row);
    if (file == step->file && row && !g_hash_table_contains(listed, record->stable_id))
      add_kept(out, file, record);
  }
}

// Rows that go are simply not there, or, while the file is only to grow, still as they were.
static void leave_out_deleted(GPtrArray *out)
{
  for (size_t i = out->len; i-- > 0;)
    if (((const CsvChange *)out->pdata[i])->deed == CSV_DELETE)
      g_ptr_array_remove_index(out, (unsigned)i);
}

static void add_going(const CsvRows *rows, const CsvStep *step, GPtrArray *out)
{
  for (size_t i = 0; i < rows->changes->len; i++) {
    const CsvChange *change = rows->changes->pdata[i];
    if (change->file == step->file && change->deed == CSV_DELETE)
      add_kept(out, step->file, change->before);
  }
}

// ---------------------------------------------------------------------------------------------
// Order

static const Record *record_of(const CsvChange *change)
{
  return change->after ? change->after : change->before;
}

static int compare_values(const char *a, const char *b)
{
  char *end_a = NULL, *end_b = NULL;
  double x = a && *a ? strtod(a, &end_a) : 0, y = b && *b ? strtod(b, &end_b) : 0;
  bool numbers = end_a && end_b && !*end_a && !*end_b;
  if (!a || !b)
    return (a != NULL) - (b != NULL);
  if (numbers && x != y)
    return x < y ? -1 : 1;
  return strcmp(a, b);
}

static int by_order(const void *a, const void *b)
{
  const CsvChange *x = *(CsvChange *const *)a, *y = *(CsvChange *const *)b;
  const GPtrArray *order = x->file->order;
  for (size_t i = 0; i < order->len; i++) {
    int way = compare_values(csv_first(record_of(x), order->pdata[i]),
                             csv_first(record_of(y), order->pdata[i]));
    if (way)
      return way;
  }
  return x->file->mode == CSV_DIFFERENCE && !order->len
             ? 0
             : strcmp(csv_first(record_of(x), CSV_ROW), csv_first(record_of(y), CSV_ROW));
}

typedef struct Family {
  const CsvFile *file;
  GHashTable *by_key;   // key in lower case -> CsvChange
  GHashTable *visited;  // CsvChange
  GPtrArray *out;
} Family;

// The value of the attribute that names the row above: of a reference the row in it.
static char *parent_key(const Family *family, const CsvRows *rows, const CsvChange *change)
{
  const char *value = csv_first(record_of(change), family->file->parent);
  const CsvColumn *column = csv_file_column(family->file, family->file->parent);
  char *row = NULL;
  if (!value)
    return NULL;
  if (!column->ref)
    return g_utf8_casefold(value, -1);
  csv_place_of(rows->view->config, value, &row);
  char *key = row ? g_utf8_casefold(row, -1) : NULL;
  g_free(row);
  return key;
}

// The row above first. A circle ends where it closes; the product will say what it thinks of it.
static void visit(const Family *family, const CsvRows *rows, CsvChange *change)
{
  if (!g_hash_table_add(family->visited, change))
    return;
  g_autofree char *key = parent_key(family, rows, change);
  CsvChange *parent = key ? g_hash_table_lookup(family->by_key, key) : NULL;
  if (parent)
    visit(family, rows, parent);
  g_ptr_array_add(family->out, change);
}

static GPtrArray *parents_first(const CsvRows *rows, const CsvFile *file, GPtrArray *changes)
{
  g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) visited = g_hash_table_new(g_direct_hash, g_direct_equal);
  GPtrArray *out = g_ptr_array_new_with_free_func(free_change);
  Family family = {file, by_key, visited, out};
  for (size_t i = 0; i < changes->len; i++)
    g_hash_table_replace(by_key,
                         g_utf8_casefold(csv_first(record_of(changes->pdata[i]), CSV_ROW), -1),
                         changes->pdata[i]);
  for (size_t i = 0; i < changes->len; i++)
    visit(&family, rows, changes->pdata[i]);
  g_ptr_array_set_free_func(changes, NULL);
  g_ptr_array_unref(changes);
  return out;
}

// Deletions behind the rest, those below before those above.
static void deletions_last(GPtrArray *changes)
{
  g_autoptr(GPtrArray) gone = g_ptr_array_new(), rest = g_ptr_array_new();
  for (size_t i = 0; i < changes->len; i++) {
    CsvChange *change = changes->pdata[i];
    g_ptr_array_add(change->deed == CSV_DELETE ? gone : rest, change);
  }
  for (size_t i = 0; i < rest->len; i++)
    changes->pdata[i] = rest->pdata[i];
  for (size_t i = 0; i < gone->len; i++)
    changes->pdata[rest->len + i] = gone->pdata[gone->len - 1 - i];
}

bool csv_rows_deletes(const CsvRows *rows, const CsvFile *file)
{
  for (size_t i = 0; i < rows->changes->len; i++) {
    const CsvChange *change = rows->changes->pdata[i];
    if (change->file == file && change->deed == CSV_DELETE)
      return true;
  }
  return false;
}

static bool any_change(const CsvRows *rows, const CsvStep *step)
{
  for (size_t i = 0; i < rows->changes->len; i++) {
    const CsvChange *change = rows->changes->pdata[i];
    if (change->file == step->file && change->deed != CSV_KEEP &&
        (step->part != CSV_SHRINK || change->deed == CSV_DELETE) &&
        (step->part != CSV_GROW || change->deed != CSV_DELETE))
      return true;
  }
  return false;
}

GPtrArray *csv_rows_of(const CsvRows *rows, const CsvStep *step)
{
  GPtrArray *out = g_ptr_array_new_with_free_func(free_change);
  bool absent = step->file->mode == CSV_DELETE_ABSENT;
  if (!any_change(rows, step))
    return out;
  // A file that shrinks has grown before: nothing else changes any more.
  if (step->part != CSV_SHRINK || !absent)
    add_changes(rows, step, out);
  if (absent)
    leave_out_deleted(out);
  if (step->file->mode != CSV_DIFFERENCE)
    add_others(rows, step, out);
  if (absent && step->part == CSV_GROW)
    add_going(rows, step, out);
  // Stable: what nothing orders stays as it was sent.
  g_ptr_array_sort(out, by_order);
  if (step->file->parent)
    out = parents_first(rows, step->file, out);
  deletions_last(out);
  return out;
}
