// SPDX-License-Identifier: GPL-3.0-or-later
//
// The plan as one page: what it is, its figures, what is held and why, what somebody should look at; then the
// operations (plan_page_ops.c).
#include "report_p.h"

#define SHORT_DIGEST_CHARS 12
#define FACTS_MOST 8

// ---------------------------------------------------------------------------------------------
// What this plan is.

static void put_moment(const Plan *plan, GString *out)
{
  const PlanHead *head = plan_head(plan);
  if (head->at != 0)
    columns_instant(out, head->at);
  else
    date_format(head->as_of, out);
}

static HtmlFact digest_fact(const char *label, const char *digest, char brief[])
{
  if (!digest)
    return (HtmlFact){label, "-", NULL};
  g_strlcpy(brief, digest, SHORT_DIGEST_CHARS + 1);
  return (HtmlFact){label, brief, digest};
}

static void put_facts(const Plan *plan, GString *out)
{
  const PlanHead *head = plan_head(plan);
  const PlanEnvelope *envelope = plan_envelope(plan);
  char digest[SHORT_DIGEST_CHARS + 1], mapping[SHORT_DIGEST_CHARS + 1];
  g_autoptr(GString) made = g_string_new(NULL), known = g_string_new(NULL);
  columns_instant(made, envelope->made);
  g_autofree char *by = g_strdup_printf("%s@%s", envelope->user ? envelope->user : "?",
                                        envelope->host ? envelope->host : "?");
  g_autofree char *people = g_strdup_printf("%" G_GINT64_FORMAT, head->people);
  if (head->known_at == INSTANT_OPEN)
    g_string_append(known, _("all that was known when it was made"));
  else
    columns_instant(known, head->known_at);
  const HtmlFact facts[] = {
      digest_fact(_("Digest"), plan_digest(plan), digest),
      {_("Made"), made->str, NULL},
      {_("By"), by, NULL},
      {_("Program"), head->program, NULL},
      {_("Known"), known->str, NULL},
      digest_fact(_("Mapping"), head->mapping_digest, mapping),
      {_("People"), people, NULL},
      {_("Segment"), head->bundle.segment, NULL},
  };
  html_facts(facts, G_N_ELEMENTS(facts) - (head->bundle.segment ? 0 : 1), out);
}

static void put_unread(const PlanSection *section, GString *out)
{
  if (!section->unread)
    return;
  g_autofree char *text = g_strdup_printf(
      "%s: %s%s", section->target, _("NOT READ, nothing is planned for it: "), section->unread);
  html_element(out, "p", "banner", text);
}

static void put_banners(const View *view, GString *out)
{
  for (size_t i = 0; i < plan_n_sections(view->what->plan); i++)
    put_unread(plan_section(view->what->plan, i), out);
  if (view->what->person)
    html_element(out, "p", "banner", _("This page shows one person of the plan only."));
  else if (view->what->chosen)
    html_element(out, "p", "banner", _("This page shows chosen operations of the plan only."));
  if (plan_head(view->what->plan)->restricted)
    html_element(out, "p", "banner",
                 _("Only what comes of restrictions that begin or end: other changes are not "
                   "planned here."));
  if (plan_head(view->what->plan)->whatif)
    html_element(out, "p", "banner", _("A what-if: this plan cannot be applied."));
  if (!view->what->verdict)
    html_element(out, "p", "banner",
                 _("Made without the guards' verdict: what they would hold is not marked."));
}

// ---------------------------------------------------------------------------------------------
// Tiles.

static int64_t count_unread(const Plan *plan)
{
  int64_t n = 0;
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    n += plan_section(plan, i)->unread != NULL;
  return n;
}

static int64_t count_confirm(const View *view)
{
  int64_t n = 0;
  for (guint i = 0; i < view->shown->len; i++)
    n += g_array_index(view->shown, Shown, i).op->confirm != NULL;
  return n;
}

static int64_t count_people(const View *view)
{
  int64_t causes[CAUSE_N], sum = 0;
  view_causes(view, causes);
  for (Cause cause = 0; cause < CAUSE_N; cause++)
    sum += causes[cause];
  return sum;
}

