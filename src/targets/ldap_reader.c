// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reading is on the path of every account every night, so values stay where the library received them:
// ldap_get_attribute_ber hands out pointers into the message, a third of what ldap_get_values_len costs.
#include "ldap_p.h"

#define KEYS_A_FILTER 200
#define NONE SIZE_MAX
#define MEMBER "member"

// The library's berval and our Bytes are one and the same in memory.
_Static_assert(sizeof(Bytes) == sizeof(struct berval) &&
                   offsetof(Bytes, n) == offsetof(struct berval, bv_len) &&
                   offsetof(Bytes, at) == offsetof(struct berval, bv_val),
               "Bytes must look like struct berval");

typedef enum SlotKind { SLOT_VALUE, SLOT_ID, SLOT_DISABLE, SLOT_ALONG } SlotKind;

// A name that an attribute may come back under: the one asked for, or another of its names.
typedef struct Slot {
  size_t n_name;
  const char *name;
  unsigned roles;  // bits by SlotKind
  AttrId attr;     // with SLOT_VALUE
  AdAlong along;   // with SLOT_ALONG
  size_t next;     // slot that came after this one last time: entries of a kind are alike
} Slot;

typedef struct Reading {
  Link *link;
  const TargetConfig *config;
  const Schema *schema;
  const LdapSchema *known;
  ObservedFunc func;
  void *data;
  GArray *slots;       // Slot
  GPtrArray *asked;    // names to ask for, NULL-terminated at the end
  GArray *attributes;  // ObservedAttr of the entry at hand
  GPtrArray *held;     // value arrays of the entry at hand
  GString *id;         // … its id as text
  AdSight sight;       // … what a domain says of it
  GArray *parts;       // size_t: those of its attributes that came in part only
  GPtrArray *whole;    // AdValues: in place of these
  bool asks_members;   // of a domain's groups, by the attribute `member`
  AttrId member;
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

static Slot *add_role(Reading *reading, const char *name, SlotKind kind, AttrId attr)
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
  return slot;
}

// A server answers by the name it prefers: who asks for "surname" gets "sn".
static void ask_for(Reading *reading, const char *name, SlotKind kind, AttrId attr)
{
  g_ptr_array_add(reading->asked, g_strdup(name));
  add_role(reading, name, kind, attr);
  // A domain knows an attribute by one name only.
  char **names = reading->known ? ldap_schema_names(reading->known, name) : NULL;
  for (; names && *names; names++)
    add_role(reading, *names, kind, attr);
}

static void ask_along(Reading *reading)
{
  for (AdAlong along = 0; along < AD_N_ALONG; along++) {
    const char *name = ad_sight_attribute(along);
    if (!find_slot(reading, name))
      g_ptr_array_add(reading->asked, g_strdup(name));
    add_role(reading, name, SLOT_ALONG, 0)->along = along;
  }
}

// Members only so many at a time, where the site wants that.
static void ask_in_parts(Reading *reading)
{
  int size = reading->config->range_size;
  for (size_t i = 0; size && i < reading->asked->len; i++) {
    char *name = reading->asked->pdata[i];
    if (g_ascii_strcasecmp(name, MEMBER) != 0)
      continue;
    reading->asked->pdata[i] = g_strdup_printf("%s;range=0-%d", name, size - 1);
    g_free(name);
  }
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
  if (reading->link->dialect->domain) {
    ask_along(reading);
    ask_in_parts(reading);
  }
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
  if (slot->roles & 1u << SLOT_ALONG)
    reading->sight.values[slot->along] = bytes[0];
  if (slot->roles & 1u << SLOT_VALUE) {
    ObservedAttr attr = {.attr = slot->attr, .n_values = n_values, .values = bytes};
    g_array_append_val(reading->attributes, attr);
  }
}

