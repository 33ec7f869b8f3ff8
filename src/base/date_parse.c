// SPDX-License-Identifier: GPL-3.0-or-later
//
// A cell is read into its shape, one character a token ("R8.4.1" is "E1.1.1"), and the shape is
// looked up among the forms that the layout declares.
#include "base/base_p.h"

#define MAX_TOKENS 12
#define MAX_DIGITS 8
#define EXCEL_LAST 2958465  // 9999-12-31
#define EXCEL_LEAP_DAY 60   // 29 February 1900, which Excel counts and the calendar lacks

// Shape: '1'–'8' a number of that many digits, 'K' one in kanji, 'G' 元, 'E' the name or letter of
// an era, 'y' 'm' 'd' 年 月 日, and . / - as they are.
typedef struct Scan {
  char shape[MAX_TOKENS + 1];
  size_t n_tokens;
  int numbers[MAX_TOKENS];
  size_t n_numbers;
  char era;
} Scan;

typedef struct Form {
  const char *pattern;  // a shape, or n: 1–2 digits, N: those or kanji, Y: those or 元, s: a serial
  size_t declared;      // offset of its flag in DateForms
  DateFault (*read)(const Scan *scan, const DateForms *forms, Date *out);
} Form;

static const struct {
  gunichar character;
  int value;
} numerals[] = {{U'〇', 0},  {U'零', 0},  {U'一', 1}, {U'二', 2}, {U'三', 3}, {U'四', 4},
                {U'五', 5},  {U'六', 6},  {U'七', 7}, {U'八', 8}, {U'九', 9}, {U'十', 10},
                {U'廿', 20}, {U'卅', 30}, {U'壱', 1}, {U'弐', 2}, {U'参', 3}, {U'拾', 10}};

static const struct {
  gunichar character;
  char token;
} marks[] = {{U'年', 'y'}, {U'月', 'm'}, {U'日', 'd'}, {'.', '.'}, {'/', '/'}, {'-', '-'}};

static bool push(Scan *scan, char token)
{
  if (scan->n_tokens == MAX_TOKENS)
    return false;
  scan->shape[scan->n_tokens++] = token;
  return true;
}

static bool push_number(Scan *scan, char token, int number)
{
  if (!push(scan, token))
    return false;
  scan->numbers[scan->n_numbers++] = number;
  return true;
}

static bool push_era(Scan *scan, char letter)
{
  scan->era = letter;
  return push(scan, 'E');
}

static gunichar ascii_of(gunichar c)
{
  return c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c;
}

static int digit_of(const char *text)
{
  gunichar c = ascii_of(g_utf8_get_char(text));
  return c >= '0' && c <= '9' ? (int)(c - '0') : -1;
}

static int numeral_of(gunichar c)
{
  for (size_t i = 0; i < G_N_ELEMENTS(numerals); i++)
    if (numerals[i].character == c)
      return numerals[i].value;
  return -1;
}

static bool scan_digits(Scan *scan, const char **text)
{
  int number = 0, n_digits = 0;
  for (int digit; (digit = digit_of(*text)) >= 0; *text = g_utf8_next_char(*text)) {
    if (++n_digits > MAX_DIGITS)
      return false;
    number = number * 10 + digit;
  }
  return push_number(scan, (char)('0' + n_digits), number);
}

// 八, 二〇, 十, 三十一, 廿五: up to 99.
static bool scan_kanji(Scan *scan, const char **text)
{
  int tens = -1, ones = 0, n_ones = 0;
  for (int value; (value = numeral_of(g_utf8_get_char(*text))) >= 0;
       *text = g_utf8_next_char(*text)) {
    if (value >= 10) {
      if (tens >= 0 || n_ones > 1 || (n_ones == 1 && (value > 10 || ones == 0)))
        return false;
      tens = n_ones ? ones * 10 : value;
      ones = n_ones = 0;
    } else {
      ones = ones * 10 + value;
      n_ones++;
      if (n_ones > (tens >= 0 ? 1 : 2) || (tens >= 0 && value == 0))
        return false;
    }
  }
  return push_number(scan, 'K', MAX(tens, 0) + ones);
}

