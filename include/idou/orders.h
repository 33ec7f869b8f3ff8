// SPDX-License-Identifier: GPL-3.0-or-later
//
// orders: HR's orders in the ledger to facts. What all orders of a person say together is computed anew ("replayed")
// whenever one comes, is corrected, is withdrawn or finds its person. It knows the ledger, but no files and no
// layouts: intake puts the rows there, as OrderRow. What an order cannot do is no error, but stands in the order.
#ifndef IDOU_ORDERS_H
#define IDOU_ORDERS_H

#include <idou/store.h>

// ---------------------------------------------------------------------------------------------
// Words: by which name a value is spoken of in layouts, in what an order says and in findings; which field of
// the ledger it is, and whose. One table (src/orders/word.c); how a file writes them is intake's.

typedef enum WordId {
  WORD_FILE_DATE,     // the file's own date, the same in all rows
  WORD_ORDER_NUMBER,  // HR's number of the order
  WORD_ORDER_DATE,
  WORD_ORDER_KIND,
  WORD_ORDER_TARGET,  // number of the order that this one corrects or cancels
  WORD_OLD_NUMBER,    // the number under which a person who is hired again was known
  WORD_OLD_SPACE,     // and the namespace of that number, when it is another source's
  WORD_END_DATE,      // the last day of the post or absence that the order begins
  WORD_SET,           // order set, its version
  WORD_VERSION,
  WORD_NUMBER,
  WORD_NAME,
  WORD_KANA,
  WORD_FORMER_NAME,
  WORD_FORMER_KANA,
  WORD_USE_FORMER,
  WORD_BIRTH,
  WORD_EMPLOYMENT,
  WORD_STATE,
  WORD_HIRED,
  WORD_PHONE,
  WORD_MAIL,
  WORD_UNTIL,
  WORD_OWNER,
  WORD_ROMAJI,
  WORD_ROLE,
  WORD_UNIT,
  WORD_TITLE,
  WORD_TITLE_NAME,
  WORD_DUTY,
  WORD_SECTION,
  WORD_POST_ORDER,
  WORD_FROM_TIME,
  WORD_TO_TIME,
  WORD_CODE,
  WORD_UNIT_NAME,
  WORD_UNIT_KANA,
  WORD_PARENT,
  WORD_ORDER,
  WORD_VALID_FROM,   // first day of the unit as the row tells of it
  WORD_VALID_TO,     // the day on which the unit is there no more
  WORD_PROVISIONAL,  // code by which a unit goes while it has none of its own
  WORD_OLD_CODE,     // 新旧対照表, up to new_parent
  WORD_NEW_CODE,
  WORD_CHANGE,
  WORD_EFFECTIVE,
  WORD_NEW_NAME,
  WORD_NEW_PARENT,
  N_WORDS,
  WORD_NONE = N_WORDS
} WordId;

typedef enum WordPlace {
  PLACE_FILE,  // no fact by itself
  PLACE_PERSON,
  PLACE_POST,
  PLACE_UNIT
} WordPlace;

#define BIT_OF(word) (UINT64_C(1) << (word))

typedef struct WordTraits {
  const char *name;
  FieldId field;  // FIELD_NONE: not a fact by itself
  WordPlace place;
} WordTraits;

extern const WordTraits word_traits[N_WORDS];
WordId word_find(const char *name);  // WORD_NONE if there is none

// ---------------------------------------------------------------------------------------------
// Kinds of order. A layout maps a city's own codes to them; docs/layouts.md explains each.

