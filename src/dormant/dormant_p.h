// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_DORMANT_P_H
#define IDOU_DORMANT_P_H

#include <idou/dormant.h>

// One field of `where`, and the values of which one is wanted.
typedef struct DormantWanted {
  const char *field;
  const char *const *values;  // NULL-terminated
  bool not ;                  // none of them
  FieldId id;                 // set when a ledger is at hand; FIELD_NONE
} DormantWanted;

typedef struct DormantRules {
  DormantPolicy policy;
  GArray *where;  // DormantWanted
  const YamlNode *node;
} DormantRules;

// A row of the exemptions.
typedef struct DormantExemption {
  size_t row;
  const char *who;     // employee number, login or object
  const char *target;  // "*" = all
  Date until;          // counts before this day
  const char *reason, *by;
} DormantExemption;

struct Dormant {
  Yaml *yaml;
  const char *name;  // of the file, for findings and sources of restrictions
  char *folder;
  EvidenceSources *sources;
  GArray *rules;  // DormantRules, in the file's order
  DormantTell tell;
  Grid *grid;      // of exemptions; NULL = there are none
  GArray *exempt;  // DormantExemption
  GPtrArray *strings;
};

// dormant_exempt.c. False with EXIT_USAGE when the file cannot be read; faults of rows are findings.
bool dormant_exemptions_read(Dormant *dormant, const char *path, const EvidenceWorld *world,
                             Findings *findings, GError **error);

// The moment that is judged: of another day than the clock's, its beginning.
Instant dormant_moment(const DormantAsk *ask);

// ---------------------------------------------------------------------------------------------
// What the ledger knows of accounts, by "TARGET OBJECT" (dormant_ledger.c).

typedef struct DormantStanding {
  Instant since[DORMANT_N_STAGES];  // INSTANT_NONE = does not stand
  int64_t ids[DORMANT_N_STAGES];
  bool decided[DORMANT_N_STAGES];
  bool asked;  // policies speak of its class in its target
} DormantStanding;

typedef struct DormantWord {  // a claim, a named exemption
  Date until;
  const char *why;
} DormantWord;

typedef struct DormantRemoval {
  Instant at;
  const char *number;  // of the question
} DormantRemoval;

typedef struct DormantLedger {
  Store *store;
  GHashTable *standing;  // DormantStanding
  GHashTable *lifted;    // Instant: when what kept somebody out was lifted last
  GHashTable *claims;    // DormantWord
  GHashTable *claimed;  // Instant: when somebody said last that it is kept, also where that is over
  GHashTable
      *exempt;  // DormantWord; "* PERSON" likewise, "TARGET PERSON" by the number of the person
  GHashTable *removals;  // DormantRemoval
  Holds *holds;
  GStringChunk *texts;
} DormantLedger;

bool dormant_ledger_open(DormantLedger *ledger, const DormantAsk *ask, GError **error);
void dormant_ledger_close(DormantLedger *ledger);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DormantLedger, dormant_ledger_close)
const void *dormant_ledger_find(const DormantLedger *ledger, GHashTable *of, const char *target,
                                const char *object);

// ---------------------------------------------------------------------------------------------
// Which accounts there are (dormant_accounts.c).

typedef struct DormantEntry {
  uint32_t person;  // 0 = nobody's
  uint16_t side;    // index of its target
  uint16_t klass;   // of mapping_klass; G_MAXUINT16 = an orphan
  bool bound;
  const char *object;
} DormantEntry;

typedef struct DormantSide {  // a target that some policy speaks of, or whose uses count
  const char *target;
  EvidenceView *view;
  Schema *schema;  // of derive
  Table *table;
  Derive *derive;  // to see who is in which groups; NULL = no policy asks
  Findings *findings;
} DormantSide;

typedef struct DormantSides {
  GArray *sides;    // DormantSide
  GArray *entries;  // DormantEntry: by person, side, object; nobody's first
  GStringChunk *texts;
} DormantSides;

bool dormant_sides_open(DormantSides *sides, const DormantAsk *ask, const DormantLedger *ledger,
                        GError **error);
// Where policies ask who is in a group.
bool dormant_sides_watch(DormantSides *sides, const DormantAsk *ask, Roster *roster,
                         GError **error);
void dormant_sides_close(DormantSides *sides);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DormantSides, dormant_sides_close)
size_t dormant_side_of(const DormantSides *sides, const char *target);

// ---------------------------------------------------------------------------------------------
// Walking over all accounts.

typedef struct DormantWalk {
  const DormantAsk *ask;
  Instant now;
  DormantLedger ledger;
  DormantSides sides;
  Roster *roster;
  bool restricted;     // some policy is not for everybody of its class: everybody is walked over
  GPtrArray **rules;   // by side: const DormantRules, the strictest first
  GArray *states;      // StateSpan, scratch
  GHashTable *groups;  // keys of the groups that the account is in, by the rules; scratch
  uint32_t grouped;    // … of this person …
  uint16_t grouped_klass;  // … and this class
  GString *scratch;
  DormantReport *out;
} DormantWalk;

// dormant_match.c: the rules of each side, by strictness.
void dormant_match_open(DormantWalk *walk);
void dormant_match_close(DormantWalk *walk);
// The strictest that speaks of the account; NULL: none does. `person` NULL: nobody's, or not known.
bool dormant_match(DormantWalk *walk, const DormantEntry *entry, const Person *person,
                   const DormantRules **out, bool *contested, GError **error);

// dormant_case.c: what evidence and stages say of the account. False: it is in use, and has no stage: nothing more is
// asked, and its bearer, whoever they are, need not be looked up.
bool dormant_case(DormantWalk *walk, const DormantEntry *entry, DormantAccount *out);
// … and what is known of its bearer.
void dormant_case_bearer(DormantWalk *walk, const DormantEntry *entry, const Person *person,
                         DormantAccount *out);

#endif
