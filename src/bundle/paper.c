// SPDX-License-Identifier: GPL-3.0-or-later
#include "bundle/bundle_p.h"

#include <string.h>

#define DIGEST_WORD "digest"
#define SIGNATURE_WORD "signature"

// ---------------------------------------------------------------------------------------------
// Writing.

void pen_init(Pen *pen, GString *out)
{
  *pen = (Pen){g_string_new(NULL), out};
}

void pen_clear(Pen *pen)
{
  g_string_free(pen->line, TRUE);
}

void pen_begin(Pen *pen, const char *word)
{
  g_string_assign(pen->line, word);
}

static bool is_plain(unsigned char c)
{
  return g_ascii_isalnum(c) || (c != '\0' && strchr("-._:/=,@+()", c) != NULL);
}

void pen_bytes(Pen *pen, const char *bytes, size_t n)
{
  g_string_append_c(pen->line, '|');
  bool lone = n == 1 && *bytes == '-';
  for (size_t i = 0; i < n; i++)
    if (is_plain((unsigned char)bytes[i]) && !lone)
      g_string_append_c(pen->line, bytes[i]);
    else
      g_string_append_printf(pen->line, "%%%02X", (unsigned char)bytes[i]);
}

void pen_text(Pen *pen, const char *text)
{
  if (text == NULL)
    g_string_append(pen->line, "|-");
  else
    pen_bytes(pen, text, strlen(text));
}

void pen_number(Pen *pen, int64_t number)
{
  g_string_append_printf(pen->line, "|%" G_GINT64_FORMAT, number);
}

void pen_instant(Pen *pen, Instant instant)
{
  g_autoptr(GString) text = g_string_new(NULL);
  bool none = instant == INSTANT_NONE || instant == 0;
  if (!none)
    instant_format(instant, text);
  pen_text(pen, none ? NULL : text->str);
}

void pen_end(Pen *pen)
{
  const char *rest = pen->line->str;
  size_t n = pen->line->len, width = PAPER_WIDTH;
  while (n > width) {
    g_string_append_len(pen->out, rest, (gssize)width);
    g_string_append(pen->out, "\n+");
    rest += width;
    n -= width;
    width = PAPER_WIDTH - 1;
  }
  g_string_append(pen->out, rest);
  g_string_append_c(pen->out, '\n');
}

// What is signed names what it is for, so that nothing signed for one purpose passes for another.
static char *message_of(const char *purpose, const char *digest)
{
  return g_strdup_printf("%s %d %s\n", purpose, BUNDLE_FORMAT, digest);
}

void pen_sign(Pen *pen, const char *purpose, const Signer *signer,
              char digest[BUNDLE_DIGEST_CHARS + 1])
{
  g_autofree char *hex = file_sha256(pen->out->str, pen->out->len);
  g_autofree char *message = message_of(purpose, hex);
  g_autoptr(GString) signature = g_string_new(NULL);
  signer_sign(signer, message, signature);
  pen_begin(pen, DIGEST_WORD);
  pen_text(pen, hex);
  pen_end(pen);
  pen_begin(pen, SIGNATURE_WORD);
  pen_text(pen, signer_id(signer));
  pen_text(pen, signature->str);
  pen_end(pen);
  g_strlcpy(digest, hex, BUNDLE_DIGEST_CHARS + 1);
}

// ---------------------------------------------------------------------------------------------
// Reading.

G_GNUC_PRINTF(3, 4)
static bool damaged(const Paper *paper, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_DAMAGED, _("%s: line %zu: %s; fetch it again"),
              paper->name, paper->line, text);
  return false;
}

// Line ends as we write them; nothing else may have become another.
static bool normalise(Paper *paper, const char *bytes, size_t n_bytes, GError **error)
{
  GString *text = g_string_sized_new(n_bytes + 1);
  paper->line = 1;
  bool fine = true;
  size_t n = 0;
  for (size_t i = 0; fine && i < n_bytes; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if (c == '\r' && i + 1 < n_bytes && bytes[i + 1] == '\n')
      continue;
    if (c == '\n') {
      fine = n > 0 || damaged(paper, error, _("it is empty"));
      n = 0;
      paper->line++;
    } else if (c <= ' ' || c > '~') {
      fine = damaged(paper, error, _("a character that we never write (byte %02X)"), c);
    } else if (++n > PAPER_WIDTH) {
      fine = damaged(paper, error, _("it is longer than %d characters"), PAPER_WIDTH);
    }
    g_string_append_c(text, (char)c);
  }
  if (fine && n > 0)
    g_string_append_c(text, '\n');
  paper->n_text = text->len;
  paper->text = g_string_free(text, FALSE);
  return fine;
}

static bool take_field(Paper *paper, const char *at, size_t n)
{
  PaperField field = {0};
  if (n == 1 && *at == '-') {
    g_array_append_val(paper->fields, field);
    return true;
  }
  g_autoptr(GString) bytes = g_string_sized_new(n + 1);
  for (size_t i = 0; i < n; i++) {
    int high = -1, low = -1;
    if (at[i] != '%') {
      g_string_append_c(bytes, at[i]);
      continue;
    }
    if (i + 2 < n) {
      high = g_ascii_xdigit_value(at[i + 1]);
      low = g_ascii_xdigit_value(at[i + 2]);
    }
    if (high < 0 || low < 0)
      return false;
    g_string_append_c(bytes, (char)(high << 4 | low));
    i += 2;
  }
  field = (PaperField){bytes->len,
                       g_string_chunk_insert_len(paper->texts, bytes->str, (gssize)bytes->len)};
  g_array_append_val(paper->fields, field);
  return true;
}

