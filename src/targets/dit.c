// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

#include <sodium.h>

typedef struct Node Node;
struct Node {
  Record *record;
  char *key;       // place_key of its DN
  Node *parent;    // NULL: the base, or (while loading) not there yet
  size_t n_below;  // children
};

struct Dit {
  DitTraits traits;
  GHashTable *by_key;  // key -> Node, which it owns
  GHashTable *by_id;   // stable id -> Node
  char *base_key;
};

static char *key_of(const char *dn)
{
  g_autoptr(GString) key = g_string_new(NULL);
  if (!place_key(dn, strlen(dn), key))
    return NULL;
  return g_string_free(g_steal_pointer(&key), false);
}

static char *parent_key_of(const char *dn)
{
  size_t rdn_bytes = 0;
  const char *parent = NULL;
  g_autofree char *key = place_split(dn, &rdn_bytes, &parent) && *parent ? key_of(parent) : NULL;
  return key ? g_steal_pointer(&key) : g_strdup("");
}

static void free_node(void *data)
{
  Node *node = data;
  record_free(node->record);
  g_free(node->key);
  g_free(node);
}

static bool built_in(const char *name, Attr *attr, const void *data)
{
  (void)data;
  return rules_attr(name, attr);
}

Dit *dit_new(const char *base)
{
  return dit_new_with(base, &(DitTraits){.rules = built_in});
}

Dit *dit_new_with(const char *base, const DitTraits *traits)
{
  Dit *dit = g_new(Dit, 1);
  dit->traits = *traits;
  dit->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_node);
  dit->by_id = g_hash_table_new(g_str_hash, g_str_equal);
  dit->base_key = key_of(base);
  return dit;
}

void dit_free(Dit *dit)
{
  if (!dit)
    return;
  g_hash_table_unref(dit->by_id);
  g_hash_table_unref(dit->by_key);
  g_free(dit->base_key);
  g_free(dit);
}

size_t dit_count(const Dit *dit)
{
  return g_hash_table_size(dit->by_key);
}

static void format_uuid(const unsigned char bytes[16], char out[37])
{
  static const char hex[] = "0123456789abcdef";
  char *at = out;
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      *at++ = '-';
    *at++ = hex[bytes[i] >> 4];
    *at++ = hex[bytes[i] & 15];
  }
  *at = '\0';
}

// A file made by hand has no ids. Until the first writing gives them for good, an entry's id follows from
// its name, so that two readings agree.
static void give_id(Record *record, const char *key)
{
  unsigned char bytes[16];
  char uuid[37];
  if (*record->stable_id)
    return;
  if (key)
    crypto_generichash(bytes, sizeof bytes, (const unsigned char *)key, strlen(key), NULL, 0);
  else
    randombytes_buf(bytes, sizeof bytes);
  format_uuid(bytes, uuid);
  record_set_stable_id(record, uuid, strlen(uuid));
}

static void insert(Dit *dit, Record *record, char *key, Node *parent)
{
  Node *node = g_new0(Node, 1);
  *node = (Node){record, key, parent, 0};
  g_hash_table_insert(dit->by_key, node->key, node);
  g_hash_table_insert(dit->by_id, record->stable_id, node);
  if (parent)
    parent->n_below++;
}

int dit_load(Dit *dit, Record *record)
{
  g_autofree char *key = key_of(record->dn);
  if (!key)
    return LDAP_INVALID_DN_SYNTAX;
  if (g_hash_table_contains(dit->by_key, key))
    return LDAP_ALREADY_EXISTS;
  give_id(record, key);
  g_autofree char *parent = parent_key_of(record->dn);
  insert(dit, record, g_steal_pointer(&key), g_hash_table_lookup(dit->by_key, parent));
  return LDAP_SUCCESS;
}

const char *dit_unrooted(const Dit *dit)
{
  GHashTableIter iter;
  Node *node = NULL;
  g_hash_table_iter_init(&iter, dit->by_key);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&node)) {
    if (node->parent || g_str_equal(node->key, dit->base_key))
      continue;
    g_autofree char *parent = parent_key_of(node->record->dn);
    node->parent = g_hash_table_lookup(dit->by_key, parent);
    if (!node->parent)
      return node->record->dn;
    node->parent->n_below++;
  }
  return NULL;
}

static Node *node_at(const Dit *dit, const char *dn)
{
  g_autofree char *key = key_of(dn);
  return key ? g_hash_table_lookup(dit->by_key, key) : NULL;
}

