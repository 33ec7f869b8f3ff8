// SPDX-License-Identifier: GPL-3.0-or-later
//
// A deleted entry comes back (MS-ADTS 3.1.1.5.3.7). A tombstone keeps little more than id, SID and sAMAccountName, so
// the rest is put back from what the journal kept before the deletion. Each step can be done again: what is back
// already is only completed.
#include "ldap_p.h"

#include <jansson.h>

#define SHOW_DELETED "1.2.840.113556.1.4.417"
#define ACCOUNT_CONTROL "userAccountControl"

// What the server sets itself, what comes back with the tombstone, and what says who may what: rights are given by a
// plan, which people see before.
static const char *const left_alone[] = {
    "objectClass",
    "objectCategory",
    "objectGUID",
    "objectSid",
    "name",
    "distinguishedName",
    "instanceType",
    "whenCreated",
    "whenChanged",
    "uSNCreated",
    "uSNChanged",
    "sAMAccountType",
    "primaryGroupID",
    "memberOf",
    "member",
    "adminCount",
    "badPwdCount",
    "badPasswordTime",
    "lastLogon",
    "lastLogoff",
    "logonCount",
    "pwdLastSet",
    "lastLogonTimestamp",
    "dSCorePropagationData",
    "lockoutTime",
    "isDeleted",
    "isRecycled",
    "lastKnownParent",
    "groupType",
    "sIDHistory",
    "nTSecurityDescriptor",
    "isCriticalSystemObject",
    "systemFlags",
    ACCOUNT_CONTROL,
    "servicePrincipalName",
    "msDS-AllowedToDelegateTo",
};

typedef struct Work {
  Sender *sender;
  Link *link;
  Revived *out;
  json_t *before;  // attributes
  char *dn;        // where it shall stand
  const char *id;
  Record *now;  // as it came back
} Work;

