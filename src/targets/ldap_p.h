// SPDX-License-Identifier: GPL-3.0-or-later
//
// LDAP and Active Directory: what ldap_*.c and ad_*.c share.
#ifndef IDOU_TARGETS_LDAP_P_H
#define IDOU_TARGETS_LDAP_P_H

#include "targets_p.h"

// ---------------------------------------------------------------------------------------------
// LDAP: one connection, bound, with what its server says about itself.

typedef struct LdapSchema LdapSchema;

// In what directories differ that speak LDAP: by type of target (ldap_dialect.c).
typedef struct Dialect {
  const char *type;          // "ldap", "ad"
  const char *id_attribute;  // entryUUID (RFC 4530), objectGUID
  // The attribute's value as the text that we keep. False: it is not one.
  bool (*id_text)(const Bytes *value, GString *out);
  void (*id_filter)(const char *id, GString *out);  // "(entryUUID=…)"
  const char *id_dn;  // a DN that finds an entry by its id wherever it is, "<GUID=%s>"; NULL = none
  // What is Active Directory's own: ranges of values, primary groups, entries that it protects itself, naming
  // contexts that a search is referred to, and its schema.
  bool domain;
  const char *people_klass,
      *machine_klass;      // who asks for entries of the first means none of the second, which is a
                           // kind of it; NULL = nothing of the sort
  const char *chain_rule;  // matching rule that follows groups in groups; NULL = none
  int page_size;           // when the site says nothing
} Dialect;
const Dialect *ldap_dialect(const char *type);

typedef struct AdTicket AdTicket;
typedef struct AdDomain AdDomain;

typedef struct Link {
  LDAP *ld;
  const Dialect *dialect;
  const TargetConfig *config;
  const char *uri;   // the one of the config's that this is a connection to
  bool unreachable;  // nobody was there: of several servers the next may be asked
  bool writes;       // with the account for writing; its errors are EXIT_FAILED, else EXIT_UNREAD
  bool lists_paged;  // RFC 2696
  bool lists_assertion;  // RFC 4528
  bool lists_post_read;  // RFC 4527
  char *subschema;       // DN of the subschema subentry
  char *server;          // ad: the controller's own name; NULL if it says none
  char *domain;          // ad: DN of its domain,
  char *configuration;   // and of the configuration
  AdTicket *ticket;      // ad, with a keytab
  AdDomain *known;       // ad: read when first asked for
  LdapSchema *schema;    // read when first asked for
} Link;

// The first of the config's servers that is there; while one of them was written to lately, that one or none.
Link *ldap_link_open(const TargetConfig *config, bool writes, GError **error);
// A new connection to the very same server.
Link *ldap_link_again(const Link *link, GError **error);
const char *
ldap_link_account(const Link *link);  // whom it is bound as, and the file that proves it
const char *ldap_link_secret(const Link *link);
// The end of a bind: sets the error unless the code is success; `what` when the server refused it.
bool ldap_link_bound(Link *link, int code, const char *what, GError **error);
void ldap_link_close(Link *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, ldap_link_close)
// Sets the error "target NAME (URI): WHAT: server's words". Always false.
bool ldap_link_fail(const Link *link, int code, const char *what, GError **error);
bool ldap_link_fingerprint(Link *link, GString *out, GError **error);
struct timeval ldap_link_timeout(const Link *link);
bool ldap_link_is_lost(int code);

// The server's schema; borrowed from the link.
const LdapSchema *ldap_schema_of(Link *link, GError **error);
LdapSchema *ldap_schema_new(void);
void ldap_schema_free(LdapSchema *schema);
void ldap_schema_add_type(LdapSchema *schema, LDAPAttributeType *type);  // takes it
void ldap_schema_add_class(LdapSchema *schema, const char *name);
bool ldap_schema_is_filled(const LdapSchema *schema);
// The equality rule of MATCH_NEVER, which no directory has a name for.
#define LDAP_SCHEMA_NEVER "neverMatch"
void ldap_schema_fill(const LdapSchema *known, Schema *schema);
void ldap_schema_classes(const LdapSchema *known, GPtrArray *classes);
// All names of the attribute that has this one, NULL-terminated, or NULL if it is not known.
char **ldap_schema_names(const LdapSchema *known, const char *name);

// ---------------------------------------------------------------------------------------------
// Active Directory.

// Why it lets somebody not in, by the sub-code in its words ("… data 52e, …"); NULL when there is none.
const char *ad_refusal(const char *words);

// Binds with the account's keytab. The ticket lives in this process's memory, for this link alone.
bool ad_bind_keytab(Link *link, GError **error);
void ad_ticket_free(AdTicket *ticket);

// A SID (MS-DTYP 2.4.2.2) as text, "S-1-5-21-…". False: it is none.
bool ad_sid_text(const Bytes *sid, GString *out);
uint32_t ad_sid_rid(const Bytes *sid);  // its last number

// In pages. The result code.
typedef struct AdSearch {
  const char *base;
  int scope;
  const char *filter;
  const char *const *attributes;  // NULL-terminated
} AdSearch;
typedef void (*AdSearchFunc)(LDAPMessage *entry, void *data);
int ad_search(const Link *link, const AdSearch *search, AdSearchFunc func, void *data);

