// SPDX-License-Identifier: GPL-3.0-or-later
//
// roster: who everyone is on a day. Facts and a date in, people with posts and units out.
#ifndef IDOU_ROSTER_H
#define IDOU_ROSTER_H

#include <idou/store.h>

typedef enum State {
  STATE_NONE,
  STATE_ACTIVE,
  STATE_LEAVE,      // 休職, 育休 …: why is never told
  STATE_SUSPENDED,  // 停職
  STATE_SECONDED,   // 派遣: works for somebody else
  STATE_LEFT,
  STATE_FUTURE      // hired later than the day asked for (a joiner whose account may be made early)
} State;
const char *state_name(State state);  // "active" …; the words mappings use
State state_of(const char *name);
bool state_in_service(State state);  // active, or away (leave, suspended, seconded)

// A unit that gets another code is the same unit: it keeps its id. A code that is used again later is another
// unit's.
typedef struct Unit Unit;
struct Unit {
  uint32_t id;
  const char *code, *name, *kana;  // on the day; of one that ended, on its last
  bool code_taken;      // it ended, and another unit bears its code on the day: `code` is "CODE@LAST-DAY" then
  const char *const *former;  // codes it had before, the latest first; NULL-terminated
  const char *const *heirs;   // codes of the units it was divided into; NULL-terminated
  Date divided;         // … and the day; DATE_NONE
  const Unit *parent;   // NULL at the top, or when the parent is unknown; one that ended, as long as units are below it
  int order;            // G_MAXINT when not told: last
  Date begin, end;      // [begin, end)
  int64_t row;          // source row of its name
  int64_t end_row;      // … and of its end; 0 = none
  const char *const *fields;  // by FieldId; NULL = missing, "" = empty
};

typedef struct Post {
  uint32_t id;
  bool main;            // 本務, else one of the others
  const char *role;     // "main" 本務, "concurrent" 兼務, "joint" 併任, "acting" 事務取扱, "assist" 応援, "seat" 充て職,
                        // "request" a right by way of exception (申請)
  // Code of the unit on the day asked for, whatever it was when HR told of it: it follows changed codes and mergers.
  // Of a post that has ended: that of the unit in which it ended.
  const char *unit;
  uint32_t unit_id;     // its Unit; 0 if unknown
  const char *title;    // code; "" if none
  Date begin, end;      // [begin, end); DATE_OPEN
  Instant begins, ends; // the same to the minute: a post by the hour (elections) begins on its first day at
                        // `from_time` and ends on its last day at `to_time`; INSTANT_OPEN
  bool by_hour;         // one of the two is not midnight
  int64_t row;          // source row of what put the person there
  int64_t end_row;      // … and of what ended it: the next order, or leaving; 0 = none
  Date told;            // since when the record says that it is this unit: HR may say again what is so
  Date relabelled;      // since its begin the unit has got another code or gone into another one; DATE_NONE
  int64_t relabel_row;  // … and the source row of that
  const char *const *fields;  // by FieldId, as of the post's last day or the day asked for
  const int64_t *rows;        // by FieldId: the source row of the value; 0 = none
} Post;

typedef struct Person {
  uint32_t id;
  State state;
  Date state_since;     // first day of this state: for LEFT the day after the last day of work
  Date hired;           // first day in service; DATE_NONE if unknown
  const char *number;
  const char *const *fields;  // by FieldId; NULL = missing, "" = empty
  const int64_t *rows;        // by FieldId: the source row of the value; 0 = none
  // Posts in force at the moment (main first), then those ended within `grace_days` before the day and
  // those beginning within `early_days` after it. post_in_force tells. A post is one unbroken time
  // in one unit: a main post that moves gives two with the same id; a new title gives none, nor does a
  // new code of the unit or a merger of it.
  const Post *posts;
  size_t n_posts;
} Person;

typedef struct RosterWhen {
  Date as_of;
  Instant known_at;   // INSTANT_OPEN = all we know
  Instant at;         // the moment of that day at which posts by the hour are looked at; 0 = when it begins
  int grace_days;     // how long ended posts are still listed
  int early_days;     // how long before their begin posts and people are listed
} RosterWhen;

