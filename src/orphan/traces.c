// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who and when, as far as the target tells, of the entries that are listed; and when they were used last.
#include "orphan_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Who made and changed it.

typedef struct Looking {
  Listing *listing;
  OrphanItem *item;
  const char *member;  // of a membership: DN of whoever came or went; NULL
  bool by_hand;        // somebody else's changes only
  bool exact;          // the change itself is known, not only that of the entry
  Instant since;       // earlier ones of the entry are not asked for; INSTANT_NONE
} Looking;

static bool same_dn(const char *a, const char *b)
{
  g_autoptr(GString) one = g_string_new(NULL), two = g_string_new(NULL);
  return place_key(a, strlen(a), one) && place_key(b, strlen(b), two) && g_string_equal(one, two);
}

static void take_made(Looking *looking, const Trace *trace)
{
  looking->item->made = trace->when;
  looking->item->made_by = listing_keep(looking->listing, trace->who);
}

// A log tells the oldest first: the last one of the attribute that is not ours is what is asked for.
static void take_trace(const Trace *trace, void *data)
{
  Looking *looking = data;
  if (trace->created) {
    if (looking->member == NULL)
      take_made(looking, trace);
    return;
  }
  bool other =
      trace->value != NULL && looking->member != NULL && !same_dn(trace->value, looking->member);
  if (other || (looking->exact && trace->attribute == NULL))
    return;
  // Of an entry as a whole only the last change is told: if that is ours, whoever changed it before is not known. One from
  // before the last run is not what is asked for.
  bool before = trace->attribute == NULL && looking->since != INSTANT_NONE &&
                trace->when != INSTANT_NONE && trace->when < looking->since;
  if (looking->by_hand && (trace->ours || before))
    return;
  looking->exact |= trace->attribute != NULL;
  looking->item->exact = looking->exact;
  looking->item->changed = trace->when;
  looking->item->changed_by = listing_keep(looking->listing, trace->who);
  looking->item->where = listing_keep(looking->listing, trace->where);
}

// What of the entry was changed, by the attribute that tells it.
static const char *attribute_of(const Listing *listing, const OrphanItem *item, bool membership)
{
  const TargetConfig *config = listing_config(listing, item->target);
  if (membership)
    return "member";
  if (*item->group != '\0' && item->kind == ORPHAN_CHANGED)
    return item->group;
  return config->disable_attribute != NULL ? config->disable_attribute : "";
}

static bool look_at(Listing *listing, Reader *reader, OrphanItem *item, GError **error)
{
  bool membership = *item->traced != '\0';
  const char *dn = membership ? item->traced : item->entry;
  const Sight *sight = survey_at(listing->survey, item->target, dn);
  const char *const attributes[] = {attribute_of(listing, item, membership), NULL};
  bool by_hand = item->kind == ORPHAN_CHANGED;
  // One that is gone is known by its identity still.
  g_autofree char *bound =
      sight != NULL || membership
          ? NULL
          : g_strdup(store_binding_of(listing->setup->store, item->target, item->object));
  if (sight == NULL && !membership && bound == NULL)
    return true;
  Instant since = by_hand && listing->setup->run != NULL
                      ? plan_envelope(listing->setup->run->plan)->made
                      : INSTANT_NONE;
  Looking looking = {.listing = listing,
                     .item = item,
                     .member = membership ? item->entry : NULL,
                     .by_hand = by_hand,
                     .since = since};
  TraceAsk ask = {.dn = sight != NULL   ? sight->dn
                        : bound != NULL ? ""
                                        : dn,
                  .stable_id = sight != NULL   ? sight->id
                               : bound != NULL ? bound
                                               : "",
                  .attributes = attributes,
                  .since = since};
  return reader_traces(reader, &ask, take_trace, &looking, error);
}

// That a server does not say who changed something takes nothing from the list.
static void tell_fault(Listing *listing, const TargetConfig *config, const GError *fault)
{
  findings_add(
      listing->setup->findings,
      &(Finding){.level = FINDING_WARNING, .code = "traces-unread", .subject = config->name},
      _("who made and changed entries is not told: %s"), fault->message);
}

static void find_in(Listing *listing, const TargetConfig *config)
{
  g_autoptr(GError) fault = NULL;
  g_autoptr(Reader) reader = NULL;
  for (guint i = 0; fault == NULL && i < listing->list->items->len; i++) {
    OrphanItem *item = &g_array_index(listing->list->items, OrphanItem, i);
    if (strcmp(item->target, config->name) != 0)
      continue;
    if (reader == NULL && (reader = reader_open(config, &fault)) == NULL)
      break;
    look_at(listing, reader, item, &fault);
  }
  if (fault != NULL)
    tell_fault(listing, config, fault);
}

// ---------------------------------------------------------------------------------------------
// When it was used last.

static bool take_use(const EvidenceRow *row, void *data)
{
  Looking *looking = data;
  OrphanItem *item = looking->item;
  if (row->moment == INSTANT_NONE || (item->used != INSTANT_NONE && row->moment <= item->used))
    return true;
  item->used = row->moment;
  item->used_by = listing_keep(looking->listing, row->source);
  return true;
}

bool traces_find(Listing *listing, GError **error)
{
  for (size_t i = 0; listing->setup->targets[i] != NULL; i++)
    find_in(listing, listing->setup->targets[i]);
  for (guint i = 0; i < listing->list->items->len; i++) {
    OrphanItem *item = &g_array_index(listing->list->items, OrphanItem, i);
    Looking looking = {.listing = listing, .item = item};
    if (!store_evidence_of(listing->setup->store, item->target, item->object, take_use, &looking,
                           error))
      return false;
  }
  return true;
}