void ad_domain_free(AdDomain *domain);
bool ad_domain_learn(Link *link, GError **error);  // asks for it now, if it was not asked before
// "objectSid=S-1-5-21-… ", the domain's.
bool ad_domain_sid(Link *link, GString *out, GError **error);

// Whether a naming context of the forest begins at this DN: the configuration, DNS zones, another domain.
bool ad_is_context(Link *link, const char *dn, bool *is, GError **error);
// The filter that finds an account by what it logs in with, to stand within an "or".
void ad_account_filter(const char *account, GString *out);

// What is asked along of every entry.
typedef enum AdAlong { AD_SID, AD_ADMIN_COUNT, AD_CRITICAL, AD_CONTROL, AD_N_ALONG } AdAlong;

typedef struct AdSight {
  Bytes values[AD_N_ALONG];  // empty = none
} AdSight;

const char *ad_sight_attribute(AdAlong which);
bool ad_sight_is(const AdSight *sight, AdAlong which, const char *value);
unsigned long ad_sight_number(const AdSight *sight, AdAlong which);
// Why the entry must never be touched; NULL = nothing forbids it, or, with the error set, it cannot be told.
const char *ad_protected_by(Link *link, const AdSight *sight, GError **error);

// Who belongs to groups by primaryGroupID. To be read before members are asked for.
bool ad_primary_read(Link *link, GError **error);
// DNs (char *) of those whose primary group has this SID; NULL = none.
const GPtrArray *ad_primary_members(const Link *link, const Bytes *sid);
// The filters, to stand within an "or", of groups that have this member: in `member` or, with `nested`, through
// other groups; or as its primary group.
bool ad_member_filter(Link *link, const char *dn, bool nested, GString *out, GError **error);

typedef struct AdRange {  // "member;range=0-1499"
  size_t n_name;          // bytes before the option
  size_t first, last;
  bool complete;  // it ends with "-*"; `last` means nothing
} AdRange;

typedef struct AdValues {
  GArray *values;    // Bytes
  GPtrArray *lists;  // that hold them
} AdValues;

bool ad_range_parse(const Bytes *name, AdRange *out);
AdValues *ad_values_new(void);
void ad_values_free(void *values);
// All values of the attribute, part by part.
bool ad_range_read(Link *link, const char *dn, const char *attribute, AdValues *out,
                   GError **error);

LdapSchema *ad_schema_read(Link *link, GError **error);

bool ldap_reader_read(Link *link, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error);

typedef struct Sender Sender;

Sender *ldap_writer_open(const TargetConfig *config, GError **error);
void ldap_writer_close(Sender *sender);
Link *ldap_writer_link(Sender *sender);
bool ldap_writer_send(Sender *sender, const Request *request, uint64_t token, GError **error);
// One modification, waited for; the server's code. For what is done by hand, without anything in flight.
int ldap_writer_modify_now(Sender *sender, const Request *request);
bool ldap_writer_receive(Sender *sender, int timeout_ms, Answer *out, bool *got, GError **error);
void ldap_writer_forget(Sender *sender, uint64_t token);
bool ldap_writer_reconnect(Sender *sender, GError **error);
bool ldap_writer_fetch(Sender *sender, const char *dn, const char *stable_id, const char *attribute,
                       Record **out, GError **error);
bool ldap_writer_compare(Sender *sender, const char *dn, const char *attribute, const char *value,
                         bool *out, GError **error);

// ---------------------------------------------------------------------------------------------
// Active Directory: what it has beyond LDAP.

// What only AD wants of a request (ad_request.c): a secret in unicodePwd in its form and as a reset, and, where
// the target says so, another password at the first login.
bool ad_request_dress(const TargetConfig *config, Request *request, GError **error);
Secret *ad_request_password(const Secret *clear, GError **error);
bool ad_writer_is_primary(Sender *sender, const char *group, const char *member, bool *out,
                          GError **error);
bool ad_revive(Sender *sender, const Revival *revival, Revived *out, GError **error);
// What a domain controller's own code at the head of its text means (ad_words.c), to be translated; NULL = not known.
const char *ad_words_of(const char *text);

// ---------------------------------------------------------------------------------------------
// Who made and changed an entry (reader_traces).

Instant
ldap_trace_time(const char *text);  // "20270401001000.0Z" (RFC 4517 3.3.13); NONE: it is none
bool ldap_trace(Link *link, const TraceAsk *ask, TraceFunc func, void *data, GError **error);
bool ad_trace(Link *link, const TraceAsk *ask, TraceFunc func, void *data, GError **error);

// What a value of msDS-ReplAttributeMetaData or msDS-ReplValueMetaData tells (MS-ADTS 3.1.1.4.5.17, 18).
typedef struct AdTrace {
  char *attribute, *value, *where;  // NULL = not told
  Instant when;
} AdTrace;
bool ad_trace_parse(const char *xml, AdTrace *out);
void ad_trace_clear(AdTrace *trace);
// When the attribute of this number (ATTRTYP) changed, by replPropertyMetaData; INSTANT_NONE: it does not say.
Instant ad_trace_changed(const Bytes *blob, uint32_t attribute);

#endif