static inline bool post_in_force(const Post *post, Instant at)
{
  return post->begins <= at && at < post->ends;
}

typedef struct Roster Roster;

// Reads units at once, people as asked. The store must outlive the roster.
Roster *roster_open(Store *store, const RosterWhen *when, GError **error);
void roster_free(Roster *roster);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Roster, roster_free)
const RosterWhen *roster_when(const Roster *roster);  // with the moment filled in
Store *roster_store(const Roster *roster);

// People in ascending id, everyone ever known (also those who left), but joiners further away than
// `early_days`. A joiner's fields are those of the first day. False at the end or on error, with *out
// NULL. The Person is borrowed until the next call of the same function on this roster: people may be
// looked up while walking.
bool roster_next(Roster *roster, const Person **out, GError **error);
// One person, joiners far away too.
bool roster_person(Roster *roster, uint32_t id, const Person **out, GError **error);
void roster_rewind(Roster *roster);

// How long the person was in each state, oldest first, of all days as known at the roster's moment. `out`
// holds StateSpan. Nobody known: true, with nothing appended.
typedef struct StateSpan {
  State state;
  Date from, to;        // [from, to); DATE_OPEN
  int64_t row;          // source row
} StateSpan;
bool roster_states(Roster *roster, uint32_t id, GArray *out, GError **error);

// A time of a post in which none of the fields asked about changes, neither the post's nor the person's. Person
// (without posts) and post are as of its first day; of the post's unit the code is as in `Person.posts`.
typedef struct PostSpan {
  Person person;
  Post post;
  Date from, to;        // [from, to), within the post's own time; DATE_OPEN
} PostSpan;
// All posts of a person who was handed out, whenever they were or will be. `asked` is by FieldId, of `n_asked`.
// In the order of `from`, the main post before others. Borrowed until the next call.
const PostSpan *roster_post_spans(Roster *roster, const Person *person, const bool *asked, size_t n_asked,
                               size_t *n);
// The states of a person who was handed out, as roster_states tells them, without asking the store.
void roster_states_of(const Roster *roster, const Person *person, GArray *out);

// Units on the day, parents before children, siblings by order then code.
const Unit *const *roster_units(const Roster *roster, size_t *n);
const Unit *roster_unit(const Roster *roster, const char *code);  // NULL if unknown on the day
// Units that existed before the day and do not any more.
const Unit *const *roster_units_ended(const Roster *roster, size_t *n);
const Unit *roster_unit_by_id(const Roster *roster, uint32_t id);  // also one that ended; NULL if unknown
// Who holds a post on the day in a unit that has ended by then, or was divided lately and no order since then says
// whether they stay: nobody may guess where they belong. False from the callback stops.
typedef bool (*RosterLeftFunc)(const Person *person, const Post *post, const Unit *unit, void *data);
bool roster_left_behind(Roster *roster, RosterLeftFunc func, void *data, GError **error);

// Titles a site ranks (tables/titles.csv: code, name, rank, head). Read by whoever loads the site.
typedef struct Title {
  const char *code, *name;
  int rank;     // 1 = highest
  bool head;    // heads its unit
} Title;
void roster_set_titles(Roster *roster, const Title *titles, size_t n);  // copies
const Title *roster_title(const Roster *roster, const char *code);
// The person who heads the unit on the day: active, a post there, a title marked head, the highest
// rank, main post before concurrent, then the lowest id. Without one, the head of the unit above.
// 0 if nobody. The first call reads everybody who ever had such a title.
bool roster_head(Roster *roster, const char *unit, uint32_t *person, GError **error);
// The source rows of what made them that: of the post and of the title; 0 = none.
bool roster_head_rows(Roster *roster, const char *unit, int64_t rows[2], GError **error);

// The person's name parts: at the first run of spaces of any width. Without one, family is the whole.
void person_name_parts(const char *name, GString *family, GString *given);

#endif