static bool take_line(Paper *paper, char *line, GError **error)
{
  g_array_set_size(paper->fields, 0);
  char *bar = strchr(line, '|');
  paper->word =
      g_string_chunk_insert_len(paper->texts, line, bar == NULL ? -1 : (gssize)(bar - line));
  while (bar != NULL) {
    char *next = strchr(bar + 1, '|');
    size_t n = next == NULL ? strlen(bar + 1) : (size_t)(next - bar - 1);
    if (!take_field(paper, bar + 1, n))
      return damaged(paper, error, _("a %% without two digits behind it"));
    bar = next;
  }
  return true;
}

bool paper_next(Paper *paper, GError **error)
{
  if (paper->at >= paper->n_text)
    return false;
  g_autoptr(GString) whole = g_string_new(NULL);
  paper->begin = paper->at;
  do {
    const char *line = paper->text + paper->at;
    size_t n = (size_t)((const char *)memchr(line, '\n', paper->n_text - paper->at) - line);
    bool more = whole->len > 0;
    g_string_append_len(whole, line + more, (gssize)(n - more));
    paper->at += n + 1;
    paper->line++;
  } while (paper->at < paper->n_text && paper->text[paper->at] == '+');
  return take_line(paper, whole->str, error);
}

// Where the line with that word begins, the last of them; the text's end when there is none.
static size_t find_last(const Paper *paper, const char *word)
{
  g_autofree char *begins = g_strdup_printf("\n%s|", word);
  const char *found = g_strrstr_len(paper->text, (gssize)paper->n_text, begins);
  return found == NULL ? paper->n_text : (size_t)(found + 1 - paper->text);
}

static bool take_end(Paper *paper, GError **error)
{
  size_t n_body = find_last(paper, DIGEST_WORD);
  paper->at = n_body;
  const char *no_end = _("it does not end with digest and signature: a part is missing");
  GError *fault = NULL;
  bool fine = paper_next(paper, &fault) && strcmp(paper->word, DIGEST_WORD) == 0;
  paper->digest = fine ? g_strdup(paper_text(paper, 0)) : NULL;
  fine = fine && paper_next(paper, &fault) && strcmp(paper->word, SIGNATURE_WORD) == 0;
  paper->key_id = fine ? g_strdup(paper_text(paper, 0)) : NULL;
  paper->signature = fine ? g_strdup(paper_text(paper, 1)) : NULL;
  g_clear_error(&fault);
  if (paper->digest == NULL || paper->key_id == NULL || paper->signature == NULL ||
      paper->at != paper->n_text)
    return damaged(paper, error, "%s", no_end);
  paper->n_text = n_body;
  paper->at = 0;
  paper->line = 1;
  return true;
}

bool paper_open(Paper *paper, const char *bytes, size_t n_bytes, const char *name, GError **error)
{
  *paper = (Paper){.name = name};
  paper->texts = g_string_chunk_new(16 * 1024);
  paper->fields = g_array_new(FALSE, FALSE, sizeof(PaperField));
  return normalise(paper, bytes, n_bytes, error) && take_end(paper, error);
}

void paper_clear(Paper *paper)
{
  g_free(paper->text);
  g_free(paper->digest);
  g_free(paper->key_id);
  g_free(paper->signature);
  g_clear_pointer(&paper->fields, g_array_unref);
  g_clear_pointer(&paper->texts, g_string_chunk_free);
}

bool paper_verify(const Paper *paper, const char *purpose, const Verifier *from, GError **error)
{
  if (strcmp(paper->key_id, verifier_id(from)) != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_KEY,
                _("%s: signed by key %s; the one that is trusted here is %s"), paper->name,
                paper->key_id, verifier_id(from));
    return false;
  }
  g_autofree char *hex = file_sha256(paper->text, paper->n_text);
  g_autofree char *message = message_of(purpose, hex);
  if (strcmp(hex, paper->digest) == 0 && verifier_accepts(from, message, paper->signature))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_DAMAGED,
              _("%s: it is not what was signed: something in it was changed. Nothing of it is "
                "believed; fetch it again, and if that does not help, find out who changed it"),
              paper->name);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Fields.

size_t paper_n(const Paper *paper)
{
  return paper->fields->len;
}

const char *paper_text(const Paper *paper, size_t i)
{
  return i < paper->fields->len ? g_array_index(paper->fields, PaperField, i).at : NULL;
}

bool paper_number(const Paper *paper, size_t i, int64_t *out)
{
  const char *text = paper_text(paper, i);
  return text != NULL && g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, out, NULL);
}

bool paper_instant(const Paper *paper, size_t i, Instant *out)
{
  const char *text = paper_text(paper, i);
  *out = INSTANT_NONE;
  return i < paper->fields->len && (text == NULL || instant_parse(text, out));
}

bool paper_fault(const Paper *paper, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_DAMAGED,
              _("%s: line %zu, “%s”, is not of a form that this version knows: both sides need the "
                "same version of idou"),
              paper->name, paper->line - 1, paper->word);
  return false;
}
