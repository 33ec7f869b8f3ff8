// SPDX-License-Identifier: GPL-3.0-or-later
//
// model: what the stages hand to each other. Desired and observed are the same kind of thing: entries
// with an object, a place and attributes. A desired table is compact (packed values, 32-bit
// references) because a population of a million is held in it; the observed side is streamed past it.
#ifndef IDOU_MODEL_H
#define IDOU_MODEL_H

#include <idou/base.h>

// ---------------------------------------------------------------------------------------------
// Schema: the attributes of one target that mappings or the reader name, and how they compare.

typedef uint16_t AttrId;  // index into the schema; stable for the life of the schema

typedef enum MatchRule {
  MATCH_EXACT,      // caseExactMatch: as IGNORE, but case counts
  MATCH_IGNORE,     // caseIgnoreMatch: case folded, NFKC, spaces of any width trimmed and squeezed (RFC 4518)
  MATCH_DIGITS,     // numericStringMatch, telephoneNumberMatch: spaces and hyphens ignored
  MATCH_INTEGER,
  MATCH_BOOLEAN,
  MATCH_TIME,       // generalizedTimeMatch
  MATCH_DN,
  MATCH_ACCESS,     // an entry of a folder's access list, see Access below
  MATCH_PRINCIPAL,  // who has a right there: DOMAIN\NAME, a SID, or both
  MATCH_NEVER,      // INTEGER; 0, the greatest of 64 bits and no value at all are equal: "never" of Active Directory
  MATCH_DATE,       // a day, however its parts are separated: 2027-04-01, 2027/04/01, 20270401
  MATCH_OCTETS      // octet by octet
} MatchRule;

typedef struct Attr {
  const char *name;      // as first seen; owned by the schema
  MatchRule match;
  bool single;           // at most one value
  bool readonly;         // NO-USER-MODIFICATION
  bool known;            // the target's own schema has told us about it
  bool no_equality;      // has no equality rule: values cannot be deleted one by one
  bool from_place;       // follows from where the entry is (a folder's path): entries are recognised by it, it is never written
  uint32_t max_chars;    // upper bound by the target's schema; 0 = none
} Attr;

typedef struct Schema Schema;

// What an attribute must be for entries of a class to be made at all.
typedef struct Demand {
  const char *klass;      // structural object class; NULL ends a list
  const char *attribute;
  bool secret;            // made by a secret's policy
} Demand;

// What a target refuses although its own schema lets it pass: a table of its type (targets.h).
typedef struct Limits Limits;
struct Limits {
  // True, with the reason in `why`, when no entry of the structural class may have the value.
  bool (*refuses)(const char *klass, const char *attribute, const char *value, GString *why);
  // The same by what is the target's own; NULL = nothing is. `limits` is this.
  bool (*refuses_own)(const Limits *limits, const char *klass, const char *attribute, const char *value, GString *why);
  // The same for a value of which parts are not known yet: LIMITS_GAP stands there. NULL = cannot be told.
  bool (*refuses_shape)(const char *attribute, const char *value, GString *why);
  bool (*is_kind)(const char *klass, const char *of);  // the class, or one made from it
  const Demand *demands;
  const char *secret;         // the only attribute that takes a secret; NULL = any
  // Whether entries of the structural class can have the attribute; NULL = any that the schema knows. `limits` is this.
  bool (*has)(const Limits *limits, const char *klass, const char *attribute);
  const void *own;            // the type's
  const char *const *unique;  // a value of these belongs to one entry, whatever its class; NULL-terminated, or NULL
  bool folds_names;           // names in one place are compared by limits_fold
};

#define LIMITS_GAP "\uFFFC"

// Without case, width, kind of kana and voiced marks, as AD compares names (MS-ADTS 3.1.1.2.2.4): ﾊﾏ, ハマ, はま and
// バマ are one. Appends.
void limits_fold(const char *text, GString *out);
bool limits_is_unique(const Limits *limits, const char *attribute);
// What a target refuses in an entry: `refuses` and `refuses_own`, what there is of them.
typedef struct LimitsQuestion {
  const char *klass, *attribute, *value;
} LimitsQuestion;
bool limits_refuse(const Limits *limits, const LimitsQuestion *question, GString *why);

Schema *schema_new(void);
void schema_free(Schema *schema);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Schema, schema_free)
// Finds (ASCII case ignored, options such as ";lang-ja" are part of the name) or adds as MATCH_IGNORE.
AttrId schema_attr(Schema *schema, const char *name);
bool schema_find(const Schema *schema, const char *name, AttrId *out);
Attr *schema_at(Schema *schema, AttrId id);  // to fill in; borrowed
size_t schema_count(const Schema *schema);
void schema_set_limits(Schema *schema, const Limits *limits);  // borrowed
const Limits *schema_limits(const Schema *schema);             // NULL = none
// Equal by the attribute's rule. The common case (same bytes) costs one memcmp.
bool schema_equal(const Attr *attr, const char *a, size_t n_a, const char *b, size_t n_b);
// Whether the value means the same as having none: "never".
bool schema_is_nothing(const Attr *attr, const char *bytes, size_t n_bytes);
// The rule's normal form, so that sets can be compared by hashing. MATCH_DN as place_key below. A value
// that is not of the rule's syntax is its own normal form.
void schema_normal(const Attr *attr, const char *bytes, size_t n_bytes, GString *out);

