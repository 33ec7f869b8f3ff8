// SPDX-License-Identifier: GPL-3.0-or-later
//
// planner: derive, read, match, compare, and write down the difference as a plan. It writes nowhere,
// neither to the store nor to a target. A stage of its own, so that what reads plans (guard, apply,
// report) knows neither ledger nor mappings.
#ifndef IDOU_PLANNER_H
#define IDOU_PLANNER_H

#include <idou/match.h>
#include <idou/plan.h>

// True when the entry must never be touched; it is then listed as a note.
typedef bool (*PlannerProtects)(const Observed *entry, const Schema *schema, void *data);

typedef struct PlannerTarget {
  const TargetConfig *config;
  Reader *reader;
  PlannerProtects protects;   // may be NULL
  void *protects_data;
  const char *const *protects_attributes;  // what `protects` looks at: read along; NULL-terminated, or NULL
} PlannerTarget;

typedef struct PlannerSetup {
  const Mapping *mapping;
  Store *store;
  Date as_of;          // the day the accounts shall be right for
  Instant known_at;    // INSTANT_OPEN = all we know
  bool embargoed;      // also what an embargo hides until later
  Instant now;         // decides what is due and what waits for the day
  const PlannerTarget *targets;
  size_t n_targets;
  bool whatif;
  Findings *findings;  // people and entries that could not be handled
} PlannerSetup;

// NULL with EXIT_UNREAD when a target could not be read in full, EXIT_USAGE when the mapping does not fit
// its schema (findings say where).
Plan *planner_make(const PlannerSetup *setup, GError **error);

#endif
