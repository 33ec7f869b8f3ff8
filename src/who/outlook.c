// SPDX-License-Identifier: GPL-3.0-or-later
//
// What comes next. A person's records change on days that their facts name; rules act on these days, or some
// days before or after. Each such day is derived and compared with the one before it, so that what is told is
// what the rules will want, whatever they are.
#include "who_p.h"

#include <string.h>

#define MOST_DAYS 24
#define MOST_AHEAD 4000  // days

// What -> value.
typedef GHashTable Lines;

static Lines *new_lines(void)
{
  return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

// ---------------------------------------------------------------------------------------------
// The days.

static void add_day(const Page *page, GHashTable *days, int64_t day)
{
  int64_t after = page->setup->as_of;
  if (day > after && day <= after + MOST_AHEAD)
    g_hash_table_add(days, GINT_TO_POINTER((gint)day));
}

static void add_around(const Page *page, GHashTable *days, Date event)
{
  const WhoSetup *setup = page->setup;
  if (event == DATE_NONE || event == DATE_OPEN)
    return;
  g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Date));
  add_day(page, days, event);  // of the records, whatever targets there are
  for (size_t i = 0; i < setup->n_targets; i++)
    mapping_days(setup->mapping, setup->targets[i].config->name, event, found);
  for (guint i = 0; i < found->len; i++)
    add_day(page, days, g_array_index(found, Date, i));
}

static int by_day(const void *a, const void *b)
{
  Date x = *(const Date *)a, y = *(const Date *)b;
  return (x > y) - (x < y);
}

static GArray *list_days(GHashTable *days)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(Date));
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init(&iter, days);
  while (g_hash_table_iter_next(&iter, &key, NULL)) {
    Date day = GPOINTER_TO_INT(key);
    g_array_append_val(list, day);
  }
  g_array_sort(list, by_day);
  g_array_set_size(list, MIN(list->len, MOST_DAYS));
  return list;
}

static GArray *find_days(const Page *page, GError **error)
{
  const WhoSetup *setup = page->setup;
  g_autoptr(GHashTable) days = g_hash_table_new(NULL, NULL);
  g_autoptr(FactScan) scan =
      store_facts_of(setup->store, SUBJECT_PERSON, page->who->person, setup->known_at, error);
  GError *fault = NULL;
  Fact fact;
  if (!scan)
    return NULL;
  while (fact_scan_next(scan, &fact, &fault)) {
    add_around(page, days, fact.valid_from);
    add_around(page, days, fact.valid_to);
  }
  if (fault) {
    g_propagate_error(error, fault);
    return NULL;
  }
  g_autoptr(GArray) exceptions = g_array_new(FALSE, FALSE, sizeof(Date));
  mapping_exception_days(setup->mapping, page->who->number, exceptions);
  for (guint i = 0; i < exceptions->len; i++)
    add_day(page, days, g_array_index(exceptions, Date, i));
  return list_days(days);
}

// ---------------------------------------------------------------------------------------------
// What the rules want on a day, as lines.

static const char *presence_word(const Entry *entry)
{
  if (entry->presence == PRESENCE_ABSENT)
    return "deleted";
  return entry->enabled == ENABLED_NO ? "disabled" : "enabled";
}

static void put_text(Lines *lines, const char *object, const char *what, GString *value)
{
  g_hash_table_replace(lines, g_strdup_printf("%s%s", object, what), g_strdup(value->str));
}

static void append_value(const Table *table, const Value *value, GString *out)
{
  if (out->len > 0)
    g_string_append(out, "; ");
  if (value->kind == VALUE_TEXT)
    g_string_append_len(out, value->bytes, value->n_bytes);
  else if (value->kind == VALUE_REF)
    table_place(table, value->ref, "", out);
}

static void put_attributes(const Table *table, const Entry *entry, const char *object, Lines *lines)
{
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    g_autofree char *what =
        g_strdup_printf(".%s", schema_at(table_schema(table), packed.attr)->name);
    g_autoptr(GString) text = g_string_new(NULL);
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++) {
      Value value;
      at = packed_value(at, &value);
      append_value(table, &value, text);
    }
    if (packed.policy != POLICY_ONCE && packed.policy != POLICY_KEEP)
      put_text(lines, object, what, text);
  }
}

