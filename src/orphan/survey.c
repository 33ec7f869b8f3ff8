// SPDX-License-Identifier: GPL-3.0-or-later
#include "orphan_p.h"

#include <string.h>

#define MOST_VALUE_BYTES 400  // longer ones name nobody

// What people are looked for by, should no rule speak of it.
static const char *const along[] = {"mail",       "displayName",      "cn", "ou",
                                    "department", "departmentNumber", NULL};

static const char *keep(OrphanSurvey *survey, const char *text)
{
  return text == NULL ? NULL : g_string_chunk_insert_const(survey->strings, text);
}

static const char *keep_bytes(OrphanSurvey *survey, Bytes bytes)
{
  return g_string_chunk_insert_len(survey->strings, bytes.n > 0 ? bytes.at : "", (gssize)bytes.n);
}

static char *key_of(const char *target, const char *what)
{
  return g_strdup_printf("%s %s", target, what);
}

// ---------------------------------------------------------------------------------------------
// Values.

static bool names_entry(const char *dn, const char *attribute)
{
  size_t n = strlen(attribute);
  return g_ascii_strncasecmp(dn, attribute, n) == 0 && dn[n] == '=';
}

static ValueRole role_of(const Klass *klass, const char *dn, const char *attribute, Bytes value)
{
  if (g_ascii_strcasecmp(attribute, klass->key_attribute) == 0)
    return ROLE_KEY;
  if (memchr(value.at, '@', value.n) != NULL)
    return ROLE_MAIL;
  for (size_t i = 0; i < klass->n_names; i++)
    for (const char *const *taken = klass->names[i].taken; *taken != NULL; taken++)
      if (g_ascii_strcasecmp(*taken, attribute) == 0)
        return ROLE_LOGIN;
  return names_entry(dn, attribute) ? ROLE_LOGIN : ROLE_OTHER;
}

static void take_values(OrphanSurvey *survey, const PlannerSeen *seen, Sight *sight)
{
  g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(SightValue));
  for (size_t i = 0; i < seen->observed->n_attributes; i++) {
    const ObservedAttr *attribute = &seen->observed->attributes[i];
    const char *name = schema_at(seen->schema, attribute->attr)->name;
    if (record_is_secret(name) || (seen->klass->member_attribute != NULL &&
                                   g_ascii_strcasecmp(name, seen->klass->member_attribute) == 0))
      continue;
    for (size_t k = 0; k < attribute->n_values; k++) {
      Bytes value = attribute->values[k];
      if (value.n == 0 || value.n > MOST_VALUE_BYTES || !text_valid(value.at, value.n, NULL))
        continue;
      ValueRole role = role_of(seen->klass, sight->dn, name, value);
      if (sight->object != NULL && role == ROLE_OTHER)
        continue;
      SightValue kept = {keep(survey, name), keep_bytes(survey, value), role};
      g_array_append_val(values, kept);
    }
  }
  sight->n_values = values->len;
  sight->values = g_memdup2(values->data, values->len * sizeof(SightValue));
  g_ptr_array_add(survey->arrays, (gpointer)sight->values);
}

// ---------------------------------------------------------------------------------------------

static void index_sight(OrphanSurvey *survey, const Sight *sight)
{
  gpointer at = GUINT_TO_POINTER(survey->sights->len);
  const char *target = survey_name(survey, sight->target);
  g_autoptr(GString) place = g_string_new(NULL);
  g_autoptr(GString) orphan = g_string_new(NULL);
  bool is_ours = sight->object != NULL && !sight->doubled;
  survey_orphan(survey, sight, orphan);
  g_hash_table_insert(survey->by_object, key_of(target, is_ours ? sight->object : orphan->str), at);
  if (place_key(sight->dn, strlen(sight->dn), place))
    g_hash_table_insert(survey->by_place, key_of(target, place->str), at);
}

