// SPDX-License-Identifier: GPL-3.0-or-later
//
// Operations of a plan by target, by unit and by day, each by what they do.
#include "report_p.h"

#include <stdlib.h>

#define BARS_MOST 15
#define WIDE_SPACE "\u3000"

// What a chart can tell apart. Kinds that are not told of are the first of these.
typedef enum Deed {
  DEED_OTHER,
  DEED_CREATE,
  DEED_MODIFY,
  DEED_MOVE,
  DEED_JOIN,
  DEED_LEAVE,
  DEED_ENABLE,
  DEED_DISABLE,
  DEED_N
} Deed;

G_STATIC_ASSERT(DEED_N <= HTML_SERIES);

static const Deed deeds[OP_N_KINDS] = {
    [OP_CREATE] = DEED_CREATE, [OP_RENAME] = DEED_MOVE,     [OP_MOVE] = DEED_MOVE,
    [OP_MODIFY] = DEED_MODIFY, [OP_ENABLE] = DEED_ENABLE,   [OP_JOIN] = DEED_JOIN,
    [OP_LEAVE] = DEED_LEAVE,   [OP_DISABLE] = DEED_DISABLE, [OP_DELETE] = DEED_DISABLE,
};

// As the bars go from the left.
static const struct {
  Deed deed;
  const char *words;
} series[DEED_N] = {
    {DEED_CREATE, N_("create")},     {DEED_MODIFY, N_("modify")},
    {DEED_JOIN, N_("join")},         {DEED_DISABLE, N_("disable, delete")},
    {DEED_MOVE, N_("rename, move")}, {DEED_OTHER, N_("others")},
    {DEED_ENABLE, N_("enable")},     {DEED_LEAVE, N_("leave")},
};

static size_t series_of(OpKind kind)
{
  size_t i = 0;
  while (series[i].deed != deeds[kind])
    i++;
  return i;
}

// ---------------------------------------------------------------------------------------------
// Bars by a key.

// `n_common`: see common_names. Caller frees; NULL = it is in no bar.
typedef char *(*KeyFunc)(const Shown *shown, size_t n_common);

static int64_t sum_of(const HtmlBar *bar)
{
  int64_t sum = 0;
  for (size_t i = 0; i < HTML_SERIES; i++)
    sum += bar->parts[i];
  return sum;
}

static gint compare_sums(gconstpointer a, gconstpointer b)
{
  int64_t x = sum_of(a), y = sum_of(b);
  return x != y ? (x < y ? 1 : -1)
                : strcmp(((const HtmlBar *)a)->label, ((const HtmlBar *)b)->label);
}

// Days, behind words for what is due.
static gint compare_days(gconstpointer a, gconstpointer b)
{
  const char *x = ((const HtmlBar *)a)->label, *y = ((const HtmlBar *)b)->label;
  bool x_is_day = g_ascii_isdigit(*x), y_is_day = g_ascii_isdigit(*y);
  return x_is_day != y_is_day ? (x_is_day ? 1 : -1) : strcmp(x, y);
}

typedef struct Bars {
  GArray *bars;          // HtmlBar
  GHashTable *by_label;  // label -> place + 1; owns the labels
} Bars;

static void bars_count(Bars *bars, char *label, OpKind kind)
{
  size_t at = GPOINTER_TO_SIZE(g_hash_table_lookup(bars->by_label, label));
  if (at == 0) {
    const HtmlBar bar = {.label = label};
    g_array_append_val(bars->bars, bar);
    at = bars->bars->len;
    g_hash_table_insert(bars->by_label, label, GSIZE_TO_POINTER(at));
  } else {
    g_free(label);
  }
  g_array_index(bars->bars, HtmlBar, at - 1).parts[series_of(kind)]++;
}

// What comes behind the first bars is one bar.
static void bars_cut(GArray *bars)
{
  if (bars->len <= BARS_MOST)
    return;
  HtmlBar rest = {.label = _("all others")};
  for (guint i = BARS_MOST - 1; i < bars->len; i++)
    for (size_t k = 0; k < HTML_SERIES; k++)
      rest.parts[k] += g_array_index(bars, HtmlBar, i).parts[k];
  g_array_set_size(bars, BARS_MOST - 1);
  g_array_append_val(bars, rest);
}

