// SPDX-License-Identifier: GPL-3.0-or-later
//
// One request: how it is put, and what may be believed of the answer. Whatever can go wrong with an answer is
// judged here and nowhere else.
#include "scim_p.h"

#include <string.h>

#define FIRST_WAIT_MS 100
#define MOST_WAIT_MS 10000

Ask *ask_new(const ScimQuery *query)
{
  Ask *ask = g_new0(Ask, 1);
  ask->ask.data = query->data;
  ask->owner = query->owner;
  ask->method = g_strdup(query->method);
  ask->path = g_strdup(query->path);
  ask->body = query->body ? json_dumps(query->body, JSON_COMPACT) : NULL;
  ask->if_match = g_strdup(query->etag);
  ask->once = query->once;
  ask->safe = g_str_equal(query->method, "GET");
  ask->received = g_string_new(NULL);
  return ask;
}

static void end_attempt(Ask *ask)
{
  curl_easy_cleanup(ask->easy);
  curl_slist_free_all(ask->headers);
  ask->easy = NULL;
  ask->headers = NULL;
}

static void forget_answer(Ask *ask)
{
  g_string_truncate(ask->received, 0);
  ask->overflowed = false;
  ask->error[0] = '\0';
  ask->ask.status = 0;
  json_decref(ask->ask.answer);
  ask->ask.answer = NULL;
  g_clear_pointer(&ask->ask.etag, g_free);
  g_clear_pointer(&ask->ask.words, g_free);
}

void ask_free(Ask *ask)
{
  if (!ask)
    return;
  end_attempt(ask);
  forget_answer(ask);
  // It may hold a password.
  if (ask->body)
    explicit_bzero(ask->body, strlen(ask->body));
  free(ask->body);
  explicit_bzero(ask->received->str, ask->received->allocated_len);
  g_string_free(ask->received, true);
  g_free(ask->method);
  g_free(ask->path);
  g_free(ask->if_match);
  g_free(ask);
}

void scim_ask_free(ScimAsk *ask)
{
  ask_free((Ask *)ask);
}

// ---------------------------------------------------------------------------------------------
// Putting it.

// Redirections are not followed: they could lead tokens and passwords anywhere. The environment chooses no proxy.
void ask_secure(CURL *easy, const ScimSetup *setup)
{
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, setup->plaintext ? "http" : "https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, setup->proxy ? setup->proxy : "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (setup->ca_file) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, setup->ca_file);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  }
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)setup->timeout_ms);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "idou/" IDOU_VERSION);
}

static size_t receive(char *bytes, size_t size, size_t n, void *data)
{
  Ask *ask = data;
  if (ask->received->len + size * n > MOST_BYTES) {
    ask->overflowed = true;
    return 0;
  }
  g_string_append_len(ask->received, bytes, (gssize)(size * n));
  return size * n;
}

static size_t receive_header(char *bytes, size_t size, size_t n, void *data)
{
  static const char name[] = "etag:";
  Ask *ask = data;
  size_t n_name = sizeof name - 1;
  if (size * n > n_name && g_ascii_strncasecmp(bytes, name, n_name) == 0) {
    g_free(ask->ask.etag);
    ask->ask.etag = g_strstrip(g_strndup(bytes + n_name, size * n - n_name));
  }
  return size * n;
}

static void add_header(Ask *ask, const char *name, const char *value)
{
  g_autofree char *line = g_strdup_printf("%s: %s", name, value);
  ask->headers = curl_slist_append(ask->headers, line);
}

