// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Columns: what is told of an item, in every format.

typedef void (*Tell)(const OrphanItem *item, GString *out);

#define TELLS(name, member)                                     \
  static void tell_##name(const OrphanItem *item, GString *out) \
  {                                                             \
    g_string_append(out, item->member);                         \
  }
TELLS(target, target)
TELLS(object, object)
TELLS(klass, klass)
TELLS(entry, entry)
TELLS(group, group)
TELLS(label, label)
TELLS(unit, unit)
TELLS(found, found)
TELLS(has, has)
TELLS(should, should)
TELLS(privileged, privileged)
TELLS(made_by, made_by)
TELLS(changed_by, changed_by)
TELLS(where, where)
TELLS(used_by, used_by)
TELLS(proposal, proposal)
TELLS(standing, standing)

static void tell_kind(const OrphanItem *item, GString *out)
{
  g_string_append(out, orphan_kind_name(item->kind));
}

static void tell_action(const OrphanItem *item, GString *out)
{
  g_string_append(out, orphan_action_name(item->action));
}

static void tell_enabled(const OrphanItem *item, GString *out)
{
  static const char *const words[] = {
      [ENABLED_UNMANAGED] = "", [ENABLED_NO] = "off", [ENABLED_YES] = "on"};
  g_string_append(out, words[item->enabled]);
}

static void tell_protected(const OrphanItem *item, GString *out)
{
  g_string_append(out, item->is_protected ? "yes" : "");
}

static void tell_instant(Instant instant, GString *out)
{
  if (instant != INSTANT_NONE)
    instant_format(instant, out);
}

static void tell_made(const OrphanItem *item, GString *out)
{
  tell_instant(item->made, out);
}

static void tell_changed(const OrphanItem *item, GString *out)
{
  tell_instant(item->changed, out);
}

// "the whole entry": who changed it last need not be who changed this.
static void tell_exact(const OrphanItem *item, GString *out)
{
  if (item->changed == INSTANT_NONE && *item->changed_by == '\0')
    return;
  g_string_append(out, item->exact             ? _("this")
                       : *item->traced != '\0' ? _("the whole group")
                                               : _("the whole entry"));
}

static void tell_used(const OrphanItem *item, GString *out)
{
  tell_instant(item->used, out);
}

static void tell_op(const OrphanItem *item, GString *out)
{
  if (item->op != 0)
    g_string_append_printf(out, "%u", item->op);
}

static const struct {
  const char *name;     // in JSON
  const char *heading;  // of tables
  Tell tell;
} columns[] = {
    {"target", N_("target"), tell_target},
    {"kind", N_("kind"), tell_kind},
    {"entry", N_("entry"), tell_entry},
    {"object", N_("object"), tell_object},
    {"class", N_("class"), tell_klass},
    {"person", N_("person"), tell_label},
    {"unit", N_("unit"), tell_unit},
    {"group", N_("group or attribute"), tell_group},
    {"found", N_("why it is listed"), tell_found},
    {"has", N_("is"), tell_has},
    {"should", N_("should be"), tell_should},
    {"enabled", N_("on or off"), tell_enabled},
    {"protected", N_("protected"), tell_protected},
    {"privileged", N_("privileged"), tell_privileged},
    {"made", N_("made"), tell_made},
    {"made_by", N_("made by"), tell_made_by},
    {"changed", N_("changed"), tell_changed},
    {"changed_by", N_("changed by"), tell_changed_by},
    {"changed_what", N_("what was changed then"), tell_exact},
    {"where", N_("on"), tell_where},
    {"used", N_("last used"), tell_used},
    {"used_by", N_("as told by"), tell_used_by},
    {"operation", N_("operation of the plan"), tell_op},
    {"action", N_("action"), tell_action},
    {"proposal", N_("proposed"), tell_proposal},
    {"decided", N_("decided"), tell_standing},
};

// ---------------------------------------------------------------------------------------------
// JSON.