// ---------------------------------------------------------------------------------------------
// Keys.

static char *target_of(const Shown *shown, size_t n_common)
{
  (void)n_common;
  return g_strdup(shown->op->target);
}

static char *day_of(const Shown *shown, size_t n_common)
{
  (void)n_common;
  GString *day = g_string_new(NULL);
  if (shown->op->not_before == INSTANT_NONE || shown->op->not_before <= instant_now())
    g_string_append(day, _("at once"));
  else
    columns_day(day, shown->op->not_before);
  return g_string_free(day, FALSE);
}

// Names of the unit, from the top; NULL-terminated.
static char **path_of(const Op *op)
{
  const char *space = op->unit ? strchr(op->unit, ' ') : NULL;
  return space ? g_strsplit(space + 1, WIDE_SPACE, -1) : NULL;
}

static size_t n_same(char **a, char **b)
{
  size_t n = 0;
  while (a[n] && b[n] && strcmp(a[n], b[n]) == 0)
    n++;
  return n;
}

// How many names from the top all units have in common: below those they are told apart.
static size_t common_names(const View *view)
{
  g_auto(GStrv) first = NULL;
  size_t n = G_MAXSIZE;
  for (guint i = 0; i < view->shown->len; i++) {
    g_auto(GStrv) path = path_of(g_array_index(view->shown, Shown, i).op);
    if (path && !first)
      first = g_steal_pointer(&path);
    else if (path)
      n = MIN(n, n_same(first, path));
  }
  return n;
}

// The division: 市役所　産業部　農政課 is 産業部 where all are of 市役所.
static char *unit_of(const Shown *shown, size_t n_common)
{
  g_auto(GStrv) path = path_of(shown->op);
  if (!path)
    return NULL;
  size_t n = g_strv_length(path);
  return g_strdup(path[MIN(n_common, n - 1)]);
}

// ---------------------------------------------------------------------------------------------

typedef struct Chart {
  const char *title, *head;
  KeyFunc key;
  GCompareFunc order;
} Chart;

static void put_chart(const View *view, const Chart *chart, GString *out)
{
  const char *names[DEED_N];
  Bars bars = {g_array_new(FALSE, FALSE, sizeof(HtmlBar)),
               g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
  size_t n_common = common_names(view);
  for (guint i = 0; i < view->shown->len; i++) {
    const Shown *shown = &g_array_index(view->shown, Shown, i);
    char *label = chart->key(shown, n_common);
    if (label)
      bars_count(&bars, label, shown->op->kind);
  }
  g_array_sort(bars.bars, chart->order);
  bars_cut(bars.bars);
  for (size_t i = 0; i < DEED_N; i++)
    names[i] = _(series[i].words);
  const HtmlChart drawn = {_(chart->title), _(chart->head),
                           _("Operations"), names,
                           DEED_N,          (const HtmlBar *)(const void *)bars.bars->data,
                           bars.bars->len};
  html_chart(&drawn, out);
  g_array_unref(bars.bars);
  g_hash_table_unref(bars.by_label);
}

void report_plan_charts(const View *view, GString *out)
{
  static const Chart charts[] = {
      {N_("Operations by target"), N_("Target"), target_of, compare_sums},
      {N_("Operations by unit"), N_("Unit"), unit_of, compare_sums},
      {N_("Operations by day"), N_("Day"), day_of, compare_days},
  };
  if (view->shown->len == 0)
    return;
  g_string_append(out, "<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">");
  html_text(out, _("Figures"));
  g_string_append(out, "</h2>\n<div class=\"charts\">\n");
  for (size_t i = 0; i < G_N_ELEMENTS(charts); i++)
    put_chart(view, &charts[i], out);
  g_string_append(out, "</div>\n</section>\n");
}
