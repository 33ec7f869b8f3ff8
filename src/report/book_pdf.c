// SPDX-License-Identifier: GPL-3.0-or-later
//
// A book on A4. Columns are as wide as their texts want, and broken into lines where they would not fit; the head of a
// table is repeated on each page.
#include "report_p.h"

#include <idou/canvas.h>

#define LEFT 40.0
#define RIGHT (CANVAS_WIDTH - LEFT)
#define TOP 46.0
#define BOTTOM (CANVAS_HEIGHT - 52.0)
#define SIZE 8.0
#define ROW 14.0
#define GAP 6.0
#define BAR_WIDTH 90.0
// How wide a column of text is, in sizes of the font.
#define PLAIN 0.6
#define BOLD 0.7
#define MOST_SPREAD 1.6

typedef struct Page {
  Canvas canvas;
  const ReportBook *book;
  double y;
} Page;

static double text_at(Page *page, const TextBox *box, const char *text)
{
  g_autoptr(GString) shown = g_string_new(NULL);
  escape_text(shown, text, ESCAPE_TERMINAL);
  return canvas_text(&page->canvas, box, shown->str);
}

static void end_page(Page *page)
{
  TextBox box = {.x = LEFT, .y = BOTTOM + 16, .width = RIGHT - LEFT, .size = 7, .line = true};
  text_at(page, &box, page->book->title);
  box.align = PANGO_ALIGN_RIGHT;
  g_autofree char *number = g_strdup_printf("%zu", page->canvas.n_pages + 1);
  text_at(page, &box, number);
  canvas_end(&page->canvas);
  page->y = TOP;
}

static bool need(Page *page, double height)
{
  bool fits = page->y + height <= BOTTOM;
  if (!fits)
    end_page(page);
  return !fits;
}

static void put_text(Page *page, const char *text, double size, bool bold)
{
  TextBox box = {.x = LEFT, .width = RIGHT - LEFT, .size = size, .bold = bold};
  g_autoptr(GString) shown = g_string_new(NULL);
  escape_text(shown, text, ESCAPE_TERMINAL);
  need(page, canvas_height(&page->canvas, &box, shown->str));
  box.y = page->y;
  page->y += canvas_text(&page->canvas, &box, shown->str) + 3;
}

static void put_facts(Page *page, const GArray *facts, const char *mark)
{
  for (guint i = 0; i < facts->len; i++) {
    const BookFact *fact = &g_array_index(facts, BookFact, i);
    g_autofree char *text = fact->label ? g_strconcat(fact->label, ": ", fact->text, NULL)
                                        : g_strconcat(mark, fact->text, NULL);
    put_text(page, text, 9, false);
  }
}

// ---------------------------------------------------------------------------------------------

static void cell_text(const BookTable *table, size_t row, size_t column, GString *out)
{
  g_autoptr(GString) text = g_string_new(NULL);
  book_show(book_cell(table, row, column), text);
  escape_text(out, text->str, ESCAPE_TERMINAL);
}

// What each column wants; then the widest give way until all fit.
static void find_widths(const BookTable *table, double room, double *widths)
{
  double sum = 0;
  for (size_t i = 0; i < table->n_columns; i++) {
    double most = (double)text_width(_(table->columns[i].title)) * SIZE * BOLD;
    for (size_t row = 0; row < book_n_rows(table); row++) {
      g_autoptr(GString) text = g_string_new(NULL);
      cell_text(table, row, i, text);
      most = MAX(most, (double)text_width(text->str) * SIZE * PLAIN);
    }
    widths[i] = most + GAP;
    sum += widths[i];
  }
  for (int round = 0; round < 1000 && sum > room; round++) {
    size_t widest = 0;
    for (size_t i = 1; i < table->n_columns; i++)
      widest = widths[i] > widths[widest] ? i : widest;
    double less = MIN(sum - room, MAX(widths[widest] * 0.1, 1));
    widths[widest] -= less;
    sum -= less;
  }
  for (size_t i = 0; i < table->n_columns && sum < room; i++)
    widths[i] *= MIN(room / sum, MOST_SPREAD);
}

static TextBox cell_box(const ReportColumn *column, const TextBox *at)
{
  TextBox box = *at;
  box.size = SIZE;
  box.width = MAX(box.width - GAP, 1);
  box.align = column->number ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT;
  return box;
}

