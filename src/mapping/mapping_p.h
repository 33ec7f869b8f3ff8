// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the files of mapping share, from the bottom up: the library of what was read, sheets, templates
// with their filters, decision tables, the rules of a class.
#ifndef IDOU_MAPPING_P_H
#define IDOU_MAPPING_P_H

#include "idou/mapping.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

// ---------------------------------------------------------------------------------------------
// Library: owns all that is made while loading, reads files below the folder, knows their digest.

typedef struct Degrade Degrade;

typedef struct Library {
  char *folder;                       // NULL: no files can be read
  const char *swap_path, *swap_file;  // this file is read in place of that table; NULL = none
  GPtrArray *blocks;                  // memory that lives as long as the library
  GStringChunk *texts;
  GPtrArray *patterns;                 // Pattern
  GPtrArray *names;                    // what templates name; a template holds the index
  GHashTable *name_ids;                // name -> index + 1
  GHashTable *sheets;                  // path -> Grid, NULL value: could not be read
  GHashTable *lookups;                 // path and column -> GHashTable of text -> text
  GHashTable *decisions;               // path -> Decision, NULL value: has faults
  GHashTable *exceptions, *conflicts;  // path -> Exceptions, Conflicts, likewise
  Degrade *degrade;                    // NULL until asked for
  GPtrArray *charsets;                 // Charset, that rules name
  GPtrArray *sets;                     // GHashTable of words, that rules keep
  GPtrArray *digests;                  // "PATH HEX" of each file read
  Findings *findings;                  // where faults go; only while loading
} Library;

Library *library_new(const char *folder, Findings *findings);
void library_free(Library *library);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Library, library_free)
void *library_alloc(Library *library, size_t n_bytes);  // zeroed
const char *library_text(Library *library, const char *text, size_t n_bytes);
uint16_t library_name(Library *library, const char *name);
// Borrowed; path relative to the folder. NULL when it cannot be read or has faults: a finding says so, once.
const Grid *library_sheet(Library *library, const char *path);
// Key column (the first) to the named column; `column` NULL = the second. NULL after a finding.
GHashTable *library_lookup(Library *library, const char *path, const char *column,
                           const char **fault);
const Degrade *library_degrade(Library *library, const char **fault);
// NULL: there is none of this name.
const Charset *library_charset(Library *library, const char *name);
// Notes for the digest that `bytes` were read as `path`.
void library_note(Library *library, const char *path, GBytes *bytes);
char *library_digest(const Library *library);

// ---------------------------------------------------------------------------------------------
// Patterns: PCRE2, compiled once, with a limit against patterns that explode.

typedef struct Pattern {
  pcre2_code *code;
  pcre2_match_data *match;
  pcre2_match_context *context;
} Pattern;

// NULL with *fault (owned by the library) when it does not compile.
const Pattern *pattern_new(Library *library, const char *text, const char **fault);
void pattern_free(Pattern *pattern);
// Number of groups set (≥ 1), 0 = no match, -1 = gave up at the limit.
int pattern_match(const Pattern *pattern, const char *text, size_t n_bytes);

// ---------------------------------------------------------------------------------------------
// Templates.

// Where in a file a text stands, for findings. Line and column of its first character.
typedef struct Spot {
  const char *file;
  int line, column;
} Spot;

typedef enum Got {
  GOT_TEXT,
  GOT_NOTHING,  // a name marked `?` is missing
  GOT_FAULT     // the evaluator's `problem` says why
} Got;

typedef struct Filter Filter;

#define FILTER_MAX_ARGS 2

typedef struct Call {  // a filter with its arguments
  const Filter *filter;
  const char *args[FILTER_MAX_ARGS];
  unsigned n_args;
  int64_t number;  // first argument of kind number
  const Pattern *pattern;
  GHashTable *table;       // borrowed from the library
  const Degrade *degrade;  // likewise
} Call;

typedef struct Slot {  // literal text and then, unless it is the end, a value
  const char *literal;
  uint32_t n_literal;
  uint16_t name;  // index into the library's names; SLOT_TEXT = no value
  bool optional;  // ${name?}
  const Call *calls;
  unsigned n_calls;
  int column;  // of the name, 1-based within the template
} Slot;

#define SLOT_TEXT UINT16_MAX

typedef struct Template {
  const char *text;  // as written
  Spot spot;
  const Slot *slots;
  unsigned n_slots;
} Template;

