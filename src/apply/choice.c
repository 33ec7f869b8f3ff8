// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// In the ledger's cursors hold "3-7,12": DIGEST what a run leaves out, DIGEST with "except" behind it what --except
// did, with "approval" what those did who approved.
#define SCOPE "left"
#define BY_EXCEPT " except"
#define BY_APPROVAL " approval"

static char *name_of(const Plan *plan, const char *by)
{
  return g_strconcat(plan_digest(plan), by, NULL);
}

static void put_range(GString *out, size_t first, size_t last)
{
  g_string_append_printf(out, "%s%zu", out->len > 0 ? "," : "", first);
  if (last > first)
    g_string_append_printf(out, "-%zu", last);
}

// The numbers whose byte is `value`; NULL when there are none.
static char *write_numbers(const GByteArray *marks, uint8_t value)
{
  g_autoptr(GString) out = g_string_new(NULL);
  size_t first = 0;
  for (size_t n = 1; marks && n <= marks->len + 1; n++) {
    bool is = n <= marks->len && marks->data[n - 1] == value;
    if (is && first == 0)
      first = n;
    if (is || first == 0)
      continue;
    put_range(out, first, n - 1);
    first = 0;
  }
  return out->len > 0 ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

// NULL when nothing is remembered. `value` is what those get that are.
static GByteArray *read_numbers(Store *store, const Plan *plan, const char *name, uint8_t value)
{
  const char *text = store_cursor_get(store, SCOPE, name);
  if (!text)
    return NULL;
  size_t n_ops = plan_n_ops(plan);
  GByteArray *marks = g_byte_array_sized_new((guint)n_ops);
  g_byte_array_set_size(marks, (guint)n_ops);
  memset(marks->data, !value, n_ops);
  g_auto(GStrv) ranges = g_strsplit(text, ",", -1);
  for (size_t i = 0; ranges[i]; i++) {
    char *end = NULL;
    guint64 first = g_ascii_strtoull(ranges[i], &end, 10);
    guint64 last = *end == '-' ? g_ascii_strtoull(end + 1, NULL, 10) : first;
    for (guint64 n = MAX(first, 1); n <= last && n <= n_ops; n++)
      marks->data[n - 1] = value;
  }
  return marks;
}

static bool keep(Store *store, const char *name, const char *numbers, GError **error)
{
  return store_cursor_set(store, SCOPE, name, numbers, error);
}

// An approval may end, or lie beside another copy of the plan: what it left out stays so until another one says more.
static bool keep_approved(const ApplySetup *setup, GError **error)
{
  if (!setup->left_by || *setup->left_by == '\0')
    return true;
  g_autofree char *left = write_numbers(setup->left, 1);
  g_autofree char *name = name_of(setup->plan, BY_APPROVAL);
  return keep(setup->store, name, left, error);
}

bool choice_keep(const ApplySetup *setup, GByteArray **out, GError **error)
{
  *out = NULL;
  if (!keep_approved(setup, error))
    return false;
  if (!setup->chosen) {
    *out = read_numbers(setup->store, setup->plan, plan_digest(setup->plan), 0);
    return true;
  }
  g_autofree char *left = write_numbers(setup->chosen, 0);
  g_autofree char *refused = write_numbers(setup->refused, 1);
  g_autofree char *name = name_of(setup->plan, BY_EXCEPT);
  return keep(setup->store, plan_digest(setup->plan), left, error) &&
         keep(setup->store, name, refused, error);
}

GByteArray *apply_refused(Store *store, const Plan *plan)
{
  g_autofree char *name = name_of(plan, BY_EXCEPT);
  return read_numbers(store, plan, name, 1);
}

GByteArray *apply_unapproved(Store *store, const Plan *plan)
{
  g_autofree char *name = name_of(plan, BY_APPROVAL);
  return read_numbers(store, plan, name, 1);
}

char *choice_approved_words(const ApplySetup *setup)
{
  return setup->left_by && *setup->left_by
             ? g_strdup_printf(_("left out by who approved: %s"), setup->left_by)
             : g_strdup(_("left out by who approved, though that counts no more"));
}

char *choice_words(const ApplySetup *setup)
{
  return setup->chooser ? g_strdup_printf(_("left out by %s"), setup->chooser)
                        : g_strdup(_("left out"));
}
