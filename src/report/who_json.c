// SPDX-License-Identifier: GPL-3.0-or-later
//
// The page about one person for programs. Keys are there always, null or empty when there is nothing. Ends of
// spans are the first day that no longer counts, null = open.
#include "report_p.h"

typedef struct Pair {
  const char *key;
  json_t *value;
} Pair;

#define TEXT(text) report_json_text(text)
#define OBJECT(...) object_of((const Pair[]){__VA_ARGS__, {NULL, NULL}})

static json_t *object_of(const Pair *pairs)
{
  json_t *object = json_object();
  for (; pairs->key; pairs++)
    json_object_set_new(object, pairs->key, pairs->value);
  return object;
}

static json_t *date_json(Date date)
{
  return date == DATE_NONE || date == DATE_OPEN ? json_null() : report_json_date(date);
}

// ---------------------------------------------------------------------------------------------
// The records. Each item of a list is written by a function.

static json_t *number_json(const void *item)
{
  const WhoNumber *number = item;
  return OBJECT({"space", TEXT(number->space)}, {"number", TEXT(number->number)},
                {"from", date_json(number->from)}, {"to", date_json(number->to)});
}

static json_t *name_json(const void *item)
{
  const WhoName *name = item;
  return OBJECT({"kind", TEXT(name->kind)}, {"name", TEXT(name->name)},
                {"given", report_json_instant(name->given)});
}

static json_t *state_json(const void *item)
{
  const WhoState *state = item;
  return OBJECT({"state", TEXT(state->state)}, {"from", date_json(state->from)},
                {"to", date_json(state->to)}, {"source", TEXT(state->source)});
}

static json_t *post_json(const void *item)
{
  const WhoPost *post = item;
  return OBJECT({"when", TEXT(post->when)}, {"role", TEXT(post->role)}, {"unit", TEXT(post->unit)},
                {"path", TEXT(post->path)}, {"title", TEXT(post->title)},
                {"title_name", TEXT(post->title_name)}, {"from", date_json(post->begin)},
                {"to", date_json(post->end)}, {"from_time", TEXT(post->from_time)},
                {"to_time", TEXT(post->to_time)}, {"source", TEXT(post->source)});
}

static json_t *fact_json(const void *item)
{
  const WhoFact *fact = item;
  return OBJECT({"field", TEXT(fact->field)}, {"value", TEXT(fact->value)},
                {"source", TEXT(fact->source)});
}

static json_t *order_json(const void *item)
{
  const WhoOrder *order = item;
  return OBJECT({"space", TEXT(order->space)}, {"number", TEXT(order->number)},
                {"kind", TEXT(order->kind)}, {"target", TEXT(order->target)},
                {"says", TEXT(order->says)}, {"set", TEXT(order->set)},
                {"date", date_json(order->date)}, {"state", TEXT(order->state)},
                {"later", json_boolean(order->later)}, {"reason", TEXT(order->reason)},
                {"source", TEXT(order->source)});
}

static json_t *bar_json(const void *item)
{
  const WhoBar *bar = item;
  return OBJECT({"target", TEXT(bar->target)}, {"object", TEXT(bar->object)},
                {"text", TEXT(bar->text)});
}

static json_t *change_json(const void *item)
{
  const WhoChange *change = item;
  return OBJECT({"day", date_json(change->day)}, {"target", TEXT(change->target)},
                {"what", TEXT(change->what)}, {"old", TEXT(change->old_value)},
                {"new", TEXT(change->new_value)});
}

static json_t *restriction_json(const void *item)
{
  const ReportRestriction restriction = {.row = *(const RestrictionRow *)item};
  return report_json_restriction(&restriction);
}

static json_t *hold_json(const void *item)
{
  const WhoHold *hold = item;
  return OBJECT({"id", json_integer(hold->id)}, {"kind", TEXT(hold->kind)},
                {"name", TEXT(hold->name)}, {"who", TEXT(hold->who)},
                {"since", report_json_instant(hold->since)}, {"until", date_json(hold->until)});
}

static json_t *op_json(const void *item)
{
  const WhoOp *op = item;
  return OBJECT({"run", json_integer(op->run)}, {"n", json_integer(op->n)},
                {"target", TEXT(op->target)}, {"object", TEXT(op->object)},
                {"kind", TEXT(op->kind)}, {"state", TEXT(op->state)}, {"detail", TEXT(op->detail)},
                {"when", report_json_instant(op->when)});
}

static json_t *match_json(const void *item)
{
  const WhoMatch *match = item;
  return OBJECT({"space", TEXT(match->space)}, {"number", TEXT(match->number)},
                {"name", TEXT(match->name)}, {"kana", TEXT(match->kana)},
                {"unit", TEXT(match->unit)}, {"state", TEXT(match->state)});
}

static json_t *list_json(const GArray *list, json_t *(*item)(const void *))
{
  json_t *array = json_array();
  size_t n_bytes = g_array_get_element_size((GArray *)list);
  for (guint i = 0; i < list->len; i++)
    json_array_append_new(array, item(list->data + i * n_bytes));
  return array;
}

json_t *report_json_list(const WhoList *list)
{
  return OBJECT({"matches", list_json(list->matches, match_json)});
}

// ---------------------------------------------------------------------------------------------
// Targets.

static json_t *values_json(const OpValue *values, size_t n)
{
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++) {
    g_autofree char *text = g_strndup(values[i].bytes, values[i].n);
    json_array_append_new(array, values[i].kind == VALUE_SECRET ? OBJECT({"secret", json_true()})
                                                                : report_json_text(text));
  }
  return array;
}

