// SPDX-License-Identifier: GPL-3.0-or-later
#include "mail/mail_p.h"

#include <string.h>

#define LINE_CHARS 76  // of base64, and of a header's line
#define WORD_CHARS 75  // RFC 2047: an encoded word has no more
#define ID_CHARS 32
#define PARAMETER_CHARS 50  // of a part of a parameter's value

#define WORD_BEGIN "=?UTF-8?B?"
#define WORD_END "?="

char *mail_mime_id(const char *key)
{
  char *digest = file_sha256(key, strlen(key));
  digest[ID_CHARS] = '\0';
  return digest;
}

// What a header can hold as it is: no end of a line can get into one, since nothing but these characters does.
static bool is_plain(const char *text)
{
  if (strstr(text, "=?") != NULL)
    return false;
  for (const char *at = text; *at != '\0'; at++)
    if (*at < ' ' || *at > '~')
      return false;
  return true;
}

// A line has no more than 998 characters (RFC 5322 2.1.1), and is folded at spaces only.
static bool has_long_word(const char *text)
{
  for (size_t n = 0; *text != '\0'; text++)
    if ((n = *text == ' ' ? 0 : n + 1) > LINE_CHARS)
      return true;
  return false;
}

// Folds at spaces only.
static void put_plain(const char *text, size_t column, GString *out)
{
  const char *at = text;
  while (*at != '\0') {
    size_t n = strcspn(at + 1, " ") + 1;
    if (column + n > LINE_CHARS && *at == ' ' && n > 1) {
      g_string_append(out, "\r\n");
      column = 0;
    }
    g_string_append_len(out, at, (gssize)n);
    column += n;
    at += n;
  }
}

// As many whole characters as fit into the encoded word.
static size_t word_bytes(const char *text, size_t room)
{
  size_t n = 0;
  while (text[n] != '\0') {
    size_t more = (size_t)(g_utf8_next_char(text + n) - (text + n));
    if ((n + more + 2) / 3 * 4 > room)
      break;
    n += more;
  }
  return n;
}

static void put_encoded(const char *text, size_t column, GString *out)
{
  size_t around = strlen(WORD_BEGIN WORD_END);
  while (*text != '\0') {
    size_t left = column < LINE_CHARS - around ? LINE_CHARS - around - column : 0;
    size_t n = word_bytes(text, MIN(left, WORD_CHARS - around));
    if (n == 0) {
      g_string_append(out, "\r\n ");
      column = 1;
      continue;
    }
    g_autofree char *base64 = g_base64_encode((const guchar *)text, n);
    g_string_append_printf(out, WORD_BEGIN "%s" WORD_END, base64);
    text += n;
    column = LINE_CHARS;
  }
}

// Control and bidi characters are shown, as everywhere.
static char *shown(const char *text)
{
  g_autoptr(GString) escaped = g_string_new(NULL);
  escape_text(escaped, text, ESCAPE_TERMINAL);
  return g_string_free(g_steal_pointer(&escaped), FALSE);
}

void mail_mime_words(const char *text, size_t column, GString *out)
{
  g_autofree char *clean = shown(text);
  if (is_plain(clean) && !has_long_word(clean))
    put_plain(clean, column, out);
  else
    put_encoded(clean, column, out);
}

// RFC 2231: parts of percent-encoded UTF-8, so that a long name needs no long line.
void mail_mime_parameter(const char *name, const char *value, GString *out)
{
  g_autofree char *clean = shown(value);
  g_autofree char *encoded = g_uri_escape_string(clean, NULL, false);
  const char *at = encoded;
  for (unsigned part = 0; part == 0 || *at != '\0'; part++) {
    size_t n = MIN(strlen(at), (size_t)PARAMETER_CHARS);
    // Not within "%E3".
    for (size_t k = 1; k <= 2 && n > 2 && at[n] != '\0'; k++)
      if (at[n - k] == '%') {
        n -= k;
        break;
      }
    g_string_append_printf(out, ";\r\n %s*%u*=%s%.*s", name, part, part == 0 ? "UTF-8''" : "",
                           (int)n, at);
    at += n;
  }
}

// ---------------------------------------------------------------------------------------------
// Bodies.

static void put_base64(const char *bytes, size_t n_bytes, GString *out)
{
  g_autofree char *base64 = g_base64_encode((const guchar *)bytes, n_bytes);
  size_t n = strlen(base64);
  for (size_t i = 0; i < n; i += LINE_CHARS)
    g_string_append_printf(out, "%.*s\r\n", LINE_CHARS, base64 + i);
}

// Each line escaped by itself; "\n" becomes the CRLF that a text has within base64, too.
static void put_lines(const char *text, GString *out)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (size_t i = 0; lines[i] != NULL; i++) {
    if (lines[i + 1] == NULL && *lines[i] == '\0')
      break;
    escape_text(out, lines[i], ESCAPE_TERMINAL);
    g_string_append(out, "\r\n");
  }
}

