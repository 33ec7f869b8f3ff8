// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the operations on the page are filtered by; hidden until the script runs, which does it.
#include "report_p.h"

#include <stdlib.h>

typedef struct Choice {
  const char *value, *words;
} Choice;

static void put_select(const char *name, const char *label, const GArray *choices, GString *out)
{
  g_string_append(out, "<label>");
  html_text(out, label);
  g_string_append_printf(out, "<select name=\"%s\"><option value=\"\">", name);
  html_text(out, _("all"));
  g_string_append(out, "</option>");
  for (guint i = 0; i < choices->len; i++) {
    const Choice *choice = &g_array_index(choices, Choice, i);
    g_string_append(out, "<option");
    html_attribute(out, "value", choice->value);
    g_string_append_c(out, '>');
    html_text(out, choice->words);
    g_string_append(out, "</option>");
  }
  g_string_append(out, "</select></label>\n");
}

static void add_choice(GArray *choices, const char *value, const char *words)
{
  const Choice choice = {value, words};
  g_array_append_val(choices, choice);
}

static void put_kinds(const View *view, GString *out)
{
  g_autoptr(GArray) choices = g_array_new(FALSE, FALSE, sizeof(Choice));
  bool there[OP_N_KINDS] = {false};
  for (guint i = 0; i < view->shown->len; i++)
    there[g_array_index(view->shown, Shown, i).op->kind] = true;
  for (OpKind kind = 0; kind < OP_N_KINDS; kind++)
    if (there[kind])
      add_choice(choices, op_traits(kind)->name, view_kind(kind));
  put_select("kind", _("Operation"), choices, out);
}

static void put_targets(const View *view, GString *out)
{
  g_autoptr(GArray) choices = g_array_new(FALSE, FALSE, sizeof(Choice));
  for (size_t i = 0; i < plan_n_sections(view->what->plan); i++) {
    const PlanSection *section = plan_section(view->what->plan, i);
    add_choice(choices, section->target, section->target);
  }
  put_select("target", _("Target"), choices, out);
}

static void put_causes(const View *view, GString *out)
{
  g_autoptr(GArray) choices = g_array_new(FALSE, FALSE, sizeof(Choice));
  int64_t n[CAUSE_N];
  view_causes(view, n);
  for (Cause cause = 0; cause < CAUSE_N; cause++)
    if (n[cause] > 0)
      add_choice(choices, view_cause(cause), view_cause_words(cause));
  put_select("cause", _("Cause"), choices, out);
}

static void put_states(GString *out)
{
  g_autoptr(GArray) choices = g_array_new(FALSE, FALSE, sizeof(Choice));
  add_choice(choices, "now", _("due now"));
  add_choice(choices, "waiting", _("scheduled"));
  add_choice(choices, "held", _("held"));
  add_choice(choices, "confirm", _("to be confirmed"));
  put_select("state", _("State"), choices, out);
}

static int compare_texts(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_units(const View *view, GString *out)
{
  g_autoptr(GHashTable) units = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < view->shown->len; i++) {
    const Op *op = g_array_index(view->shown, Shown, i).op;
    const char *const both[] = {op->unit, op->unit_before};
    for (size_t k = 0; k < G_N_ELEMENTS(both); k++)
      if (both[k])
        g_hash_table_add(units, (void *)both[k]);
  }
  guint n = 0;
  g_autofree const char **sorted = (const char **)g_hash_table_get_keys_as_array(units, &n);
  // A plan that tells no units would find nobody there.
  if (n == 0)
    return;
  qsort(sorted, n, sizeof *sorted, compare_texts);
  g_string_append(out, "<label>");
  html_text(out, _("Unit"));
  g_string_append(out,
                  "<input name=\"unit\" list=\"units\" autocomplete=\"off\" lang=\"ja\"></label>\n"
                  "<datalist id=\"units\">");
  for (guint i = 0; i < n; i++) {
    g_string_append(out, "<option");
    html_attribute(out, "value", sorted[i]);
    g_string_append_c(out, '>');
  }
  g_string_append(out, "</datalist>\n");
}

static void put_button(const char *id, const char *words, GString *out)
{
  g_string_append_printf(out, "<button type=\"button\" id=\"%s\">", id);
  html_text(out, words);
  g_string_append(out, "</button>\n");
}

static void put_check(const char *attributes, const char *words, bool checked, GString *out)
{
  g_string_append_printf(out, "<label class=\"check\"><input type=\"checkbox\" %s%s>", attributes,
                         checked ? " checked" : "");
  html_text(out, words);
  g_string_append(out, "</label>\n");
}

static void put_keys(GString *out)
{
  static const struct {
    const char *key, *words;
  } keys[] = {{"/", N_("search")},
              {"j", N_("next")},
              {"k", N_("previous")},
              {"Enter", N_("fold or unfold")},
              {"Esc", N_("show all again")}};
  g_string_append(out, "<div class=\"keys\">");
  for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_string_append(out, i > 0 ? " · <kbd>" : "<kbd>");
    g_string_append_printf(out, "%s</kbd> ", keys[i].key);
    html_text(out, _(keys[i].words));
  }
  g_string_append(out, "</div>\n");
}

static void put_form(const View *view, GString *out)
{
  g_string_append(out,
                  "<form id=\"filter\" class=\"filter screen\" role=\"search\" hidden>\n<label>");
  html_text(out, _("Number, name or login"));
  g_string_append(out, "<input id=\"search\" name=\"search\" type=\"search\" autocomplete=\"off\" "
                       "lang=\"ja\"></label>\n");
  put_units(view, out);
  put_targets(view, out);
  put_kinds(view, out);
  put_causes(view, out);
  put_states(out);
  put_check("name=\"held\"", _("held only"), false, out);
  put_button("show-all", _("Show all"), out);
  put_button("fold-all", _("Fold all"), out);
  put_button("unfold-all", _("Unfold all"), out);
  put_check("id=\"keys\"", _("Keys"), true, out);
  put_keys(out);
  g_string_append(out, "</form>\n");
}

// It is printed as well: a page of paper must not look complete when filters were on.
static void put_shown(GString *out)
{
  g_string_append(out, "<p><output id=\"shown\" form=\"filter\"");
  // TRANSLATORS: {0} and {1} count people and objects, {2} and {3} operations.
  html_attribute(out, "data-text",
                 _("Shown: {0} of {1} people and objects, {2} of {3} operations"));
  g_string_append(out, "></output></p>\n<p id=\"nothing\" hidden>");
  html_text(out, _("Nothing is like that."));
  g_string_append(out, "</p>\n");
}

void report_plan_filter(const View *view, GString *out)
{
  put_form(view, out);
  put_shown(out);
}
