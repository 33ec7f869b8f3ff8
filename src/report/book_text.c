// SPDX-License-Identifier: GPL-3.0-or-later
//
// A book as text, CSV and JSON.
#include "report_p.h"

static void add_heads(Sheet *sheet, const BookTable *table)
{
  for (size_t i = 0; i < table->n_columns; i++)
    sheet_add(sheet, _(table->columns[i].title));
}

static size_t widest(const BookTable *table, size_t column)
{
  size_t width = text_width(_(table->columns[column].title));
  for (size_t row = 0; row < book_n_rows(table); row++) {
    g_autoptr(GString) text = g_string_new(NULL);
    book_show(book_cell(table, row, column), text);
    width = MAX(width, text_width(text->str));
  }
  return width;
}

// Numbers stand to the right.
static void add_rows(Sheet *sheet, const BookTable *table)
{
  size_t widths[SHEET_COLUMNS] = {0};
  for (size_t i = 0; i < table->n_columns; i++)
    widths[i] = table->columns[i].number ? widest(table, i) : 0;
  for (size_t i = 0; i < table->cells->len; i++) {
    size_t column = i % table->n_columns;
    g_autoptr(GString) text = g_string_new(NULL);
    book_show(&g_array_index(table->cells, BookCell, i), text);
    size_t width = text_width(text->str);
    for (; table->columns[column].number && text->len > 0 && width < widths[column]; width++)
      g_string_prepend_c(text, ' ');
    sheet_add(sheet, text->str);
  }
}

static void put_table(const BookTable *table, GString *out)
{
  Sheet sheet;
  g_string_append_c(out, '\n');
  escape_text(out, table->title, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  if (book_n_rows(table) == 0) {
    g_string_append_printf(out, "  %s\n", _("none"));
    return;
  }
  sheet_open(&sheet, table->n_columns);
  add_heads(&sheet, table);
  add_rows(&sheet, table);
  sheet_put(&sheet, 2, out);
  sheet_close(&sheet);
}

static void put_fact(const BookFact *fact, GString *out)
{
  escape_text(out, fact->label ? fact->label : fact->id, ESCAPE_TERMINAL);
  g_string_append(out, ": ");
  escape_text(out, fact->text, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

bool book_text(const ReportBook *book, const char *only, GString *out, GError **error)
{
  (void)error;
  escape_text(out, book->title, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  for (guint i = 0; i < book->facts->len; i++)
    put_fact(&g_array_index(book->facts, BookFact, i), out);
  for (guint i = 0; i < book->notes->len; i++)
    put_fact(&g_array_index(book->notes, BookFact, i), out);
  for (guint i = 0; i < book->tables->len; i++)
    if (book_is_chosen(book_table(book, i), only))
      put_table(book_table(book, i), out);
  return true;
}

// ---------------------------------------------------------------------------------------------

static void csv_cell(GString *out, const char *text, bool first)
{
  if (!first)
    g_string_append_c(out, ',');
  escape_text(out, text, ESCAPE_CSV);
}

static void csv_table(const BookTable *table, GString *out)
{
  for (size_t i = 0; i < table->n_columns; i++)
    csv_cell(out, table->columns[i].id, i == 0);
  g_string_append(out, "\r\n");
  for (size_t i = 0; i < table->cells->len; i++) {
    const BookCell *cell = &g_array_index(table->cells, BookCell, i);
    size_t column = i % table->n_columns;
    g_autofree char *number =
        cell->is_number ? g_strdup_printf("%" G_GINT64_FORMAT, cell->number) : NULL;
    // A number below 0 is no formula.
    if (number)
      g_string_append_printf(out, "%s%s", column > 0 ? "," : "", number);
    else
      csv_cell(out, cell->text, column == 0);
    if (column + 1 == table->n_columns)
      g_string_append(out, "\r\n");
  }
}

static void csv_facts(const GArray *facts, const char *what, GString *out)
{
  for (guint i = 0; i < facts->len; i++) {
    const BookFact *fact = &g_array_index(facts, BookFact, i);
    csv_cell(out, what, true);
    csv_cell(out, fact->id, false);
    csv_cell(out, fact->text, false);
    g_string_append(out, "\r\n");
  }
}

bool book_csv(const ReportBook *book, const char *only, GString *out, GError **error)
{
  (void)error;
  if (!only) {
    csv_facts(book->facts, "fact", out);
    csv_facts(book->notes, "note", out);
  }
  for (guint i = 0; i < book->tables->len; i++) {
    const BookTable *table = book_table(book, i);
    if (!book_is_chosen(table, only))
      continue;
    if (!only) {
      g_string_append(out, out->len > 0 ? "\r\n" : "");
      csv_cell(out, "table", true);
      csv_cell(out, table->id, false);
      csv_cell(out, table->title, false);
      g_string_append(out, "\r\n");
    }
    csv_table(table, out);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

static json_t *cell_json(const BookCell *cell)
{
  return cell->is_number ? json_integer(cell->number) : report_json_text(cell->text);
}

static json_t *table_json(const BookTable *table)
{
  json_t *rows = json_array();
  for (size_t row = 0; row < book_n_rows(table); row++) {
    json_t *object = json_object();
    for (size_t i = 0; i < table->n_columns; i++)
      json_object_set_new(object, table->columns[i].id, cell_json(book_cell(table, row, i)));
    json_array_append_new(rows, object);
  }
  return rows;
}

static json_t *note_json(const BookFact *note)
{
  json_t *object = json_object();
  json_object_set_new(object, "code", report_json_text(note->id));
  json_object_set_new(object, "text", report_json_text(note->text));
  return object;
}

bool book_json(const ReportBook *book, const char *only, GString *out, GError **error)
{
  (void)error;
  json_t *document = json_object();
  json_t *notes = json_array();
  json_object_set_new(document, "report", json_string(book->id));
  for (guint i = 0; i < book->facts->len; i++) {
    const BookFact *fact = &g_array_index(book->facts, BookFact, i);
    json_object_set_new(document, fact->id, report_json_text(fact->text));
  }
  for (guint i = 0; i < book->notes->len; i++)
    json_array_append_new(notes, note_json(&g_array_index(book->notes, BookFact, i)));
  json_object_set_new(document, "notes", notes);
  for (guint i = 0; i < book->tables->len; i++)
    if (book_is_chosen(book_table(book, i), only))
      json_object_set_new(document, book_table(book, i)->id, table_json(book_table(book, i)));
  report_json_dump(document, out);
  return true;
}
