// SPDX-License-Identifier: GPL-3.0-or-later
//
// store: the ledger file (SQLite, WAL, synchronous FULL, foreign keys on). This stage alone knows SQL:
// every statement stands in one table (src/store/store_sql.c), every migration in one list
// (src/store/store_migrate.c). Other stages see typed rows. Strings in rows handed out are borrowed
// until the next call with the same Store, unless said otherwise.
#ifndef IDOU_STORE_H
#define IDOU_STORE_H

#include <idou/base.h>

typedef struct Store Store;

typedef enum StoreMode {
  STORE_READ,   // a dry run: every write fails; sees one moment of the file until it is closed
  STORE_WRITE,  // created (mode 0600) and migrated when needed
  STORE_WHATIF  // a private copy in memory; writes go nowhere
} StoreMode;

// A store of a newer version is refused, an older one migrated (WRITE, WHATIF) or refused (READ).
Store *store_open(const char *path, StoreMode mode, GError **error);
void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

// Transactions do not nest. Commit returns only once the data is on disk. A full disk is an error of
// the call that met it; the transaction is then rolled back.
bool store_begin(Store *store, GError **error);
bool store_commit(Store *store, GError **error);
void store_rollback(Store *store);
// Getters without GError give "none" when the file cannot be read, and log why. False, with that
// reason, if one of them did so since the last check; begin and commit check too. Whoever built
// something on what a store does not hold asks this before it counts.
bool store_check(Store *store, GError **error);
// Whether the file is whole, as SQLite can tell without comparing indexes: EXIT_USAGE when it is damaged. Reads all of it.
bool store_is_whole(Store *store, GError **error);

// ---------------------------------------------------------------------------------------------
// Fields. The built-in ones have fixed numbers; a site's own (a layout names them) follow.

typedef uint16_t FieldId;

enum {
  FIELD_NONE,
  // person
  FIELD_NUMBER,       // employee number, text
  FIELD_NAME,         // as HR writes it: family and given separated by a space of any width
  FIELD_KANA,
  FIELD_FORMER_NAME,  // 旧姓
  FIELD_USE_FORMER,   // "1" when 旧姓 is used at work
  FIELD_BIRTH,        // ISO date
  FIELD_EMPLOYMENT,   // 職員種別, as the layout's code table names it
  FIELD_STATE,        // "active" | "leave" | "left"
  FIELD_HIRED,        // ISO date
  FIELD_PHONE,
  FIELD_MAIL,
  // post
  FIELD_UNIT,         // unit code
  FIELD_TITLE,        // title code
  FIELD_ROLE,         // "main" | "concurrent"
  FIELD_HELD,         // "1" from the first day, "0" from the day after the last
  FIELD_DUTY,
  // unit
  FIELD_CODE,
  FIELD_UNIT_NAME,
  FIELD_UNIT_KANA,
  FIELD_PARENT,       // code of the unit above; "" = top
  FIELD_ORDER,        // display order (職制順)
  // either
  FIELD_TITLE_NAME,   // on a post: the title as HR prints it
  // person
  FIELD_UNTIL,        // ISO date: last day of a fixed term; of those whom HR does not know, their mandatory end
  FIELD_OWNER,        // number or code of whoever answers for somebody HR does not know
  FIELD_ROMAJI,       // spelling of the name in Latin letters that the bearer wishes: "Satoh Tarou"
  FIELD_LOAN,         // of a pool account: names the loan that is running; "" = none
  FIELD_AUTHORITY,    // namespace of the source that speaks for the person now, after being handed over (出向)
  // post
  FIELD_FROM_TIME,    // "HH:MM" on its first day (elections); missing = 00:00
  FIELD_TO_TIME,      // "HH:MM" on its last day; missing = 24:00
  FIELD_SECTION,      // 係
  FIELD_POST_ORDER,   // 職制順 within the unit
  // unit
  FIELD_SUCCESSOR,    // code of the unit that whoever is here belongs to from that day on (統合)
  FIELD_HEIR,         // code of one of the units that this one was divided into that day (分割): facts of one day
                      // hold side by side
  // person
  FIELD_FORMER_KANA,  // reading of 旧姓
  // The numbers stand in the file: new built-in fields come here, and never beyond 63.
  FIELD_SITE = 64     // the first number of a site's own fields
};

// The number of a field by its name in layouts and mappings ("number", "name", "kana",
// "former_name", "use_former", "birth", "employment", "state", "hired", "phone", "mail", "unit", "title", "role",
// "held", "duty", "code", "unit_name", "unit_kana", "parent", "order", "title_name", "until", "owner", "romaji", "loan",
// "authority", "from_time", "to_time", "section", "post_order", "successor", "heir",
// "former_kana"); FIELD_NONE if unknown.
FieldId store_field(Store *store, const char *name);
// As above, and registers a site's own field. Needs a writable store.
FieldId store_field_add(Store *store, const char *name, GError **error);
const char *store_field_name(Store *store, FieldId field);
// Every field is below this number.
FieldId store_n_fields(Store *store);

// ---------------------------------------------------------------------------------------------
// Subjects and the links that name them.

typedef enum SubjectKind { SUBJECT_PERSON = 1, SUBJECT_UNIT = 2 } SubjectKind;

// A new surrogate id, never used again. 0 on error.
uint32_t store_subject_add(Store *store, SubjectKind kind, GError **error);
// `space` is the source's namespace ("city", "hospital", …); `number` the employee number or unit code.
// Dated: a number is its person's from `from` until `to` (exclusive).
bool store_link_add(Store *store, SubjectKind kind, const char *space, const char *number,
                    uint32_t subject, Date from, GError **error);
uint32_t store_link_find(Store *store, SubjectKind kind, const char *space, const char *number,
                         Date on);  // 0 = nobody
