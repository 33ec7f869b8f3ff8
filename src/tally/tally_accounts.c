// SPDX-License-Identifier: GPL-3.0-or-later
//
// Each target's accounts, as the rules derive them today, held against what is bound.
#include "tally_p.h"

static const char *const standings[TALLY_N_STANDINGS] = {"on",      "off",    "kept",
                                                         "leaving", "coming", "unruled"};

const char *tally_standing_name(TallyStanding standing)
{
  return standings[standing];
}

// One target.
typedef struct Book {
  const TallyAccounts *ask;
  const char *target;
  Roster *roster;
  GHashTable *pasts;
  Schema *schema;
  Table *table;
  GHashTable *rights;  // member entry -> GString of keys
  GHashTable *bound;   // object -> stable id: those that are still to be told
  TallyAccountFunc func;
  void *data;
  bool stopped;
} Book;

// ---------------------------------------------------------------------------------------------

// NULL when it has none; caller frees.
static char *value_of(const Book *book, const Entry *entry, const char *attribute)
{
  AttrId wanted;
  Packed packed;
  Cursor cursor = entry_cursor(entry);
  if (!schema_find(book->schema, attribute, &wanted))
    return NULL;
  while (cursor_next(&cursor, &packed)) {
    Value value;
    if (packed.attr != wanted || packed.n_values == 0)
      continue;
    packed_value(packed.at, &value);
    return value.kind == VALUE_TEXT && value.n_bytes > 0 ? g_strndup(value.bytes, value.n_bytes)
                                                         : NULL;
  }
  return NULL;
}

// Of rows and of what is given the key is what they are known by.
static char *id_of(const Book *book, const Entry *entry)
{
  static const char *const attributes[] = {"sAMAccountName", "uid", "userPrincipalName", "userName",
                                           "mail"};
  bool is_row = g_str_has_prefix(entry_rdn(entry), "row=");
  for (size_t i = 0; !is_row && i < G_N_ELEMENTS(attributes); i++) {
    char *value = value_of(book, entry, attributes[i]);
    if (value)
      return value;
  }
  const char *value = strchr(entry_rdn(entry), '=');
  return g_strdup(value ? value + 1 : entry_key(entry));
}

static TallyStanding standing_of(const Entry *entry, bool bound)
{
  static const TallyStanding by_presence[] = {[PRESENCE_GIVEN] = TALLY_KEPT,
                                              [PRESENCE_PRESENT] = TALLY_ON,
                                              [PRESENCE_RETAINED] = TALLY_ON,
                                              [PRESENCE_ABSENT] = TALLY_LEAVING,
                                              [PRESENCE_CLOSED] = TALLY_KEPT};
  if (!bound)
    return TALLY_COMING;
  TallyStanding standing = by_presence[entry->presence];
  return standing == TALLY_ON && entry->enabled == ENABLED_NO ? TALLY_OFF : standing;
}

static const char *main_unit(const Person *person)
{
  for (size_t i = 0; person && i < person->n_posts; i++)
    if (person->posts[i].main && person->posts[i].unit)
      return person->posts[i].unit;
  return "";
}

static bool is_asked(const TallyAccounts *ask, const Person *person)
{
  if (!person || g_strcmp0(person->number, ask->number) == 0)
    return person != NULL;
  g_autofree char *space = space_of(ask->store, person);
  g_autofree char *whole = g_strjoin("/", space, person->number, NULL);
  return strcmp(whole, ask->number) == 0;
}

static bool is_meant(const Book *book, const Person *person)
{
  const TallyAccounts *ask = book->ask;
  return (!ask->number || is_asked(ask, person)) &&
         (!ask->unit || strcmp(main_unit(person), ask->unit) == 0);
}

static const char *or_nothing(const char *text)
{
  return text ? text : "";
}

static void add_person(const Book *book, const Person *person, TallyAccount *out)
{
  const Unit *unit = person ? roster_unit(book->roster, main_unit(person)) : NULL;
  const char *until = person ? person->fields[FIELD_UNTIL] : NULL;
  out->number = person ? or_nothing(person->number) : "";
  out->name = person ? or_nothing(person->fields[FIELD_NAME]) : "";
  out->state = person ? state_name(person->state) : "";
  out->unit = main_unit(person);
  out->unit_name = unit ? or_nothing(unit->name) : "";
  out->until = DATE_NONE;
  if (until && !date_parse_iso(until, &out->until))
    out->until = DATE_NONE;
}

