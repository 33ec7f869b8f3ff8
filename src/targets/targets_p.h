// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the parts of the stage share. The writer (writer.c) turns operations into requests, keeps the
// books of what is in flight and judges results; a type of target only carries requests to its system
// and answers with a result code. Codes are those of LDAP (RFC 4511 appendix A) for all types, so that
// the file behaves as the directory does.
#ifndef IDOU_TARGETS_P_H
#define IDOU_TARGETS_P_H

#include <idou/targets.h>
#include <ldap.h>

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

Places *places_new(const char *base);
void places_free(Places *places);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Places, places_free)
void places_add(Places *places, const Placed *placed);
// Appends the distinguished name; `object` NULL is the base.
bool places_dn(const Places *places, const char *object, GString *out, GError **error);
const char *places_stable_id(const Places *places, const char *object);  // NULL if unknown
// An operation has taken effect. `stable_id` of what it created, or NULL.
void places_follow(Places *places, const Op *op, const char *stable_id);

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
  char *dn;
  char *new_rdn;       // rename
  char *new_parent;    // rename: NULL = stays
  char *stable_id;     // the entry must still be this one; NULL = not known
  GArray *mods;        // Mod
  GPtrArray *owned;    // strings that values point to
  GPtrArray *secrets;  // const Secret, borrowed: those that values point to
} Request;

// Refused with EXIT_FAILED when an object is unknown, a text holds a NUL, or a secret was not made.
Request *request_new(const Places *places, const Sending *sending, GError **error);
Request *request_blank(RequestKind kind, const char *dn);
Mod *request_add_mod(Request *request, ModKind kind, const char *attribute);
// Copies the value. `mod` is one of the request's.
void request_add_value(Request *request, Mod *mod, const char *bytes, size_t n_bytes);
// Puts {SSHA} hashes in the place of its secrets.
void request_hash_secrets(Request *request);
void request_free(Request *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)
// The attribute that holds members: that of the operation's first change, else "member".
const char *request_member_attribute(const Op *op);

// ---------------------------------------------------------------------------------------------
// Results.

typedef struct Answer {
  uint64_t token;
  bool lost;        // the connection went before the answer came; `code` means nothing
  int code;         // LDAP result
  char *text;       // the server's words; may be NULL
  char *stable_id;  // of a created entry when told; may be NULL
} Answer;
void answer_clear(Answer *answer);

typedef struct ResultTraits {
  OutcomeKind kind;
  bool look;         // what was wanted may hold already: look at the entry
  const char *text;  // reason for people, to be translated
} ResultTraits;
const ResultTraits *answer_traits(int code);

// ---------------------------------------------------------------------------------------------
// A type of target.

typedef struct TargetType {
  const char *name;

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
} TargetType;

const TargetType *registry_find(const char *name);  // NULL if unknown
void registry_names(GString *out);                  // "ldap, ldif, fake"

extern const TargetType ldap_type, ad_type, ldif_type, fake_type;

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

Dit *dit_new(const char *base);
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
} Dialect;
const Dialect *ldap_dialect(const char *type);

typedef struct Link {
  LDAP *ld;
  const Dialect *dialect;
  const TargetConfig *config;
  bool writes;       // with the account for writing; its errors are EXIT_FAILED, else EXIT_UNREAD
  bool lists_paged;  // RFC 2696
  bool lists_assertion;  // RFC 4528
  bool lists_post_read;  // RFC 4527
  char *subschema;       // DN of the subschema subentry
  LdapSchema *schema;    // read when first asked for
} Link;

Link *ldap_link_open(const TargetConfig *config, bool writes, GError **error);
void ldap_link_close(Link *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, ldap_link_close)
// Sets the error "target NAME (URI): WHAT: server's words". Always false.
bool ldap_link_fail(const Link *link, int code, const char *what, GError **error);
bool ldap_link_fingerprint(Link *link, GString *out, GError **error);
struct timeval ldap_link_timeout(const Link *link);
bool ldap_link_is_lost(int code);

// The server's schema; borrowed from the link.
const LdapSchema *ldap_schema_of(Link *link, GError **error);
void ldap_schema_free(LdapSchema *schema);
void ldap_schema_fill(const LdapSchema *known, Schema *schema);
void ldap_schema_classes(const LdapSchema *known, GPtrArray *classes);
// All names of the attribute that has this one, NULL-terminated, or NULL if it is not known.
char **ldap_schema_names(const LdapSchema *known, const char *name);

bool ldap_reader_read(Link *link, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error);

typedef struct Sender Sender;

Sender *ldap_writer_open(const TargetConfig *config, GError **error);
void ldap_writer_close(Sender *sender);
Link *ldap_writer_link(Sender *sender);
bool ldap_writer_send(Sender *sender, const Request *request, uint64_t token, GError **error);
bool ldap_writer_receive(Sender *sender, int timeout_ms, Answer *out, bool *got, GError **error);
void ldap_writer_forget(Sender *sender, uint64_t token);
bool ldap_writer_reconnect(Sender *sender, GError **error);
bool ldap_writer_fetch(Sender *sender, const char *dn, const char *stable_id, const char *attribute,
                       Record **out, GError **error);
bool ldap_writer_compare(Sender *sender, const char *dn, const char *attribute, const char *value,
                         bool *out, GError **error);

#endif
