// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#include <csv.h>
#include <string.h>

#define BETWEEN_ROWS 0  // a state of libcsv's parser

typedef struct Reading {
  const CellTaker *taker;
  GString *bytes;  // of the row's cells, each terminated
  GArray *begins;  // size_t: where each begins
  GPtrArray *cells;
  int64_t line;   // at hand
  int64_t first;  // of the row at hand
  bool stopped;
} Reading;

static int never(unsigned char c)
{
  (void)c;
  return 0;
}

static void end_cell(void *bytes, size_t n_bytes, void *data)
{
  Reading *reading = data;
  size_t begin = reading->bytes->len;
  g_array_append_val(reading->begins, begin);
  g_string_append_len(reading->bytes, bytes, (gssize)n_bytes);
  g_string_append_c(reading->bytes, '\0');
}

static void end_row(int terminator, void *data)
{
  Reading *reading = data;
  g_ptr_array_set_size(reading->cells, 0);
  for (size_t i = 0; i < reading->begins->len; i++)
    g_ptr_array_add(reading->cells,
                    reading->bytes->str + g_array_index(reading->begins, size_t, i));
  CellRow row = {reading->first, (const char *const *)reading->cells->pdata, reading->cells->len,
                 terminator >= 0};
  if (!reading->stopped)
    reading->stopped = !reading->taker->func(&row, reading->taker->data);
  g_string_truncate(reading->bytes, 0);
  g_array_set_size(reading->begins, 0);
}

// Line by line, since libcsv does not say where a row begins.
static bool read_lines(Reading *reading, struct csv_parser *parser, const char *text,
                       size_t n_bytes)
{
  for (size_t at = 0; at < n_bytes && !reading->stopped; reading->line++) {
    const char *end = memchr(text + at, '\n', n_bytes - at);
    size_t n = end ? (size_t)(end - text) - at + 1 : n_bytes - at;
    if (parser->pstate == BETWEEN_ROWS)
      reading->first = reading->line;
    if (csv_parse(parser, text + at, n, end_cell, end_row, reading) != n)
      return false;
    at += n;
  }
  return reading->stopped || csv_fini(parser, end_cell, end_row, reading) == 0;
}

bool cells_read(const char *text, size_t n_bytes, char separator, const CellTaker *taker,
                int64_t *line)
{
  struct csv_parser parser;
  g_autoptr(GString) bytes = g_string_new(NULL);
  g_autoptr(GArray) begins = g_array_new(false, false, sizeof(size_t));
  g_autoptr(GPtrArray) cells = g_ptr_array_new();
  Reading reading = {.taker = taker, .bytes = bytes, .begins = begins, .cells = cells, .line = 1};
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
    g_error("libcsv: cannot start");
  csv_set_delim(&parser, (unsigned char)separator);
  csv_set_space_func(&parser, never);
  bool read = read_lines(&reading, &parser, text, n_bytes);
  csv_free(&parser);
  *line = read ? 0 : reading.first;
  return read && !reading.stopped;
}
