// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every operation of a plan, in blocks: one for each person, target and day (or hold), then one for
// each object that concerns no person. Old and new stand side by side.
#include "report_p.h"

#include <stdlib.h>

#define WIDTH_DEFAULT 100
#define WIDTH_LEAST 60
#define INDENT "    "
#define INDENT_COLUMNS 4
#define CHANGE_COLUMNS 8  // indent of a changed attribute
#define KIND_COLUMNS 9
#define ATTRIBUTE_COLUMNS_MOST 24
#define ARROW " → "
#define ARROW_COLUMNS 3
#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

static size_t terminal_width(const View *view)
{
  int width = view->what->width == 0 ? WIDTH_DEFAULT : view->what->width;
  return (size_t)MAX(width, WIDTH_LEAST);
}

// ---------------------------------------------------------------------------------------------
// Changes of attributes.

typedef struct Columns {
  size_t attribute, old, new;
} Columns;

// How wide the old values are that are replaced, when cut to the columns.
static size_t old_width(const View *view, const Shown *shown, const Columns *columns)
{
  size_t width = 0;
  for (size_t i = 0; i < shown->op->n_changes; i++) {
    const OpChange *change = &shown->op->changes[i];
    for (size_t k = 0; k < MIN(change->n_old, change->n_new); k++) {
      g_autoptr(GString) old_text = g_string_new(NULL);
      g_autoptr(GString) new_text = g_string_new(NULL);
      view_value(view, shown->section, &change->old_values[k], old_text);
      view_value(view, shown->section, &change->new_values[k], new_text);
      columns_cut_pair(old_text, new_text, columns->old, columns->new);
      width = MAX(width, text_width(old_text->str));
    }
  }
  return width;
}

static Columns measure(const View *view, const Shown *shown)
{
  Columns columns = {0};
  for (size_t i = 0; i < shown->op->n_changes; i++)
    columns.attribute = MAX(columns.attribute, text_width(shown->op->changes[i].attribute));
  columns.attribute = MIN(columns.attribute, ATTRIBUTE_COLUMNS_MOST);
  size_t left = terminal_width(view) - CHANGE_COLUMNS - columns.attribute - 2 - ARROW_COLUMNS;
  columns.old = left / 2;
  columns.new = left - columns.old;
  columns.old = old_width(view, shown, &columns);
  columns.new = left - columns.old;
  return columns;
}

static void put_attribute(const Columns *columns, const char *name, GString *out)
{
  size_t from = out->len;
  g_string_append_printf(out, "%*s", CHANGE_COLUMNS, "");
  g_autoptr(GString) escaped = g_string_new(NULL);
  escape_text(escaped, name, ESCAPE_TERMINAL);
  columns_cut(out, escaped->str, columns->attribute);
  columns_pad(out, from, CHANGE_COLUMNS + columns->attribute + 2);
}

static void put_replaced(const Columns *columns, GString *old_text, GString *new_text, GString *out)
{
  columns_cut_pair(old_text, new_text, columns->old, columns->new);
  size_t from = out->len;
  g_string_append(out, old_text->str);
  columns_pad(out, from, columns->old);
  g_string_append_printf(out, ARROW "%s\n", new_text->str);
}

// A value that only comes or only goes.
static void put_single(const View *view, const Columns *columns, char sign, const char *text,
                       GString *out)
{
  size_t left = terminal_width(view) - CHANGE_COLUMNS - columns->attribute - 4;
  if (sign != '\0')
    g_string_append_printf(out, "%c ", sign);
  columns_cut(out, text, left);
  g_string_append_c(out, '\n');
}

static void put_change(const View *view, const Shown *shown, const Columns *columns,
                       const OpChange *change, GString *out)
{
  size_t n_rows = MAX(change->n_old, change->n_new);
  if (n_rows == 0) {
    put_attribute(columns, change->attribute, out);
    g_string_append_printf(out, "%s\n", _("(emptied)"));
  }
  for (size_t i = 0; i < n_rows; i++) {
    g_autoptr(GString) old_text = g_string_new(NULL);
    g_autoptr(GString) new_text = g_string_new(NULL);
    put_attribute(columns, i == 0 ? change->attribute : "", out);
    if (i < change->n_old)
      view_value(view, shown->section, &change->old_values[i], old_text);
    if (i < change->n_new)
      view_value(view, shown->section, &change->new_values[i], new_text);
    if (i < MIN(change->n_old, change->n_new))
      put_replaced(columns, old_text, new_text, out);
    else
      put_single(view, columns, i < change->n_old ? '-' : '+',
                 i < change->n_old ? old_text->str : new_text->str, out);
  }
}

