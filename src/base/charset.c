// SPDX-License-Identifier: GPL-3.0-or-later
//
// The tables of the C library say what a code decodes to, and only what some code decodes to is held.
// Its encoders take more (U+301C, 2016, 2212, A2, A3, AC, 2014, A5, 203E to CP932) and would change it.
#include "base/base_p.h"

#include <errno.h>
#include <iconv.h>

#define N_BMP 0x10000
#define JIS_ROWS 84  // of JIS X 0208

typedef struct Kind Kind;

struct Charset {
  const Kind *kind;
  uint8_t *bits;  // of the BMP; NULL: the limit alone says
};

struct Kind {
  const char *name;
  gunichar limit;  // no character above it
  void (*fill)(uint8_t *bits);
};

static void set(uint8_t *bits, gunichar c)
{
  if (c < N_BMP)
    bits[c / 8] |= (uint8_t)(1U << (c % 8));
}

static void set_range(uint8_t *bits, gunichar first, gunichar last)
{
  for (gunichar c = first; c <= last; c++)
    set(bits, c);
}

static iconv_t open_table(const char *name)
{
  iconv_t table = iconv_open("UTF-8", name);
  if (table == (iconv_t)-1)
    g_error("iconv: %s: %s", name, g_strerror(errno));
  return table;
}

// What two bytes stand for; 0 when they stand for nothing.
static gunichar decode(iconv_t table, int first, int second)
{
  char bytes[2] = {(char)first, (char)second}, text[8] = "";
  char *in = bytes, *out = text;
  size_t in_left = sizeof bytes, out_left = sizeof text - 1;
  iconv(table, NULL, NULL, NULL, NULL);
  if (iconv(table, &in, &in_left, &out, &out_left) == (size_t)-1 || in_left > 0)
    return 0;
  gunichar c = g_utf8_get_char(text);
  return *g_utf8_next_char(text) ? 0 : c;
}

static void set_single_bytes(uint8_t *bits)
{
  set_range(bits, 0x20, 0x7E);
  set_range(bits, 0xFF61, 0xFF9F);
}

static void fill_cp932(uint8_t *bits)
{
  iconv_t table = open_table("CP932");
  set_single_bytes(bits);
  for (int first = 0x81; first <= 0xFC; first++)
    for (int second = 0x40; second <= 0xFC && (first < 0xA0 || first > 0xDF); second++)
      set(bits, decode(table, first, second));
  iconv_close(table);
}

// Each cell as the standard has it and as Windows has it: of some signs (～ ∥ －) the two differ.
static void fill_jisx0208(uint8_t *bits)
{
  iconv_t standard = open_table("EUC-JP"), windows = open_table("CP932");
  set_single_bytes(bits);
  for (int row = 1; row <= JIS_ROWS; row++) {
    for (int cell = 1; cell <= 94; cell++) {
      gunichar c = decode(standard, 0xA0 + row, 0xA0 + cell);
      if (!c)
        continue;
      int odd = row % 2;
      set(bits, c);
      set(bits, decode(windows, (row - 1) / 2 + (row <= 62 ? 0x81 : 0xC1),
                       cell + (odd ? 0x3F + (cell >= 64) : 0x9E)));
    }
  }
  iconv_close(standard);
  iconv_close(windows);
}

static const Kind kinds[] = {
    {"utf8", 0x10FFFF, NULL},      {"bmp", 0xFFFF, NULL},
    {"cp932", 0xFFFF, fill_cp932}, {"jisx0208", 0xFFFF, fill_jisx0208},
    {"latin1", 0xFF, NULL},        {"ascii", 0x7F, NULL},
};

Charset *charset_new(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
    if (strcmp(kinds[i].name, name) != 0)
      continue;
    Charset *charset = g_new0(Charset, 1);
    charset->kind = &kinds[i];
    if (kinds[i].fill) {
      charset->bits = g_malloc0(N_BMP / 8);
      kinds[i].fill(charset->bits);
      charset->bits[0] &= 0xFE;  // decode's "nothing"
    }
    return charset;
  }
  return NULL;
}

void charset_free(Charset *charset)
{
  if (!charset)
    return;
  g_free(charset->bits);
  g_free(charset);
}

const char *charset_name(const Charset *charset)
{
  return charset->kind->name;
}

void charset_names(GString *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
    g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", kinds[i].name);
}

bool charset_has(const Charset *charset, gunichar c)
{
  if (c > charset->kind->limit)
    return false;
  return c < 0x20 || !charset->bits || charset->bits[c / 8] >> (c % 8) & 1;
}

const char *charset_misfit(const Charset *charset, const char *text)
{
  for (; *text; text = g_utf8_next_char(text))
    if ((signed char)*text < 0 && !charset_has(charset, g_utf8_get_char(text)))
      return text;
  return NULL;
}
