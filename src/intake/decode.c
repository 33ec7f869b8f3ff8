// SPDX-License-Identifier: GPL-3.0-or-later
//
// Bytes to UTF-8. What a character is, glibc's iconv says; for the encodings of two and three bytes it is
// asked once for each that occurs, since a call for each cell would cost more than all the rest.
#include "intake_p.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { PAIRS = 1 << 16, UTF8_MAX = 3, ASK_BYTES = 16 };

// An entry of a table: up to three bytes of UTF-8 from the lowest on, their number, and whether the
// character is odd. 0: not asked yet.
#define N_SHIFT 24u
#define ENTRY_ODD (1u << 30)
#define ENTRY_TAB (1u << 29)
#define ENTRY_QUOTE (1u << 28)
#define ENTRY_BAD (1u << 31)         // no character
#define ENTRY_LEAD (ENTRY_BAD | 1u)  // more bytes are needed
#define IS_PLAIN(entry) ((entry)-1u < ENTRY_BAD - 1u)

struct Decoder {
  Encoding encoding;
  iconv_t iconv;      // of all but UTF-8
  uint32_t one[256];  // by the first byte
  uint32_t *two,
      *three;  // by the first two; by the second and third, of which only 8F of EUC has any
};

static const struct {
  const char *name;  // glibc's; NULL: taken as it is
  bool by_table;
} encodings[] = {
    [ENCODING_UTF8] = {NULL, false},
    [ENCODING_CP932] = {"CP932", true},
    [ENCODING_UTF16LE] = {"UTF-16LE", false},
    [ENCODING_EUCJP] = {"EUC-JP-MS", true},
};

Decoder *decoder_new(Encoding encoding)
{
  Decoder *decoder = g_new0(Decoder, 1);
  const char *name = encodings[encoding].name;
  decoder->encoding = encoding;
  if (name && (decoder->iconv = iconv_open("UTF-8", name)) == (iconv_t)-1)
    g_error("iconv: %s: %s", name, g_strerror(errno));
  if (encodings[encoding].by_table)
    decoder->two = g_new0(uint32_t, PAIRS);
  return decoder;
}

void decoder_free(Decoder *decoder)
{
  if (!decoder)
    return;
  if (encodings[decoder->encoding].name)
    iconv_close(decoder->iconv);
  g_free(decoder->two);
  g_free(decoder->three);
  g_free(decoder);
}

// ---------------------------------------------------------------------------------------------
// By table.

static bool is_odd(const char *text, size_t n_bytes)
{
  char terminated[UTF8_MAX + 1] = "";
  memcpy(terminated, text, n_bytes);
  // Line ends and tabs are judged where it is known what they part.
  return !strchr("\t\r\n", *text) &&
         (text_has_control(terminated) || gaiji_is(g_utf8_get_char(terminated)));
}

static uint32_t ask(const Decoder *decoder, const unsigned char *bytes, size_t n_bytes)
{
  char text[ASK_BYTES], *in = (char *)bytes, *out = text;  // iconv does not write to `in`
  size_t in_left = n_bytes, out_left = sizeof text;
  iconv(decoder->iconv, NULL, NULL, NULL, NULL);
  if (iconv(decoder->iconv, &in, &in_left, &out, &out_left) == (size_t)-1)
    return errno == EINVAL ? ENTRY_LEAD : ENTRY_BAD;
  size_t n_text = sizeof text - out_left;
  if (n_text == 0 || n_text > UTF8_MAX || *text == '\0')
    return ENTRY_BAD;
  uint32_t entry = (uint32_t)n_text << N_SHIFT;
  entry |= is_odd(text, n_text) ? ENTRY_ODD
           : *text == '\t'      ? ENTRY_TAB
           : *text == '"'       ? ENTRY_QUOTE
                                : 0;
  for (size_t i = 0; i < n_text; i++)
    entry |= (uint32_t)(unsigned char)text[i] << 8 * i;
  return entry;
}

static uint32_t *slot_of(Decoder *decoder, const unsigned char *bytes, size_t n_bytes)
{
  if (n_bytes == 1)
    return &decoder->one[bytes[0]];
  if (n_bytes == 2)
    return &decoder->two[bytes[0] << 8 | bytes[1]];
  if (!decoder->three)
    decoder->three = g_new0(uint32_t, PAIRS);
  return &decoder->three[bytes[1] << 8 | bytes[2]];
}