// Of a new entry: one line an attribute.
static void put_given(const View *view, const Shown *shown, const Columns *columns,
                      const OpChange *change, GString *out)
{
  g_autoptr(GString) values = g_string_new(NULL);
  for (size_t i = 0; i < change->n_new; i++) {
    g_string_append(values, i > 0 ? ", " : "");
    view_value(view, shown->section, &change->new_values[i], values);
  }
  put_attribute(columns, change->attribute, out);
  put_single(view, columns, '\0', values->str, out);
}

static void put_changes(const View *view, const Shown *shown, GString *out)
{
  Columns columns = measure(view, shown);
  for (size_t i = 0; i < shown->op->n_changes; i++) {
    if (shown->op->kind == OP_CREATE)
      put_given(view, shown, &columns, &shown->op->changes[i], out);
    else
      put_change(view, shown, &columns, &shown->op->changes[i], out);
  }
}

// ---------------------------------------------------------------------------------------------
// What an operation is about, by kind.

static void put_place(const View *view, size_t section, const char *name, const char *parent,
                      GString *out)
{
  g_autoptr(GString) dn = g_string_new(name);
  if (parent) {
    g_string_append_c(dn, ',');
    view_dn(view, section, parent, NULL, dn);
  }
  escape_text(out, dn->str, ESCAPE_TERMINAL);
}

static void about_entry(const View *view, const Shown *shown, GString *out)
{
  escape_text(out, view_rdn(view, shown->section, shown->op->object), ESCAPE_TERMINAL);
}

static void about_new(const View *view, const Shown *shown, GString *out)
{
  put_place(view, shown->section, shown->op->name, shown->op->parent, out);
}

static void about_renamed(const View *view, const Shown *shown, GString *out)
{
  const Op *op = shown->op;
  escape_text(out, op->old_name, ESCAPE_TERMINAL);
  g_string_append(out, ARROW);
  escape_text(out, op->name, ESCAPE_TERMINAL);
  (void)view;
}

static void about_moved(const View *view, const Shown *shown, GString *out)
{
  const Op *op = shown->op;
  const char *name = op->name ? op->name : view_rdn(view, shown->section, op->object);
  put_place(view, shown->section, op->old_name ? op->old_name : name, op->old_parent, out);
  g_string_append(out, ARROW);
  put_place(view, shown->section, name, op->parent, out);
}

static void about_allocated(const View *view, const Shown *shown, GString *out)
{
  (void)view;
  const Op *op = shown->op;
  if (op->n_changes > 0) {
    escape_text(out, op->changes[0].attribute, ESCAPE_TERMINAL);
    g_string_append_c(out, ' ');
  }
  escape_text(out, op->name, ESCAPE_TERMINAL);
}

static void about_released(const View *view, const Shown *shown, GString *out)
{
  (void)view;
  // An entry or a hold that is let go of as a whole; else attributes of a class.
  if (strchr(shown->op->object, '/')) {
    escape_text(out, shown->op->object, ESCAPE_TERMINAL);
    return;
  }
  for (size_t i = 0; i < shown->op->n_changes; i++) {
    g_string_append(out, i > 0 ? ", " : "");
    escape_text(out, shown->op->changes[i].attribute, ESCAPE_TERMINAL);
  }
}

// "disable (dormant)", "edge group/g-zei (recertified)"
static void about_restricted(const View *view, const Shown *shown, GString *out)
{
  (void)view;
  const Op *op = shown->op;
  static const struct {
    const char *change, *before, *behind;
  } parts[] = {{"what", "", ""},
               {"group", " ", ""},
               {"cause", " (", ")"},
               {"until", " until ", ""},
               {"who", ", ", ""}};
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
    for (size_t k = 0; k < op->n_changes; k++) {
      if (strcmp(op->changes[k].attribute, parts[i].change) != 0 || op->changes[k].n_new == 0)
        continue;
      g_string_append(out, parts[i].before);
      escape_text(out, op->changes[k].new_values[0].bytes, ESCAPE_TERMINAL);
      g_string_append(out, parts[i].behind);
    }
}

