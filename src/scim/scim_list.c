// SPDX-License-Identifier: GPL-3.0-or-later
//
// Lists (RFC 7644 3.4.2.4). Servers differ in what they make of `count`: some cap it, some ignore it, and none keeps a
// list still while its pages are read. What must come out is what the server itself counts, each once.
#include "scim_p.h"

#include <string.h>

#define MOST_ROUNDS 3

typedef struct Page {
  size_t start;  // 1-based
  size_t want;   // so many must come; 0 = not known yet
} Page;

typedef struct Round {
  ScimLink *link;
  const ScimWish *wish;
  const ScimTaker *taker;
  GHashTable *ids;  // of those that have come
  size_t total;     // what the server counts
  bool known;       // … once it has said so
  bool steady;      // page after page: the servers' pages are not of one size
  bool shifted;     // the list changed on the way
  bool surplus;     // more came than the server counts
  size_t size;      // of a page, once the first one is there
  size_t next;      // where the next page begins that is not asked for yet; 0 = none
  size_t n_asked;
  bool *refused;
} Round;

static char *path_of(const Round *round, const Page *page)
{
  GString *path = g_string_new(round->wish->kind->endpoint);
  g_string_append_printf(path, "?startIndex=%zu&count=%d", page->start,
                         scim_link_setup(round->link)->page_size);
  if (round->wish->kind->wish)
    g_string_append_printf(path, "&%s", round->wish->kind->wish);
  if (round->wish->filter) {
    g_string_append(path, "&filter=");
    scim_link_encode(round->wish->filter, path);
  }
  return g_string_free(path, false);
}

static void ask_for(Round *round, size_t start, size_t want)
{
  Page *page = g_new(Page, 1);
  *page = (Page){start, want};
  g_autofree char *path = path_of(round, page);
  scim_link_send(round->link,
                 &(ScimQuery){.method = "GET", .path = path, .owner = round, .data = page});
  round->n_asked++;
}

// The filter, not the request, is what the server does not take.
static bool refuses_filter(const Round *round, const ScimAsk *ask)
{
  static const long statuses[] = {400, 403, 501};
  for (size_t i = 0; round->wish->filter && round->refused && i < G_N_ELEMENTS(statuses); i++)
    if (ask->end == SCIM_ANSWERED && ask->status == statuses[i])
      return true;
  return false;
}

static bool take_page(Round *round, const json_t *list, size_t *n, GError **error)
{
  const json_t *total = json_object_get(list, "totalResults");
  size_t i;
  json_t *resource;
  *n = json_array_size(json_object_get(list, "Resources"));
  if (!json_is_integer(total) || json_integer_value(total) < 0)
    return scim_link_fail(round->link, &(ScimAsk){.words = (char *)_("no totalResults is told")},
                          round->wish->kind->endpoint, error);
  if (round->known && round->total != (size_t)json_integer_value(total))
    round->shifted = true;
  round->total = (size_t)json_integer_value(total);
  round->known = true;
  json_array_foreach(json_object_get(list, "Resources"), i, resource)
  {
    const char *id = json_string_value(json_object_get(resource, "id"));
    if (!id || !*id)
      return scim_link_fail(round->link, &(ScimAsk){.words = (char *)_("a resource has no id")},
                            round->wish->kind->endpoint, error);
    if (g_hash_table_add(round->ids, g_strdup(id)))
      round->taker->take(resource, round->taker->data);
    else
      round->shifted = true;
  }
  return true;
}

// Only so many at a time: what a server counts may be any number.
static void ask_more(Round *round)
{
  size_t most = 2 * (size_t)scim_link_setup(round->link)->n_connections;
  while (round->next && round->next <= round->total && round->n_asked < most) {
    ask_for(round, round->next, MIN(round->size, round->total - (round->next - 1)));
    round->next += round->size;
  }
}