// Its first holder on that day or later; 0 = nobody.
uint32_t store_link_next(Store *store, SubjectKind kind, const char *space, const char *number, Date on);
// What links know a unit by: its code; of a unit without one, told as "PARENT/NAME", the key of the name, or "//" and
// the code by which it goes in the meantime.
void store_unit_number(const char *code, GString *out);
void store_unit_key(const char *name, GString *out);  // for comparing names of units: text_key without spaces
// Every link of a unit, by subject and then as they came to hold.
typedef struct LinkRow {
  uint32_t subject;
  const char *space, *number;
  Date from, to;
} LinkRow;
typedef bool (*StoreUnitLinkFunc)(const LinkRow *link, void *data);  // false stops
bool store_unit_links_each(Store *store, StoreUnitLinkFunc func, void *data, GError **error);
// Subject's latest number, or NULL.
const char *store_link_number(Store *store, SubjectKind kind, uint32_t subject);
// All numbers of the subject, oldest first. False from `func` stops.
typedef bool (*StoreLinkFunc)(const char *space, const char *number, Date from, Date to, void *data);
bool store_links_of(Store *store, SubjectKind kind, uint32_t subject, StoreLinkFunc func, void *data,
                    GError **error);
// Every number of one subject becomes another's: they turned out to be one.
bool store_links_pass_on(Store *store, uint32_t from, uint32_t to, GError **error);
// All who ever bore the number, in any namespace: what was said of them by an old number still holds.
typedef bool (*StoreBearerFunc)(uint32_t subject, void *data);  // false stops
bool store_link_bearers(Store *store, SubjectKind kind, const char *number, StoreBearerFunc func,
                        void *data, GError **error);
// A person's post by its key within the person ("main", or "concurrent:" + unit code). Adds if missing.
uint32_t store_post(Store *store, uint32_t person, const char *key, GError **error);
uint32_t store_post_find(Store *store, uint32_t person, const char *key);  // 0 = none
// All posts with this key, by person.
typedef bool (*StorePostFunc)(uint32_t person, uint32_t post, void *data);
bool store_posts_each(Store *store, const char *key, StorePostFunc func, void *data, GError **error);
// The key of a post; NULL if there is none.
const char *store_post_key(Store *store, uint32_t post);
uint32_t store_post_person(Store *store, uint32_t post);  // whose it is; 0 = there is none

// ---------------------------------------------------------------------------------------------
// Intake: files and their raw rows.

typedef struct IntakeRow {
  int64_t id;
  const char *name;     // file name as it came
  const char *sha256;
  const char *layout;
  const char *kind;     // "roster" | "orders" | "units"
  const char *space;    // namespace of the source
  Date declared;        // the file's own date; DATE_NONE if it has none
  Instant taken;
  int64_t n_rows;
  int64_t n_findings;
} IntakeRow;

int64_t store_intake_add(Store *store, const IntakeRow *intake, GError **error);  // 0 on error
bool store_intake_counts(Store *store, int64_t intake, int64_t n_rows, int64_t n_findings,
                         GError **error);
bool store_intake_by_sha256(Store *store, const char *sha256, IntakeRow *out);
// The moment up to which we know: now, or the last intake, if a clock was set back. What an embargo hides is
// known only later.
Instant store_known_by(Store *store, Instant now);
// Of the given kind and namespace, the one with the latest declared date (then latest taken).
bool store_intake_last(Store *store, const char *kind, const char *space, IntakeRow *out);

// All, by id.
typedef bool (*StoreIntakeFunc)(const IntakeRow *intake, void *data);  // false stops
bool store_intakes_each(Store *store, StoreIntakeFunc func, void *data, GError **error);

int64_t store_row_add(Store *store, int64_t intake, int64_t line, const char *raw, size_t n_bytes,
                      GError **error);

typedef struct RowOrigin {
  const char *file;
  int64_t line;
  const char *raw;     // NULL when purged
  const char *space;   // namespace of the source
  const char *order;   // HR's order number; NULL when the row is none
  const char *order_kind;  // our kind of it; NULL likewise
  int64_t order_set;   // 0 = none
} RowOrigin;

bool store_row_origin(Store *store, int64_t row, RowOrigin *out);
// What a row was: of which kind of file and, when it was an order, of which kind ("transfer"), whose and from when.
typedef struct RowKind {
  const char *file;    // kind of the intake: "roster", "orders", "units" …
  const char *order;   // NULL when the row is no order
  uint32_t person;     // of the order; 0 = none
  Date from;           // the first day of what it says; DATE_NONE when it says nothing any more
  Instant taken;       // when the file came
} RowKind;

bool store_row_kind(Store *store, int64_t row, RowKind *out);
// The rows of files of that kind and namespace by which facts of units begin on that day, as far as they still hold:
// a table that is sent again for a day takes the place of the one before.
typedef bool (*StoreRowFunc)(int64_t row, void *data);
bool store_unit_rows_each(Store *store, const char *kind, const char *space, Date from,
                          StoreRowFunc func, void *data, GError **error);
// Forgets raw text (not file and line) of rows taken before `before`. Returns how many, or -1.
int64_t store_rows_purge(Store *store, Instant before, GError **error);

// Orders, as HR said them. A person's facts from orders are computed from all of them (orders), so nothing
// that an order said is forgotten: neither what it could not do yet nor what was withdrawn.
typedef struct OrderRow {
  int64_t row;                 // its row in HR's file; identifies it
  const char *space;
  const char *number;          // HR's number; with whatever else the layout's key names, "12/000310"
  uint32_t person;             // 0 = nobody is known by its employee number yet
  const char *person_number;   // employee number
  const char *old_number;      // of a hire, "" if none
  const char *target;          // of 訂正 and 取消: number of the order they speak of; else ""
  const char *kind;            // our kind: "hire", "transfer", …
  bool last_day, keep_former;  // as the layout has it for this kind
  Date date;
  int64_t seq;                 // precedence
  const char *said;            // JSON object: field -> value, all that its row says
  int64_t set;                 // order set; 0 = none
  Instant known_from, known_to;  // known_to: withdrawn or replaced by another version then
  const char *state;           // "holds" | "waits" | "refused" | "corrected" | "cancelled" | "amends" |
                               // "missing" | "withdrawn" | "replaced"
  const char *reason;          // code of the finding that says why; "" if none
} OrderRow;

