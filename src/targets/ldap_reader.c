// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reading is on the path of every account every night, so values stay where the library received them:
// ldap_get_attribute_ber hands out pointers into the message, a third of what ldap_get_values_len costs.
#include "targets_p.h"

// Where the server can page, it is always asked to: at this size that costs a few percent
// (docs/targets.md), while a search that meets a limit after 100,000 entries has to begin anew.
#define PAGE_SIZE 5000
#define KEYS_A_FILTER 200
#define NONE SIZE_MAX

// The library's berval and our Bytes are one and the same in memory.
_Static_assert(sizeof(Bytes) == sizeof(struct berval) &&
                   offsetof(Bytes, n) == offsetof(struct berval, bv_len) &&
                   offsetof(Bytes, at) == offsetof(struct berval, bv_val),
               "Bytes must look like struct berval");

typedef enum SlotKind { SLOT_VALUE, SLOT_ID, SLOT_DISABLE } SlotKind;

// A name that an attribute may come back under: the one asked for, or another of its names.
typedef struct Slot {
  size_t n_name;
  const char *name;
  unsigned roles;  // bits by SlotKind
  AttrId attr;     // with SLOT_VALUE
  size_t next;     // slot that came after this one last time: entries of a kind are alike
} Slot;

typedef struct Reading {
  Link *link;
  const TargetConfig *config;
  const Schema *schema;
  const LdapSchema *known;
  ObservedFunc func;
  void *data;
  GArray *slots;          // Slot
  GPtrArray *asked;       // names to ask for, NULL-terminated at the end
  GArray *attributes;     // ObservedAttr of the entry at hand
  GPtrArray *held;        // value arrays of the entry at hand
  GString *id;            // … its id as text
  GHashTable *delivered;  // stable ids or DNs, when the keys need several searches; else NULL
  const char *base;       // of the search at hand
  int depth;              // LDAP_SCOPE_… of all
  size_t n_entries;
} Reading;

static bool fail(const Reading *reading, int code, const char *what, GError **error)
{
  g_autofree char *full = g_strdup_printf("%s: %s", reading->base, what);
  return ldap_link_fail(reading->link, code, full, error);
}

// ---------------------------------------------------------------------------------------------
// Names of attributes

static Slot *find_slot(const Reading *reading, const char *name)
{
  for (size_t i = 0; i < reading->slots->len; i++) {
    Slot *slot = &g_array_index(reading->slots, Slot, i);
    if (g_ascii_strcasecmp(slot->name, name) == 0)
      return slot;
  }
  return NULL;
}

static void add_role(Reading *reading, const char *name, SlotKind kind, AttrId attr)
{
  Slot *slot = find_slot(reading, name);
  if (!slot) {
    Slot new = {.n_name = strlen(name), .name = name};
    g_array_append_val(reading->slots, new);
    slot = &g_array_index(reading->slots, Slot, reading->slots->len - 1);
  }
  slot->roles |= 1u << kind;
  if (kind == SLOT_VALUE)
    slot->attr = attr;
}

// A server answers by the name it prefers: who asks for "surname" gets "sn".
static void ask_for(Reading *reading, const char *name, SlotKind kind, AttrId attr)
{
  g_ptr_array_add(reading->asked, (char *)name);
  add_role(reading, name, kind, attr);
  char **names = ldap_schema_names(reading->known, name);
  for (; names && *names; names++)
    add_role(reading, *names, kind, attr);
}

static void ask_for_all(Reading *reading, const Scope *scope)
{
  for (const char *const *name = scope->attributes; *name; name++) {
    AttrId id = 0;
    if (schema_find(reading->schema, *name, &id))
      ask_for(reading, *name, SLOT_VALUE, id);
  }
  // Operational attributes come only when named.
  ask_for(reading, reading->link->dialect->id_attribute, SLOT_ID, 0);
  if (reading->config->disable_attribute)
    ask_for(reading, reading->config->disable_attribute, SLOT_DISABLE, 0);
  g_ptr_array_add(reading->asked, NULL);
}

static bool is_slot(const Slot *slot, const struct berval *name)
{
  return slot->n_name == name->bv_len &&
         (memcmp(slot->name, name->bv_val, name->bv_len) == 0 ||
          g_ascii_strncasecmp(slot->name, name->bv_val, name->bv_len) == 0);
}

