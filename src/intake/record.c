// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rows of theirs to records of ours: headers to columns, cells to values.
#include "intake_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// The header.

static int find_column(const Layout *layout, const char *header)
{
  for (size_t i = 0; i < layout->columns->len; i++)
    if (g_str_equal(layout_column(layout, i)->header, header))
      return (int)i;
  return -1;
}

// A first row that is no header holds data: what could be a My Number is not shown.
static const char *shown_header(const char *header)
{
  g_autoptr(GString) digits = g_string_new(NULL);
  text_digits(header, digits);
  return digits->len >= 12 ? NULL : header;
}

static const char *trimmed(const Reading *reading, const char *cell)
{
  const char *end = cell + strlen(cell), *before;
  while (*cell && g_unichar_isspace(g_utf8_get_char(cell)))
    cell = g_utf8_next_char(cell);
  while (end > cell && (before = g_utf8_find_prev_char(cell, end)) &&
         g_unichar_isspace(g_utf8_get_char(before)))
    end = before;
  return *end ? g_string_chunk_insert_len(reading->text, cell, end - cell) : cell;
}

static void bind_header(Reading *reading, size_t column, const char *header)
{
  Finding at = {.code = "header-unknown",
                .line = 1,
                .column = (int64_t)column + 1,
                .field = shown_header(header),
                .value = NULL};
  int slot = find_column(reading->layout, header);
  if (slot < 0) {
    reading_reject(reading, &at,
                   _("the layout “%s” knows no column with this header; add it under columns: or "
                     "ignore:, or use the file's own layout"),
                   reading->layout->name);
    return;
  }
  int *place = &g_array_index(reading->places, int, slot);
  at.code = "header-twice";
  if (*place >= 0)
    reading_reject(reading, &at, _("column %d has this header already"), *place + 1);
  *place = (int)column;
}

void record_bind(Reading *reading)
{
  const Layout *layout = reading->layout;
  reading->n_columns = sheet_row(reading->sheet, 0)->n_cells;
  for (size_t i = 0; i < layout->columns->len; i++)
    g_array_append_vals(reading->places, &(int){-1}, 1);
  for (size_t column = 0; column < reading->n_columns; column++) {
    const char *header = sheet_cell(reading->sheet, 0, column);
    bind_header(reading, column, layout->trim ? trimmed(reading, header) : header);
  }
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    if (g_array_index(reading->places, int, i) < 0 && !column->optional)
      reading_reject(reading,
                     &(Finding){.code = "header-missing", .line = 1, .field = column->header},
                     _("the file has no column with this header"));
  }
}

// ---------------------------------------------------------------------------------------------
// One cell.

typedef struct Cell {
  Reading *reading;
  size_t record;
  const Column *column;
  int place;  // column of the file
  const char *raw;
} Cell;

static void cell_fault(const Cell *cell, const char *code, const char *value, const char *text)
{
  Reading *reading = cell->reading;
  Record *record = reading_record_mut(reading, cell->record);
  Finding at = {FINDING_ERROR,
                code,
                reading->file,
                sheet_cell_line(reading->sheet, record->row, (size_t)cell->place),
                cell->place + 1,
                cell->column->header,
                NULL,
                value && mynumber_within(value) ? NULL : value,
                NULL};
  WordId key = reading->layout->kind == LAYOUT_UNITS ? WORD_CODE : WORD_NUMBER;
  int slot = reading->layout->slots[key],
      place = slot < 0 ? -1 : g_array_index(reading->places, int, slot);
  if (place >= 0)
    at.subject = sheet_cell(reading->sheet, record->row, (size_t)place);
  if (at.subject && mynumber_within(at.subject))
    at.subject = NULL;
  findings_add(reading->findings, &at, "%s", text);
  record->bad = true;
  if (cell->column->word == key)
    reading->number_unread = true;
}

static const char *replace_gaiji(const Cell *cell, const char *text)
{
  const Gaiji *gaiji = cell->reading->options->gaiji;
  g_autoptr(GString) out = g_string_new(NULL);
  for (const char *at = text; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    const char *known = gaiji_find(gaiji, c);
    if (known) {
      g_string_append(out, known);
    } else if (gaiji_is(c)) {
      g_autofree char *value = g_strdup_printf("U+%04X (CP932 %04X)", c, gaiji_cp932(c));
      cell_fault(cell, "gaiji-unknown", value,
                 _("a character of the site's own that its table does not know; add a row to the "
                   "table of gaiji"));
      return NULL;
    } else {
      g_string_append_unichar(out, c);
    }
  }
  return g_string_chunk_insert_len(cell->reading->text, out->str, (gssize)out->len);
}

