// SPDX-License-Identifier: GPL-3.0-or-later
//
// The findings of a file as a table for HR: each with its place and reason, and the whole row as it came, in
// the encoding and with the separator of the layout. Corrected there, it can come back as it is.
#include "intake_p.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

static const char *const heads[RETURN_COLUMNS] = {"行", "列",   "項目", "職員番号",
                                                  "値", "程度", "理由", "コード"};
static const char *const levels[] = {
    [FINDING_NOTE] = "参考", [FINDING_WARNING] = "注意", [FINDING_ERROR] = "誤り"};

// In place of what looks like a My Number.
#define HIDDEN "（個人番号の疑いがあるため省略）"

bool returns_is_header(const SheetRow *row)
{
  if (row->n_cells <= RETURN_COLUMNS)
    return false;
  for (size_t i = 0; i < RETURN_COLUMNS; i++)
    if (!g_str_equal(row_cell(row, i), heads[i]))
      return false;
  return true;
}

const char *returns_unguard(const char *cell)
{
  return cell[0] == '\'' && cell[1] && strchr("=+-@\t\r", cell[1]) ? cell + 1 : cell;
}

// ---------------------------------------------------------------------------------------------
// Encoding.

static const char *const names[N_ENCODINGS] = {[ENCODING_UTF8] = "UTF-8",
                                               [ENCODING_CP932] = "CP932",
                                               [ENCODING_UTF16LE] = "UTF-16LE",
                                               [ENCODING_EUCJP] = "EUC-JP-MS"};

// Room for a character's braces in any encoding.
enum { ENCODED_MAX = 64 };

static bool encode(iconv_t encoder, const char *text, size_t n_bytes, GString *out)
{
  char room[ENCODED_MAX], *in = (char *)text, *to = room;  // iconv does not write to `in`
  size_t in_left = n_bytes, out_left = sizeof room;
  bool done = iconv(encoder, &in, &in_left, &to, &out_left) != (size_t)-1;
  if (done)
    g_string_append_len(out, room, (gssize)(sizeof room - out_left));
  return done;
}

// Never a “?”: a character that the encoding lacks is written as {U+9089}.
static void encode_all(const GString *text, Encoding encoding, GString *out)
{
  iconv_t encoder = iconv_open(names[encoding], "UTF-8");
  if (encoder == (iconv_t)-1)
    g_error("iconv: %s: %s", names[encoding], g_strerror(errno));
  for (const char *at = text->str, *next; *at; at = next) {
    next = g_utf8_next_char(at);
    if (encode(encoder, at, (size_t)(next - at), out))
      continue;
    g_autofree char *braces = g_strdup_printf("{U+%04X}", g_utf8_get_char(at));
    iconv(encoder, NULL, NULL, NULL, NULL);
    encode(encoder, braces, strlen(braces), out);
  }
  iconv_close(encoder);
}

// ---------------------------------------------------------------------------------------------
// Rows.

typedef struct Table {
  Reading *reading;
  GString *text;
  bool shows_rows;    // the columns of the file are known and may be shown
  GHashTable *shown;  // records
} Table;

static void put(const Table *table, const char *cell, bool first)
{
  char separator = table->reading->layout->separator;
  g_autoptr(GString) escaped = g_string_new(NULL);
  if (!first)
    g_string_append_c(table->text, separator);
  escape_text(escaped, cell && mynumber_within(cell) ? HIDDEN : cell, ESCAPE_CSV);
  // The escaper quotes what a comma parts.
  if (separator == '\t' && escaped->str[0] != '"' && strchr(escaped->str, '\t')) {
    g_string_prepend_c(escaped, '"');
    g_string_append_c(escaped, '"');
  }
  g_string_append(table->text, escaped->str);
}

static void put_number(const Table *table, int64_t number, bool first)
{
  g_autofree char *text = number > 0 ? g_strdup_printf("%" G_GINT64_FORMAT, number) : g_strdup("");
  put(table, text, first);
}