// What is asked for once a page is there.
static void ask_on(Round *round, const Page *page, size_t n)
{
  if (round->shifted)
    return;
  if (round->steady || page->want) {
    // Less than was asked for: a steady reading goes on from there, another one begins again as one.
    if (page->want && n != page->want)
      round->shifted = true;
    else if (round->steady && n && page->start - 1 + n < round->total)
      ask_for(round, page->start + n, 0);
  } else {
    // The first page tells how large the others are.
    round->size = n;
    round->next = n ? 1 + n : 0;
  }
  ask_more(round);
}

static bool take_one(Round *round, GError **error)
{
  g_autoptr(ScimAsk) ask =
      scim_link_take(round->link, round, scim_link_setup(round->link)->timeout_ms);
  if (!ask)
    return true;
  g_autofree Page *page = ask->data;
  size_t n = 0;
  round->n_asked--;
  if (refuses_filter(round, ask)) {
    *round->refused = true;
    return true;
  }
  if (ask->end != SCIM_ANSWERED || ask->status != 200 || !ask->answer)
    return scim_link_fail(round->link, ask, round->wish->kind->endpoint, error);
  if (!take_page(round, ask->answer, &n, error))
    return false;
  ask_on(round, page, n);
  return true;
}

static void take_rest(Round *round)
{
  while (round->n_asked) {
    g_autoptr(ScimAsk) ask =
        scim_link_take(round->link, round, scim_link_setup(round->link)->timeout_ms);
    round->n_asked -= ask != NULL;
    if (ask)
      g_free(ask->data);
  }
}

// There is nothing behind the end: a server that counts only what a page holds would else pass for one that has no
// more. Some refuse to be asked.
static bool look_behind(Round *round, GError **error)
{
  g_autofree char *path = path_of(round, &(Page){.start = round->total + 1});
  g_autoptr(ScimAsk) ask = scim_link_ask(round->link, &(ScimQuery){.method = "GET", .path = path});
  size_t i;
  json_t *resource;
  if (ask->end == SCIM_ANSWERED && (ask->status == 400 || ask->status == 404))
    return true;
  if (ask->end != SCIM_ANSWERED || ask->status != 200 || !ask->answer)
    return scim_link_fail(round->link, ask, round->wish->kind->endpoint, error);
  json_array_foreach(json_object_get(ask->answer, "Resources"), i, resource)
  {
    const char *id = json_string_value(json_object_get(resource, "id"));
    round->surplus |= !id || !g_hash_table_contains(round->ids, id);
  }
  return true;
}

static bool is_complete(const Round *round)
{
  return !round->shifted && !round->surplus && g_hash_table_size(round->ids) == round->total;
}

static bool read_round(Round *round, GError **error)
{
  round->taker->begin(round->taker->data);
  ask_for(round, 1, 0);
  bool going = true;
  while (going && round->n_asked && !(round->refused && *round->refused))
    going = take_one(round, error);
  take_rest(round);
  // What a filter finds is few, and fits a page.
  bool whole = !round->wish->filter && round->total && is_complete(round);
  return going && (!whole || look_behind(round, error));
}

static bool fail_short(const Round *round, GError **error)
{
  g_autofree char *words =
      round->surplus
          ? g_strdup_printf(_("it counts %zu, but has more behind them: its totalResults cannot be "
                              "relied on"),
                            round->total)
          : g_strdup_printf(_("it counts %zu, but %u different ones can be read; perhaps it does "
                              "not take startIndex, or is being changed"),
                            round->total, g_hash_table_size(round->ids));
  return scim_link_fail(round->link, &(ScimAsk){.words = words}, round->wish->kind->endpoint,
                        error);
}

bool scim_list_read(ScimLink *link, const ScimWish *wish, const ScimTaker *taker, bool *refused,
                    GError **error)
{
  if (refused)
    *refused = false;
  for (int i = 1;; i++) {
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Round round = {.link = link,
                   .wish = wish,
                   .taker = taker,
                   .ids = ids,
                   .steady = i > 1,
                   .refused = refused};
    if (!read_round(&round, error))
      return false;
    if ((refused && *refused) || is_complete(&round))
      return true;
    if (i == MOST_ROUNDS)
      return fail_short(&round, error);
  }
}
