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
  MATCHED_AMBIGUOUS,  // a second entry for an object, or binding and key disagree
  MATCHED_ORPHAN      // of nobody we know
} MatchKind;

typedef struct Matcher Matcher;

// For one class of the table. Loads the bindings once; borrows everything given. `key` is the class's
// key attribute in the table's schema.
Matcher *matcher_new(const Klass *klass, uint16_t table_klass, const Table *table, Store *store,
                     GError **error);
void matcher_free(Matcher *matcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Matcher, matcher_free)

// *entry: index in the table; ENTRY_NONE for orphans. Ambiguous: the object claimed twice. Constant time.
MatchKind matcher_find(Matcher *matcher, const Observed *observed, uint32_t *entry);

// After everything was read: the one object of the class that nothing matched, that has no binding, and
// whose desired value of an adopt attribute the orphan carries. ENTRY_NONE if none or more than one.
// *by is the attribute. Only ever a candidate: a person confirms it.
uint32_t matcher_candidate(Matcher *matcher, const Observed *orphan, const char **by);

// Whether it is anybody's by binding or key. Unlike matcher_find it may be asked as often as one likes.
bool matcher_knows(Matcher *matcher, const Observed *observed);
bool matcher_seen(const Matcher *matcher, uint32_t entry);
// The object is bound to an entry of the target, seen or not.
bool matcher_bound(const Matcher *matcher, uint32_t entry);
// The same, or it is known that we gave it (BINDING_GIVEN).
bool matcher_given(const Matcher *matcher, uint32_t entry);
// The object is bound to this very entry.
bool matcher_bound_to(const Matcher *matcher, uint32_t entry, const Observed *observed);

#endif