static json_t *item_json(const OrphanItem *item)
{
  json_t *object = json_object();
  for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    columns[i].tell(item, text);
    json_object_set_new(object, columns[i].name,
                        text->len > 0 ? report_json_text(text->str) : json_null());
  }
  json_object_set_new(object, "operation", item->op != 0 ? json_integer(item->op) : json_null());
  json_object_set_new(object, "protected", json_boolean(item->is_protected));
  return object;
}

static json_t *target_json(const OrphanTarget *target)
{
  json_t *object = json_object();
  json_object_set_new(object, "target", report_json_text(target->name));
  json_object_set_new(object, "ours", json_integer((json_int_t)target->n_accounts));
  json_object_set_new(object, "nobody", json_integer((json_int_t)target->n_nobody));
  json_object_set_new(object, "unread", report_json_text(target->unread));
  json_object_set_new(object, "held", report_json_text(target->held));
  json_object_set_new(object, "uncompared", report_json_text(target->uncompared));
  return object;
}

static void put_json(const OrphanList *list, GString *out)
{
  json_t *document = json_object(), *targets = json_array(), *items = json_array();
  json_object_set_new(document, "day", report_json_date(list->day));
  json_object_set_new(document, "plan", report_json_text(list->digest));
  for (guint i = 0; i < list->targets->len; i++)
    json_array_append_new(targets, target_json(&g_array_index(list->targets, OrphanTarget, i)));
  for (guint i = 0; i < list->items->len; i++)
    json_array_append_new(items, item_json(&g_array_index(list->items, OrphanItem, i)));
  json_object_set_new(document, "targets", targets);
  json_object_set_new(document, "items", items);
  report_json_dump(document, out);
}

// ---------------------------------------------------------------------------------------------
// CSV, for Excel.

static void put_csv(const OrphanList *list, GString *out)
{
  g_string_append(out, "\xEF\xBB\xBF");
  for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
    g_string_append(out, i > 0 ? "," : "");
    escape_text(out, _(columns[i].heading), ESCAPE_CSV);
  }
  g_string_append(out, "\r\n");
  for (guint i = 0; i < list->items->len; i++) {
    for (size_t k = 0; k < G_N_ELEMENTS(columns); k++) {
      g_autoptr(GString) text = g_string_new(NULL);
      columns[k].tell(&g_array_index(list->items, OrphanItem, i), text);
      g_string_append(out, k > 0 ? "," : "");
      escape_text(out, text->str, ESCAPE_CSV);
    }
    g_string_append(out, "\r\n");
  }
}

// ---------------------------------------------------------------------------------------------
// HTML: one page that needs nothing from elsewhere. Columns that are empty throughout are left out.

static const char style[] =
    "body{font:14px/1.5 sans-serif;margin:1.5em}table{border-collapse:collapse}"
    "th,td{border:1px solid #bbb;padding:.25em .5em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}th{background:#eee}tr{break-inside:avoid}.no{color:#a00}"
    "@page{size:A4 landscape;margin:10mm}@media print{body{font-size:8pt;margin:0}"
    "thead{display:table-header-group}}";

static bool is_empty(const OrphanList *list, size_t column)
{
  for (guint i = 0; i < list->items->len; i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    columns[column].tell(&g_array_index(list->items, OrphanItem, i), text);
    if (text->len > 0)
      return false;
  }
  return true;
}

static void put_cell(GString *out, const char *tag, const char *text)
{
  g_string_append_printf(out, "<%s>", tag);
  escape_text(out, text, ESCAPE_HTML);
  g_string_append_printf(out, "</%s>", tag);
}

