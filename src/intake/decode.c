// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake_p.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 16 };

// DOS programs still end a text file with this byte.
#define DOS_END '\x1a'

static const struct {
  const char *mark;
  size_t n_bytes;
  DecodeFault fault;
} marks[] = {
    {"\xef\xbb\xbf", 3, DECODE_UTF8_MARK},
    {"\xff\xfe", 2, DECODE_UTF16},
    {"\xfe\xff", 2, DECODE_UTF16},
};

static DecodeFault foreign_mark(const char *bytes, size_t n_bytes)
{
  for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
    if (n_bytes >= marks[i].n_bytes && memcmp(bytes, marks[i].mark, marks[i].n_bytes) == 0)
      return marks[i].fault;
  return DECODE_FINE;
}

static void show_bytes(const char *bytes, size_t n_bytes, GString *bad)
{
  for (size_t i = 0; i < MIN(n_bytes, 2); i++)
    g_string_append_printf(bad, "%s%02X", i ? " " : "", (unsigned char)bytes[i]);
}

static bool decode_cp932(const char *bytes, size_t n_bytes, GString *out, size_t *bad_at)
{
  iconv_t decoder = iconv_open("UTF-8", "CP932");
  if (decoder == (iconv_t)-1)
    g_error("iconv: CP932: %s", g_strerror(errno));
  char *in = (char *)bytes;  // iconv does not write there
  size_t in_left = n_bytes;
  bool good = true;
  while (in_left > 0 && good) {
    size_t done = out->len, out_left = BLOCK_BYTES;
    g_string_set_size(out, done + BLOCK_BYTES);
    char *to = out->str + done;
    if (iconv(decoder, &in, &in_left, &to, &out_left) == (size_t)-1)
      good = errno == E2BIG;
    g_string_truncate(out, done + BLOCK_BYTES - out_left);
  }
  iconv_close(decoder);
  *bad_at = n_bytes - in_left;
  return good;
}

static bool decode_utf8(const char *bytes, size_t n_bytes, GString *out, size_t *bad_at)
{
  size_t n_good = n_bytes;
  bool good = text_valid(bytes, n_bytes, &n_good);
  if (good)
    n_good = n_bytes;
  g_string_append_len(out, bytes, (gssize)n_good);
  *bad_at = n_good;
  return good;
}

static bool decode_any(Encoding encoding, const char *bytes, size_t n_bytes, GString *out,
                       size_t *bad_at)
{
  if (encoding == ENCODING_CP932)
    return decode_cp932(bytes, n_bytes, out, bad_at);
  return decode_utf8(bytes, n_bytes, out, bad_at);
}

DecodeFault decode_text(GBytes *bytes, Encoding encoding, GString *out, GString *bad)
{
  size_t n_bytes, bad_at;
  const char *at = g_bytes_get_data(bytes, &n_bytes);
  if (n_bytes == 0)
    return DECODE_FINE;
  DecodeFault mark = foreign_mark(at, n_bytes);
  if (mark == DECODE_UTF8_MARK && encoding == ENCODING_UTF8) {
    at += 3;
    n_bytes -= 3;
  } else if (mark != DECODE_FINE) {
    return mark;
  }
  if (n_bytes > 0 && at[n_bytes - 1] == DOS_END)
    n_bytes--;
  if (n_bytes == 0)
    return DECODE_FINE;
  // Both encodings give NUL for the byte 00 and for nothing else, so what comes before it decodes alone.
  const char *nul = memchr(at, 0, n_bytes);
  size_t n_text = nul ? (size_t)(nul - at) : n_bytes;
  if (!decode_any(encoding, at, n_text, out, &bad_at)) {
    show_bytes(at + bad_at, n_text - bad_at, bad);
    return DECODE_BYTES;
  }
  if (!nul)
    return DECODE_FINE;
  g_string_append(bad, "00");
  return DECODE_NUL;
}

Place decode_place(const GString *text, char separator)
{
  Place place = {1, 1, 1};
  bool quoted = false;
  for (size_t i = 0; i < text->len; i++) {
    char c = text->str[i];
    if (c == '\n' || (c == '\r' && text->str[i + 1] != '\n')) {
      place.line++;
      place.character = 1;
      if (!quoted)
        place.column = 1;
      continue;
    }
    if (c == '"')
      quoted = !quoted;
    if (c == separator && !quoted)
      place.column++;
    // Continuation bytes belong to the character that began before them.
    if (((unsigned char)c & 0xC0) != 0x80 && c != '\r')
      place.character++;
  }
  return place;
}