bool store_order_add(Store *store, const OrderRow *order, GError **error);
// By HR's number: the one that is known and not withdrawn, else the one known last.
bool store_order_find(Store *store, const char *space, const char *number, OrderRow *out);
bool store_order_at(Store *store, int64_t row, OrderRow *out);
typedef bool (*StoreOrderFunc)(const OrderRow *order, void *data);  // false stops
// All that ever named the person, also those withdrawn, by precedence.
bool store_orders_of(Store *store, uint32_t person, StoreOrderFunc func, void *data, GError **error);
// Those that wait for somebody to be known by this employee number.
bool store_orders_waiting(Store *store, const char *space, const char *person_number,
                          StoreOrderFunc func, void *data, GError **error);
// Those in the state, of all spaces, by precedence.
bool store_orders_in_state(Store *store, const char *state, StoreOrderFunc func, void *data,
                           GError **error);
bool store_order_set_person(Store *store, int64_t row, uint32_t person, GError **error);
bool store_order_set_state(Store *store, int64_t row, const char *state, const char *reason,
                           GError **error);
// Ends our knowledge of it (or, with INSTANT_OPEN, takes that back).
bool store_order_end(Store *store, int64_t row, Instant known_to, GError **error);
// All orders of one person become another's: two numbers turned out to be one person's.
bool store_orders_pass_on(Store *store, uint32_t from, uint32_t to, GError **error);

// Those whose number first came in that time, by precedence.
bool store_orders_came(Store *store, Instant from, Instant until, StoreOrderFunc func, void *data,
                       GError **error);
// Those that take effect from one day until before another and are known then, by day.
typedef struct OrderTime {
  Date from, until;
  Instant known_at;
} OrderTime;
bool store_orders_dated(Store *store, const OrderTime *when, StoreOrderFunc func, void *data,
                        GError **error);

// Order sets: "regular transfer of R9.4.1, version 2". A file that only has a cover note is one without a name.
typedef struct OrderSet {
  int64_t id;
  int64_t intake;       // the file
  const char *space;
  const char *name;
  int64_t version;
  bool replaces;        // what the versions before had and this one lacks is withdrawn
  const char *covered;  // kinds of order that HR's cover note counted rightly: "hire retire"; "" = none
  Instant embargo;      // nothing of it may be seen before; INSTANT_NONE
} OrderSet;

int64_t store_set_add(Store *store, const OrderSet *set, GError **error);  // 0 on error
bool store_set_at(Store *store, int64_t id, OrderSet *out);
// The latest version of the set of that name; false if it is new.
bool store_set_latest(Store *store, const char *space, const char *name, OrderSet *out);
// Orders of any version of the set.
bool store_set_orders(Store *store, const char *space, const char *name, StoreOrderFunc func,
                      void *data, GError **error);

// ---------------------------------------------------------------------------------------------
// Facts: bitemporal. valid = in the world, [from, to); known = to us, [from, to).
// The value on a day is that of the fact with the greatest (valid_from, seq) among those valid then.

typedef struct Fact {
  SubjectKind kind;
  uint32_t subject;
  uint32_t post;       // 0 = of the subject itself
  FieldId field;
  const char *value;   // "" is a value: empty
  Date valid_from, valid_to;
  Instant known_from, known_to;
  int64_t seq;         // precedence from HR's own order: never arrival
  int64_t row;         // source row; 0 = none
  bool from_order;     // an order said so (else a roster or table)
  bool decided;        // by a roster, in what it decides: orders do not matter
} Fact;

// Known again when it was withdrawn at the very moment it is added.
bool store_fact_add(Store *store, const Fact *fact, GError **error);
// Ends our knowledge of this very fact.
bool store_fact_end(Store *store, const Fact *fact, Instant known_to, GError **error);
// Ends our knowledge of all facts of a row. Returns how many, or -1.
int64_t store_fact_withdraw_row(Store *store, int64_t row, Instant known_to, GError **error);
// The fact in force, false if there is none.
bool store_fact_on(Store *store, const Fact *key /* kind subject post field */, Date as_of,
                   Instant known_at, Fact *out);

// Streams facts known at `known_at` ordered by (subject, post, field, valid_from, seq).
typedef struct FactScan FactScan;
// A scan of all tells what holds and its row; how it came to be known (known_from, known_to, seq,
// from_order) only a scan of one subject does.
FactScan *store_facts_scan(Store *store, SubjectKind kind, Instant known_at, GError **error);
// Those of one field, in the same order: a fifth of the time.
FactScan *store_facts_scan_field(Store *store, SubjectKind kind, FieldId field, Instant known_at,
                                 GError **error);
FactScan *store_facts_of(Store *store, SubjectKind kind, uint32_t subject, Instant known_at,
                         GError **error);
bool fact_scan_next(FactScan *scan, Fact *out, GError **error);  // false at the end or on error
void fact_scan_free(FactScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FactScan, fact_scan_free)

// The next day after `after` on which any fact begins or ends; DATE_OPEN if none.
Date store_next_change(Store *store, Date after, Instant known_at);

// Those ever told to be born on that day ("1980-04-01"). False from `func` stops.
typedef bool (*StoreSubjectFunc)(uint32_t subject, void *data);
bool store_persons_born(Store *store, const char *birth, StoreSubjectFunc func, void *data,
                        GError **error);

// Fixed terms of a unit's people that end from `from` to `until` go on until `until`: HR's list of renewals
// is late. `unit` is a code.
typedef struct Extension {
  const char *unit;
  Date from, until;
  const char *who, *reason;
  Instant since;
} Extension;
int64_t store_extension_add(Store *store, const Extension *extension, GError **error);
// The last day of a term in the unit that ends on `last`.
Date store_extension_of(Store *store, const char *unit, Date last, Instant known_at);

// What people decided about orders and people, for the record.
typedef struct Ruling {
  const char *what;     // "confirm" | "keep" | "link" | "different" | "extend"
  const char *subject;  // what about: an order's number, employee numbers, a unit
  const char *who, *reason;
  Instant when;
} Ruling;
bool store_ruling_add(Store *store, const Ruling *ruling, GError **error);
typedef bool (*StoreRulingFunc)(const Ruling *ruling, void *data);
bool store_rulings_each(Store *store, StoreRulingFunc func, void *data, GError **error);