// "person 000310 until 2027-05-01, Yamada"
static void about_hold(const View *view, const Shown *shown, GString *out)
{
  (void)view;
  static const struct {
    const char *change, *before;
  } parts[] = {{"what", ""}, {"name", " "}, {"until", " until "}, {"who", ", "}};
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
    for (size_t k = 0; k < shown->op->n_changes; k++) {
      const OpChange *change = &shown->op->changes[k];
      if (strcmp(change->attribute, parts[i].change) != 0 || change->n_new == 0)
        continue;
      g_string_append(out, parts[i].before);
      escape_text(out, change->new_values[0].bytes, ESCAPE_TERMINAL);
    }
}

// "run/12: 3 operations"
static void about_withdrawn(const View *view, const Shown *shown, GString *out)
{
  (void)view;
  size_t n = shown->op->changes[0].n_new;
  escape_text(out, shown->op->object, ESCAPE_TERMINAL);
  g_string_append_printf(out, ngettext(": %zu operation", ": %zu operations", n), n);
}

static const struct {
  void (*about)(const View *view, const Shown *shown, GString *out);
  bool changes;
} kinds[OP_N_KINDS] = {
    [OP_ALLOCATE] = {about_allocated, false}, [OP_ADOPT] = {about_entry, false},
    [OP_RELEASE] = {about_released, false},   [OP_CREATE] = {about_new, true},
    [OP_RENAME] = {about_renamed, false},     [OP_MOVE] = {about_moved, false},
    [OP_MODIFY] = {about_entry, true},        [OP_ENABLE] = {about_entry, true},
    [OP_JOIN] = {about_entry, false},         [OP_LEAVE] = {about_entry, false},
    [OP_DISABLE] = {about_entry, true},       [OP_DELETE] = {about_entry, false},
    [OP_TASK] = {about_entry, true},          [OP_RESTRICT] = {about_restricted, false},
    [OP_LIFT] = {about_restricted, false},    [OP_HOLD] = {about_hold, false},
    [OP_WITHDRAW] = {about_withdrawn, false},
};

void report_plan_about(const View *view, const Shown *shown, GString *out)
{
  kinds[shown->op->kind].about(view, shown, out);
}

// Of "#12 ", for the greatest number of the plan.
static size_t number_columns(const View *view)
{
  size_t n = 3;
  for (size_t number = plan_n_ops(view->what->plan); number >= 10; number /= 10)
    n++;
  return n;
}