// The era whose name, letter or square character `text` begins with; *end is moved behind it.
static const Era *era_at(const char *text, const char **end)
{
  gunichar c = ascii_of(g_utf8_get_char(text));
  char letter = c < 0x80 ? g_ascii_toupper((char)c) : '\0';
  for (size_t i = 0; i < date_n_eras; i++) {
    const Era *era = &date_eras[i];
    bool named = *text == *era->name && g_str_has_prefix(text, era->name);
    if (named || letter == era->letter || c == era->square) {
      *end = named ? text + strlen(era->name) : g_utf8_next_char(text);
      return era;
    }
  }
  return NULL;
}

static bool scan_mark(Scan *scan, const char **text)
{
  gunichar c = ascii_of(g_utf8_get_char(*text));
  *text = g_utf8_next_char(*text);
  if (text_is_hyphen(c) || text_is_long_mark(c))
    c = '-';
  for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
    if (marks[i].character == c)
      return push(scan, marks[i].token);
  return false;
}

static bool scan_token(Scan *scan, const char **text)
{
  if (digit_of(*text) >= 0)
    return scan_digits(scan, text);
  const Era *era = era_at(*text, text);
  if (era)
    return push_era(scan, era->letter);
  gunichar c = g_utf8_get_char(*text);
  if (numeral_of(c) >= 0)
    return scan_kanji(scan, text);
  if (c == U'元') {
    *text = g_utf8_next_char(*text);
    return push_number(scan, 'G', 1);
  }
  return scan_mark(scan, text);
}

// False when something in it belongs to no date. Systems pad with spaces ("R 8. 4. 1"), so they
// only part tokens: two numbers side by side are in no form.
static bool scan_text(const char *text, Scan *scan)
{
  while (*text) {
    if (g_unichar_isspace(g_utf8_get_char(text)))
      text = g_utf8_next_char(text);
    else if (!scan_token(scan, &text))
      return false;
  }
  return true;
}

// Letters of a pattern that stand for several tokens; any other letter stands for itself.
static const struct {
  char letter;
  const char *tokens;
} classes[] = {
    {'n', "12"},
    {'N', "12K"},
    {'Y', "12KG"},
    // Six digits are left out: 260401 is a two-digit year sooner than a day in 2612.
    {'s', "123457"},
};

static bool token_matches(char token, char pattern)
{
  for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
    if (classes[i].letter == pattern)
      return token && strchr(classes[i].tokens, token);
  return token == pattern;
}

static bool shape_matches(const char *shape, const char *pattern)
{
  while (*pattern && token_matches(*shape, *pattern))
    shape++, pattern++;
  return !*pattern && !*shape;
}

static DateFault take_civil(int year, int month, int day, Date *out)
{
  *out = date_of(year, month, day);
  return *out == DATE_NONE ? DATE_NO_SUCH_DAY : DATE_FINE;
}

static DateFault take_era(char letter, const int ymd[3], bool beyond_era, Date *out)
{
  const Era *era = date_eras;
  while (era->letter != letter)
    era++;
  int year = era->year_one + ymd[0] - 1;
  int number = DAY_NUMBER(year, ymd[1], ymd[2]);
  if (date_of(year, ymd[1], ymd[2]) == DATE_NONE)
    return DATE_NO_SUCH_DAY;
  if (number < era->first_day || (number >= era->next_day && !beyond_era))
    return DATE_OUT_OF_ERA;
  return take_civil(year, ymd[1], ymd[2], out);
}

// 80401 → 8, 4, 1
static void split_number(int number, int ymd[3])
{
  ymd[0] = number / 10000;
  ymd[1] = number / 100 % 100;
  ymd[2] = number % 100;
}

static DateFault read_civil(const Scan *scan, const DateForms *forms, Date *out)
{
  (void)forms;
  return take_civil(scan->numbers[0], scan->numbers[1], scan->numbers[2], out);
}

static DateFault read_compact(const Scan *scan, const DateForms *forms, Date *out)
{
  (void)forms;
  int ymd[3];
  split_number(scan->numbers[0], ymd);
  return take_civil(ymd[0], ymd[1], ymd[2], out);
}

