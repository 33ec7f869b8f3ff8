// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two plans side by side, for people and for programs.
#include "report_p.h"

#define WIDTH_DEFAULT 100
#define WIDTH_LEAST 60
#define LABEL_COLUMNS 14
#define NUMBER_COLUMNS 11
#define FACE_COLUMNS 34
#define ROW_COLUMNS 8
#define ROW_LABEL_COLUMNS 22
#define DIVIDER " │ "
#define DIVIDER_COLUMNS 3
#define ARROW " → "
#define SHORT_DIGEST_CHARS 12
#define MOST_NOTES 20

typedef struct Sides {
  const ReportComparison *what;
  View old_view, new_view;
} Sides;

static const char signs[PLAN_N_CHANGES] = {
    [PLAN_ADDED] = '+', [PLAN_WITHDRAWN] = '-', [PLAN_CHANGED] = '~'};
static const char *const change_names[PLAN_N_CHANGES] = {
    [PLAN_ADDED] = "added", [PLAN_WITHDRAWN] = "withdrawn", [PLAN_CHANGED] = "changed"};
static const char *const change_words[PLAN_N_CHANGES] = {
    [PLAN_ADDED] = N_("added"), [PLAN_WITHDRAWN] = N_("withdrawn"), [PLAN_CHANGED] = N_("changed")};

static const OpDifference *difference_at(const Sides *sides, size_t i)
{
  return &g_array_index(sides->what->comparison->ops, OpDifference, i);
}

static bool is_wanted(const Sides *sides, const OpDifference *difference)
{
  const char *person = sides->what->person;
  const Op *op = plan_difference_op(difference);
  return !person || (op->person != 0 && view_is_labelled(op->label, person));
}

// ---------------------------------------------------------------------------------------------
// Which plans these are.

static void put_label(GString *out, const char *label)
{
  size_t from = out->len;
  g_string_append(out, "  ");
  g_string_append(out, label);
  columns_pad(out, from, LABEL_COLUMNS);
}

static void face_date(const Plan *plan, GString *out)
{
  date_format(plan_head(plan)->as_of, out);
}

static void face_known(const Plan *plan, GString *out)
{
  if (plan_head(plan)->known_at == INSTANT_OPEN)
    g_string_append(out, _("all"));
  else
    columns_instant(out, plan_head(plan)->known_at);
}

static void face_made(const Plan *plan, GString *out)
{
  columns_instant(out, plan_envelope(plan)->made);
  g_string_append_c(out, ' ');
  escape_text(out, plan_envelope(plan)->host, ESCAPE_TERMINAL);
}

static void face_rules(const Plan *plan, GString *out)
{
  const char *digest = plan_head(plan)->mapping_digest;
  g_string_append_printf(out, "%.*s", SHORT_DIGEST_CHARS, digest ? digest : "-");
}

static void face_people(const Plan *plan, GString *out)
{
  g_string_append_printf(out, "%" G_GINT64_FORMAT, plan_head(plan)->people);
}

static void face_ops(const Plan *plan, GString *out)
{
  g_string_append_printf(out, "%zu", plan_n_ops(plan));
}

static void face_digest(const Plan *plan, GString *out)
{
  g_string_append_printf(out, "%.*s", SHORT_DIGEST_CHARS, plan_digest(plan));
}

static const struct {
  const char *name;
  void (*put)(const Plan *plan, GString *out);
} faces[] = {
    {N_("plan for"), face_date}, {N_("known"), face_known},   {N_("made"), face_made},
    {N_("mapping"), face_rules}, {N_("people"), face_people}, {N_("operations"), face_ops},
    {N_("digest"), face_digest},
};