void report_plan_op(const View *view, const Shown *shown, GString *out)
{
  const Op *op = shown->op;
  g_autofree char *klass = view_klass(op->object);
  size_t from = out->len;
  g_string_append_printf(out, INDENT "#%u ", op->n);
  columns_pad(out, from, INDENT_COLUMNS + number_columns(view));
  from = out->len;
  g_string_append(out, view_kind(op->kind));
  columns_pad(out, from, KIND_COLUMNS);
  escape_text(out, klass, ESCAPE_TERMINAL);
  g_string_append_c(out, ' ');
  kinds[op->kind].about(view, shown, out);
  g_string_append_c(out, '\n');
  if (kinds[op->kind].changes)
    put_changes(view, shown, out);
  // Where it is held for that, the block's head has said so.
  if (!op->confirm || (shown->held && strstr(shown->held, op->confirm)))
    return;
  g_string_append_printf(out, "%*s%s ", CHANGE_COLUMNS, "", _("to confirm:"));
  escape_text(out, op->confirm, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

// ---------------------------------------------------------------------------------------------
// Blocks: runs of operations with one title.

typedef struct Block {
  const View *view;
  const Shown *const *shown;
  size_t n;
} Block;

static const char *label_of(const Op *op)
{
  return op->label ? op->label : op->object;
}

// A day that has come makes no difference any more.
static Instant day_of(const Shown *shown)
{
  return shown->due == DUE_NOW ? INSTANT_NONE : shown->op->not_before;
}

static void put_title(const Block *block, GString *out)
{
  const View *view = block->view;
  const Shown *first = block->shown[0];
  g_autoptr(GString) label = g_string_new(NULL);
  escape_text(label, label_of(first->op), ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  columns_paint(out, view->what->colour, PAINT_TITLE, label->str);
  g_string_append(out, "  ");
  escape_text(out, first->op->target, ESCAPE_TERMINAL);
  if (day_of(first) != INSTANT_NONE) {
    g_autoptr(GString) day = g_string_new(_("from "));
    columns_instant(day, first->op->not_before);
    g_string_append(out, "  ");
    columns_paint(out, view->what->colour, PAINT_LATER, day->str);
  }
  g_string_append_c(out, '\n');
}

// Which operations of the block are held for the same reason as the first of them: "(#4, #7)".
static void put_numbers(const Block *block, size_t first, GString *out)
{
  const char *separator = " (#";
  for (size_t i = first; i < block->n; i++) {
    if (strcmp(block->shown[i]->held, block->shown[first]->held) != 0)
      continue;
    g_string_append_printf(out, "%s%u", separator, block->shown[i]->op->n);
    separator = ", #";
  }
  g_string_append_c(out, ')');
}

static bool is_repeated(const Block *block, size_t at)
{
  for (size_t i = 0; i < at; i++)
    if (strcmp(block->shown[i]->held, block->shown[at]->held) == 0)
      return true;
  return false;
}

static void put_held(const Block *block, GString *out)
{
  for (size_t i = 0; i < block->n && block->shown[i]->due == DUE_HELD; i++) {
    if (is_repeated(block, i))
      continue;
    g_autoptr(GString) held = g_string_new(_("HELD: "));
    escape_text(held, block->shown[i]->held, ESCAPE_TERMINAL);
    if (block->n > 1)
      put_numbers(block, i, held);
    g_string_append(out, INDENT);
    columns_paint(out, block->view->what->colour, PAINT_HELD, held->str);
    g_string_append_c(out, '\n');
  }
}

// "#14 + g-somu  #15 - g-soumu", as many as fit in a line.
static void put_edges(const Block *block, GString *out)
{
  size_t used = 0;
  for (size_t i = 0; i < block->n; i++) {
    const Shown *shown = block->shown[i];
    if (!op_traits(shown->op->kind)->edge)
      continue;
    const char *rdn = view_rdn(block->view, shown->section, shown->op->object);
    const char *value = strchr(rdn, '=');
    g_autofree char *group = value ? place_unescape(value + 1) : g_strdup(rdn);
    g_autoptr(GString) edge = g_string_new(NULL);
    g_string_append_printf(edge, "#%u %c ", shown->op->n, shown->op->kind == OP_JOIN ? '+' : '-');
    escape_text(edge, group, ESCAPE_TERMINAL);
    size_t width = text_width(edge->str);
    bool fits = used > 0 && used + 2 + width <= terminal_width(block->view);
    g_string_append(out, fits ? "  " : used > 0 ? "\n" INDENT : INDENT);
    g_string_append(out, edge->str);
    used = (fits ? used + 2 : INDENT_COLUMNS) + width;
  }
  g_string_append(out, used > 0 ? "\n" : "");
}

// ---------------------------------------------------------------------------------------------
// Why: words, rules and source lines of a block, each once.

typedef struct Reason {
  size_t offset;  // of the text in Op
  const char *separator;
  bool lines;  // FILE:LINE: several of a file as FILE:2,3
} Reason;

static gint compare_words(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Bytes of "FILE:" before the line.
static size_t file_bytes(const char *place)
{
  const char *colon = strrchr(place, ':');
  return colon ? (size_t)(colon - place) + 1 : 0;
}

static bool is_same_file(const char *a, const char *b)
{
  size_t n = file_bytes(a);
  return n > 0 && n == file_bytes(b) && strncmp(a, b, n) == 0;
}

static gint compare_lines(gconstpointer a, gconstpointer b)
{
  const char *x = *(const char *const *)a;
  const char *y = *(const char *const *)b;
  if (!is_same_file(x, y))
    return strcmp(x, y);
  guint64 line_x = g_ascii_strtoull(x + file_bytes(x), NULL, 10);
  guint64 line_y = g_ascii_strtoull(y + file_bytes(y), NULL, 10);
  return COMPARE(line_x, line_y);
}

static GPtrArray *collect_reasons(const Block *block, const Reason *reason)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; i < block->n; i++) {
    const char *text =
        *(const char *const *)(const void *)((const char *)block->shown[i]->op + reason->offset);
    g_auto(GStrv) split = g_strsplit(text ? text : "", reason->separator, -1);
    for (char **part = split; *part; part++)
      if (**part != '\0')
        g_ptr_array_add(parts, g_strdup(*part));
  }
  g_ptr_array_sort(parts, reason->lines ? compare_lines : compare_words);
  return parts;
}

static void put_reasons(const Block *block, const Reason *reason, GString *out)
{
  g_autoptr(GPtrArray) parts = collect_reasons(block, reason);
  g_string_append(out, parts->len > 0 && out->len > 0 ? "; " : "");
  for (guint i = 0; i < parts->len; i++) {
    const char *part = parts->pdata[i];
    const char *previous = i > 0 ? parts->pdata[i - 1] : NULL;
    if (previous && strcmp(part, previous) == 0)
      continue;
    if (previous && reason->lines && is_same_file(part, previous)) {
      g_string_append_c(out, ',');
      part += file_bytes(part);
    } else if (previous) {
      g_string_append(out, reason->separator);
    }
    escape_text(out, part, ESCAPE_TERMINAL);
  }
}

static void collect_why(const Block *block, GString *out)
{
  static const Reason reasons[] = {{offsetof(Op, why), "; ", false},
                                   {offsetof(Op, rule), ", ", true},
                                   {offsetof(Op, source), ", ", true}};
  for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
    put_reasons(block, &reasons[i], out);
}

void report_plan_why(const View *view, const Shown *shown, GString *out)
{
  collect_why(&(Block){view, &shown, 1}, out);
}

static void put_why(const Block *block, GString *out)
{
  g_autoptr(GString) why = g_string_new(NULL);
  collect_why(block, why);
  if (why->len == 0)
    return;
  g_string_append(out, INDENT);
  columns_paint(out, block->view->what->colour, PAINT_FAINT, why->str);
  g_string_append_c(out, '\n');
}

static void put_block(const Block *block, GString *out)
{
  put_title(block, out);
  put_held(block, out);
  for (size_t i = 0; i < block->n; i++)
    if (!op_traits(block->shown[i]->op->kind)->edge)
      report_plan_op(block->view, block->shown[i], out);
  put_edges(block, out);
  put_why(block, out);
}

// ---------------------------------------------------------------------------------------------
// Which operations are a block.

// People by label, which begins with the number; then what concerns nobody, by class and label.
static int compare_titles(const Shown *a, const Shown *b)
{
  const Op *x = a->op;
  const Op *y = b->op;
  int order = COMPARE(x->person == 0, y->person == 0);
  if (order == 0 && x->person == 0)
    order = COMPARE(a->section, b->section);
  if (order == 0 && x->person == 0) {
    g_autofree char *klass_x = view_klass(x->member ? x->member : x->object);
    g_autofree char *klass_y = view_klass(y->member ? y->member : y->object);
    order = strcmp(klass_x, klass_y);
  }
  if (order == 0)
    order = strcmp(label_of(x), label_of(y));
  if (order == 0)
    order = COMPARE(x->person, y->person);
  if (order == 0)
    order = COMPARE(a->section, b->section);
  if (order == 0)
    order = COMPARE(day_of(a), day_of(b));
  return order != 0 ? order : COMPARE(a->due == DUE_HELD, b->due == DUE_HELD);
}

static int compare_shown(const void *a, const void *b)
{
  const Shown *x = *(const Shown *const *)a;
  const Shown *y = *(const Shown *const *)b;
  int order = compare_titles(x, y);
  return order != 0 ? order : COMPARE(x->op->n, y->op->n);
}

static void put_heading(const View *view, const Shown *before, const Shown *first, GString *out)
{
  bool nobody = first->op->person == 0;
  if (before && (before->op->person == 0) == nobody)
    return;
  g_string_append_c(out, '\n');
  columns_paint(out, view->what->colour, PAINT_TITLE,
                nobody ? _("Units, groups and others") : _("People"));
  g_string_append_c(out, '\n');
}

const Shown **report_plan_sorted(const View *view)
{
  size_t n = view->shown->len;
  const Shown **sorted = g_new(const Shown *, n + 1);
  for (size_t i = 0; i < n; i++)
    sorted[i] = &g_array_index(view->shown, Shown, i);
  qsort(sorted, n, sizeof *sorted, compare_shown);
  return sorted;
}

void report_plan_blocks(const View *view, GString *out)
{
  size_t n = view->shown->len;
  g_autofree const Shown **sorted = report_plan_sorted(view);
  for (size_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && compare_titles(sorted[i], sorted[end]) == 0;)
      end++;
    put_heading(view, i > 0 ? sorted[i - 1] : NULL, sorted[i], out);
    const Block block = {view, sorted + i, end - i};
    put_block(&block, out);
  }
}
