// SPDX-License-Identifier: GPL-3.0-or-later
//
// One message to one address at a time: then what the server says is about nobody else, and a letter that it takes for some
// is never sent to them again.
#include "mail/mail_p.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_CHARS_MOST 300
#define SLOWEST_BYTES_S 1

struct MailLink {
  const MailConfig *config;
  CURL *easy;
  Secret *secret;
  const MailMessage *message;  // under way
  size_t n_read;
  const char *verb;  // what the server answers to
  int code;          // of its answer to that; 0 = none came
  bool over;         // QUIT was said
  GString *words;
  char error[CURL_ERROR_SIZE];
};

// ---------------------------------------------------------------------------------------------
// What is said. libcurl tells the last code, but not to which command; and words in AUTH are no business of ours.

static const char *const VERBS[] = {"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"};

static void note_command(MailLink *link, const char *bytes, size_t n)
{
  // What AUTH is asked for is base64, which may begin with any word.
  bool is_more = strcmp(link->verb, "AUTH") == 0 && link->code == 334;
  // libcurl takes its leave when something was refused; what was said before is what counts.
  link->over =
      !is_more && n >= strlen("QUIT") && g_ascii_strncasecmp(bytes, "QUIT", strlen("QUIT")) == 0;
  if (link->over)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(VERBS) && !is_more; i++)
    if (n >= strlen(VERBS[i]) && g_ascii_strncasecmp(bytes, VERBS[i], strlen(VERBS[i])) == 0)
      link->verb = VERBS[i];
  link->code = 0;
  g_string_truncate(link->words, 0);
}

static void note_answer(MailLink *link, const char *bytes, size_t n)
{
  if (link->over || n < 3 || !g_ascii_isdigit(bytes[0]) || !g_ascii_isdigit(bytes[1]) ||
      !g_ascii_isdigit(bytes[2]))
    return;
  int code = (bytes[0] - '0') * 100 + (bytes[1] - '0') * 10 + (bytes[2] - '0');
  // "354 go on" is over when the message itself is answered.
  if (code != link->code)
    g_string_truncate(link->words, 0);
  link->code = code;
  if (link->words->len > WORDS_CHARS_MOST)
    return;
  while (n > 0 && (bytes[n - 1] == '\r' || bytes[n - 1] == '\n'))
    n--;
  size_t shown = strcmp(link->verb, "AUTH") == 0 ? 3 : n;
  g_string_append(link->words, link->words->len > 0 ? " / " : "");
  g_string_append_len(link->words, bytes, (gssize)MIN(shown, (size_t)WORDS_CHARS_MOST));
}

static int listen_in(CURL *easy, curl_infotype type, char *bytes, size_t n, void *data)
{
  (void)easy;
  MailLink *link = data;
  if (type == CURLINFO_HEADER_OUT)
    note_command(link, bytes, n);
  else if (type == CURLINFO_HEADER_IN)
    note_answer(link, bytes, n);
  return 0;
}

static size_t give(char *buffer, size_t size, size_t n, void *data)
{
  MailLink *link = data;
  size_t most = MIN(size * n, link->message->n_bytes - link->n_read);
  memcpy(buffer, link->message->bytes + link->n_read, most);
  link->n_read += most;
  return most;
}

// ---------------------------------------------------------------------------------------------

static void set_security(MailLink *link)
{
  const MailConfig *config = link->config;
  bool plain = !config->tls && g_ascii_strncasecmp(config->server, "smtp:", 5) == 0;
  curl_easy_setopt(link->easy, CURLOPT_USE_SSL, (long)(plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  curl_easy_setopt(link->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (config->ca != NULL) {
    curl_easy_setopt(link->easy, CURLOPT_CAINFO, config->ca);
    curl_easy_setopt(link->easy, CURLOPT_CAPATH, NULL);
  }
  if (config->user != NULL && link->secret != NULL) {
    curl_easy_setopt(link->easy, CURLOPT_USERNAME, config->user);
    curl_easy_setopt(link->easy, CURLOPT_PASSWORD, secret_bytes(link->secret, NULL));
  }
}

static void set_options(MailLink *link)
{
  CURL *easy = link->easy;
  long timeout_s = link->config->timeout_s;
  curl_easy_setopt(easy, CURLOPT_URL, link->config->server);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  // Whatever the environment says of proxies is meant for browsers.
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, timeout_s);
  curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout_s);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST_BYTES_S);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, timeout_s);
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(easy, CURLOPT_READDATA, link);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, listen_in);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, link);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, link->error);
  set_security(link);
}