static void put_groups(const Table *table, uint32_t member, const char *object, Lines *lines)
{
  for (uint32_t group = 0; group < table_count(table); group++) {
    size_t n = 0;
    const Edge *edges = table_edges(table, group, &n);
    for (size_t i = 0; i < n; i++)
      if (edges[i].member == member)
        g_hash_table_replace(
            lines, g_strdup_printf("%s group %s", object, entry_key(table_at(table, group))),
            g_strdup("member"));
  }
}

// "role/yamada/税照会/2027-04-01": what is given is told as one thing, without its details.
static void put_given(const Table *table, uint32_t index, Lines *lines)
{
  static const char *const words[] = {[PRESENCE_PRESENT] = "given",
                                      [PRESENCE_RETAINED] = "left as it is",
                                      [PRESENCE_CLOSED] = "over",
                                      [PRESENCE_ABSENT] = "over"};
  const Entry *entry = table_at(table, index);
  const char *word = words[entry->presence], *reason = entry_reason(entry);
  g_autofree char *what =
      g_strdup_printf("%s/%s", table_klass_name(table, entry->klass), entry_key(entry));
  g_autoptr(GString) text = g_string_new(word ? word : "");
  if (*reason)
    g_string_append_printf(text, " (%s)", reason);
  put_text(lines, what, "", text);
}

static void put_entry(const Table *table, uint32_t index, Lines *lines)
{
  const Entry *entry = table_at(table, index);
  if (table_shares_subjects(table, entry->klass)) {
    put_given(table, index, lines);
    return;
  }
  g_autoptr(GString) object = g_string_new(table_klass_name(table, entry->klass));
  g_autoptr(GString) text = g_string_new(presence_word(entry));
  const char *reason = entry_reason(entry);
  if (*reason)
    g_string_append_printf(text, " (%s)", reason);
  put_text(lines, object->str, "", text);
  g_string_truncate(text, 0);
  table_place(table, index, "", text);
  put_text(lines, object->str, " place", text);
  put_attributes(table, entry, object->str, lines);
  put_groups(table, index, object->str, lines);
}

typedef struct Day {
  const Page *page;
  const char *target;
  const Roster *roster;
  const Derive *derive;
  const Table *table;
} Day;

static bool is_own(const Day *day, const Entry *entry)
{
  const Mapping *mapping = day->page->setup->mapping;
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++)
    if (entry->klass != KLASS_CONTAINER && derive_klass(day->derive, i) == entry->klass)
      return (mapping_klass(mapping, i)->subject == FOR_PERSON ||
              mapping_klass(mapping, i)->subject == FOR_ASSIGNMENT) &&
             entry->subject == day->page->who->person;
  return false;
}

// Whoever has no name yet joins no groups: any name will do to see which.
static bool name_somehow(Derive *derive, GError **error)
{
  size_t n = 0;
  const Unnamed *list = derive_unnamed(derive, &n);
  g_autofree Unnamed *unnamed = g_memdup2(list, n * sizeof *list);
  for (size_t i = 0; i < n; i++) {
    g_autoptr(GString) name = g_string_new(NULL);
    if (!unnamed[i].follows && derive_candidate(derive, &unnamed[i], 0, name, NULL) &&
        !derive_name(derive, &unnamed[i], name->str, error))
      return false;
  }
  return true;
}

static bool derive_day(Day *day, Derive *derive, Table *table, Lines *lines, GError **error)
{
  GError *fault = NULL;
  g_autoptr(Findings) repeated = findings_new();
  if (!derive_frame(derive, error))
    return false;
  // Nobody is known of whom nothing is known yet.
  if (!derive_person(derive, day->page->who->person, &fault) && fault) {
    g_propagate_error(error, fault);
    return false;
  }
  if (!name_somehow(derive, error))
    return false;
  table_freeze(table, repeated);
  day->derive = derive;
  day->table = table;
  for (uint32_t i = 0; i < table_count(table); i++)
    if (is_own(day, table_at(table, i)))
      put_entry(table, i, lines);
  return true;
}