// Absence. A full roster of `declared` did not list the person. True in *confirmed when an earlier
// roster with another date did not either.
bool store_absence_note(Store *store, uint32_t person, Date declared, bool *confirmed, GError **error);
bool store_absence_clear(Store *store, uint32_t person, GError **error);
// Persons of a namespace who have a state on `on`, and not "left", by number; callback false stops.
typedef bool (*StorePersonFunc)(uint32_t person, const char *number, void *data);
bool store_persons_present(Store *store, const char *space, Date on, StorePersonFunc func, void *data,
                           GError **error);

// ---------------------------------------------------------------------------------------------
// Names given once. Of each kind ("login") somebody has one in use; earlier ones stay theirs for ever.

typedef enum NameState {
  NAME_CURRENT = 1,  // in use
  NAME_FORMER,       // was; nobody else gets it
  NAME_SEEN,         // nobody's of ours, but it stood in a target
  NAME_RESERVED      // nobody's, by word of the desk
} NameState;

typedef struct NameRow {
  const char *kind;
  const char *name;
  uint32_t subject;   // 0 = nobody
  NameState state;
  Instant since;      // when it was given, seen, reserved
  const char *basis;  // of a name that renews: what it was made for; else ""
  const char *note;   // SEEN: the target; RESERVED: who and why; else ""
} NameRow;

#define STORE_NAME_NOBODY UINT32_MAX

bool store_name_find(Store *store, const char *kind, const char *name, NameRow *out);
// Whose the name is (compared by text_key): 0 = free, STORE_NAME_NOBODY = seen or reserved.
uint32_t store_name_owner(Store *store, const char *kind, const char *name);
// The name of this kind that a person has in use, or NULL.
const char *store_name_of(Store *store, const char *kind, uint32_t subject);

typedef struct NameGift {
  const char *kind;
  const char *name;
  uint32_t subject;
  const char *former;  // the one in use, which it takes the place of; NULL: there must be none
  const char *basis;   // NULL = ""
  bool seen;           // an entry of the subject's own bears it: that it was seen is no hindrance
} NameGift;

// A name of theirs comes into use; a former one of their own may come back. False with EXIT_FAILED when
// it is another's or nobody's, or another one is in use than `former` says.
bool store_name_allocate(Store *store, const NameGift *gift, GError **error);
// Keeps a name from everybody: kind, name, state (SEEN or RESERVED) and note of the row. What has an owner
// stays as it is.
bool store_name_keep(Store *store, const NameRow *row, GError **error);
// Undoes that.
bool store_name_free(Store *store, const char *kind, const char *name, GError **error);
// By kind (NULL = all) and name.
typedef bool (*StoreNameFunc)(const NameRow *row, void *data);
bool store_names_has(Store *store, uint32_t subject);  // of any kind
bool store_names_each(Store *store, const char *kind, StoreNameFunc func, void *data, GError **error);

// ---------------------------------------------------------------------------------------------
// Bindings: which entry of a target is which object, by the target's own identifier.

// What somebody was given ("role/17/KEY") in a target that has no identifiers: bound to its own name behind this, so
// that it is known that we gave it. No entry is found by it.
#define BINDING_GIVEN "given:"
bool store_binding_set(Store *store, const char *target, const char *object, const char *stable_id,
                       GError **error);
bool store_binding_drop(Store *store, const char *target, const char *object, GError **error);
const char *store_binding_of(Store *store, const char *target, const char *object);
// The other way round: which object the entry is; NULL = none.
const char *store_binding_object(Store *store, const char *target, const char *stable_id);
// Any target has an entry for the person or unit: "account/17".
bool store_binding_has(Store *store, uint32_t subject);
typedef bool (*StoreBindingFunc)(const char *object, const char *stable_id, void *data);
bool store_bindings_each(Store *store, const char *target, StoreBindingFunc func, void *data,
                         GError **error);

// Ownership of attributes per class, remembered: what we once managed.
bool store_ownership_set(Store *store, const char *target, const char *klass, const char *attribute,
                         bool owned, GError **error);
typedef bool (*StoreOwnershipFunc)(const char *klass, const char *attribute, void *data);
bool store_ownership_each(Store *store, const char *target, StoreOwnershipFunc func, void *data,
                          GError **error);

// Small remembered things: pinned fingerprints, date of the last run, last population of a target.
// Commit together with what they describe. Setting NULL forgets.
bool store_cursor_set(Store *store, const char *scope, const char *name, const char *value,
                      GError **error);
const char *store_cursor_get(Store *store, const char *scope, const char *name);

// Holds: stronger than HR until released. A stop is stronger than they are: whoever it names has nothing anywhere until
// it is released (idou stop).
#define HOLD_STOP "stop"
typedef struct HoldRow {
  int64_t id;
  const char *kind;    // "person" | "object" | "target" | HOLD_STOP
  const char *name;    // employee number, object name, target name
  const char *reason;
  const char *who;
  Instant since;
  Instant released;         // INSTANT_NONE while it stands
  const char *released_by;  // NULL while it stands
  Date until;               // it stands before this day; DATE_OPEN. To add, 0 is that, too
  const char *plan;         // digest of the plan that placed it, which it does not keep back; "" = a person did. To add, NULL
                            // is that, too
  uint32_t person;            // of a stop: who, whatever their numbers become
  const char *released_why;   // NULL while it stands
} HoldRow;
int64_t store_hold_add(Store *store, const HoldRow *hold, GError **error);
bool store_hold_release(Store *store, int64_t id, const char *who, const char *why, GError **error);
typedef bool (*StoreHoldFunc)(const HoldRow *hold, void *data);
// Those that stand on that day (today's, for whoever acts), by id.
bool store_holds_each(Store *store, Date on, StoreHoldFunc func, void *data, GError **error);
bool store_holds_ever(Store *store, StoreHoldFunc func, void *data, GError **error);  // released ones, too

