// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two versions of a decision table: totals of each group, then who gains and who loses.
#include "report_p.h"

#define GROUP_COLUMNS 28
#define NUMBER_COLUMNS 8
#define NAME_COLUMNS 18

// ---------------------------------------------------------------------------------------------
// JSON.

static json_t *mover_json(const ReportTableMover *mover)
{
  json_t *object = json_object(), *changes = json_array();
  for (guint i = 0; i < mover->changes->len; i++) {
    const ReportTableChange *change = &g_array_index(mover->changes, ReportTableChange, i);
    json_t *it = json_object();
    json_object_set_new(it, "change", json_string(change->gain ? "gain" : "loss"));
    json_object_set_new(it, "group", report_json_text(change->group));
    json_object_set_new(it, "class", report_json_text(change->klass));
    json_object_set_new(it, "rows", report_json_text(change->from));
    json_array_append_new(changes, it);
  }
  json_object_set_new(object, "number", report_json_text(mover->person.number));
  json_object_set_new(object, "name", report_json_text(mover->person.name));
  json_object_set_new(object, "post", report_json_text(mover->person.post));
  json_object_set_new(object, "changes", changes);
  return object;
}

static json_t *total_json(const ReportTableTotal *total)
{
  json_t *object = json_object();
  json_object_set_new(object, "group", report_json_text(total->group));
  json_object_set_new(object, "class", report_json_text(total->klass));
  json_object_set_new(object, "old", json_integer((json_int_t)total->n_old));
  json_object_set_new(object, "new", json_integer((json_int_t)total->n_new));
  json_object_set_new(object, "gain", json_integer((json_int_t)total->n_gain));
  json_object_set_new(object, "loss", json_integer((json_int_t)total->n_loss));
  return object;
}

static void compare_as_json(const ReportTableCompare *compare, bool summary, GString *out)
{
  json_t *document = json_object(), *totals = json_array(), *people = json_array();
  for (guint i = 0; i < compare->totals->len; i++)
    json_array_append_new(totals, total_json(&g_array_index(compare->totals, ReportTableTotal, i)));
  for (guint i = 0; i < compare->movers->len && !summary; i++)
    json_array_append_new(people, mover_json(&g_array_index(compare->movers, ReportTableMover, i)));
  json_object_set_new(document, "table", report_json_text(compare->path));
  json_object_set_new(document, "old", report_json_text(compare->old_file));
  json_object_set_new(document, "new", report_json_text(compare->new_file));
  json_object_set_new(document, "as_of", report_json_date(compare->as_of));
  json_object_set_new(document, "asked", json_integer((json_int_t)compare->n_asked));
  json_object_set_new(document, "n_people", json_integer((json_int_t)compare->n_people));
  json_object_set_new(document, "n_posts", json_integer((json_int_t)compare->n_posts));
  json_object_set_new(document, "n_even", json_integer((json_int_t)compare->n_even));
  json_object_set_new(document, "groups", totals);
  json_object_set_new(document, "people", summary ? json_null() : people);
  if (summary)
    json_decref(people);
  report_json_dump(document, out);
}

// ---------------------------------------------------------------------------------------------
// Text.

static void put_head(const ReportTableCompare *compare, GString *out)
{
  escape_text(out, compare->path, ESCAPE_TERMINAL);
  g_string_append(out, _(" on "));
  date_format(compare->as_of, out);
  g_string_append(out, _("\n  old: "));
  escape_text(out, compare->old_file, ESCAPE_TERMINAL);
  g_string_append(out, _("\n  new: "));
  escape_text(out, compare->new_file, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

static size_t group_columns(const ReportTableCompare *compare)
{
  size_t columns = text_width(_("group"));
  for (guint i = 0; i < compare->totals->len; i++)
    columns = MAX(columns, text_width(g_array_index(compare->totals, ReportTableTotal, i).group));
  return MIN(columns, GROUP_COLUMNS);
}

static void put_totals(const ReportTableCompare *compare, size_t columns, GString *out)
{
  g_string_append(out, "\n  ");
  columns_text(out, _("group"), columns);
  g_string_append_printf(out, "%*s%*s%*s%*s  %s\n", NUMBER_COLUMNS, _("old"), NUMBER_COLUMNS,
                         _("new"), NUMBER_COLUMNS, _("gain"), NUMBER_COLUMNS, _("lose"),
                         _("members"));
  for (guint i = 0; i < compare->totals->len; i++) {
    const ReportTableTotal *total = &g_array_index(compare->totals, ReportTableTotal, i);
    const size_t numbers[] = {total->n_old, total->n_new, total->n_gain, total->n_loss};
    g_string_append(out, "  ");
    columns_text(out, total->group, columns);
    for (size_t k = 0; k < G_N_ELEMENTS(numbers); k++)
      columns_number(out, numbers[k], NUMBER_COLUMNS);
    g_string_append(out, "  ");
    escape_text(out, total->klass, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
}

static void put_mover(const ReportTableMover *mover, size_t columns, bool several, GString *out)
{
  g_string_append_c(out, '\n');
  columns_text(out, mover->person.number, NUMBER_COLUMNS);
  columns_text(out, mover->person.name, NAME_COLUMNS);
  g_string_append_c(out, ' ');
  escape_text(out, mover->person.post, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  for (guint i = 0; i < mover->changes->len; i++) {
    const ReportTableChange *change = &g_array_index(mover->changes, ReportTableChange, i);
    g_string_append(out, change->gain ? _("  gains ") : _("  loses "));
    columns_text(out, change->group, columns);
    g_string_append(out, change->gain ? _("  new row ") : _("  old row "));
    escape_text(out, change->from, ESCAPE_TERMINAL);
    if (several) {
      g_string_append(out, "; ");
      escape_text(out, change->klass, ESCAPE_TERMINAL);
    }
    g_string_append_c(out, '\n');
  }
}

// Whether more than one class has members that change.
static bool are_several(const ReportTableCompare *compare)
{
  for (guint i = 1; i < compare->totals->len; i++)
    if (strcmp(g_array_index(compare->totals, ReportTableTotal, i).klass,
               g_array_index(compare->totals, ReportTableTotal, 0).klass) != 0)
      return true;
  return false;
}

void report_table_compare(const ReportTableCompare *compare, bool summary, bool json, GString *out)
{
  if (json) {
    compare_as_json(compare, summary, out);
    return;
  }
  size_t columns = group_columns(compare);
  put_head(compare, out);
  if (compare->totals->len > 0)
    put_totals(compare, columns, out);
  for (guint i = 0; i < compare->movers->len && !summary; i++)
    put_mover(&g_array_index(compare->movers, ReportTableMover, i), columns, are_several(compare),
              out);
  g_string_append_printf(
      out, _("\n%zu of %zu people gain or lose groups; posts with another result: %zu\n"),
      compare->n_people, compare->n_asked, compare->n_posts);
  if (compare->n_even > 0)
    g_string_append_printf(
        out,
        _("people with such posts who hold the same groups all the same, by other rows or tables: "
          "%zu\n"),
        compare->n_even);
}
