// SPDX-License-Identifier: GPL-3.0-or-later
//
// For programs: one document with all that the text shows. Keys are there always, null or empty when
// there is nothing.
#include "report_p.h"

static const char *const due_names[DUE_N] = {
    [DUE_NOW] = "now", [DUE_LATER] = "waiting", [DUE_HELD] = "held"};

static json_t *value_json(const OpValue *value)
{
  if (value->kind == VALUE_TEXT && text_valid(value->bytes, value->n, NULL))
    return json_stringn_nocheck(value->bytes, value->n);
  json_t *object = json_object();
  if (value->kind == VALUE_TEXT) {
    g_autofree char *base64 = g_base64_encode((const guchar *)value->bytes, value->n);
    json_object_set_new(object, "b64", json_string(base64));
  } else {
    const char *key = value->kind == VALUE_REF ? "ref" : "secret";
    json_object_set_new(object, key, report_json_text(value->bytes));
  }
  return object;
}

static json_t *values_json(const OpValue *values, size_t n)
{
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(array, value_json(&values[i]));
  return array;
}

static json_t *changes_json(const Op *op)
{
  json_t *array = json_array();
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    json_t *object = json_object();
    json_object_set_new(object, "attribute", report_json_text(change->attribute));
    json_object_set_new(object, "old", values_json(change->old_values, change->n_old));
    json_object_set_new(object, "new", values_json(change->new_values, change->n_new));
    json_object_set_new(object, "replace", json_boolean(change->replace));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *after_json(const Op *op)
{
  json_t *array = json_array();
  for (size_t i = 0; i < op->n_after; i++)
    json_array_append_new(array, json_integer(op->after[i]));
  return array;
}

static json_t *dn_json(const View *view, const Shown *shown)
{
  const PlanSection *section = plan_section(view->what->plan, shown->section);
  g_autoptr(GString) dn = g_string_new(NULL);
  if (!section->base || !view_dn(view, shown->section, shown->op->object, section->base, dn))
    return json_null();
  return report_json_text(dn->str);
}

json_t *report_plan_op_json(const View *view, const Shown *shown)
{
  static const struct {
    const char *key;
    size_t offset;
  } texts[] = {
      {"object", offsetof(Op, object)},
      {"member", offsetof(Op, member)},
      {"label", offsetof(Op, label)},
      {"unit", offsetof(Op, unit)},
      {"unit_before", offsetof(Op, unit_before)},
      {"old_parent", offsetof(Op, old_parent)},
      {"old_name", offsetof(Op, old_name)},
      {"parent", offsetof(Op, parent)},
      {"name", offsetof(Op, name)},
      {"id", offsetof(Op, stable_id)},
      {"why", offsetof(Op, why)},
      {"rule", offsetof(Op, rule)},
      {"source", offsetof(Op, source)},
      {"confirm", offsetof(Op, confirm)},
      {"cause", offsetof(Op, cause)},
      {"expected", offsetof(Op, expected)},
      {"case", offsetof(Op, matter)},
  };
  const Op *op = shown->op;
  json_t *object = json_object();
  json_object_set_new(object, "n", json_integer(op->n));
  json_object_set_new(object, "kind", json_string(op_traits(op->kind)->name));
  json_object_set_new(object, "state", json_string(due_names[shown->due]));
  json_object_set_new(object, "held", report_json_text(shown->held));
  json_object_set_new(object, "not_before", report_json_instant(op->not_before));
  json_object_set_new(object, "person", op->person ? json_integer(op->person) : json_null());
  json_object_set_new(object, "dn", dn_json(view, shown));
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    const char *text = *(const char *const *)((const char *)op + texts[i].offset);
    json_object_set_new(object, texts[i].key, report_json_text(text));
  }
  json_object_set_new(object, "changes", changes_json(op));
  json_object_set_new(object, "after", after_json(op));
  return object;
}

static json_t *ops_json(const View *view, size_t section)
{
  json_t *array = json_array();
  for (guint i = 0; i < view->shown->len; i++) {
    const Shown *shown = &g_array_index(view->shown, Shown, i);
    if (shown->section == section)
      json_array_append_new(array, report_plan_op_json(view, shown));
  }
  return array;
}

json_t *report_plan_note_json(const PlanNote *note)
{
  json_t *object = json_object();
  json_object_set_new(object, "code", report_json_text(note->code));
  json_object_set_new(object, "object", report_json_text(note->object));
  json_object_set_new(object, "label", report_json_text(note->label));
  json_object_set_new(object, "text", report_json_text(note->text));
  return object;
}

static json_t *notes_json(const View *view, const PlanSection *section)
{
  json_t *array = json_array();
  for (size_t i = 0; i < section->n_notes; i++) {
    const PlanNote *note = &section->notes[i];
    if (!view_has_note(view, note))
      continue;
    json_array_append_new(array, report_plan_note_json(note));
  }
  return array;
}