// DNs (RFC 4514) as comparable keys: attribute types lower case, values case folded and space
// squeezed, escapes undone to one canonical form, no space around , = +. True unless malformed.
bool place_key(const char *dn, size_t n_bytes, GString *out);
// The first RDN and the rest, as written (without the spaces around the comma). True unless malformed
// or empty; *parent may be empty. Only the first RDN is looked at.
bool place_split(const char *dn, size_t *rdn_bytes, const char **parent);

// The value of an RDN's assertion ("Sato\2C Ichiro") without its escapes. Caller frees.
char *place_unescape(const char *value);

// ---------------------------------------------------------------------------------------------
// Access lists of folders: one entry of a list as text, "allow|deny RIGHTS[/SCOPE] PRINCIPAL", e.g.
// "allow modify CITY\g-0101". What was read has the SID behind the name, "CITY\g-0101 (S-1-5-21-…)".
// RIGHTS: names (full, modify, read, list, write, traverse) or hexadecimal masks, joined with "+"; SCOPE:
// what they apply to, else what the right is usually for. docs/targets.md has the tables.

#define ACCESS_FILES 0x01     // OBJECT_INHERIT_ACE (MS-DTYP 2.4.4.1): files in the folder, too
#define ACCESS_FOLDERS 0x02   // CONTAINER_INHERIT_ACE: folders in it, too
#define ACCESS_ONCE 0x04      // NO_PROPAGATE_INHERIT_ACE: but none deeper
#define ACCESS_NOT_THIS 0x08  // INHERIT_ONLY_ACE: not the folder itself
#define ACCESS_ALL_FLAGS 0x0f
#define ACCESS_READ_CONTROL 0x00020000u
#define ACCESS_SYNCHRONIZE 0x00100000u

typedef struct Slice {
  size_t n;
  const char *at;  // not terminated
} Slice;

typedef struct Access {
  bool deny;
  uint8_t flags;    // ACCESS_*
  uint32_t mask;    // without generic rights: what a file system makes of them
  Slice principal;  // as written, n 0 when there is only a SID; points into the text
  Slice sid;        // n 0 when not told
} Access;

// False: not of that form; *why (may be NULL) is set to what is wrong.
bool access_parse(const char *text, size_t n, Access *out, GString *why);
bool access_parse_principal(const char *text, size_t n, Access *out);
// Appends the shortest text for it.
void access_format(const Access *access, GString *out);
uint32_t access_specific(uint32_t mask);  // generic rights replaced
// Equal rights for the same one: by name (case ignored, the domain as far as both tell it), or by SID
// where one side has no name.
bool access_equal(const char *a, size_t n_a, const char *b, size_t n_b);
bool access_equal_principal(const char *a, size_t n_a, const char *b, size_t n_b);
bool access_is_sid(const char *text, size_t n);
// MS-DTYP 2.4.2.4: the same everywhere, in whatever language the server is. NULL, false: none of these.
const char *access_well_known(const char *principal);
bool access_well_known_name(const char *sid, GString *out);

// ---------------------------------------------------------------------------------------------
// Values and entries.

typedef enum ValueKind {
  VALUE_TEXT,
  VALUE_REF,    // the place (DN) or an attribute of another entry, known only when sent
  VALUE_SECRET  // made at apply by a policy; never in a file
} ValueKind;

typedef struct Value {
  ValueKind kind;
  uint32_t n_bytes;
  const char *bytes;   // TEXT: the value (any octets); REF: attribute, "" = place; SECRET: policy name, and behind a space,
                       // where a field renews it, that field's value
  uint32_t ref;        // REF: index of the entry in the same table
} Value;

typedef enum Policy {
  POLICY_FORCE,  // ours wins
  POLICY_ONCE,   // only when the entry is created
  POLICY_KEEP,   // only where the target has none
  POLICY_MERGE,  // add ours, never remove
  POLICY_CLEAR,  // the target must have none
  POLICY_RENEW,  // of a secret: when the entry is created, and again each time it is switched on
  POLICY_END     // of two values, the last day as the rules write it and what stands for no end: the first is set
                 // where the target has no day or a later one; an earlier one is left
} Policy;

typedef enum Presence {
  PRESENCE_GIVEN,     // a container that exists and is not ours
  PRESENCE_PRESENT,   // must exist
  PRESENCE_RETAINED,  // left alone if missing; if it exists, as described (leavers before deletion)
  PRESENCE_ABSENT,    // must not exist, for the reason given
  PRESENCE_CLOSED     // over: left alone if missing; if it exists, as described, however it is switched
} Presence;

typedef enum Enabled { ENABLED_UNMANAGED, ENABLED_NO, ENABLED_YES } Enabled;

#define ENTRY_NONE UINT32_MAX
#define KLASS_CONTAINER 0  // class index of containers; mapped classes start at 1