typedef enum Act {
  ACT_HIRE,        // 採用
  ACT_TAKE_OVER,   // 転入, 出向受入: from another source of the organisation, where one may still serve
  ACT_RENEW,       // 任用更新: the term goes on
  ACT_TRANSFER,    // 異動, 配置換, 帰任
  ACT_RELABEL,     // 組織のみ変更: the unit's code changes, nobody moves
  ACT_PROMOTE,     // 昇任, 降任, 心得
  ACT_CHANGE,      // 身分換 and the like: whatever the row says
  ACT_CONCURRENT,  // 兼務; each role has its beginning and its end
  ACT_JOINT,       // 併任
  ACT_ACTING,      // 事務取扱
  ACT_ASSIST,      // 応援, 事務従事
  ACT_SEAT,        // 充て職
  ACT_CONCURRENT_END,
  ACT_JOINT_END,
  ACT_ACTING_END,
  ACT_ASSIST_END,
  ACT_SEAT_END,
  ACT_LEAVE,        // 休職, 育休, 産休, 病休 …
  ACT_SUSPEND,      // 停職
  ACT_SECOND,       // 派遣
  ACT_RETURN,       // 復職, 派遣解除
  ACT_HAND_OVER,    // 出向: another source speaks for the person from now on
  ACT_RETIRE,       // 退職, 免職, 失職, 任期満了
  ACT_RENAME,       // 改姓
  ACT_LOAN,         // a pool account is lent, with its end
  ACT_REQUEST,      // 申請: a right by way of exception, with its end
  ACT_REQUEST_END,  // … withdrawn before it
  ACT_IGNORE,       // says nothing that concerns us
  ACT_CORRECT,      // 訂正
  ACT_CANCEL,       // 取消
  N_ACTS
} Act;

// What is fixed about a kind of order: one table (src/orders/act.c).
typedef struct ActTraits {
  const char *name;   // in layouts, receipts and the store
  int rank;           // on one day, which comes first
  uint64_t needs;     // BIT_OF of what it says nothing without
  const char *value;  // role of the post it begins or ends; state it brings
} ActTraits;

extern const ActTraits act_traits[N_ACTS];
Act act_find(const char *name);  // N_ACTS if there is none
bool act_amends(Act act);        // 訂正, 取消
bool act_begins_post(Act act);
bool act_ends_post(Act act);
bool act_absents(Act act);  // leave, suspend, second

// ---------------------------------------------------------------------------------------------
// Precedence (Fact.seq, OrderRow.seq): HR's own, never that of arrival. The day, then what a roster decides over what
// an order says, then the digits of HR's number; where there are none (or `number` is NULL), the line.

int64_t seq_of(Date day, bool roster, const char *number, int64_t line);
int64_t seq_yielding(int64_t seq);  // before all others of its day
Date seq_day(int64_t seq);

// ---------------------------------------------------------------------------------------------
// The facts known of a person or unit at a moment, at hand for comparing; by (post, field, valid_from, seq).

typedef struct Known {
  GArray *facts;       // Fact
  GStringChunk *text;  // their values
} Known;

Known *known_new(void);  // nothing is known
// NULL with `error` when the ledger cannot be read.
Known *known_load(Store *store, SubjectKind kind, uint32_t subject, Instant known_at,
                  GError **error);
void known_free(Known *known);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Known, known_free)
// The fact in force on the day, borrowed; NULL if there is none.
const Fact *known_on(const Known *known, uint32_t post, FieldId field, Date as_of);
bool known_by_order(const Known *known, uint32_t post, FieldId field);  // an order spoke of it at any time

// ---------------------------------------------------------------------------------------------
// Whose orders are: employee numbers to people. Within a transaction; false only for faults of the system.

// Who bears the number on the day, or else bore it last: late orders speak of days before we knew the person.
// 0 = nobody.
// Somebody known with the same kana and birth date; 0 if there is nobody, or one of the two is empty. Whether it
// is one person only people can decide (orders_link).
bool identity_like(Store *store, const char *kana, const char *birth, uint32_t *person,
                   GError **error);
