// SPDX-License-Identifier: GPL-3.0-or-later
//
// Decision tables against everybody: a line for each row, whom it hits, and whom none does.
#include "report_p.h"

#define ROW_COLUMNS 5
#define NUMBER_COLUMNS 8
#define RESULT_COLUMNS 40  // a longer result pushes the rest of its line to the right
#define MOST_UNITS 10

// ---------------------------------------------------------------------------------------------
// JSON.

static json_t *row_json(const ReportTableCheck *check, const ReportTableRow *row)
{
  json_t *object = json_object();
  json_object_set_new(object, "row", json_integer((json_int_t)row->line));
  json_object_set_new(object, "priority",
                      check->first_match ? json_integer(row->priority) : json_null());
  json_object_set_new(object, "conditions", report_json_text(row->wants));
  json_object_set_new(object, "results", report_json_text(row->results));
  json_object_set_new(object, "remark", report_json_text(row->remark));
  json_object_set_new(object, "people", json_integer((json_int_t)row->n_people));
  json_object_set_new(object, "some", report_json_people(row->some));
  return object;
}

static json_t *units_json(const GArray *units)
{
  json_t *array = json_array();
  for (guint i = 0; i < units->len; i++) {
    const ReportTableUnit *unit = &g_array_index(units, ReportTableUnit, i);
    json_t *object = json_object();
    json_object_set_new(object, "code", report_json_text(unit->code));
    json_object_set_new(object, "name", report_json_text(unit->name));
    json_object_set_new(object, "people", json_integer((json_int_t)unit->n_people));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *check_json(const ReportTableCheck *check)
{
  json_t *object = json_object(), *uses = json_array(), *rows = json_array();
  for (guint i = 0; i < check->uses->len; i++)
    json_array_append_new(uses, report_json_text(g_ptr_array_index(check->uses, i)));
  for (guint i = 0; i < check->rows->len; i++)
    json_array_append_new(rows, row_json(check, &g_array_index(check->rows, ReportTableRow, i)));
  json_object_set_new(object, "table", report_json_text(check->path));
  json_object_set_new(object, "first_match", json_boolean(check->first_match));
  json_object_set_new(object, "asked_by", uses);
  json_object_set_new(object, "people", json_integer((json_int_t)check->n_people));
  json_object_set_new(object, "rows", rows);
  json_object_set_new(object, "people_without", json_integer((json_int_t)check->n_without));
  json_object_set_new(object, "without", report_json_people(check->without));
  json_object_set_new(object, "units_without", units_json(check->units_without));
  json_object_set_new(object, "units_unnamed", units_json(check->units_unnamed));
  return object;
}

static void check_as_json(const ReportTableCheck *const *checks, size_t n, Date as_of,
                          const Findings *findings, GString *out)
{
  json_t *document = json_object(), *tables = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(tables, check_json(checks[i]));
  json_object_set_new(document, "as_of", report_json_date(as_of));
  json_object_set_new(document, "tables", tables);
  json_object_set_new(document, "findings", report_json_findings(findings));
  report_json_dump(document, out);
}

// ---------------------------------------------------------------------------------------------
// Text.

static void put_people(GString *out, const GArray *people, size_t n_all, size_t indent)
{
  for (guint i = 0; i < people->len; i++) {
    const ReportTablePerson *person = &g_array_index(people, ReportTablePerson, i);
    g_string_append_printf(out, "%*s", (int)indent, "");
    columns_text(out, person->number, NUMBER_COLUMNS);
    columns_text(out, person->name, 18);
    g_string_append_c(out, ' ');
    escape_text(out, person->post, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  if (n_all > people->len && people->len > 0)
    g_string_append_printf(out, _("%*sand %zu more\n"), (int)indent, "", n_all - people->len);
}

// Not longer than most results are.
static size_t result_columns(const ReportTableCheck *check)
{
  size_t columns = text_width(_("results"));
  for (guint i = 0; i < check->rows->len; i++)
    columns = MAX(columns, text_width(g_array_index(check->rows, ReportTableRow, i).results));
  return MIN(columns, RESULT_COLUMNS);
}

static void put_row(const ReportTableCheck *check, const ReportTableRow *row, size_t results,
                    GString *out)
{
  columns_number(out, row->line, ROW_COLUMNS);
  if (check->first_match)
    g_string_append_printf(out, "%*" G_GINT64_FORMAT, NUMBER_COLUMNS, row->priority);
  columns_number(out, row->n_people, NUMBER_COLUMNS);
  g_string_append(out, "  ");
  columns_text(out, *row->results ? row->results : _("(nothing)"), results);
  g_string_append(out, "  ");
  escape_text(out, *row->wants ? row->wants : _("everybody"), ESCAPE_TERMINAL);
  if (*row->remark) {
    g_string_append(out, "  # ");
    escape_text(out, row->remark, ESCAPE_TERMINAL);
  }
  g_string_append_c(out, '\n');
  put_people(out, row->some, 0, ROW_COLUMNS + NUMBER_COLUMNS * (check->first_match ? 2 : 1) + 2);
}

static void put_rows(const ReportTableCheck *check, GString *out)
{
  size_t results = result_columns(check);
  g_string_append_c(out, '\n');
  g_string_append_printf(out, "%*s", ROW_COLUMNS, _("row"));
  if (check->first_match)
    g_string_append_printf(out, "%*s", NUMBER_COLUMNS, _("order"));
  g_string_append_printf(out, "%*s  ", NUMBER_COLUMNS, _("people"));
  columns_text(out, _("results"), results);
  g_string_append_printf(out, "  %s\n", _("conditions"));
  for (guint i = 0; i < check->rows->len; i++)
    put_row(check, &g_array_index(check->rows, ReportTableRow, i), results, out);
}

static void put_units(const GArray *units, const char *title, GString *out)
{
  if (units->len == 0)
    return;
  g_string_append_printf(out, "\n  %s: %u\n", title, units->len);
  for (guint i = 0; i < units->len && i < MOST_UNITS; i++) {
    const ReportTableUnit *unit = &g_array_index(units, ReportTableUnit, i);
    g_string_append(out, "    ");
    columns_text(out, unit->code, NUMBER_COLUMNS);
    columns_text(out, unit->name, 24);
    g_string_append_printf(out, ngettext("%6zu person", "%6zu people", unit->n_people),
                           unit->n_people);
    g_string_append_c(out, '\n');
  }
  if (units->len > MOST_UNITS)
    g_string_append_printf(out, _("    and %u more\n"), units->len - MOST_UNITS);
}

static void put_check(const ReportTableCheck *check, Date as_of, GString *out)
{
  escape_text(out, check->path, ESCAPE_TERMINAL);
  g_string_append(out, _(" on "));
  date_format(as_of, out);
  g_string_append_printf(out, ": %s\n",
                         check->first_match ? _("the first row that matches applies")
                                            : _("all rows that match apply"));
  for (guint i = 0; i < check->uses->len; i++) {
    g_string_append(out, i == 0 ? _("  asked by ") : _("       and "));
    escape_text(out, g_ptr_array_index(check->uses, i), ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  g_string_append_printf(out, _("  asked for %zu people; %zu of them have no row\n"),
                         check->n_people, check->n_without);
  put_rows(check, out);
  if (check->n_without > 0) {
    g_string_append_printf(out, _("\n  people without any row: %zu\n"), check->n_without);
    put_people(out, check->without, check->n_without, 4);
  }
  put_units(check->units_without, _("units without any row"), out);
  put_units(check->units_unnamed, _("units that have only what everybody has, named by no row"),
            out);
}

void report_table_check(const ReportTableCheck *const *checks, size_t n, Date as_of,
                        const Findings *findings, bool json, GString *out)
{
  if (json) {
    check_as_json(checks, n, as_of, findings, out);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c(out, '\n');
    put_check(checks[i], as_of, out);
  }
  report_table_findings(findings, out);
}

void report_table_findings(const Findings *findings, GString *out)
{
  if (findings_count(findings) == 0)
    return;
  g_string_append_printf(out, _("\nFindings: %zu\n"), findings_count(findings));
  report_findings(findings, false, out);
}
