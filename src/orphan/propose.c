// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is proposed, by a table: the first row that fits. And what was decided before.
#include "orphan_p.h"

#include <string.h>

#define NEW_DAYS 30     // somebody has just made it, and will know why
#define RECENT_DAYS 90  // somebody uses it
#define OFF_DAYS 90     // for so long what is switched off can be switched on again

// ---------------------------------------------------------------------------------------------
// What holds: restrictions and claims.

typedef struct Standing {
  Listing *listing;
  OrphanItem *item;
} Standing;

static bool take_restriction(const RestrictionRow *row, void *data)
{
  Standing *standing = data;
  if (strcmp(row->cause, RESTRICTION_ORPHAN) != 0)
    return true;
  g_autoptr(GString) since = g_string_new(NULL);
  date_format(date_of_instant(row->since), since);
  standing->item->decided = date_of_instant(row->since);
  standing->item->standing = listing_keepf(
      standing->listing, _("%s since %s by %s: %s (restriction %" G_GINT64_FORMAT ")"), row->what,
      since->str, row->who, row->reason, row->id);
  return true;
}

static bool is_about(const OrphanItem *item, const ClaimRow *claim)
{
  return strcmp(claim->cause, RESTRICTION_ORPHAN) == 0 &&
         strcmp(claim->target, item->target) == 0 && strcmp(claim->object, item->object) == 0 &&
         (*claim->group == '\0'
              ? item->kind < ORPHAN_RIGHT
              : item->kind == ORPHAN_RIGHT && strcmp(claim->group, item->group) == 0);
}

// The day before `until` is the last one that counts.
static bool take_claim(const ClaimRow *claim, void *data)
{
  Listing *listing = data;
  if (claim->until <= listing->setup->day)
    return true;
  for (guint i = 0; i < listing->list->items->len; i++) {
    OrphanItem *item = &g_array_index(listing->list->items, OrphanItem, i);
    if (!is_about(item, claim))
      continue;
    g_autoptr(GString) until = g_string_new(NULL);
    date_format(claim->until - 1, until);  // the last day that counts
    item->standing = listing_keepf(
        listing, _("%s%skept until %s by %s: %s (claim %" G_GINT64_FORMAT ")"), item->standing,
        *item->standing != '\0' ? "; " : "", until->str, claim->who, claim->reason, claim->id);
    item->action = ORPHAN_KEEP;
    item->when = claim->until;
  }
  return true;
}

bool standing_find(Listing *listing, GError **error)
{
  for (guint i = 0; i < listing->list->items->len; i++) {
    OrphanItem *item = &g_array_index(listing->list->items, OrphanItem, i);
    Standing standing = {listing, item};
    if (!store_restrictions_of(listing->setup->store, item->target, item->object, take_restriction,
                               &standing, error))
      return false;
  }
  return store_claims_each(listing->setup->store, NULL, take_claim, listing, error);
}

// ---------------------------------------------------------------------------------------------
// Facts of an item, as the table asks for them.

typedef bool (*IsSo)(const Listing *listing, const OrphanItem *item);

static bool within(const Listing *listing, Instant moment, int days)
{
  return moment != INSTANT_NONE && date_of_instant(moment) + days > listing->setup->day;
}

static bool any(const Listing *listing, const OrphanItem *item)
{
  (void)listing, (void)item;
  return true;
}

static bool is_claimed(const Listing *listing, const OrphanItem *item)
{
  (void)listing;
  return item->action == ORPHAN_KEEP && *item->standing != '\0';
}

static bool is_planned(const Listing *listing, const OrphanItem *item)
{
  (void)listing;
  return item->op != 0;
}

static bool is_spared(const Listing *listing, const OrphanItem *item)
{
  (void)listing;
  return item->is_protected;
}

static bool is_no_account(const Listing *listing, const OrphanItem *item)
{
  (void)listing;
  return !item->is_account;
}

static bool shares_key(const Listing *listing, const OrphanItem *item)
{
  (void)listing;
  return item->shares_key;
}

static bool may_be_linked(const Listing *listing, const OrphanItem *item)
{
  (void)listing;
  return item->person != 0;
}

static bool is_new(const Listing *listing, const OrphanItem *item)
{
  return within(listing, item->made, NEW_DAYS);
}

