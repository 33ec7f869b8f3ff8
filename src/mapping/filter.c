// SPDX-License-Identifier: GPL-3.0-or-later
//
// Filters of templates. The table at the end is the only list of them; tests/docs/run compares it with
// docs/mapping.md.
#include "mapping_p.h"

#include <string.h>

static Got run_lower(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)call, (void)problem;
  for (; *in; in = g_utf8_next_char(in))
    g_string_append_unichar(out, g_unichar_tolower(g_utf8_get_char(in)));
  return GOT_TEXT;
}

static Got run_upper(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)call, (void)problem;
  for (; *in; in = g_utf8_next_char(in))
    g_string_append_unichar(out, g_unichar_toupper(g_utf8_get_char(in)));
  return GOT_TEXT;
}

// The first letter of each word: Satoh Tarou.
static Got run_capital(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)call, (void)problem;
  bool inside = false;
  for (; *in; in = g_utf8_next_char(in)) {
    gunichar c = g_utf8_get_char(in);
    g_string_append_unichar(out, inside ? g_unichar_tolower(c) : g_unichar_toupper(c));
    inside = g_unichar_isalnum(c);
  }
  return GOT_TEXT;
}

static Got run_cut(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)problem;
  g_string_append_len(out, in, (gssize)text_cut(in, (size_t)call->number));
  return GOT_TEXT;
}

static Got run_pad(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)problem;
  const char *fill = call->n_args > 1 && *call->args[1] ? call->args[1] : "0";
  for (size_t n_chars = text_chars(in); n_chars < (size_t)call->number; n_chars++)
    g_string_append_len(out, fill, g_utf8_next_char(fill) - fill);
  g_string_append(out, in);
  return GOT_TEXT;
}

// ---------------------------------------------------------------------------------------------
// Kana and width.

static Got romanise(const Call *call, const char *in, Romaji scheme, GString *out, GString *problem)
{
  return spell_kana(&(Spelling){scheme, call->table}, in, out, problem);
}

static Got run_hepburn(const Call *call, const char *in, GString *out, GString *problem)
{
  return romanise(call, in, ROMAJI_PASSPORT, out, problem);
}

static Got run_kunrei(const Call *call, const char *in, GString *out, GString *problem)
{
  return romanise(call, in, ROMAJI_KUNREI, out, problem);
}

static Got run_hepburn2025(const Call *call, const char *in, GString *out, GString *problem)
{
  return romanise(call, in, ROMAJI_HEPBURN_2025, out, problem);
}

#define TEXT_FILTER(name)                                                                 \
  static Got run_##name(const Call *call, const char *in, GString *out, GString *problem) \
  {                                                                                       \
    (void)call, (void)problem;                                                            \
    text_##name(in, out);                                                                 \
    return GOT_TEXT;                                                                      \
  }

TEXT_FILTER(nfkc)
TEXT_FILTER(halfwidth)
TEXT_FILTER(fullwidth)
TEXT_FILTER(hiragana)
TEXT_FILTER(katakana)
TEXT_FILTER(digits)
TEXT_FILTER(squeeze)

static Got run_degrade(const Call *call, const char *in, GString *out, GString *problem)
{
  return degrade_text(call->degrade, in, out, problem);
}

// The choice that encoders make without a word: signs that Windows has under another code point.
static Got run_cp932(const Call *call, const char *in, GString *out, GString *problem)
{
  static const struct {
    gunichar from, to;
  } signs[] = {{0x301C, 0xFF5E}, {0x2016, 0x2225}, {0x2212, 0xFF0D},
               {0x00A2, 0xFFE0}, {0x00A3, 0xFFE1}, {0x00AC, 0xFFE2},
               {0x2014, 0x2015}, {0x00A5, 0xFFE5}, {0x203E, 0xFFE3}};
  (void)call, (void)problem;
  while (*in) {
    size_t before = out->len;
    text_compose_combined(&in, out);
    gunichar c = g_utf8_get_char(out->str + before);
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
      if (signs[i].from != c)
        continue;
      g_string_truncate(out, before);
      g_string_append_unichar(out, signs[i].to);
    }
  }
  return GOT_TEXT;
}

