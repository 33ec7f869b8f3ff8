// SPDX-License-Identifier: GPL-3.0-or-later
#include "scim_p.h"

#include <string.h>

struct ScimLink {
  ScimSetup setup;
  CURLM *multi;
  Token token;
  GQueue *waiting;       // Ask: not under way yet, or again later
  GPtrArray *under_way;  // Ask
  GQueue *ended;         // Ask
  int64_t pause_us;      // until then the server wants to be left alone
};

static bool refresh(ScimLink *link, long *status, GString *words)
{
  return token_get(&link->setup, &link->token, status, words);
}

ScimLink *scim_link_open(const ScimSetup *setup, GError **error)
{
  curl_global_init(CURL_GLOBAL_DEFAULT);
  ScimLink *link = g_new0(ScimLink, 1);
  link->setup = *setup;
  link->multi = curl_multi_init();
  link->waiting = g_queue_new();
  link->under_way = g_ptr_array_new();
  link->ended = g_queue_new();
  curl_multi_setopt(link->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)setup->n_connections);
  curl_multi_setopt(link->multi, CURLMOPT_MAXCONNECTS, (long)setup->n_connections);
  g_autoptr(GString) words = g_string_new(NULL);
  long status = 0;
  if (refresh(link, &status, words))
    return link;
  g_set_error(error, IDOU_ERROR, setup->failure, _("target %s (%s): %s"), setup->name, setup->uri,
              words->str);
  scim_link_close(link);
  return NULL;
}

static void stop(ScimLink *link, Ask *ask)
{
  if (ask->easy)
    curl_multi_remove_handle(link->multi, ask->easy);
  g_ptr_array_remove_fast(link->under_way, ask);
}

void scim_link_close(ScimLink *link)
{
  if (!link)
    return;
  while (link->under_way->len) {
    Ask *ask = link->under_way->pdata[0];
    stop(link, ask);
    ask_free(ask);
  }
  g_queue_free_full(link->waiting, (GDestroyNotify)ask_free);
  g_queue_free_full(link->ended, (GDestroyNotify)ask_free);
  g_ptr_array_unref(link->under_way);
  curl_multi_cleanup(link->multi);
  token_clear(&link->token);
  g_free(link);
  curl_global_cleanup();
}

const ScimSetup *scim_link_setup(const ScimLink *link)
{
  return &link->setup;
}

ScimAsk *scim_link_send(ScimLink *link, const ScimQuery *query)
{
  Ask *ask = ask_new(query);
  g_queue_push_tail(link->waiting, ask);
  return &ask->ask;
}

void scim_link_drop(ScimLink *link, ScimAsk *ask)
{
  if (!ask)
    return;
  stop(link, (Ask *)ask);
  g_queue_remove(link->waiting, ask);
  g_queue_remove(link->ended, ask);
  ask_free((Ask *)ask);
}

// ---------------------------------------------------------------------------------------------
// Moving on.

static void end(ScimLink *link, Ask *ask)
{
  g_queue_push_tail(link->ended, ask);
}

// False: it has ended, since there is no way to be let in.
static bool ensure_token(ScimLink *link, Ask *ask)
{
  bool due = link->token.until_us && g_get_monotonic_time() >= link->token.until_us;
  g_autoptr(GString) words = g_string_new(NULL);
  long status = 0;
  if (link->token.secret && !due)
    return true;
  if (refresh(link, &status, words))
    return true;
  ask->ask.end = status ? SCIM_ANSWERED : SCIM_UNSENT;
  ask->ask.status = status;
  g_free(ask->ask.words);
  ask->ask.words = g_strdup(words->str);
  return false;
}

static void begin(ScimLink *link, Ask *ask)
{
  if (!ensure_token(link, ask) || !ask_prepare(ask, &link->setup, link->token.secret)) {
    end(link, ask);
    return;
  }
  ask->n_sent++;
  ask->token = link->token.number;
  g_ptr_array_add(link->under_way, ask);
  curl_multi_add_handle(link->multi, ask->easy);
}

// Starts what may start. How long the next one has still to wait, at most `most_ms`.
static int begin_some(ScimLink *link, int most_ms)
{
  int64_t now_us = g_get_monotonic_time(), next_us = INT64_MAX;
  for (GList *at = link->waiting->head, *next = NULL; at; at = next) {
    Ask *ask = at->data;
    int64_t due_us = MAX(ask->due_us, link->pause_us);
    next = at->next;
    if (link->under_way->len >= (guint)link->setup.n_connections)
      break;
    if (due_us > now_us) {
      next_us = MIN(next_us, due_us);
      continue;
    }
    g_queue_delete_link(link->waiting, at);
    begin(link, ask);
  }
  if (next_us == INT64_MAX)
    return most_ms;
  return (int)MIN((int64_t)most_ms, (next_us - now_us) / 1000 + 1);
}

static void again(ScimLink *link, Ask *ask, int64_t wait_ms)
{
  // Longer than a request may take: whoever sent it shall know, and decide.
  if (ask->n_sent > (unsigned)link->setup.retries || wait_ms > link->setup.timeout_ms) {
    end(link, ask);
    return;
  }
  ask->due_us = g_get_monotonic_time() + wait_ms * 1000;
  // All are asked to wait, not only this one.
  if (ask->ask.status == 429 || ask->ask.status == 503)
    link->pause_us = MAX(link->pause_us, ask->due_us);
  g_queue_push_tail(link->waiting, ask);
}

