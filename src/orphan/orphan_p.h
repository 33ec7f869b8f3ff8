// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_ORPHAN_P_H
#define IDOU_ORPHAN_P_H

#include <idou/orphan.h>
#include <idou/roster.h>

// ---------------------------------------------------------------------------------------------
// survey.c: what was read, as small as it can be kept.

typedef enum ValueRole {
  ROLE_OTHER,
  ROLE_KEY,    // the class's key attribute
  ROLE_LOGIN,  // a name that is given once, or the entry's own name
  ROLE_MAIL    // holds an @
} ValueRole;

typedef struct SightValue {
  const char *attribute, *text;
  ValueRole role;
} SightValue;

// An entry that was read.
typedef struct Sight {
  size_t target;
  const char *klass;
  MappingFor subject;
  const char *dn, *id;  // id "" where the target has none
  const char *object;   // NULL = nobody's
  bool doubled;
  uint32_t person;
  const char *adopt;
  Presence presence;
  const char *reason;
  Enabled wanted, enabled;
  bool is_protected;
  const char *protected_by;  // the target's own reason; NULL
  const SightValue *values;  // of ours those with a role only; never secrets
  size_t n_values;
} Sight;

typedef struct SurveyEdge {
  size_t target;
  const char *group, *group_name, *member, *label;
  uint32_t person;
  bool fixed, owned;
} SurveyEdge;

struct OrphanSurvey {
  PlannerSurvey hook;
  const TargetConfig *const *targets;
  GArray *sights;         // Sight
  GArray *edges;          // SurveyEdge
  GHashTable *by_object;  // "TARGET OBJECT", also "TARGET orphan/ID" -> index + 1
  GHashTable *by_place;   // "TARGET KEY", place_key of its DN -> index + 1
  GStringChunk *strings;
  GPtrArray *arrays;
};

// Also of nobody's, "orphan/ID".
const Sight *survey_ours(const OrphanSurvey *survey, const char *target, const char *object);
const Sight *survey_at(const OrphanSurvey *survey, const char *target, const char *dn);
const char *survey_name(const OrphanSurvey *survey, size_t target);
// "orphan/ID": by its stable id, or its DN below the base.
void survey_orphan(const OrphanSurvey *survey, const Sight *sight, GString *out);

// ---------------------------------------------------------------------------------------------
// people.c: by what an entry may turn out to be somebody's.

typedef struct Face {
  uint32_t id;
  const char *number, *name, *unit, *unit_name;  // "" if none
  State state;
  Date since;
} Face;

typedef struct People People;

People *people_new(Store *store, Date day, Instant now, GError **error);
void people_free(People *people);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(People, people_free)
const Face *people_face(const People *people, uint32_t person);  // NULL = nobody of that id
uint32_t people_by_number(const People *people, const char *number,
                          bool *padded);  // 0 = nobody's; leading zeros were lost
uint32_t people_by_login(const People *people, const char *login,
                         bool *pattern);  // "k-yamada2" is by pattern k-yamada
// Somebody of that name in the unit of that code or name.
uint32_t people_by_name(const People *people, const char *name, const char *unit);
// A name of somebody else's is written there: no sign, and not nobody's name either.
bool people_other_name(const Face *face, const char *text);
void people_label(const Face *face, GString *out);  // "000310 山田　太郎"

// ---------------------------------------------------------------------------------------------
// What the parts of a list share.

typedef struct Listing {
  const OrphanSetup *setup;
  const OrphanSurvey *survey;
  People *people;
  OrphanList *list;
  GHashTable *ops;       // "TARGET OBJECT" -> GArray of const Op *, of the plan
  GHashTable *mails;     // "TARGET MAIL" -> index + 1 of the sight of ours that has it
  GHashTable *bindings;  // "TARGET ID" -> object, once asked for
  GHashTable *watched;   // "TARGET OBJECT-OR-DN" -> group, of who is in a watched one
} Listing;

const char *listing_keep(Listing *listing, const char *text);  // "" for NULL
const char *listing_keepf(Listing *listing, const char *format, ...) G_GNUC_PRINTF(2, 3);
OrphanItem listing_item(Listing *listing, OrphanKind kind, const char *target);
OrphanItem listing_sight(Listing *listing, OrphanKind kind, const Sight *sight);
void listing_person(Listing *listing, OrphanItem *item, uint32_t person);
void listing_add(Listing *listing, const OrphanItem *item);
const TargetConfig *listing_config(const Listing *listing, const char *target);
bool listing_wants(const Listing *listing,
                   const char *target);  // asked for, read, and to be believed
// The plan's operation on the object of one of these kinds (a mask of 1 << OpKind); NULL = none.
const Op *listing_op(const Listing *listing, const char *target, const char *object,
                     unsigned kinds);

bool nobody_list(Listing *listing, GError **error);  // nobody, left, double
bool rights_list(Listing *listing, GError **error);
bool rights_watch(Listing *listing, GError **error);  // before the others: privileges come from it
bool changed_list(Listing *listing, GError **error);
bool traces_find(Listing *listing, GError **error);  // who and when, and evidence
bool standing_find(Listing *listing, GError **error);
void propose(Listing *listing);

#endif
