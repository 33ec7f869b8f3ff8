// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the parts of the stage share. The writer (writer.c) turns operations into requests, keeps the
// books of what is in flight and judges results; a type of target only carries requests to its system
// and answers with a result code. Codes are those of LDAP (RFC 4511 appendix A) for all types, so that
// the file behaves as the directory does.
#ifndef IDOU_TARGETS_P_H
#define IDOU_TARGETS_P_H

#include <idou/scim.h>
#include <idou/targets.h>
#include <ldap.h>
#include <ldap_schema.h>

// ---------------------------------------------------------------------------------------------
// An entry as it stands in the target, whole.

typedef struct Field {
  const char *name;  // as the target writes it; interned
  GArray *values;    // Bytes; each terminated too
} Field;

typedef struct Record {
  char *dn;
  char *stable_id;  // "" if the target has none
  GArray *fields;   // Field
} Record;

Record *record_new(const char *dn, size_t n_bytes);
Record *record_copy(const Record *record);
void record_free(Record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)
void record_set_dn(Record *record, const char *dn);
void record_set_stable_id(Record *record, const char *id, size_t n_bytes);
// NULL when there is none; borrowed until a field is added or removed.
Field *record_find(const Record *record, const char *name);
Field *record_field(Record *record, const char *name);  // finds or adds
void record_add(Record *record, const char *name, const char *bytes, size_t n_bytes);
void record_remove_value(Record *record, const char *name,
                         size_t i);  // the last one takes the field along
void record_remove(Record *record, const char *name);
// Index of the value that is equal by the attribute's rule, or -1.
ssize_t record_value(const Field *field, const Attr *attr, const char *bytes, size_t n_bytes);
// Canonical JSON for the journal: keys sorted, values that are no UTF-8 as {"base64": …}, secrets left out.
char *record_json(const Record *record);

// ---------------------------------------------------------------------------------------------
// Where the objects of a plan are, by name.

typedef struct Places Places;

// `id_dn`: how the target writes a DN by an entry's id, "<GUID=%s>"; NULL = it cannot. Borrowed.
Places *places_new(const char *base, const char *id_dn);
void places_free(Places *places);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Places, places_free)
void places_add(Places *places, const Placed *placed);
// Appends the distinguished name; `object` NULL is the base.
bool places_dn(const Places *places, const char *object, GString *out, GError **error);
// What names the object in a value: by its id where the target takes that, so that it is the same one
// wherever somebody has moved it; else its distinguished name.
bool places_ref(const Places *places, const char *object, GString *out, GError **error);
const char *places_stable_id(const Places *places, const char *object);  // NULL if unknown
// An operation has taken effect. `stable_id` of what it created, or NULL.
void places_follow(Places *places, const Op *op, const char *stable_id);
void places_return(Places *places, const Op *op);  // it was followed, and has not taken effect
// Of keys (place_key): whether the one is the other or above it.
bool places_cover(const char *above, const char *key);

// ---------------------------------------------------------------------------------------------
// What goes to the target: names composed, references resolved, secrets in their places.

typedef enum RequestKind {
  REQUEST_ADD,
  REQUEST_MODIFY,
  REQUEST_RENAME,
  REQUEST_DELETE
} RequestKind;

typedef enum ModKind { MOD_ADD, MOD_DELETE, MOD_REPLACE } ModKind;

typedef struct Mod {
  ModKind kind;
  const char *attribute;  // borrowed from the operation
  GArray *values;         // Bytes; DELETE without values takes all
} Mod;

typedef struct Request {
  RequestKind kind;
  int64_t run;      // the run of the journal, 0 = none, and
  GArray *numbers;  // uint32_t: its operations, by which a receipt calls them
  const Op *op;     // the first of them, for what people are told; borrowed; NULL = none
  char *dn;
  char *new_rdn;       // rename
  char *new_parent;    // rename: NULL = stays
  char *stable_id;     // the entry must still be this one; NULL = not known
  GArray *mods;        // Mod
  GPtrArray *owned;    // strings that values point to
  GPtrArray *secrets;  // const Secret, borrowed: those that values point to
  GPtrArray *encoded;  // Secret: the same in another form; wiped with the request
} Request;

// Refused with EXIT_FAILED when an object is unknown, a text holds a NUL, or a secret was not made.
Request *request_new(const Places *places, const Sending *sending, GError **error);
// Of operations that go together: one for each, in their order; places follow those before it meanwhile.
GPtrArray *request_new_all(Places *places, const Sending *sending, GError **error);
Request *request_blank(RequestKind kind, const char *dn);
Mod *request_add_mod(Request *request, ModKind kind, const char *attribute);
// Copies the value. `mod` is one of the request's.
void request_add_value(Request *request, Mod *mod, const char *bytes, size_t n_bytes);
// Puts {SSHA} hashes in the place of its secrets.
void request_hash_secrets(Request *request);
bool request_is_secret(const Request *request, const Bytes *value);
// Of its own, with everything but secrets: what is left out is told in *has_secret.
Request *request_copy(const Request *request, bool *has_secret);
void request_free(Request *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)
// The attribute that holds members: that of the operation's first change, else "member".
const char *request_member_attribute(const Op *op);

// ---------------------------------------------------------------------------------------------
// Results.

typedef struct Answer {
  uint64_t token;
  bool
      lost;  // nobody knows what became of it, as when the connection went before the answer came; `code`
             // means nothing, `text` may say why
  bool sent;        // with LDAP_SUCCESS: on its way; whether it is done a receipt tells later
  int code;         // LDAP result
  char *text;       // the server's words; may be NULL
  char *stable_id;  // of a created entry when told; may be NULL
  size_t
      culprit;  // of requests that went as one, which are not done: the one that was not taken, from 0
} Answer;
void answer_clear(Answer *answer);

typedef struct ResultTraits {
  OutcomeKind kind;
  bool look;         // what was wanted may hold already: look at the entry
  const char *text;  // reason for people, to be translated
} ResultTraits;
const ResultTraits *answer_traits(int code);

// ---------------------------------------------------------------------------------------------
// Reading the settings of a target (target_config.c). Texts belong to the config. Faults are findings.

