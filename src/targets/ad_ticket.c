// SPDX-License-Identifier: GPL-3.0-or-later
//
// Kerberos with a keytab. The ticket lies in a cache of its own in this process's memory: accounts for
// reading and writing never mix, whatever KRB5CCNAME says, and no file is left behind.
#include "ldap_p.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5/krb5.h>
#include <sasl/sasl.h>

struct AdTicket {
  krb5_context context;
  krb5_principal principal;
  krb5_keytab keytab;
  krb5_ccache cache;
  gss_cred_id_t credential;
  bool given;  // the credential, to the library
};

void ad_ticket_free(AdTicket *ticket)
{
  OM_uint32 minor = 0;
  if (!ticket)
    return;
  if (ticket->credential != GSS_C_NO_CREDENTIAL)
    gss_release_cred(&minor, &ticket->credential);
  if (ticket->cache)
    krb5_cc_destroy(ticket->context, ticket->cache);
  if (ticket->keytab)
    krb5_kt_close(ticket->context, ticket->keytab);
  krb5_free_principal(ticket->context, ticket->principal);
  krb5_free_context(ticket->context);
  g_free(ticket);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AdTicket, ad_ticket_free)

#define CLOCKS_DIFFER                                                                    \
  N_("this machine's clock and the controller's differ by more than Kerberos allows (5 " \
     "minutes); set it right, best by NTP")

static const struct {
  krb5_error_code code;
  const char *what;
} faults[] = {
    {KRB5KRB_AP_ERR_SKEW, CLOCKS_DIFFER},
    {KRB5_KDC_UNREACH,
     N_("no Kerberos server of the realm can be reached; is a controller running, and does "
        "krb5.conf or DNS name it rightly?")},
    {KRB5_REALM_CANT_RESOLVE,
     N_("the realm's Kerberos servers are not known; name them in krb5.conf or DNS")},
    {KRB5_REALM_UNKNOWN, N_("the realm is not known; name it in krb5.conf or DNS")},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN,
     N_("the domain knows no such account; is it spelled rightly, with the realm in capitals?")},
    {KRB5KDC_ERR_PREAUTH_FAILED,
     N_("the key in the keytab is not the account's any more: make a new keytab, since a new "
        "password makes the old one void")},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY,
     N_("the key in the keytab is not the account's any more: make a new keytab, since a new "
        "password makes the old one void")},
    {KRB5_KT_NOTFOUND, N_("the keytab holds no key of this account; make one for it")},
    {KRB5_KEYTAB_BADVNO, N_("the keytab's file is no keytab")},
    {KRB5_KT_FORMAT, N_("the keytab's file is no keytab")},
    {KRB5KDC_ERR_ETYPE_NOSUPP,
     N_("the keytab's key is of a kind that the domain does not take; make one of type AES")},
    {KRB5KDC_ERR_CLIENT_REVOKED, N_("the account is disabled, expired or locked")},
    {KRB5KDC_ERR_KEY_EXP, N_("the account's password has expired; give it one that does not")},
};

static const char *words_of(krb5_error_code code)
{
  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
    if (faults[i].code == code)
      return _(faults[i].what);
  return _("Kerberos gives no ticket");
}

static bool fail(const Link *link, krb5_error_code code, GError **error)
{
  krb5_context context = link->ticket->context;
  const char *said = krb5_get_error_message(context, code);
  g_autoptr(GString) words = g_string_new(NULL);
  escape_text(words, said, ESCAPE_TERMINAL);
  krb5_free_error_message(context, said);
  g_set_error(error, IDOU_ERROR, link->writes ? EXIT_FAILED : EXIT_UNREAD,
              _("target %s (%s): the account %s with the keytab %s: %s (%s)"), link->config->name,
              link->uri, ldap_link_account(link), ldap_link_secret(link), words_of(code),
              words->str);
  return false;
}

// Into the cache, by the keytab's key.
static krb5_error_code get_ticket(const Link *link, AdTicket *ticket)
{
  krb5_creds creds = {0};
  krb5_error_code code =
      krb5_parse_name(ticket->context, ldap_link_account(link), &ticket->principal);
  g_autofree char *path = g_strconcat("FILE:", ldap_link_secret(link), NULL);
  if (!code)
    code = krb5_kt_resolve(ticket->context, path, &ticket->keytab);
  if (!code)
    code = krb5_get_init_creds_keytab(ticket->context, &creds, ticket->principal, ticket->keytab, 0,
                                      NULL, NULL);
  if (code)
    return code;
  code = krb5_cc_new_unique(ticket->context, "MEMORY", NULL, &ticket->cache);
  if (!code)
    code = krb5_cc_initialize(ticket->context, ticket->cache, creds.client);
  if (!code)
    code = krb5_cc_store_cred(ticket->context, ticket->cache, &creds);
  krb5_free_cred_contents(ticket->context, &creds);
  return code;
}

