// SPDX-License-Identifier: GPL-3.0-or-later
//
// targets: the systems that are read and written. Reader and writer are two small interfaces, opened
// apart, so that a dry run has no hand to write with. DNs are formed here and nowhere else, at the
// moment of sending. Each type of target (ldap, ad, share, scim, sql, csv, task …) is a row of the registry.
#ifndef IDOU_TARGETS_H
#define IDOU_TARGETS_H

#include <idou/model.h>

// ---------------------------------------------------------------------------------------------
// Configuration: one entry under `targets:` in idou.yaml. docs/site.md is the reference.

typedef enum Tls { TLS_REQUIRED_STARTTLS, TLS_LDAPS, TLS_LOCAL, TLS_NONE } Tls;

typedef struct TargetConfig {
  const char *name;              // "ldap": the word mappings use
  const char *type;              // "ldap", "ad", "share" …: a row of the registry
  const char *path;              // ldif, fake: the file that stands for the system
  const char *uri;               // ldap, ad: ldap:// (StartTLS), ldaps://, ldapi://; share: smb://SERVER/SHARE[/FOLDER]
  const char *const *uris;       // ad: every domain controller that will do, the best first; NULL-terminated; uris[0] is uri
  const char *base;              // suffix all places are relative to; of a share "share=SHARE" with its folders before it
  const char *ca_file;
  bool plaintext;                // `tls: off`, allowed for loopback only
  bool external;                 // SASL EXTERNAL (ldapi), else simple bind
  const char *read_dn, *read_secret;    // account for reading (ad, share: a UPN or DOMAIN\user, too) and its secret file
  const char *write_dn, *write_secret;  // account for writing; read_* when NULL
  const char *desk_dn, *desk_secret;    // account for the service desk's commands; NULL = they are not allowed
  bool gssapi;                   // ad: Kerberos with a keytab, no password: the *_dn are principals, the *_secret keytabs
  const char *domain;            // ad: the domain's short name, "CITY"; NULL = as the server says
  bool must_change;              // ad: who gets a password from us must choose another at the first login
  int range_size;                // ad: members asked for at a time; 0 = as many as the server gives
  int replication_s;             // ad: for so long after a writing only the controller that was written to is asked
  const char *prefer;            // … its address, NULL = any will do; set by target_config_prefer
  const char *prefer_server;     // … its own name; NULL = not known
  Instant prefer_until;          // … until then
  const char *first;             // ad: the address to be tried first, one of uris; NULL = in their order
  const char *principals;        // share: name of the ad target that knows users and groups
  const struct TargetConfig *domain_config;  // … itself; set by whoever read them all
  const char *archive;           // share: place for folders that are given up, "folder=archive"
  bool encrypt;                  // share: SMB encryption is demanded
  bool clear_passwords;          // `passwords: clear`: the server hashes and checks them; else {SSHA}
  const char *disable_attribute; // "pwdAccountLockedTime"; NULL = no notion of disabled
  const char *disable_value;     // "000001010000Z"; other values count as enabled
  const char *enable_value;      // what the attribute holds when the account is on; NULL = nothing
  unsigned disable_bit;          // ad: the bit of the attribute's number that switches off; disable_value is then what a
                                 // new entry that is off has
  const char *charset;           // what its values may be of (charset_new): "utf8" unless said
  const char *segment;         // of the network it is in, which must not meet ours: it is never opened here; NULL = ours
  int page_size;                 // 0 = as many as is quick; a server that lists no paging is not asked for it
  int timeout_ms;                // one operation
  int window;                    // operations in flight
  int retries;                   // on busy, timeout, lost connection
  int receipt_days;              // what was sent and is not confirmed is told of after so many days
  const void *own;               // what only its type knows of
  const Windows *windows;        // when it may be written to; NULL = always
  const char *const *faults;     // fake only: e.g. "op 3 lost", "read truncated after 5"
  const char *const *watch;      // DNs of groups that are not ours and of which people want to know who of ours is in
                                 // them; NULL-terminated, NULL = none
  const char *accesslog;         // ldap: suffix of the server's log of changes (slapo-accesslog); NULL = none
} TargetConfig;

