// SPDX-License-Identifier: GPL-3.0-or-later
//
// A file being judged: its findings, and its rows, of which a few are at hand.
#include "intake_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Rows at hand.

typedef struct Pane {
  size_t record;
  uint64_t used;  // when it was asked for
  SheetRow *row;
  const char **values;  // by column of the layout; `unread` until asked for
  GStringChunk *text;
} Pane;

struct Window {
  Reading *reading;
  Pane panes[WINDOWS];
  Pane *last;
  uint64_t clock;
  Record views[WINDOWS];
  size_t n_views;
};

enum { PANE_TEXT_BYTES = 256 };
static const char unread[] = "";  // known by its address

Window *window_new(Reading *reading)
{
  Window *window = g_new0(Window, 1);
  window->reading = reading;
  window->last = window->panes;
  for (size_t i = 0; i < WINDOWS; i++) {
    Pane *pane = &window->panes[i];
    pane->record = NO_RECORD;
    pane->row = row_new();
    pane->values = g_new0(const char *, reading->layout->columns->len);
    pane->text = g_string_chunk_new(PANE_TEXT_BYTES);
  }
  return window;
}

void window_free(Window *window)
{
  if (!window)
    return;
  for (size_t i = 0; i < WINDOWS; i++) {
    row_free(window->panes[i].row);
    g_free(window->panes[i].values);
    g_string_chunk_free(window->panes[i].text);
  }
  g_free(window);
}

// The pane that nobody has looked through for the longest time.
static Pane *take_pane(Window *window, size_t record)
{
  Pane *oldest = window->panes;
  for (size_t i = 1; i < WINDOWS; i++)
    if (window->panes[i].used < oldest->used)
      oldest = &window->panes[i];
  oldest->record = record;
  oldest->used = ++window->clock;
  for (size_t i = 0; i < window->reading->layout->columns->len; i++)
    oldest->values[i] = unread;
  g_string_chunk_clear(oldest->text);
  window->last = oldest;
  return oldest;
}

SheetRow *window_put(Reading *reading, size_t record, SheetRow *row)
{
  Pane *pane = take_pane(reading->window, record);
  SheetRow *before = pane->row;
  pane->row = row;
  return before;
}

static Pane *find_pane(Window *window, size_t record)
{
  for (size_t i = 0; i < WINDOWS; i++)
    if (window->panes[i].record == record) {
      window->panes[i].used = ++window->clock;
      return window->last = &window->panes[i];
    }
  return NULL;
}

enum { FORGET_ROWS = 128 };

void reading_forget(Reading *reading, size_t n_rows)
{
  if (reading->map && n_rows % FORGET_ROWS == 0)
    file_map_forget(reading->map);
}

// It could be read before, and the file is our own copy.
static Pane *load_pane(Window *window, size_t record)
{
  Sheet *sheet = window->reading->sheet;
  const Mark *mark = reading_mark(window->reading, record);
  Pane *pane = take_pane(window, record);
  reading_forget(window->reading, window->clock);
  sheet_seek(sheet, mark->begin, mark->line);
  if (sheet_next(sheet, pane->row) != SHEET_ROW)
    g_error("a row that was read cannot be read again");
  return pane;
}

static Pane *pane_of(const Reading *reading, size_t record)
{
  Window *window = reading->window;
  if (window->last->record == record)
    return window->last;
  Pane *pane = find_pane(window, record);
  return pane ? pane : load_pane(window, record);
}

const SheetRow *reading_row(const Reading *reading, size_t record)
{
  return pane_of(reading, record)->row;
}

const char *reading_raw(const Reading *reading, size_t record, size_t *n_bytes)
{
  const GString *text = reading_row(reading, record)->text;
  *n_bytes = text->len;
  return text->str;
}

static const char *read_value(const Pane *pane, Reading *reading, size_t column, bool quiet)
{
  Cell cell = {.reading = reading,
               .record = pane->record,
               .row = pane->row,
               .slot = column,
               .column = layout_column(reading->layout, column),
               .place = g_array_index(reading->places, int, column),
               .text = pane->text,
               .quiet = quiet};
  return cell.place < 0 || cell.column->ignored ? NULL : cell_read(&cell);
}

void window_judge(Reading *reading, size_t record)
{
  Pane *pane = pane_of(reading, record);
  for (size_t i = 0; i < reading->layout->columns->len; i++)
    pane->values[i] = read_value(pane, reading, i, false);
}

const char *reading_value(const Reading *reading, size_t record, size_t column)
{
  Pane *pane = pane_of(reading, record);
  if (pane->values[column] == unread)
    pane->values[column] = read_value(pane, reading->window->reading, column, true);
  return pane->values[column];
}

// ---------------------------------------------------------------------------------------------
// What is kept of all.

size_t reading_n_records(const Reading *reading)
{
  return reading->records->len;
}

const Record *reading_record(const Reading *reading, size_t record)
{
  const Mark *mark = reading_mark(reading, record);
  const GArray *kinds = reading->layout->kinds;
  Record *view = &reading->window->views[reading->window->n_views++ % WINDOWS];
  *view = (Record){.line = mark->line,
                   .bad = mark->bad,
                   .repeat = mark->repeat,
                   .kind = mark->kind < kinds->len ? &g_array_index(kinds, OrderKind, mark->kind)
                                                   : NULL,
                   .date = mark->date};
  return view;
}

bool reading_has(const Reading *reading, WordId word)
{
  int slot = reading->layout->slots[word];
  return slot >= 0 && g_array_index(reading->places, int, slot) >= 0;
}

const char *reading_word(const Reading *reading, size_t record, WordId word)
{
  int slot = reading->layout->slots[word];
  const char *value = slot < 0 ? NULL : reading_value(reading, record, (size_t)slot);
  return value ? value : "";
}

const char *reading_keep(const Reading *reading, size_t record, WordId word)
{
  return g_string_chunk_insert_const(reading->text, reading_word(reading, record, word));
}

// ---------------------------------------------------------------------------------------------
// Findings.

void reading_reject(Reading *reading, const Finding *finding, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Finding at = *finding;
  at.level = FINDING_ERROR;
  if (!at.file)
    at.file = reading->file;
  // The file may hold My Numbers: no value leaves it that could be one.
  if (at.value && mynumber_within(at.value))
    at.value = NULL;
  if (at.subject && mynumber_within(at.subject))
    at.subject = NULL;
  findings_add(reading->findings, &at, "%s", text);
  reading->rejected = true;
}

static const char *subject_of(const Reading *reading, size_t record)
{
  const char *number = reading_word(reading, record, layout_subject(reading->layout));
  return *number && !mynumber_within(number) ? number : NULL;
}

void reading_note(Reading *reading, size_t record, WordId word, const Finding *finding,
                  const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  const SheetRow *row = reading_row(reading, record);
  int slot = word == WORD_NONE ? -1 : reading->layout->slots[word];
  int column = slot < 0 ? -1 : g_array_index(reading->places, int, slot);
  Finding at = *finding;
  at.file = reading->file;
  at.line = row->line;
  at.subject = subject_of(reading, record);
  if (column >= 0) {
    at.line = row_cell_line(row, (size_t)column);
    at.column = column + 1;
    at.field = layout_column(reading->layout, (size_t)slot)->header;
    if (!at.value)
      at.value = row_cell(row, (size_t)column);
  }
  if (at.value && mynumber_within(at.value))
    at.value = NULL;
  findings_add(reading->held ? reading->held : reading->findings, &at, "%s", text);
  if (at.level == FINDING_ERROR)
    reading_mark(reading, record)->bad = true;
}