typedef struct ConfigReading {
  const Yaml *yaml;
  const YamlNode *node;  // the target's entry
  const char *folder;    // relative paths are taken from here
  Findings *findings;
  TargetConfig *config;  // as far as it is known: name and type are
} ConfigReading;

typedef struct ConfigBounds {
  const char *key;
  int64_t least, most;
} ConfigBounds;

const char *config_keep(ConfigReading *reading, const char *text);  // NULL stays NULL
const char *config_text(ConfigReading *reading, const YamlNode *map,
                        const char *key);  // NULL = none
const char *config_path(ConfigReading *reading, const YamlNode *map, const char *key);
void config_number(ConfigReading *reading, const ConfigBounds *bounds, int scale, int *out);
// One of these words; the first of them when none is given.
const char *config_word(ConfigReading *reading, const char *key, const char *const *words);
void config_need(ConfigReading *reading, const char *value, const char *key);
// `read`, `write`, `desk`: {user: …, secret: FILE}, into read_dn, read_secret …
void config_accounts(ConfigReading *reading);
bool config_is_loopback(const char *host);

// ---------------------------------------------------------------------------------------------
// A type of target.

typedef struct TargetType {
  const char *name;
  // Settings of its own: their keys beside those that all have (NULL-terminated); what they mean, into
  // TargetConfig.own. A type that is no directory sets config->base here. NULL = it has none.
  const char *const *keys;
  void *(*configure)(ConfigReading *reading);
  void (*unconfigure)(void *own);
  bool nests;  // it can read groups of groups: Scope.nested
  bool asks;   // reading asks what matters (Scope.knows), so it cannot begin before that is known
  bool passes_secrets;  // secrets reach it in clear, and it keeps none of them

  void *(*reader_open)(const TargetConfig *config, GError **error);
  void (*reader_close)(void *reader);
  bool (*reader_fingerprint)(void *reader, GString *out, GError **error);
  bool (*reader_schema)(void *reader, Schema *schema, GPtrArray *classes, GError **error);
  bool (*reader_read)(void *reader, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error);

  void *(*writer_open)(const TargetConfig *config, GError **error);
  void (*writer_close)(void *writer);
  bool (*writer_fingerprint)(void *writer, GString *out, GError **error);
  bool (*writer_schema)(void *writer, Schema *schema, GError **error);
  // Without waiting. False: certainly not sent.
  bool (*writer_send)(void *writer, const Request *request, uint64_t token, GError **error);
  // The same of several requests: all of them are done, or none, and there is one answer. NULL = this type
  // has nothing of the sort. See target_has_transactions.
  bool (*writer_send_all)(void *writer, Request *const *requests, size_t n_requests, uint64_t token,
                          GError **error);
  // One answer, within timeout_ms. After a loss each request without an answer is answered `lost`.
  bool (*writer_receive)(void *writer, int timeout_ms, Answer *out, bool *got, GError **error);
  // The answer of this one is no longer waited for.
  void (*writer_forget)(void *writer, uint64_t token);
  bool (*writer_reconnect)(void *writer, GError **error);
  // The entry at `dn`, or wherever the one with `stable_id` is when that is given. *out NULL: there is
  // none. `attribute` limits what is read: "1.1" = no more than the ids, "*" = without operational ones,
  // NULL = all.
  bool (*writer_fetch)(void *writer, const char *dn, const char *stable_id, const char *attribute,
                       Record **out, GError **error);
  // Whether the entry has the value; no entry or no such attribute is "no".
  bool (*writer_compare)(void *writer, const char *dn, const char *attribute, const char *value,
                         bool *out, GError **error);
  bool (*writer_finish)(void *writer, GError **error);
  // Which of several servers it reads or writes to, as reader_server and writer_server say. May be NULL: there is
  // but one.
  const char *(*reader_server)(void *reader);
  void (*reader_remark)(void *reader, GString *out);  // see reader_remark
  void (*writer_server)(void *writer, GString *out);

  // What only some types have; NULL = this one has not.
  // Puts the request into the form that the target wants, before it is sent.
  bool (*dress)(const TargetConfig *config, Request *request, GError **error);
  int (*rank)(const TargetConfig *config, const char *klass);  // see target_rank
  // Whether entries below this have an identity besides their name; NULL = all have.
  bool (*has_ids)(const TargetConfig *config, const char *parent);
  // What the server's own words mean, to be translated; NULL = nothing that we know better.
  const char *(*explain)(const char *text);
  // Whether the member belongs to the group without standing in it, since it is its primary group.
  bool (*writer_is_primary)(void *writer, const char *group, const char *member, bool *out,
                            GError **error);
  // See writer_revive.
  bool (*writer_revive)(void *writer, const Revival *revival, Revived *out, GError **error);
  // See target_take_in.
  bool (*take_in)(const TargetConfig *config, Findings *findings, GError **error);
  // See target_receipts. Whoever has it answers what was sent with LDAP_SUCCESS and Answer.sent.
  bool (*receipts)(const TargetConfig *config, SettledFunc func, void *data, GError **error);
  bool (*receipts_kept)(const TargetConfig *config, GError **error);
  // See target_settle: what is believed of the target follows. NULL = it keeps nothing of its own.
  bool (*settle)(const TargetConfig *config, const GArray *settled, GError **error);
} TargetType;

const TargetType *registry_find(const char *name);  // NULL if unknown
void registry_names(GString *out);                  // "ldap, ldif, fake"

// What the cursor says that server_written made: the server's address begins it, its name follows behind a space.
typedef struct ServerWritten {
  size_t n_uri, n_name;
  Instant when;
} ServerWritten;
bool server_parse(const char *written, ServerWritten *out);

extern const TargetType ldap_type, ad_type, share_type;
extern const TargetType scim_type, sql_type, csv_type, task_type;
extern const TargetType ldif_type, fake_type, fake_product_type;

// ---------------------------------------------------------------------------------------------
// Reading ahead (ahead.c). While a thread reads, the type's reader is its own.

typedef struct Ahead Ahead;

typedef struct AheadTaker {
  ObservedFunc func;
  void *data;
} AheadTaker;