static void put_table(const OrphanList *list, GString *out)
{
  bool empty[G_N_ELEMENTS(columns)];
  g_string_append(out, "<table>\n<thead><tr>");
  for (size_t k = 0; k < G_N_ELEMENTS(columns); k++) {
    empty[k] = is_empty(list, k);
    if (!empty[k])
      put_cell(out, "th", _(columns[k].heading));
  }
  g_string_append(out, "</tr></thead>\n<tbody>\n");
  for (guint i = 0; i < list->items->len; i++) {
    g_string_append(out, "<tr>");
    for (size_t k = 0; k < G_N_ELEMENTS(columns); k++) {
      g_autoptr(GString) text = g_string_new(NULL);
      columns[k].tell(&g_array_index(list->items, OrphanItem, i), text);
      if (!empty[k])
        put_cell(out, "td", text->str);
    }
    g_string_append(out, "</tr>\n");
  }
  g_string_append(out, "</tbody>\n</table>\n");
}

static void put_html(const OrphanList *list, GString *out)
{
  g_autoptr(GString) title = g_string_new(_("What the personnel records do not explain, "));
  date_format(list->day, title);
  g_string_append(out, "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>");
  escape_text(out, title->str, ESCAPE_HTML);
  g_string_append_printf(out, "</title>\n<style>%s</style></head>\n<body>", style);
  put_cell(out, "h1", title->str);
  for (guint i = 0; i < list->targets->len; i++) {
    const OrphanTarget *target = &g_array_index(list->targets, OrphanTarget, i);
    const char *none = target->unread != NULL ? target->unread : target->held;
    g_autofree char *text =
        none != NULL ? g_strdup_printf(_("%s: nothing is listed: %s"), target->name, none)
                     : g_strdup_printf(_("%s: %zu accounts of ours, %zu of nobody"), target->name,
                                       target->n_accounts, target->n_nobody);
    g_string_append(out, none != NULL ? "<p class=\"no\">" : "<p>");
    escape_text(out, text, ESCAPE_HTML);
    if (none == NULL && target->uncompared != NULL) {
      g_autofree char *why =
          g_strdup_printf(_("; changes by hand are not told: %s"), target->uncompared);
      escape_text(out, why, ESCAPE_HTML);
    }
    g_string_append(out, "</p>\n");
  }
  put_table(list, out);
  g_string_append(out, "</body></html>\n");
}

// ---------------------------------------------------------------------------------------------
// Text: what is known of each item, below its name.

static void put_pair(GString *out, const char *word, const char *text)
{
  if (*text == '\0')
    return;
  g_string_append(out, word);
  escape_text(out, text, ESCAPE_TERMINAL);
}

static void put_when(GString *out, const char *word, Instant when, const char *who)
{
  if (when == INSTANT_NONE && *who == '\0')
    return;
  g_string_append_printf(out, "%s%s", out->len > 0 ? "; " : "", word);
  if (when != INSTANT_NONE) {
    g_string_append_c(out, ' ');
    columns_instant(out, when);
  }
  put_pair(out, _(" by "), who);
}

// Nobody is to be blamed for what somebody else did to the same entry before.
static const char *changed_word(const OrphanItem *item)
{
  if (item->exact || item->kind < ORPHAN_RIGHT)
    return _("changed");
  return *item->traced != '\0' ? _("the whole group last changed")
                               : _("the whole entry last changed");
}

static void put_facts(const OrphanItem *item, GString *out)
{
  g_autoptr(GString) facts = g_string_new(NULL);
  tell_enabled(item, facts);
  if (*item->privileged != '\0') {
    g_string_append(facts, facts->len > 0 ? "; " : "");
    put_pair(facts, _("privileged: "), item->privileged);
  }
  put_when(facts, _("made"), item->made, item->made_by);
  put_when(facts, changed_word(item), item->changed, item->changed_by);
  put_pair(facts, _(" on "), item->where);
  if (item->is_account && item->kind < ORPHAN_RIGHT) {
    put_when(facts, _("last used"), item->used, item->used_by);
    if (item->used == INSTANT_NONE)
      g_string_append_printf(facts, "%s%s", facts->len > 0 ? "; " : "", _("last use not known"));
  }
  if (facts->len > 0)
    g_string_append_printf(out, "    %s\n", facts->str);
}

