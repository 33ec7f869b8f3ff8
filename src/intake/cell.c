// SPDX-License-Identifier: GPL-3.0-or-later
//
// One cell of theirs to a value of ours.
#include "intake_p.h"

#include <string.h>

// Values that many rows have: dates and codes are looked up here by the cell before they are worked out.
enum { MEMO_SLOTS = 1 << 15, MEMO_BYTES = 24 };

typedef struct MemoSlot {
  char cell[MEMO_BYTES];  // "" = unused
  const char *value;
} MemoSlot;

struct Memo {
  MemoSlot slots[MEMO_SLOTS];
};

void cell_free_memos(GPtrArray *memos)
{
  for (size_t i = 0; i < memos->len; i++)
    g_free(memos->pdata[i]);
  g_ptr_array_unref(memos);
}

static Memo *memo_of(const Cell *cell)
{
  GPtrArray *memos = cell->reading->memos;
  if (!memos->pdata[cell->slot])
    memos->pdata[cell->slot] = g_new0(Memo, 1);
  return memos->pdata[cell->slot];
}

// NULL for a text that is none of many.
static MemoSlot *memo_slot(const Cell *cell, const char *text)
{
  uint32_t hash = 5381;
  size_t n = 0;
  for (; text[n] && n < MEMO_BYTES; n++)
    hash = hash * 33 + (unsigned char)text[n];
  if (n == 0 || n == MEMO_BYTES)
    return NULL;
  return &memo_of(cell)->slots[(hash ^ hash >> 13) % MEMO_SLOTS];
}

// ---------------------------------------------------------------------------------------------

static void cell_fault(const Cell *cell, const char *code, const char *value, const char *text)
{
  Reading *reading = cell->reading;
  if (cell->quiet)
    return;
  Finding at = {.level = FINDING_ERROR,
                .code = code,
                .file = reading->file,
                .line = row_cell_line(cell->row, (size_t)cell->place),
                .column = (int64_t)(size_t)cell->place + 1,
                .field = cell->column->header,
                .value = value && mynumber_within(value) ? NULL : value};
  WordId key = layout_subject(reading->layout);
  int slot = reading->layout->slots[key],
      place = slot < 0 ? -1 : g_array_index(reading->places, int, slot);
  if (place >= 0)
    at.subject = row_cell(cell->row, (size_t)place);
  if (at.subject && mynumber_within(at.subject))
    at.subject = NULL;
  findings_add(reading->held ? reading->held : reading->findings, &at, "%s", text);
  reading_mark(reading, cell->record)->bad = true;
  if (cell->column->word == key)
    reading->number_unread = true;
}

const char *cell_bare(const char *cell, size_t *n_bytes)
{
  const char *end = cell + strlen(cell), *before;
  while (*cell && g_unichar_isspace(g_utf8_get_char(cell)))
    cell = g_utf8_next_char(cell);
  while (end > cell && (before = g_utf8_find_prev_char(cell, end)) &&
         g_unichar_isspace(g_utf8_get_char(before)))
    end = before;
  *n_bytes = (size_t)(end - cell);
  return cell;
}

const char *cell_trim(GStringChunk *text, const char *cell)
{
  size_t n_bytes;
  const char *bare = cell_bare(cell, &n_bytes);
  return bare[n_bytes] ? g_string_chunk_insert_len(text, bare, (gssize)n_bytes) : bare;
}

static void unknown_gaiji(const Cell *cell, gunichar c)
{
  bool eucjp = cell->reading->layout->encoding == ENCODING_EUCJP;
  g_autofree char *value = g_strdup_printf("U+%04X (%s %04X)", c, eucjp ? "EUC-JP" : "CP932",
                                           eucjp ? gaiji_eucjp(c) : gaiji_cp932(c));
  cell_fault(cell, "gaiji-unknown", value,
             _("a character of the site's own that its table does not know; add a row to the "
               "table of gaiji"));
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
      unknown_gaiji(cell, c);
      return NULL;
    } else {
      g_string_append_unichar(out, c);
    }
  }
  return g_string_chunk_insert_len(cell->text, out->str, (gssize)out->len);
}

// Any number of line breaks, with the spaces around them, to one space.
static const char *break_to_space(const Cell *cell, const char *text)
{
  g_autoptr(GString) out = g_string_new(NULL);
  for (const char *at = text; *at;) {
    size_t n = strcspn(at, "\r\n");
    g_string_append_len(out, at, (gssize)n);
    at += n;
    if (*at)
      g_string_append_c(out, ' ');
    at += strspn(at, "\r\n");
  }
  // Excel leaves breaks at the ends, where nobody sees them.
  g_strstrip(out->str);
  return g_string_chunk_insert(cell->text, out->str);
}

// Characters of which a cell may be cleared; NULL when it became a finding.
static const char *make_plain(const Cell *cell, const char *text)
{
  // All gaiji begin with this byte in UTF-8.
  if (strchr(text, '\xee') && !(text = replace_gaiji(cell, text)))
    return NULL;
  bool broken = strpbrk(text, "\r\n");
  if (broken && cell->reading->layout->breaks_as_space) {
    text = break_to_space(cell, text);
    broken = false;
  }
  if (!broken && !text_has_control(text))
    return text;
  cell_fault(cell, "control", text,
             broken
                 ? _("a line break within a cell; have it corrected, or write line_breaks: space "
                     "in the layout")
                 : _("a control character, or one that turns the direction of writing; have it "
                     "corrected"));
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// By type.

static const char *look_up_code(const Cell *cell, const char *text)
{
  const GArray *codes = cell->column->codes;
  for (size_t i = 0; i < codes->len; i++)
    if (g_str_equal(g_array_index(codes, Code, i).theirs, text))
      return g_array_index(codes, Code, i).ours;
  if (*text == '\0')
    return text;
  const char *hint = damage_hint(text, TYPE_CODE);
  cell_fault(cell, hint ? "spreadsheet" : "code-unknown", text,
             hint ? hint
                  : _("the layout knows no such code for this column; add it under codes:, or have "
                      "the row corrected"));
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
    return g_string_chunk_insert(cell->text, time);
  }
  cell_fault(cell, "time", text, _("a time of day is wanted, as 07:00"));
  return NULL;
}

