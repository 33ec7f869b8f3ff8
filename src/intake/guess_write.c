// SPDX-License-Identifier: GPL-3.0-or-later
//
// The proposal as YAML with comments. Of the file it shows headers, codes of columns that hold few with
// their names, and counts: nothing of a person.
#include "intake_p.h"

#include <string.h>

enum { DIGITS_LEAST = 2, FEW_ROWS = 10, NAME_CHARS = 30, COMMENT_COLUMNS = 40 };

typedef struct Page {
  Guess *guess;
  GString *out;
  DateForms forms;  // of the file
  bool era_codes;   // some column needs them
} Page;

// ---------------------------------------------------------------------------------------------
// Words of YAML.

static bool is_plain(const char *text)
{
  if (!g_unichar_isalpha(g_utf8_get_char(text)))
    return false;
  for (const char *at = text; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    if (!g_unichar_isalnum(c) && c != '_' && c != '-')
      return false;
  }
  return true;
}

static void put_quoted(GString *out, const char *text)
{
  g_string_append_c(out, '"');
  for (const char *at = text; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    g_autofree char *letter = g_strndup(at, (size_t)(g_utf8_next_char(at) - at));
    if (text_has_control(letter) || c == 0x7F)
      g_string_append_printf(out, "\\U%08X", c);
    else
      g_string_append_printf(out, "%s%s", c == '"' || c == '\\' ? "\\" : "", letter);
  }
  g_string_append_c(out, '"');
}

// YAML takes words such as yes and null, and what looks like a number, for something else.
static void put_key(GString *out, const char *text)
{
  static const char *const words_of_yaml[] = {"yes", "no",   "on",    "off",  "y",
                                              "n",   "true", "false", "null", NULL};
  g_autofree char *lower = g_ascii_strdown(text, -1);
  if (is_plain(text) && !g_strv_contains(words_of_yaml, lower))
    g_string_append(out, text);
  else
    put_quoted(out, text);
}