static bool lines_on(const Page *page, const char *target, Date date, Lines *lines, GError **error)
{
  const WhoSetup *setup = page->setup;
  if (!target)
    return who_records_on((Page *)page, date, lines, error);
  RosterWhen when = {.as_of = date, .known_at = setup->known_at};
  mapping_horizon(setup->mapping, target, &when.grace_days, &when.early_days);
  g_autoptr(Roster) roster = roster_open(setup->store, &when, error);
  if (!roster)
    return false;
  g_autoptr(Schema) schema = schema_new();
  g_autoptr(Table) table = table_new(schema);
  g_autoptr(Findings) repeated = findings_new();
  DeriveSetup how = {.mapping = setup->mapping,
                     .target = target,
                     .roster = roster,
                     .table = table,
                     .findings = repeated};
  g_autoptr(Derive) derive = derive_open(&how, error);
  Day day = {.page = page, .target = target, .roster = roster};
  return derive && derive_day(&day, derive, table, lines, error);
}

// ---------------------------------------------------------------------------------------------
// Differences.

// The entry that a line is about: "account" of "account.title" and of "account place".
static char *object_of(const char *what)
{
  size_t n = strcspn(what, ". /");
  return what[n] == '/' ? g_strdup(what) : g_strndup(what, n);
}

// Details of an entry that is made or is no longer described are no news of their own; memberships are.
static bool is_news(const char *what, const Lines *before, const Lines *after)
{
  g_autofree char *object = object_of(what);
  if (strcmp(object, what) == 0 || strstr(what, " group "))
    return true;
  return g_hash_table_contains((Lines *)before, object) &&
         g_hash_table_contains((Lines *)after, what);
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *names_of_both(Lines *before, Lines *after)
{
  GPtrArray *names = g_ptr_array_new();
  GHashTableIter iter;
  gpointer what;
  g_hash_table_iter_init(&iter, before);
  while (g_hash_table_iter_next(&iter, &what, NULL))
    g_ptr_array_add(names, what);
  g_hash_table_iter_init(&iter, after);
  while (g_hash_table_iter_next(&iter, &what, NULL))
    if (!g_hash_table_contains(before, what))
      g_ptr_array_add(names, what);
  g_ptr_array_sort(names, by_text);
  return names;
}

static void tell(Page *page, const WhoChange *frame, Lines *before, Lines *after)
{
  g_autoptr(GPtrArray) names = names_of_both(before, after);
  for (guint i = 0; i < names->len; i++) {
    const char *what = g_ptr_array_index(names, i);
    const char *old_value = g_hash_table_lookup(before, what);
    const char *new_value = g_hash_table_lookup(after, what);
    if (g_strcmp0(old_value, new_value) == 0 || (frame->target && !is_news(what, before, after)))
      continue;
    WhoChange change = *frame;
    change.what = who_keep(page, what);
    change.old_value = old_value ? who_keep(page, old_value) : NULL;
    change.new_value = new_value ? who_keep(page, new_value) : NULL;
    g_array_append_val(page->who->changes, change);
  }
}

// `target` NULL: the records.
static bool compare_days(Page *page, const char *target, const GArray *days, GError **error)
{
  g_autoptr(GHashTable) before = new_lines();
  if (!lines_on(page, target, page->setup->as_of, before, error))
    return false;
  for (guint i = 0; i < days->len; i++) {
    WhoChange frame = {.day = g_array_index(days, Date, i),
                       .target = target ? who_keep(page, target) : NULL};
    g_autoptr(GHashTable) after = new_lines();
    if (!lines_on(page, target, frame.day, after, error))
      return false;
    tell(page, &frame, before, after);
    Lines *swap = before;
    before = after;
    after = swap;
  }
  return true;
}

// Of one day the records first; g_array_sort is stable.
static int by_change_day(const void *a, const void *b)
{
  const WhoChange *x = a, *y = b;
  return (x->day > y->day) - (x->day < y->day);
}

bool who_outlook(Page *page, GError **error)
{
  g_autoptr(GArray) days = find_days(page, error);
  if (!days || !compare_days(page, NULL, days, error))
    return false;
  for (size_t i = 0; i < page->setup->n_targets; i++)
    if (!compare_days(page, page->setup->targets[i].config->name, days, error))
      return false;
  g_array_sort(page->who->changes, by_change_day);
  return true;
}