// 401: the token has ended before its time, or another request has already got a new one.
static void renew(ScimLink *link, Ask *ask)
{
  g_autoptr(GString) words = g_string_new(NULL);
  long status = 0;
  if (ask->renewed || (ask->token == link->token.number && !refresh(link, &status, words))) {
    if (words->len) {
      g_free(ask->ask.words);
      ask->ask.words = g_strdup(words->str);
    }
    end(link, ask);
    return;
  }
  ask->renewed = true;
  g_queue_push_head(link->waiting, ask);
}

// A server may repeat what let us in when it tells what is wrong with it.
static void hide_token(const ScimLink *link, Ask *ask)
{
  const char *token = link->token.secret ? secret_bytes(link->token.secret, NULL) : "";
  if (!ask->ask.words || !*token || !strstr(ask->ask.words, token))
    return;
  g_free(ask->ask.words);
  ask->ask.words = g_strdup(_("its words hold the token, and are not repeated here"));
}

// Whether any was.
static bool take_ended(ScimLink *link)
{
  guint n_before = link->ended->length;
  int n_left = 0;
  CURLMsg *message = NULL;
  while ((message = curl_multi_info_read(link->multi, &n_left))) {
    char *private = NULL;
    int64_t wait_ms = 0;
    CURLcode code = message->data.result;
    if (message->msg != CURLMSG_DONE)
      continue;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    Ask *ask = (Ask *)(void *)private;
    stop(link, ask);
    AskNext next = ask_judge(ask, code, &wait_ms);
    hide_token(link, ask);
    if (next == ASK_AGAIN)
      again(link, ask, wait_ms);
    else if (next == ASK_RENEW)
      renew(link, ask);
    else
      end(link, ask);
  }
  return link->ended->length > n_before;
}

static void step(ScimLink *link, int timeout_ms)
{
  int n_running = 0;
  guint n_before = link->ended->length;
  begin_some(link, timeout_ms);
  curl_multi_perform(link->multi, &n_running);
  if (take_ended(link))
    return;
  // Only now it is known how long what is to be sent again has to wait. Whatever could not begin has ended, too.
  int wait_ms = begin_some(link, timeout_ms);
  if (link->ended->length > n_before || wait_ms <= 0)
    return;
  // With nothing under way this waits, too.
  curl_multi_poll(link->multi, NULL, 0, wait_ms, NULL);
  curl_multi_perform(link->multi, &n_running);
  take_ended(link);
}

static bool has_any(const ScimLink *link, const void *owner)
{
  for (const GList *at = link->waiting->head; at; at = at->next)
    if (((const Ask *)at->data)->owner == owner)
      return true;
  for (guint i = 0; i < link->under_way->len; i++)
    if (((const Ask *)link->under_way->pdata[i])->owner == owner)
      return true;
  return false;
}

static Ask *pop_ended(ScimLink *link, const void *owner)
{
  for (GList *at = link->ended->head; at; at = at->next) {
    Ask *ask = at->data;
    if (ask->owner != owner)
      continue;
    g_queue_delete_link(link->ended, at);
    return ask;
  }
  return NULL;
}

ScimAsk *scim_link_take(ScimLink *link, const void *owner, int timeout_ms)
{
  int64_t until_us = g_get_monotonic_time() + (int64_t)timeout_ms * 1000;
  Ask *ask = pop_ended(link, owner);
  while (!ask && has_any(link, owner)) {
    int64_t left_ms = (until_us - g_get_monotonic_time()) / 1000;
    step(link, (int)CLAMP(left_ms, 0, timeout_ms));
    ask = pop_ended(link, owner);
    if (left_ms <= 0)
      break;
  }
  return ask ? &ask->ask : NULL;
}

ScimAsk *scim_link_ask(ScimLink *link, const ScimQuery *query)
{
  ScimAsk *ask = scim_link_send(link, query);
  // Nobody else's; and it goes first, since others may fill the connections for long.
  ((Ask *)ask)->owner = ask;
  g_queue_push_head(link->waiting, g_queue_pop_tail(link->waiting));
  while (!g_queue_remove(link->ended, ask))
    step(link, link->setup.timeout_ms);
  return ask;
}

// ---------------------------------------------------------------------------------------------

bool scim_link_fail(const ScimLink *link, const ScimAsk *ask, const char *what, GError **error)
{
  g_autoptr(GString) words = g_string_new(NULL);
  escape_text(words, ask && ask->words ? ask->words : _("no reason was told"), ESCAPE_TERMINAL);
  g_set_error(error, IDOU_ERROR, link->setup.failure, _("target %s (%s): %s: %s"), link->setup.name,
              link->setup.uri, what, words->str);
  return false;
}

bool scim_link_get(ScimLink *link, const char *path, json_t **out, bool *missing, GError **error)
{
  g_autoptr(ScimAsk) ask = scim_link_ask(link, &(ScimQuery){.method = "GET", .path = path});
  if (missing)
    *missing = false;
  *out = NULL;
  if (missing && ask->end == SCIM_ANSWERED && ask->status == 404)
    *missing = true;
  else if (ask->end != SCIM_ANSWERED || ask->status != 200 || !ask->answer)
    return scim_link_fail(link, ask, path, error);
  else
    *out = json_incref(ask->answer);
  return true;
}

void scim_link_encode(const char *text, GString *out)
{
  g_autofree char *encoded = g_uri_escape_string(text, NULL, false);
  g_string_append(out, encoded);
}

// RFC 7644 3.4.2.2: a string as JSON has it.
void scim_link_quote(const char *text, GString *out)
{
  json_auto_t *value = json_string(text);
  char *dumped = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
  g_string_append(out, dumped ? dumped : "\"\"");
  free(dumped);
}