Ahead *ahead_new(const TargetType *type, void *self, const Schema *schema);
void ahead_free(Ahead *ahead);  // waits until the thread has given up
void ahead_add(Ahead *ahead, const Scope *scope);
void ahead_start(Ahead *ahead);
// Until all is read, whoever takes it: then the reader may be used for something else.
void ahead_wait(Ahead *ahead);
bool ahead_has(const Ahead *ahead, const Scope *scope);  // it is the one whose turn it is
bool ahead_take(Ahead *ahead, const AheadTaker *taker, size_t *n_entries, GError **error);

// ---------------------------------------------------------------------------------------------
// Looking at what an operation did.

typedef struct Sight {
  const TargetType *type;
  void *self;  // the type's writer
  const Places *places;
  Schema *schema;  // described by the target as far as attributes have been met
} Sight;

bool probe_look(const Sight *sight, const Op *op, Probe *out, GError **error);
// "title: 係長 (expected 主事)" for each value that is not as the operation expected; secrets masked.
void probe_explain(const Sight *sight, const Op *op, GString *out);

// ---------------------------------------------------------------------------------------------
// The schema that the file target has built in (core, cosine, inetorgperson, nis, ppolicy).

// False when the table does not know the attribute. attr->name stays.
bool rules_attr(const char *name, Attr *attr);
void rules_classes(GPtrArray *classes);

// ---------------------------------------------------------------------------------------------
// A directory in memory, with the behaviour of a server: result codes, guards, stable ids.

typedef struct Dit Dit;

// In what directories differ.
typedef struct DitTraits {
  bool (*rules)(const char *name, Attr *attr,
                const void *data);  // how an attribute's values compare
  const void *rules_data;
  bool names_follow;  // the naming attribute follows from the name; a new entry need not hold it
  // Sets what else follows from the name, of an entry that is new or renamed; NULL = nothing does.
  void (*follow)(Record *record, const void *rules_data);
} DitTraits;

Dit *dit_new(const char *base);  // that of the file target
Dit *dit_new_with(const char *base, const DitTraits *traits);
void dit_free(Dit *dit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dit, dit_free)
size_t dit_count(const Dit *dit);
// Takes the record as it is; it gets a stable id if it has none. LDAP_ALREADY_EXISTS or
// LDAP_INVALID_DN_SYNTAX: not taken.
int dit_load(Dit *dit, Record *record);
// After loading: an entry outside the base or without a parent; its name, else NULL.
const char *dit_unrooted(const Dit *dit);
// Carries out the request with the guards and rules of a server. The code is the result; *text words for
// it (static, NULL if none). *touched is the entry after an addition, else NULL.
int dit_execute(Dit *dit, const Request *request, const char **text, const Record **touched);
const Record *dit_at_dn(const Dit *dit, const char *dn);
const Record *dit_with_id(const Dit *dit, const char *stable_id);
// All, parents first, in an order that depends on the names only. Records are borrowed.
GPtrArray *dit_sorted(const Dit *dit);
Dit *dit_copy(const Dit *dit);
// Whether the entry has the value, by the attribute's rule.
bool dit_has_value(const Dit *dit, const Record *record, const char *attribute, const char *text);

// Reading it as reader_read does.
typedef struct DitReading {
  const TargetConfig *config;
  const Scope *scope;
  const Schema *schema;
  ObservedFunc func;
  void *data;
} DitReading;
bool dit_read(const Dit *dit, const DitReading *reading, size_t *n_entries, GError **error);

// ---------------------------------------------------------------------------------------------
// What stands, as far as we know, in a system that cannot be asked: a folder keeps what was confirmed last, and
// the requests sent since, in order. "Now" is the one with the others carried out. Nothing lasts before
// believed_commit. Errors: EXIT_UNREAD while opening, EXIT_FAILED when something cannot be written.

typedef struct Believed Believed;

typedef struct BelievedTraits {
  const char *base;  // DN; there is an entry for it as long as nothing else is told
  DitTraits dit;
  bool writes;  // else nothing is ever written there, and believed_commit is an error
} BelievedTraits;

typedef struct Pending {
  uint64_t id;  // ascending, never given again
  Instant sent;
  // Without secrets; with the run and the numbers of its operations. The stable_id of an addition is the one
  // that the entry was given.
  Request *request;
  bool has_secret;    // something was left out
  bool done;          // settled: it lasts, or what it builds on is not settled yet
  bool lasts;         // the former
  bool fits;          // could be carried out on what stands before it (after believed_now)
  const char *batch;  // what it went out with, a word of the owner's; NULL = it has not gone out
} Pending;

// The folder is made when it is to be written to. One process writes at a time (EXIT_LOCKED).
Believed *believed_open(const char *folder, const BelievedTraits *traits, GError **error);
void believed_close(Believed *believed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Believed, believed_close)
bool believed_is_new(const Believed *believed);  // nothing of it is on the disk yet
const Dit *believed_confirmed(const Believed *believed);
const Dit *believed_now(Believed *believed);  // until the next change
// Carries it out on what is there now, as dit_execute does. What succeeds is pending from then on.
int believed_execute(Believed *believed, const Request *request, const char **text,
                     const Record **touched);
// In the order of their sending; borrowed until the next change.
size_t believed_n_pending(const Believed *believed);
const Pending *believed_pending(const Believed *believed, size_t i);
void believed_set_batch(Believed *believed, size_t i, const char *batch);
// It was done, and so confirmed; or it never will be, and is forgotten.
typedef struct Settling {
  bool done;
  bool lasts;  // what is done stays a request, carried out anew, until the system itself was read
               // (believed_replace and believed_drop)
  const char *stable_id;  // what it created is called so from now on; NULL = as before
} Settling;
void believed_settle(Believed *believed, size_t i, const Settling *how);
// The system itself was read: takes `confirmed`. Requests that it shows are then dropped by the owner.
void believed_replace(Believed *believed, Dit *confirmed);
void believed_drop(Believed *believed, size_t i);
// Takes the number of an operation from the request; true when it was the last one.
bool believed_release(Believed *believed, size_t i, uint32_t n);
typedef void (*MarkFunc)(const char *name, const char *text, void *data);
void believed_marks(const Believed *believed, MarkFunc func, void *data);  // in no order
// Words of the owner's, kept with the rest, by name; NULL = none.
const char *believed_mark(const Believed *believed, const char *name);
void believed_set_mark(Believed *believed, const char *name, const char *text);
bool believed_commit(Believed *believed, GError **error);