const Record *dit_at_dn(const Dit *dit, const char *dn)
{
  Node *node = node_at(dit, dn);
  return node ? node->record : NULL;
}

const Record *dit_with_id(const Dit *dit, const char *stable_id)
{
  Node *node = g_hash_table_lookup(dit->by_id, stable_id);
  return node ? node->record : NULL;
}

static unsigned depth(const Node *node)
{
  unsigned n = 0;
  for (; node->parent; node = node->parent)
    n++;
  return n;
}

static int by_depth_and_key(const void *a, const void *b)
{
  const Node *const *x = a, *const *y = b;
  unsigned depth_x = depth(*x), depth_y = depth(*y);
  if (depth_x != depth_y)
    return depth_x < depth_y ? -1 : 1;
  return strcmp((*x)->key, (*y)->key);
}

GPtrArray *dit_sorted(const Dit *dit)
{
  GPtrArray *all = g_ptr_array_sized_new(g_hash_table_size(dit->by_key));
  GHashTableIter iter;
  void *node = NULL;
  g_hash_table_iter_init(&iter, dit->by_key);
  while (g_hash_table_iter_next(&iter, NULL, &node))
    g_ptr_array_add(all, node);
  g_ptr_array_sort(all, by_depth_and_key);
  for (size_t i = 0; i < all->len; i++)
    all->pdata[i] = ((Node *)all->pdata[i])->record;
  return all;
}

Dit *dit_copy(const Dit *dit)
{
  Dit *copy = dit_new_with(dit->base_key, &dit->traits);
  g_autoptr(GPtrArray) all = dit_sorted(dit);
  for (size_t i = 0; i < all->len; i++)
    dit_load(copy, record_copy(all->pdata[i]));
  dit_unrooted(copy);
  return copy;
}

// ---------------------------------------------------------------------------------------------
// Rules of a server

static Attr rules_of(const Dit *dit, const char *name)
{
  Attr attr = {.name = name, .match = MATCH_IGNORE};
  dit->traits.rules(name, &attr, dit->traits.rules_data);
  return attr;
}

bool dit_has_value(const Dit *dit, const Record *record, const char *attribute, const char *text)
{
  Attr attr = rules_of(dit, attribute);
  return record_value(record_find(record, attribute), &attr, text, strlen(text)) >= 0;
}

// An entry, and by which rules its values are equal.
typedef struct Ruled {
  const Dit *dit;
  Record *record;
} Ruled;

// The values of the RDN that the entry must hold, and what is done with each.
typedef bool (*AvaFunc)(const Ruled *ruled, const char *attribute, const struct berval *value);