static void put_heads(const Sides *sides, GString *out)
{
  columns_paint(out, sides->what->colour, PAINT_TITLE, _("Two plans compared"));
  g_string_append_c(out, '\n');
  for (size_t i = 0; i < G_N_ELEMENTS(faces); i++) {
    size_t from = out->len;
    put_label(out, _(faces[i].name));
    faces[i].put(sides->what->old_plan, out);
    columns_pad(out, from, LABEL_COLUMNS + FACE_COLUMNS);
    g_string_append(out, DIVIDER);
    faces[i].put(sides->what->new_plan, out);
    g_string_append_c(out, '\n');
  }
}

// ---------------------------------------------------------------------------------------------
// Totals: target × kind. The differences of people come first, so targets are looked for in both plans.

typedef int64_t Tally[OP_N_KINDS][PLAN_N_CHANGES];

static void count_target(const Sides *sides, const char *target, Tally out)
{
  memset(out, 0, sizeof(Tally));
  for (size_t i = 0; i < sides->what->comparison->ops->len; i++) {
    const OpDifference *difference = difference_at(sides, i);
    const Op *op = plan_difference_op(difference);
    if (strcmp(op->target, target) == 0 && is_wanted(sides, difference))
      out[op->kind][difference->change]++;
  }
}

// Of both plans, each once. Caller unrefs.
static GPtrArray *all_targets(const Sides *sides)
{
  const Plan *plans[] = {sides->what->old_plan, sides->what->new_plan};
  GPtrArray *targets = g_ptr_array_new();
  for (size_t p = 0; p < G_N_ELEMENTS(plans); p++)
    for (size_t i = 0; i < plan_n_sections(plans[p]); i++) {
      const char *target = plan_section(plans[p], i)->target;
      if (!g_ptr_array_find_with_equal_func(targets, target, g_str_equal, NULL))
        g_ptr_array_add(targets, (void *)target);
    }
  return targets;
}

static void put_number(GString *out, const char *number)
{
  for (size_t width = text_width(number); width < NUMBER_COLUMNS; width++)
    g_string_append_c(out, ' ');
  g_string_append(out, number);
}

static bool put_totals_row(GString *out, const char *target, OpKind kind, const int64_t *n)
{
  if (n[PLAN_ADDED] + n[PLAN_WITHDRAWN] + n[PLAN_CHANGED] == 0)
    return false;
  g_autoptr(GString) name = g_string_new(NULL);
  escape_text(name, target, ESCAPE_TERMINAL);
  put_label(out, name->str);
  size_t from = out->len;
  g_string_append(out, view_kind(kind));
  columns_pad(out, from, NUMBER_COLUMNS);
  for (PlanChange change = 0; change < PLAN_N_CHANGES; change++) {
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, n[change]);
    put_number(out, n[change] == 0 ? "-" : number);
  }
  g_string_append_c(out, '\n');
  return true;
}

static void put_totals(const Sides *sides, GString *out)
{
  g_autoptr(GPtrArray) targets = all_targets(sides);
  g_autoptr(GString) header = g_string_new(_("Differences"));
  columns_pad(header, 0, LABEL_COLUMNS + NUMBER_COLUMNS);
  for (PlanChange change = 0; change < PLAN_N_CHANGES; change++)
    put_number(header, _(change_words[change]));
  g_string_append_c(out, '\n');
  columns_paint(out, sides->what->colour, PAINT_TITLE, header->str);
  g_string_append_c(out, '\n');
  for (guint i = 0; i < targets->len; i++) {
    Tally tally;
    const char *shown = targets->pdata[i];
    count_target(sides, targets->pdata[i], tally);
    for (OpKind kind = 0; kind < OP_N_KINDS; kind++)
      if (put_totals_row(out, shown, kind, tally[kind]))
        shown = "";
  }
}

// ---------------------------------------------------------------------------------------------
// What differs in an operation that both plans have: rows of two cells.

typedef struct Row {
  const char *label;
  GString *old_text, *new_text;
} Row;

static void free_row(void *data)
{
  Row *row = data;
  g_string_free(row->old_text, TRUE);
  g_string_free(row->new_text, TRUE);
  g_free(row);
}