// Faults are findings of the library. NULL then.
const Template *template_parse(Library *library, const char *text, const Spot *spot);
bool template_is_literal(const Template *template);
// The index of the name when the template is nothing but ${name} or ${name?}, else SLOT_TEXT.
uint16_t template_bare(const Template *template);
bool template_uses(const Template *template, uint16_t name);

// NULL = missing. What it returns must stay valid until the template is evaluated.
typedef const char *(*NameFunc)(void *scope, uint16_t name);

typedef struct Evaluator {
  const Library *library;
  NameFunc get;
  void *scope;
  GString *scratch[2];  // filters read from one and write to the other
  GString *problem;     // reason of the last GOT_FAULT, translated
  const char *code;     // and its code; NULL: whoever asked knows
} Evaluator;

void evaluator_init(Evaluator *evaluator, const Library *library, NameFunc get, void *scope);
void evaluator_clear(Evaluator *evaluator);
// Appends to `out`.
Got template_eval(const Template *template, Evaluator *evaluator, GString *out);

// ---------------------------------------------------------------------------------------------
// Filters: one table (filter.c).

typedef enum FilterArg { ARG_TEXT, ARG_NUMBER, ARG_PATTERN, ARG_SHEET } FilterArg;

// `in` is never empty and never missing, but for filters that take what is missing.
typedef Got (*FilterFunc)(const Call *call, const char *in, GString *out, GString *problem);

struct Filter {
  const char *name;
  unsigned min_args, max_args;
  FilterArg args[FILTER_MAX_ARGS];
  FilterFunc run;
  bool takes_missing;  // runs on missing and empty values, too
  bool degrades;       // wants the table of degradation
  const char *usage;   // "cut:N"
  const char *doc;     // one line of English, in docs/mapping.md, too
};

// Degradation (degrade.c): characters outside JIS X 0208 by those that stand for them. GOT_FAULT where
// nothing does, or several could.
Got degrade_text(const Degrade *degrade, const char *in, GString *out, GString *problem);
void degrade_free(Degrade *degrade);

extern const Filter filters[];
extern const size_t n_filters;
const Filter *filter_find(const char *name);
// Checks and prepares the arguments. False with *fault (static, or owned by the library).
bool filter_prepare(Library *library, Call *call, const char **fault);

// ---------------------------------------------------------------------------------------------
// Decision tables.

typedef enum CellKind {
  CELL_ANY,
  CELL_WORDS,  // one of them, as code or name
  CELL_BELOW,  // a unit, or any unit below it
  CELL_PATTERN
} CellKind;

typedef struct Cell {
  CellKind kind;
  bool negated;
  const char *const *words;  // NULL-terminated
  const Pattern *pattern;
} Cell;

typedef enum ConditionKind { CONDITION_TEXT, CONDITION_UNIT, CONDITION_TITLE } ConditionKind;

typedef struct Condition {  // a column
  uint16_t name;            // what is looked at
  const char *field;        // … without "post."
  ConditionKind kind;
  unsigned column;
} Condition;

typedef struct Choice {  // a row
  size_t row;            // in the grid
  int64_t order;         // of a table with priorities
  const Cell *cells;     // one for each condition
  const Template *const *results;
  unsigned n_results;
  const Template *const
      *grace;  // instead of the results while a grace runs, where the table says so
  unsigned n_grace;
} Choice;

struct Decision {
  const char *path;
  const Grid *grid;
  const Condition *conditions;
  unsigned n_conditions;
  const Choice *choices;  // by order, then row
  unsigned n_choices;
  bool first_match;  // has priorities: the first row that matches wins
  bool has_grace;    // has columns of groups for the grace
};

// NULL after findings. Each path is read once.
const Decision *decision_parse(Library *library, const char *path);

// ---------------------------------------------------------------------------------------------
// Tables about single assignments (assign_tables.c).

typedef struct Exception {  // somebody has an assignment, or has it not, whatever their posts give
  size_t row;
  const char *number;  // employee number
  const char *assignment;
  bool takes;
  Date from, to;  // [from, to)
  const char *reason, *by;
} Exception;

typedef struct Exceptions {
  const char *path;
  const Grid *grid;
  const Exception *rows;
  unsigned n;
} Exceptions;

typedef struct Conflict {  // duties that one person must not have both
  const Grid *grid;
  size_t row;
  const char *sides[2];  // an assignment, or how several begin: "税*"
  const char *reason;
} Conflict;

typedef struct Conflicts {
  const char *path;
  const Grid *grid;
  const Conflict *rows;
  unsigned n;
} Conflicts;

// NULL after findings. Each path is read once.
const Exceptions *exceptions_parse(Library *library, const char *path);
const Conflicts *conflicts_parse(Library *library, const char *path);
bool conflict_names(const Conflict *conflict, unsigned side, const char *assignment);