// The slot of a name, tried first where it was last time. NONE: not asked for.
static size_t slot_of(const Reading *reading, const struct berval *name, size_t guess)
{
  const Slot *slots = (const Slot *)reading->slots->data;
  if (guess < reading->slots->len && is_slot(&slots[guess], name))
    return guess;
  for (size_t i = 0; i < reading->slots->len; i++)
    if (is_slot(&slots[i], name))
      return i;
  return NONE;
}

// ---------------------------------------------------------------------------------------------
// One entry

static size_t count_values(const struct berval *values)
{
  size_t n = 0;
  while (values && values[n].bv_val)
    n++;
  return n;
}

static Enabled enabled_by(const Reading *reading, const Bytes *values, size_t n_values)
{
  for (size_t i = 0; i < n_values; i++)
    if (target_is_off(reading->config, values[i].at, values[i].n))
      return ENABLED_NO;
  return ENABLED_YES;
}

static void take(Reading *reading, const Slot *slot, const struct berval *values, Observed *entry)
{
  const Bytes *bytes = (const Bytes *)values;
  size_t n_values = count_values(values);
  if (!n_values)
    return;
  if (slot->roles & 1u << SLOT_ID) {
    g_string_truncate(reading->id, 0);
    if (reading->link->dialect->id_text(&bytes[0], reading->id))
      entry->stable_id = (Bytes){reading->id->len, reading->id->str};
  }
  if (slot->roles & 1u << SLOT_DISABLE)
    entry->enabled = enabled_by(reading, bytes, n_values);
  if (slot->roles & 1u << SLOT_VALUE) {
    ObservedAttr attr = {slot->attr, n_values, bytes};
    g_array_append_val(reading->attributes, attr);
  }
}

static int take_all(Reading *reading, LDAPMessage *message, BerElement *ber, Observed *entry)
{
  LDAP *ld = reading->link->ld;
  size_t first = 0;
  size_t *expected = &first;
  for (;;) {
    struct berval name = {0};
    BerVarray values = NULL;
    int code = ldap_get_attribute_ber(ld, message, ber, &name, &values);
    if (code != LDAP_SUCCESS || !name.bv_val)
      return code;
    if (values)
      g_ptr_array_add(reading->held, values);
    size_t i = slot_of(reading, &name, *expected);
    if (i == NONE)
      continue;
    *expected = i;
    Slot *slot = &g_array_index(reading->slots, Slot, i);
    expected = &slot->next;
    take(reading, slot, values, entry);
  }
}

static bool is_new(Reading *reading, const Observed *entry)
{
  if (!reading->delivered)
    return true;
  const Bytes *name = entry->stable_id.n ? &entry->stable_id : &entry->dn;
  return g_hash_table_add(reading->delivered, g_strndup(name->at, name->n));
}