static void add_row(GPtrArray *rows, const char *label, const char *old_text, const char *new_text)
{
  if (strcmp(old_text, new_text) == 0)
    return;
  Row *row = g_new(Row, 1);
  *row = (Row){label, g_string_new(old_text), g_string_new(new_text)};
  g_ptr_array_add(rows, row);
}

static void put_values(const View *view, size_t section, const OpValue *values, size_t n,
                       GString *out)
{
  for (size_t i = 0; i < n; i++) {
    g_string_append(out, i > 0 ? ", " : "");
    view_value(view, section, &values[i], out);
  }
}

// "010100 → 010200"; of what only comes or only goes, that with its sign.
static void change_text(const View *view, size_t section, const OpChange *change, GString *out)
{
  if (!change)
    return;
  if (change->n_old == 0 && change->n_new == 0)
    g_string_append(out, _("(emptied)"));
  if (change->n_old == 0 && change->n_new > 0)
    g_string_append(out, "+ ");
  if (change->n_old > 0 && change->n_new == 0)
    g_string_append(out, "- ");
  put_values(view, section, change->old_values, change->n_old, out);
  if (change->n_old > 0 && change->n_new > 0)
    g_string_append(out, ARROW);
  put_values(view, section, change->new_values, change->n_new, out);
}

static const OpChange *change_of(const Op *op, const char *attribute)
{
  for (size_t i = 0; i < op->n_changes; i++)
    if (strcmp(op->changes[i].attribute, attribute) == 0)
      return &op->changes[i];
  return NULL;
}

static void add_change_row(const Sides *sides, const OpDifference *difference,
                           const char *attribute, GPtrArray *rows)
{
  g_autoptr(GString) old_text = g_string_new(NULL);
  g_autoptr(GString) new_text = g_string_new(NULL);
  change_text(&sides->old_view, difference->old_section, change_of(difference->old_op, attribute),
              old_text);
  change_text(&sides->new_view, difference->new_section, change_of(difference->new_op, attribute),
              new_text);
  add_row(rows, attribute, old_text->str, new_text->str);
}

static void add_changes(const Sides *sides, const OpDifference *difference, GPtrArray *rows)
{
  const Op *old_op = difference->old_op, *new_op = difference->new_op;
  for (size_t i = 0; i < old_op->n_changes; i++)
    add_change_row(sides, difference, old_op->changes[i].attribute, rows);
  for (size_t i = 0; i < new_op->n_changes; i++)
    if (!change_of(old_op, new_op->changes[i].attribute))
      add_change_row(sides, difference, new_op->changes[i].attribute, rows);
}

static void day_text(const Op *op, GString *out)
{
  if (op->not_before == INSTANT_NONE)
    g_string_append(out, _("at once"));
  else
    columns_instant(out, op->not_before);
}

static void about_text(const View *view, size_t section, const Op *op, GString *out)
{
  Shown shown = {.op = op, .section = section};
  report_plan_about(view, &shown, out);
}

// Caller unrefs.
static GPtrArray *rows_of(const Sides *sides, const OpDifference *difference)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func(free_row);
  const Op *old_op = difference->old_op, *new_op = difference->new_op;
  g_autoptr(GString) old_text = g_string_new(NULL);
  g_autoptr(GString) new_text = g_string_new(NULL);
  day_text(old_op, old_text);
  day_text(new_op, new_text);
  add_row(rows, _("from"), old_text->str, new_text->str);
  g_string_truncate(old_text, 0);
  g_string_truncate(new_text, 0);
  about_text(&sides->old_view, difference->old_section, old_op, old_text);
  about_text(&sides->new_view, difference->new_section, new_op, new_text);
  add_row(rows, _("entry"), old_text->str, new_text->str);
  add_changes(sides, difference, rows);
  g_autoptr(GString) old_confirm = g_string_new(NULL);
  g_autoptr(GString) new_confirm = g_string_new(NULL);
  escape_text(old_confirm, old_op->confirm, ESCAPE_TERMINAL);
  escape_text(new_confirm, new_op->confirm, ESCAPE_TERMINAL);
  add_row(rows, _("to confirm"), old_confirm->str, new_confirm->str);
  return rows;
}

