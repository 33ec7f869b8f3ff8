// SPDX-License-Identifier: GPL-3.0-or-later
//
// mapping: rules that say what each person, unit and group must have in a target. Parsed and checked
// before anything runs; pure when it runs: people in, a desired table out. docs/mapping.md is the
// reference of the language.
#ifndef IDOU_MAPPING_H
#define IDOU_MAPPING_H

#include <idou/model.h>
#include <idou/roster.h>

typedef struct Mapping Mapping;  // all mapping files of a site

// Reads every *.yaml of the folder (not its subfolders); tables are found relative to it. Faults are
// findings with file:line:column (for tables: row and column as Excel shows them). NULL only when
// there are findings of level error or something cannot be read.
Mapping *mapping_load(const char *folder, Findings *findings, GError **error);
// The same with `file` (any path) read in place of the table `path`: a draft of it, or last year's.
// Findings and decision_path() then say `file`.
Mapping *mapping_load_with(const char *folder, const char *path, const char *file, Findings *findings,
                           GError **error);
void mapping_free(Mapping *mapping);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mapping, mapping_free)

// What exists around the mappings, for the static check. NULL members are not checked against.
typedef struct MappingWorld {
  const char *target;               // check the classes of this target; NULL = all, without schema
  const char *const *fields;        // fields that the layouts fill, NULL-terminated
  const Schema *schema;             // attributes of the target, with limits (Attr.known)
  const char *const *object_classes;  // names known to the target, NULL-terminated
  const char *charset;              // of the target; NULL = utf8
  const char *const *policies;      // for secrets, of the site's `passwords`, NULL-terminated
  Roster *roster;                   // to find rows that name no existing unit or title
} MappingWorld;

// Unknown field, filter, column, attribute or object class; wrong filter arguments; patterns that do
// not compile; rows that never match (shadowed by an earlier one, or naming no unit); required
// attributes missing; literal values longer than the schema allows; reference cycles between classes.
void mapping_check(const Mapping *mapping, const MappingWorld *world, Findings *findings);

// ---------------------------------------------------------------------------------------------
// Decision tables, for whoever shows them. They live as long as their mapping.

typedef struct Decision Decision;

// A class that asks a table. A table that several ask has several.
typedef struct DecisionUse {
  const Decision *decision;
  size_t klass;         // of mapping_klass: who asks
  size_t groups;        // … and whose objects the results are; of assignments the class itself
  int grace_days;       // a post that ended less than so long ago still counts
  int line;             // of the rule, in the class's file
} DecisionUse;

size_t mapping_n_uses(const Mapping *mapping);
DecisionUse mapping_use(const Mapping *mapping, size_t i);
bool decision_gives_assignments(const Mapping *mapping, const Decision *decision);  // else groups
const char *decision_path(const Decision *decision);   // as mappings name it: "tables/groups.csv"
bool decision_first_match(const Decision *decision);   // has priorities: the first row that matches wins
// Rows in the order in which they are asked: by priority, then as they stand.
size_t decision_n_rows(const Decision *decision);
size_t decision_line(const Decision *decision, size_t row);       // as Excel counts
int64_t decision_priority(const Decision *decision, size_t row);  // 0 without priorities
// The results as written, "|" between them; "" = none.
void decision_results(const Decision *decision, size_t row, GString *out);
const char *decision_remark(const Decision *decision, size_t row);  // "" = none
size_t decision_n_conditions(const Decision *decision);
const char *decision_header(const Decision *decision, size_t condition);  // "条件:所属"
// What a column looks at: "unit", "title", "role", or the name of any other field.
const char *decision_field(const Decision *decision, size_t condition);
// As written; "" takes everything.
const char *decision_cell(const Decision *decision, size_t row, size_t condition);
// How operators write a value of a field in tables: 本務 for `main` of `role`. The value itself if
// there is no such word.
const char *decision_word(const char *field, const char *value);
// What two rows give is not the same, and neither takes everything that the other takes: for those
// whom both take nothing but the order of the rows decides.
bool mapping_rows_differ(const Mapping *mapping, Roster *roster, const Decision *decision, size_t a,
                         size_t b);
