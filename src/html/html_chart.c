// SPDX-License-Identifier: GPL-3.0-or-later
#include "html_p.h"

#define WIDTH 1000  // of the longest bar, in the drawing's own units

static int64_t sum_of(const HtmlChart *chart, const HtmlBar *bar)
{
  int64_t sum = 0;
  for (size_t i = 0; i < chart->n_series; i++)
    sum += bar->parts[i];
  return sum;
}

static bool is_anywhere(const HtmlChart *chart, size_t series)
{
  for (size_t i = 0; i < chart->n_bars; i++)
    if (chart->bars[i].parts[series] > 0)
      return true;
  return false;
}

static void put_legend(const HtmlChart *chart, GString *out)
{
  g_string_append(out, "<ul class=\"legend\">");
  for (size_t i = 0; i < chart->n_series; i++) {
    if (!is_anywhere(chart, i))
      continue;
    g_string_append_printf(out,
                           "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
                           "class=\"s%zu\" width=\"10\" height=\"10\"/></svg>",
                           i);
    html_text(out, chart->series[i]);
    g_string_append(out, "</li>");
  }
  g_string_append(out, "</ul>\n");
}

static void put_part(const HtmlChart *chart, const HtmlBar *bar, size_t series, GString *out)
{
  if (!chart->series)
    return;
  g_string_append(out, "<title>");
  html_text(out, chart->series[series]);
  g_string_append_printf(out, " %" G_GINT64_FORMAT "</title>", bar->parts[series]);
}

// Parts begin where those before them end, rounded by itself each: so that no gap is left between them.
static void put_bar(const HtmlChart *chart, const HtmlBar *bar, int64_t most, GString *out)
{
  g_string_append_printf(out,
                         "<svg viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
                         "aria-hidden=\"true\">",
                         WIDTH);
  int64_t before = 0;
  for (size_t i = 0; i < chart->n_series; i++) {
    double from = (double)before / (double)most * WIDTH;
    double width = (double)bar->parts[i] / (double)most * WIDTH;
    before += bar->parts[i];
    if (bar->parts[i] <= 0)
      continue;
    g_string_append_printf(out, "<rect class=\"s%zu\" x=\"%d\" width=\"%d\" height=\"10\">", i,
                           (int)from, MAX((int)(from + width) - (int)from, 1));
    put_part(chart, bar, i, out);
    g_string_append(out, "</rect>");
  }
  g_string_append(out, "</svg>");
}

static void put_row(const HtmlChart *chart, const HtmlBar *bar, int64_t most, GString *out)
{
  g_string_append(out, "<tr><th scope=\"row\" lang=\"ja\">");
  html_text(out, bar->label);
  g_string_append(out, "</th><td class=\"bar\">");
  put_bar(chart, bar, MAX(most, 1), out);
  g_string_append(out, "</td><td class=\"n\">");
  html_number(out, sum_of(chart, bar));
  g_string_append(out, "</td></tr>\n");
}

void html_chart(const HtmlChart *chart, GString *out)
{
  int64_t most = 0;
  for (size_t i = 0; i < chart->n_bars; i++)
    most = MAX(most, sum_of(chart, &chart->bars[i]));
  if (chart->n_bars == 0)
    return;
  g_string_append(out, "<figure class=\"chart\">\n");
  html_element(out, "figcaption", NULL, chart->title);
  if (chart->series)
    put_legend(chart, out);
  g_string_append(out, "<table");
  html_attribute(out, "aria-label", chart->title);
  g_string_append(out, "><thead><tr>");
  html_element(out, "th", NULL, chart->head);
  g_string_append(out, "<td></td>");
  html_element(out, "th", "n", chart->total);
  g_string_append(out, "</tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < chart->n_bars; i++)
    put_row(chart, &chart->bars[i], most, out);
  g_string_append(out, "</tbody></table>\n</figure>\n");
}
