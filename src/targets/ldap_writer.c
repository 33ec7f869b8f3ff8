// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

struct Sender {
  Link *link;
  const TargetConfig *config;
  bool lost;
  GHashTable *in_flight;  // message id -> token
  GQueue *ready;          // Answer: known without the server
};

Sender *ldap_writer_open(const TargetConfig *config, GError **error)
{
  Link *link = ldap_link_open(config, true, error);
  if (!link)
    return NULL;
  Sender *sender = g_new(Sender, 1);
  *sender =
      (Sender){link, config, false, g_hash_table_new_full(NULL, NULL, NULL, g_free), g_queue_new()};
  return sender;
}

static void free_answer(void *answer)
{
  answer_clear(answer);
  g_free(answer);
}

void ldap_writer_close(Sender *sender)
{
  if (!sender)
    return;
  ldap_link_close(sender->link);
  g_hash_table_unref(sender->in_flight);
  g_queue_free_full(sender->ready, free_answer);
  g_free(sender);
}

Link *ldap_writer_link(Sender *sender)
{
  return sender->link;
}

static void add_ready(Sender *sender, uint64_t token, bool lost, int code)
{
  Answer answer = {.token = token, .lost = lost, .code = code};
  g_queue_push_tail(sender->ready, g_memdup2(&answer, sizeof answer));
}

static int by_token(const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

// What was in flight is answered as lost, in the order of its tokens.
static void lose(Sender *sender)
{
  g_autoptr(GArray) tokens = g_array_new(false, false, sizeof(uint64_t));
  GHashTableIter iter;
  void *token = NULL;
  g_hash_table_iter_init(&iter, sender->in_flight);
  while (g_hash_table_iter_next(&iter, NULL, &token))
    g_array_append_vals(tokens, token, 1);
  g_array_sort(tokens, by_token);
  for (size_t i = 0; i < tokens->len; i++)
    add_ready(sender, g_array_index(tokens, uint64_t, i), true, 0);
  g_hash_table_remove_all(sender->in_flight);
  sender->lost = true;
}

static bool fail_lost(const Sender *sender, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("target %s (%s): the connection was lost"),
              sender->config->name, sender->link->uri);
  return false;
}

// The code of a call that needs the connection; false when that is gone.
static bool is_alive(Sender *sender, int code, GError **error)
{
  if (code != LDAP_SERVER_DOWN && code != LDAP_CONNECT_ERROR)
    return true;
  lose(sender);
  return fail_lost(sender, error);
}

// ---------------------------------------------------------------------------------------------
// Looking

static void take_values(const Dialect *dialect, Record *record, const char *name, BerVarray values)
{
  if (g_ascii_strcasecmp(name, dialect->id_attribute) == 0 && values && values[0].bv_val) {
    g_autoptr(GString) id = g_string_new(NULL);
    if (dialect->id_text(&(Bytes){values[0].bv_len, values[0].bv_val}, id))
      record_set_stable_id(record, id->str, id->len);
    return;
  }
  for (BerVarray value = values; value && value->bv_val; value++)
    record_add(record, name, value->bv_val, value->bv_len);
}

static Record *take_entry(const Link *link, LDAPMessage *message)
{
  LDAP *ld = link->ld;
  BerElement *ber = NULL;
  struct berval dn = {0};
  if (ldap_get_dn_ber(ld, message, &ber, &dn) != LDAP_SUCCESS)
    return NULL;
  Record *record = record_new(dn.bv_val, dn.bv_len);
  for (;;) {
    struct berval name = {0};
    BerVarray values = NULL;
    if (ldap_get_attribute_ber(ld, message, ber, &name, &values) != LDAP_SUCCESS || !name.bv_val)
      break;
    g_autofree char *text = g_strndup(name.bv_val, name.bv_len);
    take_values(link->dialect, record, text, values);
    ber_memfree(values);
  }
  ber_free(ber, 0);
  return record;
}

typedef struct Search {
  const char *base;
  int scope;
  const char *filter;
  const char *attribute;  // NULL = all
} Search;