// The part of mapping_check that is about one table, and no other's.
void mapping_check_decision(const Mapping *mapping, const Decision *decision,
                            const MappingWorld *world, Findings *findings);

// ---------------------------------------------------------------------------------------------
// Classes, as reader, diff and guard need to know them.

typedef enum MappingFor { FOR_PERSON, FOR_POST, FOR_UNIT, FOR_GROUP, FOR_ASSIGNMENT } MappingFor;

typedef struct KlassName {
  const char *kind;          // "login"
  const char *const *taken;  // attributes whose values count as taken, e.g. "uid"; NULL-terminated, may be none
  bool addresses;            // names hold a domain; else of a value with one only what stands before @ counts
} KlassName;

#define REASON_LEFT "left"  // how the reason of a leaver's entry begins

typedef struct Klass {
  const char *target;           // name of the target
  const char *name;             // "account"
  const char *file;             // "account.yaml"
  MappingFor subject;
  const char *key_attribute;    // "employeeNumber"
  const char *const *adopt;     // attributes by which an unbound entry may be adopted; NULL-terminated
  const char *const *classes;   // object classes; the last is the structural one
  const char *const *containers;  // every place below the base where entries of it live
                                  // ("ou=people", "ou=retired"); searched with their subtrees
  const char *const *attributes;  // every attribute a rule manages
  const KlassName *names;  // kinds of allocated names that it uses or that are looked for in it
  size_t n_names;
  bool renews;                  // some secret is made anew when a field changes
  bool disables;                // its rules switch accounts off, and on again
  bool keeps;                   // a rule says that what leavers had is kept as it is until it is deleted
  const char *member_attribute; // for groups: "member"; else NULL
  const char *filler;           // DN relative to the base of the named filler of an empty group; or NULL
  const char *owned_below;      // of the class of the groups, too: only those below this place are ours to
                                // take people out of; NULL = none
} Klass;

size_t mapping_n_titles(const Mapping *mapping);  // of tables/titles.csv
// In order of dependency: a class comes after those it refers to or lives in.
size_t mapping_n_klasses(const Mapping *mapping);
const Klass *mapping_klass(const Mapping *mapping, size_t i);

// How many rules make a secret.
size_t mapping_n_secrets(const Mapping *mapping);

// Digest of everything that was read (mappings and tables): a plan names it.
const char *mapping_digest(const Mapping *mapping);

// ---------------------------------------------------------------------------------------------
// Deriving: people -> desired.

typedef struct Derive Derive;

// Tells the roster the titles that tables/titles.csv ranks. Whoever opens a derivation has it done.
void mapping_titles(const Mapping *mapping, Roster *roster);

// The days on which rules of the target act because something of a person (a post, a state) begins or ends on
// `event`: that day, those of early making and early grace before it, the ends of graces and deletion after
// it. Whoever asks when anything will change looks at these. `out` holds Date, with repeats.
void mapping_days(const Mapping *mapping, const char *target, Date event, GArray *out);

// The days on which exceptions that name the employee number begin and are over. Likewise.
// The days after `event`, the first without it, on which something ends because a post (or, `left`, the person's time in
// service) ended: graces; deletion. Of every class of the target, so somebody may have nothing that ends. Likewise.
void mapping_ends(const Mapping *mapping, const char *target, Date event, bool left, GArray *out);
// Exceptions that tables of assignments name.
typedef struct MappingException {
  const char *target, *klass;
  const char *number;      // employee number
  const char *assignment;
  bool takes;              // has it not, whatever the posts give
  Date from, to;           // [from, to)
  const char *reason, *by;
} MappingException;
typedef void (*MappingExceptionFunc)(const MappingException *exception, void *data);
void mapping_exceptions_each(const Mapping *mapping, MappingExceptionFunc func, void *data);
void mapping_exception_days(const Mapping *mapping, const char *number, GArray *out);