// ---------------------------------------------------------------------------------------------
// LDIF (RFC 2849).

// One record: an entry (of a content file, or changetype add), or another change.
typedef struct LdifChange {
  Record *record;  // NULL for other changes
  Request *request;
  size_t line;  // where it begins, 1-based
} LdifChange;

typedef bool (*LdifFunc)(LdifChange *change, void *data, GError **error);

// Calls `func` for each record, which may take record or request out of the change. `name` is for
// messages (EXIT_UNREAD).
bool ldif_parse(const char *text, size_t n_bytes, const char *name, LdifFunc func, void *data,
                GError **error);
void ldif_write_line(GString *out, const char *name, const char *bytes, size_t n_bytes);
void ldif_write_record(GString *out, const Record *record);     // content, with its entryUUID
void ldif_write_added(GString *out, const Record *record);      // changetype add
void ldif_write_request(GString *out, const Request *request);  // all but additions

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
// Shares: folders on an SMB server. In here a folder is its path from the share on, with "/", composed
// (NFC), "" being the share itself.

// A folder that is being made is called so, with a hash of the name that it will have.
#define SHARE_NEW_PREFIX "idou-new-"

char *share_server(const TargetConfig *config);
char *share_name(const TargetConfig *config);
bool share_path(const char *dn, GString *out);  // false: not a DN of folders on a share
void share_dn(const TargetConfig *config, const char *path, GString *out);
const char *share_below(const char *path,
                        const char *base);  // the rest of it; NULL: lies elsewhere
char *share_parent(const char *path);
const char *share_leaf(const char *path);
// What Windows and the protocol make of names; *why is set when it does not fit.
bool share_name_fits(const char *name, GString *why);
bool share_path_fits(const TargetConfig *config, const char *path, GString *why);

extern const Limits share_limits;

#define ACE_ALLOW 0
#define ACE_DENY 1
#define ACE_INHERITED 0x10    // INHERITED_ACE
#define SD_PROTECTED 0x1000u  // SE_DACL_PROTECTED

typedef struct Ace {
  uint8_t type;   // MS-DTYP 2.4.4.1
  uint8_t flags;  // ACCESS_*, ACE_INHERITED
  uint32_t mask;
  char *sid;
} Ace;

// A folder's security descriptor without what is audited.
typedef struct Acl {
  uint16_t control;  // SD_PROTECTED …
  bool open;         // there is no list: everybody may everything
  char *owner, *group;
  bool owner_is_set;  // it is to be set with the list
  GArray *aces;       // Ace, in the order in which they count
} Acl;

Acl *acl_new(void);
Acl *acl_copy(const Acl *acl);
void acl_free(Acl *acl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Acl, acl_free)
void acl_add(Acl *acl, const Ace *ace);  // copies
const Ace *acl_at(const Acl *acl, size_t i);
ssize_t acl_find(const Acl *acl, const Ace *ace);  // -1: not there
void acl_remove(Acl *acl, size_t i);
Acl *acl_of_listing(const char *text);    // as smbclient shows it; NULL: not whole
Acl *acl_of_attribute(const char *text);  // as libsmbclient does, without control bits
// Puts what the folder above gives in the place of what is inherited now; `parent` NULL: nothing.
void acl_inherit(Acl *acl, const Acl *parent, bool file);
bool acl_is_stale(const Acl *acl, const Acl *parent, bool file);  // something else is inherited
void acl_sort(Acl *acl);
void acl_merge(Acl *acl);           // generic rights replaced, entries that say one thing made one
bool acl_is_plain(const Acl *acl);  // only entries that allow or deny
bool acl_equal(const Acl *stored, const Acl *asked);
void acl_sddl(const Acl *acl, bool with_owner, GString *out);

// What Samba's library and programs need to be let in.
typedef struct ShareHome {
  const TargetConfig *config;
  bool writes;  // with the account for writing
  char *server, *share;
  char *base;           // path of the target's base
  char *user, *domain;  // of the account; with Kerberos `user` is the principal
  Secret *secret;
  int conf_fd, auth_fd;  // configuration and account as files that are nowhere
  char *folder, *cache;  // Kerberos: a folder for the ticket
} ShareHome;

ShareHome *share_home_open(const TargetConfig *config, bool writes, GError **error);
void share_home_close(ShareHome *home);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShareHome, share_home_close)
// "target NAME (URI): PATH: WORDS". Always false.
bool share_fail(const ShareHome *home, const char *path, const char *words, GError **error);

typedef struct ShareSpawn {
  int in_fd;   // what it reads
  int out_fd;  // where output and errors go
} ShareSpawn;

// Starts one of Samba's programs, with configuration and account.
bool share_spawn(const ShareHome *home, const char *const *argv, const ShareSpawn *how, pid_t *pid,
                 GError **error);

typedef struct ShareShell ShareShell;
typedef bool (*ShareAnswerFunc)(size_t i, const char *answer, void *data, GError **error);

ShareShell *share_shell_open(const ShareHome *home, GError **error);
void share_shell_close(ShareShell *shell);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShareShell, share_shell_close)
bool share_shell_alive(const ShareShell *shell);
void share_shell_cut(ShareShell *shell);  // another connection is lost: this one is no better
// Sends the commands ahead and calls `func` for each answer in turn. False: the connection is lost.
bool share_shell_ask(ShareShell *shell, GPtrArray *commands, ShareAnswerFunc func, void *data,
                     GError **error);
bool share_shell_tell(ShareShell *shell, const char *command, GString *answer, GError **error);
char *share_quote(const char *path);  // as its commands want it
// The folder's descriptor from an answer to `ls`; NULL: *status says why not.
Acl *share_shell_acl(const char *answer, const char *name, GString *status);
void share_status(const char *answer, GString *out);  // "NT_STATUS_…", empty if there is none

typedef struct ShareFolder {
  char *name;  // composed (NFC)
  char *raw;   // as the server has it
  char *id;  // the server's number of the file and when it was made, since numbers are given again
} ShareFolder;

typedef struct ShareSmb ShareSmb;