// The cache as GSSAPI takes it.
static krb5_error_code get_credential(AdTicket *ticket)
{
  char *name = NULL;
  krb5_error_code code = krb5_cc_get_full_name(ticket->context, ticket->cache, &name);
  if (code)
    return code;
  gss_key_value_element_desc element = {"ccache", name};
  gss_key_value_set_desc store = {1, &element};
  gss_OID_set_desc kerberos = {1, (gss_OID)gss_mech_krb5};
  OM_uint32 minor = 0;
  OM_uint32 major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &kerberos,
                                          GSS_C_INITIATE, &store, &ticket->credential, NULL, NULL);
  krb5_free_string(ticket->context, name);
  return GSS_ERROR(major) ? (krb5_error_code)minor : 0;
}

// The library asks while it has its context ready and nothing sent: the one moment to hand it the
// credential. Nobody is asked for anything else; the server knows us by our ticket.
static int answer(LDAP *ld, unsigned flags, void *defaults, void *asked)
{
  (void)flags;
  AdTicket *ticket = defaults;
  for (sasl_interact_t *one = asked; one->id != SASL_CB_LIST_END; one++) {
    one->result = "";
    one->len = 0;
  }
  if (ldap_set_option(ld, LDAP_OPT_X_SASL_GSS_CREDS, ticket->credential) != LDAP_OPT_SUCCESS)
    return LDAP_LOCAL_ERROR;
  ticket->given = true;
  return LDAP_SUCCESS;
}

// A controller takes no layer of SASL's inside TLS (MS-ADTS 5.1.1.1.2), and may ask that the login belongs to
// this very TLS connection. Service principals are of the name in the site's file, whatever DNS says back.
static bool set_sasl(const Link *link, GError **error)
{
  static const int end_point = LDAP_OPT_X_SASL_CBINDING_TLS_ENDPOINT;
  bool tls = !link->config->plaintext;
  int code = ldap_set_option(link->ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON);
  if (code == LDAP_OPT_SUCCESS && tls)
    code = ldap_set_option(link->ld, LDAP_OPT_X_SASL_SECPROPS, "maxssf=0");
  if (code == LDAP_OPT_SUCCESS && tls)
    code = ldap_set_option(link->ld, LDAP_OPT_X_SASL_CBINDING, &end_point);
  return code == LDAP_OPT_SUCCESS ||
         ldap_link_fail(link, code, _("the LDAP library does not take a setting"), error);
}

// What is wrong with the ticket or its use only the words of the library below tell.
static const struct {
  const char *words;
  const char *what;
} refusals[] = {
    {"Clock skew", CLOCKS_DIFFER},
    {"Ticket expired", CLOCKS_DIFFER},
    {"Ticket not yet valid", CLOCKS_DIFFER},
    {"Server not found",
     N_("the domain has no controller of this name; “uri” must call it by its own full name")},
    {"No worthy mechs",
     N_("the SASL library has no GSSAPI here; install libsasl2-modules-gssapi-mit")},
    {"",
     N_("the controller does not take the ticket; is it called by its own full name in “uri”?")},
};

static bool fail_bind(Link *link, int code, GError **error)
{
  char *words = NULL;
  ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &words);
  size_t i = 0;
  while (*refusals[i].words && !(words && strstr(words, refusals[i].words)))
    i++;
  ldap_memfree(words);
  return ldap_link_bound(link, code, _(refusals[i].what), error);
}

bool ad_bind_keytab(Link *link, GError **error)
{
  if (!secret_check(ldap_link_secret(link), error)) {
    g_prefix_error(error, _("target %s: "), link->config->name);
    return false;
  }
  AdTicket *ticket = link->ticket = g_new0(AdTicket, 1);
  krb5_error_code fault = krb5_init_context(&ticket->context);
  if (!fault)
    fault = get_ticket(link, ticket);
  if (!fault)
    fault = get_credential(ticket);
  if (fault)
    return fail(link, fault, error);
  if (!set_sasl(link, error))
    return false;
  int code = ldap_sasl_interactive_bind_s(link->ld, NULL, "GSSAPI", NULL, NULL, LDAP_SASL_QUIET,
                                          answer, ticket);
  // Bound as whoever the machine's own tickets are for is not bound as we were told.
  if (code == LDAP_SUCCESS && !ticket->given)
    code = LDAP_LOCAL_ERROR;
  return code == LDAP_SUCCESS || fail_bind(link, code, error);
}
