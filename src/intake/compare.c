// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two versions of a file, row by row, by what makes a row unique. Values are compared in our terms, so a
// date that is written another way, or a code that another layout calls the same, is no change.
#include "intake_p.h"

#include <string.h>

// A row that is kept: its values stand beside each other in `values`.
typedef struct Kept {
  const char *key, *subject, *order_kind, *label;
  const char *near;  // what it still has in common with its other version when the key changed
  int64_t line;
  size_t first;  // index of its first value
} Kept;

typedef struct Version {
  const Layout *layout;
  GStringChunk *text;
  GArray *rows;        // Kept
  GPtrArray *headers;  // of the layout's columns
  GPtrArray *values;
  GArray *left;  // Kept, by `near`: rows whose key the other version lacks
  int64_t n_rows, n_unread;
} Version;

static const char *keep(Version *version, const char *text)
{
  return text ? g_string_chunk_insert_const(version->text, text) : NULL;
}

static const char *value_of(const IntakeLine *line, const Layout *layout, WordId word)
{
  int slot = layout->slots[word];
  const char *header = slot < 0 ? NULL : layout_column(layout, (size_t)slot)->header;
  for (size_t i = 0; header && i < line->n_columns; i++)
    if (g_str_equal(line->headers[i], header))
      return line->values[i] ? line->values[i] : "";
  return "";
}

static const char *label_of(Version *version, const IntakeLine *line)
{
  WordId word = version->layout->kind == LAYOUT_UNITS ? WORD_UNIT_NAME : WORD_NAME;
  const char *name = value_of(line, version->layout, word);
  g_autofree char *label = g_strconcat(line->subject, *name ? " " : "", name, NULL);
  return keep(version, label);
}

// Of a post the unit may change, of an order its number: the person, and the role or the kind and day, stay.
static const char *near_of(Version *version, const IntakeLine *line)
{
  static const WordId stay[] = {WORD_ROLE, WORD_ORDER_KIND, WORD_ORDER_DATE};
  g_autoptr(GString) near = g_string_new(line->subject);
  for (size_t i = 0; i < G_N_ELEMENTS(stay); i++)
    g_string_append_printf(near, " %s", value_of(line, version->layout, stay[i]));
  return keep(version, near->str);
}

// Without a subject or a whole key a row cannot be found in the other version.
static bool is_keyed(const Version *version, const IntakeLine *line)
{
  bool keyed = *line->subject != '\0';
  for (size_t i = 0; i < version->layout->key->len && keyed; i++) {
    WordId word = g_array_index(version->layout->key, WordId, i);
    bool needed = words[word].filled & IN_KIND(version->layout->kind);
    keyed = !needed || *value_of(line, version->layout, word) != '\0';
  }
  return keyed;
}

static void keep_line(const IntakeLine *line, void *data)
{
  Version *version = data;
  version->n_rows++;
  if (line->repeat)
    return;
  if (!is_keyed(version, line)) {
    version->n_unread++;
    return;
  }
  Kept kept = {.key = keep(version, line->key),
               .subject = keep(version, line->subject),
               .order_kind = keep(version, line->order_kind),
               .label = label_of(version, line),
               .near = near_of(version, line),
               .line = line->line,
               .first = version->values->len};
  for (size_t i = 0; i < line->n_columns; i++) {
    g_ptr_array_add(version->values, (void *)keep(version, line->values[i]));
    if (version->headers->len < line->n_columns)
      g_ptr_array_add(version->headers, (void *)line->headers[i]);
  }
  g_array_append_val(version->rows, kept);
}

