// SPDX-License-Identifier: GPL-3.0-or-later
//
// Bytes to rows where nobody said how: every encoding and separator is tried, and the one in which most
// words of a header line are known is taken.
#include "intake_p.h"

#include <csv.h>
#include <string.h>

enum { HEADER_WITHIN = 20, HEADER_LEAST = 2, CELL_BLOCK_BYTES = 1 << 12 };
#define DOS_END '\x1a'

// ---------------------------------------------------------------------------------------------
// Rows. Nothing here complains: what is wrong with a file, intake says.

typedef struct Cutter {
  GString *cells;  // each terminated
  GArray *starts;  // size_t
  GPtrArray *out;  // what a row shows
  GuessRow row;
  GuessRowFunc func;
  void *data;
  bool ended, stopped;
} Cutter;

static int no_space(unsigned char c)
{
  (void)c;
  return 0;
}

static void end_cell(void *bytes, size_t n_bytes, void *data)
{
  Cutter *cutter = data;
  g_array_append_val(cutter->starts, cutter->cells->len);
  g_string_append_len(cutter->cells, bytes, (gssize)n_bytes);
  g_string_append_c(cutter->cells, '\0');
}

static void end_row(int terminator, void *data)
{
  (void)terminator;
  ((Cutter *)data)->ended = true;
}

static void give_row(Cutter *cutter)
{
  bool empty = true;
  g_ptr_array_set_size(cutter->out, 0);
  for (size_t i = 0; i < cutter->starts->len; i++) {
    char *cell = cutter->cells->str + g_array_index(cutter->starts, size_t, i);
    empty = empty && *cell == '\0';
    g_ptr_array_add(cutter->out, cell);
  }
  if (!empty && !cutter->stopped)
    cutter->stopped = !cutter->func(&cutter->row, cutter->data);
  g_string_truncate(cutter->cells, 0);
  g_array_set_size(cutter->starts, 0);
  cutter->ended = false;
}

static void feed(Cutter *cutter, struct csv_parser *parser, const GString *text)
{
  int64_t line = 1;
  for (size_t at = 0; at < text->len && !cutter->stopped; line++) {
    const char *from = text->str + at;
    size_t n = strcspn(from, "\r\n");
    n += from[n] == '\r' && from[n + 1] == '\n' ? 2 : from[n] != '\0';
    if (csv_parse(parser, from, n, end_cell, end_row, cutter) != n)
      return;
    if (cutter->ended) {
      give_row(cutter);
      cutter->row.line = line + 1;
    } else if (cutter->starts->len == 0 && strspn(from, "\r\n") > 0) {
      cutter->row.line = line + 1;
    }
    at += n;
  }
  csv_fini(parser, end_cell, end_row, cutter);
  if (cutter->ended && !cutter->stopped)
    give_row(cutter);
}

void guess_rows(const GString *text, char separator, GuessRowFunc func, void *data)
{
  g_autoptr(GString) cells = g_string_new(NULL);
  g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(size_t));
  g_autoptr(GPtrArray) out = g_ptr_array_new();
  Cutter cutter = {
      .cells = cells, .starts = starts, .out = out, .row = {out, 1}, .func = func, .data = data};
  struct csv_parser parser;
  if (csv_init(&parser, CSV_APPEND_NULL) != 0)
    g_error("libcsv: cannot start");
  csv_set_space_func(&parser, no_space);
  csv_set_delim(&parser, (unsigned char)separator);
  csv_set_blk_size(&parser, CELL_BLOCK_BYTES);
  feed(&cutter, &parser, text);
  csv_free(&parser);
}

// ---------------------------------------------------------------------------------------------
// The header: the first line most of whose cells are known headers.

typedef struct Search {
  GHashTable *dictionary;
  GuessHeader *best;
  char separator;
  int n_rows;
} Search;

static bool look_for_header(const GuessRow *row, void *data)
{
  Search *search = data;
  size_t n_filled = 0, n_known = 0;
  for (size_t i = 0; i < row->cells->len; i++) {
    const char *cell = row->cells->pdata[i];
    n_filled += *cell != '\0';
    n_known += *cell != '\0' && guess_heading(search->dictionary, cell) != NULL;
  }
  bool fits = n_known >= HEADER_LEAST && 2 * n_known >= n_filled;
  if (fits && n_known > search->best->n_known)
    *search->best = (GuessHeader){search->separator, row->line, n_known};
  return !fits && ++search->n_rows < HEADER_WITHIN;
}

static GuessHeader find_header(const GString *text, GHashTable *dictionary)
{
  static const char separators[] = {',', '\t'};
  GuessHeader best = {.separator = ','};
  for (size_t i = 0; i < G_N_ELEMENTS(separators); i++) {
    Search search = {dictionary, &best, separators[i], 0};
    guess_rows(text, separators[i], look_for_header, &search);
  }
  return best;
}

// ---------------------------------------------------------------------------------------------
// The encoding. What comes first is taken when two explain the file equally well.

static const struct {
  GuessEncoding encoding;
  const char *mark;  // bytes that a file in it may begin with
} encodings[] = {
    {{"utf8", "UTF-8", true}, "\xef\xbb\xbf"},    {{"utf16le", "UTF-16LE", true}, "\xff\xfe"},
    {{"utf16be", "UTF-16BE", false}, "\xfe\xff"}, {{"cp932", "CP932", true}, NULL},
    {{"eucjp", "EUC-JP-MS", true}, NULL},
};

enum { N_TRIALS = G_N_ELEMENTS(encodings), HEAD_BYTES = 1 << 18, ZERO_PART = 50 };

typedef struct Trial {
  const GuessEncoding *encoding;
  bool fits;
  GuessHeader header;
} Trial;