static const char *restore_zeros(const Cell *cell, const char *text, size_t n_digits)
{
  Tally *tally = &g_array_index(cell->reading->tallies, Tally, (size_t)cell->place);
  if (!cell->quiet && tally->n_restored++ == 0)
    tally->restored_line = cell->row->line;
  g_autofree char *whole = g_strdup_printf("%0*d%s", cell->column->digits - (int)n_digits, 0, text);
  return g_string_chunk_insert(cell->text, whole);
}

static bool is_padded(const char *text, size_t n)
{
  if (n == 0 || (g_ascii_isgraph(text[0]) && g_ascii_isgraph(text[n - 1])))
    return false;
  return (g_unichar_isspace(g_utf8_get_char(text)) ||
          g_unichar_isspace(g_utf8_get_char(g_utf8_prev_char(text + n))));
}

static const char *read_code(const Cell *cell, const char *text)
{
  const Column *column = cell->column;
  size_t n = strlen(text);
  if (is_padded(text, n)) {
    cell_fault(cell, "padded", text,
               _("spaces around a code; if the file pads its cells, say trim: true in the layout"));
    return NULL;
  }
  // PARENT/NAME in place of a code.
  if (column->provisional && strchr(text, '/'))
    return text;
  size_t digits = (size_t)column->digits, n_digits = damage_digits(text);
  if (digits == 0 || (n == digits && n_digits == n))
    return text;
  bool lost = n_digits == n && n < digits;
  if (lost && column->restore)
    return restore_zeros(cell, text, n);
  cell_fault(
      cell, "digits", text,
      lost ? _("too few digits: a spreadsheet has taken the zeros from its beginning; ask for "
               "the file as HR's system wrote it, or write restore_zeros: true at the column "
               "in the layout")
           : _("not the number of digits that the layout asks for"));
  return NULL;
}

static const char *read_typed(const Cell *cell, const char *text)
{
  const Column *column = cell->column;
  WordType type = column_type(column);
  if (column->digits && type == TYPE_TEXT)
    type = TYPE_CODE;
  if (type == TYPE_DATE)
    return read_date(cell, text);
  const char *hint = damage_hint(text, type);
  if (hint) {
    cell_fault(cell, "spreadsheet", text, hint);
    return NULL;
  }
  if (type == TYPE_TIME)
    return read_time(cell, text);
  if (type == TYPE_CHOICE)
    return read_choice(cell, text);
  return type == TYPE_CODE || column->digits ? read_code(cell, text) : text;
}

// The columns whose values are few.
static bool is_remembered(const Column *column)
{
  return column->codes || column_type(column) == TYPE_DATE;
}

// strcmp is made for longer ones.
static bool same_short(const char *a, const char *b)
{
  while (*a && *a == *b)
    a++, b++;
  return *a == *b;
}

static const char *read_remembered(const Cell *cell, const char *text)
{
  MemoSlot *slot = memo_slot(cell, text);
  if (slot && same_short(slot->cell, text))
    return slot->value;
  const char *value = cell->column->codes ? look_up_code(cell, text) : read_typed(cell, text);
  if (slot && value) {
    g_strlcpy(slot->cell, text, sizeof slot->cell);
    slot->value = value;
  }
  return value;
}

static bool must_be_filled(const Cell *cell)
{
  WordId word = cell->column->word;
  const Layout *layout = cell->reading->layout;
  if (word == WORD_CODE && cell->column->provisional)
    return false;
  return word != WORD_NONE &&
         (words[word].filled & IN_KIND(layout->kind) || layout->needs & BIT_OF(word));
}

// Two sources may number their units alike: one of them gets a prefix.
static const char *prefixed(const Cell *cell, const char *value)
{
  static const uint64_t units = BIT_OF(WORD_UNIT) | BIT_OF(WORD_CODE) | BIT_OF(WORD_PARENT) |
                                BIT_OF(WORD_OLD_CODE) | BIT_OF(WORD_NEW_CODE) |
                                BIT_OF(WORD_NEW_PARENT);
  const char *prefix = cell->reading->layout->unit_prefix;
  WordId word = cell->column->word;
  if (!value || !*value || !*prefix || word == WORD_NONE || !(units & BIT_OF(word)))
    return value;
  g_autofree char *whole = g_strconcat(prefix, value, NULL);
  return g_string_chunk_insert(cell->text, whole);
}

static const char *read_plain(const Cell *cell)
{
  const Column *column = cell->column;
  const char *text = row_cell(cell->row, (size_t)cell->place);
  if (cell->reading->returned)
    text = returns_unguard(text);
  if (cell->reading->layout->trim)
    text = cell_trim(cell->text, text);
  if (cell->row->odd && !(text = make_plain(cell, text)))
    return NULL;
  bool remembered = is_remembered(column) && (*text || column->codes);
  if (remembered && !(text = read_remembered(cell, text)))
    return NULL;
  if (*text)
    return remembered ? text : read_typed(cell, text);
  if (!must_be_filled(cell))
    return text;
  cell_fault(cell, "empty-cell", NULL, _("this cell may not be empty"));
  return NULL;
}

const char *cell_read(const Cell *cell)
{
  return prefixed(cell, read_plain(cell));
}
