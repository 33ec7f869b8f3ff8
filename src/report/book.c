// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

static void clear_table(void *data)
{
  g_array_unref(((BookTable *)data)->cells);
}

ReportBook *report_book_new(const char *id, const char *title)
{
  ReportBook *book = g_new0(ReportBook, 1);
  book->texts = g_string_chunk_new(4096);
  book->id = id;
  book->title = g_string_chunk_insert(book->texts, title);
  book->facts = g_array_new(false, false, sizeof(BookFact));
  book->notes = g_array_new(false, false, sizeof(BookFact));
  book->tiles = g_array_new(false, false, sizeof(BookTile));
  book->tables = g_array_new(false, false, sizeof(BookTable));
  g_array_set_clear_func(book->tables, clear_table);
  return book;
}

void report_book_free(ReportBook *book)
{
  if (!book)
    return;
  GArray *arrays[] = {book->facts, book->notes, book->tiles, book->tables};
  for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
    g_array_unref(arrays[i]);
  g_string_chunk_free(book->texts);
  g_free(book);
}

static const char *keep(ReportBook *book, const char *text)
{
  return text ? g_string_chunk_insert(book->texts, text) : NULL;
}

void report_book_fact(ReportBook *book, const char *id, const char *label, const char *text)
{
  BookFact fact = {id, keep(book, label), keep(book, text)};
  g_array_append_val(book->facts, fact);
}

void report_book_tile(ReportBook *book, const char *id, const char *label, int64_t number)
{
  BookTile tile = {id, keep(book, label), number};
  g_array_append_val(book->tiles, tile);
}

void report_book_note(ReportBook *book, const char *code, const char *text)
{
  BookFact note = {code, NULL, keep(book, text)};
  g_array_append_val(book->notes, note);
}

void report_book_table(ReportBook *book, const char *id, const char *title,
                       const ReportColumn *columns, size_t n_columns)
{
  BookTable table = {.id = id,
                     .title = keep(book, title),
                     .columns = columns,
                     .n_columns = n_columns,
                     .bars = BOOK_NO_BARS,
                     .cells = g_array_new(false, false, sizeof(BookCell))};
  g_array_append_val(book->tables, table);
}

static BookTable *last_table(const ReportBook *book)
{
  return &g_array_index(book->tables, BookTable, book->tables->len - 1);
}

void report_book_bars(ReportBook *book, size_t column)
{
  last_table(book)->bars = column;
}

void report_book_text(ReportBook *book, const char *text)
{
  BookCell cell = {.text = text && *text ? keep(book, text) : NULL};
  g_array_append_val(last_table(book)->cells, cell);
}

void report_book_number(ReportBook *book, int64_t number)
{
  BookCell cell = {.number = number, .is_number = true};
  g_array_append_val(last_table(book)->cells, cell);
}

void report_book_date(ReportBook *book, Date date)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(date, text);
  report_book_text(book, text->str);
}

void report_book_instant(ReportBook *book, Instant instant)
{
  g_autoptr(GString) text = g_string_new(NULL);
  if (instant != INSTANT_NONE && instant != INSTANT_OPEN)
    columns_instant(text, instant);
  report_book_text(book, text->str);
}

// ---------------------------------------------------------------------------------------------

size_t book_n_rows(const BookTable *table)
{
  return table->cells->len / table->n_columns;
}

const BookCell *book_cell(const BookTable *table, size_t row, size_t column)
{
  return &g_array_index(table->cells, BookCell, row * table->n_columns + column);
}

void book_show(const BookCell *cell, GString *out)
{
  if (cell->is_number)
    g_string_append_printf(out, "%" G_GINT64_FORMAT, cell->number);
  else if (cell->text)
    g_string_append(out, cell->text);
}

int64_t book_most(const BookTable *table, size_t column)
{
  int64_t most = 0;
  for (size_t i = 0; i < book_n_rows(table); i++)
    most = MAX(most, book_cell(table, i, column)->number);
  return most;
}

bool book_is_chosen(const BookTable *table, const char *only)
{
  return !only || strcmp(table->id, only) == 0;
}

static bool has_table(const ReportBook *book, const char *only, GError **error)
{
  g_autoptr(GString) known = g_string_new(NULL);
  for (guint i = 0; i < book->tables->len; i++) {
    if (book_is_chosen(book_table(book, i), only))
      return true;
    g_string_append_printf(known, "%s%s", i > 0 ? ", " : "", book_table(book, i)->id);
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no table “%s”; there are: %s"), only,
              known->str);
  return false;
}

bool report_book_write(const ReportBook *book, const char *format, const char *only, GString *out,
                       GError **error)
{
  static const struct {
    const char *name;
    bool (*write)(const ReportBook *book, const char *only, GString *out, GError **error);
  } formats[] = {{"text", book_text},
                 {"json", book_json},
                 {"csv", book_csv},
                 {"html", book_html},
                 {"pdf", book_pdf}};
  for (size_t i = 0; i < G_N_ELEMENTS(formats); i++)
    if (strcmp(formats[i].name, format) == 0)
      return (!only || has_table(book, only, error)) && formats[i].write(book, only, out, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("there is no format “%s”; there are: text, json, csv, html, pdf"), format);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Encodings.

// Cells of a city's own differ from city to city.
static bool fits(const Charset *charset, gunichar c)
{
  return c < 0x80 || (charset_has(charset, c) && (c < 0xE000 || c > 0xF8FF));
}

static void tell_misfits(const GString *text, Findings *findings)
{
  g_autoptr(Charset) charset = charset_new("cp932");
  g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
  g_autoptr(GString) names = g_string_new(NULL);
  for (const char *at = text->str; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    if (fits(charset, c) || !g_hash_table_add(told, GUINT_TO_POINTER(c)))
      continue;
    g_string_append(names, names->len > 0 ? ", " : "");
    text_name_character(at, names);
  }
  if (g_hash_table_size(told) > 0)
    findings_add(findings, &(Finding){.level = FINDING_WARNING, .code = "character-lost"},
                 _("CP932 has not %s: 〓 stands in the place"), names->str);
}

bool report_encode(GString *text, const char *encoding, Findings *findings, GError **error)
{
  static const char *const known[] = {"utf8", "excel", "cp932", NULL};
  if (!g_strv_contains(known, encoding)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("there is no encoding “%s”; there are: utf8, excel, cp932"), encoding);
    return false;
  }
  if (strcmp(encoding, "utf8") == 0)
    return true;
  bool cp932 = strcmp(encoding, "cp932") == 0;
  if (cp932)
    tell_misfits(text, findings);
  g_autoptr(GString) encoded = filled_encode(text, cp932);
  if (!encoded) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, "%s", _("the report cannot be encoded"));
    return false;
  }
  g_string_truncate(text, 0);
  g_string_append_len(text, encoded->str, (gssize)encoded->len);
  return true;
}
