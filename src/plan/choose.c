// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan_p.h"

static bool read_number(const char **at, uint32_t *out)
{
  guint64 value = 0;
  const char *start = *at;
  for (; g_ascii_isdigit(**at) && value <= UINT32_MAX; (*at)++)
    value = value * 10 + (guint64)(**at - '0');
  *out = (uint32_t)value;
  return *at > start && value <= UINT32_MAX;
}

static bool read_range(const char **at, uint32_t *first, uint32_t *last)
{
  if (!read_number(at, first))
    return false;
  *last = *first;
  if (**at != '-')
    return true;
  (*at)++;
  return read_number(at, last);
}

// "1-20,35" to a mark per number.
static bool mark(const Plan *plan, const char *text, uint8_t *marks, GError **error)
{
  const char *at = text;
  for (;;) {
    uint32_t first, last;
    if (!read_range(&at, &first, &last) || (*at && *at != ',')) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                  _("“%s” is no list of numbers such as 3 or 1-20,35"), text);
      return false;
    }
    if (first == 0 || first > last || last > plan_n_ops(plan)) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                  _("“%s” names operations that the plan does not have: it has 1 to %zu"), text,
                  plan_n_ops(plan));
      return false;
    }
    memset(marks + first - 1, 1, last - first + 1);
    if (!*at)
      return true;
    at++;
  }
}

// An operation's number is greater than those it depends on: one walk down finds all of them.
static void add_needed(const Plan *plan, uint8_t *marks)
{
  for (uint32_t n = plan_n_ops(plan); n > 0; n--) {
    const Op *op = plan_op(plan, n);
    for (size_t i = 0; marks[n - 1] && i < op->n_after; i++)
      marks[op->after[i] - 1] = 1;
  }
}

static void add_dependent(const Plan *plan, uint8_t *marks)
{
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    for (size_t i = 0; !marks[n - 1] && i < op->n_after; i++)
      marks[n - 1] = marks[op->after[i] - 1];
  }
}

bool plan_choose(const Plan *plan, const char *only, const char *except, GByteArray **out,
                 GError **error)
{
  size_t n_ops = plan_n_ops(plan);
  g_autofree uint8_t *wanted = g_new0(uint8_t, n_ops + 1);
  g_autofree uint8_t *unwanted = g_new0(uint8_t, n_ops + 1);
  if ((only && !mark(plan, only, wanted, error)) ||
      (except && !mark(plan, except, unwanted, error)))
    return false;
  if (!only)
    memset(wanted, 1, n_ops);
  add_needed(plan, wanted);
  add_dependent(plan, unwanted);
  for (size_t i = 0; i < n_ops; i++)
    wanted[i] = wanted[i] && !unwanted[i];
  *out = g_byte_array_sized_new(n_ops);
  g_byte_array_append(*out, wanted, n_ops);
  return true;
}