static bool each_ava(const Dit *dit, Record *record, const char *rdn, AvaFunc func)
{
  Ruled ruled = {dit, record};
  LDAPRDN parsed = NULL;
  char *rest = NULL;
  if (ldap_str2rdn(rdn, &parsed, &rest, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
    return false;
  bool fine = true;
  for (LDAPAVA **ava = parsed; fine && *ava; ava++) {
    g_autofree char *attribute = g_strndup((*ava)->la_attr.bv_val, (*ava)->la_attr.bv_len);
    fine = func(&ruled, attribute, &(*ava)->la_value);
  }
  ldap_rdnfree(parsed);
  return fine;
}

static ssize_t ava_find(const Ruled *ruled, const char *attribute, const struct berval *value)
{
  Attr attr = rules_of(ruled->dit, attribute);
  return record_value(record_find(ruled->record, attribute), &attr, value->bv_val, value->bv_len);
}

static bool ava_there(const Ruled *ruled, const char *attribute, const struct berval *value)
{
  return ava_find(ruled, attribute, value) >= 0;
}

static bool ava_add(const Ruled *ruled, const char *attribute, const struct berval *value)
{
  if (!ava_there(ruled, attribute, value))
    record_add(ruled->record, attribute, value->bv_val, value->bv_len);
  return true;
}

static bool ava_remove(const Ruled *ruled, const char *attribute, const struct berval *value)
{
  ssize_t i = ava_find(ruled, attribute, value);
  if (i >= 0)
    record_remove_value(ruled->record, attribute, (size_t)i);
  return true;
}

static bool has_class(const Record *record, const char *name)
{
  Attr attr = {.match = MATCH_IGNORE};
  return record_value(record_find(record, "objectClass"), &attr, name, strlen(name)) >= 0;
}

static int check_record(const Dit *dit, const Record *record, const char **text)
{
  if (!record_find(record, "objectClass")) {
    *text = "no objectClass";
    return LDAP_OBJECT_CLASS_VIOLATION;
  }
  if (has_class(record, "groupOfNames") && !record_find(record, "member")) {
    *text = "object class 'groupOfNames' requires attribute 'member'";
    return LDAP_OBJECT_CLASS_VIOLATION;
  }
  for (size_t i = 0; i < record->fields->len; i++) {
    const Field *field = &g_array_index(record->fields, Field, i);
    if (field->values->len > 1 && rules_of(dit, field->name).single) {
      *text = "attribute is single-valued";
      return LDAP_CONSTRAINT_VIOLATION;
    }
  }
  return LDAP_SUCCESS;
}

static int add_values(const Ruled *ruled, const Mod *mod, const char **text)
{
  Record *record = ruled->record;
  Attr attr = rules_of(ruled->dit, mod->attribute);
  for (size_t i = 0; i < mod->values->len; i++) {
    const Bytes *value = &g_array_index(mod->values, Bytes, i);
    if (record_value(record_find(record, mod->attribute), &attr, value->at, value->n) >= 0)
      return LDAP_TYPE_OR_VALUE_EXISTS;
    if (!value->n && attr.match != MATCH_OCTETS) {
      *text = "value is empty";
      return LDAP_INVALID_SYNTAX;
    }
    record_add(record, mod->attribute, value->at, value->n);
  }
  return LDAP_SUCCESS;
}

static int delete_values(const Ruled *ruled, const Mod *mod)
{
  Record *record = ruled->record;
  Attr attr = rules_of(ruled->dit, mod->attribute);
  if (!record_find(record, mod->attribute))
    return LDAP_NO_SUCH_ATTRIBUTE;
  if (!mod->values->len)
    record_remove(record, mod->attribute);
  for (size_t i = 0; i < mod->values->len; i++) {
    const Bytes *value = &g_array_index(mod->values, Bytes, i);
    ssize_t at = record_value(record_find(record, mod->attribute), &attr, value->at, value->n);
    if (at < 0)
      return LDAP_NO_SUCH_ATTRIBUTE;
    record_remove_value(record, mod->attribute, (size_t)at);
  }
  return LDAP_SUCCESS;
}

static int apply_mod(const Ruled *ruled, const Mod *mod, const char **text)
{
  if (rules_of(ruled->dit, mod->attribute).readonly) {
    *text = "no user modification allowed";
    return LDAP_CONSTRAINT_VIOLATION;
  }
  if (mod->kind == MOD_DELETE)
    return delete_values(ruled, mod);
  if (mod->kind == MOD_REPLACE)
    record_remove(ruled->record, mod->attribute);
  return add_values(ruled, mod, text);
}

static int execute_add(Dit *dit, const Request *request, const char **text, const Record **touched)
{
  g_autofree char *key = key_of(request->dn);
  if (!key)
    return LDAP_INVALID_DN_SYNTAX;
  if (g_hash_table_contains(dit->by_key, key))
    return LDAP_ALREADY_EXISTS;
  g_autofree char *parent_key = parent_key_of(request->dn);
  Node *parent = g_hash_table_lookup(dit->by_key, parent_key);
  if (!parent && !g_str_equal(key, dit->base_key))
    return LDAP_NO_SUCH_OBJECT;
  g_autoptr(Record) record = record_new(request->dn, strlen(request->dn));
  Ruled ruled = {dit, record};
  for (size_t i = 0; i < request->mods->len; i++) {
    int code = apply_mod(&ruled, &g_array_index(request->mods, Mod, i), text);
    if (code)
      return code;
  }
  if (dit->traits.names_follow)
    each_ava(dit, record, request->dn, ava_add);
  if (dit->traits.follow)
    dit->traits.follow(record, dit->traits.rules_data);
  int code = check_record(dit, record, text);
  if (code)
    return code;
  if (!each_ava(dit, record, request->dn, ava_there)) {
    *text = "value of naming attribute is not present in entry";
    return LDAP_NAMING_VIOLATION;
  }
  if (request->stable_id)
    record_set_stable_id(record, request->stable_id, strlen(request->stable_id));
  give_id(record, NULL);
  *touched = record;
  insert(dit, g_steal_pointer(&record), g_steal_pointer(&key), parent);
  return LDAP_SUCCESS;
}

static int execute_modify(Dit *dit, Node *node, const Request *request, const char **text)
{
  g_autoptr(Record) record = record_copy(node->record);
  Ruled ruled = {dit, record};
  for (size_t i = 0; i < request->mods->len; i++) {
    int code = apply_mod(&ruled, &g_array_index(request->mods, Mod, i), text);
    if (code)
      return code;
  }
  if (!each_ava(dit, record, record->dn, ava_there))
    return LDAP_NOT_ALLOWED_ON_RDN;
  int code = check_record(dit, record, text);
  if (code)
    return code;
  // The index borrows the id from the record.
  g_hash_table_remove(dit->by_id, node->record->stable_id);
  record_free(node->record);
  node->record = g_steal_pointer(&record);
  g_hash_table_insert(dit->by_id, node->record->stable_id, node);
  return LDAP_SUCCESS;
}

static void set_place(Dit *dit, Node *node, const char *dn)
{
  g_hash_table_steal(dit->by_key, node->key);
  g_free(node->key);
  node->key = key_of(dn);
  record_set_dn(node->record, dn);
  g_hash_table_insert(dit->by_key, node->key, node);
}

static bool lies_below(const Node *node, const Node *above)
{
  while (node && node != above)
    node = node->parent;
  return node != NULL;
}

// All below a renamed entry, each after its parent.
static void carry_along(Dit *dit, Node *top)
{
  g_autoptr(GPtrArray) below = g_ptr_array_new();
  GHashTableIter iter;
  Node *node = NULL;
  if (!top->n_below)
    return;
  g_hash_table_iter_init(&iter, dit->by_key);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&node))
    if (node != top && lies_below(node, top))
      g_ptr_array_add(below, node);
  g_ptr_array_sort(below, by_depth_and_key);
  for (size_t i = 0; i < below->len; i++) {
    node = below->pdata[i];
    size_t rdn_bytes = 0;
    const char *parent = NULL;
    place_split(node->record->dn, &rdn_bytes, &parent);
    g_autofree char *dn =
        g_strdup_printf("%.*s,%s", (int)rdn_bytes, node->record->dn, node->parent->record->dn);
    set_place(dit, node, dn);
  }
}

