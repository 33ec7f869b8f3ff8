// SPDX-License-Identifier: GPL-3.0-or-later
//
// Work for hands: what task*.c share.
#ifndef IDOU_TARGETS_TASK_P_H
#define IDOU_TARGETS_TASK_P_H

#include "targets_p.h"

// ---------------------------------------------------------------------------------------------
// Work for hands. What stands in such a target is what hands have confirmed; what they have yet to do stands in
// tasks, of an entry at most one that is alive: from what is confirmed to what is wanted. A plan sees the one with
// the others done.

// What hands do with an entry: follows from how it is before and after.
typedef enum TaskDeed {
  DEED_CREATE,
  DEED_MODIFY,
  DEED_MOVE,
  DEED_DISABLE,
  DEED_ENABLE,
  DEED_DELETE,
  DEED_N
} TaskDeed;

typedef struct TaskTeam {
  const char *word, *title;
  const char *readers;  // group of the system whose members may read its lists; NULL = only we
} TaskTeam;

typedef struct TaskShown {
  const char *attribute, *head;
  bool column;  // it has a column of its own
} TaskShown;

typedef struct TaskList {
  const char *word, *title;
  const TaskTeam *team;
  const char *verbs[DEED_N];
  int days[DEED_N];  // from the day on which it is to be so until the deadline
  GArray *shown;     // TaskShown, in order
} TaskList;

typedef struct TaskConfig {
  const char *path, *in, *out, *state;  // folders
  const char *book;                     // file
  bool cp932;                           // lists for Excel: CP932, else UTF-8 with a mark
  int shown_days;                       // what is over stays on the lists so long
  GArray *teams;                        // TaskTeam
  GPtrArray *lists;                     // TaskList
} TaskConfig;

void *task_config_read(ConfigReading *reading);
void task_config_free(void *own);
extern const char *const task_config_keys[];
const TaskConfig *task_config_of(const TargetConfig *config);
// The list that a place lies in; NULL: in none that the settings name.
const TaskList *task_config_list(const TaskConfig *own, const char *dn);

typedef struct Task {
  int64_t run;      // of the journal, and
  GArray *numbers;  // uint32_t: its operations there; the first one and the run are its own number
  TaskState state;
  Record *before, *after;  // NULL: there is no entry
  char *subject, *reason;  // for people
  char *who, *evidence, *remark;
  Date asked, due;
  Date done_on;         // by what hands say
  Date changed;         // when its state last changed
  int64_t instead_run;  // withdrawn: the task that stands in its place; 0 = none does
  uint32_t instead_n;
  int64_t
      ended_run;  // withdrawn by these operations, which so have no task of their own; 0 = by none
  GArray *ended;  // uint32_t
  bool told;      // the journal knows what became of it
} Task;

Task *task_new(int64_t run, uint32_t n);
void task_free(void *task);
uint32_t task_n(const Task *task);
const char *task_id(const Task *task);   // stable id of the entry
const char *task_dn(const Task *task);   // where it will be, or was
bool task_is_live(const Task *task);     // it is part of what a plan sees
bool task_is_waiting(const Task *task);  // hands have yet to do it
TaskDeed task_deed(const Task *task, const TargetConfig *config);
bool task_same(const Record *a, const Record *b);  // also when there is neither
void task_set(char **text, const char *value);     // copies; NULL and "" make it NULL

// As lines of the book (task_json.c). What is read is the caller's; NULL: it is none.
struct json_t *task_json(const Task *task);
Task *task_json_read(const struct json_t *json);
struct json_t *task_json_record(const Record *record);
Record *task_json_read_record(const struct json_t *json);

// "T12-7-4": run and operation with a check digit, which finds each digit that is mistyped and each two that are
// exchanged (H. M. Damm's). Other widths of digits and hyphens, and a T that is missing, are read as well.
void task_number_format(int64_t run, uint32_t n, GString *out);
bool task_number_parse(const char *text, int64_t *run, uint32_t *n);

// What one attribute is before and after.
typedef struct TaskChange {
  char *head;
  char *before, *after;  // NULL = nothing
  bool apart;  // some of several values: those that go and those that come, not one for the other
} TaskChange;

// "310" of "task=310,list=card,…". False: it is no place.
bool task_name_of(const char *dn, GString *out);
// What people are told of: of a new or old entry what the list shows, else what changes. Elements are owned.
GArray *task_changes(const Task *task, const TargetConfig *config);
// What stands before the value that goes, or comes: "追加 ", " → ", "".
const char *task_change_sign(const TaskChange *change, bool after);
void task_changes_text(const GArray *changes, GString *out);
// The present value of an attribute for a column of its own.
void task_value(const Task *task, const char *attribute, GString *out);