typedef struct Span {
  const char *at;
  size_t n_bytes;
} Span;

static bool is_wide(const GuessEncoding *encoding)
{
  return g_str_has_prefix(encoding->name, "utf16");
}

// Two bytes a character: separators, digits and line ends have a zero byte.
static bool looks_wide(Span span)
{
  size_t n_zero = 0;
  for (size_t i = 0; i < span.n_bytes; i++)
    n_zero += span.at[i] == '\0';
  return n_zero > 0 && ZERO_PART * n_zero >= span.n_bytes;
}

// NULL when the bytes are no text in it; then *n_good of them are.
static GString *decode_as(const GuessEncoding *encoding, Span span, size_t *n_good)
{
  gsize n_text = 0, n_read = 0;
  if (!is_wide(encoding) && span.n_bytes > 0 && span.at[span.n_bytes - 1] == DOS_END)
    span.n_bytes--;
  g_autofree char *text =
      g_convert(span.at, (gssize)span.n_bytes, "UTF-8", encoding->iconv, &n_read, &n_text, NULL);
  *n_good = n_read;
  if (!text || !text_valid(text, n_text, NULL))
    return NULL;
  return g_string_new_len(text, (gssize)n_text);
}

// Whole lines only, so that no character is cut. In all encodings but UTF-16 this byte is nothing else.
static Span head_of(Span span)
{
  if (span.n_bytes <= HEAD_BYTES)
    return span;
  size_t n = HEAD_BYTES;
  bool wide = looks_wide((Span){span.at, n});
  while (n > 1 && !(wide ? span.at[n - 2] == '\n' && span.at[n - 1] == '\0' && n % 2 == 0
                         : span.at[n - 1] == '\n'))
    n--;
  return n > 1 ? (Span){span.at, n} : span;
}

static void try_one(Trial *trial, Span head, GHashTable *dictionary)
{
  size_t n_good;
  GString *text = is_wide(trial->encoding) == looks_wide(head)
                      ? decode_as(trial->encoding, head, &n_good)
                      : NULL;
  trial->fits = text != NULL;
  if (!text)
    return;
  trial->header = find_header(text, dictionary);
  g_string_free(text, TRUE);
}

// The trial in which most headers are known, but for `other`; NULL when no other fits.
static const Trial *best_trial(const Trial *trials, const Trial *other)
{
  const Trial *best = NULL;
  for (size_t i = 0; i < N_TRIALS; i++)
    if (trials[i].fits && &trials[i] != other &&
        (!best || trials[i].header.n_known > best->header.n_known))
      best = &trials[i];
  return best;
}

static void explain(const Trial *best, const Trial *second, GString *why)
{
  if (!second)
    g_string_append(why, _("sure: in no other encoding are these bytes text"));
  else if (best->header.n_known > second->header.n_known)
    g_string_append_printf(why, _("likely: so %zu headers are known, and %zu when read as %s"),
                           best->header.n_known, second->header.n_known, second->encoding->name);
  else
    g_string_append_printf(why, _("not sure: it could be %s as well"), second->encoding->name);
}

static bool is_ascii(Span span)
{
  for (size_t i = 0; i < span.n_bytes; i++)
    if ((unsigned char)span.at[i] >= 0x80 || span.at[i] == '\0')
      return false;
  return true;
}

static int64_t line_at(Span span, size_t n_bytes)
{
  int64_t line = 1;
  for (size_t i = 0; i < n_bytes; i++)
    line += span.at[i] == '\n';
  return line;
}

static const GuessEncoding *marked_by(Span span)
{
  for (size_t i = 0; i < N_TRIALS; i++) {
    const char *mark = encodings[i].mark;
    if (mark && span.n_bytes >= strlen(mark) && memcmp(span.at, mark, strlen(mark)) == 0)
      return &encodings[i].encoding;
  }
  return NULL;
}

// The encoding for all of the bytes. What the first lines fit and later ones do not is a damaged file.
static void settle(const GuessEncoding *encoding, Span span, GHashTable *dictionary, GuessText *out)
{
  size_t n_good = 0;
  out->encoding = encoding;
  out->text = decode_as(encoding, span, &n_good);
  if (out->text)
    out->header = find_header(out->text, dictionary);
  else
    out->bad_line = line_at(span, n_good);
}

static void try_all(Span span, GHashTable *dictionary, GuessText *out)
{
  Trial trials[N_TRIALS];
  Span head = head_of(span);
  for (size_t i = 0; i < N_TRIALS; i++) {
    trials[i] = (Trial){.encoding = &encodings[i].encoding};
    try_one(&trials[i], head, dictionary);
  }
  const Trial *best = best_trial(trials, NULL);
  if (!best)
    return;
  if (is_ascii(span))
    g_string_append(out->why, _("not sure: it holds nothing but ASCII"));
  else
    explain(best, best_trial(trials, best), out->why);
  settle(best->encoding, span, dictionary, out);
}

void guess_decode(GBytes *bytes, GHashTable *dictionary, GuessText *out)
{
  Span span;
  span.at = g_bytes_get_data(bytes, &span.n_bytes);
  *out = (GuessText){.why = g_string_new(NULL)};
  const GuessEncoding *marked = marked_by(span);
  if (!marked) {
    try_all(span, dictionary, out);
    return;
  }
  size_t n_mark = marked == &encodings[0].encoding ? 3 : 2;
  g_string_append_printf(out->why, _("sure: it begins with the mark of %s"), marked->name);
  settle(marked, (Span){span.at + n_mark, span.n_bytes - n_mark}, dictionary, out);
}

void guess_text_clear(GuessText *text)
{
  if (text->text)
    g_string_free(text->text, TRUE);
  if (text->why)
    g_string_free(text->why, TRUE);
  *text = (GuessText){0};
}
