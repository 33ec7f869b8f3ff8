// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#define LABEL_COLUMNS 12
#define NUMBER_COLUMNS 10

static const struct {
  const char *name;
  size_t offset;
  bool always;  // in the one line also when it is 0
} counts[] = {
    {"done", offsetof(ApplyCounts, done), true},
    {"already", offsetof(ApplyCounts, already), true},
    {"refused", offsetof(ApplyCounts, refused), true},
    {"failed", offsetof(ApplyCounts, failed), true},
    {"unknown", offsetof(ApplyCounts, unknown), true},
    {"scheduled", offsetof(ApplyCounts, scheduled), true},
    {"held", offsetof(ApplyCounts, held), true},
    {"blocked", offsetof(ApplyCounts, blocked), false},
    {"sent", offsetof(ApplyCounts, sent), false},
    {"skipped", offsetof(ApplyCounts, skipped), false},
};

static int64_t count_of(const ApplyCounts *all, size_t i)
{
  return *(const int64_t *)((const char *)all + counts[i].offset);
}

static json_t *counts_json(const ApplyCounts *all)
{
  json_t *object = json_object();
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
    json_object_set_new(object, counts[i].name, json_integer(count_of(all, i)));
  return object;
}

static bool has_any(const ApplyCounts *all)
{
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
    if (count_of(all, i) != 0)
      return true;
  return false;
}

static json_t *some_json(int64_t n, const GPtrArray *some)
{
  json_t *examples = json_array();
  for (guint i = 0; i < some->len; i++)
    json_array_append_new(examples, report_json_text(some->pdata[i]));
  json_t *object = json_object();
  json_object_set_new(object, "count", json_integer(n));
  json_object_set_new(object, "examples", examples);
  return object;
}

static json_t *choice_json(const PlanChoice *choice)
{
  json_t *object = json_object();
  json_object_set_new(object, "chosen", json_integer(choice->n_chosen));
  json_object_set_new(object, "left", json_integer(choice->n_left));
  json_object_set_new(object, "left_before", json_integer(choice->n_before));
  json_object_set_new(object, "along", some_json(choice->n_along, choice->along));
  json_object_set_new(object, "besides", some_json(choice->n_besides, choice->besides));
  json_object_set_new(object, "referring", some_json(choice->n_referring, choice->referring));
  return object;
}