// Paths are taken relative to `folder`. Faults are findings. Strings belong to the config.
TargetConfig *target_config_read(const Yaml *yaml, const YamlNode *node, const char *name,
                                 const char *folder, Findings *findings);
void target_config_free(TargetConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TargetConfig, target_config_free)
// What the target's disable attribute must hold for an entry to be off or on, given what it holds (NULL =
// nothing). False: it must hold nothing.
bool target_lock_value(const TargetConfig *config, const char *before, bool off, GString *out);
bool target_is_off(const TargetConfig *config, const char *value, size_t n_bytes);  // with this value of it
// What a type of target asks beyond its schema; NULL = nothing. A reader's schema has them.
const Limits *target_limits(const char *type);
// Which of several controllers was written to last is remembered in the store's cursors under SERVER_WRITTEN, by
// target, from before the first operation is sent: until the others have it, they must not be asked.
#define SERVER_WRITTEN "server"
char *server_written(const char *server, Instant when);  // the cursor's value of writer_server(); caller frees
// Keeps to that controller for replication_s from then on; NULL: to none.
void target_config_prefer(TargetConfig *config, const char *written);
// Whether several operations can be done as one, or none of them (Sending.together).
bool target_has_transactions(const TargetConfig *config);
// Whether a deleted entry can come back as the same one: a `create` that says its id does so.
bool target_revives(const TargetConfig *config);
// Where entries of a class stand in the order in which a person's are made (they are removed in the reverse one);
// -1: the target wants none.
int target_rank(const TargetConfig *config, const char *klass);
// Whether values that are DNs always tell where their entry is now (AD keeps them by id).
bool target_follows_references(const TargetConfig *config);
// Whether an entry of nobody is worth a note of its own. In a share most folders are what people made in ours.
bool target_tells_orphans(const TargetConfig *config);
// Keys of a target's entry that other stages read (guards, canaries, protected, fingerprint) pass.

// ---------------------------------------------------------------------------------------------
// Reading.

typedef struct Bytes {
  size_t n;
  const char *at;   // not terminated
} Bytes;

typedef struct ObservedAttr {
  AttrId attr;
  size_t n_values;
  const Bytes *values;
  size_t n_fixed;   // the last of them cannot be taken away there: of a group, whose primary group it is
} ObservedAttr;

typedef struct Observed {       // borrowed until the callback returns
  Bytes dn;                     // as the target writes it
  Bytes stable_id;              // entryUUID and the like; empty if the target has none
  Enabled enabled;              // UNMANAGED when the target has no notion of it
  const char *protected_by;     // why the target's own rules say never to touch it: "adminCount=1"; NULL = nothing does
  const ObservedAttr *attributes;  // only those asked for that have values
  size_t n_attributes;
} Observed;

// False stops the reading with that error.
typedef bool (*ObservedFunc)(const Observed *entry, void *data, GError **error);

// What of a place matters to who reads it.
typedef enum Interest {
  INTEREST_NONE,   // nor does anything below
  INTEREST_BELOW,  // but what is below may
  INTEREST_ENTRY
} Interest;
// `sketch` has place, identity, and those attributes that follow from the place.
typedef Interest (*InterestFunc)(const Observed *sketch, void *data);

typedef struct Scope {
  const char *const *places;      // relative to the base, NULL-terminated; each with its subtree
  const char *klass;              // structural object class; NULL = any
  const char *const *attributes;  // to return, NULL-terminated
  const char *key_attribute;      // with keys: only entries with one of these values; NULL = these stable ids
  const char *const *keys;        // NULL-terminated; NULL = all
  bool alone;                     // the places' own entries only, nothing below them
  InterestFunc knows;             // asked where most entries are nobody's (folders that users make); NULL = all matter
  void *knows_data;
  bool nested;                    // with keys: groups that have these members through other groups, too, wherever they
                                  // stand; where the target cannot say, nothing is read
} Scope;

// userPassword and its kin: never shown or kept.
bool record_is_secret(const char *attribute);

typedef struct Reader Reader;