// A comment behind what stands in the line since `from`.
static void put_comment(GString *out, size_t from, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void put_comment(GString *out, size_t from, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  for (size_t width = text_width(out->str + from); *text && width < COMMENT_COLUMNS; width++)
    g_string_append_c(out, ' ');
  g_string_append(out, *text ? "  # " : "");
  escape_text(out, text, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

// A comment of its own that a person must settle.
static void put_mark(Page *page, const char *indent, const char *mark, const char *text)
{
  g_string_append_printf(page->out, "%s# %s: ", indent, mark);
  escape_text(page->out, text, ESCAPE_TERMINAL);
  g_string_append_c(page->out, '\n');
  page->guess->out->n_gaps++;
}

static void put_gap(Page *page, const char *indent, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void put_gap(Page *page, const char *indent, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  put_mark(page, indent, "GAP", text);
}

static const char *shown(const char *text)
{
  return mynumber_within(text) ? _("(not shown)") : text;
}

// ---------------------------------------------------------------------------------------------
// The head.

// "orders-20270401.csv" is one of orders-*.csv.
static void put_files(Page *page)
{
  const Guess *guess = page->guess;
  size_t from = page->out->len;
  g_autofree char *glob = guess->before ? g_strconcat(guess->before, "*", guess->after, NULL)
                                        : g_strdup(guess->options->name);
  g_string_append(page->out, "files: ");
  put_quoted(page->out, glob);
  put_comment(page->out, from, "%s", _("which files of the spool are read by it"));
}

// What else the file's shape is beyond a row a line.
static void put_shape(Page *page)
{
  const Guess *guess = page->guess;
  const struct {
    const char *line;
    int64_t n;
    const char *what;
  } shapes[] = {
      {"empty_lines: skip", guess->n_empty, _("empty lines")},
      {"trailing_commas: true", guess->n_trailing, _("rows with empty cells beyond the header")},
      {"line_breaks: space", guess->n_breaks, _("cells with line breaks")},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
    size_t from = page->out->len;
    if (shapes[i].n == 0)
      continue;
    g_string_append(page->out, shapes[i].line);
    put_comment(page->out, from, "%s: %" G_GINT64_FORMAT, shapes[i].what, shapes[i].n);
  }
}

static void put_encoding(Page *page)
{
  const GuessText *text = page->guess->text;
  size_t from = page->out->len;
  if (!text->encoding->readable)
    put_gap(page, "", _("no layout can say %s in this version: have the file saved as UTF-8"),
            text->encoding->name);
  g_string_append_printf(page->out, "encoding: %s", text->encoding->name);
  put_comment(page->out, from, "%s", text->why->str);
  if (text->header.separator == '\t')
    g_string_append(page->out, "separator: tab\n");
  if (text->header.line > 1)
    g_string_append_printf(page->out, "header_line: %" G_GINT64_FORMAT "\n", text->header.line);
  put_shape(page);
}

static bool is_code(const GuessColumn *column)
{
  return column->day_of || (column->word != WORD_NONE && words[column->word].type != TYPE_TEXT);
}

static void put_padding(Page *page)
{
  int64_t n_padded = 0;
  for (size_t i = 0; i < page->guess->columns->len; i++) {
    const GuessColumn *column = guess_column(page->guess, i);
    n_padded += is_code(column) ? column->n_padded : 0;
  }
  size_t from = page->out->len;
  if (n_padded == 0)
    return;
  g_string_append(page->out, "trim: true");
  put_comment(page->out, from, _("%" G_GINT64_FORMAT " codes and dates have spaces around them"),
              n_padded);
}

static void put_forms(GString *out, const DateForms *dates)
{
  DateForms copy = *dates;
  const char *separator = "[";
  for (size_t form = 0; form < GUESS_N_FORMS; form++) {
    if (!*guess_form(&copy, form))
      continue;
    g_string_append_printf(out, "%s%s", separator, guess_form_name(form));
    separator = ", ";
  }
  g_string_append(out, "]");
}

static bool same_forms(const DateForms *a, const DateForms *b)
{
  DateForms x = *a, y = *b;
  for (size_t form = 0; form < GUESS_N_FORMS; form++)
    if (*guess_form(&x, form) != *guess_form(&y, form))
      return false;
  return true;
}

static unsigned eras_of(const Guess *guess, size_t code)
{
  unsigned possible = 0;
  for (size_t i = 0; i < guess->columns->len; i++) {
    unsigned eras = guess_column(guess, i)->eras[code];
    possible = possible && eras ? possible & eras : possible | eras;
  }
  return possible;
}

// A digit that can only be one era is told; another is a gap with the eras that are left.
static void put_era_codes(Page *page)
{
  g_string_append(page->out, "era_codes:\n");
  for (size_t code = 0; code < 10; code++) {
    unsigned possible = eras_of(page->guess, code);
    g_autoptr(GString) letters = g_string_new(NULL);
    for (size_t i = 0; i < strlen(GUESS_ERAS); i++)
      if (possible & (1u << i))
        g_string_append_printf(letters, "%s%c", letters->len ? _(" or ") : "", GUESS_ERAS[i]);
    if (letters->len == 1)
      g_string_append_printf(page->out, "  %zu: %s\n", code, letters->str);
    else if (letters->len > 1)
      put_gap(page, "  ", _("%zu: %s? ask HR what the digit means"), code, letters->str);
  }
}

static void put_dates(Page *page)
{
  Guess *guess = page->guess;
  bool any = false;
  for (size_t i = 0; i < guess->columns->len; i++) {
    int64_t n_misfits;
    const GuessColumn *column = guess_column(guess, i);
    DateForms dates = guess_forms(column, &n_misfits);
    if (!guess_is_date(column) || same_forms(&dates, &(DateForms){0}))
      continue;
    page->forms = any ? page->forms : dates;
    page->era_codes = page->era_codes || dates.era_code;
    any = true;
  }
  bool by_name =
      guess->layout == LAYOUT_ROSTER && guess->before && !guess_find(guess, WORD_FILE_DATE);
  if (by_name) {
    *guess_form(&page->forms, guess->name_form) = true;
    g_autofree char *pattern = g_strconcat(guess->before, "{date}", guess->after, NULL);
    g_string_append(page->out, "date_in_name: ");
    put_quoted(page->out, pattern);
    g_string_append_c(page->out, '\n');
  } else if (guess->layout == LAYOUT_ROSTER && !guess_find(guess, WORD_FILE_DATE)) {
    put_gap(page, "", "%s",
            _("a roster holds as of a day: a column of file_date, or date_in_name, is wanted"));
  }
  if (any || by_name) {
    g_string_append(page->out, "dates: ");
    put_forms(page->out, &page->forms);
    g_string_append_c(page->out, '\n');
  }
  if (page->era_codes)
    put_era_codes(page);
}

static void put_count(Page *page)
{
  const Guess *guess = page->guess;
  if (guess->trailer) {
    g_string_append(page->out, "trailer: {match: ");
    put_quoted(page->out, guess->trailer);
    g_string_append_printf(page->out, ", count_column: %d}\n", guess->trailer_column);
  }
  if (guess->options->count_file) {
    g_string_append(page->out, "count_file: ");
    put_quoted(page->out, guess->options->count_file);
    g_string_append_c(page->out, '\n');
  }
  if (guess->n_ragged > 0)
    put_gap(page, "",
            _("%" G_GINT64_FORMAT " rows are of another width than the header, e.g. "
              "line %" G_GINT64_FORMAT),
            guess->n_ragged, guess->ragged_line);
}

static void put_head(Page *page)
{
  const Guess *guess = page->guess;
  const char *space = guess->options->space ? guess->options->space : "city";
  bool usual = g_str_equal(space, "city");
  g_string_append(page->out, "layout: ");
  g_autofree char *name =
      usual ? g_strdup(guess->kind) : g_strconcat(space, "-", guess->kind, NULL);
  put_key(page->out, name);
  g_string_append_printf(page->out, "\nkind: %s\n", guess->kind);
  size_t from = page->out->len;
  g_string_append(page->out, "space: ");
  put_key(page->out, space);
  put_comment(
      page->out, from, "%s",
      guess->options->space ? "" : _("who numbers these people and units; --space tells another"));
  if (!guess->loadable)
    put_gap(page, "", _("no layout can be of this kind in this version"));
  put_files(page);
  put_encoding(page);
  put_padding(page);
  if (guess->layout == LAYOUT_ROSTER || guess_find(guess, WORD_CODE))
    g_string_append_printf(page->out, "# full: true   # %s\n",
                           _("only when every file lists everything: ask HR"));
  put_dates(page);
  put_count(page);
}

// ---------------------------------------------------------------------------------------------
// Codes.

// By the name beside it, else by what the code is as a rule.
static Meaning meaning_of(const GuessColumn *column, const GuessValue *value)
{
  if (value->name && !value->varies)
    return guess_wording(column->word, value->name);
  return guess_code(column->word, value->code);
}

static void put_rows(GString *out, const GuessValue *value)
{
  if (value->name && value->varies) {
    g_string_append(out, _("several names, "));
  } else if (value->name) {
    g_autofree char *name = g_strndup(value->name, text_cut(value->name, NAME_CHARS));
    g_string_append_printf(out, "%s, ", shown(name));
  }
  g_string_append_printf(
      out,
      ngettext("%" G_GINT64_FORMAT " row", "%" G_GINT64_FORMAT " rows", (unsigned long)value->n),
      value->n);
}

static void put_unknown(Page *page, const char *indent, const GuessValue *value)
{
  g_autoptr(GString) rows = g_string_new(NULL);
  put_rows(rows, value);
  g_autofree char *text = g_strdup_printf("\"%s\" %s, e.g. line %" G_GINT64_FORMAT,
                                          shown(value->code), rows->str, value->line);
  put_mark(page, indent, "unknown", text);
}

// Anybody can read the file's own words as ours: then no table is needed.
static bool needs_table(const GuessColumn *column)
{
  for (size_t i = 0; i < column->values->len; i++) {
    const GuessValue *value = column->values->pdata[i];
    Meaning meaning = meaning_of(column, value);
    if (meaning.trust != GUESS_UNKNOWN && !g_str_equal(meaning.ours, value->code))
      return true;
  }
  return false;
}

static void put_code(Page *page, const GuessColumn *column, const GuessValue *value)
{
  Meaning meaning = meaning_of(column, value);
  g_autoptr(GString) rows = g_string_new(NULL);
  size_t from = page->out->len;
  if (meaning.trust == GUESS_UNKNOWN) {
    if (*value->code)
      put_unknown(page, "      ", value);
    return;
  }
  put_rows(rows, value);
  g_string_append(page->out, "      ");
  put_quoted(page->out, value->code);
  g_string_append(page->out, ": ");
  put_quoted(page->out, meaning.ours);
  put_comment(page->out, from, "%s%s",
              meaning.trust == GUESS_ASSUMED ? _("GAP: assumed, ask HR; ") : "", rows->str);
  page->guess->out->n_gaps += meaning.trust == GUESS_ASSUMED;
}

// Values that no table can translate: what the field may hold is checked, else they stay as they come.
static void put_bare_values(Page *page, const GuessColumn *column)
{
  bool checked = words[column->word].choices != NULL;
  for (size_t i = 0; i < column->values->len; i++) {
    const GuessValue *value = column->values->pdata[i];
    g_autoptr(GString) rows = g_string_new(NULL);
    bool known = meaning_of(column, value).trust != GUESS_UNKNOWN;
    if (known || *value->code == '\0')
      continue;
    put_rows(rows, value);
    if (checked)
      put_unknown(page, "    ", value);
    else
      g_string_append_printf(page->out, "    # \"%s\": %s\n", shown(value->code), rows->str);
  }
}

// ---------------------------------------------------------------------------------------------
// Columns.

static bool has_digits(const GuessColumn *column)
{
  return column->word != WORD_NONE && words[column->word].type == TYPE_CODE &&
         !guess_has_codes(column->word) && column->n_filled > 0 &&
         column->n_digits == column->n_filled && column->n_widths == 1 &&
         column->width >= DIGITS_LEAST && (column->has_zero || column->n_filled >= FEW_ROWS);
}

static void put_day(Page *page, const GuessColumn *column, const DateForms *dates)
{
  g_string_append(page->out, "{day_of: ");
  put_key(page->out, column->day_of);
  if (!same_forms(dates, &page->forms)) {
    g_string_append(page->out, ", dates: ");
    put_forms(page->out, dates);
  }
  g_string_append_c(page->out, '}');
}

static void put_options(Page *page, const GuessColumn *column, const DateForms *dates)
{
  GString *out = page->out;
  bool own_forms = guess_is_date(column) && !same_forms(dates, &page->forms);
  bool digits = has_digits(column);
  if (!own_forms && !digits) {
    g_string_append_printf(out, "%s", words[column->word].name);
    return;
  }
  g_string_append_printf(out, "{field: %s", words[column->word].name);
  if (digits)
    g_string_append_printf(out, ", digits: %" G_GINT64_FORMAT, column->width);
  if (own_forms) {
    g_string_append(out, ", dates: ");
    put_forms(out, dates);
  }
  g_string_append_c(out, '}');
}

static void put_doubts(Page *page, const GuessColumn *column, int64_t n_misfits)
{
  if (column->heading->remark)
    put_gap(page, "    ", "%s", _(column->heading->remark));
  if (guess_is_date(column) && n_misfits > 0)
    put_gap(page, "    ",
            _("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
              " values are dates in no form, e.g. line %" G_GINT64_FORMAT),
            n_misfits, column->n_filled, column->misfit_line);
  if (guess_is_date(column) && column->n_filled == 0)
    put_gap(page, "    ", _("no value tells how dates are written here"));
  if (column->word == WORD_NUMBER && column->n_digits == column->n_filled && column->n_widths > 1 &&
      !column->has_zero)
    put_gap(page, "    ",
            _("numbers of different lengths, none of which begins with 0: has a "
              "spreadsheet taken zeros away?"));
}

static void put_column(Page *page, const GuessColumn *column)
{
  int64_t n_misfits;
  DateForms dates = guess_forms(column, &n_misfits);
  if (guess_is_date(column) && column->n_filled == n_misfits)
    dates = page->forms;
  size_t from = page->out->len;
  bool coded = guess_has_codes(column->word) && column->word != WORD_ORDER_KIND;
  g_string_append(page->out, "  ");
  put_key(page->out, column->header);
  if (coded && !column->many && needs_table(column)) {
    g_string_append_printf(page->out, ":\n    field: %s\n    codes:\n", words[column->word].name);
    for (size_t i = 0; i < column->values->len; i++)
      put_code(page, column, column->values->pdata[i]);
    return;
  }
  g_string_append(page->out, ": ");
  if (column->day_of)
    put_day(page, column, &dates);
  else
    put_options(page, column, &dates);
  put_comment(page->out, from, "%s", column->n_filled == 0 ? _("always empty") : "");
  if (coded && column->many)
    put_gap(page, "    ", _("too many different values for codes"));
  else if (coded)
    put_bare_values(page, column);
  put_doubts(page, column, n_misfits);
}

static bool is_used(const GuessColumn *column)
{
  return column->word != WORD_NONE || column->day_of;
}

// Orders that nobody numbers are told apart by what they say.
static void put_order_key(Page *page)
{
  static const WordId key[] = {WORD_NUMBER, WORD_ORDER_DATE, WORD_ORDER_KIND, WORD_UNIT};
  const char *separator = "key: [";
  if (page->guess->layout != LAYOUT_ORDERS || guess_find(page->guess, WORD_ORDER_NUMBER))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(key); i++) {
    if (!guess_find(page->guess, key[i]))
      continue;
    g_string_append_printf(page->out, "%s%s", separator, words[key[i]].name);
    separator = ", ";
  }
  g_string_append(page->out, "]\n");
}

static void put_columns(Page *page)
{
  const Guess *guess = page->guess;
  g_string_append(page->out, "columns:\n");
  for (size_t i = 0; i < guess->columns->len; i++)
    if (is_used(guess_column(guess, i)))
      put_column(page, guess_column(guess, i));
  for (const WordId *word = layout_must_have(guess->layout); *word != WORD_NONE; word++)
    if (guess->loadable && !guess_find(guess, *word))
      put_gap(page, "  ",
              _("no column is known to be “%s”, without which this kind of file says "
                "nothing"),
              words[*word].name);
}

// ---------------------------------------------------------------------------------------------
// Columns that mean nothing to us, or nothing that we know.

static bool is_repeated(const Guess *guess, size_t column)
{
  for (size_t i = 0; i < column; i++)
    if (g_str_equal(guess_column(guess, i)->header, guess_column(guess, column)->header))
      return true;
  return false;
}

static void put_ignored(Page *page, size_t i)
{
  const Guess *guess = page->guess;
  const GuessColumn *column = guess_column(guess, i);
  size_t from = page->out->len;
  bool unknown = !column->heading && column->coded < 0 && *column->header;
  g_string_append(page->out, "  - ");
  put_key(page->out, column->header);
  if (mynumber_within(column->header)) {
    g_string_truncate(page->out, from);
    put_gap(page, "  ", _("the header of column %zu is a number"), i + 1);
    return;
  }
  if (column->shadow)
    put_comment(page->out, from, _("%s says it"), column->shadow);
  else if (column->coded >= 0)
    put_comment(page->out, from, _("names of %s"),
                guess_column(guess, (size_t)column->coded)->header);
  else
    put_comment(page->out, from, "%s",
                unknown ? _("GAP: not known to idou; ignored, or a field of your own (own:)") : "");
  page->guess->out->n_gaps += unknown;
  if (column->heading && column->heading->remark)
    put_gap(page, "  ", "%s", _(column->heading->remark));
}

static void put_all_ignored(Page *page)
{
  const Guess *guess = page->guess;
  bool any = false;
  for (size_t i = 0; i < guess->columns->len; i++) {
    bool repeated = is_repeated(guess, i);
    if (repeated)
      put_gap(page, "", _("column %zu has the header of another one"), i + 1);
    if (repeated || is_used(guess_column(guess, i)))
      continue;
    if (!any)
      g_string_append(page->out, "ignore:\n");
    put_ignored(page, i);
    any = true;
  }
}

// ---------------------------------------------------------------------------------------------
// Kinds of order.

static const char *lacking_word(const Guess *guess, Act act)
{
  uint64_t needs = act_traits[act].needs;
  for (WordId word = 0; word < N_WORDS; word++)
    if (needs & BIT_OF(word) && !guess_find(guess, word))
      return words[word].name;
  return NULL;
}

// A 退職 dated 3/31 is its last day; where every one is dated the first of a month it may be the day after.
static void put_act(Page *page, const GuessValue *value, const Meaning *meaning)
{
  bool firsts = value->n_dated > 0 && value->n_firsts == value->n_dated;
  bool keep = g_str_equal(meaning->ours, "rename") && !guess_find(page->guess, WORD_FORMER_NAME);
  if (meaning->last_day && !firsts)
    g_string_append_printf(page->out, "{kind: %s, last_day: true}", meaning->ours);
  else if (keep)
    g_string_append_printf(page->out, "{kind: %s, keep_former: true}", meaning->ours);
  else
    g_string_append(page->out, meaning->ours);
}

static void put_kind(Page *page, const GuessColumn *column, const GuessValue *value)
{
  Meaning meaning = meaning_of(column, value);
  const char *lacking =
      meaning.trust == GUESS_UNKNOWN ? NULL : lacking_word(page->guess, act_find(meaning.ours));
  if (meaning.trust == GUESS_UNKNOWN) {
    put_unknown(page, "  ", value);
    return;
  }
  if (lacking) {
    put_gap(page, "  ", _("\"%s\": %s   needs a column of %s"), shown(value->code), meaning.ours,
            lacking);
    return;
  }
  g_autoptr(GString) rows = g_string_new(NULL);
  size_t from = page->out->len;
  put_rows(rows, value);
  g_string_append(page->out, "  ");
  put_quoted(page->out, value->code);
  g_string_append(page->out, ": ");
  put_act(page, value, &meaning);
  put_comment(page->out, from, "%s", rows->str);
  if (meaning.last_day && value->n_dated > 0 && value->n_firsts == value->n_dated)
    put_gap(page, "  ",
            _("all are dated the first of a month: the first day away? else "
              "{kind: %s, last_day: true}"),
            meaning.ours);
}

static void put_kinds(Page *page)
{
  const GuessColumn *column = guess_find(page->guess, WORD_ORDER_KIND);
  if (page->guess->layout != LAYOUT_ORDERS)
    return;
  bool any = false;
  for (size_t i = 0; column && i < column->values->len; i++)
    any = any || meaning_of(column, column->values->pdata[i]).trust != GUESS_UNKNOWN;
  g_string_append(page->out, any ? "kinds:\n" : "kinds: {}\n");
  if (column && column->many)
    put_gap(page, "  ", _("too many different values for codes"));
  for (size_t i = 0; column && i < column->values->len; i++)
    put_kind(page, column, column->values->pdata[i]);
}

// ---------------------------------------------------------------------------------------------

static gint compare_codes(gconstpointer a, gconstpointer b)
{
  const GuessValue *x = *(const GuessValue *const *)a, *y = *(const GuessValue *const *)b;
  return strcmp(x->code, y->code);
}

void guess_write(Guess *guess)
{
  g_autoptr(GString) body = g_string_new(NULL);
  Page page = {.guess = guess, .out = body};
  for (size_t i = 0; i < guess->columns->len; i++)
    g_ptr_array_sort(guess_column(guess, i)->values, compare_codes);
  put_head(&page);
  put_order_key(&page);
  put_columns(&page);
  put_all_ignored(&page);
  put_kinds(&page);
  guess->out->kind = guess->kind;
  guess->out->n_rows = guess->n_rows;
  guess->out->n_columns = guess->columns->len;
  GString *out = guess->out->yaml;
  g_string_append(out, "# ");
  g_autofree char *title = g_strdup_printf(
      _("Proposed by idou layout guess from %s: %" G_GINT64_FORMAT " rows, %zu columns, %zu gaps."),
      guess->options->name, guess->n_rows, (size_t)guess->columns->len, guess->out->n_gaps);
  escape_text(out, title, ESCAPE_TERMINAL);
  g_string_append_printf(
      out, "\n# %s\n",
      guess->out->n_gaps
          ? _("Lines with GAP or unknown are for a person: fill them in, then try "
              "`idou intake --check`.")
          : _("Try it with `idou intake --check`. docs/layouts.md explains every key."));
  g_string_append_len(out, body->str, (gssize)body->len);
}
