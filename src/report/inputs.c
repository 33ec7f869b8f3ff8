// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two versions of a file of HR's side by side.
#include "report_p.h"

#define WIDTH_DEFAULT 100
#define WIDTH_LEAST 60
#define LABEL_COLUMNS 18
#define NUMBER_COLUMNS 11
#define ROW_COLUMNS 8
#define HEADER_COLUMNS 22
#define DIVIDER " │ "
#define DIVIDER_COLUMNS 3

static const struct {
  char sign;
  const char *name;
  const char *words;
} changes[N_LINE_CHANGES] = {
    [LINE_ADDED] = {'+', "added", N_("added")},
    [LINE_WITHDRAWN] = {'-', "withdrawn", N_("withdrawn")},
    [LINE_CHANGED] = {'~', "changed", N_("changed")},
};

typedef struct Listing {
  const ReportInputs *what;
  GHashTable *systems;  // GPtrArray of targets by employee number; NULL = not asked for
} Listing;

static const InputChange *change_at(const ReportInputs *what, size_t i)
{
  return &g_array_index(what->changes->changes, InputChange, i);
}

static void free_targets(void *targets)
{
  g_ptr_array_unref(targets);
}

static GHashTable *list_systems(const PlanComparison *plans)
{
  GHashTable *systems = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_targets);
  for (size_t i = 0; i < plans->ops->len; i++) {
    const Op *op = plan_difference_op(&g_array_index(plans->ops, OpDifference, i));
    if (op->person == 0 || !op->label)
      continue;
    g_autofree char *number = g_strndup(op->label, strcspn(op->label, " "));
    GPtrArray *targets = g_hash_table_lookup(systems, number);
    if (!targets) {
      targets = g_ptr_array_new();
      g_hash_table_insert(systems, g_steal_pointer(&number), targets);
    }
    if (!g_ptr_array_find_with_equal_func(targets, op->target, g_str_equal, NULL))
      g_ptr_array_add(targets, (void *)op->target);
  }
  return systems;
}

// Of several rows of a person, the systems of all of them together.
static const GPtrArray *systems_of(const Listing *listing, const InputChange *change)
{
  return listing->systems ? g_hash_table_lookup(listing->systems, change->subject) : NULL;
}

// ---------------------------------------------------------------------------------------------
// Totals, by kind of order.

static const char *kind_of(const InputChange *change)
{
  return change->order_kind ? change->order_kind : _("other");
}

static void put_number(GString *out, int64_t number)
{
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);
  const char *shown = number == 0 ? "-" : text;
  g_string_append_printf(out, "%*s", NUMBER_COLUMNS, shown);
}