static void add_past(const Book *book, TallyAccount *out)
{
  static const AccountPast none = {INSTANT_NONE, INSTANT_NONE, INSTANT_NONE,
                                   INSTANT_NONE, NULL,         NULL};
  const AccountPast *past = accounts_past_of(book->pasts, out->target, out->object);
  past = past ? past : &none;
  out->created = past->created;
  out->bound = past->bound;
  out->off = past->off;
  out->used = past->used;
  out->used_source = or_nothing(past->used_source);
  out->restrictions = past->restrictions ? past->restrictions->str : "";
}

static void tell(Book *book, TallyAccount *account, uint32_t id, GError **error)
{
  const Person *person = NULL;
  GError *fault = NULL;
  if (!roster_person(book->roster, id, &person, &fault)) {
    g_propagate_error(error, fault);
    book->stopped = true;
    return;
  }
  if (!is_meant(book, person))
    return;
  g_autofree char *space = person ? space_of(book->ask->store, person) : g_strdup("");
  account->space = space;
  add_person(book, person, account);
  add_past(book, account);
  if (!book->func(account, book->data))
    book->stopped = true;
}

// ---------------------------------------------------------------------------------------------
// Entries of people that the rules speak of.

static uint32_t person_of(const Book *book, const Klass *klass, uint32_t subject)
{
  return klass && klass->subject == FOR_POST ? store_post_person(book->ask->store, subject)
                                             : subject;
}

static const Klass *klass_named(const Book *book, const char *name)
{
  for (size_t i = 0; i < mapping_n_klasses(book->ask->mapping); i++) {
    const Klass *klass = mapping_klass(book->ask->mapping, i);
    if (strcmp(klass->target, book->target) == 0 && strcmp(klass->name, name) == 0)
      return klass;
  }
  return NULL;
}

static void tell_entry(Book *book, uint32_t index, const Klass *klass, GError **error)
{
  const Entry *entry = table_at(book->table, index);
  g_autoptr(GString) object = g_string_new(NULL);
  g_autoptr(GString) place = g_string_new(NULL);
  table_object(book->table, index, object);
  gpointer stable_id = NULL, key = NULL;
  bool bound = g_hash_table_steal_extended(book->bound, object->str, &key, &stable_id);
  g_autofree char *id = id_of(book, entry);
  const GString *rights = g_hash_table_lookup(book->rights, GUINT_TO_POINTER(index));
  table_place(book->table, index, "", place);
  TallyAccount account = {.target = book->target,
                          .klass = klass->name,
                          .object = object->str,
                          .id = id,
                          .place = place->str,
                          .rights = rights ? rights->str : "",
                          .reason = entry_reason(entry),
                          .standing = standing_of(entry, bound),
                          .stable_id = stable_id ? stable_id : ""};
  if (bound || entry->presence == PRESENCE_PRESENT)
    tell(book, &account, person_of(book, klass, entry->subject), error);
  g_free(key);
  g_free(stable_id);
}

// Who is bound though no rule speaks of them: "account/17".
static void tell_rest(Book *book, GError **error)
{
  g_autoptr(GList) objects = g_list_sort(g_hash_table_get_keys(book->bound), (GCompareFunc)strcmp);
  for (const GList *at = objects; at && !book->stopped; at = at->next) {
    const char *object = at->data, *slash = strchr(object, '/');
    uint32_t subject = slash ? (uint32_t)g_ascii_strtoull(slash + 1, NULL, 10) : 0;
    g_autofree char *klass = g_strndup(object, slash ? (gsize)(slash - object) : strlen(object));
    uint32_t person = person_of(book, klass_named(book, klass), subject);
    TallyAccount account = {.target = book->target,
                            .klass = klass,
                            .object = object,
                            .id = "",
                            .place = "",
                            .rights = "",
                            .reason = "",
                            .standing = TALLY_UNRULED,
                            .stable_id = g_hash_table_lookup(book->bound, object)};
    if (person != 0)
      tell(book, &account, person, error);
  }
}

static bool take_binding(const char *object, const char *stable_id, void *data)
{
  g_hash_table_insert(data, g_strdup(object), g_strdup(stable_id));
  return true;
}

static void free_text(void *data)
{
  g_string_free(data, true);
}

static void add_right(Book *book, uint32_t group, uint32_t member)
{
  GString *rights = g_hash_table_lookup(book->rights, GUINT_TO_POINTER(member));
  if (!rights) {
    rights = g_string_new(NULL);
    g_hash_table_insert(book->rights, GUINT_TO_POINTER(member), rights);
  }
  g_string_append_printf(rights, "%s%s", rights->len > 0 ? "|" : "",
                         entry_key(table_at(book->table, group)));
}