Reader *reader_open(const TargetConfig *config, GError **error);
void reader_close(Reader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reader, reader_close)
// What identifies this very server and its data ("entryUUID=… suffix=…"); to be pinned.
bool reader_fingerprint(Reader *reader, GString *out, GError **error);
// Of a target with several controllers the address of the one that is read, as the config has it, so that
// TargetConfig.first may keep to it; NULL else.
const char *reader_server(const Reader *reader);
// … and its own name; NULL else, or when it says none.
const char *reader_name(const Reader *reader);
// What is read of the place (relative to the base) was true then: INSTANT_OPEN = the system is asked as it is read;
// INSTANT_NONE = it has never told.
Instant reader_as_of(Reader *reader, const char *place);
// What people should know of what was read: that it is partly believed. NULL = nothing. Once all is read.
const char *reader_remark(Reader *reader);
// Fills in every attribute already in `schema` (Attr.known, match, single, readonly, max_chars). Attributes
// that the target does not know stay !known. Names of known object classes go to `classes` if given.
bool reader_schema(Reader *reader, Schema *schema, GPtrArray *classes, GError **error);
// True only when every matching entry was delivered once: a size or time limit, a referral, a missing
// place, a lost connection is an error (EXIT_UNREAD) that says which.
bool reader_read(Reader *reader, const Scope *scope, const Schema *schema, ObservedFunc func,
                 void *data, size_t *n_entries, GError **error);
// Begins to read these scopes (whole classes: no keys, not alone), one after the other, while the caller does
// something else. What reader_read is then asked for in this order comes from there; anything else asked of the
// reader waits until all is read. Entries wait in memory, at most 8 MB of them. What goes wrong is the error of the
// reader_read that asks for it. Scopes and schema are copied.
void reader_ahead(Reader *reader, const Scope *scopes, size_t n_scopes, const Schema *schema);

// ---------------------------------------------------------------------------------------------
// Who made or changed an entry, and when, as far as the target tells. For people: nothing is decided by it.

typedef struct Trace {  // borrowed until the callback returns
  bool created;           // the entry was made then; else changed
  const char *attribute;  // what was changed; NULL = told of the entry as a whole
  const char *value;      // of an attribute that refers to entries: the one added or taken away, a DN; NULL
  Instant when;           // INSTANT_NONE = not told
  const char *who;        // as the target calls them; NULL = not told
  bool ours;              // it is the account by which we write
  const char *where;      // which server took it; NULL = not told
} Trace;

typedef void (*TraceFunc)(const Trace *trace, void *data);

typedef struct TraceAsk {
  const char *dn, *stable_id;     // "" where there is none; of an entry that is gone the latter finds traces
  const char *const *attributes;  // of interest; NULL-terminated
  Instant since;                  // of a server's log, nothing older; INSTANT_NONE
} TraceAsk;

// Oldest first where the target keeps a log. An entry that is gone leaves traces only there. Types that tell nothing
// have none.
bool reader_traces(Reader *reader, const TraceAsk *ask, TraceFunc func, void *data, GError **error);

// ---------------------------------------------------------------------------------------------
// Operations: what a plan consists of and a writer carries out. All strings are the plan's.

// In the order in which they are carried out where no dependency decides: what takes rights away goes
// first, so that a run cut short leaves nobody with too much; an account is switched on last.
typedef enum OpKind {
  OP_HOLD,      // somebody or an object is held from now on, but not for this plan: the ledger, no write to the target
  OP_WITHDRAW,  // what an earlier run has not done yet is not done any more: the journal, no write to the target
  OP_ALLOCATE,  // a name in our registry, no write to the target
  OP_ADOPT,     // an existing entry becomes our object: a binding, no write to the target
  OP_RELEASE,   // we stop managing an attribute of a class: ownership, no write to the target
  OP_RESTRICT,  // something is taken from what the rules give an object: the ledger, no write to the target
  OP_LIFT,      // … and given back: likewise
  OP_DISABLE,
  OP_LEAVE,     // edge: object = group, member = entry
  OP_CREATE,
  OP_RENAME,    // new relative name
  OP_MOVE,      // new parent (and possibly name)
  OP_MODIFY,
  OP_JOIN,      // edge
  OP_ENABLE,
  OP_DELETE,
  OP_TASK,      // for hands
  OP_N_KINDS
} OpKind;