// ---------------------------------------------------------------------------------------------
// Dates.

static bool read_date(const char *in, Date *date, GString *problem)
{
  if (date_parse_iso(in, date))
    return true;
  g_string_printf(problem, _("“%s” is not a date (YYYY-MM-DD)"), in);
  return false;
}

static Got run_date(const Call *call, const char *in, GString *out, GString *problem)
{
  Date date;
  if (!read_date(in, &date, problem))
    return GOT_FAULT;
  int year, month, day;
  date_split(date, &year, &month, &day);
  for (const char *at = call->args[0]; *at; at++) {
    if (*at != '%') {
      g_string_append_c(out, *at);
      continue;
    }
    switch (*++at) {
    case 'Y':
      g_string_append_printf(out, "%04d", year);
      break;
    case 'm':
      g_string_append_printf(out, "%02d", month);
      break;
    case 'd':
      g_string_append_printf(out, "%02d", day);
      break;
    case 'M':
      g_string_append_printf(out, "%d", month);
      break;
    case 'D':
      g_string_append_printf(out, "%d", day);
      break;
    case 'F':
      g_string_append_printf(out, "%d", date_fiscal_year(date));
      break;
    default:
      g_string_append_c(out, *at);
      break;
    }
  }
  return GOT_TEXT;
}

// From 1601-01-01 to 1970-01-01.
#define FILETIME_EPOCH_S G_GINT64_CONSTANT(11644473600)
#define TICKS_A_SECOND G_GINT64_CONSTANT(10000000)

// The end of the day, since what AD calls expiry is the first instant without access.
static Got run_filetime(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)call;
  Date date;
  if (!read_date(in, &date, problem))
    return GOT_FAULT;
  g_string_append_printf(out, "%" G_GINT64_FORMAT,
                         (date_start(date + 1) + FILETIME_EPOCH_S) * TICKS_A_SECOND);
  return GOT_TEXT;
}

static Got run_wareki(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)call;
  Date date;
  if (!read_date(in, &date, problem))
    return GOT_FAULT;
  date_format_wareki(date, out);
  return GOT_TEXT;
}

// ---------------------------------------------------------------------------------------------
// Tables and patterns.

static Got run_lookup(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)problem;
  const char *found = g_hash_table_lookup(call->table, in);
  if (!found)
    return GOT_NOTHING;
  g_string_append(out, found);
  return GOT_TEXT;
}

static Got gave_up(GString *problem)
{
  g_string_assign(problem, _("the pattern takes too long on this value: make it simpler"));
  return GOT_FAULT;
}

static Got run_match(const Call *call, const char *in, GString *out, GString *problem)
{
  int n_groups = pattern_match(call->pattern, in, strlen(in));
  if (n_groups < 0)
    return gave_up(problem);
  if (n_groups == 0)
    return GOT_NOTHING;
  const size_t *ends = pcre2_get_ovector_pointer(call->pattern->match);
  const size_t *group = n_groups > 1 && ends[2] != PCRE2_UNSET ? ends + 2 : ends;
  if (group[0] < group[1])
    g_string_append_len(out, in + group[0], (gssize)(group[1] - group[0]));
  return GOT_TEXT;
}

