// SPDX-License-Identifier: GPL-3.0-or-later
//
// For operators: what is held and why, what somebody should look at, totals; then, unless only a
// summary is asked for, every operation (plan_blocks.c).
#include "report_p.h"

#define MOST_LISTED 20
#define SHORT_DIGEST_CHARS 12
#define LABEL_COLUMNS 12
#define NUMBER_COLUMNS 10

static void put_title(const View *view, GString *out, Paint paint, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static void put_title(const View *view, GString *out, Paint paint, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_string_append_c(out, '\n');
  columns_paint(out, view->what->colour, paint, text);
  g_string_append_c(out, '\n');
}

// ---------------------------------------------------------------------------------------------
// What this plan is.

static void put_label(GString *out, const char *label)
{
  size_t from = out->len;
  g_string_append(out, "  ");
  escape_text(out, label, ESCAPE_TERMINAL);
  columns_pad(out, from, LABEL_COLUMNS);
  g_string_append_c(out, ' ');
}

static void put_known(const PlanHead *head, GString *out)
{
  put_label(out, _("known"));
  if (head->known_at == INSTANT_OPEN)
    g_string_append(out, _("all that was known when it was made"));
  else
    columns_instant(out, head->known_at);
  g_string_append_c(out, '\n');
}

static void put_section(const PlanSection *section, GString *out)
{
  put_label(out, section->target);
  if (section->unread) {
    g_string_append(out, _("NOT READ, nothing is planned for it: "));
    escape_text(out, section->unread, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
    return;
  }
  g_string_append_printf(out,
                         _("%" G_GINT64_FORMAT " entries read, %" G_GINT64_FORMAT
                           " of them ours; %" G_GINT64_FORMAT " wanted"),
                         section->n_read, section->n_ours, section->n_desired);
  g_string_append(out, section->base ? "; " : "");
  escape_text(out, section->base, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

static void put_head(const View *view, GString *out)
{
  const Plan *plan = view->what->plan;
  const PlanHead *head = plan_head(plan);
  g_autoptr(GString) date = g_string_new(NULL);
  date_format(head->as_of, date);
  if (head->at != 0) {
    g_string_truncate(date, 0);
    columns_instant(date, head->at);
  }
  g_autofree char *title = g_strdup_printf(_("Plan for %s"), date->str);
  columns_paint(out, view->what->colour, PAINT_TITLE, title);
  g_string_append_printf(out, "  %.*s\n", SHORT_DIGEST_CHARS, plan_digest(plan));
  put_label(out, _("made"));
  columns_instant(out, plan_envelope(plan)->made);
  g_string_append(out, _(" by "));
  escape_text(out, head->program, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  put_known(head, out);
  put_label(out, _("mapping"));
  g_autofree char *mapping =
      g_strndup(head->mapping_digest ? head->mapping_digest : "-", SHORT_DIGEST_CHARS);
  escape_text(out, mapping, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  put_label(out, _("people"));
  g_string_append_printf(out, "%" G_GINT64_FORMAT "\n", head->people);
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    put_section(plan_section(plan, i), out);
  if (head->whatif)
    put_title(view, out, PAINT_HELD, _("A what-if: this plan cannot be applied."));
}

// ---------------------------------------------------------------------------------------------
// What is held, and what a person has to confirm.

static void put_hold(const GuardHold *hold, GString *out)
{
  g_string_append(out, "  ");
  escape_text(out, hold->target ? hold->target : _("the whole plan"), ESCAPE_TERMINAL);
  if (hold->kind) {
    g_string_append_c(out, ' ');
    escape_text(out, hold->kind, ESCAPE_TERMINAL);
  }
  g_string_append_printf(out, ": %" G_GINT64_FORMAT " [", hold->count);
  escape_text(out, hold->check, ESCAPE_TERMINAL);
  g_string_append(out, "]\n    ");
  escape_text(out, hold->text, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

static void put_holds(const View *view, GString *out)
{
  const GuardVerdict *verdict = view->what->verdict;
  size_t n_held = view_n_due(view, DUE_HELD);
  if (view_is_special(verdict)) {
    g_string_append(out, _("Limits: profile "));
    escape_text(out, verdict->profile, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  if (!verdict || (verdict->n_holds == 0 && n_held == 0))
    return;
  put_title(view, out, PAINT_HELD, _("HELD: %zu of %u operations"), n_held, view->shown->len);
  for (size_t i = 0; i < verdict->n_holds; i++)
    put_hold(&verdict->holds[i], out);
}

static void put_more(GString *out, size_t n_listed)
{
  if (n_listed > MOST_LISTED)
    g_string_append_printf(out, _("    and %zu more\n"), n_listed - MOST_LISTED);
}

static void put_confirmations(const View *view, GString *out)
{
  size_t n = 0;
  for (guint i = 0; i < view->shown->len; i++) {
    const Op *op = g_array_index(view->shown, Shown, i).op;
    if (!op->confirm)
      continue;
    if (n++ == 0)
      put_title(view, out, PAINT_HELD, _("For a person to confirm"));
    if (n > MOST_LISTED)
      continue;
    g_string_append_printf(out, "    #%u %s ", op->n, view_kind(op->kind));
    escape_text(out, op->label, ESCAPE_TERMINAL);
    g_string_append(out, ": ");
    escape_text(out, op->confirm, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  put_more(out, n);
}

// ---------------------------------------------------------------------------------------------
// Notes, together when they say the same.

static gint compare_notes(gconstpointer a, gconstpointer b)
{
  const PlanNote *x = *(const PlanNote *const *)a;
  const PlanNote *y = *(const PlanNote *const *)b;
  int order = g_strcmp0(x->code, y->code);
  if (order == 0)
    order = g_strcmp0(x->text, y->text);
  if (order == 0)
    order = g_strcmp0(x->target, y->target);
  if (order == 0)
    order = g_strcmp0(x->label, y->label);
  return order != 0 ? order : g_strcmp0(x->object, y->object);
}

GPtrArray *report_plan_notes(const View *view)
{
  GPtrArray *notes = g_ptr_array_new();
  for (size_t i = 0; i < plan_n_sections(view->what->plan); i++) {
    const PlanSection *section = plan_section(view->what->plan, i);
    for (size_t k = 0; k < section->n_notes; k++)
      if (view_has_note(view, &section->notes[k]))
        g_ptr_array_add(notes, (void *)&section->notes[k]);
  }
  g_ptr_array_sort(notes, compare_notes);
  return notes;
}

static void put_note(const PlanNote *note, GString *out)
{
  g_string_append(out, "    ");
  escape_text(out, note->target, ESCAPE_TERMINAL);
  g_string_append(out, "  ");
  escape_text(out, note->label, ESCAPE_TERMINAL);
  g_string_append(out, note->label && *note->label != '\0' ? "  " : "");
  escape_text(out, note->object, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

bool report_plan_same_notes(const PlanNote *a, const PlanNote *b)
{
  return g_strcmp0(a->code, b->code) == 0 && g_strcmp0(a->text, b->text) == 0;
}

static void put_notes(const View *view, GString *out)
{
  g_autoptr(GPtrArray) notes = report_plan_notes(view);
  if (notes->len > 0)
    put_title(view, out, PAINT_TITLE, _("To look at: %u"), notes->len);
  for (guint i = 0, end; i < notes->len; i = end) {
    const PlanNote *first = notes->pdata[i];
    for (end = i + 1; end < notes->len && report_plan_same_notes(first, notes->pdata[end]);)
      end++;
    g_string_append(out, "  ");
    escape_text(out, first->code, ESCAPE_TERMINAL);
    g_string_append_printf(out, " %u: ", end - i);
    escape_text(out, first->text, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
    for (guint k = i; k < MIN(end, i + MOST_LISTED); k++)
      put_note(notes->pdata[k], out);
    put_more(out, end - i);
  }
}

// ---------------------------------------------------------------------------------------------
// Totals: target × kind.

static void put_number(GString *out, const char *number)
{
  for (size_t width = text_width(number); width < NUMBER_COLUMNS; width++)
    g_string_append_c(out, ' ');
  g_string_append(out, number);
}

static void put_totals_row(GString *out, const char *target, const char *kind, const int64_t *n)
{
  put_label(out, target);
  size_t from = out->len;
  g_string_append(out, kind);
  columns_pad(out, from, NUMBER_COLUMNS);
  for (Due due = 0; due < DUE_N; due++) {
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, n[due]);
    put_number(out, n[due] == 0 ? "-" : number);
  }
  g_string_append_c(out, '\n');
}

static void put_totals(const View *view, GString *out)
{
  if (view->shown->len == 0) {
    put_title(view, out, PAINT_TITLE, _("Nothing to do."));
    return;
  }
  g_autoptr(GString) header = g_string_new(_("Operations"));
  columns_pad(header, 0, LABEL_COLUMNS + 1 + NUMBER_COLUMNS);
  put_number(header, _("now"));
  put_number(header, _("waiting"));
  put_number(header, _("held"));
  put_title(view, out, PAINT_TITLE, "%s", header->str);
  int64_t sum[DUE_N] = {0};
  for (size_t i = 0; i < plan_n_sections(view->what->plan); i++) {
    Totals totals = {0};
    view_count(view, i, &totals);
    const char *target = plan_section(view->what->plan, i)->target;
    for (OpKind kind = 0; kind < OP_N_KINDS; kind++) {
      const int64_t *n = totals.n[kind];
      if (n[DUE_NOW] + n[DUE_LATER] + n[DUE_HELD] == 0)
        continue;
      put_totals_row(out, target, view_kind(kind), n);
      target = "";
      for (Due due = 0; due < DUE_N; due++)
        sum[due] += n[due];
    }
  }
  put_totals_row(out, _("all"), "", sum);
}

// Who really moves, and who only finds another name on the door.
static void put_causes(const View *view, GString *out)
{
  int64_t n[CAUSE_N], sum = 0;
  view_causes(view, n);
  for (Cause cause = 0; cause < CAUSE_N; cause++)
    sum += n[cause];
  if (sum == 0)
    return;
  put_title(view, out, PAINT_TITLE, _("People concerned: %" G_GINT64_FORMAT), sum);
  for (Cause cause = 0; cause < CAUSE_N; cause++) {
    if (n[cause] == 0)
      continue;
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, n[cause]);
    size_t from = out->len;
    g_string_append(out, "  ");
    g_string_append(out, view_cause_words(cause));
    columns_pad(out, from, LABEL_COLUMNS + 1 + NUMBER_COLUMNS);
    put_number(out, number);
    g_string_append_c(out, '\n');
  }
}

// Of what runs did: how much of it comes back.
static void put_undone(const View *view, GString *out)
{
  UndoCounts counts;
  if (!undo_counts(view->what->plan, &counts))
    return;
  put_title(view, out, PAINT_TITLE,
            _("Undone: %" G_GINT64_FORMAT " exactly, %" G_GINT64_FORMAT
              " in part, %" G_GINT64_FORMAT " cannot be, %" G_GINT64_FORMAT " are withdrawn"),
            counts.exact, counts.partial, counts.impossible, counts.withdrawn);
}

bool report_plan_text(View *view, GString *out, GError **error)
{
  (void)error;
  put_head(view, out);
  put_holds(view, out);
  put_confirmations(view, out);
  put_notes(view, out);
  put_totals(view, out);
  put_undone(view, out);
  put_causes(view, out);
  if (!view->what->summary)
    report_plan_blocks(view, out);
  g_string_append_printf(out, _("\ndigest %s\n"), plan_digest(view->what->plan));
  return true;
}