static void put_item(const OrphanItem *item, GString *out)
{
  g_string_append(out, "  ");
  escape_text(out, item->entry, ESCAPE_TERMINAL);
  put_pair(out, "  ", strcmp(item->label, item->entry) == 0 ? "" : item->label);
  put_pair(out, "  ", item->unit);
  g_string_append(out, "\n    ");
  put_pair(out, "", item->group);
  g_string_append(out, *item->group != '\0' ? ": " : "");
  escape_text(out, item->found, ESCAPE_TERMINAL);
  if (*item->has != '\0' || *item->should != '\0') {
    put_pair(out, ": ", *item->has != '\0' ? item->has : "-");
    put_pair(out, " → ", *item->should != '\0' ? item->should : "-");
  }
  g_string_append_c(out, '\n');
  put_facts(item, out);
  put_pair(out, "    ", item->standing);
  g_string_append(out, *item->standing != '\0' ? "\n" : "");
  put_pair(out, "    => ", item->proposal);
  if (item->is_account && item->kind < ORPHAN_RIGHT)
    put_pair(out, "  ", item->object);
  g_string_append_c(out, '\n');
}

static void put_target(const OrphanTarget *target, GString *out)
{
  const char *none = target->unread != NULL ? target->unread : target->held;
  escape_text(out, target->name, ESCAPE_TERMINAL);
  if (none != NULL) {
    put_pair(out, _(": nothing is listed: "), none);
    g_string_append_c(out, '\n');
    return;
  }
  g_string_append_printf(out, _(": %zu accounts of ours, %zu of nobody\n"), target->n_accounts,
                         target->n_nobody);
  if (target->uncompared != NULL) {
    put_pair(out, _("  changes by hand are not told: "), target->uncompared);
    g_string_append_c(out, '\n');
  }
}

static const char *const titles[ORPHAN_N_KINDS] = {
    [ORPHAN_NOBODY] = N_("of nobody"),
    [ORPHAN_LEFT] = N_("of people who left"),
    [ORPHAN_DOUBLE] = N_("second ones of one person"),
    [ORPHAN_RIGHT] = N_("rights that no rule gives"),
    [ORPHAN_CHANGED] = N_("changed by hand since the last run"),
};

static void put_text(const OrphanList *list, GString *out)
{
  for (guint i = 0; i < list->targets->len; i++) {
    const OrphanTarget *target = &g_array_index(list->targets, OrphanTarget, i);
    int kind = -1;
    put_target(target, out);
    for (guint k = 0; k < list->items->len; k++) {
      const OrphanItem *item = &g_array_index(list->items, OrphanItem, k);
      if (strcmp(item->target, target->name) != 0)
        continue;
      if ((int)item->kind != kind)
        g_string_append_printf(out, " %s\n", _(titles[item->kind]));
      kind = (int)item->kind;
      put_item(item, out);
    }
  }
}

// ---------------------------------------------------------------------------------------------

static const struct {
  const char *name;
  void (*put)(const OrphanList *list, GString *out);
} formats[] = {{"text", put_text}, {"json", put_json}, {"csv", put_csv}, {"html", put_html}};

bool report_orphans(const char *format, const OrphanList *list, GString *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
    if (strcmp(formats[i].name, format) != 0)
      continue;
    formats[i].put(list, out);
    return true;
  }
  return false;
}

void report_orphans_line(const OrphanList *list, GString *out)
{
  size_t n[ORPHAN_N_KINDS] = {0};
  size_t n_not = 0;
  for (guint i = 0; i < list->items->len; i++)
    n[g_array_index(list->items, OrphanItem, i).kind]++;
  for (guint i = 0; i < list->targets->len; i++) {
    const OrphanTarget *target = &g_array_index(list->targets, OrphanTarget, i);
    n_not += target->unread != NULL || target->held != NULL;
  }
  g_string_append(out, "orphans:");
  for (int kind = 0; kind < ORPHAN_N_KINDS; kind++)
    g_string_append_printf(out, " %s=%zu", orphan_kind_name((OrphanKind)kind), n[kind]);
  g_string_append_printf(out, " unlisted=%zu", n_not);
}