static bool is_used(const Listing *listing, const OrphanItem *item)
{
  return within(listing, item->used, RECENT_DAYS);
}

static bool is_privileged(const Listing *listing, const OrphanItem *item)
{
  (void)listing;
  return *item->privileged != '\0';
}

static bool is_off(const Listing *listing, const OrphanItem *item)
{
  (void)listing;
  return item->enabled == ENABLED_NO;
}

// ---------------------------------------------------------------------------------------------

#define KIND(kind) (1U << (kind))
#define ACCOUNTS (KIND(ORPHAN_NOBODY) | KIND(ORPHAN_LEFT) | KIND(ORPHAN_DOUBLE))
#define ALL (ACCOUNTS | KIND(ORPHAN_RIGHT) | KIND(ORPHAN_CHANGED))

static const struct {
  unsigned kinds;
  IsSo is_so;
  OrphanAction action;
  const char *text;
} rows[] = {
    {ALL, is_claimed, ORPHAN_KEEP, N_("keep: somebody answers for it")},
    {ALL, is_planned, ORPHAN_PUT_BACK, N_("put back: the plan does it")},
    {KIND(ORPHAN_RIGHT), any, ORPHAN_ASK,
     N_("ask the unit: take it away there, or give it by a rule")},
    {ALL, is_spared, ORPHAN_KEEP, N_("keep: the site, or the target itself, protects it")},
    {KIND(ORPHAN_CHANGED), any, ORPHAN_ASK, N_("ask: restore it, or let go of it (idou release)")},
    {KIND(ORPHAN_DOUBLE), shares_key, ORPHAN_ASK,
     N_("ask which of the two is theirs, and take the key from the other")},
    {ACCOUNTS, is_no_account, ORPHAN_ASK, N_("ask who needs it")},
    {KIND(ORPHAN_NOBODY), may_be_linked, ORPHAN_LINK, N_("link to the person: give it their key")},
    {ACCOUNTS, is_privileged, ORPHAN_ASK, N_("ask who uses it: it is privileged")},
    {ACCOUNTS, is_off, ORPHAN_DELETE, N_("delete")},
    {KIND(ORPHAN_NOBODY) | KIND(ORPHAN_DOUBLE), is_used, ORPHAN_ASK,
     N_("ask who uses it: it was used lately")},
    {KIND(ORPHAN_NOBODY) | KIND(ORPHAN_DOUBLE), is_new, ORPHAN_ASK,
     N_("ask who made it: it is new")},
    {ACCOUNTS, any, ORPHAN_DISABLE, N_("disable")},
};

// It stays for a while after it was switched off, or changed last.
static void set_day(const Listing *listing, OrphanItem *item)
{
  Date since = item->decided != DATE_NONE      ? item->decided
               : item->changed != INSTANT_NONE ? date_of_instant(item->changed)
                                               : listing->setup->day;
  if (item->used != INSTANT_NONE)
    since = MAX(since, date_of_instant(item->used));
  item->when = MAX(since + OFF_DAYS, listing->setup->day);
}

static void words(Listing *listing, OrphanItem *item, const char *text)
{
  g_autoptr(GString) out = g_string_new(text);
  if (item->action == ORPHAN_LINK)
    g_string_append_printf(out, " (%s)", item->label);
  if (item->action == ORPHAN_PUT_BACK)
    g_string_append_printf(out, " (#%u)", item->op);
  if (item->action == ORPHAN_DELETE) {
    g_string_append(out, _(", not before "));
    date_format(item->when, out);
  }
  item->proposal = listing_keep(listing, out->str);
}

void propose(Listing *listing)
{
  for (guint i = 0; i < listing->list->items->len; i++) {
    OrphanItem *item = &g_array_index(listing->list->items, OrphanItem, i);
    for (size_t k = 0; k < G_N_ELEMENTS(rows); k++) {
      if ((rows[k].kinds & KIND(item->kind)) == 0 || !rows[k].is_so(listing, item))
        continue;
      item->action = rows[k].action;
      if (item->action == ORPHAN_DELETE)
        set_day(listing, item);
      words(listing, item, _(rows[k].text));
      break;
    }
  }
}
