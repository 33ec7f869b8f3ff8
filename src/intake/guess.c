// SPDX-License-Identifier: GPL-3.0-or-later
//
// A layout for a file that nobody has described: headers by a dictionary, everything else by what the
// values show. A guess says what it stands on; what it cannot tell is a gap for a person to fill.
#include "intake_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// The kind of file: the first whose fields some columns have. 兼務区分 is a role sooner than a kind of
// order, so a field that is not the first choice of its header is asked for last.

static const struct {
  const char *kind;
  LayoutKind layout;  // … or the one that has the first field
  bool any;           // a later choice of a header counts
  const char *fields[2];
} guess_kinds[] = {
    {"orders", LAYOUT_ORDERS, false, {"number", "order_kind"}},
    {"roster", LAYOUT_ROSTER, false, {"number", "name"}},
    {"reorganisation", LAYOUT_UNITS, false, {"old_code", "new_code"}},
    {"orders", LAYOUT_ORDERS, true, {"number", "order_kind"}},
    {"units", LAYOUT_UNITS, true, {"code", "unit_name"}},
};

static bool offers(const Guess *guess, const char *field, bool any)
{
  for (size_t i = 0; i < guess->columns->len; i++) {
    const Heading *heading = guess_column(guess, i)->heading;
    for (size_t k = 0; heading && k < (any ? G_N_ELEMENTS(heading->fields) : 1); k++)
      if (g_strcmp0(heading->fields[k], field) == 0)
        return true;
  }
  return false;
}

static void decide_kind(Guess *guess)
{
  for (size_t i = 0; i < G_N_ELEMENTS(guess_kinds) && !guess->kind; i++) {
    bool any = guess_kinds[i].any;
    if (!offers(guess, guess_kinds[i].fields[0], any) ||
        !offers(guess, guess_kinds[i].fields[1], any))
      continue;
    // A kind of file that this version cannot take in has no words of its own.
    WordId word = word_find(guess_kinds[i].fields[0]);
    guess->kind = guess_kinds[i].kind;
    guess->layout = guess_kinds[i].layout;
    guess->loadable = word != WORD_NONE;
    if (guess->loadable && !(words[word].kinds & IN_KIND(guess->layout)))
      guess->layout = (LayoutKind)g_bit_nth_lsf(words[word].kinds, -1);
  }
}

// ---------------------------------------------------------------------------------------------
// Columns: which is which.

static bool same_stem(const char *a, const char *b)
{
  g_autoptr(GString) x = g_string_new(NULL);
  g_autoptr(GString) y = g_string_new(NULL);
  guess_stem(a, x);
  guess_stem(b, y);
  return x->len > 0 && g_string_equal(x, y);
}

// 職名 beside 職名[＊] is the name of the title, whatever it is alone.
static const Heading *heading_of(GHashTable *dictionary, const GPtrArray *cells, size_t column)
{
  const char *header = cells->pdata[column];
  bool is_named = false;
  for (size_t i = 0; i < cells->len && !guess_is_marked(header); i++)
    is_named = is_named || (i != column && guess_is_marked(cells->pdata[i]) &&
                            same_stem(cells->pdata[i], header));
  g_autofree char *name = g_strconcat(header, "名称", NULL);
  const Heading *heading = is_named ? guess_heading(dictionary, name) : NULL;
  return heading ? heading : guess_heading(dictionary, header);
}

static void pair_names(const Guess *guess)
{
  for (size_t i = 0; i < guess->columns->len; i++) {
    GuessColumn *name = guess_column(guess, i);
    for (size_t k = 0; k < guess->columns->len; k++) {
      GuessColumn *code = guess_column(guess, k);
      bool marked = guess_is_marked(code->header) && !guess_is_marked(name->header);
      bool named = guess_is_name(name->header) && !guess_is_name(code->header);
      if (i == k || code->names >= 0 || !(marked || named) ||
          !same_stem(name->header, code->header))
        continue;
      code->names = (int)i;
      name->coded = (int)k;
    }
  }
}

static const char *header_with(const Guess *guess, WordId word)
{
  const GuessColumn *column = guess_find(guess, word);
  return column ? column->header : NULL;
}

static void give_word(const Guess *guess, GuessColumn *column)
{
  for (size_t i = 0; i < G_N_ELEMENTS(column->heading->fields); i++) {
    const char *field = column->heading->fields[i];
    WordId word = field ? word_find(field) : WORD_NONE;
    if (word == WORD_NONE || !(words[word].kinds & IN_KIND(guess->layout)))
      continue;
    const char *taken = header_with(guess, word);
    if (!column->shadow)
      column->shadow = taken;
    if (!taken) {
      column->word = word;
      column->shadow = NULL;
      return;
    }
  }
}