// The same, ready to be asked: the one place that knows what a hold concerns.
typedef struct Holds Holds;
typedef struct HeldThing {
  const char *target, *object, *member;  // any may be NULL
  uint32_t person;                       // 0 = nobody's
} HeldThing;
// Without those that the plan of this digest placed; NULL = no plan.
bool store_holds_read(Store *store, Date on, const char *plan, Holds **out, GError **error);
void store_holds_free(Holds *holds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Holds, store_holds_free)
void store_holds_drop_placed(Holds *holds);  // as if those that plans placed did not stand
size_t store_holds_n(const Holds *holds);
const HoldRow *store_hold_at(const Holds *holds, size_t i);  // by id
bool store_hold_concerns(const Holds *holds, size_t i, const HeldThing *thing);
const HoldRow *store_holds_on(const Holds *holds, const HeldThing *thing);  // the first of them; NULL = it is free
const HoldRow *store_stop_on(const Holds *holds, uint32_t person);  // NULL = they are not stopped …
const HoldRow *store_stop_then(const Holds *holds, uint32_t person, Instant at);  // … or at that moment no longer

// ---------------------------------------------------------------------------------------------
// Journal. Intent is durable before an operation is sent, the outcome after.

// Whether another process has written since *seen, which becomes now. Some microseconds, also within a transaction.
bool store_others_wrote(Store *store, int64_t *seen, bool *wrote, GError **error);
// A person's operations that runs which have not ended have sent, and of which no outcome is known yet.
bool store_ops_sent(Store *store, uint32_t person, int64_t *n, GError **error);

typedef struct RunRow {
  int64_t id;
  const char *digest;    // body digest of the plan
  const char *plan_path;
  const char *host;
  Instant started;
  Instant ended;         // INSTANT_NONE while it runs, or when it was killed
  const char *state;     // "running" | "done" | "scheduled" | "held" | "failed" | "interrupted" | "receipts" (all
                         // is sent, and some awaits its receipt)
  bool desk;             // of the service desk: it is nothing that a night goes on with, nor in a guard's window
} RunRow;

int64_t store_run_add(Store *store, const RunRow *run, GError **error);
// It goes on, with this copy of its plan.
bool store_run_again(Store *store, int64_t run, const char *plan_path, GError **error);
bool store_run_end(Store *store, int64_t run, const char *state, GError **error);
bool store_run_last(Store *store, RunRow *out);                       // whatever its state; no desk run
bool store_run_get(Store *store, int64_t id, RunRow *out);
// Runs in a state, but the desk's, oldest first.
typedef bool (*StoreRunFunc)(const RunRow *run, void *data);
bool store_runs_each(Store *store, const char *state, StoreRunFunc func, void *data, GError **error);
bool store_run_by_digest(Store *store, const char *digest, RunRow *out);  // the latest with this plan
// The name of the limits that it goes by (guard.h); "" = none was chosen. Borrowed until the next call.
bool store_run_set_profile(Store *store, int64_t run, const char *profile, GError **error);
const char *store_run_profile(Store *store, int64_t run);
// An override counts for one run, as long as that is under way, interrupted or waits for its day. Which one had it and is
// over; 0 = none. Sealed: that run does not get it back when it is begun again. `entry` is a digest of it.
bool store_override_spend(Store *store, const char *entry, int64_t run, GError **error);
bool store_override_seal(Store *store, const char *entry, GError **error);
int64_t store_override_spent(Store *store, const char *entry);
// All that ever were, the desk's too, as they began.
bool store_runs_ever(Store *store, StoreRunFunc func, void *data, GError **error);

typedef struct OpRow {
  int64_t run;
  uint32_t n;            // number in the plan
  const char *target;
  const char *object;
  const char *kind;
  const char *state;     // "pending" "sent" "done" "already" "refused" "failed" "unknown" "scheduled" "held" "blocked" "receipt" "skipped"
  const char *before;    // JSON: old values, or the whole deleted entry; no secrets. NULL if none yet
  const char *detail;    // message of the last outcome; NULL
  int n_attempts;        // the greatest of what was set and of how many store_attempt_add noted
  uint32_t person;       // whose it is; 0 = nobody's, or not known
  const char *cause;     // as the plan has it ("move", "unlock" …); NULL = none
  const char *matter;    // the case it belongs to, as the plan has it; NULL = none
} OpRow;

// Insert or update by (run, n). NULL `before`, `detail`, `cause`, `matter` and person 0 leave the stored ones.
bool store_op_set(Store *store, const OpRow *op, GError **error);
bool store_op_get(Store *store, int64_t run, uint32_t n, OpRow *out);
typedef bool (*StoreOpFunc)(const OpRow *op, void *data);
bool store_ops_each(Store *store, int64_t run, StoreOpFunc func, void *data, GError **error);

// A plan that a run applies as approved. Once said it stays so. `given`: the last word on it; INSTANT_NONE of one that says
// nothing of the day as a whole.
bool store_approved_add(Store *store, const char *digest, Date as_of, Instant given,
                        GError **error);
bool store_approved_get(Store *store, const char *digest, Date *as_of, Instant *given);
// Whether a run applied another one for the same day whose last word is a later one.
bool store_approved_replaced(Store *store, const char *digest, Date as_of, Instant given);
// What such runs were refused or left out ("skipped"), as it stands now, by run and number. False stops.
typedef struct UndoneRow {
  OpRow op;
  Instant changed;
  Date as_of;             // of its plan
  const char *digest, *plan_path;
} UndoneRow;
typedef bool (*StoreUndoneFunc)(const UndoneRow *row, void *data);
bool store_undone_each(Store *store, StoreUndoneFunc func, void *data, GError **error);
// Whether an operation of that kind on the object was done by a later run, other than `but`.
bool store_op_done_since(Store *store, const OpRow *op, int64_t but);
bool store_attempt_add(Store *store, int64_t run, uint32_t n, const char *outcome, const char *detail,
                       GError **error);