static Got run_sub(const Call *call, const char *in, GString *out, GString *problem)
{
  const uint32_t options =
      PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH | PCRE2_SUBSTITUTE_UNSET_EMPTY;
  size_t n_bytes = MAX(out->allocated_len, 64);
  for (int round = 0; round < 2; round++) {
    g_string_set_size(out, n_bytes - 1);
    int done =
        pcre2_substitute(call->pattern->code, (PCRE2_SPTR)in, strlen(in), 0, options,
                         call->pattern->match, call->pattern->context, (PCRE2_SPTR)call->args[1],
                         PCRE2_ZERO_TERMINATED, (PCRE2_UCHAR *)out->str, &n_bytes);
    if (done >= 0) {
      g_string_truncate(out, n_bytes);
      return GOT_TEXT;
    }
    if (done != PCRE2_ERROR_NOMEMORY)
      break;
  }
  return gave_up(problem);
}

// ---------------------------------------------------------------------------------------------
// Words, and what is missing.

static Got run_default(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)problem;
  g_string_append(out, in && *in ? in : call->args[0]);
  return GOT_TEXT;
}

static Got run_join(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)problem;
  bool between = false;
  for (const char *at = in; *at; at = g_utf8_next_char(at)) {
    if (g_unichar_isspace(g_utf8_get_char(at))) {
      between = out->len > 0;
      continue;
    }
    if (between)
      g_string_append(out, call->args[0]);
    between = false;
    g_string_append_len(out, at, g_utf8_next_char(at) - at);
  }
  return GOT_TEXT;
}

static Got run_first(const Call *call, const char *in, GString *out, GString *problem)
{
  (void)problem;
  const char *end = in + strlen(in);
  if (call->n_args && *call->args[0]) {
    const char *found = strstr(in, call->args[0]);
    end = found ? found : end;
  } else {
    while (g_unichar_isspace(g_utf8_get_char(in)))
      in = g_utf8_next_char(in);
    for (const char *at = in; at < end; at = g_utf8_next_char(at))
      if (g_unichar_isspace(g_utf8_get_char(at)))
        end = at;
  }
  g_string_append_len(out, in, end - in);
  return GOT_TEXT;
}

// clang-format off
const Filter filters[] = {
    {"lower", 0, 0, {0}, run_lower, false, false, "lower", N_("lower case")},
    {"upper", 0, 0, {0}, run_upper, false, false, "upper", N_("upper case")},
    {"capital", 0, 0, {0}, run_capital, false, false, "capital",
     N_("lower case but for the first letter of each word")},
    {"cut", 1, 1, {ARG_NUMBER}, run_cut, false, false, "cut:N",
     N_("the first N characters")},
    {"pad", 1, 2, {ARG_NUMBER, ARG_TEXT}, run_pad, false, false, "pad:N[:FILL]",
     N_("FILL (0) in front until there are N characters")},
    {"hepburn", 0, 1, {ARG_SHEET}, run_hepburn, false, false, "hepburn[:TABLE]",
     N_("kana to Latin letters as in passports; words in TABLE as it says")},
    {"kunrei", 0, 0, {0}, run_kunrei, false, false, "kunrei",
     N_("kana to Latin letters, 訓令式 of 1954")},
    {"hepburn2025", 0, 0, {0}, run_hepburn2025, false, false, "hepburn2025",
     N_("kana to Latin letters, notice of 2025")},
    {"nfkc", 0, 0, {0}, run_nfkc, false, false, "nfkc",
     N_("Unicode compatibility form: ㈱ becomes (株), ① becomes 1")},
    {"halfwidth", 0, 0, {0}, run_halfwidth, false, false, "halfwidth",
     N_("half-width letters, digits and katakana")},
    {"fullwidth", 0, 0, {0}, run_fullwidth, false, false, "fullwidth",
     N_("full-width letters, digits and katakana")},
    {"hiragana", 0, 0, {0}, run_hiragana, false, false, "hiragana", N_("katakana to hiragana")},
    {"katakana", 0, 0, {0}, run_katakana, false, false, "katakana", N_("hiragana to katakana")},
    {"degrade", 0, 0, {0}, run_degrade, false, true, "degrade",
     N_("characters outside JIS X 0208 to those that stand for them")},
    {"cp932", 0, 0, {0}, run_cp932, false, false, "cp932",
     N_("signs that Windows has under another code point to that one: 〜 U+301C to ～ U+FF5E")},
    {"digits", 0, 0, {0}, run_digits, false, false, "digits", N_("digits only, as ASCII")},
    {"date", 1, 1, {ARG_TEXT}, run_date, false, false, "date:FORMAT",
     N_("a date by %Y %m %d, %M %D without leading zero, %F fiscal year")},
    {"wareki", 0, 0, {0}, run_wareki, false, false, "wareki", N_("a date as 令和9年4月1日")},
    {"filetime", 0, 0, {0}, run_filetime, false, false, "filetime",
     N_("the end of a day here as AD counts time (100 ns since 1601)")},
    {"lookup", 1, 2, {ARG_SHEET, ARG_TEXT}, run_lookup, false, false, "lookup:TABLE[:COLUMN]",
     N_("the cell of COLUMN (the second) where the first column has the value; else missing")},
    {"match", 1, 1, {ARG_PATTERN}, run_match, false, false, "match:PATTERN",
     N_("the first group, or all that matches; missing when nothing does")},
    {"sub", 2, 2, {ARG_PATTERN, ARG_TEXT}, run_sub, false, false, "sub:PATTERN:REPLACEMENT",
     N_("each match replaced; $1 is the first group")},
    {"default", 1, 1, {ARG_TEXT}, run_default, true, false, "default:TEXT",
     N_("TEXT when the value is missing or empty")},
    {"join", 1, 1, {ARG_TEXT}, run_join, false, false, "join:TEXT",
     N_("the words with TEXT between them instead of spaces")},
    {"squeeze", 0, 0, {0}, run_squeeze, false, false, "squeeze",
     N_("spaces trimmed, runs of them made one")},
    {"first", 0, 1, {ARG_TEXT}, run_first, false, false, "first[:TEXT]",
     N_("up to the first TEXT (space)")},
};
// clang-format on
const size_t n_filters = G_N_ELEMENTS(filters);

