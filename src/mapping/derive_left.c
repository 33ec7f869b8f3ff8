// SPDX-License-Identifier: GPL-3.0-or-later
//
// People in units that are there no more: each is named until HR says where they belong. Of a unit that was
// divided, with the parts that come into question; they lose nothing and get nothing. What an abolished unit gave
// ends with its days of grace (grace.c).
#include "derive_p.h"

// "310 子育て課, 320 福祉課"
static void put_heirs(const Derive *derive, const Unit *unit, GString *out)
{
  for (const char *const *code = unit->heirs; *code; code++) {
    const UnitNode *node = derive_unit(derive, *code);
    g_string_append_printf(out, "%s%s%s%s", out->len ? ", " : "", *code, node ? " " : "",
                           node ? node->unit->name : "");
  }
}

bool derive_is_told(const Findings *findings, const Finding *what)
{
  for (size_t i = 0; i < findings_count(findings); i++) {
    const Finding *told = findings_at(findings, i);
    if (g_strcmp0(told->code, what->code) == 0 && g_strcmp0(told->subject, what->subject) == 0 &&
        g_strcmp0(told->value, what->value) == 0 && told->line == what->line)
      return true;
  }
  return false;
}

static void tell(const Derive *derive, const Person *person, const Unit *unit)
{
  bool divided = unit->divided != DATE_NONE;
  g_autoptr(GString) day = g_string_new(NULL), heirs = g_string_new(NULL);
  Finding at = {.level = FINDING_WARNING,
                .code = divided ? "unit-divided" : "unit-ended",
                .subject = person->number,
                .value = unit->code};
  if (derive_is_told(derive->setup.findings, &at))
    return;
  date_format(divided ? unit->divided : unit->end, day);
  put_heirs(derive, unit, heirs);
  if (divided)
    findings_add(derive->setup.findings, &at,
                 _("%s was divided on %s into %s, and no order says where this person belongs; "
                   "nothing changes for them until one does. Ask HR for it"),
                 unit->name, day->str, heirs->str);
  else
    findings_add(
        derive->setup.findings, &at,
        _("%s is there no more since %s, and this person is still in it; what it gave them "
          "ends with the days of grace. Ask HR for the order that moves them"),
        unit->name, day->str);
}

static bool note_left(const Person *person, const Post *post, const Unit *unit, void *data)
{
  Derive *derive = data;
  (void)post;
  for (const Unit *at = unit; at; at = at->parent)
    derive_occupy_unit(derive, at);
  tell(derive, person, unit);
  return true;
}

bool derive_left_behind(Derive *derive, GError **error)
{
  return roster_left_behind(derive->setup.roster, note_left, derive, error);
}