// Since when the account is there: `known`, when it was made or adopted first by us; `on`, when it was made or switched
// on last; `off`, when it was switched off last. INSTANT_NONE = the journal does not tell.
typedef struct OpBegan {
  Instant known, on, off;
} OpBegan;
bool store_op_began(Store *store, const char *target, const char *object, OpBegan *out);
// When an entry was made or adopted as the object last; INSTANT_NONE = the journal does not tell.
Instant store_op_bound(Store *store, const char *target, const char *object);
// What runs carried out since then (guard windows): operations that ended "done", or were sent and await their "receipt",
// without the desk's; run by run, in the order of their plans.
typedef struct OpDone {
  const char *digest;  // of the run's plan
  const char *target, *kind;
  const char *cause;   // as OpRow has it; "" = none
  Instant at;
} OpDone;
typedef bool (*StoreOpDoneFunc)(const OpDone *done, void *data);  // false stops
bool store_ops_done_each(Store *store, Instant since, StoreOpDoneFunc func, void *data,
                         GError **error);

// Receipts: operations in state "receipt" were sent, and another process tells later what became of them.
typedef bool (*StoreReceiptFunc)(const OpRow *op, Instant since, void *data);  // false stops
bool store_receipts_each(Store *store, StoreReceiptFunc func, void *data, GError **error);  // by run and number
// What became of one: "done", "refused" or "failed". When it was sent stays as it is, so that guards' windows count it
// once; when this came stands in its attempts.
bool store_receipt_settle(Store *store, const OpRow *op /* run n state detail */, GError **error);
// Runs of state "receipts" of which none is awaited any more are "done" or "failed".
bool store_receipt_runs(Store *store, GError **error);

// ---------------------------------------------------------------------------------------------
// Seals: passwords that were made, sealed to the operator's key. Only the operator can open them.

typedef struct SealRow {
  int64_t number;         // 封緘番号
  int64_t run;
  uint32_t n;             // operation
  const char *target, *object, *attribute;
  uint32_t person;        // 0 = nobody's
  const char *label;      // "000310 山田　太郎"
  const char *account;    // what they type to log in
  Date as_of;             // the plan's day
  Instant made;
  const char *state;      // "sealed": what became of its operation is not known yet. "valid": it works. "void"
  Instant changed;        // since when it is so
  const char *key_id;
  const char *box;        // NULL: purged, or void
  int64_t n_printed;
} SealRow;

// Within the transaction of the intent. What was sealed for this operation before is void: a new attempt has a new secret.
bool store_seal_add(Store *store, const SealRow *seal, GError **error);
bool store_seals_void(Store *store, int64_t run, uint32_t n, GError **error);
// The operation took effect: its seals are valid, and older ones of the same object and attribute void.
bool store_seals_valid(Store *store, const SealRow *seal /* run n target object */, GError **error);
// The object is gone.
bool store_seals_void_object(Store *store, const char *target, const char *object, GError **error);
typedef bool (*StoreSealFunc)(const SealRow *seal, void *data);  // false stops
bool store_seals_of_op(Store *store, int64_t run, uint32_t n, StoreSealFunc func, void *data, GError **error);
bool store_seals_each(Store *store, StoreSealFunc func, void *data, GError **error);  // by number
bool store_seal_at(Store *store, int64_t number, SealRow *out);
// What people did with it: "printed", "unprinted" (the printing failed), "handed", "purged".
bool store_seal_event(Store *store, int64_t number, const char *what, const char *who, GError **error);
typedef bool (*StoreSealEventFunc)(Instant at, const char *what, const char *who, void *data);
bool store_seal_events(Store *store, int64_t number, StoreSealEventFunc func, void *data, GError **error);
// Overwrites what is sealed; number, state and events stay. Returns how many, or -1.
int64_t store_seal_purge(Store *store, int64_t number, GError **error);
int64_t store_seals_purge(Store *store, Instant before, GError **error);

// ---------------------------------------------------------------------------------------------
// What is known of one person, for people who look. Strings are borrowed until the callback returns;
// false from it stops. Each walks its whole table: one person at a desk is worth it, an index that every
// night pays for is not.

// Who ever bore the number, and in which space.
typedef bool (*StoreHolderFunc)(const char *space, uint32_t subject, void *data);
bool store_links_numbered(Store *store, SubjectKind kind, const char *number, StoreHolderFunc func,
                          void *data, GError **error);

// The one in use of each kind first.
bool store_names_of(Store *store, uint32_t subject, StoreNameFunc func, void *data, GError **error);
// Who bears the name (compared by text_key), of whatever kind it is.
bool store_names_like(Store *store, const char *name, StoreNameFunc func, void *data, GError **error);

// Days of full rosters that should have listed the person and did not, as far as nothing came of it.
typedef bool (*StoreDateFunc)(Date date, void *data);
bool store_absences_of(Store *store, uint32_t person, StoreDateFunc func, void *data, GError **error);

// The last operations about an object, newest first: its own, and memberships of it. `changed` is when
// the journal last heard of it.
typedef bool (*StoreOpAboutFunc)(const OpRow *op, Instant changed, void *data);
bool store_journal_ops(Store *store, int64_t run, StoreOpAboutFunc func, void *data,
                       GError **error);  // of a run, by number
bool store_ops_about(Store *store, const char *target, const char *object, int64_t at_most,
                     StoreOpAboutFunc func, void *data, GError **error);

// Every operation that was last heard of before that moment, by run and number; without `before`. For figures.
bool store_ops_until(Store *store, Instant before, StoreOpAboutFunc func, void *data, GError **error);

// ---------------------------------------------------------------------------------------------
// Measures: figures that nobody can count afterwards.

#define MEASURE_SHARE "share"    // a share as a whole
#define MEASURE_FOLDER "folder"  // a folder of it
#define MEASURE_SEATS "seats"    // of a licence; name is the product

typedef struct MeasureRow {
  const char *kind, *target, *name;
  Instant taken;
  int64_t used, most;   // bytes or seats; most 0 = no limit
  int64_t n;            // files; of seats all entries, switched off or not
  const char *unit;     // whose folder it was then: "100 総務課"; "" or, to add, NULL = nobody's
  int64_t unseen;       // folders that could not be looked into: `used` is without them
} MeasureRow;

