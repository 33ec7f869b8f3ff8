// SPDX-License-Identifier: GPL-3.0-or-later
//
// The page about one person, for whoever has them on the telephone: why they cannot log in stands first.
#include "report_p.h"

#define WIDTH_DEFAULT 100
#define WIDTH_LEAST 80
#define INDENT 2
#define ATTRIBUTE_MOST 24
#define SOURCE_COLUMNS 40  // left for the rule and its source behind values

static const struct {
  const char *state, *text;
} order_states[] = {
    {"holds", N_("holds")},
    {"waits", N_("waits")},
    {"refused", N_("refused")},
    {"corrected", N_("was corrected")},
    {"cancelled", N_("was cancelled")},
    {"amends", N_("holds")},
    {"missing", N_("missing in a later version")},
    {"withdrawn", N_("was withdrawn")},
    {"replaced", N_("was replaced by a later version")},
};

// ---------------------------------------------------------------------------------------------
// Small things.

static void put_title(const ReportWho *what, const char *title, GString *out)
{
  g_string_append_c(out, '\n');
  columns_paint(out, what->colour, PAINT_TITLE, title);
  g_string_append_c(out, '\n');
}

static void add_date(Sheet *sheet, Date date)
{
  g_autoptr(GString) text = g_string_new(NULL);
  if (date != DATE_NONE && date != DATE_OPEN)
    date_format(date, text);
  sheet_add(sheet, text->str);
}

// From the first to the last day; what has no end is left open.
static void add_span(Sheet *sheet, Date from, Date to)
{
  g_autoptr(GString) text = g_string_new(NULL);
  if (from != DATE_NONE)
    date_format(from, text);
  g_string_append(text, " –");
  if (to != DATE_OPEN) {
    g_string_append_c(text, ' ');
    date_format(to - 1, text);
  }
  sheet_add(sheet, text->str);
}

G_GNUC_PRINTF(2, 3)
static void add_format(Sheet *sheet, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  sheet_add(sheet, g_strchomp(text));
}

static void add_instant(Sheet *sheet, Instant instant)
{
  g_autoptr(GString) text = g_string_new(NULL);
  columns_instant(text, instant);
  sheet_add(sheet, text->str);
}

// ---------------------------------------------------------------------------------------------
// Head.

static void put_head(const ReportWho *what, GString *out)
{
  const Who *who = what->who;
  g_autofree char *title = g_strdup_printf("%s %s  %s", who->number, who->name, who->kana);
  g_autoptr(GString) escaped = g_string_new(NULL);
  escape_text(escaped, title, ESCAPE_TERMINAL);
  columns_paint(out, what->colour, PAINT_TITLE, g_strchomp(escaped->str));
  g_string_append_printf(out, "\n%*s", INDENT, "");
  g_string_append_printf(out, _("as of "));
  date_format(who->as_of, out);
  if (who->known_at != INSTANT_OPEN) {
    g_string_append(out, _(", as known at "));
    columns_instant(out, who->known_at);
  }
  g_string_append_printf(out, ": %s", who->state);
  if (who->state_since != DATE_NONE) {
    g_string_append(out,
                    strcmp(who->state, "future") == 0 ? _(", in service from ") : _(" since "));
    date_format(who->state_since, out);
  }
  g_string_append_c(out, '\n');
}

static bool was_read(const Who *who)
{
  for (guint i = 0; i < who->targets->len; i++)
    if (!g_array_index(who->targets, WhoTarget, i).look->read)
      return false;
  return true;
}

static void put_bars(const ReportWho *what, GString *out)
{
  const GArray *bars = what->who->bars;
  put_title(what, _("Why they cannot log in"), out);
  Sheet sheet;
  sheet_open(&sheet, 2);
  for (guint i = 0; i < bars->len; i++) {
    const WhoBar *bar = &g_array_index(bars, WhoBar, i);
    add_format(&sheet, "%s%s%s", bar->target, *bar->object ? " " : "", bar->object);
    sheet_add(&sheet, bar->text);
  }
  if (bars->len == 0) {
    sheet_add(&sheet, was_read(what->who)
                          ? _("nothing here keeps them out")
                          : _("nothing in the records keeps them out; the targets were not asked"));
    sheet_add(&sheet, NULL);
  }
  sheet_put(&sheet, INDENT, out);
  sheet_close(&sheet);
}

