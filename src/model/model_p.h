// SPDX-License-Identifier: GPL-3.0-or-later
//
// Shared by the sources of this stage only.
#ifndef IDOU_MODEL_P_H
#define IDOU_MODEL_P_H

#include <idou/model.h>

// String preparation of RFC 4518: characters mapped to space or to nothing, NFKC, case folded if asked
// for, spaces trimmed and runs of them made one. Appends; false, with nothing appended, when the bytes
// are no UTF-8.
bool prepare_text(const char *bytes, size_t n_bytes, bool fold, GString *out);

// Normal forms of MATCH_ACCESS and MATCH_PRINCIPAL: names without domain and SID. Append; false when the
// text is not of that form.
bool access_normal(const char *bytes, size_t n_bytes, GString *out);
bool access_normal_principal(const char *bytes, size_t n_bytes, GString *out);

// Appends the draft's strings and attributes in the form that Entry.data points at.
void entry_pack(const EntryDraft *draft, GByteArray *out);

// Entry numbers found by a 64-bit hash: 8 bytes an item and one to two for the buckets, built in one
// pass, never changed. The caller looks whether a found entry is the one it meant.
typedef struct Index Index;

typedef struct IndexItem {
  uint64_t hash;
  uint32_t entry;
} IndexItem;

Index *index_new(const IndexItem *items, size_t n_items);
void index_free(Index *index);
// Entries with that hash (or, rarely, another), in the order of `items`: start with *at = 0.
bool index_next(const Index *index, uint64_t hash, uint32_t *at, uint32_t *entry);

// Marks entries that would have a value which an earlier one has and may have alone.
void limits_part(Table *table, GHashTable *doubles, Findings *findings);

#endif