bool store_measure_add(Store *store, const MeasureRow *measure, GError **error);
typedef bool (*StoreMeasureFunc)(const MeasureRow *measure, void *data);  // false stops
// Taken from one moment until before another; by target, name and time.
bool store_measures_each(Store *store, const char *kind, const Instant when[2], StoreMeasureFunc func,
                         void *data, GError **error);

// ---------------------------------------------------------------------------------------------
// Restrictions: what takes away from what the rules give an object, and why. Plans of every run heed those that stand;
// only plans make and lift them (OP_RESTRICT, OP_LIFT). They never give anything.

#define RESTRICTION_DORMANT "dormant"        // nobody uses the account (idou dormant)
#define RESTRICTION_ORPHAN "orphan"          // nobody stands behind it, and somebody said what becomes of it
#define RESTRICTION_RECERTIFIED "recertified"  // a unit said that the right is not needed

#define RESTRICTION_STOPPED "stopped"  // somebody said so at once (idou stop): a death, a leak, a disciplinary case

// What is nobody's we know goes by its stable id in the target behind this; where there is none by its DN below the base.
#define OBJECT_ORPHAN "orphan/"

// What is taken. Each includes nothing of the others: of an account that is to be without rights, too, several stand.
#define RESTRICT_NOTICE "notice"    // nothing yet: its bearer is told
#define RESTRICT_DISABLE "disable"  // switched off
#define RESTRICT_RIGHTS "rights"    // in no group of ours, without what it was given in the target
#define RESTRICT_EDGE "edge"        // not in `group`
#define RESTRICT_ABSENT "absent"    // deleted

typedef struct RestrictionRow {
  int64_t id;
  const char *target, *object;  // "account/17"
  const char *cause, *what;     // as above
  const char *group;            // of an edge: the group's object; "" else
  const char *reason;           // for people: "last used 2026-05-02 (ad-logon)"
  const char *source;           // what says so: "dormant.yaml:12", "returned.csv:7"; "" = nothing
  const char *who;
  Instant since;
  Date until;                   // stands before this day; DATE_OPEN
  Instant lifted;               // INSTANT_NONE while it stands
  const char *lifted_by, *lifted_why;  // NULL while it stands
} RestrictionRow;

// Whether an operation's cause, NULL too, is one of the above.
bool restriction_is_cause(const char *cause);
// The number of the one that stands for the same; a new one if none does. 0 on error.
int64_t store_restriction_add(Store *store, const RestrictionRow *restriction, GError **error);
// 0 = none stands. By target, object, cause, what and group.
int64_t store_restriction_find(Store *store, const RestrictionRow *key);
// False with EXIT_USAGE when there is none of the number, or it was lifted before.
bool store_restriction_lift(Store *store, int64_t id, const char *who, const char *why,
                            GError **error);
typedef bool (*StoreRestrictionFunc)(const RestrictionRow *restriction, void *data);  // false stops
// Those that were not lifted, of one target or (NULL) of all, oldest first. Some may be over (`until`).
bool store_restrictions_each(Store *store, const char *target, StoreRestrictionFunc func, void *data,
                             GError **error);
bool store_restrictions_of(Store *store, const char *target, const char *object,
                           StoreRestrictionFunc func, void *data, GError **error);
// Lifted ones, too: for reports.
bool store_restrictions_ever(Store *store, StoreRestrictionFunc func, void *data, GError **error);

// Claims: somebody answers for an account or a right until a day, so that nothing is taken for that cause meanwhile.
typedef struct ClaimRow {
  int64_t id;
  const char *target, *object;
  const char *cause;   // RESTRICTION_… that it is said against
  const char *group;   // of a right: the group's object; "" else
  Date until;          // counts before this day
  const char *reason, *source, *who;  // source: file and line of the answer
  Instant since;
  Instant withdrawn;   // INSTANT_NONE
} ClaimRow;

int64_t store_claim_add(Store *store, const ClaimRow *claim, GError **error);  // 0 on error
bool store_claim_withdraw(Store *store, int64_t id, GError **error);
typedef bool (*StoreClaimFunc)(const ClaimRow *claim, void *data);  // false stops
bool store_claims_each(Store *store, const char *target, StoreClaimFunc func, void *data,
                       GError **error);
// Withdrawn ones, too: for reports.
bool store_claims_ever(Store *store, StoreClaimFunc func, void *data, GError **error);

// ---------------------------------------------------------------------------------------------
// The audit record: only added to, by audit.h, which makes the digests.

typedef struct AuditRow {
  int64_t id;           // without gaps; 1 is the first that ever was
  Instant at;
  const char *who;      // as they call themselves (--by)
  const char *user;     // whose process it was, and who had logged in: "root (yamada)@host"
  const char *what;     // "approve", "hold" …
  const char *subject;  // plan digest, number, file …
  const char *detail;   // JSON object, canonical
  const char *digest;   // 64 hex digits: of this row and of the digest before it
} AuditRow;

bool store_audit_add(Store *store, const AuditRow *row, GError **error);
bool store_audit_last(Store *store, AuditRow *out);  // false: it is empty
int64_t store_audit_counted(Store *store);  // the highest number that was ever given, as SQLite remembers it
int64_t store_audit_next(Store *store);     // what the next one gets: above that, so that a cut end leaves a gap
typedef bool (*StoreAuditFunc)(const AuditRow *row, void *data);  // false stops
bool store_audit_latest(Store *store, const char *what, AuditRow *out);  // of that kind
bool store_audit_guarded(Store *store);  // its triggers are there
// The last id of those at the beginning that are all older; 0 = none.
int64_t store_audit_before(Store *store, Instant before);
// Rows up to this id go: within the transaction of the row that tells so.
bool store_audit_purge(Store *store, int64_t through, GError **error);
// Called after each commit that added to the record, with its last row; NULL = nobody is told.
typedef void (*StoreAuditedFunc)(const AuditRow *head, void *data);
void store_on_audited(Store *store, StoreAuditedFunc func, void *data);
// What the journal holds of a run, row by row, as texts (NULL for none), always in the same order: for a digest of it.
typedef void (*StoreTextsFunc)(const char *const *texts, size_t n, void *data);
bool store_journal_each(Store *store, int64_t run, StoreTextsFunc func, void *data, GError **error);
// For so long another writer is waited for, in place of ten seconds.
void store_patience(Store *store, int ms);
// From that id on, in order.
bool store_audit_each(Store *store, int64_t from, StoreAuditFunc func, void *data, GError **error);