// ---------------------------------------------------------------------------------------------
// The records. Each section is a function that fills a sheet.

static void fill_numbers(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->numbers->len; i++) {
    const WhoNumber *number = &g_array_index(who->numbers, WhoNumber, i);
    sheet_add(sheet, number->space);
    sheet_add(sheet, number->number);
    add_span(sheet, number->from, number->to);
  }
  for (guint i = 0; i < who->names->len; i++) {
    const WhoName *name = &g_array_index(who->names, WhoName, i);
    g_autoptr(GString) given = g_string_new(name->former ? _("earlier, given ") : _("given "));
    date_format(date_of_instant(name->given), given);
    sheet_add(sheet, name->kind);
    sheet_add(sheet, name->name);
    sheet_add(sheet, given->str);
  }
}

static void fill_states(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->states->len; i++) {
    const WhoState *state = &g_array_index(who->states, WhoState, i);
    sheet_add(sheet, state->state);
    add_span(sheet, state->from, state->to);
    sheet_add(sheet, state->source);
  }
}

static void add_post_span(Sheet *sheet, const WhoPost *post)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(post->begin, text);
  g_string_append_printf(text, "%s%s –", *post->from_time ? " " : "", post->from_time);
  if (post->end != DATE_OPEN) {
    g_string_append_c(text, ' ');
    date_format(post->end - 1, text);
    g_string_append_printf(text, "%s%s", *post->to_time ? " " : "", post->to_time);
  }
  sheet_add(sheet, text->str);
}

static void fill_posts(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->posts->len; i++) {
    const WhoPost *post = &g_array_index(who->posts, WhoPost, i);
    sheet_add(sheet, post->when);
    sheet_add(sheet, post->role);
    add_format(sheet, "%s %s", post->unit, post->path);
    add_format(sheet, "%s %s", post->title,
               strcmp(post->title, post->title_name) == 0 ? "" : post->title_name);
    add_post_span(sheet, post);
    sheet_add(sheet, post->source);
  }
}

static void fill_facts(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->facts->len; i++) {
    const WhoFact *fact = &g_array_index(who->facts, WhoFact, i);
    sheet_add(sheet, fact->field);
    sheet_add(sheet, fact->value);
    sheet_add(sheet, fact->source);
  }
}

static const char *order_state(const WhoOrder *order)
{
  for (size_t i = 0; i < G_N_ELEMENTS(order_states); i++)
    if (strcmp(order_states[i].state, order->state) == 0)
      return order->later ? _("waits for its day") : _(order_states[i].text);
  return order->state;
}

static void fill_orders(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->orders->len; i++) {
    const WhoOrder *order = &g_array_index(who->orders, WhoOrder, i);
    add_date(sheet, order->date);
    sheet_add(sheet, order->number);
    add_format(sheet, "%s %s", order->kind, order->target);
    sheet_add(sheet, order->says);
    add_format(sheet, "%s%s%s", order_state(order), *order->reason ? ": " : "", order->reason);
    sheet_add(sheet, order->set);
    sheet_add(sheet, order->source);
  }
}

static void fill_changes(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->changes->len; i++) {
    const WhoChange *change = &g_array_index(who->changes, WhoChange, i);
    add_date(sheet, change->day);
    sheet_add(sheet, change->target ? change->target : _("records"));
    sheet_add(sheet, change->what);
    add_format(sheet, "%s → %s", change->old_value ? change->old_value : "-",
               change->new_value ? change->new_value : "-");
  }
}

static void fill_holds(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->holds->len; i++) {
    const WhoHold *hold = &g_array_index(who->holds, WhoHold, i);
    add_format(sheet, "%" G_GINT64_FORMAT, hold->id);
    add_format(sheet, "%s %s", hold->kind, hold->name);
    add_instant(sheet, hold->since);
    add_date(sheet, hold->until);
    add_format(sheet, _("ask %s"), hold->who);
  }
}

