// SPDX-License-Identifier: GPL-3.0-or-later
//
// Inside the roster: facts of one subject, spans of time, and the desk where a person is put together.
#ifndef IDOU_ROSTER_P_H
#define IDOU_ROSTER_P_H

#include <idou/roster.h>

// ---------------------------------------------------------------------------------------------
// Spans: a value over days [from, to). A timeline is an array of them, in order and not overlapping.

typedef struct Span {
  Date from, to;
  const char *value;
  int64_t row;
  Date said;  // first day of the fact it comes from
} Span;

// Lays `span` over the timeline: where it is valid, it wins.
void roster_span_lay(GArray *spans, const Span *span);
// Joins neighbours of the same value: saying again what is so does not begin anything.
void roster_span_join(GArray *spans);
void roster_span_cut(GArray *spans, Date from, Date to);

// ---------------------------------------------------------------------------------------------
// Told: the facts of one subject, ordered by (post, field, valid_from, seq).

typedef struct Told {
  uint32_t post;
  FieldId field;
  Date from, to;
  int64_t row;
  size_t at;          // where the value begins in the text
  const char *value;  // the same, once the text is complete
} Told;

// Facts of the same post, or of the same post and field.
typedef struct ToldRange {
  const Told *first;
  size_t n;
} ToldRange;

// The fact in force on the day; NULL if none.
const Told *roster_told_on(ToldRange facts, Date day);
void roster_told_lay(ToldRange facts, GArray *spans);  // a timeline of all of them, not joined
ToldRange roster_told_field(ToldRange facts, FieldId field);
// Takes the facts of the same field off the front of `facts`. False when none are left.
bool roster_told_next_field(ToldRange *facts, ToldRange *out);
bool roster_told_next_post(ToldRange *facts, ToldRange *out);

// ---------------------------------------------------------------------------------------------
// Desk: room for one subject, used again for the next one.

typedef struct Desk {
  GArray *told;       // Told
  GString *text;      // their values, each with its NUL
  GArray *states;     // Span, the person's states
  GArray *spans;      // Span, of the post at hand
  GArray *helds;      // Span, whether the post at hand is held
  GArray *stays;      // see roster_person.c
  GArray *posts;      // Post
  GPtrArray *fields;  // the person's values by FieldId, then those of each post
  GArray *rows;       // int64_t, by FieldId
  GString *number;
  Person person;
} Desk;

void roster_desk_init(Desk *desk);
void roster_desk_clear(Desk *desk);

// A scan that gives the facts of one subject after the other.
typedef struct Reader {
  FactScan *scan;
  Fact next;  // the first of the next subject
  bool more;  // there is one
} Reader;

// Takes over `scan`; NULL is the failure to open it, already in `error`.
bool roster_reader_open(Reader *reader, FactScan *scan, GError **error);
void roster_reader_close(Reader *reader);
// All facts of the next subject to the desk. False at the end or on error.
bool roster_reader_take(Reader *reader, Desk *desk, uint32_t *subject, GError **error);

// ---------------------------------------------------------------------------------------------

// One use of a code: the facts told of it, and what became of it. A unit is a chain of them, as long as one
// goes on as the next.
typedef struct Record Record;
struct Record {
  uint32_t id;
  const char *code;  // its own
  GArray *told;      // Told, values in the roster's texts
  GArray *spans;     // Span, when it is there by itself
  Record *next;      // where it went: renamed, the same unit, else merged into that one; NULL
  Date turned;       // … and when; DATE_OPEN
  int64_t turn_row;
  bool renamed;
  Record *origin;       // the one that went on as this one; NULL
  Date taken;           // … and when
  const Record *elder;  // that had the code before
  Unit *unit;           // of the chain; NULL while it is still to come
};

// Where a unit that was told by a code is on a day.
typedef struct UnitAt {
  const Record *record;  // NULL: nobody knows the code
  const char *code;
  Date relabelled;  // the last turn on the way; DATE_NONE
  int64_t relabel_row;
} UnitAt;

// What was told as `code`, with a fact that holds from `said` on.
typedef struct Telling {
  const char *code;
  Date said;
} Telling;

bool roster_load_records(Roster *roster, GError **error);
void roster_record_free(void *record);
UnitAt roster_unit_at(const Roster *roster, const Telling *telling, Date day);
// The same unit on another day: only its code may be another.
const char *roster_code_on(const Record *record, Date day);
// The value of a field on a day on which the record is the unit's.
const Told *roster_record_told(const Record *record, FieldId field, Date day);
// Joins neighbours that are the same unit: a new code is no move.
void roster_join_places(const Roster *roster, GArray *spans);

struct Roster {
  Store *store;
  RosterWhen when;
  GStringChunk *texts;  // of units, titles, heads

  Reader reader;  // of roster_next
  bool started;
  GArray *mains;   // uint32_t: main post by person
  Desk walk, one;  // of roster_next, of roster_person
  Desk past;       // of roster_post_spans: its told facts are those of one of the two
  GArray *spans;   // PostSpan

  GPtrArray *records;  // Record
  GHashTable
      *records_by_code;  // number or code -> GPtrArray of Record, in the order of their times
  GHashTable *record_by_id;
  bool plain;                // no code ever changed its unit, no unit its code
  GPtrArray *units, *ended;  // Unit, in the order in which they are handed out
  GHashTable *unit_by_code;  // those of the day
  GHashTable *any_by_code;   // and those that ended
  GHashTable *unit_by_id;

  GArray *titles;  // Title
  GHashTable *title_by_code;
  GHashTable *heads;  // code of a unit -> Head; NULL until asked for
};

// Puts the person together from the facts on the desk. `main_post` is 0 when there is none.
void roster_assemble(const Roster *roster, Desk *desk, uint32_t id, uint32_t main_post);
// A post over one unbroken time.
typedef struct Spell {
  ToldRange facts;
  Post post;  // without fields and unit
} Spell;
typedef void (*SpellFunc)(const Spell *spell, void *data);
// Each time of each post that the person on the desk ever had, or is to have.
void roster_each_spell(const Roster *roster, Desk *desk, uint32_t main_post, SpellFunc func,
                       void *data);
void roster_fill_fields(ToldRange facts, Date day, const char **values, int64_t *rows);
// What is left to say of a post: unit, title, role, from the values as of `day`. The unit is asked for as of
// `unit_day`.
void roster_fill_post(const Roster *roster, const Spell *spell, Date unit_day, const char **values,
                      int64_t *rows, Post *post);
FieldId roster_n_fields(const Roster *roster, const Desk *desk);
bool roster_load_mains(Roster *roster, GError **error);
uint32_t roster_main_post(const Roster *roster, uint32_t person);
bool roster_load_units(Roster *roster, GError **error);
bool roster_desk_person(Roster *roster, Desk *desk, uint32_t id,
                        GError **error);  // puts one together there

#endif