static void put_tiles(const View *view, int64_t n_notes, GString *out)
{
  const Plan *plan = view->what->plan;
  int64_t n_held = (int64_t)view_n_due(view, DUE_HELD),
          n_later = (int64_t)view_n_due(view, DUE_LATER);
  int64_t n_unread = count_unread(plan);
  int64_t n_confirm = count_confirm(view);
  const HtmlTile tiles[] = {
      {_("people concerned"), count_people(view), NULL, HTML_PLAIN, "#operations"},
      {_("operations"), view->shown->len, NULL, HTML_PLAIN, "#operations"},
      {_("due now"), (int64_t)view_n_due(view, DUE_NOW), NULL, HTML_PLAIN, NULL},
      {_("scheduled"), n_later, NULL, n_later > 0 ? HTML_LATER : HTML_PLAIN, NULL},
      {_("held back"), n_held, NULL, n_held > 0 ? HTML_WARN : HTML_GOOD, "#held"},
      {_("to be confirmed"), n_confirm, NULL, n_confirm > 0 ? HTML_WARN : HTML_GOOD,
       n_confirm > 0 ? "#confirm" : NULL},
      {_("to look at"), n_notes, NULL, HTML_PLAIN, n_notes > 0 ? "#notes" : NULL},
      {_("targets not read"), n_unread, NULL, n_unread > 0 ? HTML_WARN : HTML_GOOD, "#targets"},
  };
  html_tiles(tiles, G_N_ELEMENTS(tiles), out);
}

// "modify 677, join 584": by kind, over all targets.
static void put_kinds(const View *view, GString *out)
{
  Totals totals = {0};
  for (size_t i = 0; i < plan_n_sections(view->what->plan); i++)
    view_count(view, i, &totals);
  g_string_append(out, "<dl class=\"facts kinds\">\n");
  for (OpKind kind = 0; kind < OP_N_KINDS; kind++) {
    const int64_t *n = totals.n[kind];
    if (n[DUE_NOW] + n[DUE_LATER] + n[DUE_HELD] == 0)
      continue;
    g_string_append_printf(out, "<div data-kind=\"%s\">", op_traits(kind)->name);
    html_element(out, "dt", NULL, view_kind(kind));
    g_string_append(out, "<dd>");
    html_number(out, n[DUE_NOW] + n[DUE_LATER] + n[DUE_HELD]);
    g_string_append(out, "</dd></div>\n");
  }
  g_string_append(out, "</dl>\n");
}

// ---------------------------------------------------------------------------------------------
// What is held, what a person has to confirm, how the targets were read.

static void put_hold(const GuardHold *hold, const HtmlColumn *columns, size_t n, GString *out)
{
  OpKind kind;
  g_autofree char *count = g_strdup_printf("%" G_GINT64_FORMAT, hold->count);
  const char *words = hold->kind && op_kind_of(hold->kind, &kind) ? view_kind(kind) : hold->kind;
  const char *const cells[] = {hold->target ? hold->target : _("the whole plan"), words, count,
                               hold->check, hold->text};
  html_table_row(columns, n, cells, out);
}

static void put_holds(const View *view, GString *out)
{
  const GuardVerdict *verdict = view->what->verdict;
  const HtmlColumn columns[] = {{_("Target"), false},
                                {_("Kind"), false},
                                {_("Held"), true},
                                {_("Check"), false},
                                {_("Why, and what to do"), false}};
  g_string_append(out, "<section id=\"held\" aria-labelledby=\"held-head\">\n");
  g_autofree char *title = g_strdup_printf(_("Held back: %zu of %u operations"),
                                           view_n_due(view, DUE_HELD), view->shown->len);
  g_string_append(out, "<h2 id=\"held-head\">");
  html_text(out, title);
  g_string_append(out, "</h2>\n");
  if (view_is_special(verdict)) {
    g_autofree char *limits = g_strdup_printf(_("Limits: profile %s"), verdict->profile);
    html_element(out, "p", NULL, limits);
  }
  if (verdict && verdict->n_holds > 0) {
    html_table_begin(NULL, columns, G_N_ELEMENTS(columns), out);
    for (size_t i = 0; i < verdict->n_holds; i++)
      put_hold(&verdict->holds[i], columns, G_N_ELEMENTS(columns), out);
    html_table_end(out);
  } else {
    html_element(out, "p", NULL,
                 verdict ? _("The guards hold nothing back.") : _("The guards were not asked."));
  }
  g_string_append(out, "</section>\n");
}

// A link, where there is something to lead to.
void report_plan_link(const View *view, uint32_t n, GString *out)
{
  if (view_shows(view, n))
    g_string_append_printf(out, "<a href=\"#op%u\">#%u</a>", n, n);
  else
    g_string_append_printf(out, "#%u", n);
}

static void put_confirmations(const View *view, GString *out)
{
  if (count_confirm(view) == 0)
    return;
  g_string_append(out, "<section aria-labelledby=\"confirm\">\n<h2 id=\"confirm\">");
  html_text(out, _("For a person to confirm"));
  g_string_append(out, "</h2>\n<ul class=\"confirm\">\n");
  for (guint i = 0; i < view->shown->len; i++) {
    const Op *op = g_array_index(view->shown, Shown, i).op;
    if (!op->confirm)
      continue;
    g_string_append(out, "<li>");
    report_plan_link(view, op->n, out);
    g_string_append_printf(out, " %s <b lang=\"ja\">", view_kind(op->kind));
    html_text(out, op->label ? op->label : op->object);
    g_string_append(out, "</b>: ");
    html_text(out, op->confirm);
    g_string_append(out, "</li>\n");
  }
  g_string_append(out, "</ul>\n</section>\n");
}