static void put_row(const Sides *sides, const Row *row, GString *out)
{
  int width = sides->what->width == 0 ? WIDTH_DEFAULT : MAX(sides->what->width, WIDTH_LEAST);
  size_t left = (size_t)width - ROW_COLUMNS - ROW_LABEL_COLUMNS - DIVIDER_COLUMNS;
  g_autoptr(GString) label = g_string_new(NULL);
  escape_text(label, row->label, ESCAPE_TERMINAL);
  columns_cut_pair(row->old_text, row->new_text, left / 2, left - left / 2);
  size_t from = out->len;
  g_string_append_printf(out, "%*s", ROW_COLUMNS, "");
  columns_cut(out, label->str, ROW_LABEL_COLUMNS - 2);
  columns_pad(out, from, ROW_COLUMNS + ROW_LABEL_COLUMNS);
  g_string_append(out, row->old_text->str);
  columns_pad(out, from, ROW_COLUMNS + ROW_LABEL_COLUMNS + left / 2);
  g_string_append_printf(out, DIVIDER "%s\n", row->new_text->str);
}

// ---------------------------------------------------------------------------------------------
// Each person, then what concerns nobody.

static void put_difference(const Sides *sides, const OpDifference *difference, GString *out)
{
  const Op *op = plan_difference_op(difference);
  bool is_new = difference->new_op != NULL;
  const View *view = is_new ? &sides->new_view : &sides->old_view;
  Shown shown = {.op = op, .section = is_new ? difference->new_section : difference->old_section};
  g_string_append_printf(out, "    %c", signs[difference->change]);
  if (difference->change != PLAN_CHANGED) {
    g_autoptr(GString) block = g_string_new(NULL);
    report_plan_op(view, &shown, block);
    g_string_append(out, block->str + strspn(block->str, " ") - 1);
    return;
  }
  g_string_append_printf(out, " #%u│#%u %s ", difference->old_op->n, difference->new_op->n,
                         view_kind(op->kind));
  about_text(view, shown.section, op, out);
  g_string_append_c(out, '\n');
  g_autoptr(GPtrArray) rows = rows_of(sides, difference);
  for (guint i = 0; i < rows->len; i++)
    put_row(sides, rows->pdata[i], out);
}

static bool same_block(const OpDifference *a, const OpDifference *b)
{
  const Op *x = plan_difference_op(a), *y = plan_difference_op(b);
  if (x->person != 0 || y->person != 0)
    return plan_same_person(x, y);
  return strcmp(x->target, y->target) == 0 && g_strcmp0(x->object, y->object) == 0;
}

// The systems in which the differences `from` to `end` are, each once.
static void put_systems(const Sides *sides, size_t from, size_t end, GString *out)
{
  g_autoptr(GPtrArray) targets = all_targets(sides);
  const char *separator = "";
  for (guint t = 0; t < targets->len; t++) {
    bool concerned = false;
    for (size_t i = from; i < end; i++)
      concerned = concerned || strcmp(plan_difference_op(difference_at(sides, i))->target,
                                      targets->pdata[t]) == 0;
    if (!concerned)
      continue;
    g_string_append(out, separator);
    escape_text(out, targets->pdata[t], ESCAPE_TERMINAL);
    separator = ", ";
  }
}