MailLink *mail_smtp_open(const MailConfig *config, GError **error)
{
  if (config->server == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("the site's `mail` names no server"));
    return NULL;
  }
  g_autoptr(Secret) secret = config->secret != NULL ? secret_load(config->secret, error) : NULL;
  if (config->secret != NULL && secret == NULL)
    return NULL;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  MailLink *link = g_new0(MailLink, 1);
  link->config = config;
  link->secret = g_steal_pointer(&secret);
  link->words = g_string_new(NULL);
  link->verb = "";
  link->easy = curl_easy_init();
  set_options(link);
  return link;
}

void mail_smtp_close(MailLink *link)
{
  if (link == NULL)
    return;
  curl_easy_cleanup(link->easy);
  secret_free(link->secret);
  g_string_free(link->words, TRUE);
  g_free(link);
  curl_global_cleanup();
}

// ---------------------------------------------------------------------------------------------

// What became of it: by the command that was answered, and the first digit of the answer. A server that closes (421)
// wants no more of anything.
static MailFate fate_of(const MailLink *link)
{
  static const struct {
    const char *verb;
    MailFate none, later, never;
  } rows[] = {
      {"MAIL", FATE_DOWN, FATE_DOWN, FATE_DOWN},
      {"RCPT", FATE_DOWN, FATE_LATER, FATE_REFUSED},
      {"DATA", FATE_LOST, FATE_LATER, FATE_REFUSED},
  };
  // "552 too large" may come as early as that.
  if (strcmp(link->verb, "MAIL") == 0 && link->code == 552)
    return FATE_REFUSED;
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    if (strcmp(rows[i].verb, link->verb) != 0 || link->code == 421)
      continue;
    int class = link->code / 100;
    return class == 5 ? rows[i].never : class == 4 ? rows[i].later : rows[i].none;
  }
  return FATE_DOWN;
}

static void tell(const MailLink *link, CURLcode code, GString *words)
{
  g_string_truncate(words, 0);
  if (strcmp(link->verb, "AUTH") == 0)
    g_string_append_printf(words, _("the server lets “%s” not in: %s"), link->config->user,
                           link->words->str);
  else if (link->code >= 400)
    escape_text(words, link->words->str, ESCAPE_TERMINAL);
  else
    escape_text(words, *link->error != '\0' ? link->error : curl_easy_strerror(code),
                ESCAPE_TERMINAL);
}

MailFate mail_smtp_send(MailLink *link, const MailMessage *message, GString *words)
{
  g_autofree char *from = g_strdup_printf("<%s>", message->from);
  g_autofree char *to = g_strdup_printf("<%s>", message->to);
  struct curl_slist *list = curl_slist_append(NULL, to);
  link->message = message;
  link->n_read = 0;
  link->verb = "";
  link->code = 0;
  link->over = false;
  *link->error = '\0';
  curl_easy_setopt(link->easy, CURLOPT_MAIL_FROM, from);
  curl_easy_setopt(link->easy, CURLOPT_MAIL_RCPT, list);
  curl_easy_setopt(link->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message->n_bytes);
  CURLcode code = curl_easy_perform(link->easy);
  curl_easy_setopt(link->easy, CURLOPT_MAIL_RCPT, NULL);
  curl_slist_free_all(list);
  g_string_truncate(words, 0);
  if (code == CURLE_OK)
    return FATE_TAKEN;
  tell(link, code, words);
  return fate_of(link);
}