static void put_target(const PlanSection *section, const HtmlColumn *columns, size_t n,
                       GString *out)
{
  g_autofree char *read = g_strdup_printf("%" G_GINT64_FORMAT, section->n_read);
  g_autofree char *ours = g_strdup_printf("%" G_GINT64_FORMAT, section->n_ours);
  g_autofree char *wanted = g_strdup_printf("%" G_GINT64_FORMAT, section->n_desired);
  g_autofree char *unread =
      section->unread
          ? g_strconcat(_("NOT READ, nothing is planned for it: "), section->unread, NULL)
          : NULL;
  const char *const cells[] = {section->target, unread ? NULL : read, unread ? NULL : ours,
                               unread ? NULL : wanted, unread ? unread : section->base};
  html_table_row(columns, n, cells, out);
}

static void put_targets(const View *view, GString *out)
{
  const HtmlColumn columns[] = {{_("Target"), false},
                                {_("Entries read"), true},
                                {_("Ours"), true},
                                {_("Wanted"), true},
                                {_("Base, or why it was not read"), false}};
  g_string_append(out, "<section aria-labelledby=\"targets\">\n<h2 id=\"targets\">");
  html_text(out, _("Targets"));
  g_string_append(out, "</h2>\n");
  html_table_begin(NULL, columns, G_N_ELEMENTS(columns), out);
  for (size_t i = 0; i < plan_n_sections(view->what->plan); i++)
    put_target(plan_section(view->what->plan, i), columns, G_N_ELEMENTS(columns), out);
  html_table_end(out);
  g_string_append(out, "</section>\n");
}

// ---------------------------------------------------------------------------------------------
// Notes, together when they say the same.

static void put_note(const PlanNote *note, GString *out)
{
  g_string_append(out, "<li class=\"note\" lang=\"ja\">");
  html_text(out, note->target);
  g_string_append_c(out, ' ');
  if (note->label && *note->label != '\0')
    html_element(out, "b", NULL, note->label);
  g_string_append_c(out, ' ');
  html_text(out, note->object);
  g_string_append(out, "</li>\n");
}

static void put_notes(const GPtrArray *notes, GString *out)
{
  if (notes->len == 0)
    return;
  g_autofree char *title = g_strdup_printf(_("To look at: %u"), notes->len);
  g_string_append(out, "<section class=\"notes\" aria-labelledby=\"notes\">\n<h2 id=\"notes\">");
  html_text(out, title);
  g_string_append(out, "</h2>\n");
  for (guint i = 0, end; i < notes->len; i = end) {
    const PlanNote *first = notes->pdata[i];
    for (end = i + 1; end < notes->len && report_plan_same_notes(first, notes->pdata[end]);)
      end++;
    g_autofree char *head = g_strdup_printf("%s × %u: %s", first->code, end - i, first->text);
    html_element(out, "h3", NULL, head);
    g_string_append(out, "<ul>\n");
    for (guint k = i; k < end; k++)
      put_note(notes->pdata[k], out);
    g_string_append(out, "</ul>\n");
  }
  g_string_append(out, "</section>\n");
}

// ---------------------------------------------------------------------------------------------

static void put_skip(GString *out)
{
  g_string_append(out, "<a class=\"skip screen\" href=\"#operations\">");
  html_text(out, _("Skip to the operations"));
  g_string_append(out, "</a>\n");
}

static void put_body(View *view, const char *title, GString *out)
{
  g_autoptr(GPtrArray) notes = report_plan_notes(view);
  put_skip(out);
  g_string_append(out, "<header>\n");
  html_element(out, "h1", NULL, title);
  put_banners(view, out);
  put_facts(view->what->plan, out);
  g_string_append(out, "</header>\n<main>\n");
  put_tiles(view, notes->len, out);
  put_kinds(view, out);
  put_holds(view, out);
  put_confirmations(view, out);
  report_plan_charts(view, out);
  put_targets(view, out);
  put_notes(notes, out);
  report_plan_page_ops(view, out);
  g_string_append(out, "</main>\n");
}

bool report_plan_html(View *view, GString *out, GError **error)
{
  (void)error;
  const Plan *plan = view->what->plan;
  g_autoptr(GString) title = g_string_new(_("Plan for "));
  put_moment(plan, title);
  g_autofree char *running =
      g_strdup_printf("%s  %.*s", title->str, SHORT_DIGEST_CHARS, plan_digest(plan));
  const HtmlPage page = {.title = running,
                         .running = running,
                         .style = report_plan_style,
                         .script = report_plan_script};
  html_begin(&page, out);
  put_body(view, title->str, out);
  html_end(&page, out);
  return true;
}
