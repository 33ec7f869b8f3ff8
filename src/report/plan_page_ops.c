// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every operation on the page: one block a person or object, old and new side by side. Blocks are small tables of
// their own, so that a browser need not lay out those that nobody has scrolled to; a blank
// between tags would be one more thing to be read.
#include "report_p.h"

#include <stdlib.h>

#define LONG_ROWS 16  // a block of more is broken across printed pages

typedef struct Block {
  const View *view;
  const Shown *const *shown;
  size_t n;
  Cause cause;   // CAUSE_N = none
  GString *why;  // of the operation before: where it is the same it is not shown again
} Block;

// ---------------------------------------------------------------------------------------------
// Rows: attribute, before, after; what is NULL is empty. Texts passed view_value or the like: they have no control
// characters any more, and are escaped for HTML here.

typedef struct Cells {
  GPtrArray *texts;  // char *, three a row; owned
} Cells;

static void cells_add(Cells *cells, const char *attribute, GString *before, GString *after)
{
  g_ptr_array_add(cells->texts, g_strdup(attribute));
  g_ptr_array_add(cells->texts, before ? g_strdup(before->str) : NULL);
  g_ptr_array_add(cells->texts, after ? g_strdup(after->str) : NULL);
}

static GString *value_text(const Block *block, const Shown *shown, const OpValue *values, size_t n,
                           size_t i)
{
  if (i >= n)
    return NULL;
  GString *text = g_string_new(NULL);
  view_value(block->view, shown->section, &values[i], text);
  return text;
}

static void add_change(Cells *cells, const Block *block, const Shown *shown, const OpChange *change)
{
  size_t n = MAX(change->n_old, change->n_new);
  if (n == 0) {
    g_autoptr(GString) emptied = g_string_new(_("(emptied)"));
    cells_add(cells, change->attribute, NULL, emptied);
  }
  for (size_t i = 0; i < n; i++) {
    GString *before = value_text(block, shown, change->old_values, change->n_old, i);
    GString *after = value_text(block, shown, change->new_values, change->n_new, i);
    cells_add(cells, i == 0 ? change->attribute : NULL, before, after);
    if (before)
      g_string_free(before, TRUE);
    if (after)
      g_string_free(after, TRUE);
  }
}

static void add_changes(Cells *cells, const Block *block, const Shown *shown)
{
  for (size_t i = 0; i < shown->op->n_changes; i++)
    add_change(cells, block, shown, &shown->op->changes[i]);
}

// The name of a group, for one who is looking for it.
static void add_edge(Cells *cells, const Block *block, const Shown *shown)
{
  const char *rdn = view_rdn(block->view, shown->section, shown->op->object);
  const char *value = strchr(rdn, '=');
  g_autofree char *group = value ? place_unescape(value + 1) : g_strdup(rdn);
  g_autoptr(GString) text = g_string_new(NULL);
  bool joins = shown->op->kind == OP_JOIN;
  escape_text(text, group, ESCAPE_TERMINAL);
  cells_add(cells, NULL, joins ? NULL : text, joins ? text : NULL);
}

static GString *place_text(const Block *block, const Shown *shown, const char *name,
                           const char *parent)
{
  g_autoptr(GString) dn = g_string_new(name);
  if (parent) {
    g_string_append_c(dn, ',');
    view_dn(block->view, shown->section, parent, NULL, dn);
  }
  GString *text = g_string_new(NULL);
  escape_text(text, dn->str, ESCAPE_TERMINAL);
  return text;
}

static void add_place(Cells *cells, const Block *block, const Shown *shown)
{
  const Op *op = shown->op;
  bool moves = op->kind == OP_MOVE;
  const char *known = view_rdn(block->view, shown->section, op->object);
  const char *after_name = op->name ? op->name : known;
  const char *before_name = op->old_name ? op->old_name : after_name;
  g_autoptr(GString) before =
      op->kind == OP_CREATE ? NULL
                            : place_text(block, shown, before_name, moves ? op->old_parent : NULL);
  g_autoptr(GString) after =
      place_text(block, shown, after_name, op->kind == OP_RENAME ? NULL : op->parent);
  cells_add(cells, op->kind == OP_RENAME ? _("(name)") : _("(place)"), before, after);
}

static void add_released(Cells *cells, const Block *block, const Shown *shown)
{
  (void)block;
  for (size_t i = 0; i < shown->op->n_changes; i++)
    cells_add(cells, shown->op->changes[i].attribute, NULL, NULL);
}

static void add_placed(Cells *cells, const Block *block, const Shown *shown)
{
  add_place(cells, block, shown);
  add_changes(cells, block, shown);
}

