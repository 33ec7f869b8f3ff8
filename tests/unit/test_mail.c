// SPDX-License-Identifier: GPL-3.0-or-later
//
// Letters as messages. What other programs make of them is in tests/mail.
#include "mail/mail_p.h"
#include "unit.h"

#include <string.h>

static const MailConfig config = {.from = "idou <idou@city.example>", .max_bytes = 1000};
static const char *const to[] = {"soumu@city.example", NULL};

static void addresses(void)
{
  static const struct {
    const char *text;
    bool fine;
  } rows[] = {
      {"a@b", true},
      {"yamada.taro+x@city.example", true},
      {"o'brien@mail-1.city.example", true},
      {NULL, false},
      {"", false},
      {"a", false},
      {"@b", false},
      {"a@", false},
      {"a@b@c", false},
      {"a b@c", false},
      {"a@b c", false},
      {".a@b", false},
      {"a.@b", false},
      {"a..b@c", false},
      {"a@b..c", false},
      {"a@.b", false},
      {"a@b.", false},
      {"a@-b", false},
      {"a@b-", false},
      {"<a@b>", false},
      {"\"a b\"@c", false},
      {"a@b\r\nRCPT TO:<x@y>", false},
      {"a@b\n", false},
      {"山田@city.example", false},
      {"a@市.example", false},
      {"a@[127.0.0.1]", false},
      {"0123456789012345678901234567890123456789012345678901234567890123@b", true},
      {"01234567890123456789012345678901234567890123456789012345678901234@b", false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    UNIT_INT(mail_is_address(rows[i].text), rows[i].fine, "row %zu: %s", i, rows[i].text);
}

static void addresses_with_names(void)
{
  static const struct {
    const char *text, *address;
  } rows[] = {
      {"idou@city.example", "idou@city.example"},
      {"idou <idou@city.example>", "idou@city.example"},
      {"異動 <a@b> <idou@city.example>", "idou@city.example"},
      {"<idou@city.example>", "idou@city.example"},
      {"idou <idou@city.example", NULL},
      {"idou <>", NULL},
      {"idou", NULL},
      {NULL, NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *address = mail_address_of(rows[i].text);
    UNIT_STR(address, rows[i].address, "row %zu", i);
  }
}

static void words(void)
{
  static const struct {
    const char *text, *written;
  } rows[] = {
      {"plain", "plain"},
      {"", ""},
      {"a\r\nBcc: x", "a\\u{D}\\u{A}Bcc: x"},
      {"=?UTF-8?B?eA==?=", "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?="},
      {"異動", "=?UTF-8?B?55Ww5YuV?="},
      {"\xE2\x80\xAEx", "\\u{202E}x"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    mail_mime_words(rows[i].text, 9, out);
    UNIT_STR(out->str, rows[i].written, "row %zu", i);
  }
}

// Of every length: no line is too long, no character is cut, and it reads as it was.
static void long_words(void)
{
  for (size_t n = 0; n < 120; n++) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) out = g_string_new("Subject: ");
    g_autoptr(GString) read = g_string_new(NULL);
    for (size_t i = 0; i < n; i++)
      g_string_append(text, i % 3 == 0 ? "a" : i % 3 == 1 ? "課" : "\U00029E3D");
    mail_mime_words(text->str, out->len, out);
    g_auto(GStrv) lines = g_strsplit(out->str, "\r\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
      UNIT_TRUE(strlen(lines[i]) <= 78, "%zu characters, line %zu", n, i);
      const char *begin = strstr(lines[i], "=?UTF-8?B?");
      if (begin == NULL)
        continue;
      gsize size = 0;
      g_autofree char *base64 = g_strndup(begin + 10, strlen(begin + 10) - 2);
      g_autofree guchar *bytes = g_base64_decode(base64, &size);
      UNIT_TRUE(g_utf8_validate((const char *)bytes, (gssize)size, NULL), "%zu characters", n);
      g_string_append_len(read, (const char *)bytes, (gssize)size);
    }
    if (n > 1)
      UNIT_STR(read->str, text->str, "%zu characters", n);
  }
}

static void parameters(void)
{
  static const struct {
    const char *value, *written;
  } rows[] = {
      {"a.csv", ";\r\n filename*0*=UTF-8''a.csv"},
      {"", ";\r\n filename*0*=UTF-8''"},
      {"表.csv", ";\r\n filename*0*=UTF-8''%E8%A1%A8.csv"},
      {"a\"; x=\"b", ";\r\n filename*0*=UTF-8''a%22%3B%20x%3D%22b"},
      // The parts are cut between characters' bytes as they are written, not within "%E8".
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa表",
       ";\r\n filename*0*=UTF-8''aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       ";\r\n filename*1*=%E8%A1%A8"},
      {"a\r\nBcc: x", ";\r\n filename*0*=UTF-8''a%5Cu%7BD%7D%5Cu%7BA%7DBcc%3A%20x"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    mail_mime_parameter("filename", rows[i].value, out);
    UNIT_STR(out->str, rows[i].written, "row %zu", i);
  }
}

static GString *letter_of(const Letter *letter)
{
  GString *out = g_string_new(NULL);
  mail_mime_write(&config, letter, date_start(date_of(2027, 4, 1)), out);
  return out;
}

static void heads(void)
{
  const Letter letter = {.key = "run/nightly/1", .to = to, .subject = "s", .text = "one\n"};
  g_autoptr(GString) out = letter_of(&letter);
  UNIT_STR(out->str, "Date: Thu, 1 Apr 2027 00:00:00 +0900\r\n"
                     "From: idou <idou@city.example>\r\n"
                     "To: soumu@city.example\r\n"
                     "Subject: s\r\n"
                     "Message-ID: <8c07a5cc9f6fb20d4b3648420c5ca0b9@city.example>\r\n"
                     "MIME-Version: 1.0\r\n"
                     "Auto-Submitted: auto-generated\r\n"
                     "X-Auto-Response-Suppress: All\r\n"
                     "Content-Type: text/plain; charset=UTF-8\r\n"
                     "Content-Transfer-Encoding: base64\r\n"
                     "\r\n"
                     "b25lDQo=\r\n");
}

// What is too large is left out, and the letter says so; the rest goes.
static void files(void)
{
  g_autofree char *much = g_strnfill(1001, 'x');
  const LetterFile both[] = {{"/some/folder/big.csv", "text/csv", much, 1001},
                             {"small.csv", "text/csv\r\nBcc: x", "a", 1}};
  const Letter letter = {
      .key = "k", .to = to, .subject = "s", .text = "t", .files = both, .n_files = 2};
  g_autoptr(GString) out = letter_of(&letter);
  UNIT_TRUE(strstr(out->str, "small.csv") != NULL);
  UNIT_TRUE(strstr(out->str, "filename*0*=UTF-8''big.csv") == NULL);
  UNIT_TRUE(strstr(out->str, "Bcc") == NULL);
  UNIT_TRUE(strstr(out->str, "Content-Type: application/octet-stream\r\n") != NULL);
}

static const UnitTest tests[] = {
    {"addresses", addresses},   {"addresses_with_names", addresses_with_names},
    {"words", words},           {"long_words", long_words},
    {"parameters", parameters}, {"heads", heads},
    {"files", files},           {NULL, NULL},
};
UNIT_SUITE(mail, tests);
