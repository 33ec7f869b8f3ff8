// SPDX-License-Identifier: GPL-3.0-or-later
//
// Spans of a kind of operation: for a run, a day and a week.
#include "guard_p.h"

#define DAY_DAYS 1
#define WEEK_DAYS 7

// Where idou.yaml says nothing: so many or so many percent within a day, and within a week. What writes nothing to the
// target has no limit; adopting by anything but the key needs confirmation anyway.
typedef struct Standard {
  int64_t day_count;
  double day_percent;
  int64_t week_count;
  double week_percent;
} Standard;

static const Standard standards[OP_N_KINDS] = {
    [OP_RESTRICT] = {20, 3, 50, 6},   [OP_CREATE] = {50, 5, 125, 10},
    [OP_RENAME] = {10, 1, 25, 2},     [OP_MOVE] = {50, 5, 125, 10},
    [OP_MODIFY] = {100, 20, 350, 60}, [OP_ENABLE] = {50, 5, 125, 10},
    [OP_JOIN] = {200, 20, 500, 50},   [OP_LEAVE] = {100, 10, 250, 20},
    [OP_DISABLE] = {20, 3, 50, 6},    [OP_DELETE] = {10, 1, 25, 2},
};

static Limit standard(int64_t count, double percent)
{
  return (Limit){.none = count == 0, .count = count, .percent = percent};
}

void guard_limits_default(Spans limits[OP_N_KINDS])
{
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++) {
    const Standard *row = &standards[kind];
    limits[kind] = (Spans){.of = {[SPAN_RUN] = {.none = true},
                                  [SPAN_DAY] = standard(row->day_count, row->day_percent),
                                  [SPAN_WEEK] = standard(row->week_count, row->week_percent)},
                           .days = DAY_DAYS};
  }
}

Spans guard_spans(const GuardSetup *setup, const GuardConfig *standard, const char *target,
                  OpKind kind)
{
  const GuardConfig *config = guard_config_of(setup, target);
  Spans spans = (config ? config : standard)->limits[kind];
  guard_profile_overlay(setup->profile, target, kind, &spans);
  return spans;
}

int guard_limits_days(const Spans *limits, Span span)
{
  return span == SPAN_RUN ? 0 : span == SPAN_DAY ? limits->days : WEEK_DAYS;
}

// ---------------------------------------------------------------------------------------------
// Asking.

static int64_t most_of(const Limit *limit, int64_t population)
{
  return limit->none ? INT64_MAX
                     : MAX(limit->count, (int64_t)((double)population * limit->percent / 100));
}

// What nobody said does not forbid within a week what somebody allowed for one night.
const Limit *guard_limit(const Spans *limits, Span span, int64_t population, int64_t *most)
{
  const Limit *found = &limits->of[span];
  for (unsigned shorter = 0; !limits->of[span].said && shorter < span; shorter++)
    if (limits->of[shorter].said &&
        most_of(&limits->of[shorter], population) > most_of(found, population))
      found = &limits->of[shorter];
  *most = most_of(found, population);
  return found->none ? NULL : found;
}

void guard_limit_format(const Limit *limit, GString *out)
{
  if (limit->count > 0 || limit->percent == 0)
    g_string_append_printf(out, "%" G_GINT64_FORMAT, limit->count);
  if (limit->count > 0 && limit->percent > 0)
    g_string_append(out, _(" or "));
  if (limit->percent > 0)
    g_string_append_printf(out, "%g%%", limit->percent);
}

// ---------------------------------------------------------------------------------------------
// Reading.

typedef struct Reading {
  const Yaml *yaml;
  Findings *findings;
} Reading;

bool guard_parse_percent(const char *text, double *out)
{
  char *end;
  double value = g_ascii_strtod(text, &end);
  if (end == text || strcmp(end, "%") != 0 || !(value >= 0 && value <= 100))
    return false;
  *out = value;
  return true;
}

// "10", "5%", "10 or 5%", "none"
bool guard_limit_parse(const char *text, Limit *out)
{
  *out = (Limit){.said = true, .none = strcmp(text, "none") == 0};
  if (out->none)
    return true;
  g_auto(GStrv) parts = g_strsplit(text, " or ", 2);
  for (size_t i = 0; parts[i]; i++) {
    guint64 count;
    const char *part = g_strstrip(parts[i]);
    if (g_ascii_string_to_unsigned(part, 10, 0, INT64_MAX, &count, NULL))
      out->count = (int64_t)count;
    else if (!guard_parse_percent(part, &out->percent))
      return false;
  }
  return true;
}

static bool read_limit(const Reading *reading, const YamlNode *node, Limit *out)
{
  const char *text = yaml_text(node);
  Limit limit;
  if (text && guard_limit_parse(text, &limit)) {
    *out = limit;
    return true;
  }
  yaml_fault(reading->yaml, node, reading->findings, "guard-limit",
             _("“%s” is no limit: write 10, 5%%, “10 or 5%%” (the greater of the two) or none; or "
               "{run: …, day: …, week: …} of these"),
             text ? text : "");
  return false;
}

// {run: 20 or 3%, day: 30 or 4%, week: 50 or 6%}
static void read_spans(const Reading *reading, const YamlNode *map, Spans *out)
{
  static const char *const keys[] = {"run", "day", "week", NULL};
  yaml_check_keys(reading->yaml, map, keys, reading->findings);
  for (unsigned span = 0; span < N_SPANS; span++) {
    const YamlNode *node = yaml_get(map, keys[span]);
    if (node && read_limit(reading, node, &out->of[span]) && span == SPAN_DAY)
      out->days = DAY_DAYS;
  }
}

// One that is said by itself is that of the window, and the only one: it means what it always meant.
static void read_kind(const Reading *reading, const YamlNode *node, int window, Spans *out)
{
  Limit limit;
  if (yaml_kind(node) == YAML_MAP) {
    read_spans(reading, node, out);
  } else if (read_limit(reading, node, &limit)) {
    const Limit none = {.said = true, .none = true};
    *out = (Spans){.of = {none, limit, none}, .days = window};
  }
}

void guard_limits_read(const Yaml *yaml, const YamlNode *map, Findings *findings,
                       Spans limits[OP_N_KINDS])
{
  const char *keys[OP_N_KINDS + 2] = {0};
  const Reading reading = {.yaml = yaml, .findings = findings};
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++)
    keys[kind] = op_traits(kind)->name;
  keys[OP_N_KINDS] = "window";
  if (!map)
    return;
  if (yaml_kind(map) != YAML_MAP) {
    yaml_fault(yaml, map, findings, "guard-limit",
               _("guard must be a map of kinds of operations to limits"));
    return;
  }
  yaml_check_keys(yaml, map, keys, findings);
  int window = 0;
  bool said = yaml_read_days(yaml, map, "window", findings, &window);
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++) {
    if (said && !limits[kind].of[SPAN_DAY].said)
      limits[kind].days = window;
    const YamlNode *node = yaml_get(map, keys[kind]);
    if (node)
      read_kind(&reading, node, said ? window : limits[kind].days, &limits[kind]);
  }
}