static gint compare_rows(gconstpointer a, gconstpointer b)
{
  const Kept *x = a, *y = b;
  int order = strcmp(x->key, y->key);
  return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static void version_open(Version *version, const Layout *layout, GStringChunk *text)
{
  *version = (Version){.layout = layout,
                       .text = text,
                       .rows = g_array_new(FALSE, FALSE, sizeof(Kept)),
                       .headers = g_ptr_array_new(),
                       .values = g_ptr_array_new(),
                       .left = g_array_new(FALSE, FALSE, sizeof(Kept))};
}

static void version_close(Version *version)
{
  g_array_unref(version->rows);
  g_ptr_array_unref(version->headers);
  g_ptr_array_unref(version->values);
  g_array_unref(version->left);
}

static bool version_read(Version *version, const InputVersion *from, Findings *findings)
{
  bool read = intake_rows(from->bytes, &from->options, keep_line, version, findings);
  g_array_sort(version->rows, compare_rows);
  return read;
}

// ---------------------------------------------------------------------------------------------
// One row against the other.

static const char *const *value_in(const Version *version, const Kept *row, const char *header)
{
  for (size_t i = 0; i < version->headers->len; i++)
    if (g_str_equal(version->headers->pdata[i], header))
      return (const char *const *)&version->values->pdata[row->first + i];
  return NULL;
}

typedef struct Pair {
  const Version *old_version, *new_version;
  const Kept *old_row, *new_row;  // one of them may be NULL
} Pair;

static void add_column(const Pair *pair, const char *header, GArray *out)
{
  const char *const *x = pair->old_row ? value_in(pair->old_version, pair->old_row, header) : NULL;
  const char *const *y = pair->new_row ? value_in(pair->new_version, pair->new_row, header) : NULL;
  ColumnChange column = {header, x ? *x : NULL, y ? *y : NULL};
  bool both = pair->old_row && pair->new_row;
  bool says = (column.old_value && *column.old_value) || (column.new_value && *column.new_value);
  if (both ? g_strcmp0(column.old_value, column.new_value) != 0 : says)
    g_array_append_val(out, column);
}

// Columns of the new version in its order, then those that only the old one has.
static void list_columns(const Pair *pair, GArray *out)
{
  const GPtrArray *old_headers = pair->old_version->headers;
  const GPtrArray *new_headers = pair->new_version->headers;
  for (guint i = 0; i < new_headers->len; i++)
    add_column(pair, new_headers->pdata[i], out);
  for (guint i = 0; i < old_headers->len; i++)
    if (!g_ptr_array_find_with_equal_func((GPtrArray *)new_headers, old_headers->pdata[i],
                                          g_str_equal, NULL))
      add_column(pair, old_headers->pdata[i], out);
}

static void add_change(const Pair *pair, InputChanges *out)
{
  g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(ColumnChange));
  const Kept *row = pair->new_row ? pair->new_row : pair->old_row;
  list_columns(pair, columns);
  if (pair->old_row && pair->new_row && columns->len == 0) {
    out->n_same++;
    return;
  }
  InputChange change = {.change = !pair->old_row   ? LINE_ADDED
                                  : !pair->new_row ? LINE_WITHDRAWN
                                                   : LINE_CHANGED,
                        .key = row->key,
                        .subject = row->subject,
                        .label = row->label,
                        .order_kind = row->order_kind,
                        .old_line = pair->old_row ? pair->old_row->line : 0,
                        .new_line = pair->new_row ? pair->new_row->line : 0,
                        .n_columns = columns->len};
  change.columns = g_memdup2(columns->data, columns->len * sizeof(ColumnChange));
  g_ptr_array_add(out->blocks, (void *)change.columns);
  g_array_append_val(out->changes, change);
}

static const Kept *row_at(const GArray *rows, guint i)
{
  return i < rows->len ? &g_array_index(rows, Kept, i) : NULL;
}

// By key: what both have is compared, the rest is left over. A number that is another person's now was given
// anew, and is no key.
static void walk_keys(Version *old_version, Version *new_version, InputChanges *out)
{
  for (guint i = 0, k = 0;;) {
    const Kept *x = row_at(old_version->rows, i), *y = row_at(new_version->rows, k);
    if (!x && !y)
      return;
    int order = !x ? 1 : !y ? -1 : strcmp(x->key, y->key);
    bool same = order == 0 && g_str_equal(x->subject, y->subject);
    if (same)
      add_change(&(Pair){old_version, new_version, x, y}, out);
    if (order <= 0 && !same)
      g_array_append_vals(old_version->left, x, 1);
    if (order >= 0 && !same)
      g_array_append_vals(new_version->left, y, 1);
    i += order <= 0;
    k += order >= 0;
  }
}

static gint compare_near(gconstpointer a, gconstpointer b)
{
  int order = strcmp(((const Kept *)a)->near, ((const Kept *)b)->near);
  return order != 0 ? order : compare_rows(a, b);
}

static void walk_left(Version *old_version, Version *new_version, InputChanges *out)
{
  g_array_sort(old_version->left, compare_near);
  g_array_sort(new_version->left, compare_near);
  for (guint i = 0, k = 0;;) {
    const Kept *x = row_at(old_version->left, i), *y = row_at(new_version->left, k);
    if (!x && !y)
      return;
    int order = !x ? 1 : !y ? -1 : strcmp(x->near, y->near);
    add_change(&(Pair){old_version, new_version, order <= 0 ? x : NULL, order >= 0 ? y : NULL},
               out);
    i += order <= 0;
    k += order >= 0;
  }
}

static gint compare_changes(gconstpointer a, gconstpointer b)
{
  const InputChange *x = a, *y = b;
  int order = strcmp(x->key, y->key);
  return order != 0 ? order : (int)x->change - (int)y->change;
}

static void walk(Version *old_version, Version *new_version, InputChanges *out)
{
  walk_keys(old_version, new_version, out);
  walk_left(old_version, new_version, out);
  g_array_sort(out->changes, compare_changes);
}

bool intake_compare(const InputVersion *old_version, const InputVersion *new_version,
                    Findings *findings, InputChanges *out)
{
  *out = (InputChanges){.changes = g_array_new(FALSE, FALSE, sizeof(InputChange)),
                        .text = g_string_chunk_new(4096),
                        .blocks = g_ptr_array_new_with_free_func(g_free)};
  Version old_rows, new_rows;
  version_open(&old_rows, old_version->options.layout, out->text);
  version_open(&new_rows, new_version->options.layout, out->text);
  bool old_read = version_read(&old_rows, old_version, findings);
  bool new_read = version_read(&new_rows, new_version, findings);
  if (old_read && new_read)
    walk(&old_rows, &new_rows, out);
  out->n_old = old_rows.n_rows;
  out->n_new = new_rows.n_rows;
  out->n_unread = old_rows.n_unread + new_rows.n_unread;
  version_close(&old_rows);
  version_close(&new_rows);
  return old_read && new_read;
}

void input_changes_clear(InputChanges *changes)
{
  g_clear_pointer(&changes->changes, g_array_unref);
  g_clear_pointer(&changes->text, g_string_chunk_free);
  g_clear_pointer(&changes->blocks, g_ptr_array_unref);
}
