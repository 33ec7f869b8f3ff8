// SPDX-License-Identifier: GPL-3.0-or-later
//
// Decision tables for one person: a line for each row and post, then the groups.
#include "report_p.h"

#define ROW_COLUMNS 10
#define FATE_COLUMNS 4
#define RESULT_COLUMNS 24
#define GROUP_COLUMNS 32
#define FEW 3  // rows in a row that fail by one column are listed singly up to so many

static const struct {
  const char *name;  // for machines
  const char *word;  // for people, as wide as FATE_COLUMNS at most
} fates[] = {
    [TABLE_HIT] = {"hit", N_("yes")},
    [TABLE_OUTVOTED] = {"outvoted", N_("late")},
    [TABLE_MISSED] = {"missed", N_("no")},
    [TABLE_NOT_ASKED] = {"not-asked", N_("-")},
};

// ---------------------------------------------------------------------------------------------
// JSON.

static json_t *row_json(const ReportTableAsked *table, const ReportTableTried *row)
{
  json_t *object = json_object();
  json_object_set_new(object, "row", json_integer((json_int_t)row->line));
  json_object_set_new(object, "priority",
                      table->first_match ? json_integer(row->priority) : json_null());
  json_object_set_new(object, "fate", json_string(fates[row->fate].name));
  json_object_set_new(object, "results", report_json_text(row->results));
  json_object_set_new(object, "groups", report_json_text(row->groups));
  json_object_set_new(object, "remark", report_json_text(row->remark));
  json_object_set_new(object, "column", report_json_text(row->header));
  json_object_set_new(object, "wants", report_json_text(row->cell));
  json_object_set_new(object, "has", report_json_text(row->value));
  return object;
}

static json_t *table_json(const ReportTableAsked *table)
{
  json_t *object = json_object(), *rows = json_array();
  for (guint i = 0; i < table->rows->len; i++)
    json_array_append_new(rows, row_json(table, &g_array_index(table->rows, ReportTableTried, i)));
  json_object_set_new(object, "table", report_json_text(table->path));
  json_object_set_new(object, "asked_by", report_json_text(table->by));
  json_object_set_new(object, "first_match", json_boolean(table->first_match));
  json_object_set_new(object, "rows", rows);
  return object;
}

static json_t *post_json(const ReportTablePost *post)
{
  json_t *object = json_object(), *tables = json_array();
  for (guint i = 0; i < post->tables->len; i++)
    json_array_append_new(tables, table_json(&g_array_index(post->tables, ReportTableAsked, i)));
  json_object_set_new(object, "role", report_json_text(post->role));
  json_object_set_new(object, "unit", report_json_text(post->unit));
  json_object_set_new(object, "unit_name", report_json_text(post->unit_name));
  json_object_set_new(object, "title", report_json_text(post->title));
  json_object_set_new(object, "title_name", report_json_text(post->title_name));
  json_object_set_new(object, "begin", report_json_date(post->begin));
  json_object_set_new(object, "end", report_json_date(post->end));
  json_object_set_new(object, "note", report_json_text(post->note));
  json_object_set_new(object, "tables", tables);
  return object;
}

static json_t *member_json(const ReportTableMember *member)
{
  json_t *object = json_object(), *groups = json_array();
  for (guint i = 0; i < member->groups->len; i++) {
    const ReportTableGroup *group = &g_array_index(member->groups, ReportTableGroup, i);
    json_t *it = json_object();
    json_object_set_new(it, "group", report_json_text(group->name));
    json_object_set_new(it, "kind", report_json_text(group->klass));
    json_object_set_new(it, "from", report_json_text(group->from));
    json_object_set_new(it, "can_be_made", json_boolean(group->counts));
    json_array_append_new(groups, it);
  }
  json_object_set_new(object, "class", report_json_text(member->klass));
  json_object_set_new(object, "post", report_json_text(member->post));
  json_object_set_new(object, "reason", report_json_text(member->reason));
  json_object_set_new(object, "note", report_json_text(member->note));
  json_object_set_new(object, "groups", groups);
  return object;
}