static void add_allocated(Cells *cells, const Block *block, const Shown *shown)
{
  (void)block;
  const Op *op = shown->op;
  g_autoptr(GString) name = g_string_new(NULL);
  escape_text(name, op->name, ESCAPE_TERMINAL);
  cells_add(cells, op->n_changes > 0 ? op->changes[0].attribute : NULL, NULL, name);
}

// What the ledger is told. What stands there until it is lifted is what was before.
static void add_restriction(Cells *cells, const Block *block, const Shown *shown)
{
  static const struct {
    const char *change, *words;
    bool stands;
  } parts[] = {{"number", N_("number"), true},  {"what", N_("restriction"), true},
               {"group", N_("group"), true},    {"cause", N_("cause"), true},
               {"until", N_("until"), true},    {"reason", N_("reason"), false},
               {"source", N_("source"), false}, {"who", N_("by"), false}};
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
    for (size_t k = 0; k < shown->op->n_changes; k++) {
      const OpChange *change = &shown->op->changes[k];
      if (strcmp(change->attribute, parts[i].change) != 0)
        continue;
      GString *text = value_text(block, shown, change->new_values, change->n_new, 0);
      bool goes = shown->op->kind == OP_LIFT && parts[i].stands;
      cells_add(cells, _(parts[i].words), goes ? text : NULL, goes ? NULL : text);
      if (text)
        g_string_free(text, TRUE);
    }
}

// Of kinds that are not here: their changes.
static void (*const rows_of[OP_N_KINDS])(Cells *cells, const Block *block, const Shown *shown) = {
    [OP_ALLOCATE] = add_allocated, [OP_RELEASE] = add_released,     [OP_CREATE] = add_placed,
    [OP_RENAME] = add_placed,      [OP_MOVE] = add_placed,          [OP_JOIN] = add_edge,
    [OP_LEAVE] = add_edge,         [OP_RESTRICT] = add_restriction, [OP_LIFT] = add_restriction,
};

// ---------------------------------------------------------------------------------------------
// One operation: <tbody class="op">.

static void put_day(const Shown *shown, GString *out)
{
  if (shown->op->not_before == INSTANT_NONE)
    return;
  g_autoptr(GString) day = g_string_new(NULL), machine = g_string_new(NULL);
  columns_day(day, shown->op->not_before);
  instant_format(shown->op->not_before, machine);
  g_autofree char *words = g_strdup_printf(_("from %s"), day->str);
  g_string_append(out, "<time");
  html_attribute(out, "datetime", machine->str);
  g_string_append_c(out, '>');
  html_text(out, words);
  g_string_append(out, "</time>");
}

// Its number, which is also where it is linked to, and what it does.
static void put_deed(const Op *op, GString *out)
{
  g_string_append_printf(out, "<a href=\"#op%u\">#%u</a><b>%s</b>", op->n, op->n,
                         view_kind(op->kind));
}

static void put_about(const Block *block, const Shown *shown, GString *out)
{
  g_autofree char *klass = view_klass(shown->op->object);
  g_autoptr(GString) name = g_string_new(NULL);
  escape_text(name, view_rdn(block->view, shown->section, shown->op->object), ESCAPE_TERMINAL);
  html_text(out, klass);
  g_string_append(out, " <span class=\"about\">");
  html_text(out, name->str);
  g_string_append(out, "</span>");
}

static void put_after(const View *view, const Op *op, GString *out)
{
  if (op->n_after == 0)
    return;
  g_string_append(out, "<p>");
  html_text(out, _("after"));
  for (size_t i = 0; i < op->n_after; i++) {
    g_string_append(out, i > 0 ? ", " : " ");
    report_plan_link(view, op->after[i], out);
  }
  g_string_append(out, "</p>");
}

static void put_labelled(const char *label, const char *text, GString *out)
{
  if (!text)
    return;
  g_string_append(out, "<p class=\"warn\">");
  html_text(out, label);
  g_string_append_c(out, ' ');
  html_text(out, text);
  g_string_append(out, "</p>");
}

static void put_why(const Block *block, const Shown *shown, GString *out)
{
  const Op *op = shown->op;
  g_autoptr(GString) why = g_string_new(NULL);
  put_labelled(_("Held:"), shown->held, out);
  // Where it is held for that, it has just been said.
  if (op->confirm && !(shown->held && strstr(shown->held, op->confirm)))
    put_labelled(_("To confirm:"), op->confirm, out);
  report_plan_why(block->view, shown, why);
  if (why->len > 0)
    html_element(out, "p", NULL, why->str);
  if (op->expected)
    html_element(out, "p", NULL, op->expected);
  put_after(block->view, op, out);
}

