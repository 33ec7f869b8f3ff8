// SPDX-License-Identifier: GPL-3.0-or-later
//
// match: which object an observed entry is. By binding, then by key, then by the adopt rules; a
// candidate found by anything but binding or key needs a person's confirmation.
#ifndef IDOU_MATCH_H
#define IDOU_MATCH_H

#include <idou/mapping.h>
#include <idou/targets.h>

typedef enum MatchKind {
  MATCHED_BOUND,      // by the target's identifier, as remembered
  MATCHED_KEY,        // by the class's key
  MATCHED_CANDIDATE,  // by an adopt rule: needs confirmation
  MATCHED_AMBIGUOUS,  // a second entry for an object, or binding and key disagree
  MATCHED_ORPHAN      // of nobody we know
} MatchKind;

typedef struct Matcher Matcher;

// For one class of the table. Loads the bindings once.
Matcher *matcher_new(const Klass *klass, uint16_t table_klass, const Table *table, Store *store,
                     GError **error);
void matcher_free(Matcher *matcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Matcher, matcher_free)
// *entry: index in the table, ENTRY_NONE for orphans. Ambiguous: *entry is the object claimed twice.
MatchKind matcher_find(Matcher *matcher, const Observed *observed, uint32_t *entry);
// Bound objects of this class whose entry was not seen.
typedef void (*MatchVanishedFunc)(uint32_t entry, const char *stable_id, void *data);
void matcher_vanished(Matcher *matcher, MatchVanishedFunc func, void *data);

#endif