// What is fixed about a kind: one table (src/targets/op.c), so that every stage agrees.
typedef struct OpTraits {
  const char *name;       // "create"
  bool local;             // needs no target
  bool edge;              // join, leave
  bool revokes;           // takes something away: never before its day
  bool resend_harmless;   // sending again after an unknown outcome does no harm
  const char *undo;       // "exact" | "partial" | "none"
} OpTraits;
const OpTraits *op_traits(OpKind kind);
bool op_kind_of(const char *name, OpKind *out);

typedef struct OpValue {
  ValueKind kind;
  const char *bytes;      // TEXT: the value, terminated too; REF: object name ("account/17"); SECRET: policy
  size_t n;
} OpValue;

typedef struct OpChange {
  const char *attribute;
  const OpValue *old_values;  // to be taken away; must be there (the guard by value swap)
  size_t n_old;
  const OpValue *new_values;  // to be added; must not be there
  size_t n_new;
  bool replace;               // attribute without equality rule: replaced whole, guarded by pre-read
} OpChange;

#define UNDO_CAUSE "undo"  // of what takes back what a run did (undo.h)

typedef struct Op {
  uint32_t n;                 // number in the plan, 1-based
  OpKind kind;
  const char *target;
  const char *object;         // "account/17"; for edges the group
  const char *member;         // edges: the member's object
  const char *label;          // for people: "000310 山田　太郎", "総務課", "g-somu"
  uint32_t person;            // surrogate id; 0 if it concerns none
  const char *unit;           // for people: "101002 総務部　総務課　人事係": theirs on the plan's day (of one who left,
                              // the last), with those above it; of a unit, itself; NULL = not told
  const char *unit_before;    // … which they left for that within the month before; NULL = none
  const char *account;        // of one with a secret: what its bearer types to log in; NULL = not known
  const char *parent;         // create, move: parent object after
  const char *name;           // create, rename, move: relative name after, "uid=k-yamada"; allocate: the name
  const char *old_parent;     // rename, move: before
  const char *old_name;
  const char *stable_id;      // entry's identity at plan time; asserted where the target can. Of a creation: the deleted
                              // entry with it comes back (target_revives)
  const OpChange *changes;    // create: everything as new values (objectClass first); modify, enable, disable;
                              // edges: the first one names the attribute, when it is not "member"
  size_t n_changes;
  Instant not_before;         // INSTANT_NONE = due
  const uint32_t *after;      // operations that must have succeeded first (numbers), ascending
  size_t n_after;
  const char *why;            // reason in words: "order 000123 transfer 2027-04-01"
  const char *rule;           // "account.yaml:14", "tables/groups.csv:12"
  const char *source;         // "orders-20270401.csv:17"
  const char *confirm;        // needs a person's confirmation because …; NULL = no
  const char *cause;          // of a person's: what in the records it comes from, see docs/plan-format.md ("move",
                              // "relabel" …); NULL = it concerns no person
  const char *matter;         // the case that it belongs to, for counting: "city/12" (namespace and number of the order
                              // or request), else "roster.csv:17"; NULL = none
  const char *expected;       // HR's cover note counts the order it comes from: "R9.4.1 v2"; or "renewal" of a
                              // term; NULL = no
  bool ends;                  // it ends a right: done whatever becomes of others of the person, though they go together
} Op;

// What is remembered of secrets in the store's cursors, committed with the operation that makes them: under
// SECRETS_MADE_FOR, by secret_made_for, the field value that stands behind the secret's policy; under
// SECRETS_UNUSED, with attribute "", entries that were made switched off and have never been on.
#define SECRETS_MADE_FOR "secret"
#define SECRETS_UNUSED "unused"
char *secret_made_for(const char *target, const char *object, const char *attribute);  // caller frees
// The secrets that an operation needs, as its changes name them: first to last.
typedef struct OpSecret {
  const char *attribute;
  const char *policy;     // "POLICY" or "POLICY PURPOSE"
} OpSecret;
size_t op_n_secrets(const Op *op);
bool op_made_off(const TargetConfig *config, const Op *op);  // the entry that it creates is switched off
bool op_gives(const Op *op);  // its object is one of several of a person's: "role/17/KEY"
// It would give its person anything to work with: what whoever is stopped does not get. `config` NULL: it cannot be told
// whether an entry is made switched off.
bool op_grants(const TargetConfig *config, const Op *op);
OpSecret op_secret(const Op *op, size_t i);