uint32_t identity_of_number(Store *store, const char *space, const char *number, Date on);
// Fills in the person of the order. A hire or 転入 names somebody new, or links its number to whoever had the old one. 0 =
// unknown, then state and reason of the order (static strings) say why it waits. `people` (a set of ids) gets
// everybody who is to be replayed. `now`: when we learn of it.
bool identity_find(Store *store, Instant now, OrderRow *order, GHashTable *people, GError **error);
// Orders that waited for somebody of this number find them; `people` likewise.
bool identity_found(Store *store, const char *space, const char *number, uint32_t person,
                    GHashTable *people, GError **error);
// Two people turned out to be one: numbers, orders and what rosters told of `from` become those of `to`,
// who is to be replayed.
bool identity_merge(Store *store, uint32_t from, uint32_t to, Instant now, GError **error);

// ---------------------------------------------------------------------------------------------
// Replaying: a person's facts from orders are what all orders of the person say together, in HR's
// precedence. They are computed anew, so neither the split into files nor the order of arrival matters.

typedef enum Standing {
  STANDING_HOLDS,
  STANDING_WAITS,      // something it speaks of is not known yet
  STANDING_REFUSED,    // it cannot be
  STANDING_CORRECTED,  // a 訂正 holds in its place
  STANDING_CANCELLED,
  STANDING_AMENDS      // a 訂正 or 取消 that holds
} Standing;

extern const char *const standing_names[];  // as OrderRow.state has them

struct json_t;

typedef struct Order {
  OrderRow is;                 // as the ledger had it before
  Act act;                     // of a correction: that of the order corrected
  bool last_day, keep_former;  // likewise
  struct json_t *said;         // name of a word or of a site's own field -> value
  struct Order *holds;         // of a base order: itself, or the correction in its place; NULL = cancelled
  struct Order *root;          // of an amendment: the base order
  Standing standing;
  WordId at;                   // what of it is at fault
  const char *reason;          // code of the finding; "" = none
  const char *text;            // why, for people
  const char *doubt;           // code of what somebody should look at though it holds; NULL = nothing
  const char *doubt_value;
} Order;

// Told of every order that is not as it was before (`changed`), or cannot be, or is doubtful: its standing, and the
// fault if any. The order is borrowed until the callback returns.
typedef void (*ReplayFunc)(const Order *order, bool changed, void *data);

// Writes into the ledger what differs, within a transaction. `now`: when we learn of it; moments still to come
// (embargoes) are computed too. `func` may be NULL. False only for faults of the system.
bool replay_person(Store *store, uint32_t person, Instant now, ReplayFunc func, void *data,
                   GError **error);

// For people, translated: why an order waits, by its reason; what a doubt means. Static.
const char *order_waiting_text(const char *reason);
const char *order_doubt_text(const char *doubt);

// ---------------------------------------------------------------------------------------------
// What a person decides where HR's files leave it open. Each is one transaction, noted with who and why
// (ruling->what and ->subject are filled in), and the people concerned are computed anew. Findings say what
// of it could not be done; EXIT_USAGE when it makes no sense.

// Orders by HR's number. Those that a later version of their set lacks are withdrawn indeed, or hold after all
// (`keep`). Those that wait for something, or cannot be, are dropped.
bool orders_confirm(Store *store, const char *const *numbers, bool keep, const Ruling *by,
                    Findings *findings, GError **error);

// An employee number within its namespace.
typedef struct Bearer {
  const char *space, *number;
} Bearer;
// Both numbers are one person's, who keeps the account of `before`; or they are two people's after all.
bool orders_link(Store *store, const Bearer *bearer, const Bearer *before, bool different,
                 const Ruling *by, Findings *findings, GError **error);

// Fixed terms of the unit's people that end in a time go on until its end: the renewals are late.
bool orders_extend(Store *store, const Extension *extension, Findings *findings, GError **error);

// Tells of every order that waits, is refused, or was withdrawn without anybody's word, as a warning.
bool orders_tell_open(Store *store, Instant known_at, Findings *findings, GError **error);

#endif
