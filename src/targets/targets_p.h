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
Windows *config_windows(ConfigReading *reading);  // `windows`; NULL = none
void config_disable(ConfigReading *reading);      // `disable`: {attribute, value, enabled}
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
  const char *(*reader_name)(void *reader);
  void (*reader_remark)(void *reader, GString *out);  // see reader_remark
  Instant (*reader_as_of)(void *reader,
                          const char *place);  // see reader_as_of; NULL = it is asked as it is read
  // See reader_traces. NULL: this type tells nothing.
  bool (*reader_traces)(void *reader, const TraceAsk *ask, TraceFunc func, void *data,
                        GError **error);
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
  // See target_vitals; NULL = the writer is opened, and its folder looked at where it is a file.
  bool (*vitals)(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                 Vitals *out, GError **error);
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

// vitals.c: appends what the account may not do.
void vitals_lack(Vitals *vitals, const char *format, ...) G_GNUC_PRINTF(2, 3);
void vitals_clock(Vitals *vitals, Instant clock);  // as the target tells it now
bool ldap_vitals(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                 Vitals *out, GError **error);
bool sql_vitals(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                Vitals *out, GError **error);
bool scim_vitals(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                 Vitals *out, GError **error);

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
// Of a deletion that names values: the entry has none of these attributes' others by now.
bool probe_same(const Sight *sight, const Record *record, const Op *op);
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

#endif