// ---------------------------------------------------------------------------------------------
// The rules of one class, as its file says.

typedef struct Rules Rules;

typedef struct Ref {      // an entry of another class
  const char *object;     // its class
  int klass;              // index in the mapping; -1 = none
  const Template *of;     // which one
  bool of_head;           // it is "${unit.head}"
  const char *attribute;  // "" = its place
  Spot spot;
} Ref;

typedef enum RuleKind { RULE_TEXT, RULE_REF, RULE_SECRET, RULE_EACH } RuleKind;

typedef struct People People;

typedef struct Rule {  // one attribute
  const char *attribute;
  Spot spot;
  RuleKind kind;
  Policy policy;
  const Template *const *values;
  unsigned n_values;
  Ref ref;
  const char *secret;
  const Charset *charset;  // NULL = the target's
  uint16_t each;           // of EACH: what it goes over, as templates call it; SLOT_TEXT = posts
  Spot each_spot;
  const char *join;    // of EACH: all of them as one text, this between them; NULL = several values
  unsigned name_rule;  // of EACH over names: whose
  uint16_t renewed_by;   // field whose new value asks for a new secret; SLOT_TEXT = none
  const People *people;  // of units: people who bring a value each; NULL = none
} Rule;

typedef struct Wanted {  // one field of `when`
  uint16_t name;
  bool is_state;
  const char *const *values;  // NULL-terminated
  Spot spot;
} Wanted;

typedef enum LifeKind {
  LIFE_LEAVE,
  LIFE_SUSPENDED,
  LIFE_SECONDED,
  LIFE_LEFT,
  LIFE_OTHERWISE,
  LIFE_ENDED,
  N_LIVES
} LifeKind;

typedef struct Life {
  bool given;
  bool disable;
  bool keep;         // memberships stay
  bool ends;         // of assignments: they end with the day before, and begin anew on the return
  const char *move;  // container, NULL = stays where it is
  int delete_after;  // days; -1 = never
  const Rule
      *rules;  // attributes that are otherwise meanwhile; texts only, each among the class's, too
  unsigned n_rules;
  Spot spot;
} Life;

typedef struct Grace {  // 引継猶予
  int before, after;    // days ahead of a post, and after it
  int until_month;      // 0 = no fixed day
  int until_day;
  bool earlier;        // of `after` and the fixed day the earlier one, not the later
  const Template *of;  // key of the group meanwhile; NULL = the same
} Grace;

struct People {  // of a unit, who each bring a value into its entry
  const Template *value;
  Grace grace;
  int grace_days;   // the longest that it runs after a post
  bool only_grace;  // not those whose post is in force
  const struct Wanted *when;
  unsigned n_when;  // 0 = those in active service
};

typedef struct Grant {    // one way into groups
  const Decision *table;  // or NULL: `ref` says which
  Ref ref;                // of a table: object and klass only
  Grace grace;
  int grace_days;           // the longest that it runs after a post
  const char *owned_below;  // NULL = it does not say; then what another of the class says counts
  Spot spot;
} Grant;

// Of classes for assignments: what gives them.
typedef struct Assign {
  const Decision *table;
  int ahead_days;                // how long before their first day their entries are there
  const Exceptions *exceptions;  // NULL = none
  const Conflicts *conflicts;    // NULL = none
  Spot spot;
} Assign;

struct Rules {
  Klass klass;  // what others see
  Spot spot;
  const Template *key;
  const char *name_type;  // "uid"
  const Template *name;   // its value
  const char *container;  // NULL: `home` says where
  Ref home;
  const Wanted *when;
  unsigned n_when;
  const Rule *rules;
  unsigned n_rules;
  const Grant *grants;
  unsigned n_grants;
  const Assign *assign;  // of classes for assignments
  Life lives[N_LIVES];
  bool disables;    // some life disables: the others are to be enabled
  int before_days;  // joiners are made so early; -1 = on the day
  bool before_disabled;
  const uint16_t *uses;  // the NameRules, by index, whose names its templates speak of
  unsigned n_uses;
};

// While a file is read. Faults are findings of the library.
typedef struct Reading {
  Library *library;
  const Yaml *yaml;
  const char *file;  // its name, outliving it
  Rules *rules;
} Reading;