// In the order of the dictionary: its first rows have the first choice.
static void give_words(Guess *guess)
{
  for (size_t row = 0; row < guess_n_headings; row++)
    for (size_t i = 0; i < guess->columns->len; i++)
      if (guess_column(guess, i)->heading == &guess_headings[row])
        give_word(guess, guess_column(guess, i));
  for (size_t i = 0; i < guess->columns->len; i++) {
    GuessColumn *column = guess_column(guess, i);
    const char *dated = guess->layout == LAYOUT_ORDERS ? guess_day_of(column->heading) : NULL;
    column->day_of = dated ? header_with(guess, word_find(dated)) : NULL;
    // Names of people are no names of codes.
    WordId word = column->names < 0 ? WORD_NONE : guess_column(guess, column->names)->word;
    if (word != WORD_NONE && word != WORD_TITLE_NAME)
      column->names = -1;
    if (column->word == WORD_ORDER_DATE)
      guess->date_column = (int)i;
  }
}

// ---------------------------------------------------------------------------------------------
// Rows. One is kept back, since the last may be a trailer.

typedef struct Walk {
  Guess *guess;
  GHashTable *dictionary;
  GPtrArray *kept;  // cells of the row before
  int64_t kept_line;
} Walk;

static int64_t count_breaks(const char *text)
{
  int64_t n = 0;
  for (const char *at = text; *(at += strcspn(at, "\r\n")); n++)
    at += at[0] == '\r' && at[1] == '\n' ? 2 : 1;
  return n;
}

// Lines that no row stands on, before this one.
static void note_lines(Guess *guess, const GuessRow *row)
{
  int64_t n_breaks = 0;
  for (guint i = 0; i < row->cells->len; i++) {
    int64_t n = count_breaks(row->cells->pdata[i]);
    n_breaks += n;
    guess->n_breaks += n > 0;
  }
  if (guess->next_line > 0)
    guess->n_empty += MAX(row->line - guess->next_line, 0);
  guess->next_line = row->line + n_breaks + 1;
}

static void note_width(Guess *guess, const GuessRow *row)
{
  bool trailing = row->cells->len > guess->columns->len;
  for (guint i = guess->columns->len; i < row->cells->len; i++)
    trailing = trailing && *(const char *)row->cells->pdata[i] == '\0';
  if (trailing)
    guess->n_trailing++;
  else if (row->cells->len != guess->columns->len && guess->n_ragged++ == 0)
    guess->ragged_line = row->line;
}

static void note_row(Guess *guess, const GuessRow *row)
{
  guess->n_rows++;
  note_width(guess, row);
  for (size_t i = 0; i < MIN(row->cells->len, guess->columns->len); i++)
    guess_note_value(guess, guess_column(guess, i), row, row->cells->pdata[i]);
}

static void note_kept(Walk *walk)
{
  GuessRow row = {walk->kept, walk->kept_line};
  if (walk->kept->len > 0)
    note_row(walk->guess, &row);
  g_ptr_array_set_size(walk->kept, 0);
}

static bool take_row(const GuessRow *row, void *data)
{
  Walk *walk = data;
  if (row->line <= walk->guess->text->header.line)
    return true;
  note_lines(walk->guess, row);
  note_kept(walk);
  for (size_t i = 0; i < row->cells->len; i++)
    g_ptr_array_add(walk->kept, g_strdup(row->cells->pdata[i]));
  walk->kept_line = row->line;
  return true;
}

// A row of another shape, one of whose cells is the number of rows before it.
static bool take_trailer(Walk *walk)
{
  Guess *guess = walk->guess;
  size_t n_filled = 0;
  for (size_t i = 0; i < walk->kept->len; i++)
    n_filled += *(const char *)walk->kept->pdata[i] != '\0';
  if (n_filled < 2 || n_filled > 3 || guess->columns->len < 4 || guess->n_rows == 0)
    return false;
  for (size_t i = 1; i < walk->kept->len; i++) {
    gint64 n = -1;
    if (g_ascii_string_to_signed(walk->kept->pdata[i], 10, 0, G_MAXINT64, &n, NULL) &&
        n == guess->n_rows && !mynumber_within(walk->kept->pdata[0])) {
      guess->trailer = g_strdup(walk->kept->pdata[0]);
      guess->trailer_column = (int)i + 1;
      return true;
    }
  }
  return false;
}

static bool take_header(const GuessRow *row, void *data)
{
  Walk *walk = data;
  Guess *guess = walk->guess;
  guint n = row->cells->len;
  if (row->line < guess->text->header.line)
    return true;
  note_lines(guess, row);
  while (n > 0 && *(const char *)row->cells->pdata[n - 1] == '\0')
    n--;
  guess->n_trailing += n < row->cells->len;
  for (guint i = 0; i < n; i++)
    g_ptr_array_add(guess->columns, guess_column_new(row->cells->pdata[i],
                                                     heading_of(walk->dictionary, row->cells, i)));
  return false;
}

static void walk_rows(Guess *guess)
{
  g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
  Walk walk = {.guess = guess, .kept = kept};
  guess_rows(guess->text->text, guess->text->header.separator, take_row, &walk);
  if (!take_trailer(&walk))
    note_kept(&walk);
}

// ---------------------------------------------------------------------------------------------
// The date in the file's name.

static const struct {
  const char *prefixes;  // a letter that may stand before; "" = none
  size_t n_digits;
  size_t form;  // of guess_form
} name_dates[] = {{"", 8, 2}, {"RHrh", 6, 3}};