typedef struct DeriveSetup {
  const Mapping *mapping;
  const char *target;   // only this target's classes
  Roster *roster;       // on the day to derive for; opened with derive_grace_days()
  Table *table;         // filled; classes are added in order of mapping_klass
  Findings *findings;   // a person, unit or row that a rule could not handle (missing field, …)
  const char *charset;  // of the target: what is outside it is such a fault; NULL = utf8
} DeriveSetup;

// The longest grace and early time any rule of the target asks for: for roster_open.
void mapping_horizon(const Mapping *mapping, const char *target, int *grace_days, int *early_days);

Derive *derive_open(const DeriveSetup *setup, GError **error);
void derive_free(Derive *derive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Derive, derive_free)
// Index in the table's classes of Klass i of the mapping; 0 when it is another target's.
uint16_t derive_klass(const Derive *derive, size_t i);

// Units, groups, then people in one stream, then references and edges between them. A person without an
// allocated name that a class needs is *unnamed*: its entry has rdn "" and only its key.
bool derive_all(Derive *derive, GError **error);
// Posts by the hour whose first or last day it is and whose rights a class gives: a plan for the day does not
// hold what comes and goes within it.
typedef struct Hourly {
  uint32_t person;
  uint16_t klass;   // in the table
  const char *unit;
  Instant begins, ends;
} Hourly;
const Hourly *derive_hourly(const Derive *derive, size_t *n);
// Everything but people: units, and groups that tables name. For looking at single people afterwards.
bool derive_frame(Derive *derive, GError **error);
// One person (again): replaces or adds the entries, adds edges. table_freeze afterwards.
bool derive_person(Derive *derive, uint32_t person, GError **error);

// People still unnamed, or whose name is to be renewed: (person, class) and the candidates for each in order of
// preference, within the length limit counted with its suffix. The caller decides which is free.
typedef struct Unnamed {
  uint32_t person;
  uint32_t entry;           // in the table
  const char *kind;         // "login"
  const char *former;       // the name in use, to be renewed; NULL = has none
  const char *basis;        // what the name is made for, to be stored with it; "" when it does not renew
  bool unsaid;              // nothing tells what `former` was made for: it stays, and is told now
  bool follows;             // only what they are given by tables speaks of the name: another entry must bring it
} Unnamed;
const Unnamed *derive_unnamed(const Derive *derive, size_t *n);
// Candidate i (0, 1, …) for the person: the templates in order, then each suffix in turn. Always more.
// False with an EXIT_FAILED error when the templates yield nothing for this person: the caller makes it a finding.
bool derive_candidate(Derive *derive, const Unnamed *unnamed, size_t i, GString *out, GError **error);
// Whether nobody may have the name: root, admin and what the site adds.
bool mapping_name_reserved(const Mapping *mapping, const char *kind, const char *name);
// Takes the name as given for this derivation (proposed, not yet allocated) and derives again.
bool derive_name(Derive *derive, const Unnamed *unnamed, const char *name, GError **error);

// What somebody is given (an entry of a class `for: assignment`) becomes as if nothing gave it any more.
bool derive_end(Derive *derive, uint32_t entry, const char *reason, GError **error);

// Why an entry has a value or an edge: which rule, which source rows. Derives that subject again,
// tracing. `attr` NULL asks about the entry's presence and state. False when nothing explains it.
typedef struct Why {
  GString *rule;      // "account.yaml:14", "tables/groups.csv:12", several joined by ", "
  GString *reason;    // of an edge: "grace until 2027-04-15"; "" when a post in force gives it
  GArray *rows;       // int64_t source rows in the store
  bool ahead;         // of an edge: only posts that have not begun give it
} Why;
void why_init(Why *why);
void why_clear(Why *why);
bool derive_why(Derive *derive, uint32_t entry, const char *attr, Why *why, GError **error);
bool derive_why_edge(Derive *derive, uint32_t group, uint32_t member, Why *why, GError **error);

