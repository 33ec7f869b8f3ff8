// SPDX-License-Identifier: GPL-3.0-or-later
//
// Grace (引継猶予): how long before a post begins, and after it ended, its rights are given. It is counted
// from the post each time, so that each move has its own end whatever else happens meanwhile.
#include "derive_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// When it ends.

// The day after the fixed one, for a post that ended in the same fiscal year (4/1–3/31) and not after it.
// DATE_NONE for others: the books of a year that is closed concern only those who left with it.
static Date fixed_end(const Grace *grace, Date ended)
{
  if (!grace->until_month)
    return DATE_NONE;
  int year = date_fiscal_year(ended) + (grace->until_month < 4);
  // 2/29 of a year that has none is its 2/28.
  Date day = date_of(year, grace->until_month, grace->until_day);
  if (day == DATE_NONE)
    day = date_of(year, grace->until_month, grace->until_day - 1);
  return day >= ended ? day + 1 : DATE_NONE;
}

Date grace_end(const Grace *grace, Date ended)
{
  Date counted = ended + grace->after, fixed = fixed_end(grace, ended);
  if (fixed == DATE_NONE)
    return counted;
  return grace->earlier ? MIN(counted, fixed) : MAX(counted, fixed);
}

// ---------------------------------------------------------------------------------------------
// Reading: `grace: 7d`, or a map.

// "05-31": a day that exists in a leap year.
static bool read_day(const char *text, Grace *grace)
{
  g_autofree char *whole = g_strconcat("2028-", text, NULL);
  Date day;
  int year;
  if (!date_parse_iso(whole, &day))
    return false;
  date_split(day, &year, &grace->until_month, &grace->until_day);
  return true;
}

static void read_until(Reading *reading, const YamlNode *node, Grace *grace)
{
  const char *text = NULL;
  if (yaml_read_text(reading->yaml, node, "until", reading->library->findings, &text) &&
      !read_day(text, grace))
    yaml_fault(reading->yaml, yaml_get(node, "until"), reading->library->findings, "mapping-grace",
               _("“until” is a day of the year such as \"05-31\", not “%s”"), text);
}

static void read_choose(Reading *reading, const YamlNode *node, Grace *grace)
{
  const char *word = NULL;
  Findings *findings = reading->library->findings;
  if (!yaml_read_text(reading->yaml, node, "choose", findings, &word))
    return;
  grace->earlier = strcmp(word, "earlier") == 0;
  if (!grace->earlier && strcmp(word, "later") != 0)
    yaml_fault(reading->yaml, yaml_get(node, "choose"), findings, "mapping-grace",
               _("“choose” is later or earlier, not “%s”"), word);
  else if (!yaml_get(node, "after") || !yaml_get(node, "until"))
    yaml_fault(reading->yaml, yaml_get(node, "choose"), findings, "mapping-grace",
               _("“choose” decides between “after” and “until”: both are wanted"));
}

// Where the group is named by a template, the one of the grace may be another.
static void read_of(Reading *reading, const YamlNode *node, const Grant *grant, Grace *grace)
{
  const YamlNode *of = yaml_get(node, "of");
  if (!of)
    return;
  if (grant->table)
    yaml_fault(reading->yaml, of, reading->library->findings, "mapping-grace",
               _("a table says in its column “結果:猶予グループ” (then:grace) which groups"));
  grace->of = klass_template(reading, of);
}

void grace_read(Reading *reading, const YamlNode *map, Grant *grant)
{
  static const char *const keys[] = {"before", "after", "until", "choose", "of", NULL};
  Findings *findings = reading->library->findings;
  const YamlNode *node = yaml_get(map, "grace");
  Grace *grace = &grant->grace;
  *grace = (Grace){0};
  if (yaml_kind(node) == YAML_MAP) {
    yaml_check_keys(reading->yaml, node, keys, findings);
    yaml_read_days(reading->yaml, node, "before", findings, &grace->before);
    yaml_read_days(reading->yaml, node, "after", findings, &grace->after);
    read_until(reading, node, grace);
    read_choose(reading, node, grace);
    read_of(reading, node, grant, grace);
  } else {
    yaml_read_days(reading->yaml, map, "grace", findings, &grace->after);
  }
  // Nobody keeps a post's rights longer than who left it on the year's first day (of a leap year).
  Date first = date_of(2027, 4, 1);
  grant->grace_days = (int)(grace_end(grace, first) - first);
}

// ---------------------------------------------------------------------------------------------
// What it means for a post.

// The rights of a unit end with it, whatever the records still say of its people.
Date grace_ended(const Derive *derive, const Post *post)
{
  const UnitNode *node = derive_unit(derive, post->unit);
  // Whoever waits to be told into which part of a divided unit they go loses nothing meanwhile.
  bool ends = node && node->ended && node->unit->divided == DATE_NONE;
  return ends ? MIN(post->end, node->unit->end) : post->end;
}

Ground grace_ground(const Derive *derive, const Post *post, Date ended, const Grace *grace)
{
  if (derive_in_force(derive, post) && derive->today < ended)
    return (Ground){.kind = GROUND_POST};
  // Who is there by the hour is there from that minute to that minute, and an exception ends with its day.
  if (post->by_hour || strcmp(post->role, "request") == 0)
    return (Ground){.kind = GROUND_NONE};
  bool comes = post->begin > derive->today;
  bool is_here = derive->scope.person->state == STATE_ACTIVE;
  if (comes && is_here && post->begin <= derive->today + grace->before)
    return (Ground){.kind = GROUND_BEFORE, .day = post->begin};
  if (!comes && derive->today < grace_end(grace, ended))
    return (Ground){.kind = GROUND_AFTER, .day = grace_end(grace, ended) - 1};
  return (Ground){.kind = GROUND_NONE};
}

void grace_reason(const Ground *ground, GString *out)
{
  static const char *const words[] = {
      [GROUND_BEFORE] = "ahead of the post that begins", [GROUND_AFTER] = "grace until"};
  if (ground->kind != GROUND_BEFORE && ground->kind != GROUND_AFTER)
    return;
  g_string_append(out, words[ground->kind]);
  g_string_append_c(out, ' ');
  date_format(ground->day, out);
}