static uint32_t look_up(Decoder *decoder, const unsigned char *bytes, size_t n_left, size_t *n_used)
{
  for (*n_used = 1; *n_used <= MIN(n_left, 3); ++*n_used) {
    uint32_t *slot = slot_of(decoder, bytes, *n_used);
    if (*slot == 0)
      *slot = ask(decoder, bytes, *n_used);
    if (*slot != ENTRY_LEAD)
      return *slot;
  }
  return ENTRY_BAD;  // cut within a character
}

static bool append_by_table(Decoder *decoder, const unsigned char *bytes, size_t n_bytes,
                            Decoded *out)
{
  GString *text = out->text;
  size_t n_before = text->len, at = 0;
  g_string_set_size(text, n_before + UTF8_MAX * n_bytes);
  char *to = text->str + n_before;
  uint32_t seen = 0;
  while (at < n_bytes) {
    size_t n_used = 1;
    uint32_t entry = decoder->one[bytes[at]];
    if (entry == ENTRY_LEAD && at + 1 < n_bytes) {
      entry = decoder->two[bytes[at] << 8 | bytes[at + 1]];
      n_used = 2;
    }
    if (!IS_PLAIN(entry) &&
        (entry = look_up(decoder, bytes + at, n_bytes - at, &n_used)) == ENTRY_BAD)
      break;
    seen |= entry;
    // All three are written, for fewer branches: the text is long enough.
    to[0] = (char)entry;
    to[1] = (char)(entry >> 8);
    to[2] = (char)(entry >> 16);
    to += entry >> N_SHIFT & 3;
    at += n_used;
  }
  g_string_truncate(text, (gsize)(to - text->str));
  out->odd = out->odd || seen & ENTRY_ODD;
  out->tab = out->tab || seen & ENTRY_TAB;
  out->quote = out->quote || seen & ENTRY_QUOTE;
  out->bad_at = at;
  return at == n_bytes;
}

// ---------------------------------------------------------------------------------------------
// As Unicode already.

// Whether something may be odd in it: what is_odd says, and more.
static void look_over(const char *text, size_t n_bytes, Decoded *out)
{
  unsigned char odd = 0, before = 0;
  for (size_t i = 0; i < n_bytes; before = (unsigned char)text[i], i++) {
    unsigned char c = (unsigned char)text[i];
    odd |= c < 0x20 ? c != '\t' && c != '\r' && c != '\n' : c == 0x7F;
    // C1, U+061C, private use and beyond; U+2000–207F; U+FDC0–, U+FEC0–, U+FFC0–.
    odd |= c == 0xC2 || c == 0xD8 || c == 0xEE || c >= 0xF0;
    odd |= before == 0xE2 && c <= 0x81;
    odd |= before == 0xEF && (c == 0xB7 || c == 0xBB || c == 0xBF);
  }
  out->odd = out->odd || odd;
  out->tab = out->tab || memchr(text, '\t', n_bytes);
  out->quote = out->quote || memchr(text, '"', n_bytes);
}

static bool append_utf8(const char *bytes, size_t n_bytes, Decoded *out)
{
  size_t n_good = n_bytes;
  if (text_valid(bytes, n_bytes, &n_good))
    n_good = n_bytes;
  g_string_append_len(out->text, bytes, (gssize)n_good);
  look_over(bytes, n_good, out);
  out->bad_at = n_good;
  return n_good == n_bytes;
}

static size_t units_before_nul(const char *bytes, size_t n_bytes)
{
  size_t at = 0;
  while (at + 1 < n_bytes && (bytes[at] || bytes[at + 1]))
    at += 2;
  return at + 1 < n_bytes ? at : n_bytes;
}

static bool append_utf16(const Decoder *decoder, const char *bytes, size_t n_bytes, Decoded *out)
{
  GString *text = out->text;
  size_t n_before = text->len, n_max = UTF8_MAX * n_bytes / 2 + UTF8_MAX;
  size_t in_left = units_before_nul(bytes, n_bytes), out_left = n_max;
  bool whole = in_left == n_bytes;
  char *in = (char *)bytes;  // iconv does not write there
  g_string_set_size(text, n_before + n_max);
  char *to = text->str + n_before;
  iconv(decoder->iconv, NULL, NULL, NULL, NULL);
  bool good = iconv(decoder->iconv, &in, &in_left, &to, &out_left) != (size_t)-1;
  g_string_truncate(text, n_before + n_max - out_left);
  look_over(text->str + n_before, text->len - n_before, out);
  out->bad_at = (size_t)(in - bytes);
  return good && whole;
}