// Which rows hit whom. Nothing here decides: this is the walk of derive_all, told instead of written.
typedef enum WatchKind {
  WATCH_KLASS,     // a class looks at the person, or at one of the posts
  WATCH_ASKED,     // a table is asked for a post
  WATCH_HIT,       // the row applies
  WATCH_OUTVOTED,  // the row would apply, but an earlier one won
  WATCH_GROUP      // the member belongs into the group; of assignments: it is given
} WatchKind;

typedef struct WatchEvent {
  WatchKind kind;
  size_t klass;              // of mapping_klass: whose entry
  const Post *post;          // NULL for WATCH_KLASS of a class for people
  bool counts;               // KLASS: memberships count. GROUP: the group can be made, and has not ended
  bool alone;                // KLASS: no rule speaks of the entry: it and its memberships stay as they are
  const char *reason;        // KLASS: what is said of the entry ("left 2027-04-01"); NULL = nothing
  const Decision *decision;  // ASKED, HIT, OUTVOTED, GROUP; NULL: the class itself names the group
  size_t row;                // HIT, OUTVOTED, GROUP: of the decision
  size_t groups;             // GROUP: the class of the group
  const char *group;         // GROUP: its key; of assignments what the table says
  const char *file;          // GROUP: when there is no decision, where the rule stands …
  int line;                  // … and the line
} WatchEvent;

typedef void (*WatchFunc)(const WatchEvent *event, void *data);

// After derive_frame. Names that are still to be given count as given. Faults of results are findings.
bool derive_watch(Derive *derive, const Person *person, WatchFunc func, void *data, GError **error);
// The first column of the row that does not take the post, and what the post has there ("" if nothing;
// valid until the next call). False when the row takes it.
bool derive_miss(Derive *derive, const Person *person, const Post *post, const Decision *decision,
                 size_t row, size_t *condition, const char **value);
// Whether a row names the unit, one above it, or a pattern that it fits; true when no column asks for units.
bool derive_names_unit(Derive *derive, const Decision *decision, const char *code);
// Whether a row could take a post in the unit, whatever else it asks for.
bool derive_takes_unit(Derive *derive, const Decision *decision, const char *code);
// The name at work. Valid until the next call.
const char *derive_person_name(Derive *derive, const Person *person);

// ---------------------------------------------------------------------------------------------
// Sheets: a CSV as Excel shows it.

typedef struct Grid Grid;

// Rows are counted as Excel does (a cell with line breaks is one row); row 0 is the header.
Grid *grid_parse(const char *bytes, size_t n_bytes, const char *name, Findings *findings);
void grid_free(Grid *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Grid, grid_free)
const char *grid_name(const Grid *sheet);
size_t grid_n_rows(const Grid *sheet);
size_t grid_n_columns(const Grid *sheet);  // of the header
// Trimmed of spaces of any width; "" where there is none.
const char *grid_cell(const Grid *sheet, size_t row, size_t column);
bool grid_row_empty(const Grid *sheet, size_t row);
// Adds a finding at the cell; row and column from 0. Level error unless `what` is a warning.
void grid_fault(const Grid *sheet, size_t row, size_t column, Findings *findings,
                const Finding *what, const char *format, ...) G_GNUC_PRINTF(6, 7);
// Column whose header is one of the words (NULL-terminated); -1 if none.
int grid_column(const Grid *sheet, const char *const *words);

// ---------------------------------------------------------------------------------------------
// One template, for `idou eval`: fields are given by name. False with `error` telling line:column.
typedef struct EvalField {
  const char *name;
  const char *value;
} EvalField;
bool mapping_eval(const char *template_text, const EvalField *fields, size_t n_fields,
                  const char *tables_folder, GString *out, GError **error);

#endif