// The bare name of an attribute of which only the first values have come; that is noted.
static void take_part(Reading *reading, struct berval *name)
{
  AdRange range;
  if (!reading->link->dialect->domain ||
      !ad_range_parse(&(Bytes){name->bv_len, name->bv_val}, &range))
    return;
  name->bv_len = (ber_len_t)range.n_name;
  size_t i = reading->attributes->len;
  if (!range.complete)
    g_array_append_val(reading->parts, i);
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
    if (i == NONE) {
      take_part(reading, &name);
      i = slot_of(reading, &name, *expected);
    }
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

// ---------------------------------------------------------------------------------------------
// What a domain's entry needs besides

static AdValues *keep_whole(Reading *reading)
{
  AdValues *whole = ad_values_new();
  g_ptr_array_add(reading->whole, whole);
  return whole;
}

static void put_whole(ObservedAttr *attr, const AdValues *whole)
{
  attr->values = (const Bytes *)whole->values->data;
  attr->n_values = whole->values->len;
}

// An entry goes out with all its values, or not at all.
static bool complete_parts(Reading *reading, const Observed *entry, GError **error)
{
  g_autofree char *dn = g_strndup(entry->dn.at, entry->dn.n);
  for (size_t i = 0; i < reading->parts->len; i++) {
    size_t at = g_array_index(reading->parts, size_t, i);
    ObservedAttr *attr = &g_array_index(reading->attributes, ObservedAttr, at);
    AdValues *whole = keep_whole(reading);
    const char *name = schema_at((Schema *)reading->schema, attr->attr)->name;
    if (!ad_range_read(reading->link, dn, name, whole, error))
      return false;
    put_whole(attr, whole);
  }
  return true;
}

static ObservedAttr *find_members(Reading *reading)
{
  for (size_t i = 0; i < reading->attributes->len; i++) {
    ObservedAttr *attr = &g_array_index(reading->attributes, ObservedAttr, i);
    if (attr->attr == reading->member)
      return attr;
  }
  ObservedAttr none = {.attr = reading->member};
  g_array_append_val(reading->attributes, none);
  return &g_array_index(reading->attributes, ObservedAttr, reading->attributes->len - 1);
}

// Those whose primary group it is are its members like the others.
static void add_primary(Reading *reading)
{
  const GPtrArray *dns = reading->asks_members
                             ? ad_primary_members(reading->link, &reading->sight.values[AD_SID])
                             : NULL;
  if (!dns)
    return;
  ObservedAttr *members = find_members(reading);
  AdValues *whole = keep_whole(reading);
  g_array_append_vals(whole->values, members->values, (guint)members->n_values);
  for (guint i = 0; i < dns->len; i++) {
    const char *dn = g_ptr_array_index(dns, i);
    g_array_append_vals(whole->values, &(Bytes){strlen(dn), dn}, 1);
  }
  put_whole(members, whole);
  members->n_fixed = dns->len;
}

static bool finish_entry(Reading *reading, Observed *entry, GError **error)
{
  if (!reading->link->dialect->domain)
    return true;
  g_autoptr(GError) fault = NULL;
  entry->protected_by = ad_protected_by(reading->link, &reading->sight, &fault);
  if (fault) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
  }
  if (!complete_parts(reading, entry, error))
    return false;
  add_primary(reading);
  return true;
}

static void begin_entry(Reading *reading)
{
  g_array_set_size(reading->attributes, 0);
  g_array_set_size(reading->parts, 0);
  reading->sight = (AdSight){0};
}

static bool hand_over(Reading *reading, Observed *entry, GError **error)
{
  if (!finish_entry(reading, entry, error))
    return false;
  entry->attributes = (const ObservedAttr *)reading->attributes->data;
  entry->n_attributes = reading->attributes->len;
  if (!is_new(reading, entry))
    return true;
  bool fine = reading->func(entry, reading->data, error);
  reading->n_entries += fine;
  return fine;
}