static void put_totals_row(const ReportInputs *what, const char *kind, GString *out)
{
  int64_t n[N_LINE_CHANGES] = {0};
  size_t from = out->len;
  for (size_t i = 0; i < what->changes->changes->len; i++)
    if (strcmp(kind_of(change_at(what, i)), kind) == 0)
      n[change_at(what, i)->change]++;
  g_string_append_printf(out, "  %s", kind);
  columns_pad(out, from, LABEL_COLUMNS);
  for (LineChange change = 0; change < N_LINE_CHANGES; change++)
    put_number(out, n[change]);
  g_string_append_c(out, '\n');
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_totals(const ReportInputs *what, GString *out)
{
  g_autoptr(GPtrArray) kinds = g_ptr_array_new();
  g_autoptr(GString) header = g_string_new(_("Rows"));
  columns_pad(header, 0, LABEL_COLUMNS);
  for (LineChange change = 0; change < N_LINE_CHANGES; change++) {
    const char *words = _(changes[change].words);
    for (size_t width = text_width(words); width < NUMBER_COLUMNS; width++)
      g_string_append_c(header, ' ');
    g_string_append(header, words);
  }
  for (size_t i = 0; i < what->changes->changes->len; i++) {
    const char *kind = kind_of(change_at(what, i));
    if (!g_ptr_array_find_with_equal_func(kinds, kind, g_str_equal, NULL))
      g_ptr_array_add(kinds, (void *)kind);
  }
  g_ptr_array_sort(kinds, compare_texts);
  g_string_append_c(out, '\n');
  columns_paint(out, what->colour, PAINT_TITLE, header->str);
  g_string_append_c(out, '\n');
  for (guint i = 0; i < kinds->len; i++)
    put_totals_row(what, kinds->pdata[i], out);
}

// ---------------------------------------------------------------------------------------------
// Rows.

static void put_place(GString *out, const char *file, int64_t line)
{
  escape_text(out, file, ESCAPE_TERMINAL);
  g_string_append_printf(out, ":%" G_GINT64_FORMAT, line);
}

static void put_title(const Listing *listing, const InputChange *change, GString *out)
{
  const ReportInputs *what = listing->what;
  g_autoptr(GString) label = g_string_new(NULL);
  escape_text(label, change->label, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  columns_paint(out, what->colour, PAINT_TITLE, label->str);
  if (change->order_kind)
    g_string_append_printf(out, "  %s", change->order_kind);
  const GPtrArray *systems = systems_of(listing, change);
  for (guint i = 0; systems && i < systems->len; i++) {
    g_string_append(out, i > 0 ? ", " : "  → ");
    escape_text(out, systems->pdata[i], ESCAPE_TERMINAL);
  }
  if (listing->systems && !systems)
    g_string_append(out, _("  → no system"));
  g_string_append_printf(out, "\n    %c ", changes[change->change].sign);
  if (change->old_line > 0)
    put_place(out, what->old_file, change->old_line);
  g_string_append(out, change->change == LINE_CHANGED ? DIVIDER : "");
  if (change->new_line > 0)
    put_place(out, what->new_file, change->new_line);
  g_string_append_printf(out, "  %s\n", _(changes[change->change].words));
}

static void put_value(GString *out, const char *value)
{
  if (!value)
    g_string_append(out, _("(not read)"));
  else if (*value == '\0')
    g_string_append(out, _("(empty)"));
  else
    escape_text(out, value, ESCAPE_TERMINAL);
}

static void put_header(GString *out, const char *header)
{
  g_autoptr(GString) shown = g_string_new(NULL);
  size_t from = out->len;
  escape_text(shown, header, ESCAPE_TERMINAL);
  g_string_append_printf(out, "%*s", ROW_COLUMNS, "");
  columns_cut(out, shown->str, HEADER_COLUMNS - 2);
  columns_pad(out, from, ROW_COLUMNS + HEADER_COLUMNS);
}

static void put_column(const ReportInputs *what, const InputChange *change,
                       const ColumnChange *column, GString *out)
{
  int width = what->width == 0 ? WIDTH_DEFAULT : MAX(what->width, WIDTH_LEAST);
  size_t left = (size_t)width - ROW_COLUMNS - HEADER_COLUMNS - DIVIDER_COLUMNS;
  g_autoptr(GString) old_text = g_string_new(NULL);
  g_autoptr(GString) new_text = g_string_new(NULL);
  put_header(out, column->header);
  put_value(old_text, column->old_value);
  put_value(new_text, column->new_value);
  if (change->change != LINE_CHANGED) {
    g_string_append_printf(out, "%s\n",
                           change->change == LINE_ADDED ? new_text->str : old_text->str);
    return;
  }
  size_t from = out->len;
  columns_cut_pair(old_text, new_text, left / 2, left - left / 2);
  g_string_append(out, old_text->str);
  columns_pad(out, from, left / 2);
  g_string_append_printf(out, DIVIDER "%s\n", new_text->str);
}

static void put_rows(const Listing *listing, GString *out)
{
  for (size_t i = 0; i < listing->what->changes->changes->len; i++) {
    const InputChange *change = change_at(listing->what, i);
    put_title(listing, change, out);
    for (size_t k = 0; k < change->n_columns; k++)
      put_column(listing->what, change, &change->columns[k], out);
  }
}

static void put_version(GString *out, const char *label, const char *file, int64_t n_rows)
{
  g_string_append_printf(out, "  %s  ", label);
  escape_text(out, file, ESCAPE_TERMINAL);
  g_string_append_printf(out, _(": %" G_GINT64_FORMAT " rows\n"), n_rows);
}

static void put_text(const Listing *listing, GString *out)
{
  const ReportInputs *what = listing->what;
  columns_paint(out, what->colour, PAINT_TITLE, _("Two versions compared"));
  g_string_append_c(out, '\n');
  put_version(out, _("old"), what->old_file, what->changes->n_old);
  put_version(out, _("new"), what->new_file, what->changes->n_new);
  if (what->changes->changes->len > 0)
    put_totals(what, out);
  if (!what->summary)
    put_rows(listing, out);
  g_string_append_c(out, '\n');
}

// ---------------------------------------------------------------------------------------------
// JSON.

static json_t *place_json(const char *file, int64_t line)
{
  if (line == 0)
    return json_null();
  json_t *object = json_object();
  json_object_set_new(object, "file", report_json_text(file));
  json_object_set_new(object, "line", json_integer(line));
  return object;
}

static json_t *columns_json(const InputChange *change)
{
  json_t *array = json_array();
  for (size_t i = 0; i < change->n_columns; i++) {
    json_t *object = json_object();
    json_object_set_new(object, "header", report_json_text(change->columns[i].header));
    json_object_set_new(object, "old", report_json_text(change->columns[i].old_value));
    json_object_set_new(object, "new", report_json_text(change->columns[i].new_value));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *systems_json(const Listing *listing, const InputChange *change)
{
  if (!listing->systems)
    return json_null();
  const GPtrArray *systems = systems_of(listing, change);
  json_t *array = json_array();
  for (guint i = 0; systems && i < systems->len; i++)
    json_array_append_new(array, report_json_text(systems->pdata[i]));
  return array;
}

static json_t *change_json(const Listing *listing, const InputChange *change)
{
  json_t *object = json_object();
  json_object_set_new(object, "change", json_string(changes[change->change].name));
  json_object_set_new(object, "key", report_json_text(change->key));
  json_object_set_new(object, "subject", report_json_text(change->subject));
  json_object_set_new(object, "label", report_json_text(change->label));
  json_object_set_new(object, "kind", report_json_text(change->order_kind));
  json_object_set_new(object, "old", place_json(listing->what->old_file, change->old_line));
  json_object_set_new(object, "new", place_json(listing->what->new_file, change->new_line));
  json_object_set_new(object, "columns", columns_json(change));
  json_object_set_new(object, "systems", systems_json(listing, change));
  return object;
}

static void put_json(const Listing *listing, GString *out)
{
  const ReportInputs *what = listing->what;
  json_t *document = json_object();
  json_t *rows = json_array();
  for (size_t i = 0; i < what->changes->changes->len && !what->summary; i++)
    json_array_append_new(rows, change_json(listing, change_at(what, i)));
  json_object_set_new(document, "old_rows", json_integer(what->changes->n_old));
  json_object_set_new(document, "new_rows", json_integer(what->changes->n_new));
  json_object_set_new(document, "same", json_integer(what->changes->n_same));
  json_object_set_new(document, "not_read", json_integer(what->changes->n_unread));
  json_object_set_new(document, "changes", rows);
  report_json_dump(document, out);
}

// ---------------------------------------------------------------------------------------------

void report_inputs(const ReportInputs *what, bool json, GString *out)
{
  g_autoptr(GHashTable) systems = what->plans ? list_systems(what->plans) : NULL;
  Listing listing = {what, systems};
  if (json)
    put_json(&listing, out);
  else
    put_text(&listing, out);
}

void report_inputs_line(const InputChanges *what, GString *out)
{
  int64_t n[N_LINE_CHANGES] = {0};
  for (size_t i = 0; i < what->changes->len; i++)
    n[g_array_index(what->changes, InputChange, i).change]++;
  g_string_append(out, "diff:");
  for (LineChange change = 0; change < N_LINE_CHANGES; change++)
    g_string_append_printf(out, "%s %" G_GINT64_FORMAT " %s", change == 0 ? "" : ",", n[change],
                           changes[change].name);
  g_string_append_printf(out, "; %" G_GINT64_FORMAT " the same", what->n_same);
  if (what->n_unread > 0)
    g_string_append_printf(out, "; %" G_GINT64_FORMAT " not read", what->n_unread);
}