// What is confirmed and the tasks, on disk: a log of steps (JSON lines), written anew when a writer finishes. A step
// is one line, so that it is there whole or not at all.
typedef struct TaskBook TaskBook;

// To write takes the lock (EXIT_LOCKED). EXIT_UNREAD when there is none, or it is damaged.
TaskBook *task_book_open(const TargetConfig *config, bool writes, GError **error);
void task_book_close(TaskBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TaskBook, task_book_close)
bool task_book_make(const TargetConfig *config, GError **error);
const char *task_book_id(const TaskBook *book);
const GPtrArray *task_book_tasks(const TaskBook *book);               // Task, oldest first
Task *task_book_find(const TaskBook *book, int64_t run, uint32_t n);  // by any of its operations
Task *task_book_live(const TaskBook *book, const char *id);  // that of the entry; NULL = none
void task_book_add(TaskBook *book, Task *task);              // takes it
// The confirmed state of an entry is now this (copied); NULL: there is none.
void task_book_confirm(TaskBook *book, const char *id, const Record *record);
Dit *task_book_now(const TaskBook *book, GError **error);  // what a plan sees; caller frees
// Ends a step: these tasks and what was confirmed since the last one. On disk after flush only.
void task_book_step(TaskBook *book, Task *const *tasks, size_t n_tasks);
bool task_book_flush(TaskBook *book, GError **error);
bool task_book_compact(TaskBook *book, GError **error);
// Back to what is on disk.
bool task_book_reload(TaskBook *book, GError **error);

// What somebody tells of a task (task_report.c).
typedef struct TaskTold {
  TaskState state;
  Date day;
  const char *who, *evidence, *remark;  // NULL: not told
} TaskTold;

// Why that cannot be.
typedef enum TaskFault {
  TASK_FINE,
  TASK_FAULT_DONE_BEFORE,
  TASK_FAULT_WITHDRAWN,
  TASK_FAULT_NO_REASON,
  TASK_FAULT_NO_DAY,
  TASK_FAULT_TO_COME,
  TASK_FAULT_TOO_EARLY,
  TASK_FAULT_OTHER_DAY,
  TASK_FAULT_DAY_TOO_MANY,
  TASK_FAULT_DAY_UNREAD,
  TASK_FAULT_STATE_UNREAD,
  TASK_FAULT_TWICE,
  TASK_N_FAULTS
} TaskFault;

typedef struct TaskFaultTraits {
  const char *code;  // of a finding
  const char *text;  // for operators, to be translated
  const char *note;  // for those who handed the list back
} TaskFaultTraits;
const TaskFaultTraits *task_fault(TaskFault fault);

#define TASK_NOTE "差戻し"  // begins a remark of ours: what was handed back could not be taken

// Decides whether it can be, and changes the book, as one step. *changed: it says something new.
TaskFault task_report_take(TaskBook *book, Task *task, const TaskTold *told, bool *changed);
// What was impossible is to be done after all, or was not done as was said. False: it is neither, or a later task of
// the entry builds on it.
bool task_report_reopen(TaskBook *book, Task *task);
// It is forgotten: the next plan asks for it anew. The journal knows.
void task_report_drop(TaskBook *book, Task *task);

// The lists that people get, one CSV and one page a team (task_sheet.c, task_page.c, task_lists.c).
const char *task_state_word(TaskState state);  // "未着手"
bool task_state_of(const char *word, TaskState *out);
// By what is to be done first, then what is over, the latest first: of a team what its lists have, without a team
// all. Elements are borrowed.
GPtrArray *task_lists_sorted(const TaskBook *book, const TargetConfig *config,
                             const TaskTeam *team);
bool task_lists_is_late(const Task *task);
void task_reason(const Task *task, GString *out);  // why it is asked for, or why no longer
void task_sheet_write(const GPtrArray *tasks, const TargetConfig *config, const TaskTeam *team,
                      GString *out);
void task_page_write(const GPtrArray *tasks, const TargetConfig *config, const TaskTeam *team,
                     GString *out);
bool task_lists_write(const TaskBook *book, const TargetConfig *config, GError **error);

// What comes back (task_return.c): each file in `in` is taken once and then moved to `in/taken`.
bool task_return_take(TaskBook *book, const TargetConfig *config, Findings *findings,
                      GError **error);

#endif