static bool deliver(Reading *reading, LDAPMessage *message, GError **error)
{
  BerElement *ber = NULL;
  struct berval dn = {0};
  Observed entry = {.enabled =
                        reading->config->disable_attribute ? ENABLED_YES : ENABLED_UNMANAGED};
  g_array_set_size(reading->attributes, 0);
  int code = ldap_get_dn_ber(reading->link->ld, message, &ber, &dn);
  if (code == LDAP_SUCCESS)
    code = take_all(reading, message, ber, &entry);
  bool fine = code == LDAP_SUCCESS;
  if (fine) {
    entry.dn = (Bytes){dn.bv_len, dn.bv_val};
    entry.attributes = (const ObservedAttr *)reading->attributes->data;
    entry.n_attributes = reading->attributes->len;
    if (is_new(reading, &entry)) {
      fine = reading->func(&entry, reading->data, error);
      reading->n_entries += fine;
    }
  } else {
    fail(reading, code, _("an entry cannot be understood"), error);
  }
  ber_free(ber, 0);
  g_ptr_array_set_size(reading->held, 0);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// One search

static const struct {
  int code;
  const char *what;
} ends[] = {
    {LDAP_SIZELIMIT_EXCEEDED,
     N_("the server's size limit cut the reading short; raise the limit for this account")},
    {LDAP_TIMELIMIT_EXCEEDED,
     N_("the server's time limit cut the reading short; raise the limit for this account")},
    {LDAP_ADMINLIMIT_EXCEEDED,
     N_("a limit of the server cut the reading short; raise the limits for this account, or set "
        "page_size lower")},
    {LDAP_REFERRAL,
     N_("the server refers to another one for this; name that server, or a base that "
        "this one holds")},
    {LDAP_NO_SUCH_OBJECT,
     N_("there is no such place, or the account may not see it; make it, correct "
        "the mapping's place, or grant the right to read")},
    {LDAP_INSUFFICIENT_ACCESS, N_("the account has no right to read here; grant it")},
    {LDAP_SERVER_DOWN, N_("the connection was lost while reading; run again")},
    {LDAP_TIMEOUT, N_("the server fell silent while reading; run again, or raise the timeout")},
};

static bool fail_end(const Reading *reading, int code, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
    if (ends[i].code == code)
      return fail(reading, code, _(ends[i].what), error);
  return fail(reading, code, _("it could not be read in full"), error);
}

// The cookie of the next page; empty when this was the last.
static bool read_end(Reading *reading, LDAPMessage *message, struct berval *cookie, GError **error)
{
  LDAP *ld = reading->link->ld;
  LDAPControl **controls = NULL;
  int code = LDAP_SUCCESS;
  int parsed = ldap_parse_result(ld, message, &code, NULL, NULL, NULL, &controls, 0);
  if (parsed != LDAP_SUCCESS)
    code = parsed;
  LDAPControl *page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
  ber_int_t estimate = 0;
  if (code == LDAP_SUCCESS && page)
    code = ldap_parse_pageresponse_control(ld, page, &estimate, cookie);
  ldap_controls_free(controls);
  return code == LDAP_SUCCESS || fail_end(reading, code, error);
}

static bool read_message(Reading *reading, LDAPMessage *message, struct berval *cookie, bool *more,
                         GError **error)
{
  switch (ldap_msgtype(message)) {
  case LDAP_RES_SEARCH_ENTRY:
    return deliver(reading, message, error);
  case LDAP_RES_SEARCH_REFERENCE:
    return fail_end(reading, LDAP_REFERRAL, error);
  case LDAP_RES_SEARCH_RESULT:
    *more = false;
    return read_end(reading, message, cookie, error);
  default:
    return true;
  }
}

static bool read_messages(Reading *reading, int id, struct berval *cookie, GError **error)
{
  bool more = true;
  while (more) {
    struct timeval timeout = ldap_link_timeout(reading->link);
    LDAPMessage *message = NULL;
    int type = ldap_result(reading->link->ld, id, LDAP_MSG_ONE, &timeout, &message);
    bool fine = type > 0 ? read_message(reading, message, cookie, &more, error)
                         : fail_end(reading, type ? LDAP_SERVER_DOWN : LDAP_TIMEOUT, error);
    ldap_msgfree(message);
    if (!fine) {
      ldap_abandon_ext(reading->link->ld, id, NULL, NULL);
      return false;
    }
  }
  return true;
}

static bool search_page(Reading *reading, const char *filter, int page_size, struct berval *cookie,
                        GError **error)
{
  LDAP *ld = reading->link->ld;
  LDAPControl *page = NULL;
  if (page_size && ldap_create_page_control(ld, page_size, cookie, 1, &page) != LDAP_SUCCESS)
    return fail(reading, LDAP_NO_MEMORY, _("the search cannot be put together"), error);
  LDAPControl *controls[] = {page, NULL};
  int id = 0;
  int code =
      ldap_search_ext(ld, reading->base, reading->depth, filter, (char **)reading->asked->pdata, 0,
                      controls, NULL, NULL, LDAP_NO_LIMIT, &id);
  ldap_control_free(page);
  ber_memfree(cookie->bv_val);
  *cookie = (struct berval){0};
  if (code != LDAP_SUCCESS)
    return fail_end(reading, code, error);
  return read_messages(reading, id, cookie, error);
}

static bool search(Reading *reading, const char *filter, GError **error)
{
  struct berval cookie = {0};
  int page_size = reading->config->page_size ? reading->config->page_size : PAGE_SIZE;
  if (!reading->link->lists_paged)
    page_size = 0;
  bool fine;
  do
    fine = search_page(reading, filter, page_size, &cookie, error);
  while (fine && cookie.bv_len);
  ber_memfree(cookie.bv_val);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// The whole scope

static void append_equals(GString *out, const char *attribute, const char *value)
{
  g_string_append_printf(out, "(%s=", attribute);
  escape_append(out, value, strlen(value), ESCAPE_FILTER);
  g_string_append_c(out, ')');
}

// All of a class, or those of it whose key is among `n_keys`.
static char *compose_filter(const Reading *reading, const Scope *scope, const char *const *keys,
                            size_t n_keys)
{
  g_autoptr(GString) out = g_string_new("(&");
  append_equals(out, "objectClass", scope->klass ? scope->klass : "*");
  if (!scope->klass)
    g_string_assign(out, "(&(objectClass=*)");
  if (keys) {
    g_string_append(out, "(|");
    for (size_t i = 0; i < n_keys; i++) {
      if (scope->key_attribute)
        append_equals(out, scope->key_attribute, keys[i]);
      else
        reading->link->dialect->id_filter(keys[i], out);
    }
    g_string_append_c(out, ')');
  }
  g_string_append_c(out, ')');
  return g_string_free(g_steal_pointer(&out), false);
}

static bool read_place(Reading *reading, const Scope *scope, GError **error)
{
  if (!scope->keys) {
    g_autofree char *filter = compose_filter(reading, scope, NULL, 0);
    return search(reading, filter, error);
  }
  size_t n_keys = g_strv_length((char **)scope->keys);
  for (size_t i = 0; i < n_keys; i += KEYS_A_FILTER) {
    g_autofree char *filter =
        compose_filter(reading, scope, scope->keys + i, MIN(KEYS_A_FILTER, n_keys - i));
    if (!search(reading, filter, error))
      return false;
  }
  return true;
}

typedef struct Root {
  char *dn;
  char *key;
} Root;

static void clear_root(void *root)
{
  g_free(((Root *)root)->dn);
  g_free(((Root *)root)->key);
}

static bool covers(const char *above, const char *key)
{
  size_t n_above = strlen(above), n_key = strlen(key);
  return n_key >= n_above && g_str_equal(key + n_key - n_above, above) &&
         (n_key == n_above || key[n_key - n_above - 1] == ',');
}

static void add_root(GArray *roots, Root root, bool alone)
{
  for (size_t i = 0; i < roots->len; i++) {
    const char *key = g_array_index(roots, Root, i).key;
    if (alone ? g_str_equal(key, root.key) : covers(key, root.key)) {
      clear_root(&root);
      return;
    }
  }
  for (size_t i = roots->len; i-- > 0 && !alone;)
    if (covers(root.key, g_array_index(roots, Root, i).key))
      g_array_remove_index(roots, (unsigned)i);
  g_array_append_val(roots, root);
}

// Each place once, without those that are read with another.
static GArray *find_roots(const Link *link, const Scope *scope, GError **error)
{
  g_autoptr(GArray) roots = g_array_new(false, false, sizeof(Root));
  g_array_set_clear_func(roots, clear_root);
  for (const char *const *place = scope->places; *place; place++) {
    g_autoptr(GString) key = g_string_new(NULL);
    g_autofree char *dn = g_strdup_printf("%s%s%s", *place, **place ? "," : "", link->config->base);
    if (!place_key(dn, strlen(dn), key)) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("target %s: %s is not a valid place"),
                  link->config->name, dn);
      return NULL;
    }
    Root root = {g_steal_pointer(&dn), g_string_free(g_steal_pointer(&key), false)};
    add_root(roots, root, scope->alone);
  }
  return g_steal_pointer(&roots);
}