static bool search_one(Sender *sender, const Search *search, Record **out, GError **error)
{
  if (sender->lost)
    return fail_lost(sender, error);
  const char *disable = sender->config->disable_attribute;
  char *attributes[] = {(char *)(search->attribute ? search->attribute : "*"),
                        (char *)sender->link->dialect->id_attribute,
                        search->attribute ? (char *)disable : (char *)"+", NULL};
  LDAPMessage *result = NULL;
  struct timeval timeout = ldap_link_timeout(sender->link);
  LDAP *ld = sender->link->ld;
  int code = ldap_search_ext_s(ld, search->base, search->scope, search->filter, attributes, 0, NULL,
                               NULL, &timeout, LDAP_NO_LIMIT, &result);
  LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(ld, result) : NULL;
  *out = entry ? take_entry(sender->link, entry) : NULL;
  ldap_msgfree(result);
  if (code == LDAP_SUCCESS || code == LDAP_NO_SUCH_OBJECT)
    return true;
  return is_alive(sender, code, error) &&
         ldap_link_fail(sender->link, code, _("an entry cannot be looked at"), error);
}

// A DN made of the id, where the server has such; NULL = none. Caller frees.
static char *dn_by_id(const Sender *sender, const char *stable_id)
{
  const char *form = sender->link ? sender->link->dialect->id_dn : NULL;
  const char *at = form && stable_id ? strstr(form, "%s") : NULL;
  g_autofree char *before = at ? g_strndup(form, (gsize)(at - form)) : NULL;
  return at ? g_strconcat(before, stable_id, at + 2, NULL) : NULL;
}

bool ldap_writer_fetch(Sender *sender, const char *dn, const char *stable_id, const char *attribute,
                       Record **out, GError **error)
{
  // At the place first: a search by id is slow where the server keeps no index of them.
  g_autofree char *by_id = dn_by_id(sender, stable_id);
  Search at_place = {by_id ? by_id : dn, LDAP_SCOPE_BASE, "(objectClass=*)", attribute};
  if (!search_one(sender, &at_place, out, error))
    return false;
  if (by_id || !stable_id || (*out && g_ascii_strcasecmp((*out)->stable_id, stable_id) == 0))
    return true;
  g_clear_pointer(out, record_free);
  g_autoptr(GString) filter = g_string_new(NULL);
  sender->link->dialect->id_filter(stable_id, filter);
  Search anywhere = {sender->config->base, LDAP_SCOPE_SUBTREE, filter->str, attribute};
  return search_one(sender, &anywhere, out, error);
}

bool ldap_writer_compare(Sender *sender, const char *dn, const char *attribute, const char *value,
                         bool *out, GError **error)
{
  if (sender->lost)
    return fail_lost(sender, error);
  struct berval bytes = {strlen(value), (char *)value};
  int code = ldap_compare_ext_s(sender->link->ld, dn, attribute, &bytes, NULL, NULL);
  *out = code == LDAP_COMPARE_TRUE;
  if (*out || code == LDAP_COMPARE_FALSE || code == LDAP_NO_SUCH_ATTRIBUTE ||
      code == LDAP_NO_SUCH_OBJECT)
    return true;
  return is_alive(sender, code, error) &&
         ldap_link_fail(sender->link, code, _("a value cannot be compared"), error);
}

// ---------------------------------------------------------------------------------------------
// Sending

typedef struct Mods {
  LDAPMod **list;  // NULL-terminated
  LDAPMod *mods;
  struct berval *values;
  struct berval **pointers;
} Mods;

static void clear_mods(Mods *mods)
{
  g_free(mods->list);
  g_free(mods->mods);
  g_free(mods->values);
  g_free(mods->pointers);
}

// The request in the library's terms; values stay where they are.
static Mods mods_of(const Request *request)
{
  static const int kinds[] = {
      [MOD_ADD] = LDAP_MOD_ADD, [MOD_DELETE] = LDAP_MOD_DELETE, [MOD_REPLACE] = LDAP_MOD_REPLACE};
  size_t n_mods = request->mods->len, n_values = 0, at = 0;
  for (size_t i = 0; i < n_mods; i++)
    n_values += g_array_index(request->mods, Mod, i).values->len;
  Mods out = {g_new0(LDAPMod *, n_mods + 1), g_new0(LDAPMod, n_mods + 1),
              g_new0(struct berval, n_values + 1), g_new0(struct berval *, n_values + n_mods + 1)};
  struct berval **pointer = out.pointers;
  for (size_t i = 0; i < n_mods; i++) {
    const Mod *mod = &g_array_index(request->mods, Mod, i);
    out.list[i] = &out.mods[i];
    out.mods[i].mod_op = kinds[mod->kind] | LDAP_MOD_BVALUES;
    out.mods[i].mod_type = (char *)mod->attribute;
    out.mods[i].mod_bvalues = mod->values->len ? pointer : NULL;
    for (size_t j = 0; j < mod->values->len; j++) {
      const Bytes *value = &g_array_index(mod->values, Bytes, j);
      out.values[at] = (struct berval){value->n, (char *)value->at};
      *pointer++ = &out.values[at++];
    }
    pointer++;
  }
  return out;
}