typedef struct Entry {
  const uint8_t *data;  // packed rdn, key, reason, attributes: use the functions below
  uint32_t subject;     // surrogate id of person, post or unit; 0 when the key itself identifies
  uint32_t parent;      // entry index; ENTRY_NONE only for containers
  uint16_t klass;       // index of the class (mapping) in the table
  uint8_t presence;     // Presence
  uint8_t enabled;      // Enabled
} Entry;

// One attribute of an entry being built.
typedef struct Attribute {
  AttrId attr;
  Policy policy;
  uint16_t n_values;    // 0 with FORCE: must be empty
  const Value *values;
} Attribute;

typedef struct EntryDraft {
  uint32_t subject;
  uint32_t parent;
  uint16_t klass;
  Presence presence;
  Enabled enabled;
  // "uid=k-yamada", escaped as RFC 4514. "" when the name is not known yet, and on entries that need not
  // be present: then nothing says where they shall be, and they stay where they are.
  const char *rdn;
  const char *key;     // value of the class's key attribute
  const char *reason;  // why absent, retained or disabled; NULL = ""
  const Attribute *attributes;
  size_t n_attributes;
} EntryDraft;

typedef struct Table Table;

Table *table_new(Schema *schema);  // borrows the schema
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)
Schema *table_schema(const Table *table);

// Classes and containers first. A class is one mapping, e.g. "account". Returns the index.
uint16_t table_add_klass(Table *table, const char *name);
// Entries of the class are known by their key, and a subject may have several of them (what a person is given).
void table_share_subjects(Table *table, uint16_t klass);
bool table_shares_subjects(const Table *table, uint16_t klass);
const char *table_klass_name(const Table *table, uint16_t klass);
size_t table_n_klasses(const Table *table);
// A place below the target's base, e.g. "ou=people"; the same text gives the same entry. "" = the base.
uint32_t table_container(Table *table, const char *relative);

// Copies the draft. Returns the entry's index.
uint32_t table_add(Table *table, const EntryDraft *draft);
// Replaces an entry (a login became known). Its old bytes stay in the arena.
void table_replace(Table *table, uint32_t index, const EntryDraft *draft);
// Takes something from what an entry is: of its attributes and its name nothing is left when it is to be absent. The
// indexes stay as they are.
typedef struct Loss {
  Presence presence;
  Enabled enabled;
  const char *reason;
} Loss;
void table_lessen(Table *table, uint32_t index, const Loss *loss);
size_t table_count(const Table *table);
const Entry *table_at(const Table *table, uint32_t index);
const char *entry_rdn(const Entry *entry);
const char *entry_key(const Entry *entry);
const char *entry_reason(const Entry *entry);

// Builds the indexes for table_find_*; to be called after the last table_add and again after more.
// Two entries of a class with one key or one subject, or two entries in one place, are findings
// ("key-twice", "subject-twice", "place-twice", and "value-twice" by the schema's limits); the later one is left out of the index and marked by
// table_is_double. Containers and absent entries take no place from others.
void table_freeze(Table *table, Findings *findings);
bool table_is_double(const Table *table, uint32_t index);
uint32_t table_find_key(const Table *table, uint16_t klass, const char *key);  // ENTRY_NONE if none
// By exact bytes; keys of classes are normalised by the caller where the key attribute wants it.
uint32_t table_find_subject(const Table *table, uint16_t klass, uint32_t subject);

// "account/17" when there is a subject, "group/g-somu" otherwise, "role/17/KEY" where subjects have several,
// "container/ou=people". The name by which plan, journal and bindings know the object.
void table_object(const Table *table, uint32_t index, GString *out);
// The entry of that name, after freeze; ENTRY_NONE if none.
uint32_t table_find_object(const Table *table, const char *object);
// The distinguished name the entry shall have, below `base`. Appends nothing while its own name or that
// of a parent is not known.
void table_place(const Table *table, uint32_t index, const char *base, GString *out);

// Walk over an entry's attributes.
typedef struct Cursor {
  const uint8_t *at;
  uint16_t left;
} Cursor;

typedef struct Packed {  // an attribute as stored
  AttrId attr;
  Policy policy;
  uint16_t n_values;
  const uint8_t *at;
} Packed;

Cursor entry_cursor(const Entry *entry);
bool cursor_next(Cursor *cursor, Packed *out);
// Value i of a packed attribute is reached by walking: start with *at = packed->at.
const uint8_t *packed_value(const uint8_t *at, Value *out);  // returns the next position

// ---------------------------------------------------------------------------------------------
// Edges: membership of an entry in a group, both in the same table.

typedef struct Edge {
  uint32_t group;
  uint32_t member;
} Edge;

void table_add_edge(Table *table, uint32_t group, uint32_t member);
// After freeze: edges are sorted by (group, member) without repeats; those of one group are a run.
const Edge *table_edges(const Table *table, uint32_t group, size_t *n);
size_t table_n_edges(const Table *table);
// Takes away those of which `func` says true; it is asked of each in turn.
typedef bool (*EdgeFunc)(const Edge *edge, void *data);
void table_drop_edges(Table *table, EdgeFunc func, void *data);

#endif
