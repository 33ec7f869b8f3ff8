// SPDX-License-Identifier: GPL-3.0-or-later
//
// All groups that hold somebody: through other groups, as their primary group, and wherever they stand, since one
// outside of our places may give more than all of ours. A directory that can say (Active Directory) is asked once
// for all of them; which comes through which, their memberOf tells.
#include "planner/planner_p.h"

#include <string.h>

// One own entry.
typedef struct Chain {
  Looking *looking;
  uint32_t member;
  const char *const *direct;  // DNs of the groups that hold it itself, NULL-terminated
  Bytes primary;              // its primaryGroupID
  AttrId above, token;
} Chain;

// Values as terminated texts in the arena, NULL last; of NULL none.
static const char *const *keep_texts(Side *side, const ObservedAttr *attribute)
{
  size_t n = attribute == NULL ? 0 : attribute->n_values;
  const char **texts = g_new0(const char *, n + 1);
  for (size_t i = 0; i < n; i++)
    texts[i] = side_text(side, attribute->values[i]);
  g_ptr_array_add(side->looks, texts);
  return texts;
}

static bool has_text(const char *const *texts, const char *text)
{
  for (; *texts != NULL; texts++)
    if (g_ascii_strcasecmp(*texts, text) == 0)
      return true;
  return false;
}

static bool is_primary(const Chain *chain, const Observed *group)
{
  const ObservedAttr *token = diff_observed_attr(group, chain->token);
  return token != NULL && chain->primary.n > 0 && token->values[0].n == chain->primary.n &&
         memcmp(token->values[0].at, chain->primary.at, chain->primary.n) == 0;
}

static bool take_group(const Observed *group, void *data, GError **error)
{
  Chain *chain = data;
  (void)error;
  Side *side = &chain->looking->side;
  Nested nested = {.member = chain->member,
                   .dn = side_text(side, group->dn),
                   .primary = is_primary(chain, group),
                   .above = keep_texts(side, diff_observed_attr(group, chain->above))};
  g_array_append_val(chain->looking->nested, nested);
  return true;
}

// The first of those found that this one holds; one that holds the entry itself before others.
static const char *way_to(const Chain *chain, guint first, const char *dn)
{
  const GArray *all = chain->looking->nested;
  const char *way = NULL;
  for (guint i = first; i < all->len; i++) {
    const Nested *below = &g_array_index(all, Nested, i);
    if (!has_text(below->above, dn))
      continue;
    if (below->primary || has_text(chain->direct, below->dn))
      return below->dn;
    if (way == NULL)
      way = below->dn;
  }
  return way;
}

static void find_ways(Chain *chain, guint first)
{
  GArray *all = chain->looking->nested;
  for (guint i = first; i < all->len; i++) {
    Nested *nested = &g_array_index(all, Nested, i);
    if (!nested->primary && !has_text(chain->direct, nested->dn))
      nested->through = way_to(chain, first, nested->dn);
  }
}

static bool follow(Chain *chain, const char *dn, GError **error)
{
  static const char *const everywhere[] = {"", NULL};
  static const char *const attributes[] = {"memberOf", "primaryGroupToken", NULL};
  Side *side = &chain->looking->side;
  const char *const keys[] = {dn, NULL};
  Scope scope = {.places = everywhere,
                 .attributes = attributes,
                 .key_attribute = "member",
                 .keys = keys,
                 .nested = true};
  guint first = chain->looking->nested->len;
  if (!reader_read(side->target->reader, &scope, side->schema, take_group, chain, NULL, error))
    return false;
  find_ways(chain, first);
  return true;
}

static int by_dn(const void *a, const void *b)
{
  return strcmp(((const Nested *)a)->dn, ((const Nested *)b)->dn);
}

bool look_nested(Looking *looking, GError **error)
{
  Side *side = &looking->side;
  Chain chain = {.looking = looking,
                 .above = schema_attr(side->schema, "memberOf"),
                 .token = schema_attr(side->schema, "primaryGroupToken")};
  AttrId primary = schema_attr(side->schema, "primaryGroupID");
  for (guint i = 0; i < looking->own->len; i++) {
    chain.member = g_array_index(looking->own, uint32_t, i);
    const Kept *kept = g_hash_table_lookup(side->looked, GUINT_TO_POINTER(chain.member));
    if (kept == NULL)
      continue;
    const ObservedAttr *id = diff_observed_attr(&kept->observed, primary);
    chain.direct = keep_texts(side, diff_observed_attr(&kept->observed, chain.above));
    chain.primary = id == NULL ? (Bytes){0} : id->values[0];
    if (!follow(&chain, kept->observed.dn.at, error))
      return false;
  }
  g_array_sort(looking->nested, by_dn);
  return true;
}