static const char *look_up_code(const Cell *cell, const char *text)
{
  const GArray *codes = cell->column->codes;
  for (size_t i = 0; i < codes->len; i++)
    if (g_str_equal(g_array_index(codes, Code, i).theirs, text))
      return g_array_index(codes, Code, i).ours;
  if (*text == '\0')
    return text;
  cell_fault(cell, "code-unknown", text,
             _("the layout knows no such code for this column; add it under codes:, or have the "
               "row corrected"));
  return NULL;
}

static const char *read_date(const Cell *cell, const char *text)
{
  Date date;
  DateFault fault = date_parse(text, &cell->column->forms, &date);
  if (fault == DATE_FINE) {
    g_autoptr(GString) out = g_string_new(NULL);
    date_format(date, out);
    return g_string_chunk_insert_const(cell->reading->text, out->str);
  }
  const char *hint = damage_hint(text, TYPE_CODE);
  cell_fault(cell, "date", text, hint ? hint : date_fault_text(fault));
  return NULL;
}

static const char *read_choice(const Cell *cell, const char *text)
{
  const char *choices = words[cell->column->word].choices;
  size_t n = strlen(text);
  for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
    if (strncmp(at, text, n) == 0 && (at[n] == '|' || at[n] == '\0'))
      return text;
  g_autofree char *reason =
      g_strdup_printf(_("%s is wanted; the layout can translate under codes:"), choices);
  cell_fault(cell, "code-unknown", text, reason);
  return NULL;
}

static const char *read_code(const Cell *cell, const char *text)
{
  size_t n = strlen(text);
  if (n && (g_unichar_isspace(g_utf8_get_char(text)) ||
            g_unichar_isspace(g_utf8_get_char(g_utf8_prev_char(text + n))))) {
    cell_fault(cell, "padded", text,
               _("spaces around a code; if the file pads its cells, say trim: true in the layout"));
    return NULL;
  }
  size_t digits = (size_t)cell->column->digits;
  size_t n_digits = strspn(text, "0123456789");
  if (digits == 0 || (n == digits && n_digits == n))
    return text;
  cell_fault(
      cell, "digits", text,
      n_digits == n && n < digits
          ? _("too few digits: a spreadsheet has taken the zeros from its beginning; ask for "
              "the file as HR's system wrote it")
          : _("not the number of digits that the layout asks for"));
  return NULL;
}

// 7:00, 07:00, 0700; 24:00 is the end of the day.
static const char *read_time(const Cell *cell, const char *text)
{
  g_autoptr(GString) digits = g_string_new(NULL);
  size_t n = strlen(text);
  text_digits(text, digits);
  gint64 number = -1;
  if (digits->len >= 3 && digits->len <= 4)
    g_ascii_string_to_signed(digits->str, 10, 0, 2400, &number, NULL);
  bool plain = n == digits->len || (n == digits->len + 1 && strchr(text, ':'));
  if (plain && number >= 0 && number % 100 < 60) {
    g_autofree char *time = g_strdup_printf("%02d:%02d", (int)number / 100, (int)number % 100);
    return g_string_chunk_insert_const(cell->reading->text, time);
  }
  cell_fault(cell, "time", text, _("a time of day is wanted, as 07:00"));
  return NULL;
}

static const char *read_typed(const Cell *cell, const char *text)
{
  WordType type = column_type(cell->column);
  const char *hint = type == TYPE_DATE ? NULL : damage_hint(text, type);
  if (hint) {
    cell_fault(cell, "spreadsheet", text, hint);
    return NULL;
  }
  if (type == TYPE_DATE)
    return read_date(cell, text);
  if (type == TYPE_TIME)
    return read_time(cell, text);
  if (type == TYPE_CHOICE)
    return read_choice(cell, text);
  return type == TYPE_CODE || cell->column->digits ? read_code(cell, text) : text;
}

static bool must_be_filled(const Cell *cell)
{
  WordId word = cell->column->word;
  return word != WORD_NONE && words[word].filled & IN_KIND(cell->reading->layout->kind);
}