static void fill_ops(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->ops->len; i++) {
    const WhoOp *op = &g_array_index(who->ops, WhoOp, i);
    add_format(sheet, "%" G_GINT64_FORMAT "#%u", op->run, op->n);
    add_instant(sheet, op->when);
    sheet_add(sheet, op->target);
    sheet_add(sheet, op->kind);
    sheet_add(sheet, op->object);
    sheet_add(sheet, op->state);
    sheet_add(sheet, op->detail);
  }
}

static void fill_restrictions(const Who *who, Sheet *sheet)
{
  for (guint i = 0; i < who->restrictions->len; i++) {
    const RestrictionRow *row = &g_array_index(who->restrictions, RestrictionRow, i);
    add_format(sheet, "%" G_GINT64_FORMAT, row->id);
    add_format(sheet, "%s %s", row->target, row->object);
    add_format(sheet, "%s %s", row->what, row->group);
    sheet_add(sheet, row->cause);
    add_span(sheet, date_of_instant(row->since), row->until);
    sheet_add(sheet, row->who);
    sheet_add(sheet, row->reason);
  }
}

typedef struct Section {
  const char *title;
  size_t n_columns;
  void (*fill)(const Who *who, Sheet *sheet);
} Section;

static const Section before_targets[] = {
    {N_("What comes next"), 4, fill_changes},
    {N_("Holds"), 5, fill_holds},
    {N_("Restrictions"), 7, fill_restrictions},
    {N_("Numbers and names"), 3, fill_numbers},
    {N_("States"), 3, fill_states},
    {N_("Posts"), 6, fill_posts},
    {N_("Orders"), 7, fill_orders},
    {N_("Records"), 3, fill_facts},
};

static const Section after_targets[] = {
    {N_("Last operations"), 7, fill_ops},
};

// A section with nothing in it is left out.
static void put_section(const ReportWho *what, const Section *section, GString *out)
{
  Sheet sheet;
  sheet_open(&sheet, section->n_columns);
  section->fill(what->who, &sheet);
  if (sheet.cells->len > 0) {
    put_title(what, _(section->title), out);
    sheet_put(&sheet, INDENT, out);
  }
  sheet_close(&sheet);
}

// ---------------------------------------------------------------------------------------------
// Targets.

static void append_values(const OpValue *values, size_t n, GString *out)
{
  for (size_t i = 0; i < n; i++) {
    if (i > 0)
      g_string_append(out, "; ");
    if (values[i].kind == VALUE_SECRET)
      g_string_append(out, _("(secret)"));
    else
      g_string_append_len(out, values[i].bytes, (gssize)values[i].n);
  }
}

static void append_when(GString *out, Instant from)
{
  if (from == INSTANT_NONE)
    return;
  g_string_append(out, _(" from "));
  date_format(date_of_instant(from), out);
}

// A place without the target's base.
static void add_place(Sheet *sheet, const Look *look, const char *dn)
{
  size_t n = strlen(dn), n_base = strlen(look->base);
  bool below =
      n > n_base + 1 && dn[n - n_base - 1] == ',' && strcmp(dn + n - n_base, look->base) == 0;
  g_autofree char *shown = g_strndup(dn, below ? n - n_base - 1 : n);
  sheet_add(sheet, shown);
}

// What is there, next to what should be: "=" when these are the same bytes, nothing when it is not known.
static void add_has(Sheet *sheet, const Look *look, const LookAttr *attribute, const char *should)
{
  g_autoptr(GString) has = g_string_new(NULL);
  append_values(attribute->has, attribute->n_has, has);
  if (!look->read)
    sheet_add(sheet, "?");
  else if (!attribute->differs && strcmp(has->str, should) == 0)
    sheet_add(sheet, "=");
  else if (has->len == 0 && attribute->n_should > 0 && attribute->should[0].kind == VALUE_SECRET)
    sheet_add(sheet, _("(not shown)"));
  else
    sheet_add(sheet, has->len > 0 ? has->str : "-");
}

static void add_reason(Sheet *sheet, const char *rule, const char *source, const char *order)
{
  add_format(sheet, "%s%s%s%s%s", rule, *source ? "; " : "", source, *order ? "; " : "", order);
}

static void add_mark(Sheet *sheet, bool differs, Instant from)
{
  g_autoptr(GString) mark = g_string_new(differs ? "≠" : "");
  if (differs)
    append_when(mark, from);
  sheet_add(sheet, mark->str);
}