bool ask_prepare(Ask *ask, const ScimSetup *setup, const Secret *token)
{
  forget_answer(ask);
  ask->easy = curl_easy_init();
  if (!ask->easy)
    return false;
  ask_secure(ask->easy, setup);
  g_autofree char *url = g_strconcat(setup->uri, ask->path, NULL);
  curl_easy_setopt(ask->easy, CURLOPT_URL, url);
  curl_easy_setopt(ask->easy, CURLOPT_CUSTOMREQUEST, ask->method);
  add_header(ask, "Accept", "application/scim+json, application/json;q=0.9");
  // An empty one keeps libcurl from asking first whether it may send.
  ask->headers = curl_slist_append(ask->headers, "Expect:");
  if (ask->if_match)
    add_header(ask, "If-Match", ask->if_match);
  if (ask->body) {
    add_header(ask, "Content-Type", "application/scim+json");
    curl_easy_setopt(ask->easy, CURLOPT_POSTFIELDS, ask->body);
    curl_easy_setopt(ask->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(ask->body));
  }
  curl_easy_setopt(ask->easy, CURLOPT_HTTPHEADER, ask->headers);
  if (token) {
    curl_easy_setopt(ask->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
    curl_easy_setopt(ask->easy, CURLOPT_XOAUTH2_BEARER, secret_bytes(token, NULL));
  }
  // On a kept connection that has just ended libcurl sends a request again by itself.
  curl_easy_setopt(ask->easy, CURLOPT_FRESH_CONNECT, ask->once ? 1L : 0L);
  curl_easy_setopt(ask->easy, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(ask->easy, CURLOPT_WRITEDATA, ask);
  curl_easy_setopt(ask->easy, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(ask->easy, CURLOPT_HEADERDATA, ask);
  curl_easy_setopt(ask->easy, CURLOPT_ERRORBUFFER, ask->error);
  curl_easy_setopt(ask->easy, CURLOPT_PRIVATE, ask);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Judging it.

// What libcurl could not do before anything was sent; `again`: perhaps it can, later.
static const struct {
  CURLcode code;
  bool again;
} unsent[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, false},
    {CURLE_URL_MALFORMAT, false},
    {CURLE_COULDNT_RESOLVE_PROXY, true},
    {CURLE_COULDNT_RESOLVE_HOST, true},
    {CURLE_COULDNT_CONNECT, true},
    {CURLE_SSL_CONNECT_ERROR, true},
    {CURLE_PEER_FAILED_VERIFICATION, false},
    {CURLE_SSL_CERTPROBLEM, false},
    {CURLE_SSL_CIPHER, false},
    {CURLE_SSL_CACERT_BADFILE, false},
    {CURLE_SSL_ISSUER_ERROR, false},
    {CURLE_FAILED_INIT, false},
    {CURLE_OUT_OF_MEMORY, false},
};

static void say(Ask *ask, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(Ask *ask, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_free(ask->ask.words);
  ask->ask.words = g_strdup_vprintf(format, args);
  va_end(args);
}

static int64_t backoff_ms(const Ask *ask)
{
  unsigned doublings = MIN(ask->n_sent > 0 ? ask->n_sent - 1 : 0, 16);
  return MIN((int64_t)FIRST_WAIT_MS << doublings, MOST_WAIT_MS);
}

static AskNext judge_failure(Ask *ask, CURLcode code)
{
  const char *text = *ask->error ? ask->error : curl_easy_strerror(code);
  ask->ask.end = SCIM_LOST;
  if (ask->overflowed) {
    say(ask, _("the answer is larger than %zu MB"), MOST_BYTES >> 20);
    return ASK_END;
  }
  say(ask, "%s", text);
  for (size_t i = 0; i < G_N_ELEMENTS(unsent); i++)
    if (unsent[i].code == code) {
      ask->ask.end = SCIM_UNSENT;
      return unsent[i].again ? ASK_AGAIN : ASK_END;
    }
  return ask->safe ? ASK_AGAIN : ASK_END;
}

static bool is_json(const char *type)
{
  static const char *const types[] = {"application/scim+json", "application/json"};
  size_t n = type ? strcspn(type, "; ") : 0;
  for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
    if (n == strlen(types[i]) && g_ascii_strncasecmp(type, types[i], n) == 0)
      return true;
  return false;
}

// False: it is not what a SCIM server says. What stands between us and it may have answered in its place.
static bool parse(Ask *ask)
{
  char *type = NULL;
  curl_easy_getinfo(ask->easy, CURLINFO_CONTENT_TYPE, &type);
  if (!ask->received->len)
    return true;
  if (!is_json(type)) {
    say(ask, _("status %ld with content of type %s instead of JSON"), ask->ask.status,
        type ? type : _("none"));
    return false;
  }
  json_error_t error;
  ask->ask.answer =
      json_loadb(ask->received->str, ask->received->len, JSON_REJECT_DUPLICATES, &error);
  if (json_is_object(ask->ask.answer) || json_is_array(ask->ask.answer))
    return true;
  say(ask, _("status %ld with JSON that is not valid: %s (line %d)"), ask->ask.status, error.text,
      error.line);
  return false;
}

// RFC 7644 3.12.
static void tell_error(Ask *ask)
{
  const char *detail = json_string_value(json_object_get(ask->ask.answer, "detail"));
  const char *type = json_string_value(json_object_get(ask->ask.answer, "scimType"));
  say(ask, "HTTP %ld%s%s%s%s", ask->ask.status, type ? " " : "", type ? type : "",
      detail ? ": " : "", detail ? detail : "");
}

// How long the server wants to be left alone; -1: it does not say.
static int64_t asked_wait_ms(const Ask *ask)
{
  curl_off_t seconds = 0;
  if (curl_easy_getinfo(ask->easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds <= 0)
    return -1;
  return MIN((int64_t)seconds, 86400) * 1000;
}

// Statuses that are no answer to what was asked.
static const struct {
  long status;
  AskNext next;
  bool undone;  // the request certainly was not carried out
} rows[] = {
    {401, ASK_RENEW, true}, {408, ASK_AGAIN, false}, {425, ASK_AGAIN, true},
    {429, ASK_AGAIN, true}, {500, ASK_AGAIN, false}, {502, ASK_AGAIN, false},
    {503, ASK_AGAIN, true}, {504, ASK_AGAIN, false},
};

static AskNext judge_answer(Ask *ask, int64_t *wait_ms)
{
  curl_easy_getinfo(ask->easy, CURLINFO_RESPONSE_CODE, &ask->ask.status);
  long status = ask->ask.status;
  bool sound = parse(ask);
  ask->ask.end = SCIM_ANSWERED;
  if (sound && status >= 300)
    tell_error(ask);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    if (rows[i].status != status)
      continue;
    int64_t asked_ms = asked_wait_ms(ask);
    if (asked_ms >= 0)
      *wait_ms = asked_ms;
    // A proxy answers 503, too, when it has lost the server in the middle of a request; it does not say when to come again.
    bool undone = rows[i].undone && !(ask->once && status == 503 && asked_ms < 0);
    ask->ask.end = undone ? SCIM_ANSWERED : SCIM_LOST;
    return undone || ask->safe ? rows[i].next : ASK_END;
  }
  if (sound && status >= 200 && status < 600)
    return ASK_END;
  ask->ask.end = SCIM_LOST;
  return ask->safe ? ASK_AGAIN : ASK_END;
}

AskNext ask_judge(Ask *ask, CURLcode code, int64_t *wait_ms)
{
  *wait_ms = backoff_ms(ask);
  AskNext next = code == CURLE_OK ? judge_answer(ask, wait_ms) : judge_failure(ask, code);
  end_attempt(ask);
  return next;
}