ShareSmb *share_smb_open(const ShareHome *home, GError **error);
void share_smb_close(ShareSmb *smb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShareSmb, share_smb_close)
bool share_smb_fail(const ShareSmb *smb, const char *path, int number, GError **error);
// Folders in the folder, without links and what is being made. NULL: *why is an errno.
GArray *share_smb_list(ShareSmb *smb, const char *path, int *why);
char *share_smb_id(ShareSmb *smb, const char *path, int *why);
Acl *share_smb_acl(ShareSmb *smb, const char *path, int *why);  // without control bits
// For files only: what a folder needs beyond the entries would be lost.
bool share_smb_set(ShareSmb *smb, const char *path, const Acl *acl, int *why);
// The same, and what the files in it come to.
GArray *share_smb_sum(ShareSmb *smb, const char *path, uint64_t *bytes, uint64_t *n_files,
                      int *why);
// Bytes in use and in all, where quotas hold those of the account's quota.
bool share_smb_room(ShareSmb *smb, const char *path, uint64_t *used, uint64_t *all, int *why);

// Names of SIDs and SIDs of names, from the directory that the share's server belongs to.
typedef struct ShareNames ShareNames;

ShareNames *share_names_new(const TargetConfig *config);
void share_names_free(ShareNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShareNames, share_names_free)
// Asks for those that are not known yet, many at a time.
bool share_names_learn(ShareNames *names, const GPtrArray *sids, GError **error);
// "CITY\\g-0101"; false: nobody, as far as was learnt.
bool share_names_append(const ShareNames *names, const char *sid, GString *out);
// *out NULL: there is nobody of that name (yet). Caller frees.
bool share_names_sid(ShareNames *names, const char *principal, char **out, GError **error);

// A folder as an entry.
void share_schema(Schema *schema);
void share_sids(const Acl *acl, GPtrArray *out);  // copies, of owner and entries
void share_access(const Acl *acl, const ShareNames *names, GPtrArray *out);  // texts
const char *share_inherit(const Acl *acl, const Acl *parent);  // "TRUE", "FALSE", "STALE"
void share_owner(const Acl *acl, const ShareNames *names, GString *out);

// The connections of a reader or writer.
typedef struct ShareSide {
  const TargetConfig *config;
  bool writes;
  ShareHome *home;
  ShareShell *shell;
  ShareSmb *smb;
  ShareNames *names;
} ShareSide;

ShareSide *share_side_open(const TargetConfig *config, bool writes, GError **error);
void share_side_close(ShareSide *side);
bool share_side_reconnect(ShareSide *side, GError **error);
bool share_side_fingerprint(ShareSide *side, GString *out, GError **error);
// Descriptors of many folders; NULL in *acls where there is none, a status in *why then.
bool share_acls(ShareSide *side, const GPtrArray *paths, GPtrArray **acls, GPtrArray **why,
                GError **error);
// NULL: *why is an errno, ECONNRESET when the connection is lost, and only then is *error set.
Acl *share_acl(ShareSide *side, const char *path, int *why, GError **error);
int share_errno(const char *status);  // of "NT_STATUS_…"

bool share_reader_read(ShareSide *side, const Scope *scope, const Schema *schema, ObservedFunc func,
                       void *data, size_t *n_entries, GError **error);

// The entry at `dn`, or the one with `stable_id` wherever it is; what lies in the archive is gone.
bool share_fetch(ShareSide *side, const char *dn, const char *stable_id, const char *attribute,
                 Record **out, GError **error);

// A file or folder within one whose list changes.
typedef struct ShareItem {
  char *path;
  Acl *acl;      // what it shall have
  bool visited;  // what lies in it is done, or stands behind it in the list
  bool is_set;
} ShareItem;

// A request being carried out.
typedef struct ShareJob {
  uint64_t token;
  Request *request;
  bool begun, is_set;
  bool is_made;       // a new folder, which has no name of its own yet
  char *path;         // the folder as it is called at the moment
  char *goal;         // as it shall be called in the end
  Acl *wanted;        // list to be set at `path`; NULL: none
  GPtrArray *inside;  // ShareItem: what lies in it and is still to be looked at, the next one last
  pid_t pid;          // of smbcacls, while it runs
  int out;            // what it says
  GString *heard;
  int code;  // the answer
  char *text, *id;
} ShareJob;

typedef enum ShareStep {
  STEP_AGAIN,  // go on
  STEP_SET,    // set the list of the last one inside
  STEP_CHILD,  // wait for the program
  STEP_DONE,   // the answer stands in the job
  STEP_LOST    // the connection is lost
} ShareStep;

ShareStep share_begin(ShareSide *side, ShareJob *job, GError **error);
ShareStep share_spread(ShareSide *side, ShareJob *job, GError **error);
ShareStep share_end(ShareSide *side, ShareJob *job, GError **error);
void share_abandon(ShareSide *side,
                   ShareJob *job);  // takes away what was made in vain, as far as it can
void share_judge(ShareJob *job, const char *status, const char *words);  // sets the answer
bool share_is_lost(const char *status);

typedef struct ShareSender ShareSender;

ShareSender *share_writer_open(const TargetConfig *config, GError **error);
void share_writer_close(ShareSender *sender);
ShareSide *share_writer_side(ShareSender *sender);
bool share_writer_send(ShareSender *sender, const Request *request, uint64_t token, GError **error);
bool share_writer_receive(ShareSender *sender, int timeout_ms, Answer *out, bool *got,
                          GError **error);
void share_writer_forget(ShareSender *sender, uint64_t token);

// ---------------------------------------------------------------------------------------------
// SCIM: entries are resources, "userName=t-yamada,resource=Users,scim=NAME". The protocol is a stage of its own
// (idou/scim.h). An entry's identity is the resource's id; DNs are made from the naming attribute.

#define SCIM_PAGE_SIZE 200

typedef struct ScimOwn {  // TargetConfig.own
  ScimSetup setup;        // as far as it is the same for reading and writing
  bool oauth, bulk;
  const char *anchor;  // "userName=idou-anchor"; NULL = none
} ScimOwn;

extern const char *const scim_config_keys[];
void *scim_config_read(ConfigReading *reading);
ScimSetup scim_config_setup(const TargetConfig *config, bool writes);