static void add_attribute(Sheet *sheet, const Look *look, const LookAttr *attribute)
{
  g_autoptr(GString) should = g_string_new(NULL);
  append_values(attribute->should, attribute->n_should, should);
  add_mark(sheet, attribute->differs, attribute->from);
  sheet_add(sheet, attribute->name);
  if (attribute->managed)
    sheet_add(sheet, should->len > 0 ? should->str : _("(none)"));
  else
    sheet_add(sheet, _("(as it is)"));
  add_has(sheet, look, attribute, should->str);
  add_reason(sheet, attribute->rule, attribute->source, attribute->order);
}

static const char *enabled_word(Enabled enabled)
{
  return enabled == ENABLED_NO ? _("disabled") : enabled == ENABLED_YES ? _("enabled") : "";
}

static const char *wanted_word(const LookEntry *entry)
{
  if (entry->presence == PRESENCE_ABSENT)
    return _("deleted");
  return entry->enabled == ENABLED_UNMANAGED ? _("(as it is)") : enabled_word(entry->enabled);
}

static const Op *state_op(const LookEntry *entry)
{
  return entry->create ? entry->create : entry->remove ? entry->remove : entry->enable;
}

static const char *there_word(const Look *look, const LookEntry *entry)
{
  if (!look->read)
    return "?";
  if (entry->found && !state_op(entry) && entry->is_enabled == entry->enabled)
    return "=";
  return !entry->found                            ? _("not there")
         : entry->is_enabled == ENABLED_UNMANAGED ? _("there")
                                                  : enabled_word(entry->is_enabled);
}

// State and place, as if they were attributes.
static void add_state(Sheet *sheet, const Look *look, const LookEntry *entry)
{
  const Op *op = state_op(entry);
  g_autofree char *rule =
      g_strdup_printf("%s%s%s", entry->reason, *entry->reason ? "; " : "", entry->rule);
  add_mark(sheet, op != NULL, op ? op->not_before : INSTANT_NONE);
  sheet_add(sheet, _("state"));
  sheet_add(sheet, wanted_word(entry));
  sheet_add(sheet, there_word(look, entry));
  add_reason(sheet, rule, entry->source, entry->order);
}

static void add_places(Sheet *sheet, const Look *look, const LookEntry *entry)
{
  add_mark(sheet, entry->move != NULL, entry->move ? entry->move->not_before : INSTANT_NONE);
  sheet_add(sheet, _("place"));
  if (*entry->place)
    add_place(sheet, look, entry->place);
  else
    sheet_add(sheet, _("(as it is)"));
  if (!look->read)
    sheet_add(sheet, "?");
  else if (!entry->found)
    sheet_add(sheet, "-");
  else if (strcmp(entry->dn, entry->place) == 0)
    sheet_add(sheet, "=");
  else
    add_place(sheet, look, entry->dn);
  sheet_add(sheet, NULL);
}

// A group that no mapping knows is told by its place.
static void add_stranger(Sheet *sheet, const Look *look, const LookGroup *group)
{
  add_mark(sheet, false, INSTANT_NONE);
  sheet_add(sheet, _("group"));
  add_place(sheet, look, group->name);
  sheet_add(sheet, _("member"));
  if (group->through)
    add_format(sheet, _("through the group %s"), group->through);
  else
    sheet_add(sheet, group->primary ? _("as the primary group") : _("not ours: left alone"));
}

static void add_group(Sheet *sheet, const Look *look, const LookGroup *group)
{
  const char *is = group->has ? _("member") : _("not a member");
  if (!group->ours) {
    add_stranger(sheet, look, group);
    return;
  }
  add_mark(sheet, group->differs, group->from);
  add_format(sheet, _("group %s"), group->name);
  sheet_add(sheet, group->should ? _("member") : _("not a member"));
  sheet_add(sheet, !look->read ? "?" : group->should == group->has ? "=" : is);
  add_reason(sheet, group->rule, group->source, group->order);
}

