// SPDX-License-Identifier: GPL-3.0-or-later
//
// Facts, tiles, tables.
#include "html_p.h"

void html_facts(const HtmlFact *facts, size_t n, GString *out)
{
  g_string_append(out, "<dl class=\"facts\">\n");
  for (size_t i = 0; i < n; i++) {
    g_string_append(out, "<div>");
    html_element(out, "dt", NULL, facts[i].label);
    g_string_append(out, "<dd>");
    if (facts[i].full) {
      g_string_append(out, "<span class=\"short\"");
      html_attribute(out, "title", facts[i].full);
      g_string_append_c(out, '>');
      html_text(out, facts[i].text);
      g_string_append(out, "</span>");
      html_element(out, "span", "full", facts[i].full);
    } else {
      html_text(out, facts[i].text);
    }
    g_string_append(out, "</dd></div>\n");
  }
  g_string_append(out, "</dl>\n");
}

static void put_tile(const HtmlTile *tile, GString *out)
{
  static const char *const tones[HTML_N_TONES] = {
      [HTML_PLAIN] = "plain", [HTML_GOOD] = "good", [HTML_LATER] = "later", [HTML_WARN] = "warn"};
  g_string_append_printf(out, "<li class=\"tile %s\">", tones[tile->tone]);
  if (tile->link) {
    g_string_append(out, "<a");
    html_attribute(out, "href", tile->link);
    g_string_append_c(out, '>');
  }
  g_string_append(out, "<b>");
  html_number(out, tile->number);
  g_string_append(out, "</b> ");
  html_element(out, "span", NULL, tile->label);
  g_string_append(out, tile->link ? "</a>" : "");
  if (tile->note)
    html_element(out, "small", NULL, tile->note);
  g_string_append(out, "</li>\n");
}

void html_tiles(const HtmlTile *tiles, size_t n, GString *out)
{
  g_string_append(out, "<ul class=\"tiles\">\n");
  for (size_t i = 0; i < n; i++)
    put_tile(&tiles[i], out);
  g_string_append(out, "</ul>\n");
}

// ---------------------------------------------------------------------------------------------

void html_table_begin(const char *caption, const HtmlColumn *columns, size_t n, GString *out)
{
  g_string_append(out, "<table class=\"list\">\n");
  if (caption)
    html_element(out, "caption", NULL, caption);
  g_string_append(out, "<thead><tr>");
  for (size_t i = 0; i < n; i++) {
    g_string_append_printf(out, "<th scope=\"col\"%s>", columns[i].number ? " class=\"n\"" : "");
    html_text(out, columns[i].head);
    g_string_append(out, "</th>");
  }
  g_string_append(out, "</tr></thead>\n<tbody>\n");
}

void html_table_row(const HtmlColumn *columns, size_t n, const char *const *cells, GString *out)
{
  g_string_append(out, "<tr>");
  for (size_t i = 0; i < n; i++)
    html_element(out, "td", columns[i].number ? "n" : NULL, cells[i]);
  g_string_append(out, "</tr>\n");
}

void html_table_end(GString *out)
{
  g_string_append(out, "</tbody>\n</table>\n");
}