static void work_clear(Work *work)
{
  g_free(work->dn);
  g_clear_pointer(&work->now, record_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

// ---------------------------------------------------------------------------------------------
// The tombstone.

static LDAPControl *show_deleted(void)
{
  LDAPControl *control = NULL;
  ldap_control_create(SHOW_DELETED, 1, NULL, 0, &control);
  return control;
}

// Its DN now; NULL in *out when the server knows none.
static bool find_tombstone(const Work *work, char **out, GError **error)
{
  g_autofree char *base = g_strdup_printf("<GUID=%s>", work->id);
  char *attributes[] = {(char *)"1.1", NULL};
  LDAPControl *controls[] = {show_deleted(), NULL};
  LDAPMessage *result = NULL;
  struct timeval timeout = ldap_link_timeout(work->link);
  LDAP *ld = work->link->ld;
  *out = NULL;
  int code = ldap_search_ext_s(ld, base, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 0,
                               controls, NULL, &timeout, 1, &result);
  LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(ld, result) : NULL;
  char *dn = entry ? ldap_get_dn(ld, entry) : NULL;
  *out = g_strdup(dn);
  ldap_memfree(dn);
  ldap_msgfree(result);
  ldap_control_free(controls[0]);
  return code == LDAP_SUCCESS || code == LDAP_NO_SUCH_OBJECT ||
         ldap_link_fail(work->link, code, _("the deleted entry cannot be looked for"), error);
}

static bool fail_gone(const Work *work, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_FAILED,
              _("target %s: %s is not among the deleted entries any more: the server has forgotten "
                "it. Let go of it with `idou release`, and the next plan makes a new one"),
              work->link->config->name, work->dn);
  return false;
}

// By the tombstone's own DN: Samba does not take a GUID here.
static bool reanimate(const Work *work, GError **error)
{
  g_autofree char *tombstone = NULL;
  if (!find_tombstone(work, &tombstone, error))
    return false;
  if (!tombstone)
    return fail_gone(work, error);
  struct berval dn = {strlen(work->dn), work->dn}, *values[] = {&dn, NULL};
  LDAPMod deleted = {.mod_op = LDAP_MOD_DELETE, .mod_type = (char *)"isDeleted"};
  LDAPMod named = {.mod_op = LDAP_MOD_REPLACE | LDAP_MOD_BVALUES,
                   .mod_type = (char *)"distinguishedName",
                   .mod_bvalues = values};
  LDAPMod *mods[] = {&deleted, &named, NULL};
  LDAPControl *controls[] = {show_deleted(), NULL};
  int code = ldap_modify_ext_s(work->link->ld, tombstone, mods, controls, NULL);
  ldap_control_free(controls[0]);
  if (code == LDAP_SUCCESS)
    return true;
  g_autofree char *what = g_strdup_printf(_("%s cannot be brought back"), work->dn);
  return ldap_link_fail(work->link, code, what, error);
}

// ---------------------------------------------------------------------------------------------
// What it had.

static bool is_left_alone(const Work *work, const char *name)
{
  size_t bare = strcspn(name, ";"), rdn = strcspn(work->dn, "=");
  for (size_t i = 0; i < G_N_ELEMENTS(left_alone); i++)
    if (strlen(left_alone[i]) == bare && g_ascii_strncasecmp(left_alone[i], name, bare) == 0)
      return true;
  return rdn == bare && g_ascii_strncasecmp(work->dn, name, bare) == 0;
}

static bool add_value(Request *request, Mod *mod, const json_t *value)
{
  const char *base64 = json_string_value(json_object_get(value, "base64"));
  if (!base64) {
    request_add_value(request, mod, json_string_value(value), json_string_length(value));
    return true;
  }
  gsize n_bytes = 0;
  g_autofree guchar *bytes = g_base64_decode(base64, &n_bytes);
  request_add_value(request, mod, (const char *)bytes, n_bytes);
  return n_bytes > 0;
}

static Mod *add_mod(Request *request, const char *name, const json_t *values)
{
  Mod *mod = request_add_mod(request, MOD_REPLACE, name);
  size_t i;
  const json_t *value;
  json_array_foreach(values, i, value) add_value(request, mod, value);
  return mod;
}

static bool is_same(const Mod *mod, const Field *field)
{
  bool same = field && field->values->len == mod->values->len;
  for (guint i = 0; same && i < mod->values->len; i++) {
    const Bytes *a = &g_array_index(mod->values, Bytes, i),
                *b = &g_array_index(field->values, Bytes, i);
    same = a->n == b->n && memcmp(a->at, b->at, a->n) == 0;
  }
  return same;
}

// All at once; the code of the server.
static int modify(const Work *work, const Request *request)
{
  return ldap_writer_modify_now(work->sender, request);
}

static void tell(GPtrArray *list, const char *name, const char *words)
{
  GString *text = g_string_new(NULL);
  escape_text(text, name, ESCAPE_TERMINAL);
  if (words) {
    g_string_append(text, ": ");
    escape_text(text, words, ESCAPE_TERMINAL);
  }
  g_ptr_array_add(list, g_string_free(text, false));
}

static char *last_words(const Work *work, int code)
{
  char *words = NULL;
  ldap_get_option(work->link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &words);
  char *text = g_strdup(words && *words ? words : ldap_err2string(code));
  ldap_memfree(words);
  return text;
}

// What the server does not take is told, and keeps nothing else out.
static bool restore_one(const Work *work, const char *name, const json_t *values, GError **error)
{
  g_autoptr(Request) request = request_blank(REQUEST_MODIFY, work->now->dn);
  request->stable_id = g_strdup(work->id);
  if (is_same(add_mod(request, name, values), record_find(work->now, name)))
    return true;
  int code = modify(work, request);
  if (code == LDAP_SUCCESS) {
    tell(work->out->restored, name, NULL);
    return true;
  }
  if (ldap_link_is_lost(code))
    return ldap_link_fail(work->link, code, _("the connection was lost; do it again"), error);
  g_autofree char *words = last_words(work, code);
  tell(work->out->missing, name, words);
  return true;
}

static bool restore(const Work *work, GError **error)
{
  const char *name;
  json_t *values;
  json_object_foreach(work->before, name, values)
  {
    if (!is_left_alone(work, name) && !restore_one(work, name, values, error))
      return false;
  }
  return true;
}

// Nobody has its password, and whether it may be on a plan decides.
static bool switch_off(const Work *work, GError **error)
{
  const Field *field = record_find(work->now, ACCOUNT_CONTROL);
  if (!field || !field->values->len)
    return true;
  const Bytes *value = &g_array_index(field->values, Bytes, 0);
  if (target_is_off(work->link->config, value->at, value->n))
    return true;
  g_autoptr(GString) off = g_string_new(NULL);
  g_autofree char *text = g_strndup(value->at, value->n);
  target_lock_value(work->link->config, text, true, off);
  g_autoptr(Request) request = request_blank(REQUEST_MODIFY, work->now->dn);
  request->stable_id = g_strdup(work->id);
  request_add_value(request, request_add_mod(request, MOD_REPLACE, ACCOUNT_CONTROL), off->str,
                    off->len);
  int code = modify(work, request);
  return code == LDAP_SUCCESS ||
         ldap_link_fail(work->link, code, _("the entry is back, but cannot be switched off"),
                        error);
}

static void tell_rights(const Work *work)
{
  static const char *const rights[] = {"memberOf", "member"};
  for (size_t i = 0; i < G_N_ELEMENTS(rights); i++) {
    const json_t *values = json_object_get(work->before, rights[i]), *value;
    size_t k;
    json_array_foreach(values, k, value) if (json_string_value(value))
        tell(work->out->rights, json_string_value(value), NULL);
  }
}

// ---------------------------------------------------------------------------------------------

static bool look(Work *work, GError **error)
{
  g_clear_pointer(&work->now, record_free);
  return ldap_writer_fetch(work->sender, work->dn, work->id, "*", &work->now, error);
}

static bool revive(Work *work, GError **error)
{
  if (!look(work, error))
    return false;
  if (!work->now && (!reanimate(work, error) || !look(work, error)))
    return false;
  if (!work->now)
    return fail_gone(work, error);
  work->out->stable_id = g_strdup(work->id);
  work->out->dn = g_strdup(work->now->dn);
  tell_rights(work);
  return switch_off(work, error) && restore(work, error);
}

// In its old place, or with its old name in another one.
static char *place_of(const Revival *revival, const char *before)
{
  size_t rdn_bytes = 0;
  const char *parent = NULL;
  if (!before || !place_split(before, &rdn_bytes, &parent))
    return NULL;
  return revival->parent ? g_strdup_printf("%.*s,%s", (int)rdn_bytes, before, revival->parent)
                         : g_strdup(before);
}

bool ad_revive(Sender *sender, const Revival *revival, Revived *out, GError **error)
{
  json_t *root = json_loads(revival->before, 0, NULL);
  g_auto(Work) work = {.sender = sender,
                       .link = ldap_writer_link(sender),
                       .out = out,
                       .before = json_object_get(root, "attributes"),
                       .id = json_string_value(json_object_get(root, "id"))};
  work.dn = place_of(revival, json_string_value(json_object_get(root, "dn")));
  bool fine = work.dn && work.id && *work.id && work.before;
  if (!fine)
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("the journal did not keep what is needed to bring the entry back"));
  fine = fine && revive(&work, error);
  json_decref(root);
  return fine;
}