static bool read_roots(Reading *reading, const Scope *scope, GError **error)
{
  g_autoptr(GArray) roots = find_roots(reading->link, scope, error);
  bool fine = roots != NULL;
  for (size_t i = 0; fine && i < roots->len; i++) {
    reading->base = g_array_index(roots, Root, i).dn;
    fine = read_place(reading, scope, error);
  }
  return fine;
}

bool ldap_reader_read(Link *link, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error)
{
  const LdapSchema *known = ldap_schema_of(link, error);
  if (!known)
    return false;
  bool several = scope->keys && g_strv_length((char **)scope->keys) > KEYS_A_FILTER;
  Reading reading = {
      .link = link,
      .config = link->config,
      .schema = schema,
      .known = known,
      .func = func,
      .data = data,
      .depth = scope->alone ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE,
      .slots = g_array_new(false, false, sizeof(Slot)),
      .asked = g_ptr_array_new(),
      .attributes = g_array_new(false, false, sizeof(ObservedAttr)),
      .held = g_ptr_array_new_with_free_func(ber_memfree),
      .id = g_string_new(NULL),
      .delivered = several ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL,
  };
  ask_for_all(&reading, scope);
  bool fine = read_roots(&reading, scope, error);
  *n_entries = reading.n_entries;
  g_array_unref(reading.slots);
  g_ptr_array_unref(reading.asked);
  g_array_unref(reading.attributes);
  g_ptr_array_unref(reading.held);
  g_string_free(reading.id, true);
  g_clear_pointer(&reading.delivered, g_hash_table_unref);
  return fine;
}