static bool deliver(Reading *reading, LDAPMessage *message, GError **error)
{
  BerElement *ber = NULL;
  struct berval dn = {0};
  Observed entry = {.enabled =
                        reading->config->disable_attribute ? ENABLED_YES : ENABLED_UNMANAGED};
  begin_entry(reading);
  int code = ldap_get_dn_ber(reading->link->ld, message, &ber, &dn);
  if (code == LDAP_SUCCESS)
    code = take_all(reading, message, ber, &entry);
  entry.dn = (Bytes){dn.bv_len, dn.bv_val};
  bool fine = code == LDAP_SUCCESS ? hand_over(reading, &entry, error)
                                   : fail(reading, code, _("an entry cannot be understood"), error);
  ber_free(ber, 0);
  g_ptr_array_set_size(reading->held, 0);
  g_ptr_array_set_size(reading->whole, 0);
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

// A domain refers to its own DNS zones, to the configuration and to domains below it, whenever its root is
// searched (MS-ADTS 3.1.1.4.4): nothing of the domain itself is missing then. Whatever else a reference
// stands for is part of what was asked for.
static bool read_reference(Reading *reading, LDAPMessage *message, GError **error)
{
  LDAP *ld = reading->link->ld;
  char **uris = NULL;
  bool harmless = reading->link->dialect->domain &&
                  ldap_parse_reference(ld, message, &uris, NULL, 0) == LDAP_SUCCESS && uris &&
                  *uris;
  bool known = true;
  for (char **uri = uris; harmless && known && *uri; uri++) {
    LDAPURLDesc *url = NULL;
    harmless = ldap_url_parse(*uri, &url) == LDAP_URL_SUCCESS && url->lud_dn;
    if (harmless)
      known = ad_is_context(reading->link, url->lud_dn, &harmless, error);
    ldap_free_urldesc(url);
  }
  ldap_memvfree((void **)uris);
  return known && (harmless || fail_end(reading, LDAP_REFERRAL, error));
}

static bool read_message(Reading *reading, LDAPMessage *message, struct berval *cookie, bool *more,
                         GError **error)
{
  switch (ldap_msgtype(message)) {
  case LDAP_RES_SEARCH_ENTRY:
    return deliver(reading, message, error);
  case LDAP_RES_SEARCH_REFERENCE:
    return read_reference(reading, message, error);
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
  // Where the server can page, it is always asked to: that costs a few percent (docs/targets.md), while a
  // search that meets a limit after 100,000 entries has to begin anew.
  int page_size = reading->config->page_size;
  if (!page_size)
    page_size = reading->link->dialect->page_size;
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

static bool by_membership(const Reading *reading, const Scope *scope)
{
  return reading->link->dialect->domain && scope->key_attribute &&
         g_ascii_strcasecmp(scope->key_attribute, MEMBER) == 0;
}

static bool append_key(const Reading *reading, const Scope *scope, const char *key, GString *out,
                       GError **error)
{
  if (by_membership(reading, scope))
    return ad_member_filter(reading->link, key, scope->nested, out, error);
  if (scope->key_attribute)
    append_equals(out, scope->key_attribute, key);
  else
    reading->link->dialect->id_filter(key, out);
  return true;
}

// All of a class, or those of it whose key is among `n_keys`. NULL with the error. Caller frees.
static char *compose_filter(const Reading *reading, const Scope *scope, const char *const *keys,
                            size_t n_keys, GError **error)
{
  g_autoptr(GString) out = g_string_new("(&");
  append_equals(out, "objectClass", scope->klass ? scope->klass : "*");
  if (!scope->klass)
    g_string_assign(out, "(&(objectClass=*)");
  const Dialect *dialect = reading->link->dialect;
  if (scope->klass && dialect->people_klass &&
      g_ascii_strcasecmp(scope->klass, dialect->people_klass) == 0)
    g_string_append_printf(out, "(!(objectClass=%s))", dialect->machine_klass);
  if (keys) {
    g_string_append(out, "(|");
    for (size_t i = 0; i < n_keys; i++)
      if (!append_key(reading, scope, keys[i], out, error))
        return NULL;
    g_string_append_c(out, ')');
  }
  g_string_append_c(out, ')');
  return g_string_free(g_steal_pointer(&out), false);
}

static bool read_place(Reading *reading, const Scope *scope, GError **error)
{
  if (!scope->keys) {
    g_autofree char *filter = compose_filter(reading, scope, NULL, 0, error);
    return filter && search(reading, filter, error);
  }
  size_t n_keys = g_strv_length((char **)scope->keys);
  for (size_t i = 0; i < n_keys; i += KEYS_A_FILTER) {
    g_autofree char *filter =
        compose_filter(reading, scope, scope->keys + i, MIN(KEYS_A_FILTER, n_keys - i), error);
    if (!filter || !search(reading, filter, error))
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

static void add_root(GArray *roots, Root root, bool alone)
{
  for (size_t i = 0; i < roots->len; i++) {
    const char *key = g_array_index(roots, Root, i).key;
    if (alone ? g_str_equal(key, root.key) : places_cover(key, root.key)) {
      clear_root(&root);
      return;
    }
  }
  for (size_t i = roots->len; i-- > 0 && !alone;)
    if (places_cover(root.key, g_array_index(roots, Root, i).key))
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
  // Whoever belongs to a group belongs to it wherever it stands.
  if (scope->nested) {
    reading->base = reading->link->domain;
    return read_place(reading, scope, error);
  }
  g_autoptr(GArray) roots = find_roots(reading->link, scope, error);
  bool fine = roots != NULL;
  for (size_t i = 0; fine && i < roots->len; i++) {
    reading->base = g_array_index(roots, Root, i).dn;
    fine = read_place(reading, scope, error);
  }
  return fine;
}

static void free_all(Reading *reading)
{
  g_array_unref(reading->slots);
  g_ptr_array_unref(reading->asked);
  g_array_unref(reading->attributes);
  g_array_unref(reading->parts);
  g_ptr_array_unref(reading->held);
  g_ptr_array_unref(reading->whole);
  g_string_free(reading->id, true);
  g_clear_pointer(&reading->delivered, g_hash_table_unref);
}

// What must be known of a domain before its entries come.
static bool prepare(Reading *reading, const Scope *scope, GError **error)
{
  if (!reading->link->dialect->domain) {
    reading->known = ldap_schema_of(reading->link, error);
    return reading->known != NULL;
  }
  if (!ad_domain_learn(reading->link, error))
    return false;
  for (const char *const *name = scope->attributes; *name; name++)
    reading->asks_members |= g_ascii_strcasecmp(*name, MEMBER) == 0 &&
                             schema_find(reading->schema, MEMBER, &reading->member);
  return !reading->asks_members || ad_primary_read(reading->link, error);
}

bool ldap_reader_read(Link *link, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error)
{
  *n_entries = 0;
  bool several = scope->keys && g_strv_length((char **)scope->keys) > KEYS_A_FILTER;
  Reading reading = {
      .link = link,
      .config = link->config,
      .schema = schema,
      .func = func,
      .data = data,
      .depth = scope->alone ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE,
      .slots = g_array_new(false, false, sizeof(Slot)),
      .asked = g_ptr_array_new_with_free_func(g_free),
      .attributes = g_array_new(false, false, sizeof(ObservedAttr)),
      .parts = g_array_new(false, false, sizeof(size_t)),
      .held = g_ptr_array_new_with_free_func(ber_memfree),
      .whole = g_ptr_array_new_with_free_func(ad_values_free),
      .id = g_string_new(NULL),
      .delivered = several ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL,
  };
  bool fine = prepare(&reading, scope, error);
  if (fine) {
    ask_for_all(&reading, scope);
    fine = read_roots(&reading, scope, error);
  }
  *n_entries = reading.n_entries;
  free_all(&reading);
  return fine;
}