// ---------------------------------------------------------------------------------------------

DecodeFault decoder_append(Decoder *decoder, const char *bytes, size_t n_bytes, Decoded *out)
{
  bool good = decoder->two ? append_by_table(decoder, (const unsigned char *)bytes, n_bytes, out)
              : decoder->encoding == ENCODING_UTF16LE ? append_utf16(decoder, bytes, n_bytes, out)
                                                      : append_utf8(bytes, n_bytes, out);
  if (good)
    return DECODE_FINE;
  size_t at = out->bad_at;
  bool nul =
      !bytes[at] && (decoder->encoding != ENCODING_UTF16LE || (at + 1 < n_bytes && !bytes[at + 1]));
  return nul ? DECODE_NUL : DECODE_BYTES;
}

void decode_show(const char *bytes, size_t n_bytes, GString *out)
{
  for (size_t i = 0; i < MIN(n_bytes, 2); i++)
    g_string_append_printf(out, "%s%02X", i ? " " : "", (unsigned char)bytes[i]);
}

static const struct {
  const char *mark;
  size_t n_bytes;
  Encoding encoding;  // of which it is the mark
  DecodeFault fault;  // in any other
} marks[] = {
    {"\xef\xbb\xbf", 3, ENCODING_UTF8, DECODE_UTF8_MARK},
    {"\xff\xfe", 2, ENCODING_UTF16LE, DECODE_UTF16},
    {"\xfe\xff", 2, N_ENCODINGS, DECODE_UTF16BE},
};

// DOS programs still end a text file with this byte.
#define DOS_END '\x1a'

DecodeFault decode_body(const char **bytes, size_t *n_bytes, Encoding encoding)
{
  for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
    if (*n_bytes < marks[i].n_bytes || memcmp(*bytes, marks[i].mark, marks[i].n_bytes) != 0)
      continue;
    if (marks[i].encoding != encoding)
      return marks[i].fault;
    *bytes += marks[i].n_bytes;
    *n_bytes -= marks[i].n_bytes;
    break;
  }
  size_t width = encoding == ENCODING_UTF16LE ? 2 : 1;
  const char *end = *bytes + *n_bytes;
  if (*n_bytes >= width && *n_bytes % width == 0 && end[-(int)width] == DOS_END &&
      (width == 1 || !end[-1]))
    *n_bytes -= width;
  return DECODE_FINE;
}

DecodeFault decode_text(GBytes *bytes, Encoding encoding, GString *out, GString *bad)
{
  size_t n_bytes;
  const char *at = g_bytes_get_data(bytes, &n_bytes);
  DecodeFault fault = decode_body(&at, &n_bytes, encoding);
  if (fault != DECODE_FINE || n_bytes == 0)
    return fault;
  g_autoptr(Decoder) decoder = decoder_new(encoding);
  Decoded decoded = {.text = out};
  fault = decoder_append(decoder, at, n_bytes, &decoded);
  if (fault == DECODE_BYTES)
    decode_show(at + decoded.bad_at, n_bytes - decoded.bad_at, bad);
  else if (fault == DECODE_NUL)
    g_string_append(bad, "00");
  return fault;
}

const char *decode_fault_text(DecodeFault fault)
{
  static const char *const texts[] = {
      [DECODE_FINE] = "",
      [DECODE_BYTES] =
          N_("these bytes are no character; the file is damaged, or in another encoding "
             "than the layout says"),
      [DECODE_NUL] = N_("a zero byte: this is no text file, or it is UTF-16, for which the layout "
                        "says encoding: utf16le"),
      [DECODE_UTF8_MARK] = N_("the file begins with the mark of UTF-8, but the layout says another "
                              "encoding; write encoding: utf8 in it if all such files are so"),
      [DECODE_UTF16] = N_("the file is UTF-16; save it as the layout's encoding says, or write "
                          "encoding: utf16le in the layout if all such files are so"),
      [DECODE_UTF16BE] = N_("the file is UTF-16 of the other byte order (big-endian), which is not "
                            "read; save it as the layout's encoding says"),
  };
  return _(texts[fault]);
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