static void put_entry_title(const ReportWho *what, const Look *look, const LookEntry *entry,
                            GString *out)
{
  g_autoptr(GString) title = g_string_new(NULL);
  g_autofree char *text = g_strdup_printf("%s: %s %s", look->target, entry->object, entry->name);
  escape_text(title, text, ESCAPE_TERMINAL);
  if (entry->proposed) {
    g_string_append(title, _(" (its name will be "));
    escape_text(title, entry->proposed, ESCAPE_TERMINAL);
    g_string_append_c(title, ')');
  }
  put_title(what, title->str, out);
}

static void put_entry(const ReportWho *what, const Look *look, const LookEntry *entry, GString *out)
{
  size_t width = (size_t)MAX(what->width == 0 ? WIDTH_DEFAULT : what->width, WIDTH_LEAST);
  Sheet sheet;
  sheet_open(&sheet, 5);
  sheet.most[1] = ATTRIBUTE_MOST;
  sheet.most[2] = sheet.most[3] = (width - SOURCE_COLUMNS) / 2;
  put_entry_title(what, look, entry, out);
  const char *const heads[] = {"", _("attribute"), _("should be"), _("is"), _("because of")};
  for (size_t i = 0; i < G_N_ELEMENTS(heads); i++)
    sheet_add(&sheet, heads[i]);
  add_state(&sheet, look, entry);
  add_places(&sheet, look, entry);
  for (size_t i = 0; i < entry->n_attributes; i++)
    add_attribute(&sheet, look, &entry->attributes[i]);
  for (size_t i = 0; i < entry->n_groups; i++)
    add_group(&sheet, look, &entry->groups[i]);
  sheet_put(&sheet, INDENT, out);
  sheet_close(&sheet);
}

// What waits for somebody's word, each once.
static void put_confirms(const Look *look, GString *out)
{
  g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; look->ops[i]; i++) {
    const char *confirm = look->ops[i]->confirm;
    if (!confirm || !g_hash_table_add(told, (gpointer)confirm))
      continue;
    g_string_append_printf(out, "%*s%s", INDENT, "", _("waits for somebody's word: "));
    escape_text(out, confirm, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
}

static void put_target(const ReportWho *what, const WhoTarget *target, GString *out)
{
  const Look *look = target->look;
  if (target->unread) {
    g_string_append_c(out, '\n');
    g_string_append_printf(out, _("%s could not be read: "), target->target);
    escape_text(out, target->unread, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  for (size_t i = 0; i < look->n_entries; i++)
    put_entry(what, look, &look->entries[i], out);
  put_confirms(look, out);
  for (size_t i = 0; look->notes[i]; i++) {
    g_string_append_printf(out, "%*s", INDENT, "");
    escape_text(out, look->notes[i]->object, ESCAPE_TERMINAL);
    g_string_append(out, ": ");
    escape_text(out, look->notes[i]->text, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
}

// ---------------------------------------------------------------------------------------------

void report_who_text(const ReportWho *what, GString *out)
{
  const Who *who = what->who;
  put_head(what, out);
  put_bars(what, out);
  for (size_t i = 0; i < G_N_ELEMENTS(before_targets); i++)
    put_section(what, &before_targets[i], out);
  for (guint i = 0; i < who->targets->len; i++)
    put_target(what, &g_array_index(who->targets, WhoTarget, i), out);
  for (size_t i = 0; i < G_N_ELEMENTS(after_targets); i++)
    put_section(what, &after_targets[i], out);
  if (findings_count(who->findings) == 0)
    return;
  put_title(what, _("Findings"), out);
  report_findings(who->findings, false, out);
}

void report_who_list(const WhoList *list, bool json, GString *out)
{
  if (json) {
    report_json_dump(report_json_list(list), out);
    return;
  }
  Sheet sheet;
  sheet_open(&sheet, 5);
  for (guint i = 0; i < list->matches->len; i++) {
    const WhoMatch *match = &g_array_index(list->matches, WhoMatch, i);
    add_format(&sheet, "%s/%s", match->space, match->number);
    sheet_add(&sheet, match->name);
    sheet_add(&sheet, match->kana);
    sheet_add(&sheet, match->unit);
    sheet_add(&sheet, match->state);
  }
  sheet_put(&sheet, INDENT, out);
  sheet_close(&sheet);
}