static json_t *totals_json(const View *view, size_t section)
{
  Totals totals = {0};
  view_count(view, section, &totals);
  json_t *object = json_object();
  for (OpKind kind = 0; kind < OP_N_KINDS; kind++) {
    const int64_t *n = totals.n[kind];
    if (n[DUE_NOW] + n[DUE_LATER] + n[DUE_HELD] == 0)
      continue;
    json_t *row = json_object();
    for (Due due = 0; due < DUE_N; due++)
      json_object_set_new(row, due_names[due], json_integer(n[due]));
    json_object_set_new(object, op_traits(kind)->name, row);
  }
  return object;
}

static json_t *causes_json(const View *view)
{
  int64_t n[CAUSE_N];
  json_t *object = json_object();
  view_causes(view, n);
  for (Cause cause = 0; cause < CAUSE_N; cause++)
    if (n[cause] > 0)
      json_object_set_new(object, view_cause(cause), json_integer(n[cause]));
  return object;
}

static json_t *target_json(const View *view, size_t index)
{
  const PlanSection *section = plan_section(view->what->plan, index);
  json_t *object = json_object();
  json_object_set_new(object, "target", report_json_text(section->target));
  json_object_set_new(object, "base", report_json_text(section->base));
  json_object_set_new(object, "fingerprint", report_json_text(section->fingerprint));
  json_object_set_new(object, "unread", report_json_text(section->unread));
  json_object_set_new(object, "digest", report_json_text(section->digest));
  json_object_set_new(object, "read", json_integer(section->n_read));
  json_object_set_new(object, "ours", json_integer(section->n_ours));
  json_object_set_new(object, "desired", json_integer(section->n_desired));
  json_object_set_new(object, "totals", totals_json(view, index));
  json_object_set_new(object, "notes", notes_json(view, section));
  json_object_set_new(object, "operations",
                      view->what->summary ? json_array() : ops_json(view, index));
  return object;
}

static json_t *holds_json(const GuardVerdict *verdict)
{
  json_t *array = json_array();
  for (size_t i = 0; verdict && i < verdict->n_holds; i++) {
    const GuardHold *hold = &verdict->holds[i];
    json_t *object = json_object();
    json_object_set_new(object, "check", report_json_text(hold->check));
    json_object_set_new(object, "target", report_json_text(hold->target));
    json_object_set_new(object, "kind", report_json_text(hold->kind));
    json_object_set_new(object, "count", json_integer(hold->count));
    json_object_set_new(object, "text", report_json_text(hold->text));
    json_array_append_new(array, object);
  }
  return array;
}

static void set_head(const Plan *plan, json_t *document)
{
  const PlanHead *head = plan_head(plan);
  const PlanEnvelope *envelope = plan_envelope(plan);
  json_object_set_new(document, "digest", report_json_text(plan_digest(plan)));
  json_object_set_new(document, "as_of", report_json_date(head->as_of));
  if (head->at != 0)
    json_object_set_new(document, "at", report_json_instant(head->at));
  json_object_set_new(document, "known_at", report_json_instant(head->known_at));
  json_object_set_new(document, "mapping_digest", report_json_text(head->mapping_digest));
  json_object_set_new(document, "program", report_json_text(head->program));
  json_object_set_new(document, "whatif", json_boolean(head->whatif));
  if (head->restricted)
    json_object_set_new(document, "restricted", json_true());
  json_object_set_new(document, "people", json_integer(head->people));
  json_object_set_new(document, "made", report_json_instant(envelope->made));
  json_object_set_new(document, "host", report_json_text(envelope->host));
  json_object_set_new(document, "user", report_json_text(envelope->user));
}

static void set_undone(const Plan *plan, json_t *document)
{
  UndoCounts counts;
  if (!undo_counts(plan, &counts))
    return;
  json_t *undone = json_object();
  json_object_set_new(undone, "exact", json_integer(counts.exact));
  json_object_set_new(undone, "partial", json_integer(counts.partial));
  json_object_set_new(undone, "impossible", json_integer(counts.impossible));
  json_object_set_new(undone, "withdrawn", json_integer(counts.withdrawn));
  json_object_set_new(document, "undone", undone);
}

bool report_plan_json(View *view, GString *out, GError **error)
{
  (void)error;
  const Plan *plan = view->what->plan;
  json_t *document = json_object();
  set_head(plan, document);
  for (Due due = 0; due < DUE_N; due++)
    json_object_set_new(document, due_names[due], json_integer((json_int_t)view_n_due(view, due)));
  set_undone(plan, document);
  json_object_set_new(document, "causes", causes_json(view));
  if (view->what->verdict && view->what->verdict->profile)
    json_object_set_new(document, "profile", report_json_text(view->what->verdict->profile));
  json_object_set_new(document, "holds", holds_json(view->what->verdict));
  json_t *targets = json_array();
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    json_array_append_new(targets, target_json(view, i));
  json_object_set_new(document, "targets", targets);
  report_json_dump(document, out);
  return true;
}
