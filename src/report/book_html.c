// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#include <idou/html.h>

static void put_facts(const ReportBook *book, GString *out)
{
  g_autoptr(GArray) facts = g_array_new(false, false, sizeof(HtmlFact));
  for (guint i = 0; i < book->facts->len; i++) {
    const BookFact *from = &g_array_index(book->facts, BookFact, i);
    HtmlFact fact = {.label = from->label, .text = from->text};
    g_array_append_val(facts, fact);
  }
  html_facts((const HtmlFact *)(const void *)facts->data, facts->len, out);
}

static void put_tiles(const ReportBook *book, GString *out)
{
  g_autoptr(GArray) tiles = g_array_new(false, false, sizeof(HtmlTile));
  for (guint i = 0; i < book->tiles->len; i++) {
    const BookTile *from = &g_array_index(book->tiles, BookTile, i);
    HtmlTile tile = {.label = from->label, .number = from->number};
    g_array_append_val(tiles, tile);
  }
  if (tiles->len > 0)
    html_tiles((const HtmlTile *)(const void *)tiles->data, tiles->len, out);
}

static void put_notes(const ReportBook *book, GString *out)
{
  if (book->notes->len == 0)
    return;
  g_string_append(out, "<ul class=\"warn\">\n");
  for (guint i = 0; i < book->notes->len; i++) {
    html_element(out, "li", NULL, g_array_index(book->notes, BookFact, i).text);
    g_string_append_c(out, '\n');
  }
  g_string_append(out, "</ul>\n");
}

// Bars of one label are one bar.
static void put_chart(const BookTable *table, GString *out)
{
  g_autoptr(GArray) bars = g_array_new(false, false, sizeof(HtmlBar));
  for (size_t row = 0; row < book_n_rows(table); row++) {
    const char *label = book_cell(table, row, 0)->text;
    int64_t number = MAX(book_cell(table, row, table->bars)->number, 0);
    HtmlBar *last = bars->len > 0 ? &g_array_index(bars, HtmlBar, bars->len - 1) : NULL;
    HtmlBar bar = {.label = label ? label : "", .parts = {number}};
    if (last && g_str_equal(last->label, bar.label))
      last->parts[0] += number;
    else
      g_array_append_val(bars, bar);
  }
  const HtmlChart chart = {.title = table->title,
                           .head = _(table->columns[0].title),
                           .total = _(table->columns[table->bars].title),
                           .n_series = 1,
                           .bars = (const HtmlBar *)(const void *)bars->data,
                           .n_bars = bars->len};
  html_chart(&chart, out);
}

static void put_row(const BookTable *table, const HtmlColumn *columns, size_t row, GString *out)
{
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; i < table->n_columns; i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    const BookCell *cell = book_cell(table, row, i);
    if (cell->is_number)
      html_number(text, cell->number);
    else
      book_show(cell, text);
    g_ptr_array_add(cells, g_strdup(text->str));
  }
  html_table_row(columns, table->n_columns, (const char *const *)cells->pdata, out);
}

static void put_table(const BookTable *table, GString *out)
{
  g_autofree HtmlColumn *columns = g_new0(HtmlColumn, table->n_columns);
  for (size_t i = 0; i < table->n_columns; i++)
    columns[i] = (HtmlColumn){_(table->columns[i].title), table->columns[i].number};
  g_string_append(out, "<section");
  html_attribute(out, "id", table->id);
  g_string_append(out, ">\n");
  html_element(out, "h2", NULL, table->title);
  if (book_n_rows(table) == 0) {
    html_element(out, "p", "faint", _("none"));
    g_string_append(out, "</section>\n");
    return;
  }
  if (table->bars != BOOK_NO_BARS)
    put_chart(table, out);
  html_table_begin(NULL, columns, table->n_columns, out);
  for (size_t row = 0; row < book_n_rows(table); row++)
    put_row(table, columns, row, out);
  html_table_end(out);
  g_string_append(out, "</section>\n");
}

bool book_html(const ReportBook *book, const char *only, GString *out, GError **error)
{
  (void)error;
  const HtmlPage page = {.title = book->title, .running = book->title};
  html_begin(&page, out);
  g_string_append(out, "<header>\n");
  html_element(out, "h1", NULL, book->title);
  put_facts(book, out);
  g_string_append(out, "</header>\n<main>\n");
  put_notes(book, out);
  put_tiles(book, out);
  for (guint i = 0; i < book->tables->len; i++)
    if (book_is_chosen(book_table(book, i), only))
      put_table(book_table(book, i), out);
  g_string_append(out, "</main>\n");
  html_end(&page, out);
  return true;
}