// ---------------------------------------------------------------------------------------------

const Filter *filter_find(const char *name)
{
  for (size_t i = 0; i < n_filters; i++)
    if (strcmp(filters[i].name, name) == 0)
      return &filters[i];
  return NULL;
}

static bool prepare_number(Library *library, Call *call, unsigned i, const char **fault)
{
  (void)library;
  gint64 number;
  if (!g_ascii_string_to_signed(call->args[i], 10, 1, 1000, &number, NULL)) {
    *fault = _("takes a number from 1 to 1000");
    return false;
  }
  call->number = number;
  return true;
}

static bool prepare_pattern(Library *library, Call *call, unsigned i, const char **fault)
{
  call->pattern = pattern_new(library, call->args[i], fault);
  return call->pattern != NULL;
}

static bool prepare_sheet(Library *library, Call *call, unsigned i, const char **fault)
{
  const char *column = call->n_args > i + 1 ? call->args[i + 1] : NULL;
  call->table = library_lookup(library, call->args[i], column, fault);
  return call->table != NULL;
}

static bool prepare_text(Library *library, Call *call, unsigned i, const char **fault)
{
  (void)library, (void)call, (void)i, (void)fault;
  return true;
}

bool filter_prepare(Library *library, Call *call, const char **fault)
{
  static bool (*const prepare[])(Library *, Call *, unsigned, const char **) = {
      [ARG_TEXT] = prepare_text,
      [ARG_NUMBER] = prepare_number,
      [ARG_PATTERN] = prepare_pattern,
      [ARG_SHEET] = prepare_sheet,
  };
  if (call->filter->degrades) {
    call->degrade = library_degrade(library, fault);
    return call->degrade != NULL;
  }
  for (unsigned i = 0; i < call->n_args; i++)
    if (!prepare[call->filter->args[i]](library, call, i, fault))
      return false;
  return true;
}