static int execute_rename(Dit *dit, Node *node, const Request *request, const char **text)
{
  size_t rdn_bytes = 0;
  const char *old_parent = NULL;
  place_split(node->record->dn, &rdn_bytes, &old_parent);
  Node *parent = request->new_parent ? node_at(dit, request->new_parent) : node->parent;
  if (!parent)
    return LDAP_NO_SUCH_OBJECT;
  if (lies_below(parent, node)) {
    *text = "new superior lies below the entry";
    return LDAP_UNWILLING_TO_PERFORM;
  }
  g_autofree char *dn = g_strdup_printf("%s,%s", request->new_rdn,
                                        request->new_parent ? request->new_parent : old_parent);
  g_autofree char *key = key_of(dn);
  if (!key)
    return LDAP_INVALID_DN_SYNTAX;
  Node *there = g_hash_table_lookup(dit->by_key, key);
  if (there && there != node)
    return LDAP_ALREADY_EXISTS;
  each_ava(dit, node->record, node->record->dn, ava_remove);
  each_ava(dit, node->record, request->new_rdn, ava_add);
  node->parent->n_below--;
  node->parent = parent;
  parent->n_below++;
  set_place(dit, node, dn);
  if (dit->traits.follow)
    dit->traits.follow(node->record, dit->traits.rules_data);
  carry_along(dit, node);
  return LDAP_SUCCESS;
}

static int execute_delete(Dit *dit, Node *node)
{
  if (node->n_below)
    return LDAP_NOT_ALLOWED_ON_NONLEAF;
  if (node->parent)
    node->parent->n_below--;
  g_hash_table_remove(dit->by_id, node->record->stable_id);
  g_hash_table_remove(dit->by_key, node->key);
  return LDAP_SUCCESS;
}

int dit_execute(Dit *dit, const Request *request, const char **text, const Record **touched)
{
  *text = NULL;
  *touched = NULL;
  if (request->kind == REQUEST_ADD)
    return execute_add(dit, request, text, touched);
  Node *node = node_at(dit, request->dn);
  if (!node)
    return LDAP_NO_SUCH_OBJECT;
  if (request->stable_id && !g_str_equal(request->stable_id, node->record->stable_id))
    return LDAP_ASSERTION_FAILED;
  switch (request->kind) {
  case REQUEST_MODIFY:
    return execute_modify(dit, node, request, text);
  case REQUEST_RENAME:
    return node->parent ? execute_rename(dit, node, request, text) : LDAP_UNWILLING_TO_PERFORM;
  default:
    return execute_delete(dit, node);
  }
}