typedef struct ScimSide {  // of a reader or writer
  const TargetConfig *config;
  const ScimOwn *own;
  ScimLink *link;
  ScimService *service;
  GHashTable *dns;     // id -> DN, as far as they are known
  GHashTable *ids;     // DN (place_key) -> id
  GHashTable *listed;  // ScimKind: all of whose DNs are known
  unsigned n_searches;
} ScimSide;

ScimSide *scim_side_open(const TargetConfig *config, bool writes, GError **error);
void scim_side_close(ScimSide *side);
bool scim_side_fingerprint(ScimSide *side, GString *out, GError **error);
void scim_side_schema(const ScimSide *side, Schema *schema, GPtrArray *classes);

typedef struct ScimSpot {  // what a DN says
  const ScimKind *kind;    // NULL = it does not tell
  char *id;                // NULL = it does not tell
  char *name;              // value of the naming attribute; NULL = it does not tell
} ScimSpot;
bool scim_side_spot(const ScimSide *side, const char *dn,
                    ScimSpot *out);  // false: no DN of a resource
void scim_side_spot_clear(ScimSpot *spot);
// The DN of a resource, which is remembered; by its id and the naming attribute's value (may be NULL).
const char *scim_side_know(ScimSide *side, const ScimKind *kind, const char *id, const char *name);
const char *scim_side_dn(ScimSide *side, const ScimKind *kind, const json_t *resource);
void scim_side_forget(ScimSide *side);  // names of ids may be others by now
// Asks for all DNs of the kinds that can be referred to.
bool scim_side_list(ScimSide *side, GError **error);
// The DN of the resource with this id, asking for it if need be; "id=ID,scim=NAME" when there is none.
bool scim_side_dn_of(ScimSide *side, const char *id, GString *out, GError **error);
// *out NULL: there is no such resource (yet). Caller frees.
bool scim_side_id(ScimSide *side, const char *dn, char **out, GError **error);
// *out NULL: there is none. By its id, or by name.
bool scim_side_get(ScimSide *side, const ScimSpot *spot, json_t **out, char **etag, GError **error);

bool scim_reader_read(ScimSide *side, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error);
// The entry that the resource is. With `brief` each value once, under its short name.
bool scim_reader_record(ScimSide *side, const ScimKind *kind, const json_t *resource, bool brief,
                        Record **out, GError **error);

// The LDAP result for what became of a request.
int scim_code_of(const ScimAsk *ask);
int scim_code_status(long status, const char *type);
int scim_code_fault(ScimFault fault);

typedef struct ScimSender ScimSender;

ScimSender *scim_writer_open(const TargetConfig *config, GError **error);
void scim_writer_close(ScimSender *sender);
ScimSide *scim_writer_side(ScimSender *sender);
bool scim_writer_send(ScimSender *sender, const Request *request, uint64_t token, GError **error);
bool scim_writer_receive(ScimSender *sender, int timeout_ms, Answer *out, bool *got,
                         GError **error);
void scim_writer_forget(ScimSender *sender, uint64_t token);

// ---------------------------------------------------------------------------------------------
// SQL databases, through ODBC. An entry is a row, "row=KEY,table=TABLE,sql=TARGET"; a key of several columns
// is joined with "/". Column NULL = no value; an empty text is a value.

typedef struct SqlColumn {  // what the site says of a column
  const char *name;
  const char *empty;     // what it holds when there is no value; NULL = NULL
  const char *yes, *no;  // the words of a flag; NULL = as the database has them
  bool secret;           // never read
} SqlColumn;

typedef struct SqlFixed {
  const char *column, *value;
} SqlFixed;

typedef struct SqlTable {
  const char *name;    // as mappings call it
  const char *table;   // as the database does
  const char *schema;  // NULL = where the database looks first
  GPtrArray *key;      // const char *: columns
  const char *id;      // column that stays whatever happens to the row; NULL = none
  GArray *columns;     // SqlColumn
  GArray *only;        // SqlFixed: other rows are none of ours, and for us they are not there
} SqlTable;

typedef struct SqlConfig {
  const char *connection;  // without passwords
  GPtrArray *tables;       // SqlTable
  // What the catalogue says, once a schema has been asked for: it is the configuration's, as the schema's limits are.
  GHashTable *known;  // "TABLE\nCOLUMN" in lower case, and "TABLE", as a set
  GArray *demands;    // Demand
  Limits *limits;
} SqlConfig;

extern const char *const sql_keys[];
void *sql_configure(ConfigReading *reading);
void sql_unconfigure(void *own);
const SqlConfig *sql_config(const TargetConfig *config);
const SqlTable *sql_config_table(const SqlConfig *own, const char *name);
int sql_config_rank(const SqlConfig *own,
                    const char *name);  // position in `tables`; -1: there is none

// A column as the catalogue has it.
typedef struct SqlField {
  char *name;    // as written there
  char *quoted;  // as statements want it
  short type;    // of ODBC
  size_t size;   // characters or digits
  short digits;  // behind the point
  MatchRule match;
  bool is_text;
  bool padded;  // with spaces, which mean nothing
  bool needed;  // a row cannot be without
  const SqlColumn *said;
} SqlField;

typedef struct SqlShape {
  const SqlTable *table;
  char *quoted;
  GPtrArray *fields;  // SqlField
  GPtrArray *key;     // of them
  const SqlField *id;
} SqlShape;
void sql_shape_free(void *shape);
bool sql_field_is_secret(const SqlField *field);
const SqlField *sql_shape_field(const SqlShape *shape, const char *name);  // NULL = none

typedef struct SqlLink {
  const TargetConfig *config;
  const SqlConfig *own;
  bool writes;         // with the account for writing; its errors are EXIT_FAILED, else EXIT_UNREAD
  bool lost;           // the connection
  void *env, *dbc;     // ODBC's handles
  GHashTable *shapes;  // table -> SqlShape
} SqlLink;

SqlLink *sql_link_open(const TargetConfig *config, bool writes, GError **error);
void sql_link_close(SqlLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SqlLink, sql_link_close)
bool sql_link_reconnect(SqlLink *link, GError **error);
bool sql_link_fingerprint(SqlLink *link, GString *out, GError **error);
// Of a table that the site names; what it says of columns is held against the catalogue.
const SqlShape *sql_shape_of(SqlLink *link, const char *table, GError **error);
bool sql_link_end(SqlLink *link, bool commit);  // the transaction
// What the database said last of the statement (NULL: of the connection), as a code of LDAP; LDAP_SERVER_DOWN when the
// connection is lost.
int sql_link_code(SqlLink *link, void *statement, GString *words);
// "target NAME: WHAT: words". Always false.
bool sql_link_fail(SqlLink *link, void *statement, const char *what, GError **error);