// The class in the target; NULL after findings.
Rules *klass_parse(Library *library, const Yaml *yaml, const char *target);
// The targets that a file names: one, or a list. NULL-terminated.
const char *const *klass_targets(Library *library, const Yaml *yaml);
// The section `assignments`, and what a class for them cannot have (klass_assign.c).
void klass_read_assign(Reading *reading, const YamlNode *root);
// Whether the rule speaks of one of the names that begin so: "assignment.until", "assignment".
bool klass_rule_uses(const Library *library, const Rule *rule, const char *prefix);
// The sections `attributes` and `memberships` (klass_rules.c).
void klass_read_rules(Reading *reading, const YamlNode *attributes);
// The section `attributes` of a rule of `lifecycle`; and, when the class's are known, whether these are among them.
void klass_read_life(Reading *reading, const YamlNode *attributes, Life *life);
void klass_check_lives(Reading *reading);
void klass_read_grants(Reading *reading, const YamlNode *memberships);
// The key `grace` of one grant (grace.c).
void grace_read(Reading *reading, const YamlNode *map, Grant *grant);
// The key `people` of an attribute (klass_people.c).
void klass_read_people(Reading *reading, const YamlNode *map, Rule *rule);
// {object: unit, of: "${unit}"}; `keys` are the allowed ones.
bool klass_read_ref(Reading *reading, const YamlNode *node, const char *const *keys, Ref *ref);
const Template *klass_template(Reading *reading, const YamlNode *node);

// Of whom a name is made, and how.
typedef struct NameCase {
  const Wanted *when;  // all must hold
  unsigned n_when;
  const Template *const *tries;
  unsigned n_tries;
  int64_t max_chars;
  int64_t first_suffix;
  const Pattern *form;  // what a name must look like
  bool spaces;          // a name that people read: words with spaces between them
  Spot spot;
} NameCase;

// A kind of name that is given once.
typedef struct NameRule {
  const char *kind;      // "login"
  uint16_t name;         // what templates call it
  uint16_t former, all;  // "login.former", "login.all": earlier ones, and these with the one in use
  const NameCase *cases;  // the first that fits counts
  unsigned n_cases;
  const char *const *klasses;  // `for`; NULL-terminated
  const char *const *taken;    // attributes whose values count as taken
  GHashTable *reserved;        // set of text_key
  const uint16_t *renews;      // names whose change asks for a new one
  unsigned n_renews;
  bool addresses;  // names hold a domain
  bool is_given;   // to entries of some class that is recognised by something else
  Spot spot;
} NameRule;

// How ${family_romaji} is spelled where HR does not say.
typedef struct Spelling {
  Romaji scheme;
  GHashTable *exceptions;  // katakana -> letters; NULL = none
} Spelling;

struct Mapping {
  Library *library;
  GPtrArray *klasses;  // Rules, in order of dependency
  GPtrArray *names;    // NameRule
  Spelling spelling;
  bool has_spelling;
  GPtrArray *conflicts;     // Conflicts, of all classes, each once
  GArray *titles;           // Title
  const Grid *titles_grid;  // NULL when there is no such table
  char *digest;
};

// Where a node stands.
Spot mapping_spot(const Reading *reading, const YamlNode *node);
const NameRule *mapping_name_rule(const Mapping *mapping, const char *kind);
void mapping_fault(const Mapping *mapping, const Spot *spot, const char *code, const char *text);
// names.yaml (names.c): whether this is one; its contents into the mapping; then, with all classes known,
// which of them use which names.
bool names_is_file(const YamlNode *root);
void names_read(Mapping *mapping, Reading *reading);
void names_link(const Mapping *mapping);
// `when`: fields and the values they may have.
const Wanted *klass_read_wanted(Reading *reading, const YamlNode *when, unsigned *n);

// Latin letters (spelling.c): the words of `kana`, one by one.
Got spell_kana(const Spelling *spelling, const char *kana, GString *out, GString *problem);
// Family (or given) name in small letters: of `wish`, the bearer's own spelling "SATOH TAROU", else of the
// kana of that part. Either may be NULL. GOT_NOTHING when neither says.
Got spell_part(const Spelling *spelling, const char *wish, const char *kana, bool given,
               GString *out, GString *problem);
// The words at `key`, a scalar or a list, NULL-terminated. None is a fault.
const char *const *klass_words(Reading *reading, const YamlNode *map, const char *key);
// Words of `state`: who says leave means suspended and seconded, too, as these are treated like it where
// nothing else is said.
const char *const *klass_states(Library *library, const char *const *words);
// Every template of the class, for whoever looks at all of them. False stops.
typedef bool (*TemplateFunc)(const Template *template, const char *attribute, void *data);
void klass_templates(const Rules *rules, TemplateFunc func, void *data);

#endif