static void try_as_json(const ReportTableTry *tried, const Findings *findings, GString *out)
{
  json_t *document = json_object(), *posts = json_array(), *members = json_array();
  for (guint i = 0; i < tried->posts->len; i++)
    json_array_append_new(posts, post_json(&g_array_index(tried->posts, ReportTablePost, i)));
  for (guint i = 0; i < tried->members->len; i++)
    json_array_append_new(members,
                          member_json(&g_array_index(tried->members, ReportTableMember, i)));
  json_object_set_new(document, "number", report_json_text(tried->number));
  json_object_set_new(document, "name", report_json_text(tried->name));
  json_object_set_new(document, "state", report_json_text(tried->state));
  json_object_set_new(document, "as_of", report_json_date(tried->as_of));
  json_object_set_new(document, "posts", posts);
  json_object_set_new(document, "members", members);
  json_object_set_new(document, "findings", report_json_findings(findings));
  report_json_dump(document, out);
}

// ---------------------------------------------------------------------------------------------
// Rows.

static void put_line(GString *out, ReportTableFate fate, const char *rows, const char *results)
{
  g_string_append(out, "    ");
  columns_text(out, _(fates[fate].word), FATE_COLUMNS);
  g_string_append(out, "  ");
  columns_text(out, rows, ROW_COLUMNS);
  g_string_append(out, "  ");
  columns_text(out, results, RESULT_COLUMNS);
}

// The last column may be empty.
static void end_line(GString *out)
{
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate(out, out->len - 1);
  g_string_append_c(out, '\n');
}

static void put_row(const ReportTableTried *row, GString *out)
{
  g_autofree char *line = g_strdup_printf(_("row %zu"), row->line);
  const char *groups = row->fate == TABLE_HIT && *row->groups ? row->groups : row->results;
  put_line(out, row->fate, line, *groups ? groups : _("(nothing)"));
  if (row->fate == TABLE_MISSED) {
    g_string_append_printf(out, "  ");
    escape_text(out, row->header, ESCAPE_TERMINAL);
    g_string_append(out, _(": wants "));
    escape_text(out, row->cell, ESCAPE_TERMINAL);
    g_string_append(out, _(", has "));
    escape_text(out, *row->value ? row->value : _("nothing"), ESCAPE_TERMINAL);
  } else if (row->fate == TABLE_OUTVOTED) {
    g_string_append_printf(out, _("  fits too, but a row before it won"));
  } else if (*row->remark) {
    g_string_append(out, "  # ");
    escape_text(out, row->remark, ESCAPE_TERMINAL);
  }
  end_line(out);
}

// Rows that follow each other and fail by one column, or that were not asked.
static guint run_of(const ReportTableAsked *table, guint first)
{
  const ReportTableTried *a = &g_array_index(table->rows, ReportTableTried, first);
  guint n = 1;
  for (; first + n < table->rows->len; n++) {
    const ReportTableTried *b = &g_array_index(table->rows, ReportTableTried, first + n);
    if (b->fate != a->fate || (a->fate != TABLE_MISSED && a->fate != TABLE_NOT_ASKED) ||
        g_strcmp0(a->header, b->header) != 0)
      break;
  }
  return n;
}