// Of one line, so that baselines are one, where that is enough.
static void put_cell(Page *page, const ReportColumn *column, const TextBox *at, const char *text)
{
  TextBox box = cell_box(column, at);
  box.line = canvas_height(&page->canvas, &box, text) < 2 * SIZE;
  canvas_text(&page->canvas, &box, text);
}

static void put_head(Page *page, const BookTable *table, const double *widths)
{
  TextBox box = {.x = LEFT, .y = page->y, .bold = true};
  for (size_t i = 0; i < table->n_columns; i++) {
    box.width = widths[i];
    put_cell(page, &table->columns[i], &box, _(table->columns[i].title));
    box.x += widths[i];
  }
  page->y += ROW;
  canvas_line(&page->canvas, LEFT, page->y - 1, RIGHT, page->y - 1);
}

static void put_bar(Page *page, const BookTable *table, size_t row, double x)
{
  int64_t most = book_most(table, table->bars);
  int64_t number = MAX(book_cell(table, row, table->bars)->number, 0);
  if (most > 0)
    canvas_bar(&page->canvas, x + GAP, page->y + 2,
               (BAR_WIDTH - GAP) * (double)number / (double)most, ROW - 6);
}

// What is wider than its column goes on in another line; of more than a page nobody could print the rest.
static double row_height(Page *page, const BookTable *table, const double *widths, size_t row)
{
  double most = 0;
  for (size_t i = 0; i < table->n_columns; i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    const TextBox box = cell_box(&table->columns[i], &(TextBox){.width = widths[i]});
    cell_text(table, row, i, text);
    double height = canvas_height(&page->canvas, &box, text->str);
    most = MAX(most, height);
  }
  return most < 2 * SIZE ? ROW : MIN(most + ROW - SIZE, BOTTOM - TOP - ROW);
}

static void put_row(Page *page, const BookTable *table, const double *widths, size_t row)
{
  TextBox box = {.x = LEFT};
  double height = row_height(page, table, widths, row);
  if (need(page, height))
    put_head(page, table, widths);
  box.y = page->y;
  for (size_t i = 0; i < table->n_columns; i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    cell_text(table, row, i, text);
    box.width = widths[i];
    put_cell(page, &table->columns[i], &box, text->str);
    box.x += widths[i];
  }
  if (table->bars != BOOK_NO_BARS)
    put_bar(page, table, row, box.x);
  page->y += height;
}

static void put_table(Page *page, const BookTable *table)
{
  g_autofree double *widths = g_new0(double, table->n_columns);
  page->y += 10;
  need(page, 4 * ROW);
  put_text(page, table->title, 11, true);
  if (book_n_rows(table) == 0) {
    put_text(page, _("none"), SIZE, false);
    return;
  }
  find_widths(table, RIGHT - LEFT - (table->bars != BOOK_NO_BARS ? BAR_WIDTH : 0), widths);
  put_head(page, table, widths);
  for (size_t row = 0; row < book_n_rows(table); row++)
    put_row(page, table, widths, row);
}

// ---------------------------------------------------------------------------------------------

static bool take_bytes(const char *bytes, size_t n_bytes, void *data)
{
  g_string_append_len(data, bytes, (gssize)n_bytes);
  return true;
}

static void put_book(Page *page, const char *only)
{
  put_text(page, page->book->title, 15, true);
  put_facts(page, page->book->facts, "");
  put_facts(page, page->book->notes, "※ ");
  for (guint i = 0; i < page->book->tables->len; i++)
    if (book_is_chosen(book_table(page->book, i), only))
      put_table(page, book_table(page->book, i));
  end_page(page);
}

bool book_pdf(const ReportBook *book, const char *only, GString *out, GError **error)
{
  Page page = {.book = book, .y = TOP};
  bool can = canvas_open(&page.canvas, take_bytes, out) && canvas_has_japanese(&page.canvas);
  if (can)
    put_book(&page, only);
  const char *fault = canvas_close(&page.canvas);
  if (!can)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s",
                _("no font on this machine has Japanese characters, so no PDF is made. Install "
                  "one, for example the package fonts-noto-cjk"));
  else if (fault)
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("the PDF cannot be made: %s"), fault);
  return can && !fault;
}