static void put_some(const char *words, int64_t n, const GPtrArray *some, GString *out)
{
  if (n == 0)
    return;
  g_string_append_printf(out, "  %s %" G_GINT64_FORMAT "\n", words, n);
  for (guint i = 0; i < some->len; i++) {
    g_string_append(out, "    ");
    escape_text(out, some->pdata[i], ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  if (n > some->len)
    g_string_append_printf(out, _("    and %" G_GINT64_FORMAT " more\n"), n - some->len);
}

void report_choice(const PlanChoice *choice, GString *out)
{
  if (choice->n_left == 0)
    return;
  g_string_append_printf(
      out, _("Chosen: %" G_GINT64_FORMAT " operations; left out: %" G_GINT64_FORMAT "\n"),
      choice->n_chosen, choice->n_left);
  put_some(_("taken along, since the chosen ones need them or go with them:"), choice->n_along,
           choice->along, out);
  put_some(_("left out besides, since they go with what is left out or need it:"),
           choice->n_besides, choice->besides, out);
  put_some(_("done all the same, though they refer to people who are left out:"),
           choice->n_referring, choice->referring, out);
  if (choice->n_before > 0)
    g_string_append_printf(
        out, _("  left out before: %" G_GINT64_FORMAT " (--only takes them in again)\n"),
        choice->n_before);
}

static json_t *apply_json(const ApplyReport *report)
{
  json_t *by_kind = json_object();
  for (OpKind kind = 0; kind < OP_N_KINDS; kind++)
    if (has_any(&report->by_kind[kind]))
      json_object_set_new(by_kind, op_traits(kind)->name, counts_json(&report->by_kind[kind]));
  json_t *object = json_object();
  json_object_set_new(object, "run", json_integer(report->run));
  json_object_set_new(object, "exit", json_string(exit_name(report->exit)));
  json_object_set_new(object, "total", counts_json(&report->total));
  json_object_set_new(object, "kinds", by_kind);
  if (report->profile)
    json_object_set_new(object, "profile", json_string(report->profile));
  if (report->n_sealed > 0)
    json_object_set_new(object, "sealed", json_integer(report->n_sealed));
  if (report->choice && report->choice->n_left > 0)
    json_object_set_new(object, "choice", choice_json(report->choice));
  if (report->n_left > 0)
    json_object_set_new(object, "left", json_integer(report->n_left));
  json_object_set_new(object, "problems", report_json_findings(report->problems));
  return object;
}

// A column for each count that is anywhere.
static void put_row(const ApplyReport *report, const char *label, const ApplyCounts *all,
                    GString *out)
{
  size_t from = out->len;
  g_string_append(out, label);
  columns_pad(out, from, LABEL_COLUMNS);
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
    if (count_of(&report->total, i) == 0)
      continue;
    if (!all)
      g_string_append_printf(out, "%*s", NUMBER_COLUMNS, counts[i].name);
    else if (count_of(all, i) == 0)
      g_string_append_printf(out, "%*s", NUMBER_COLUMNS, "-");
    else
      g_string_append_printf(out, "%*" G_GINT64_FORMAT, NUMBER_COLUMNS, count_of(all, i));
  }
  g_string_append_c(out, '\n');
}

static void put_table(const ApplyReport *report, GString *out)
{
  if (!has_any(&report->total))
    return;
  put_row(report, "", NULL, out);
  for (OpKind kind = 0; kind < OP_N_KINDS; kind++)
    if (has_any(&report->by_kind[kind]))
      put_row(report, view_kind(kind), &report->by_kind[kind], out);
}

// Who picked a section to try it on must not think that the night does the others.
static void put_left(const PlanChoice *choice, GString *out)
{
  int64_t n_refused = 0;
  for (guint i = 0; choice->refused && i < choice->refused->len; i++)
    n_refused += choice->refused->data[i];
  if (n_refused > 0)
    g_string_append(out, _("What was left out stays so until another plan is made; --only asks for "
                           "it all the same.\n"));
  if (choice->n_left > n_refused)
    g_string_append(out,
                    _("What was not chosen is done by another `idou apply` of this plan only: "
                      "the night's job makes a plan of its own, and\nholds for that night what "
                      "an approved one left out.\n"));
}

void report_apply(const ApplyReport *report, bool json, GString *out)
{
  if (json) {
    report_json_dump(apply_json(report), out);
    return;
  }
  if (report->choice)
    report_choice(report->choice, out);
  put_table(report, out);
  if (report->problems && findings_count(report->problems) > 0) {
    g_string_append_printf(out, _("\nProblems: %zu\n"), findings_count(report->problems));
    report_findings(report->problems, false, out);
    g_string_append_c(out, '\n');
  }
  if (report->profile && strcmp(report->profile, GUARD_PROFILE_NORMAL) != 0)
    g_string_append_printf(out, _("Limits: profile %s\n"), report->profile);
  if (report->exit == EXIT_INTERRUPTED)
    g_string_append(out, _("This run did not come to its end; `idou resume` goes on with it.\n"));
  if (report->choice && report->choice->n_left > 0)
    put_left(report->choice, out);
  if (report->n_sealed > 0)
    g_string_append_printf(out,
                           _("Passwords sealed: %" G_GINT64_FORMAT
                             "; the operator prints them (`idou notices --run %" G_GINT64_FORMAT
                             "`)\n"),
                           report->n_sealed, report->run);
  report_apply_line(report, out);
  g_string_append_c(out, '\n');
}

void report_apply_line(const ApplyReport *report, GString *out)
{
  g_string_append(out, "apply:");
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
    int64_t n = count_of(&report->total, i);
    if (counts[i].always || n != 0)
      g_string_append_printf(out, " %s=%" G_GINT64_FORMAT, counts[i].name, n);
  }
}