// A statement being put together: identifiers are the catalogue's, values are bound.
typedef struct SqlQuery {
  GString *text;
  GArray *params;  // private
} SqlQuery;

SqlQuery *sql_query_new(const char *text);
void sql_query_free(SqlQuery *query);  // wipes the values
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SqlQuery, sql_query_free)
// Appends "?" for the value, as mappings have it.
void sql_query_value(SqlQuery *query, const SqlField *field, const Bytes *value);
// "COLUMN = ?", or "COLUMN IS NULL" for no value (NULL).
void sql_query_equals(SqlQuery *query, const SqlField *field, const Bytes *value);
void sql_query_only(SqlQuery *query, const SqlShape *shape);  // " AND …" of rows that are ours
// The key's columns, from a row's name. False: it has not as many parts.
bool sql_query_key(SqlQuery *query, const SqlShape *shape, const char *row);
void sql_query_append(SqlQuery *query, const SqlQuery *part);  // copies text and values
// The statement, open; NULL: *code and words say why. Freed by sql_query_close.
void *sql_query_run(SqlLink *link, SqlQuery *query, int *code, GString *words);
void sql_query_close(void *statement);

// What a column holds, as mappings have it. False: no value.
bool sql_value_read(const SqlField *field, GString *value);
// The parts of a row's name, one for each column of the key; NULL: there are not as many. Free with g_strfreev.
char **sql_row_split(const SqlShape *shape, const char *row);
// The table and the row of "row=KEY,table=TABLE,sql=TARGET"; *row NULL: the table itself. Caller frees both.
bool sql_place_split(const TargetConfig *config, const char *dn, char **table, char **row);
void sql_place_dn(const TargetConfig *config, const SqlShape *shape, const char *row, GString *out);
void sql_utf8(const uint16_t *text, size_t n, GString *out);  // appends

// Rows of a table, one after the other.
typedef struct SqlRows SqlRows;

typedef struct SqlChoice {
  const SqlShape *shape;
  GPtrArray *fields;  // SqlField: what is read beside key and id
  SqlQuery *where;    // "… AND …", or NULL = all that are ours
} SqlChoice;

typedef struct SqlRow {
  GString *name;      // the key, joined
  const char *unfit;  // why nobody can speak of it by its key; NULL = all is well
  GString *id;
  GString **values;  // by field; NULL = no value
} SqlRow;
typedef bool (*SqlRowFunc)(const SqlRow *row, void *data, GError **error);

// All of them, or an error (EXIT_UNREAD, EXIT_FAILED when writing): they are counted before.
bool sql_rows_each(SqlLink *link, const SqlChoice *choice, SqlRowFunc func, void *data,
                   GError **error);

bool sql_schema(SqlLink *link, Schema *schema, GPtrArray *classes, GError **error);
bool sql_reader_read(SqlLink *link, const Scope *scope, const Schema *schema, ObservedFunc func,
                     void *data, size_t *n_entries, GError **error);
bool sql_fetch(SqlLink *link, const char *dn, const char *stable_id, const char *attribute,
               Record **out, GError **error);

typedef struct SqlSender SqlSender;

SqlSender *sql_writer_open(const TargetConfig *config, GError **error);
void sql_writer_close(SqlSender *sender);
SqlLink *sql_writer_link(SqlSender *sender);
bool sql_writer_send(SqlSender *sender, Request *const *requests, size_t n_requests, uint64_t token,
                     GError **error);
bool sql_writer_receive(SqlSender *sender, Answer *out);
// Work for hands. What stands in such a target is what hands have confirmed; what they have yet to do stands in
// tasks, of an entry at most one that is alive: from what is confirmed to what is wanted. A plan sees the one with
// the others done.

// What hands do with an entry: follows from how it is before and after.
typedef enum TaskDeed {
  DEED_CREATE,
  DEED_MODIFY,
  DEED_MOVE,
  DEED_DISABLE,
  DEED_ENABLE,
  DEED_DELETE,
  DEED_N
} TaskDeed;

typedef struct TaskTeam {
  const char *word, *title;
  const char *readers;  // group of the system whose members may read its lists; NULL = only we
} TaskTeam;

typedef struct TaskShown {
  const char *attribute, *head;
  bool column;  // it has a column of its own
} TaskShown;

typedef struct TaskList {
  const char *word, *title;
  const TaskTeam *team;
  const char *verbs[DEED_N];
  int days[DEED_N];  // from the day on which it is to be so until the deadline
  GArray *shown;     // TaskShown, in order
} TaskList;

typedef struct TaskConfig {
  const char *path, *in, *out, *state;  // folders
  const char *book;                     // file
  bool cp932;                           // lists for Excel: CP932, else UTF-8 with a mark
  int shown_days;                       // what is over stays on the lists so long
  GArray *teams;                        // TaskTeam
  GPtrArray *lists;                     // TaskList
} TaskConfig;

void *task_config_read(ConfigReading *reading);
void task_config_free(void *own);
extern const char *const task_config_keys[];
const TaskConfig *task_config_of(const TargetConfig *config);
// The list that a place lies in; NULL: in none that the settings name.
const TaskList *task_config_list(const TaskConfig *own, const char *dn);

typedef struct Task {
  int64_t run;      // of the journal, and
  GArray *numbers;  // uint32_t: its operations there; the first one and the run are its own number
  TaskState state;
  Record *before, *after;  // NULL: there is no entry
  char *subject, *reason;  // for people
  char *who, *evidence, *remark;
  Date asked, due;
  Date done_on;         // by what hands say
  Date changed;         // when its state last changed
  int64_t instead_run;  // withdrawn: the task that stands in its place; 0 = none does
  uint32_t instead_n;
  int64_t
      ended_run;  // withdrawn by these operations, which so have no task of their own; 0 = by none
  GArray *ended;  // uint32_t
  bool told;      // the journal knows what became of it
} Task;