// What the operation replaces, as canonical JSON for the journal: old values (secrets left out), old place, an
// edge's member. NULL when there is nothing, as when an entry is created. Caller frees.
char *op_old_json(const Op *op);

// Where an object is at plan time; parents before children. Containers: object "container/ou=people".
typedef struct Placed {
  const char *object;
  const char *parent;     // object; NULL = the base
  const char *name;       // relative name; containers may have several parts
  const char *stable_id;  // NULL if unknown
  bool exists;            // else it will be created by this plan
} Placed;

// ---------------------------------------------------------------------------------------------
// What the service desk does to accounts, by type of target (src/targets/desk.c).

typedef struct DeskTraits {
  const char *type;
  const char *password;      // the attribute
  const char *lock;          // what the server sets after wrong passwords
  const char *lock_never;    // value of it that is no such lock: somebody switched the account off
  const char *lock_open;     // value of it when the account is not locked; NULL = it has none then
  const char *must_change;   // what makes the bearer choose another password at the next login; NULL = the writer does it
  const char *must_value;
} DeskTraits;
const DeskTraits *desk_traits(const char *type);  // NULL: there is nothing to unlock or reset

// ---------------------------------------------------------------------------------------------
// Writing.

typedef enum OutcomeKind {
  OUTCOME_DONE,
  OUTCOME_ALREADY,   // was so before
  OUTCOME_REFUSED,   // expected old value no longer holds, or the server's rules forbid it: final
  OUTCOME_FAILED,    // final for this run
  OUTCOME_BUSY,      // try again later: certainly not done
  OUTCOME_UNKNOWN,   // sent, no answer: probe
  OUTCOME_SENT       // answered by another process later
} OutcomeKind;
const char *outcome_name(OutcomeKind kind);

typedef struct Outcome {
  uint64_t token;
  OutcomeKind kind;
  char *detail;        // for people, with the server's words; may be NULL; caller frees
  char *stable_id;     // of a created entry, when the target tells; caller frees
  uint32_t culprit;    // of a sending `together` that is not done: the operation that it says this of; the others are
                       // not done because of it. 0 = all of them
} Outcome;
void outcome_clear(Outcome *outcome);

typedef enum Probe { PROBE_DONE, PROBE_NOT_DONE, PROBE_DRIFTED, PROBE_UNKNOWN } Probe;

typedef struct Writer Writer;