static void put_run(const ReportTableAsked *table, guint first, guint n, GString *out)
{
  const ReportTableTried *a = &g_array_index(table->rows, ReportTableTried, first);
  const ReportTableTried *b = &g_array_index(table->rows, ReportTableTried, first + n - 1);
  // With priorities rows are asked in another order than they stand.
  g_autofree char *lines = a->line + n - 1 == b->line
                               ? g_strdup_printf("%zu–%zu", a->line, b->line)
                               : g_strdup_printf("%zu … %zu", a->line, b->line);
  g_autofree char *count = g_strdup_printf(ngettext("%u row", "%u rows", n), n);
  put_line(out, a->fate, lines, count);
  if (a->fate == TABLE_NOT_ASKED) {
    g_string_append_printf(out, _("  of a later priority: not asked\n"));
    return;
  }
  g_string_append(out, "  ");
  escape_text(out, a->header, ESCAPE_TERMINAL);
  g_string_append(out, _(": none of them wants "));
  escape_text(out, *a->value ? a->value : _("nothing"), ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

static void put_table(const ReportTableAsked *table, GString *out)
{
  g_string_append(out, "  ");
  escape_text(out, table->path, ESCAPE_TERMINAL);
  g_string_append(out, table->first_match ? _(": the first row that matches applies; asked by ")
                                          : _(": all rows that match apply; asked by "));
  escape_text(out, table->by, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  for (guint i = 0; i < table->rows->len;) {
    guint n = run_of(table, i);
    bool few = n <= FEW && g_array_index(table->rows, ReportTableTried, i).fate != TABLE_NOT_ASKED;
    if (few)
      for (guint k = 0; k < n; k++)
        put_row(&g_array_index(table->rows, ReportTableTried, i + k), out);
    else
      put_run(table, i, n, out);
    i += n;
  }
}

// ---------------------------------------------------------------------------------------------
// Posts and groups.

static void put_post(const ReportTablePost *post, GString *out)
{
  const char *const words[] = {post->role, post->unit, post->unit_name, post->title,
                               post->title_name};
  g_string_append_c(out, '\n');
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
    g_string_append(out, i > 0 && *words[i] ? " " : "");
    escape_text(out, words[i], ESCAPE_TERMINAL);
  }
  g_string_append(out, "  ");
  date_format(post->begin, out);
  g_string_append(out, " – ");
  if (post->end != DATE_OPEN)
    date_format(post->end - 1, out);
  if (*post->note) {
    g_string_append(out, "  (");
    g_string_append(out, post->note);
    g_string_append_c(out, ')');
  }
  end_line(out);
  for (guint i = 0; i < post->tables->len; i++)
    put_table(&g_array_index(post->tables, ReportTableAsked, i), out);
}

static void put_group(const ReportTableGroup *group, bool assignment, GString *out)
{
  size_t from = out->len;
  g_string_append(out, "    ");
  escape_text(out, group->name, ESCAPE_TERMINAL);
  columns_pad(out, from, GROUP_COLUMNS);
  g_string_append(out, "  ");
  escape_text(out, group->from, ESCAPE_TERMINAL);
  if (!group->counts)
    g_string_append(out, assignment ? _("  (conflicts with another: not given)")
                                    : _("  (cannot be made, or has ended: left out)"));
  g_string_append_c(out, '\n');
}

static void put_member(const ReportTableMember *member, GString *out)
{
  g_string_append(out, member->assignments ? _("\nassignments of ") : _("\ngroups of "));
  escape_text(out, member->klass, ESCAPE_TERMINAL);
  g_string_append(out, *member->post ? ", " : "");
  escape_text(out, member->post, ESCAPE_TERMINAL);
  const char *const remarks[] = {member->reason, member->note};
  for (size_t i = 0; i < G_N_ELEMENTS(remarks); i++) {
    g_string_append(out, *remarks[i] ? "; " : "");
    escape_text(out, remarks[i], ESCAPE_TERMINAL);
  }
  g_string_append_c(out, '\n');
  for (guint i = 0; i < member->groups->len; i++)
    put_group(&g_array_index(member->groups, ReportTableGroup, i), member->assignments, out);
  if (member->groups->len == 0)
    g_string_append_printf(out, "    %s\n", _("none"));
}

void report_table_try(const ReportTableTry *tried, const Findings *findings, bool json,
                      GString *out)
{
  if (json) {
    try_as_json(tried, findings, out);
    return;
  }
  escape_text(out, tried->number, ESCAPE_TERMINAL);
  g_string_append_c(out, ' ');
  escape_text(out, tried->name, ESCAPE_TERMINAL);
  g_string_append(out, " (");
  escape_text(out, tried->state, ESCAPE_TERMINAL);
  g_string_append(out, _(") on "));
  date_format(tried->as_of, out);
  g_string_append_c(out, '\n');
  for (guint i = 0; i < tried->posts->len; i++)
    put_post(&g_array_index(tried->posts, ReportTablePost, i), out);
  if (tried->posts->len == 0)
    g_string_append_printf(out, "\n%s\n", _("no post"));
  for (guint i = 0; i < tried->members->len; i++)
    put_member(&g_array_index(tried->members, ReportTableMember, i), out);
  if (tried->members->len == 0)
    g_string_append_printf(out, "\n%s\n",
                           _("no mapping makes an entry of this person on that day"));
  report_table_findings(findings, out);
}