// Long values are names in a directory: they are broken behind commas first.
static void put_value(const char *klass, const char *text, GString *out)
{
  g_auto(GStrv) parts = g_strsplit(text ? text : "", ",", -1);
  g_string_append_printf(out, "<td class=\"%s\">", klass);
  for (size_t i = 0; parts[i]; i++) {
    g_string_append(out, i > 0 ? ",<wbr>" : "");
    html_text(out, parts[i]);
  }
  g_string_append(out, "</td>");
}

static void put_values(char *const *row, GString *out)
{
  put_value("b", row[1], out);
  put_value("a", row[2], out);
}

// While the operation before is filtered out, the style shows what it would have said.
static void put_reasons(const Block *block, const Shown *shown, guint n_rows, GString *out)
{
  g_autoptr(GString) why = g_string_new(NULL);
  put_why(block, shown, why);
  bool same = strcmp(why->str, block->why->str) == 0;
  g_string_append_printf(out, "<td class=\"w%s\" rowspan=\"%u\">%s</td></tr>", same ? " same" : "",
                         n_rows, why->str);
  g_string_assign(block->why, why->str);
}

// A membership is a row by itself.
static guint put_edge(const Block *block, const Shown *shown, const Cells *cells, GString *out)
{
  g_string_append(out, "<tr><th scope=\"row\">");
  put_deed(shown->op, out);
  g_string_append(out, "</th>");
  put_values((char *const *)cells->texts->pdata, out);
  put_reasons(block, shown, 1, out);
  return 1;
}

static guint put_rows(const Block *block, const Shown *shown, const Cells *cells, GString *out)
{
  guint n = cells->texts->len / 3;
  g_string_append(out, "<tr><th colspan=\"3\" scope=\"rowgroup\">");
  put_deed(shown->op, out);
  put_about(block, shown, out);
  g_string_append(out, "</th>");
  put_reasons(block, shown, n + 1, out);
  for (guint i = 0; i < n; i++) {
    char *const *row = (char *const *)cells->texts->pdata + (size_t)i * 3;
    g_string_append(out, "<tr>");
    html_element(out, "td", NULL, row[0]);
    put_values(row, out);
    g_string_append(out, "</tr>");
  }
  return n + 1;
}

static guint put_op(const Block *block, const Shown *shown, GString *out)
{
  static const char *const states[DUE_N] = {
      [DUE_NOW] = "now", [DUE_LATER] = "waiting", [DUE_HELD] = "held"};
  const Op *op = shown->op;
  Cells cells = {g_ptr_array_new_with_free_func(g_free)};
  g_string_append_printf(out, "<tbody class=\"op\" id=\"op%u\" data-k=\"%s\" data-s=\"%s%s\"",
                         op->n, op_traits(op->kind)->name, states[shown->due],
                         op->confirm ? " confirm" : "");
  html_attribute(out, "data-t", op->target);
  g_string_append(out, ">");
  (rows_of[op->kind] ? rows_of[op->kind] : add_changes)(&cells, block, shown);
  guint n = (op_traits(op->kind)->edge ? put_edge : put_rows)(block, shown, &cells, out);
  g_string_append(out, "</tbody>");
  g_ptr_array_unref(cells.texts);
  return n;
}

// ---------------------------------------------------------------------------------------------
// Blocks.

static void put_unit(const char *unit, GString *out)
{
  g_string_append(out, "<span class=\"u\">");
  html_text(out, unit);
  g_string_append(out, "</span>");
}

static void put_summary(const Block *block, GString *out)
{
  const Op *op = block->shown[0]->op;
  size_t n_held = 0;
  for (size_t i = 0; i < block->n; i++)
    n_held += block->shown[i]->due == DUE_HELD;
  g_string_append(out, "<summary>");
  html_element(out, "b", NULL, op->label ? op->label : op->object);
  if (op->unit_before) {
    put_unit(op->unit_before, out);
    g_string_append(out, "→ ");
  }
  if (op->unit)
    put_unit(op->unit, out);
  if (block->cause != CAUSE_N)
    html_element(out, "i", "tag", view_cause_words(block->cause));
  if (n_held > 0) {
    g_autofree char *held = g_strdup_printf(_("%zu of %zu held"), n_held, block->n);
    html_element(out, "i", "tag warn", held);
  }
  g_string_append(out, "</summary>");
}

static bool is_same_run(const Shown *a, const Shown *b)
{
  return a->section == b->section && a->due == b->due && a->op->not_before == b->op->not_before;
}

