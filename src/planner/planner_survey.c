// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

static PlannerSeen seen_of(const Side *side, const Kept *kept)
{
  return (PlannerSeen){.target = side->section,
                       .klass = side_klass_at(side, kept->klass),
                       .observed = &kept->observed,
                       .schema = side->schema,
                       .reason = "",
                       .is_protected = kept->observed.protected_by != NULL};
}

static void describe(Side *side, uint32_t index, PlannerSeen *seen)
{
  const Entry *entry = table_at(side->table, index);
  seen->object = side_object(side, index);
  seen->person = side->desired->type->person(side->desired, index);
  seen->presence = (Presence)entry->presence;
  seen->reason = entry_reason(entry);
  seen->enabled = (Enabled)entry->enabled;
}

void side_survey(Side *side, const Kept *kept, bool is_protected)
{
  const PlannerSurvey *survey = side->setup->survey;
  PlannerSeen seen = seen_of(side, kept);
  seen.is_protected = is_protected;
  describe(side, kept->entry, &seen);
  survey->seen(&seen, survey->data);
}

void side_survey_orphan(Side *side, const Kept *kept, uint32_t candidate, const char *by)
{
  const PlannerSurvey *survey = side->setup->survey;
  if (survey == NULL)
    return;
  PlannerSeen seen = seen_of(side, kept);
  if (candidate != ENTRY_NONE) {
    seen.person = side->desired->type->person(side->desired, candidate);
    seen.adopt = by;
  }
  survey->seen(&seen, survey->data);
}

void side_survey_spared(Side *side)
{
  const PlannerSurvey *survey = side->setup->survey;
  if (survey == NULL)
    return;
  for (guint i = 0; i < side->spared->len; i++) {
    const Kept *kept = g_ptr_array_index(side->spared, i);
    PlannerSeen seen = seen_of(side, kept);
    seen.is_protected = true;
    if (!side_is_of_other_class(side, kept))
      survey->seen(&seen, survey->data);
  }
  for (guint i = 0; i < side->claims->len; i++) {
    const Kept *kept = g_ptr_array_index(side->claims, i);
    PlannerSeen seen = seen_of(side, kept);
    describe(side, kept->entry, &seen);
    seen.doubled = true;
    survey->seen(&seen, survey->data);
  }
}

static PlannerEdge edge_of(Side *side, uint32_t group, uint32_t member)
{
  return (PlannerEdge){.target = side->section,
                       .group = side_object(side, group),
                       .group_name = entry_key(table_at(side->table, group)),
                       .member = side_object(side, member),
                       .label = side_label(side, member),
                       .person = side->desired->type->person(side->desired, member)};
}

void side_survey_edge(Side *side, uint32_t group, uint32_t member, bool fixed)
{
  const PlannerSurvey *survey = side->setup->survey;
  const Klass *klass = side_klass(side, group);
  if (survey == NULL || klass == NULL)
    return;
  PlannerEdge edge = edge_of(side, group, member);
  edge.fixed = fixed;
  edge.owned = side_is_owned(side, klass, group);
  survey->edge(&edge, survey->data);
}

void side_survey_given(Side *side, uint32_t group, uint32_t member, bool fixed)
{
  const PlannerSurvey *survey = side->setup->survey;
  const Klass *klass = side_klass(side, group);
  if (survey == NULL || survey->given == NULL || klass == NULL)
    return;
  PlannerEdge edge = edge_of(side, group, member);
  edge.fixed = fixed;
  edge.owned = side_is_owned(side, klass, group);
  survey->given(&edge, survey->data);
}
