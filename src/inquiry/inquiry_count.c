// SPDX-License-Identifier: GPL-3.0-or-later
//
// How inquiries stand: what is decided, what is open, who is late.
#include "inquiry_p.h"

#include <string.h>

typedef struct Walk {
  Store *store;
  Date today;
  InquiryCountFunc func;
  void *data;
} Walk;

static bool add_id(const Inquiry *inquiry, void *data)
{
  g_array_append_val((GArray *)data, inquiry->id);
  return true;
}

static bool add_waiting(const Question *question, void *data)
{
  int64_t id = question->inquiry;
  GHashTable *waiting = data;
  size_t n = GPOINTER_TO_SIZE(g_hash_table_lookup(waiting, &id));
  g_hash_table_insert(waiting, g_memdup2(&id, sizeof id), GSIZE_TO_POINTER(n + 1));
  return true;
}

// ---------------------------------------------------------------------------------------------

static void count_questions(const Asked *asked, InquiryCount *out)
{
  const struct {
    const char *state;
    size_t *n;
  } states[] = {{QUESTION_OPEN, &out->n_open},
                {QUESTION_KEEP, &out->n_kept},
                {QUESTION_REMOVE, &out->n_removed},
                {QUESTION_CLOSED, &out->n_closed}};
  for (guint i = 0; i < asked->questions->len; i++)
    for (size_t j = 0; j < G_N_ELEMENTS(states); j++)
      *states[j].n +=
          strcmp(g_array_index(asked->questions, Question, i).state, states[j].state) == 0;
  out->n_questions = asked->questions->len - out->n_closed;
}

// Removals that are not in force, by inquiry.
static GHashTable *waiting_by_inquiry(Store *store, const char *cause, GError **error)
{
  static const char *const causes[] = {RESTRICTION_DORMANT, RESTRICTION_ORPHAN,
                                       RESTRICTION_RECERTIFIED};
  GHashTable *waiting = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  bool fine = true;
  for (size_t i = 0; fine && i < G_N_ELEMENTS(causes); i++)
    if (!cause || strcmp(cause, causes[i]) == 0)
      fine = store_removals_each(store, causes[i], add_waiting, waiting, error);
  if (fine)
    return waiting;
  g_hash_table_unref(waiting);
  return NULL;
}

// Ids first, so that `func` may ask the store, too.
static bool count_one(const Walk *walk, int64_t id, GHashTable *waiting, bool *go_on,
                      GError **error)
{
  g_autoptr(Asked) asked = asked_load(walk->store, id, error);
  if (!asked)
    return false;
  InquiryCount count = {.inquiry = asked->inquiry};
  count_questions(asked, &count);
  count.n_due = GPOINTER_TO_SIZE(g_hash_table_lookup(waiting, &id));
  count.overdue = count.n_open > 0 && walk->today > asked->inquiry.due;
  *go_on = walk->func(&count, walk->data);
  return true;
}

bool inquiry_counts_each(Store *store, const char *cause, Date today, InquiryCountFunc func,
                         void *data, GError **error)
{
  g_autoptr(GArray) ids = g_array_new(false, false, sizeof(int64_t));
  Walk walk = {.store = store, .today = today, .func = func, .data = data};
  if (!store_inquiries_each(store, cause, add_id, ids, error))
    return false;
  g_autoptr(GHashTable) waiting = waiting_by_inquiry(store, cause, error);
  if (!waiting)
    return false;
  bool go_on = true;
  for (guint i = 0; go_on && i < ids->len; i++)
    if (!count_one(&walk, g_array_index(ids, int64_t, i), waiting, &go_on, error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------

static bool add_number(const Question *question, void *data)
{
  int64_t number[2] = {question->inquiry, question->n};
  g_array_append_vals((GArray *)data, number, 2);
  return true;
}

bool inquiry_decisions_each(Store *store, const char *cause, InquiryDecisionFunc func, void *data,
                            GError **error)
{
  g_autoptr(GArray) numbers = g_array_new(false, false, sizeof(int64_t));
  g_autoptr(Asked) asked = NULL;
  if (!store_removals_each(store, cause, add_number, numbers, error))
    return false;
  for (guint i = 0; i < numbers->len; i += 2) {
    int64_t id = g_array_index(numbers, int64_t, i), n = g_array_index(numbers, int64_t, i + 1);
    if (!asked || asked->inquiry.id != id) {
      g_clear_pointer(&asked, asked_free);
      asked = asked_load(store, id, error);
    }
    if (!asked)
      return false;
    if (!func(&asked->inquiry, asked_question(asked, n), data))
      break;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

typedef struct Late {
  char *unit, *unit_name;
  size_t n_open;
  Date due;
} Late;

static void late_free(void *data)
{
  Late *late = data;
  g_free(late->unit);
  g_free(late->unit_name);
  g_free(late);
}

static Late *find_late(const GPtrArray *all, const char *unit)
{
  for (guint i = 0; i < all->len; i++)
    if (strcmp(((Late *)all->pdata[i])->unit, unit) == 0)
      return all->pdata[i];
  return NULL;
}

static bool add_late(const InquiryCount *count, void *data)
{
  GPtrArray *all = data;
  const Inquiry *inquiry = &count->inquiry;
  if (!count->overdue)
    return true;
  Late *late = find_late(all, inquiry->unit);
  if (!late) {
    late = g_new0(Late, 1);
    late->unit = g_strdup(inquiry->unit);
    late->due = inquiry->due;
    g_ptr_array_add(all, late);
  }
  g_free(late->unit_name);
  late->unit_name = g_strdup(inquiry->unit_name);
  late->n_open += count->n_open;
  late->due = MIN(late->due, inquiry->due);
  return true;
}

static int by_unit(const void *a, const void *b)
{
  return strcmp((*(const Late *const *)a)->unit, (*(const Late *const *)b)->unit);
}

static bool remind(const Late *late, const InquiryPatience *patience, InquiryReminderFunc func,
                   void *data)
{
  g_autoptr(GString) key = g_string_new("inquiry-overdue/");
  int days = patience->today - late->due;
  g_string_append_printf(key, "%s/", late->unit);
  date_format(late->due, key);
  g_string_append_printf(key, "/%d", (days - 1) / MAX(patience->remind_days, 1) + 1);
  InquiryReminder reminder = {.unit = late->unit,
                              .unit_name = late->unit_name,
                              .n_open = late->n_open,
                              .due = late->due,
                              .escalated = days > patience->escalate_days,
                              .key = key->str};
  return func(&reminder, data);
}

bool inquiry_reminders_each(Store *store, const InquiryPatience *patience, InquiryReminderFunc func,
                            void *data, GError **error)
{
  g_autoptr(GPtrArray) late = g_ptr_array_new_with_free_func(late_free);
  if (!inquiry_counts_each(store, NULL, patience->today, add_late, late, error))
    return false;
  g_ptr_array_sort(late, by_unit);
  for (guint i = 0; i < late->len; i++)
    if (!remind(late->pdata[i], patience, func, data))
      break;
  return true;
}