static void put_text(const char *text, GString *out)
{
  g_autoptr(GString) lines = g_string_new(NULL);
  put_lines(text, lines);
  g_string_append(out, "Content-Type: text/plain; charset=UTF-8\r\n"
                       "Content-Transfer-Encoding: base64\r\n\r\n");
  put_base64(lines->str, lines->len, out);
}

// A type is our own; still, nothing of it may end the header.
static void put_file(const LetterFile *file, GString *out)
{
  g_autofree char *name = g_path_get_basename(file->name);
  g_string_append_printf(out, "Content-Type: %s\r\n",
                         is_plain(file->type) ? file->type : "application/octet-stream");
  g_string_append(out, "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment");
  mail_mime_parameter("filename", name, out);
  g_string_append(out, "\r\n\r\n");
  put_base64(file->bytes, file->n_bytes, out);
}

// ---------------------------------------------------------------------------------------------
// The head.

static void put_date(Instant when, GString *out)
{
  static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  Date date = date_of_instant(when);
  int year, month, day;
  date_split(date, &year, &month, &day);
  int seconds = (int)(when - date_start(date));
  // 1970-01-01 was a Thursday.
  g_string_append_printf(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0900\r\n",
                         days[((date % 7) + 7) % 7], day, months[CLAMP(month, 1, 12) - 1], year,
                         seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void put_from(const char *from, GString *out)
{
  g_autofree char *address = mail_address_of(from);
  const char *open = strrchr(from, '<');
  g_autofree char *name =
      open == NULL ? g_strdup("") : g_strstrip(g_strndup(from, (size_t)(open - from)));
  g_string_append(out, "From: ");
  bool quoted = is_plain(name) && strpbrk(name, "()<>[]:;@\\,.\"") != NULL;
  if (quoted || *name == '"')
    put_encoded(name, strlen("From: "), out);
  else if (*name != '\0')
    mail_mime_words(name, strlen("From: "), out);
  const char *line = g_strrstr(out->str, "\r\n");
  size_t column = out->len - (line != NULL ? (size_t)(line + 2 - out->str) : 0);
  bool fits = address == NULL || column + strlen(address) + strlen(" <>") <= LINE_CHARS;
  g_string_append_printf(out, *name == '\0' ? "%s%s\r\n" : "%s <%s>\r\n", fits ? "" : "\r\n",
                         address != NULL ? address : "");
}

static void put_to(const char *const *to, GString *out)
{
  const char *between = "To: ";
  for (size_t i = 0; to[i] != NULL; i++) {
    if (!mail_is_address(to[i]))
      continue;
    g_string_append_printf(out, "%s%s", between, to[i]);
    between = ",\r\n ";
  }
  g_string_append(out, "\r\n");
}

static void put_head(const MailConfig *config, const Letter *letter, Instant when, GString *out)
{
  g_autofree char *id = mail_mime_id(letter->key);
  g_autofree char *from = mail_address_of(config->from);
  put_date(when, out);
  put_from(config->from, out);
  put_to(letter->to, out);
  g_string_append(out, "Subject: ");
  mail_mime_words(letter->subject, strlen("Subject: "), out);
  g_string_append_printf(out, "\r\nMessage-ID: <%s%s>\r\n", id,
                         from != NULL ? strchr(from, '@') : "@localhost");
  // RFC 3834: nobody's machine answers it; the second is what Exchange heeds.
  g_string_append(out, "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
                       "X-Auto-Response-Suppress: All\r\n");
}

// Which files fit; what is left out is said below the text.
static size_t choose_files(const MailConfig *config, const Letter *letter, bool *chosen,
                           GString *text)
{
  size_t n_bytes = 0, n_chosen = 0;
  for (size_t i = 0; i < letter->n_files; i++) {
    const LetterFile *file = &letter->files[i];
    chosen[i] = n_bytes + file->n_bytes <= config->max_bytes;
    if (chosen[i]) {
      n_bytes += file->n_bytes;
      n_chosen++;
      continue;
    }
    g_autofree char *name = g_path_get_basename(file->name);
    g_string_append_printf(text, _("\n%s is too large for a letter (%zu bytes) and is left out.\n"),
                           name, file->n_bytes);
  }
  return n_chosen;
}

void mail_mime_write(const MailConfig *config, const Letter *letter, Instant when, GString *out)
{
  g_autofree bool *chosen = g_new0(bool, letter->n_files + 1);
  g_autoptr(GString) text = g_string_new(letter->text);
  size_t n_chosen = choose_files(config, letter, chosen, text);
  put_head(config, letter, when, out);
  if (n_chosen == 0) {
    put_text(text->str, out);
    return;
  }
  // "=_" is in no base64.
  g_autofree char *boundary = mail_mime_id(letter->key);
  g_string_append_printf(out, "Content-Type: multipart/mixed; boundary=\"=_%s\"\r\n\r\n--=_%s\r\n",
                         boundary, boundary);
  put_text(text->str, out);
  for (size_t i = 0; i < letter->n_files; i++) {
    if (!chosen[i])
      continue;
    g_string_append_printf(out, "--=_%s\r\n", boundary);
    put_file(&letter->files[i], out);
  }
  g_string_append_printf(out, "--=_%s--\r\n", boundary);
}