static LDAPControl *assertion_of(const Sender *sender, const Request *request)
{
  struct berval value = {0};
  LDAPControl *control = NULL;
  g_autoptr(GString) filter = g_string_new(NULL);
  sender->link->dialect->id_filter(request->stable_id, filter);
  if (ldap_create_assertion_control_value(sender->link->ld, filter->str, &value) != LDAP_SUCCESS)
    return NULL;
  ldap_control_create(LDAP_CONTROL_ASSERT, 1, &value, 1, &control);
  ber_memfree(value.bv_val);
  return control;
}

// Asks for the id of what is created, with the answer.
static LDAPControl *post_read(void)
{
  struct berval value = {0};
  LDAPControl *control = NULL;
  BerElement *ber = ber_alloc_t(LBER_USE_DER);
  if (ber && ber_printf(ber, "{s}", "entryUUID") >= 0 && ber_flatten2(ber, &value, 0) == 0)
    ldap_control_create(LDAP_CONTROL_POST_READ, 0, &value, 1, &control);
  ber_free(ber, 1);
  return control;
}

static LDAPControl *control_for(const Sender *sender, const Request *request)
{
  if (request->kind == REQUEST_ADD)
    return sender->link->lists_post_read ? post_read() : NULL;
  return request->stable_id && sender->link->lists_assertion ? assertion_of(sender, request) : NULL;
}

// Who is addressed by id is the same one wherever somebody has moved it. A rename within its place must name
// that place (Samba answers 32 to a rename by id without a new parent), and what is made has no id yet.
static bool goes_by_id(const Request *request)
{
  return request->kind == REQUEST_MODIFY || request->kind == REQUEST_DELETE || request->new_parent;
}

static int send_it(const Sender *sender, const Request *request, int *id)
{
  LDAP *ld = sender->link->ld;
  g_autofree char *by_id = goes_by_id(request) ? dn_by_id(sender, request->stable_id) : NULL;
  const char *dn = by_id ? by_id : request->dn;
  LDAPControl *control = control_for(sender, request);
  LDAPControl *controls[] = {control, NULL};
  Mods mods = mods_of(request);
  int code = LDAP_PARAM_ERROR;
  switch (request->kind) {
  case REQUEST_ADD:
    code = ldap_add_ext(ld, dn, mods.list, controls, NULL, id);
    break;
  case REQUEST_MODIFY:
    code = ldap_modify_ext(ld, dn, mods.list, controls, NULL, id);
    break;
  case REQUEST_RENAME:
    code = ldap_rename(ld, dn, request->new_rdn, request->new_parent, 1, controls, NULL, id);
    break;
  case REQUEST_DELETE:
    code = ldap_delete_ext(ld, dn, controls, NULL, id);
    break;
  }
  clear_mods(&mods);
  ldap_control_free(control);
  return code;
}

int ldap_writer_modify_now(Sender *sender, const Request *request)
{
  Mods mods = mods_of(request);
  g_autofree char *by_id = dn_by_id(sender, request->stable_id);
  int code =
      ldap_modify_ext_s(sender->link->ld, by_id ? by_id : request->dn, mods.list, NULL, NULL);
  clear_mods(&mods);
  return code;
}

// Where the server has no assertions: is it still the same entry, in the place where the plan saw it? Somebody
// may be quicker than we. A change of values by id needs no such look: it follows the entry.
static bool check_identity(Sender *sender, const Request *request, int *refusal, GError **error)
{
  g_autoptr(Record) record = NULL;
  bool follows = request->kind == REQUEST_MODIFY && sender->link->dialect->id_dn;
  if (!request->stable_id || sender->link->lists_assertion || follows)
    return true;
  Search at_place = {request->dn, LDAP_SCOPE_BASE, "(objectClass=*)", "1.1"};
  if (!search_one(sender, &at_place, &record, error))
    return false;
  if (!record)
    *refusal = LDAP_NO_SUCH_OBJECT;
  else if (g_ascii_strcasecmp(record->stable_id, request->stable_id) != 0)
    *refusal = LDAP_ASSERTION_FAILED;
  return true;
}