static json_t *attributes_json(const LookAttr *list, size_t n)
{
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++) {
    const LookAttr *attribute = &list[i];
    json_array_append_new(
        array,
        OBJECT({"attribute", TEXT(attribute->name)},
               {"should", attribute->managed ? values_json(attribute->should, attribute->n_should)
                                             : json_null()},
               {"has", values_json(attribute->has, attribute->n_has)},
               {"differs", json_boolean(attribute->differs)},
               {"from", report_json_instant(attribute->from)}, {"rule", TEXT(attribute->rule)},
               {"source", TEXT(attribute->source)}, {"order", TEXT(attribute->order)}));
  }
  return array;
}

static json_t *groups_json(const LookEntry *entry)
{
  json_t *array = json_array();
  for (size_t i = 0; i < entry->n_groups; i++) {
    const LookGroup *group = &entry->groups[i];
    json_array_append_new(
        array, OBJECT({"group", TEXT(group->name)}, {"ours", json_boolean(group->ours)},
                      {"through", TEXT(group->through)}, {"primary", json_boolean(group->primary)},
                      {"should", json_boolean(group->should)}, {"has", json_boolean(group->has)},
                      {"differs", json_boolean(group->differs)},
                      {"from", report_json_instant(group->from)}, {"rule", TEXT(group->rule)},
                      {"source", TEXT(group->source)}, {"order", TEXT(group->order)}));
  }
  return array;
}

static json_t *enabled_json(Enabled enabled)
{
  return enabled == ENABLED_UNMANAGED ? json_null() : json_boolean(enabled == ENABLED_YES);
}

static json_t *entry_json(const Look *look, const LookEntry *entry)
{
  static const char *const presences[] = {[PRESENCE_GIVEN] = "given",
                                          [PRESENCE_PRESENT] = "present",
                                          [PRESENCE_RETAINED] = "retained",
                                          [PRESENCE_ABSENT] = "absent",
                                          [PRESENCE_CLOSED] = "closed"};
  return OBJECT(
      {"object", TEXT(entry->object)}, {"presence", TEXT(presences[entry->presence])},
      {"reason", TEXT(entry->reason)}, {"rule", TEXT(entry->rule)}, {"source", TEXT(entry->source)},
      {"order", TEXT(entry->order)}, {"proposed_name", TEXT(entry->proposed)},
      {"should_enabled", enabled_json(entry->enabled)},
      {"state_differs",
       json_boolean(entry->create || entry->adopt || entry->remove || entry->enable)},
      {"place_differs", json_boolean(entry->move != NULL)},
      {"should_place", TEXT(*entry->place ? entry->place : NULL)},
      {"found", look->read ? json_boolean(entry->found) : json_null()},
      {"enabled", enabled_json(entry->is_enabled)}, {"place", TEXT(entry->dn)},
      {"elsewhere", TEXT(entry->elsewhere)}, {"protected", json_boolean(entry->is_protected)},
      {"unclear", json_boolean(entry->unclear)}, {"vanished", json_boolean(entry->vanished)},
      {"attributes", attributes_json(entry->attributes, entry->n_attributes)},
      {"locks", attributes_json(entry->locks, entry->n_locks)}, {"groups", groups_json(entry)});
}

static json_t *notes_json(const Look *look)
{
  json_t *array = json_array();
  for (size_t i = 0; look->notes[i]; i++)
    json_array_append_new(array, OBJECT({"code", TEXT(look->notes[i]->code)},
                                        {"object", TEXT(look->notes[i]->object)},
                                        {"text", TEXT(look->notes[i]->text)}));
  return array;
}

// Operations that wait for somebody's word, and why.
static json_t *confirms_json(const Look *look)
{
  json_t *array = json_array();
  for (size_t i = 0; look->ops[i]; i++)
    if (look->ops[i]->confirm)
      json_array_append_new(array, OBJECT({"object", TEXT(look->ops[i]->object)},
                                          {"kind", TEXT(op_traits(look->ops[i]->kind)->name)},
                                          {"confirm", TEXT(look->ops[i]->confirm)}));
  return array;
}

static json_t *target_json(const void *item)
{
  const WhoTarget *target = item;
  json_t *entries = json_array();
  for (size_t i = 0; i < target->look->n_entries; i++)
    json_array_append_new(entries, entry_json(target->look, &target->look->entries[i]));
  return OBJECT({"target", TEXT(target->target)}, {"read", json_boolean(target->look->read)},
                {"unread", TEXT(target->unread)}, {"entries", entries},
                {"confirm", confirms_json(target->look)}, {"notes", notes_json(target->look)});
}

// ---------------------------------------------------------------------------------------------

void report_who_json(const ReportWho *what, GString *out)
{
  const Who *who = what->who;
  json_t *page = OBJECT(
      {"number", TEXT(who->number)}, {"name", TEXT(who->name)}, {"kana", TEXT(who->kana)},
      {"as_of", date_json(who->as_of)}, {"known_at", report_json_instant(who->known_at)},
      {"state", TEXT(who->state)}, {"since", date_json(who->state_since)},
      {"cannot_log_in", list_json(who->bars, bar_json)},
      {"next", list_json(who->changes, change_json)}, {"holds", list_json(who->holds, hold_json)},
      {"restrictions", list_json(who->restrictions, restriction_json)},
      {"numbers", list_json(who->numbers, number_json)},
      {"names", list_json(who->names, name_json)}, {"states", list_json(who->states, state_json)},
      {"posts", list_json(who->posts, post_json)}, {"orders", list_json(who->orders, order_json)},
      {"records", list_json(who->facts, fact_json)},
      {"targets", list_json(who->targets, target_json)},
      {"operations", list_json(who->ops, op_json)},
      {"findings", report_json_findings(who->findings)});
  report_json_dump(page, out);
}
