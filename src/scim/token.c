// SPDX-License-Identifier: GPL-3.0-or-later
//
// What lets us in: a token from a file, or one that client credentials are exchanged for (RFC 6749 4.4).
#include "scim_p.h"

#include <string.h>

#define MOST_ANSWER 65536
#define EARLIER_S 30  // a token is renewed so long before its end
#define MOST_S 31536000

void token_clear(Token *token)
{
  secret_free(token->secret);
  token->secret = NULL;
}

static size_t receive(char *bytes, size_t size, size_t n, void *data)
{
  GString *out = data;
  if (out->len + size * n > MOST_ANSWER)
    return 0;
  g_string_append_len(out, bytes, (gssize)(size * n));
  return size * n;
}

static void encode(const char *text, GString *out)
{
  g_autofree char *encoded = g_uri_escape_string(text, NULL, false);
  g_string_append(out, encoded);
}

static bool copy_bytes(char *bytes, size_t n_bytes, void *data)
{
  memcpy(bytes, data, n_bytes);
  return true;
}

static bool take_token(const GString *answer, Token *token, GString *words)
{
  json_auto_t *root = json_loadb(answer->str, answer->len, 0, NULL);
  const json_t *text = json_object_get(root, "access_token");
  json_int_t seconds = MIN(json_integer_value(json_object_get(root, "expires_in")), MOST_S);
  size_t n = json_string_length(text);
  if (!n || strpbrk(json_string_value(text), "\r\n")) {
    g_string_append(words, _("the answer holds no access_token"));
    return false;
  }
  token_clear(token);
  token->secret = secret_filled(n, copy_bytes, (void *)json_string_value(text), NULL);
  token->until_us = 0;
  if (seconds > 0)
    token->until_us =
        g_get_monotonic_time() + MAX(seconds - EARLIER_S, seconds / 2) * G_USEC_PER_SEC;
  return token->secret;
}

// RFC 6749 2.3.1: both are encoded as in a form before they become user and password.
static bool set_client(CURL *easy, const ScimSetup *setup, GString *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Secret) secret = secret_load(setup->secret_file, &error);
  if (!secret) {
    g_string_append(words, error->message);
    return false;
  }
  g_autoptr(GString) client = g_string_new(NULL), password = g_string_new(NULL);
  encode(setup->client, client);
  encode(secret_bytes(secret, NULL), password);
  curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
  curl_easy_setopt(easy, CURLOPT_USERNAME, client->str);
  curl_easy_setopt(easy, CURLOPT_PASSWORD, password->str);
  explicit_bzero(password->str, password->len);
  return true;
}

static bool exchange(const ScimSetup *setup, Token *token, long *status, GString *words)
{
  g_autoptr(GString) form = g_string_new("grant_type=client_credentials");
  g_autoptr(GString) answer = g_string_new(NULL);
  if (setup->token_scope) {
    g_string_append(form, "&scope=");
    encode(setup->token_scope, form);
  }
  CURL *easy = curl_easy_init();
  if (!easy || !set_client(easy, setup, words)) {
    curl_easy_cleanup(easy);
    return false;
  }
  ask_secure(easy, setup);
  curl_easy_setopt(easy, CURLOPT_URL, setup->token_uri);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, form->str);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
  CURLcode code = curl_easy_perform(easy);
  long http = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http);
  curl_easy_cleanup(easy);
  bool got = code == CURLE_OK && http == 200 && take_token(answer, token, words);
  if (code != CURLE_OK)
    g_string_append(words, curl_easy_strerror(code));
  else if (http != 200)
    g_string_append_printf(words, "HTTP %ld", http);
  // RFC 6749 5.2: 400 with invalid_client, or 401.
  *status = code == CURLE_OK && (http == 400 || http == 401) ? 401 : 0;
  explicit_bzero(answer->str, answer->len);
  return got;
}

bool token_get(const ScimSetup *setup, Token *token, long *status, GString *words)
{
  g_autoptr(GString) why = g_string_new(NULL);
  *status = 0;
  if (!setup->client) {
    g_autoptr(GError) error = NULL;
    Secret *secret = secret_load(setup->secret_file, &error);
    if (!secret) {
      g_string_append(words, error->message);
      return false;
    }
    token_clear(token);
    token->secret = secret;
  } else if (!exchange(setup, token, status, why)) {
    g_string_append_printf(words, _("no token can be had from %s: %s"), setup->token_uri, why->str);
    return false;
  }
  token->number++;
  return true;
}