bool ldap_writer_send(Sender *sender, const Request *request, uint64_t token, GError **error)
{
  int id = 0, refusal = LDAP_SUCCESS;
  if (sender->lost)
    return fail_lost(sender, error);
  // A new password crosses in clear inside TLS or a local socket only.
  if (request->secrets->len && sender->config->plaintext)
    refusal = LDAP_CONFIDENTIALITY_REQUIRED;
  else if (!check_identity(sender, request, &refusal, error))
    return false;
  if (refusal) {
    add_ready(sender, token, false, refusal);
    return true;
  }
  int code = send_it(sender, request, &id);
  if (!is_alive(sender, code, error))
    return false;
  if (code != LDAP_SUCCESS) {
    add_ready(sender, token, false, code);
    return true;
  }
  g_hash_table_insert(sender->in_flight, GINT_TO_POINTER(id), g_memdup2(&token, sizeof token));
  return true;
}

// ---------------------------------------------------------------------------------------------
// Answers

static char *id_in(LDAPControl **controls)
{
  LDAPControl *control = ldap_control_find(LDAP_CONTROL_POST_READ, controls, NULL);
  BerElement *ber = control ? ber_init(&control->ldctl_value) : NULL;
  struct berval dn = {0}, name = {0};
  BerVarray values = NULL;
  char *id = NULL;
  if (ber && ber_scanf(ber, "{m{{m[W]", &dn, &name, &values) != LBER_ERROR && values &&
      values[0].bv_val)
    id = g_strndup(values[0].bv_val, values[0].bv_len);
  ber_bvarray_free(values);
  ber_free(ber, 1);
  return id;
}

static bool take_answer(Sender *sender, LDAPMessage *message, uint64_t token, Answer *out)
{
  char *text = NULL;
  LDAPControl **controls = NULL;
  int parsed =
      ldap_parse_result(sender->link->ld, message, &out->code, NULL, &text, NULL, &controls, 0);
  out->token = token;
  out->lost = parsed != LDAP_SUCCESS;
  // A domain controller has words for success, too.
  out->text = out->code != LDAP_SUCCESS && text && *text ? g_strdup(text) : NULL;
  out->stable_id = id_in(controls);
  ldap_memfree(text);
  ldap_controls_free(controls);
  return true;
}

static bool pop_ready(Sender *sender, Answer *out)
{
  g_autofree Answer *ready = g_queue_pop_head(sender->ready);
  if (ready)
    *out = *ready;
  return ready != NULL;
}

bool ldap_writer_receive(Sender *sender, int timeout_ms, Answer *out, bool *got, GError **error)
{
  (void)error;
  *got = pop_ready(sender, out);
  if (*got || sender->lost || !g_hash_table_size(sender->in_flight))
    return true;
  struct timeval timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
  LDAPMessage *message = NULL;
  int type = ldap_result(sender->link->ld, LDAP_RES_ANY, LDAP_MSG_ONE, &timeout, &message);
  int id = type > 0 ? ldap_msgid(message) : 0;
  // Id 0 is the server's notice that it is closing (RFC 4511, 4.4.1).
  if (type < 0 || (type > 0 && id == 0)) {
    ldap_msgfree(message);
    lose(sender);
    *got = pop_ready(sender, out);
    return true;
  }
  const uint64_t *token = g_hash_table_lookup(sender->in_flight, GINT_TO_POINTER(id));
  if (token) {
    *got = take_answer(sender, message, *token, out);
    g_hash_table_remove(sender->in_flight, GINT_TO_POINTER(id));
  }
  ldap_msgfree(message);
  return true;
}

void ldap_writer_forget(Sender *sender, uint64_t token)
{
  GHashTableIter iter;
  void *id = NULL, *its_token = NULL;
  g_hash_table_iter_init(&iter, sender->in_flight);
  while (g_hash_table_iter_next(&iter, &id, &its_token)) {
    if (*(uint64_t *)its_token != token)
      continue;
    ldap_abandon_ext(sender->link->ld, GPOINTER_TO_INT(id), NULL, NULL);
    g_hash_table_iter_remove(&iter);
  }
}

bool ldap_writer_reconnect(Sender *sender, GError **error)
{
  lose(sender);
  Link *link = ldap_link_again(sender->link, error);
  if (!link)
    return false;
  ldap_link_close(sender->link);
  sender->link = link;
  sender->lost = false;
  return true;
}