static void take_seen(const PlannerSeen *seen, void *data)
{
  OrphanSurvey *survey = data;
  Sight sight = {.target = seen->target,
                 .klass = keep(survey, seen->klass->name),
                 .subject = seen->klass->subject,
                 .dn = keep_bytes(survey, seen->observed->dn),
                 .id = keep_bytes(survey, seen->observed->stable_id),
                 .object = keep(survey, seen->object),
                 .doubled = seen->doubled,
                 .person = seen->person,
                 .adopt = keep(survey, seen->adopt),
                 .presence = seen->presence,
                 .reason = keep(survey, seen->reason),
                 .wanted = seen->enabled,
                 .enabled = seen->observed->enabled,
                 .is_protected = seen->is_protected,
                 .protected_by = keep(survey, seen->observed->protected_by)};
  take_values(survey, seen, &sight);
  g_array_append_val(survey->sights, sight);
  index_sight(survey, &sight);
}

static void take_edge(const PlannerEdge *edge, void *data)
{
  OrphanSurvey *survey = data;
  SurveyEdge kept = {.target = edge->target,
                     .group = keep(survey, edge->group),
                     .group_name = keep(survey, edge->group_name),
                     .member = keep(survey, edge->member),
                     .label = keep(survey, edge->label),
                     .person = edge->person,
                     .fixed = edge->fixed,
                     .owned = edge->owned};
  g_array_append_val(survey->edges, kept);
}

OrphanSurvey *orphan_survey_new(const TargetConfig *const *targets)
{
  OrphanSurvey *survey = g_new0(OrphanSurvey, 1);
  survey->hook =
      (PlannerSurvey){.attributes = along, .seen = take_seen, .edge = take_edge, .data = survey};
  survey->targets = targets;
  survey->sights = g_array_new(FALSE, FALSE, sizeof(Sight));
  survey->edges = g_array_new(FALSE, FALSE, sizeof(SurveyEdge));
  survey->by_object = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  survey->by_place = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  survey->strings = g_string_chunk_new(64 * 1024);
  survey->arrays = g_ptr_array_new_with_free_func(g_free);
  return survey;
}

void orphan_survey_free(OrphanSurvey *survey)
{
  if (survey == NULL)
    return;
  g_array_unref(survey->sights);
  g_array_unref(survey->edges);
  g_hash_table_unref(survey->by_object);
  g_hash_table_unref(survey->by_place);
  g_ptr_array_unref(survey->arrays);
  g_string_chunk_free(survey->strings);
  g_free(survey);
}

const PlannerSurvey *orphan_survey_hook(const OrphanSurvey *survey)
{
  return &survey->hook;
}

// ---------------------------------------------------------------------------------------------

static const Sight *find(const OrphanSurvey *survey, GHashTable *by, const char *target,
                         const char *what)
{
  g_autofree char *key = key_of(target, what);
  guint at = GPOINTER_TO_UINT(g_hash_table_lookup(by, key));
  return at == 0 ? NULL : &g_array_index(survey->sights, Sight, at - 1);
}

const Sight *survey_ours(const OrphanSurvey *survey, const char *target, const char *object)
{
  return find(survey, survey->by_object, target, object);
}

const Sight *survey_at(const OrphanSurvey *survey, const char *target, const char *dn)
{
  g_autoptr(GString) place = g_string_new(NULL);
  return place_key(dn, strlen(dn), place) ? find(survey, survey->by_place, target, place->str)
                                          : NULL;
}

const char *survey_name(const OrphanSurvey *survey, size_t target)
{
  return survey->targets[target]->name;
}

void survey_orphan(const OrphanSurvey *survey, const Sight *sight, GString *out)
{
  const char *base = survey->targets[sight->target]->base;
  g_string_append(out, OBJECT_ORPHAN);
  if (*sight->id != '\0') {
    g_string_append(out, sight->id);
    return;
  }
  size_t n = strlen(sight->dn), n_base = strlen(base);
  bool below = n > n_base + 1 && sight->dn[n - n_base - 1] == ',' &&
               g_ascii_strcasecmp(sight->dn + n - n_base, base) == 0;
  g_string_append_len(out, sight->dn, (gssize)(below ? n - n_base - 1 : n));
}