static void find_rights(Book *book)
{
  for (uint32_t group = 0; group < table_count(book->table); group++) {
    size_t n = 0;
    const Edge *edges = table_edges(book->table, group, &n);
    for (size_t i = 0; i < n; i++)
      add_right(book, group, edges[i].member);
  }
}

static void tell_entries(Book *book, const Derive *derive, GError **error)
{
  static const MappingFor of_people[] = {FOR_PERSON, FOR_POST, FOR_ASSIGNMENT};
  for (size_t i = 0; i < mapping_n_klasses(book->ask->mapping); i++) {
    const Klass *klass = mapping_klass(book->ask->mapping, i);
    uint16_t number = derive_klass(derive, i);
    bool person = false;
    for (size_t k = 0; k < G_N_ELEMENTS(of_people); k++)
      person |= klass->subject == of_people[k];
    for (uint32_t n = 0; person && number != 0 && n < table_count(book->table); n++)
      if (table_at(book->table, n)->klass == number && !book->stopped)
        tell_entry(book, n, klass, error);
  }
}

// Units and groups are bound, too, and are nobody's account.
static void forget_others(Book *book, const Derive *derive)
{
  for (size_t i = 0; i < mapping_n_klasses(book->ask->mapping); i++) {
    const Klass *klass = mapping_klass(book->ask->mapping, i);
    if (derive_klass(derive, i) == 0 || (klass->subject != FOR_UNIT && klass->subject != FOR_GROUP))
      continue;
    g_autofree char *prefix = g_strconcat(klass->name, "/", NULL);
    GHashTableIter iter;
    gpointer object;
    g_hash_table_iter_init(&iter, book->bound);
    while (g_hash_table_iter_next(&iter, &object, NULL))
      if (g_str_has_prefix(object, prefix))
        g_hash_table_iter_remove(&iter);
  }
}

// ---------------------------------------------------------------------------------------------

static Roster *open_roster(const TallyAccounts *ask, const char *target, GError **error)
{
  RosterWhen when = {.as_of = date_of_instant(ask->now),
                     .known_at = store_known_by(ask->store, ask->now)};
  mapping_horizon(ask->mapping, target, &when.grace_days, &when.early_days);
  return roster_open(ask->store, &when, error);
}

static bool tell_book(Book *book, GError **error)
{
  GError *fault = NULL;
  DeriveSetup setup = {.mapping = book->ask->mapping,
                       .target = book->target,
                       .roster = book->roster,
                       .table = book->table,
                       .findings = book->ask->findings};
  g_autoptr(Derive) derive = derive_open(&setup, error);
  if (!derive || !derive_all(derive, error) ||
      !store_bindings_each(book->ask->store, book->target, take_binding, book->bound, error))
    return false;
  table_freeze(book->table, book->ask->findings);
  find_rights(book);
  tell_entries(book, derive, &fault);
  forget_others(book, derive);
  if (!fault && !book->stopped)
    tell_rest(book, &fault);
  if (fault)
    g_propagate_error(error, fault);
  return !fault;
}

static bool has_rules(const TallyAccounts *ask, const char *target)
{
  for (size_t i = 0; i < mapping_n_klasses(ask->mapping); i++)
    if (strcmp(mapping_klass(ask->mapping, i)->target, target) == 0)
      return true;
  return false;
}

static bool tell_target(Book *book, GError **error)
{
  g_autoptr(Roster) roster = open_roster(book->ask, book->target, error);
  g_autoptr(GHashTable) rights = g_hash_table_new_full(NULL, NULL, NULL, free_text);
  g_autoptr(GHashTable) bound = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  if (!roster)
    return false;
  book->roster = roster;
  book->rights = rights;
  book->bound = bound;
  book->schema = schema_new();
  book->table = table_new(book->schema);
  bool fine = tell_book(book, error);
  table_free(book->table);
  schema_free(book->schema);
  return fine;
}

bool tally_accounts(const TallyAccounts *ask, TallyAccountFunc func, void *data, GError **error)
{
  g_autoptr(GHashTable) pasts = accounts_past(ask->store, error);
  Book book = {.ask = ask, .pasts = pasts, .func = func, .data = data};
  if (!pasts)
    return false;
  for (const char *const *target = ask->targets; *target && !book.stopped; target++) {
    book.target = *target;
    if (ask->target && strcmp(ask->target, *target) != 0)
      continue;
    if (has_rules(ask, *target) && !tell_target(&book, error))
      return false;
  }
  return store_check(ask->store, error);
}
