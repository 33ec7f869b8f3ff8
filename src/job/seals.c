// SPDX-License-Identifier: GPL-3.0-or-later
//
// Which seals somebody speaks of.
#include "job/job_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// "12,15-20"

static bool parse_number(const char *text, gint64 *out)
{
  return g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, out, NULL);
}

static bool parse_span(const char *text, JobSpan *out)
{
  g_auto(GStrv) ends = g_strsplit(text, "-", 2);
  return ends[0] != NULL && parse_number(ends[0], &out->from) &&
         parse_number(ends[1] != NULL ? ends[1] : ends[0], &out->to) && out->from <= out->to;
}

GArray *job_numbers(const char *text, GError **error)
{
  g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(JobSpan));
  g_auto(GStrv) words = g_strsplit(text, ",", -1);
  for (char **word = words; *word != NULL; word++) {
    JobSpan span;
    if (!parse_span(g_strstrip(*word), &span)) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("“%s” is no list of numbers such as 12,15-20"),
                  text);
      return NULL;
    }
    g_array_append_val(spans, span);
  }
  return g_steal_pointer(&spans);
}

bool job_has_number(const GArray *spans, int64_t number)
{
  for (guint i = 0; i < spans->len; i++) {
    const JobSpan *span = &g_array_index(spans, JobSpan, i);
    if (span->from <= number && number <= span->to)
      return true;
  }
  return false;
}

// ---------------------------------------------------------------------------------------------

typedef struct Filter {
  const SealChoice *choice;
  const GArray *spans;  // NULL = all
  StoreSealFunc func;
  void *data;
} Filter;

static bool pass(const SealRow *seal, void *data)
{
  const Filter *filter = data;
  const SealChoice *choice = filter->choice;
  bool is_chosen = (choice->run == 0 || seal->run == choice->run) &&
                   (choice->since == INSTANT_NONE || seal->made >= choice->since) &&
                   (filter->spans == NULL || job_has_number(filter->spans, seal->number));
  return !is_chosen || filter->func(seal, filter->data);
}

bool job_seals_each(Store *store, const SealChoice *choice, StoreSealFunc func, void *data,
                    GError **error)
{
  g_autoptr(GArray) spans = choice->numbers != NULL ? job_numbers(choice->numbers, error) : NULL;
  if (choice->numbers != NULL && spans == NULL)
    return false;
  Filter filter = {choice, spans, func, data};
  return store_seals_each(store, pass, &filter, error);
}

// ---------------------------------------------------------------------------------------------

static bool take_number(const SealRow *seal, void *data)
{
  int64_t number = seal->number;
  g_array_append_val((GArray *)data, number);
  return true;
}

static bool hand_over(Store *store, const GArray *numbers, const char *who, GError **error)
{
  for (guint i = 0; i < numbers->len; i++) {
    int64_t number = g_array_index(numbers, int64_t, i);
    if (store_seal_purge(store, number, error) < 0 ||
        !store_seal_event(store, number, "handed", who, error))
      return false;
  }
  return true;
}

bool job_seals_handed(Store *store, const char *numbers, const char *who, size_t *n_seals,
                      GError **error)
{
  g_autoptr(GArray) chosen = g_array_new(FALSE, FALSE, sizeof(int64_t));
  const SealChoice choice = {.since = INSTANT_NONE, .numbers = numbers};
  if (!job_seals_each(store, &choice, take_number, chosen, error))
    return false;
  *n_seals = chosen->len;
  if (chosen->len == 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("no seal has a number of %s"), numbers);
    return false;
  }
  if (!store_begin(store, error))
    return false;
  const char *const detail[] = {"seals", numbers, NULL};
  if (hand_over(store, chosen, who, error) &&
      audit_note(store, &(AuditNote){AUDIT_NOTICE, who, "handed", detail}, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}