// ---------------------------------------------------------------------------------------------
// Inquiries: what units or the operators were asked, and what they answered (inquiry.h makes and takes them).

typedef struct InquiryRow {
  int64_t id;
  const char *cause;      // RESTRICTION_…
  const char *unit;       // code of the unit that is asked; "" = the operators
  uint32_t unit_id;       // the unit itself: its code may be another's later. 0 = as the code says
  const char *unit_name;  // as it was called then
  const char *title;      // "権限棚卸 令和9年度"
  const char *who;        // who asked
  Date asked, due;
  Date limit;             // the last day that may be answered as the end of a keep; DATE_OPEN
  bool terse;             // a keep may do without day and reason: then it is up to `limit`
} InquiryRow;

#define QUESTION_OPEN "open"
#define QUESTION_KEEP "keep"
#define QUESTION_REMOVE "remove"
#define QUESTION_CLOSED "closed"  // not to be answered any more; `reason` says why

typedef struct QuestionRow {
  int64_t inquiry;
  int64_t n;               // 1-based within the inquiry
  const char *target, *object;
  const char *group;       // of a right: the group's object; "" else
  const char *stable_id;   // of the entry that was asked about; "" = not known
  const char *number;      // employee number; "" = nobody's
  const char *label;       // "山田　太郎"; of nobody's account what it is called
  const char *system;      // what people call the target
  const char *account;     // what its bearer types to log in, or its DN
  const char *text;        // what is asked about, for people: "税務システム 参照 (g-tax-read)"
  Instant used;            // last; INSTANT_NONE = not known
  const char *proposed;    // QUESTION_KEEP or QUESTION_REMOVE; "" = nothing
  const char *state;       // QUESTION_…
  Date until;              // of a keep: it counts before this day; DATE_NONE else
  const char *reason, *answered_by, *source;  // of the answer; source: "FILE:LINE"
  Instant answered;        // INSTANT_NONE while open
  int64_t claim;           // of a keep: the claim it became; 0 = none
} QuestionRow;

int64_t store_inquiry_add(Store *store, const InquiryRow *inquiry, GError **error);  // 0 on error
bool store_inquiry_get(Store *store, int64_t id, InquiryRow *out);
typedef bool (*StoreInquiryFunc)(const InquiryRow *inquiry, void *data);  // false stops
// Of one cause, or (NULL) of all, by id.
bool store_inquiries_each(Store *store, const char *cause, StoreInquiryFunc func, void *data,
                          GError **error);
// Adds it as an open one; its answer is not looked at.
bool store_question_add(Store *store, const QuestionRow *question, GError **error);
bool store_question_get(Store *store, int64_t inquiry, int64_t n, QuestionRow *out);
// The open one about the same (cause, target, object, group).
bool store_question_open(Store *store, const char *cause, const QuestionRow *key, QuestionRow *out);
// State, until, reason, who, source, moment and claim, of the one with this inquiry and number.
bool store_question_answer(Store *store, const QuestionRow *question, GError **error);
typedef bool (*StoreQuestionFunc)(const QuestionRow *question, void *data);  // false stops
bool store_questions_each(Store *store, int64_t inquiry, StoreQuestionFunc func, void *data,
                          GError **error);
// Those answered with QUESTION_REMOVE that nothing came of yet: no restriction of the cause stands for the same, and
// none was ever made with the question's number ("Q12-7") as its source. Nor those about which a later inquiry asks or
// was told to keep it.
bool store_removals_each(Store *store, const char *cause, StoreQuestionFunc func, void *data,
                         GError **error);

// ---------------------------------------------------------------------------------------------
// Evidence of last use, as sources told it.

typedef struct EvidenceRow {
  const char *source;           // its name in dormant.yaml
  const char *target, *object;
  Instant moment;               // used last; INSTANT_NONE = the source knows the account, and of no use
  int64_t precision;            // seconds: the true moment is within [moment, moment + precision]
  Instant collected;            // when it was read
} EvidenceRow;

// In place of what the source told of the account before.
bool store_evidence_set(Store *store, const EvidenceRow *evidence, GError **error);
bool store_evidence_drop(Store *store, const char *source, const char *target, const char *object,
                         GError **error);
typedef bool (*StoreEvidenceFunc)(const EvidenceRow *evidence, void *data);  // false stops
// All that it told, and how it stood.
bool store_evidence_forget(Store *store, const char *source, GError **error);
// By target (NULL = all), object and source.
bool store_evidence_each(Store *store, const char *target, StoreEvidenceFunc func, void *data,
                         GError **error);
bool store_evidence_of(Store *store, const char *target, const char *object, StoreEvidenceFunc func,
                       void *data, GError **error);

// How a source stands: without this, that it tells nothing of somebody means nothing.
typedef struct EvidenceSourceRow {
  const char *name;
  Instant collected;   // when it was read in full last; INSTANT_NONE = never
  Instant reaches;     // uses up to this moment are in what it told
  Instant since;       // when it was read in full first; INSTANT_NONE = never
  int64_t n_accounts;  // that it knew then
  const char *state;   // "ok" | "failed" | "stale" | "short" | "future": of the last attempt
  const char *detail;  // why it is not ok; NULL
} EvidenceSourceRow;

bool store_evidence_source_set(Store *store, const EvidenceSourceRow *source, GError **error);
typedef bool (*StoreEvidenceSourceFunc)(const EvidenceSourceRow *source, void *data);
bool store_evidence_sources_each(Store *store, StoreEvidenceSourceFunc func, void *data,
                                 GError **error);

#endif
