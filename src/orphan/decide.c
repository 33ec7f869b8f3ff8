// SPDX-License-Identifier: GPL-3.0-or-later
#include "orphan_p.h"

#include <string.h>

Restriction orphan_restriction(const OrphanDecision *decision, Instant now)
{
  static const char *const what[] = {
      [ORPHAN_DEED_DISABLE] = RESTRICT_DISABLE, [ORPHAN_DEED_DELETE] = RESTRICT_ABSENT};
  return (Restriction){.step = RESTRICTION_NEW,
                       .row = {.target = decision->item->target,
                               .object = decision->item->object,
                               .cause = RESTRICTION_ORPHAN,
                               .what = what[decision->deed],
                               .group = "",
                               .reason = decision->reason,
                               .source = decision->source,
                               .who = decision->who,
                               .since = now,
                               .until = DATE_OPEN,
                               .lifted = INSTANT_NONE}};
}

// ---------------------------------------------------------------------------------------------

typedef struct Freeing {
  const OrphanSetup *setup;
  GHashTable *ours;  // "TARGET orphan/ID" of entries that are somebody's
  GArray *out;       // Restriction
} Freeing;

static const char *keep(const Freeing *freeing, const char *text)
{
  return g_string_chunk_insert_const(freeing->setup->survey->strings, text == NULL ? "" : text);
}

static bool take_restriction(const RestrictionRow *row, void *data)
{
  Freeing *freeing = data;
  g_autofree char *key = g_strdup_printf("%s %s", row->target, row->object);
  if (strcmp(row->cause, RESTRICTION_ORPHAN) != 0 || !g_hash_table_contains(freeing->ours, key))
    return true;
  Restriction lifted = {.step = RESTRICTION_LIFTED, .row = *row};
  lifted.row.target = keep(freeing, row->target);
  lifted.row.object = keep(freeing, row->object);
  lifted.row.cause = RESTRICTION_ORPHAN;
  lifted.row.what = keep(freeing, row->what);
  lifted.row.group = keep(freeing, row->group);
  lifted.row.reason = keep(freeing, row->reason);
  lifted.row.source = keep(freeing, row->source);
  lifted.row.who = keep(freeing, row->who);
  lifted.row.lifted_by = "idou";
  lifted.row.lifted_why = _("the entry is somebody's now");
  g_array_append_val(freeing->out, lifted);
  return true;
}

bool orphan_freed(const OrphanSetup *setup, GArray *out, GError **error)
{
  const OrphanSurvey *survey = setup->survey;
  Freeing freeing = {setup, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), out};
  for (guint i = 0; i < survey->sights->len; i++) {
    const Sight *sight = &g_array_index(survey->sights, Sight, i);
    if (sight->object == NULL || sight->doubled)
      continue;
    g_autoptr(GString) key = g_string_new(survey_name(survey, sight->target));
    g_string_append_c(key, ' ');
    survey_orphan(sight, setup->targets[sight->target]->base, key);
    g_hash_table_add(freeing.ours, g_strdup(key->str));
  }
  bool fine = store_restrictions_each(setup->store, NULL, take_restriction, &freeing, error);
  g_hash_table_unref(freeing.ours);
  return fine;
}