Writer *writer_open(const TargetConfig *config, GError **error);
void writer_close(Writer *writer);  // without finish: what was not collected is unknown
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Writer, writer_close)
bool writer_fingerprint(Writer *writer, GString *out, GError **error);
// Of a target with several controllers the one that is written to, "URI NAME", for server_written; NULL else.
const char *writer_server(Writer *writer);
// Objects the plan's operations speak of. Later moves are followed by the writer itself.
bool writer_begin(Writer *writer, const Placed *places, size_t n_places, GError **error);
// What goes to the target as one: edges of one group, operations of one person, or one operation.
typedef struct Sending {
  const Op *const *ops;
  size_t n_ops;
  const GPtrArray *secrets;  // Secret, in the order in which the operations ask for them (op_secret); NULL = none
  int64_t run;               // of the journal
  bool together;             // one person's, in the plan's order: all of them are done, or none
} Sending;
// Sends it without waiting. At most
// config.window are in flight; none of them may concern one object, a parent and its child, or an
// account and its memberships: the caller sees to it. False: not sent, e.g. the connection is lost.
bool writer_submit(Writer *writer, const Sending *sending, uint64_t token, GError **error);
// One outcome, waiting at most timeout_ms; *got false when none came. When the connection is lost every
// operation in flight is given as UNKNOWN (or BUSY when it certainly was not sent), one a call.
bool writer_collect(Writer *writer, int timeout_ms, Outcome *out, bool *got, GError **error);
// Connects anew after a loss.
bool writer_reconnect(Writer *writer, GError **error);
// Tells of an operation that took effect without this writer (an earlier run, before it was killed), so
// that later ones find their objects. `stable_id` of what it created, or NULL.
void writer_follow(Writer *writer, const Op *op, const char *stable_id);
// Looks whether an operation has taken effect; if so, it is followed.
bool writer_probe(Writer *writer, const Op *op, Probe *out, GError **error);
// The identity of an object as far as it is known by now: given with its place, told when it was created
// or found by a probe. NULL = not known. Borrowed until the next call.
const char *writer_identity(Writer *writer, const char *object);
// What an operation is about to overwrite, as canonical JSON for the journal: for delete the whole entry
// (secrets such as userPassword left out), else NULL in *out when the operation itself says it all. EXIT_HELD: the
// deletion names a value of the entry, its key, which is another by now; it must not be sent.
bool writer_before(Writer *writer, const Op *op, char **out, GError **error);
// Bringing a deleted entry back, where the target can (AD).
typedef struct Revival {
  const char *before;   // what writer_before told of it before it was deleted
  const char *parent;   // distinguished name of another place; NULL = where it was
} Revival;

typedef struct Revived {   // also of a revival that failed half-way
  char *stable_id, *dn;    // NULL: it is not back
  GPtrArray *restored;     // char *: attributes that have their old values again
  GPtrArray *missing;      // char *: attributes that have not, with the server's words
  GPtrArray *rights;       // char *: groups it was in, or members it had; none is put back here
} Revived;
void revived_init(Revived *revived);
void revived_clear(Revived *revived);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Revived, revived_clear)

// The same entry, with its id, switched off, without password and without its groups. Doing it again completes what
// is missing. EXIT_USAGE when this type of target cannot.
bool writer_revive(Writer *writer, const Revival *revival, Revived *out, GError **error);
bool writer_finish(Writer *writer, GError **error);  // waits, flushes (ldif: fsync and rename)

// ---------------------------------------------------------------------------------------------
// Receipts: what became of operations that were only sent (OUTCOME_SENT), told by the product's next export, its
// import's result, or a list that people hand back.

typedef struct Settled {
  int64_t run;           // of the journal,
  uint32_t n;            // and the operation in it
  OutcomeKind kind;      // DONE, REFUSED or FAILED
  const char *detail;    // for people: who said so, where, why; may be NULL
  const char *object;    // what was created has this identity now, or NULL:
  const char *stable_id; // (of one refused: the target goes on showing it)
} Settled;

typedef bool (*SettledFunc)(const Settled *settled, void *data, GError **error);
// Takes in what came back since from people; faults in it are findings. Comes before target_receipts. Types to which
// nobody hands anything back have nothing to do.
bool target_take_in(const TargetConfig *config, Findings *findings, GError **error);
// Looks what has come since, and tells of each operation that is decided. It tells so again each time until
// target_receipts_kept. Types that are answered at once have nothing to tell.
bool target_receipts(const TargetConfig *config, SettledFunc func, void *data, GError **error);
// The journal has them: they need not be told again.
bool target_receipts_kept(const TargetConfig *config, GError **error);
bool target_has_receipts(const TargetConfig *config);
// Somebody says by hand what became of operations (Settled) that the product never tells of. Comes before the journal
// notes it, and perhaps again after a kill: what is not known, or known already, is true.
bool target_settle(const TargetConfig *config, const GArray *settled, GError **error);

// ---------------------------------------------------------------------------------------------
// Work for hands (type task; docs/tasks.md): what people have to do, as they are told of it and tell of it.

typedef enum TaskState {
  TASK_OPEN,
  TASK_ASSIGNED,    // somebody is at it
  TASK_DONE,
  TASK_IMPOSSIBLE,  // so said, with a reason; it comes again only when something else is wanted
  TASK_WITHDRAWN,   // not wanted any more before it was done, or another stands in its place
  TASK_N_STATES
} TaskState;
const char *task_state_name(TaskState state);  // "open"