static DateFault read_wareki(const Scan *scan, const DateForms *forms, Date *out)
{
  return take_era(scan->era, scan->numbers, forms->beyond_era, out);
}

static DateFault read_wareki_compact(const Scan *scan, const DateForms *forms, Date *out)
{
  int ymd[3];
  split_number(scan->numbers[0], ymd);
  return take_era(scan->era, ymd, forms->beyond_era, out);
}

static DateFault take_coded(int code, int number, const DateForms *forms, Date *out)
{
  int ymd[3];
  char letter = g_ascii_toupper(forms->era_codes[code]);
  split_number(number, ymd);
  if (!letter || !strchr("MTSHR", letter))
    return DATE_UNKNOWN_ERA_CODE;
  return take_era(letter, ymd, forms->beyond_era, out);
}

static DateFault read_coded(const Scan *scan, const DateForms *forms, Date *out)
{
  return take_coded(scan->numbers[0], scan->numbers[1], forms, out);
}

static DateFault read_coded_compact(const Scan *scan, const DateForms *forms, Date *out)
{
  return take_coded(scan->numbers[0] / 1000000, scan->numbers[0] % 1000000, forms, out);
}

static DateFault read_serial(const Scan *scan, const DateForms *forms, Date *out)
{
  (void)forms;
  int serial = scan->numbers[0];
  if (serial < 1 || serial > EXCEL_LAST || serial == EXCEL_LEAP_DAY)
    return DATE_NO_SUCH_DAY;
  *out = date_of(1899, 12, 31) + serial - (serial > EXCEL_LEAP_DAY);
  return DATE_FINE;
}

#define FLAG(name) offsetof(DateForms, name)

static const Form table[] = {
    {"4-2-2", FLAG(iso), read_civil},       {"4/n/n", FLAG(slash), read_civil},
    {"8", FLAG(compact), read_compact},     {"EY.N.N", FLAG(wareki), read_wareki},
    {"EY/N/N", FLAG(wareki), read_wareki},  {"EY-N-N", FLAG(wareki), read_wareki},
    {"EYyNmNd", FLAG(wareki), read_wareki}, {"E6", FLAG(wareki), read_wareki_compact},
    {"1-6", FLAG(era_code), read_coded},    {"7", FLAG(era_code), read_coded_compact},
    {"s", FLAG(excel), read_serial},
};

// In no form, but worth a reason of its own.
static const char *const two_digit_years[] = {"n.n.n", "n/n/n", "n-n-n", "6", "NyNmNd"};

static bool declares(const DateForms *forms, const Form *form)
{
  return *(const bool *)((const char *)forms + form->declared);
}

DateFault date_parse(const char *text, const DateForms *forms, Date *out)
{
  Scan scan = {0};
  *out = DATE_NONE;
  if (!scan_text(text, &scan))
    return DATE_UNKNOWN_FORM;
  if (scan.n_tokens == 0)
    return DATE_EMPTY;
  for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
    if (declares(forms, &table[i]) && shape_matches(scan.shape, table[i].pattern))
      return table[i].read(&scan, forms, out);
  for (size_t i = 0; i < G_N_ELEMENTS(two_digit_years); i++)
    if (shape_matches(scan.shape, two_digit_years[i]))
      return DATE_TWO_DIGIT_YEAR;
  return DATE_UNKNOWN_FORM;
}

const char *date_fault_text(DateFault fault)
{
  static const char *const texts[] = {
      [DATE_FINE] = N_("fine"),
      [DATE_EMPTY] = N_("no date where one is needed"),
      [DATE_UNKNOWN_FORM] = N_("not a date in a form that the layout declares"),
      [DATE_NO_SUCH_DAY] = N_("there is no such day in the calendar"),
      [DATE_OUT_OF_ERA] = N_("the era did not include this day"),
      [DATE_TWO_DIGIT_YEAR] = N_("a two-digit year without an era can be any century"),
      [DATE_UNKNOWN_ERA_CODE] = N_("the layout does not say which era this code means"),
  };
  return _(texts[fault]);
}