static void put_block(const Sides *sides, size_t from, size_t end, GString *out)
{
  const Op *op = plan_difference_op(difference_at(sides, from));
  g_autoptr(GString) label = g_string_new(NULL);
  escape_text(label, op->label ? op->label : op->object, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  columns_paint(out, sides->what->colour, PAINT_TITLE, label->str);
  g_string_append(out, "  ");
  put_systems(sides, from, end, out);
  g_string_append_c(out, '\n');
  for (size_t i = from; i < end; i++)
    put_difference(sides, difference_at(sides, i), out);
}

static size_t block_end(const Sides *sides, size_t from)
{
  size_t end = from + 1;
  while (end < sides->what->comparison->ops->len &&
         same_block(difference_at(sides, from), difference_at(sides, end)))
    end++;
  return end;
}

static void put_blocks(const Sides *sides, GString *out)
{
  for (size_t i = 0, end; i < sides->what->comparison->ops->len; i = end) {
    end = block_end(sides, i);
    if (is_wanted(sides, difference_at(sides, i)))
      put_block(sides, i, end, out);
  }
}

static void put_notes(const Sides *sides, const char *title, const GPtrArray *notes, GString *out)
{
  if (notes->len == 0)
    return;
  g_string_append_c(out, '\n');
  g_autofree char *heading = g_strdup_printf("%s: %u", title, notes->len);
  columns_paint(out, sides->what->colour, PAINT_TITLE, heading);
  g_string_append_c(out, '\n');
  for (guint i = 0; i < MIN(notes->len, MOST_NOTES); i++) {
    const PlanNote *note = notes->pdata[i];
    const char *const parts[] = {note->target, note->code, note->label, note->object, note->text};
    const char *separator = "    ";
    for (size_t k = 0; k < G_N_ELEMENTS(parts); k++) {
      if (!parts[k])
        continue;
      g_string_append(out, separator);
      escape_text(out, parts[k], ESCAPE_TERMINAL);
      separator = "  ";
    }
    g_string_append_c(out, '\n');
  }
  if (notes->len > MOST_NOTES)
    g_string_append_printf(out, _("    and %u more\n"), notes->len - MOST_NOTES);
}

static void put_text(const Sides *sides, GString *out)
{
  const PlanComparison *comparison = sides->what->comparison;
  put_heads(sides, out);
  if (comparison->ops->len > 0)
    put_totals(sides, out);
  if (!sides->what->summary) {
    put_blocks(sides, out);
    put_notes(sides, _("Notes of the new plan only"), comparison->came, out);
    put_notes(sides, _("Notes of the old plan only"), comparison->went, out);
  }
  g_string_append_c(out, '\n');
}

// ---------------------------------------------------------------------------------------------
// JSON.

static json_t *head_json(const Plan *plan)
{
  json_t *object = json_object();
  json_object_set_new(object, "digest", report_json_text(plan_digest(plan)));
  json_object_set_new(object, "as_of", report_json_date(plan_head(plan)->as_of));
  json_object_set_new(object, "known_at", report_json_instant(plan_head(plan)->known_at));
  json_object_set_new(object, "mapping_digest", report_json_text(plan_head(plan)->mapping_digest));
  json_object_set_new(object, "made", report_json_instant(plan_envelope(plan)->made));
  json_object_set_new(object, "operations", json_integer((json_int_t)plan_n_ops(plan)));
  return object;
}

static json_t *side_json(const View *view, size_t section, const Op *op)
{
  Shown shown = {.op = op, .section = section};
  return op ? report_plan_op_json(view, &shown) : json_null();
}

static json_t *difference_json(const Sides *sides, const OpDifference *difference)
{
  const Op *op = plan_difference_op(difference);
  json_t *object = json_object();
  json_object_set_new(object, "change", json_string(change_names[difference->change]));
  json_object_set_new(object, "target", report_json_text(op->target));
  json_object_set_new(object, "kind", json_string(op_traits(op->kind)->name));
  json_object_set_new(object, "object", report_json_text(op->object));
  json_object_set_new(object, "member", report_json_text(op->member));
  json_object_set_new(object, "label", report_json_text(op->label));
  json_object_set_new(object, "old",
                      side_json(&sides->old_view, difference->old_section, difference->old_op));
  json_object_set_new(object, "new",
                      side_json(&sides->new_view, difference->new_section, difference->new_op));
  return object;
}

static json_t *totals_json(const Sides *sides)
{
  g_autoptr(GPtrArray) targets = all_targets(sides);
  json_t *object = json_object();
  for (guint i = 0; i < targets->len; i++) {
    Tally tally;
    json_t *by_kind = json_object();
    count_target(sides, targets->pdata[i], tally);
    for (OpKind kind = 0; kind < OP_N_KINDS; kind++) {
      const int64_t *n = tally[kind];
      json_t *row = json_object();
      for (PlanChange change = 0; change < PLAN_N_CHANGES; change++)
        json_object_set_new(row, change_names[change], json_integer(n[change]));
      if (n[PLAN_ADDED] + n[PLAN_WITHDRAWN] + n[PLAN_CHANGED] > 0)
        json_object_set(by_kind, op_traits(kind)->name, row);
      json_decref(row);
    }
    json_object_set_new_nocheck(object, targets->pdata[i], by_kind);
  }
  return object;
}

static json_t *notes_json(const GPtrArray *notes)
{
  json_t *array = json_array();
  for (guint i = 0; i < notes->len; i++) {
    const PlanNote *note = notes->pdata[i];
    json_t *object = report_plan_note_json(note);
    json_object_set_new(object, "target", report_json_text(note->target));
    json_array_append_new(array, object);
  }
  return array;
}

static void put_json(const Sides *sides, GString *out)
{
  const PlanComparison *comparison = sides->what->comparison;
  json_t *document = json_object();
  json_t *differences = json_array();
  for (size_t i = 0; i < comparison->ops->len && !sides->what->summary; i++)
    if (is_wanted(sides, difference_at(sides, i)))
      json_array_append_new(differences, difference_json(sides, difference_at(sides, i)));
  json_object_set_new(document, "old", head_json(sides->what->old_plan));
  json_object_set_new(document, "new", head_json(sides->what->new_plan));
  json_object_set_new(document, "same", json_integer(comparison->n_same));
  json_object_set_new(document, "other_reason", json_integer(comparison->n_reasons));
  json_object_set_new(document, "totals", totals_json(sides));
  json_object_set_new(document, "differences", differences);
  json_object_set_new(document, "notes_added", notes_json(comparison->came));
  json_object_set_new(document, "notes_withdrawn", notes_json(comparison->went));
  report_json_dump(document, out);
}

// ---------------------------------------------------------------------------------------------

void report_comparison(const ReportComparison *what, bool json, GString *out)
{
  ReportPlan old_what = {.plan = what->old_plan, .width = what->width};
  ReportPlan new_what = {.plan = what->new_plan, .width = what->width};
  Sides sides = {.what = what};
  view_open(&sides.old_view, &old_what);
  view_open(&sides.new_view, &new_what);
  if (json)
    put_json(&sides, out);
  else
    put_text(&sides, out);
  view_close(&sides.old_view);
  view_close(&sides.new_view);
}

void report_comparison_line(const PlanComparison *comparison, GString *out)
{
  int64_t n[PLAN_N_CHANGES] = {0};
  for (size_t i = 0; i < comparison->ops->len; i++)
    n[g_array_index(comparison->ops, OpDifference, i).change]++;
  g_string_append(out, "diff:");
  for (PlanChange change = 0; change < PLAN_N_CHANGES; change++)
    g_string_append_printf(out, "%s %" G_GINT64_FORMAT " %s", change == 0 ? "" : ",", n[change],
                           change_names[change]);
  g_string_append_printf(out, "; %" G_GINT64_FORMAT " the same", comparison->n_same);
  if (comparison->n_reasons > 0)
    g_string_append_printf(out, ", %" G_GINT64_FORMAT " of them for another reason",
                           comparison->n_reasons);
}