Task *task_new(int64_t run, uint32_t n);
void task_free(void *task);
uint32_t task_n(const Task *task);
const char *task_id(const Task *task);   // stable id of the entry
const char *task_dn(const Task *task);   // where it will be, or was
bool task_is_live(const Task *task);     // it is part of what a plan sees
bool task_is_waiting(const Task *task);  // hands have yet to do it
TaskDeed task_deed(const Task *task, const TargetConfig *config);
bool task_same(const Record *a, const Record *b);  // also when there is neither
void task_set(char **text, const char *value);     // copies; NULL and "" make it NULL

// As lines of the book (task_json.c). What is read is the caller's; NULL: it is none.
struct json_t *task_json(const Task *task);
Task *task_json_read(const struct json_t *json);
struct json_t *task_json_record(const Record *record);
Record *task_json_read_record(const struct json_t *json);

// "T12-7-4": run and operation with a check digit, which finds each digit that is mistyped and each two that are
// exchanged (H. M. Damm's). Other widths of digits and hyphens, and a T that is missing, are read as well.
void task_number_format(int64_t run, uint32_t n, GString *out);
bool task_number_parse(const char *text, int64_t *run, uint32_t *n);

// What one attribute is before and after.
typedef struct TaskChange {
  char *head;
  char *before, *after;  // NULL = nothing
  bool apart;  // some of several values: those that go and those that come, not one for the other
} TaskChange;

// "310" of "task=310,list=card,…". False: it is no place.
bool task_name_of(const char *dn, GString *out);
// What people are told of: of a new or old entry what the list shows, else what changes. Elements are owned.
GArray *task_changes(const Task *task, const TargetConfig *config);
// What stands before the value that goes, or comes: "追加 ", " → ", "".
const char *task_change_sign(const TaskChange *change, bool after);
void task_changes_text(const GArray *changes, GString *out);
// The present value of an attribute for a column of its own.
void task_value(const Task *task, const char *attribute, GString *out);

// What is confirmed and the tasks, on disk: a log of steps (JSON lines), written anew when a writer finishes. A step
// is one line, so that it is there whole or not at all.
typedef struct TaskBook TaskBook;

// To write takes the lock (EXIT_LOCKED). EXIT_UNREAD when there is none, or it is damaged.
TaskBook *task_book_open(const TargetConfig *config, bool writes, GError **error);
void task_book_close(TaskBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TaskBook, task_book_close)
bool task_book_make(const TargetConfig *config, GError **error);
const char *task_book_id(const TaskBook *book);
const GPtrArray *task_book_tasks(const TaskBook *book);               // Task, oldest first
Task *task_book_find(const TaskBook *book, int64_t run, uint32_t n);  // by any of its operations
Task *task_book_live(const TaskBook *book, const char *id);  // that of the entry; NULL = none
void task_book_add(TaskBook *book, Task *task);              // takes it
// The confirmed state of an entry is now this (copied); NULL: there is none.
void task_book_confirm(TaskBook *book, const char *id, const Record *record);
Dit *task_book_now(const TaskBook *book, GError **error);  // what a plan sees; caller frees
// Ends a step: these tasks and what was confirmed since the last one. On disk after flush only.
void task_book_step(TaskBook *book, Task *const *tasks, size_t n_tasks);
bool task_book_flush(TaskBook *book, GError **error);
bool task_book_compact(TaskBook *book, GError **error);
// Back to what is on disk.
bool task_book_reload(TaskBook *book, GError **error);

// What somebody tells of a task (task_report.c).
typedef struct TaskTold {
  TaskState state;
  Date day;
  const char *who, *evidence, *remark;  // NULL: not told
} TaskTold;

// Why that cannot be.
typedef enum TaskFault {
  TASK_FINE,
  TASK_FAULT_DONE_BEFORE,
  TASK_FAULT_WITHDRAWN,
  TASK_FAULT_NO_REASON,
  TASK_FAULT_NO_DAY,
  TASK_FAULT_TO_COME,
  TASK_FAULT_TOO_EARLY,
  TASK_FAULT_OTHER_DAY,
  TASK_FAULT_DAY_TOO_MANY,
  TASK_FAULT_DAY_UNREAD,
  TASK_FAULT_STATE_UNREAD,
  TASK_FAULT_TWICE,
  TASK_N_FAULTS
} TaskFault;

typedef struct TaskFaultTraits {
  const char *code;  // of a finding
  const char *text;  // for operators, to be translated
  const char *note;  // for those who handed the list back
} TaskFaultTraits;
const TaskFaultTraits *task_fault(TaskFault fault);

#define TASK_NOTE "差戻し"  // begins a remark of ours: what was handed back could not be taken

// Decides whether it can be, and changes the book, as one step. *changed: it says something new.
TaskFault task_report_take(TaskBook *book, Task *task, const TaskTold *told, bool *changed);
// What was impossible is to be done after all, or was not done as was said. False: it is neither, or a later task of
// the entry builds on it.
bool task_report_reopen(TaskBook *book, Task *task);
// It is forgotten: the next plan asks for it anew. The journal knows.
void task_report_drop(TaskBook *book, Task *task);

// The lists that people get, one CSV and one page a team (task_sheet.c, task_page.c, task_lists.c).
const char *task_state_word(TaskState state);  // "未着手"
bool task_state_of(const char *word, TaskState *out);
// By what is to be done first, then what is over, the latest first: of a team what its lists have, without a team
// all. Elements are borrowed.
GPtrArray *task_lists_sorted(const TaskBook *book, const TargetConfig *config,
                             const TaskTeam *team);
bool task_lists_is_late(const Task *task);
void task_reason(const Task *task, GString *out);  // why it is asked for, or why no longer
void task_sheet_write(const GPtrArray *tasks, const TargetConfig *config, const TaskTeam *team,
                      GString *out);
void task_page_write(const GPtrArray *tasks, const TargetConfig *config, const TaskTeam *team,
                     GString *out);
bool task_lists_write(const TaskBook *book, const TargetConfig *config, GError **error);

// What comes back (task_return.c): each file in `in` is taken once and then moved to `in/taken`.
bool task_return_take(TaskBook *book, const TargetConfig *config, Findings *findings,
                      GError **error);

#endif