// Where, from when and whether at all: what is the same for those that follow. The first of these heads the columns
// too, and is repeated where the block goes on on another printed page.
static void put_run(const Shown *shown, bool first, GString *out)
{
  static const char *const heads[] = {N_("Before"), N_("After"), N_("Why")};
  g_string_append(out, first ? "<thead class=\"run\"><tr><th class=\"where\" scope=\"col\">"
                             : "<tbody class=\"run\"><tr><th colspan=\"4\" scope=\"rowgroup\">");
  html_element(out, "b", NULL, shown->op->target);
  put_day(shown, out);
  if (shown->due == DUE_HELD)
    html_element(out, "i", "tag warn", _("held"));
  if (shown->due == DUE_LATER)
    html_element(out, "i", "tag later", _("scheduled"));
  g_string_append(out, "</th>");
  for (size_t i = 0; first && i < G_N_ELEMENTS(heads); i++) {
    g_string_append(out, "<th scope=\"col\">");
    html_text(out, _(heads[i]));
    g_string_append(out, "</th>");
  }
  g_string_append(out, first ? "</tr></thead>" : "</tr></tbody>");
}

static guint put_runs(const Block *block, GString *out)
{
  guint n_rows = 0;
  for (size_t i = 0; i < block->n; i++) {
    if (i == 0 || !is_same_run(block->shown[i - 1], block->shown[i])) {
      g_string_truncate(block->why, 0);
      put_run(block->shown[i], i == 0, out);
      n_rows++;
    }
    n_rows += put_op(block, block->shown[i], out);
  }
  return n_rows;
}

static void put_block(const Block *block, GString *out)
{
  g_autoptr(GString) rows = g_string_new(NULL);
  guint n_rows = put_runs(block, rows);
  g_string_append_printf(out, "<details open class=\"p%s\"", n_rows > LONG_ROWS ? " long" : "");
  if (block->cause != CAUSE_N)
    html_attribute(out, "data-c", view_cause(block->cause));
  g_string_append_c(out, '>');
  put_summary(block, out);
  g_string_append(out, "<table class=\"ops\">");
  g_string_append_len(out, rows->str, (gssize)rows->len);
  g_string_append(out, "</table></details>\n");
}

static bool is_same(const Shown *a, const Shown *b)
{
  const Op *x = a->op, *y = b->op;
  if (x->person != 0 || y->person != 0)
    return x->person == y->person;
  const char *x_label = x->label ? x->label : x->object;
  const char *y_label = y->label ? y->label : y->object;
  return a->section == b->section && strcmp(x_label, y_label) == 0;
}

static void put_group(const char *title, GString *out)
{
  g_string_append(out, "<section class=\"group\">\n");
  html_element(out, "h3", NULL, title);
}

static void put_blocks(const View *view, GString *out)
{
  g_autofree const Shown **sorted = report_plan_sorted(view);
  g_autoptr(GHashTable) causes = view_people(view);
  g_autoptr(GString) why = g_string_new(NULL);
  size_t n = view->shown->len;
  for (size_t i = 0, end; i < n; i = end) {
    bool nobody = sorted[i]->op->person == 0;
    if (i == 0 || (sorted[i - 1]->op->person == 0) != nobody) {
      g_string_append(out, i > 0 ? "</section>\n" : "");
      put_group(nobody ? _("Units, groups and others") : _("People"), out);
    }
    for (end = i + 1; end < n && is_same(sorted[i], sorted[end]);)
      end++;
    void *cause;
    bool told =
        g_hash_table_lookup_extended(causes, GUINT_TO_POINTER(sorted[i]->op->person), NULL, &cause);
    const Block block = {view, sorted + i, end - i, told ? (Cause)GPOINTER_TO_UINT(cause) : CAUSE_N,
                         why};
    put_block(&block, out);
  }
  g_string_append(out, n > 0 ? "</section>\n" : "");
}

// ---------------------------------------------------------------------------------------------

void report_plan_page_ops(const View *view, GString *out)
{
  g_string_append(
      out, "<section aria-labelledby=\"operations\">\n<h2 id=\"operations\" tabindex=\"-1\">");
  html_text(out, view->shown->len == 0 ? _("Nothing to do.") : _("Operations"));
  g_string_append(out, "</h2>\n");
  if (view->shown->len > 0 && !view->what->summary) {
    report_plan_filter(view, out);
    g_string_append(out, "<div lang=\"ja\">\n");
    put_blocks(view, out);
    g_string_append(out, "</div>\n");
  }
  g_string_append(out, "</section>\n");
}