// All borrowed until the callback returns; "" where there is nothing.
typedef struct TaskView {
  const char *number;    // as people type it, "T12-7-4"
  const char *target;
  const char *team, *list;              // their words in idou.yaml
  const char *team_title, *list_title;  // … and what people call them
  TaskState state;
  bool late;             // its deadline is over
  Date asked, due, done_on;             // done_on: DATE_NONE unless done
  const char *verb;      // "発行"
  const char *subject;   // whom or what it is about
  const char *content;   // before → after
  const char *reason;
  const char *who;       // who does it or did it
  const char *evidence, *remark;
  const char *instead;   // number of the one that stands in the place of one that was withdrawn
} TaskView;

typedef void (*TaskFunc)(const TaskView *task, void *data);
// All that are kept: those that are to be done, by deadline, then those that are over, the latest first.
bool tasks_each(const TargetConfig *config, TaskFunc func, void *data, GError **error);

// The number in its usual form. False: it is none, or a digit is wrong.
bool tasks_number(const char *text, GString *out);

// What somebody tells of tasks.
typedef struct TaskReport {
  TaskState state;       // OPEN: what was impossible, or said to be done, is to be done
  Date day;              // done: when
  const char *who;       // who did it, does it or found it impossible
  const char *evidence;  // done: NULL = none; impossible: the reason
} TaskReport;

// Of all of them or, with EXIT_USAGE, of none. NULL-terminated.
bool tasks_report(const TargetConfig *config, const char *const *numbers, const TaskReport *report,
                  GError **error);
// Makes what a new target of this type needs: its folders, and an empty record of what is confirmed. EXIT_USAGE when
// there is one.
bool tasks_begin(const TargetConfig *config, GError **error);
bool tasks_are(const TargetConfig *config);  // it is of that type

// ---------------------------------------------------------------------------------------------
// Before a run: what a target tells of itself, and of what our account for writing may do. Nothing is written.

typedef struct VitalsClass {  // entries that are made and changed
  const char *klass;               // structural object class, or table
  const char *const *places;       // relative to the base; NULL-terminated
  const char *const *attributes;   // that are written; NULL-terminated
} VitalsClass;

typedef struct Vitals {
  Instant clock, asked;  // its own clock, and the machine's at that moment; INSTANT_NONE = it does not tell
  Instant certificate;   // until when its certificate holds; INSTANT_NONE = none was seen
  bool local;            // it is files of this machine: it has no clock of its own
  bool tells_rights;     // it says what the account for writing may do
  GPtrArray *lacks;      // char *: what the account may not do, for people
} Vitals;

// Logs in with the account for writing; false when it cannot. What a target does not tell stays unsaid. `out` is to be
// cleared in any case.
bool target_vitals(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                   Vitals *out, GError **error);
void vitals_clear(Vitals *vitals);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Vitals, vitals_clear)

// ---------------------------------------------------------------------------------------------
// How full a share is.

typedef struct Capacity {
  const char *target;
  const char *folder;  // path below the target's base; "" = the share itself
  const char *stable_id;
  bool whole;          // the share: what is in use by anybody, and all there is
  uint64_t used;       // bytes
  uint64_t limit;      // bytes; 0 = none of its own
  uint64_t n_files;
  uint64_t n_closed;   // folders in it that could not be looked into: `used` is without them
  Instant changed;     // the last change of anything in it; INSTANT_NONE: nothing since it was made, or `whole`
} Capacity;
typedef void (*CapacityFunc)(const Capacity *capacity, void *data);

typedef struct CapacityAsk {
  const char *below;  // a path, "" = the base; NULL = only the share
  // Of folders further down: whether they are told, too, before that which they are in. NULL = none.
  bool (*wants)(const char *target, const char *stable_id, void *data);
  CapacityFunc func;
  void *data;
} CapacityAsk;

// The share, and each folder in `below` with all that is in it: everything is gone through, which takes its time.
bool target_capacity(const TargetConfig *config, const CapacityAsk *ask, GError **error);

#endif