static void put_row(const Table *table, const SheetRow *row)
{
  size_t begin = table->reading->returned ? RETURN_COLUMNS : 0;
  size_t n_wanted = table->reading->header->n_cells;
  for (size_t i = begin; i < MAX(n_wanted, row ? row->n_cells : 0); i++)
    put(table, row && i < row->n_cells ? row_cell(row, i) : "", false);
}

// The record that covers the line; NO_RECORD if none does.
static size_t record_at(const Reading *reading, int64_t line)
{
  size_t low = 0, high = reading->records->len;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (reading_mark(reading, middle)->line <= line)
      low = middle + 1;
    else
      high = middle;
  }
  return low ? low - 1 : NO_RECORD;
}

// Of the cover note, or of the file in which an order came that is wrong now.
static bool is_elsewhere(const Table *table, const Finding *finding)
{
  return finding->file && !g_str_equal(finding->file, table->reading->file);
}

// A row with several findings comes once, so that it is corrected once.
static const SheetRow *row_of(const Table *table, const Finding *finding)
{
  Reading *reading = table->reading;
  if (!table->shows_rows || is_elsewhere(table, finding) || finding->line <= reading->header->line)
    return NULL;
  size_t record = record_at(reading, finding->line);
  bool first = record != NO_RECORD && g_hash_table_add(table->shown, GSIZE_TO_POINTER(record + 1));
  return first ? reading_row(reading, record) : NULL;
}

static char *reason_of(const Table *table, const Finding *finding)
{
  if (!is_elsewhere(table, finding))
    return g_strdup(finding->text);
  return finding->line ? g_strdup_printf("%s:%" G_GINT64_FORMAT ": %s", finding->file,
                                         finding->line, finding->text)
                       : g_strdup_printf("%s: %s", finding->file, finding->text);
}

static void put_finding(const Table *table, const Finding *finding)
{
  bool here = !is_elsewhere(table, finding);
  g_autofree char *reason = reason_of(table, finding);
  put_number(table, here ? finding->line : 0, true);
  put_number(table, here ? finding->column : 0, false);
  put(table, finding->field, false);
  put(table, finding->subject, false);
  put(table, finding->value, false);
  put(table, levels[finding->level], false);
  put(table, reason, false);
  put(table, finding->code, false);
  if (table->shows_rows)
    put_row(table, row_of(table, finding));
  g_string_append(table->text, "\r\n");
}

static void put_head(const Table *table)
{
  for (size_t i = 0; i < RETURN_COLUMNS; i++)
    put(table, heads[i], i == 0);
  if (table->shows_rows)
    put_row(table, table->reading->header);
  g_string_append(table->text, "\r\n");
}

static int by_place(const void *a, const void *b)
{
  const Finding *left = *(const Finding *const *)a, *right = *(const Finding *const *)b;
  if (left->line != right->line)
    return left->line < right->line ? -1 : 1;
  return (left->column > right->column) - (left->column < right->column);
}

// Those of this file by place; what is said of no row first.
static GPtrArray *collect(const Reading *reading, bool *my_numbers)
{
  GPtrArray *list = g_ptr_array_new();
  for (size_t i = reading->n_before; i < findings_count(reading->findings); i++) {
    const Finding *finding = findings_at(reading->findings, i);
    *my_numbers = *my_numbers || g_str_equal(finding->code, "my-number");
    g_ptr_array_add(list, (void *)finding);
  }
  g_ptr_array_sort(list, by_place);
  return list;
}

void returns_write(Reading *reading, GString *out)
{
  bool my_numbers = false;
  g_autoptr(GPtrArray) list = collect(reading, &my_numbers);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GHashTable) shown = g_hash_table_new(NULL, NULL);
  if (list->len == 0)
    return;
  Encoding encoding = reading->layout->encoding;
  Table table = {reading, text, reading->bound && !my_numbers, shown};
  // The mark by which Excel knows Unicode.
  if (encoding == ENCODING_UTF8 || encoding == ENCODING_UTF16LE)
    g_string_append(text, "\xef\xbb\xbf");
  put_head(&table);
  for (size_t i = 0; i < list->len; i++)
    put_finding(&table, list->pdata[i]);
  encode_all(text, encoding, out);
}