static bool date_at(const char *name, size_t at, size_t *n_bytes, size_t *form)
{
  for (size_t i = 0; i < G_N_ELEMENTS(name_dates); i++) {
    bool lettered = *name_dates[i].prefixes != '\0';
    size_t n = strspn(name + at + lettered, "0123456789");
    DateForms dates = {0};
    Date date;
    if (n != name_dates[i].n_digits || (lettered && !strchr(name_dates[i].prefixes, name[at])))
      continue;
    g_autofree char *text = g_strndup(name + at, n + lettered);
    *guess_form(&dates, name_dates[i].form) = true;
    *n_bytes = n + lettered;
    *form = name_dates[i].form;
    return date_parse(text, &dates, &date) == DATE_FINE;
  }
  return false;
}

static void find_name_date(Guess *guess)
{
  const char *name = guess->options->name;
  for (size_t at = 0, n_bytes; name[at]; at++) {
    bool inside = at > 0 && g_ascii_isdigit(name[at - 1]);
    if (inside || !date_at(name, at, &n_bytes, &guess->name_form))
      continue;
    guess->before = g_strndup(name, at);
    guess->after = g_strdup(name + at + n_bytes);
    return;
  }
}

// ---------------------------------------------------------------------------------------------

static bool refuse(Guess *guess, Findings *findings, const Finding *at, const char *text)
{
  Finding finding = *at;
  finding.level = FINDING_ERROR;
  finding.file = guess->options->name;
  findings_add(findings, &finding, "%s", text);
  return false;
}

static bool check_foreign(Guess *guess, GBytes *bytes, Findings *findings)
{
  size_t n_bytes;
  const void *at = g_bytes_get_data(bytes, &n_bytes);
  const char *name = foreign_name(at, n_bytes);
  if (!name)
    return true;
  g_autofree char *text =
      g_strdup_printf(_("this is %s, not a text file; ask for a CSV file"), name);
  return refuse(guess, findings, &(Finding){.code = "no-text"}, text);
}

static bool check_text(Guess *guess, Findings *findings)
{
  const GuessText *text = guess->text;
  if (!text->encoding)
    return refuse(guess, findings, &(Finding){.code = "undecodable"},
                  _("these bytes are text in none of UTF-8, UTF-16, CP932 and EUC-JP"));
  if (!text->text)
    return refuse(
        guess, findings,
        &(Finding){.code = "undecodable", .line = text->bad_line, .value = text->encoding->name},
        _("up to here the file reads in this encoding: it is damaged"));
  if (text->header.line == 0)
    return refuse(guess, findings, &(Finding){.code = "header-unknown"},
                  _("none of its first lines is a header: most cells of one must be words that "
                    "idou knows, as 職員番号 and 氏名"));
  return true;
}

static bool check_my_numbers(Guess *guess, Findings *findings)
{
  bool fine = true;
  for (size_t i = 0; i < guess->columns->len; i++) {
    const GuessColumn *column = guess_column(guess, i);
    if (!mynumber_fills(column->header, (size_t)column->n_filled, (size_t)column->n_mynumber))
      continue;
    fine = refuse(guess, findings,
                  &(Finding){.code = "my-number",
                             .line = guess->text->header.line,
                             .column = (int64_t)i + 1,
                             .field = mynumber_within(column->header) ? NULL : column->header},
                  _("this column holds My Numbers (個人番号); they have no place in a file for "
                    "accounts: destroy it as the rules say, and ask HR for one without them"));
  }
  return fine;
}

static bool make(Guess *guess, GHashTable *dictionary, Findings *findings)
{
  Walk walk = {.guess = guess, .dictionary = dictionary};
  if (!check_text(guess, findings))
    return false;
  guess_rows(guess->text->text, guess->text->header.separator, take_header, &walk);
  decide_kind(guess);
  if (!guess->kind)
    return refuse(guess, findings, &(Finding){.code = "kind", .line = guess->text->header.line},
                  _("the headers are those of neither orders, a roster, units nor a "
                    "reorganisation"));
  pair_names(guess);
  give_words(guess);
  walk_rows(guess);
  if (!check_my_numbers(guess, findings))
    return false;
  find_name_date(guess);
  guess_write(guess);
  return true;
}

bool guess_layout(GBytes *bytes, const GuessOptions *options, Findings *findings, Guessed *out)
{
  g_autoptr(GHashTable) dictionary = guess_dictionary();
  g_auto(GuessText) text = {0};
  g_autoptr(GPtrArray) columns = g_ptr_array_new_with_free_func(guess_column_free);
  *out = (Guessed){.yaml = g_string_new(NULL)};
  Guess guess = {
      .options = options, .out = out, .text = &text, .columns = columns, .date_column = -1};
  guess_decode(bytes, dictionary, &text);
  bool made = check_foreign(&guess, bytes, findings) && make(&guess, dictionary, findings);
  g_free(guess.trailer);
  g_free(guess.before);
  g_free(guess.after);
  return made;
}

void guessed_clear(Guessed *guessed)
{
  if (guessed->yaml)
    g_string_free(guessed->yaml, TRUE);
  *guessed = (Guessed){0};
}