// The value of a cell in our terms; NULL when it became a finding.
static const char *read_cell(const Cell *cell)
{
  const char *text = cell->raw;
  if (cell->reading->layout->trim)
    text = trimmed(cell->reading, text);
  // All gaiji begin with this byte in UTF-8.
  if (strchr(text, '\xee') && !(text = replace_gaiji(cell, text)))
    return NULL;
  if (text_has_control(text)) {
    cell_fault(cell, "control", text,
               strpbrk(text, "\r\n") ? _("a line break within a cell; have it corrected")
                                     : _("a control character, or one that turns the direction of "
                                         "writing; have it corrected"));
    return NULL;
  }
  if (cell->column->codes && !(text = look_up_code(cell, text)))
    return NULL;
  if (*text)
    return cell->column->codes ? text : read_typed(cell, text);
  if (!must_be_filled(cell))
    return text;
  cell_fault(cell, "empty-cell", NULL, _("this cell may not be empty"));
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// One row.

static void read_order(Reading *reading, size_t record)
{
  const Layout *layout = reading->layout;
  Record *order = reading_record_mut(reading, record);
  const char *code = reading_word(reading, record, WORD_ORDER_KIND);
  order->date = DATE_NONE;
  if (order->bad || !date_parse_iso(reading_word(reading, record, WORD_ORDER_DATE), &order->date))
    return;
  order->kind = layout_order_kind(layout, code);
  if (!order->kind) {
    reading_note(reading, record, WORD_ORDER_KIND,
                 &(Finding){.level = FINDING_ERROR, .code = "order-kind"},
                 _("the layout knows no such kind of order; add it under kinds:"));
    return;
  }
  for (WordId word = 0; word < N_WORDS; word++)
    if (order->kind->needs & BIT_OF(word) && *reading_word(reading, record, word) == '\0')
      reading_note(reading, record, word, &(Finding){.level = FINDING_ERROR, .code = "empty-cell"},
                   _("this cell may not be empty in an order of kind %s"),
                   act_traits[order->kind->act].name);
}

static void read_record(Reading *reading, size_t row)
{
  const Layout *layout = reading->layout;
  size_t record = reading->records->len;
  g_array_append_vals(reading->records, &(Record){.row = row, .date = DATE_NONE}, 1);
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    int place = g_array_index(reading->places, int, i);
    const char *value = NULL;
    if (place >= 0 && !column->ignored) {
      Cell cell = {reading, record, column, place, sheet_cell(reading->sheet, row, (size_t)place)};
      value = read_cell(&cell);
    }
    g_ptr_array_add(reading->values, (void *)value);
  }
  if (layout->kind == LAYOUT_ORDERS)
    read_order(reading, record);
}

void record_read_all(Reading *reading)
{
  for (size_t row = 1; row < sheet_n_rows(reading->sheet); row++)
    read_record(reading, row);
}

// ---------------------------------------------------------------------------------------------
// The file's own date.

static void declare_by_name(Reading *reading)
{
  const Layout *layout = reading->layout;
  Finding at = {.code = "file-date", .value = reading->file};
  size_t n = strlen(reading->file), n_before = strlen(layout->name_before);
  size_t n_after = strlen(layout->name_after);
  if (n <= n_before + n_after || !g_str_has_prefix(reading->file, layout->name_before) ||
      !g_str_has_suffix(reading->file, layout->name_after)) {
    reading_reject(reading, &at, _("the name should be %s{date}%s"), layout->name_before,
                   layout->name_after);
    return;
  }
  g_autofree char *text = g_strndup(reading->file + n_before, n - n_before - n_after);
  DateFault fault = date_parse(text, &layout->forms, &reading->receipt->declared);
  if (fault != DATE_FINE)
    reading_reject(reading, &at, _("the date in the name of the file: %s"), date_fault_text(fault));
}

static void declare_by_column(Reading *reading)
{
  const char *first = NULL;
  size_t first_record = 0;
  for (size_t i = 0; i < reading->records->len; i++) {
    const char *date = reading_word(reading, i, WORD_FILE_DATE);
    if (*date && first && !g_str_equal(first, date)) {
      reading_note(reading, i, WORD_FILE_DATE,
                   &(Finding){.level = FINDING_ERROR, .code = "file-date"},
                   _("the file's own date must be the same in all rows; line %" G_GINT64_FORMAT
                     " has another one"),
                   sheet_row(reading->sheet, reading_record(reading, first_record)->row)->line);
      reading->rejected = true;
      return;
    }
    if (*date && !first) {
      first = date;
      first_record = i;
    }
  }
  if (first)
    date_parse_iso(first, &reading->receipt->declared);
  else
    reading_reject(reading, &(Finding){.code = "file-date"}, _("no row tells the file's own date"));
}

void record_declare(Reading *reading)
{
  static void (*const by[])(Reading *) = {
      [DATED_NEVER] = NULL,
      [DATED_BY_COLUMN] = declare_by_column,
      [DATED_BY_NAME] = declare_by_name,
  };
  if (by[reading->layout->dated])
    by[reading->layout->dated](reading);
}
