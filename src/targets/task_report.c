// SPDX-License-Identifier: GPL-3.0-or-later
//
// What hands tell of a task, by a list or a command, and what follows for the entry.
#include "task_p.h"

#define AHEAD_DAYS 62  // who knows what is coming may have done it so long before it was asked for

// Hands did something that another one, which is still alive, had taken the place of: that one begins from there now.
// NULL: there is none.
static Task *rebase(TaskBook *book, const Task *done, Date today)
{
  Task *live = task_book_live(book, task_id(done));
  if (!live || live == done)
    return NULL;
  record_free(live->before);
  live->before = done->after ? record_copy(done->after) : NULL;
  if (task_same(live->before, live->after)) {
    live->state = TASK_WITHDRAWN;
    live->instead_run = done->run;
    live->instead_n = task_n(done);
    live->changed = today;
  }
  return live;
}

// Of two that were done the one that was asked for later says how the entry is, in whichever order they are told.
static bool is_outdone(const TaskBook *book, const Task *task)
{
  const GPtrArray *all = task_book_tasks(book);
  for (size_t i = 0; i < all->len; i++) {
    const Task *other = all->pdata[i];
    bool later =
        other->run > task->run || (other->run == task->run && task_n(other) > task_n(task));
    if (later && other->state == TASK_DONE && g_str_equal(task_id(other), task_id(task)))
      return true;
  }
  return false;
}

// *also: another one, which has now changed.
static void note_done(TaskBook *book, Task *task, const TaskTold *told, Task **also)
{
  task->state = TASK_DONE;
  task->done_on = told->day;
  if (is_outdone(book, task))
    return;
  task_book_confirm(book, task_id(task), task->after);
  *also = rebase(book, task, date_of_instant(instant_now()));
}

const TaskFaultTraits *task_fault(TaskFault fault)
{
  static const TaskFaultTraits rows[TASK_N_FAULTS] = {
      [TASK_FAULT_DONE_BEFORE] = {"task-contradicts", N_("it was reported as done before"),
                                  "すでに完了と報告されています"},
      [TASK_FAULT_WITHDRAWN] = {"task-contradicts",
                                N_("it was withdrawn: nothing is left to do of it"),
                                "取下げ済みです"},
      [TASK_FAULT_NO_REASON] = {"task-reason", N_("why it cannot be done is missing"),
                                "実施できない理由がありません"},
      [TASK_FAULT_NO_DAY] = {"task-date", N_("the day on which it was done is missing"),
                             "完了日がありません"},
      [TASK_FAULT_TO_COME] = {"task-date", N_("the day on which it was done is still to come"),
                              "完了日が未来の日付です"},
      [TASK_FAULT_TOO_EARLY] = {"task-date",
                                N_("the day on which it was done is long before it was asked for"),
                                "完了日が依頼よりかなり前の日付です"},
      [TASK_FAULT_OTHER_DAY] = {"task-contradicts",
                                N_("it was reported as done on another day before"),
                                "別の完了日で報告済みです"},
      [TASK_FAULT_DAY_TOO_MANY] = {"task-contradicts",
                                   N_("it has a day of completion, but is not said to be done"),
                                   "完了日がありますが、状態が完了ではありません"},
      [TASK_FAULT_DAY_UNREAD] = {"task-date", N_("this is no day"), "完了日が読み取れません"},
      [TASK_FAULT_STATE_UNREAD] = {"task-state",
                                   N_("this is no state: 未着手, 対応中, 完了 or 実施不可"),
                                   "状態が読み取れません"},
      [TASK_FAULT_TWICE] =
          {"task-contradicts",
           N_("the file says two different things of this task; neither was taken"),
           "同じ番号の行が食い違っています"},
  };
  return &rows[fault];
}

static TaskFault check_day(const Task *task, const TaskTold *told)
{
  if (told->state != TASK_DONE)
    return told->day == DATE_NONE || told->state == TASK_WITHDRAWN ? TASK_FINE
                                                                   : TASK_FAULT_DAY_TOO_MANY;
  if (told->day == DATE_NONE)
    return TASK_FAULT_NO_DAY;
  if (told->day > date_of_instant(instant_now()))
    return TASK_FAULT_TO_COME;
  if (task->asked != DATE_NONE && told->day < task->asked - AHEAD_DAYS)
    return TASK_FAULT_TOO_EARLY;
  return task->state == TASK_DONE && task->done_on != told->day ? TASK_FAULT_OTHER_DAY : TASK_FINE;
}

static TaskFault judge(const Task *task, const TaskTold *told)
{
  if (told->state == TASK_IMPOSSIBLE && task->state == TASK_DONE)
    return TASK_FAULT_DONE_BEFORE;
  if (told->state == TASK_IMPOSSIBLE && task->state == TASK_WITHDRAWN)
    return TASK_FAULT_WITHDRAWN;
  if (told->state == TASK_IMPOSSIBLE && !told->evidence && !told->remark)
    return TASK_FAULT_NO_REASON;
  return check_day(task, told);
}

// Old lists come back, too: what they say of a task that has gone on is no news.
static bool is_news(const Task *task, const TaskTold *told)
{
  switch (told->state) {
  case TASK_DONE:
    return task->state != TASK_DONE;
  case TASK_IMPOSSIBLE:
    return task_is_waiting(task);
  case TASK_ASSIGNED:
    return task->state == TASK_OPEN ||
           (task->state == TASK_ASSIGNED && told->who && g_strcmp0(told->who, task->who) != 0);
  default:
    return false;
  }
}

TaskFault task_report_take(TaskBook *book, Task *task, const TaskTold *told, bool *changed)
{
  Date today = date_of_instant(instant_now());
  TaskFault fault = judge(task, told);
  *changed = false;
  if (fault != TASK_FINE || !is_news(task, told))
    return fault;
  Task *also = NULL;
  if (told->who)
    task_set(&task->who, told->who);
  if (told->evidence)
    task_set(&task->evidence, told->evidence);
  bool noted = task->remark && g_str_has_prefix(task->remark, TASK_NOTE);
  if (told->remark || noted || told->state == TASK_DONE)
    task_set(&task->remark, told->remark);
  if (told->state == TASK_DONE) {
    // Of one that was impossible or withdrawn the journal has an end already, which is now another one.
    note_done(book, task, told, &also);
  } else {
    task->state = told->state;
  }
  task->changed = today;
  task->told = !(task->state == TASK_DONE || task->state == TASK_IMPOSSIBLE);
  Task *tasks[] = {task, also};
  task_book_step(book, tasks, also ? 2 : 1);
  *changed = true;
  return TASK_FINE;
}

bool task_report_reopen(TaskBook *book, Task *task)
{
  bool done = task->state == TASK_DONE;
  if (done && (task_book_live(book, task_id(task)) || is_outdone(book, task)))
    return false;
  if (done)
    task_book_confirm(book, task_id(task), task->before);
  else if (task->state != TASK_IMPOSSIBLE)
    return false;
  task->state = TASK_OPEN;
  task->done_on = DATE_NONE;
  task->changed = date_of_instant(instant_now());
  task_book_step(book, &task, 1);
  return true;
}

void task_report_drop(TaskBook *book, Task *task)
{
  task->state = TASK_WITHDRAWN;
  task->changed = date_of_instant(instant_now());
  task->told = true;
  task_book_step(book, &task, 1);
}
