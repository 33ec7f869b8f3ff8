// SPDX-License-Identifier: GPL-3.0-or-later
//
// The order in which posts are shown: 組織順, 職位, number, as one text of digits that sorts. It is made of what the
// post itself says, so nobody's changes because somebody comes or goes.
#include "derive_p.h"

#include <string.h>

#define LEVELS 6       // of units; those below are shown with the last
#define UNIT_DIGITS 5  // each level
#define TITLE_DIGITS 4
#define NUMBER_DIGITS 10
#define MAX_DEPTH 32  // deeper is a circle that the roster did not notice

static void put_number(GString *out, int64_t number, int n_digits)
{
  int64_t most = 1;
  for (int i = 0; i < n_digits; i++)
    most *= 10;
  g_string_append_printf(out, "%0*" G_GINT64_FORMAT, n_digits, CLAMP(number, 0, most - 1));
}

// The last digits of a text that need not be a number.
static void put_digits(GString *out, const char *text, int n_digits)
{
  g_autoptr(GString) digits = g_string_new(NULL);
  for (const char *at = text; *at; at++)
    if (g_ascii_isdigit(*at))
      g_string_append_c(digits, *at);
  for (int i = (int)digits->len; i < n_digits; i++)
    g_string_append_c(out, '0');
  g_string_append(out, digits->str + MAX((int)digits->len - n_digits, 0));
}

// Where HR tells no order of a unit it comes behind those that have one, by its code.
static void put_unit(GString *out, const Unit *unit)
{
  if (unit->order != G_MAXINT) {
    put_number(out, unit->order, UNIT_DIGITS);
    return;
  }
  g_string_append_c(out, '9');
  put_digits(out, unit->code, UNIT_DIGITS - 1);
}

static void put_units(GString *out, const Unit *unit)
{
  const Unit *path[MAX_DEPTH];
  int n = 0;
  for (const Unit *at = unit; at && n < MAX_DEPTH; at = at->parent)
    path[n++] = at;
  for (int i = 0; i < LEVELS; i++)
    if (i < n)
      put_unit(out, path[n - 1 - i]);
    else
      put_number(out, 0, UNIT_DIGITS);
}

void rank_put(const Derive *derive, const Person *person, const Post *post, GString *out)
{
  const UnitNode *node = derive_unit(derive, post->unit);
  const Title *title = roster_title(derive->setup.roster, post->title);
  if (node)
    put_units(out, node->unit);
  else
    for (int i = 0; i < LEVELS * UNIT_DIGITS; i++)
      g_string_append_c(out, '9');
  put_number(out, title ? title->rank : INT64_MAX, TITLE_DIGITS);
  put_digits(out, person->number, NUMBER_DIGITS);
}

typedef struct Ranked {
  const Post *post;
  char *rank;
} Ranked;

static int by_rank(const void *a, const void *b)
{
  const Ranked *x = a, *y = b;
  if (x->post->main != y->post->main)
    return x->post->main ? -1 : 1;
  int order = strcmp(x->rank, y->rank);
  return order != 0 ? order : (x->post->id > y->post->id) - (x->post->id < y->post->id);
}

void rank_sort(const Derive *derive, const Person *person, const Post **posts, size_t n)
{
  g_autofree Ranked *ranked = g_new0(Ranked, n + 1);
  for (size_t i = 0; i < n; i++) {
    GString *text = g_string_new(NULL);
    rank_put(derive, person, posts[i], text);
    ranked[i] = (Ranked){posts[i], g_string_free(text, false)};
  }
  if (n > 1)
    qsort(ranked, n, sizeof *ranked, by_rank);
  for (size_t i = 0; i < n; i++) {
    posts[i] = ranked[i].post;
    g_free(ranked[i].rank);
  }
}
