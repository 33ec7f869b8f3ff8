// SPDX-License-Identifier: GPL-3.0-or-later
#include "mail/mail_p.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AHEAD_MOST_S 86400

static const char *const STATE_NAMES[MAIL_N_STATES] = {
    [MAIL_WAITING] = "waiting",
    [MAIL_UNSURE] = "unsure",
    [MAIL_REFUSED] = "refused",
    [MAIL_ASIDE] = "aside",
};

const char *mail_state_name(MailState state)
{
  return STATE_NAMES[state];
}

static const char *keep(MailQueue *queue, const char *text)
{
  return g_string_chunk_insert_const(queue->texts, text);
}

// Pointers in the chunk, too: they live as long as what they point to. `leave` is a list of those left out.
static const char *const *keep_list(MailQueue *queue, const json_t *list, const json_t *state)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *text = json_string_value(json_array_get(list, i));
    if (text != NULL && !mail_json_has(state, "done", text) &&
        !mail_json_has(state, "refused", text))
      g_ptr_array_add(all, (gpointer)keep(queue, text));
  }
  g_ptr_array_add(all, NULL);
  return (const char *const *)g_ptr_array_free(g_steal_pointer(&all), FALSE);
}

static void add(MailQueue *queue, const MailView *view)
{
  g_ptr_array_add(queue->letters, g_memdup2(view, sizeof *view));
}

static MailState state_of_item(const MailItem *item)
{
  return *mail_json_text(item->state, "under_way") != '\0' ? MAIL_UNSURE : MAIL_WAITING;
}

// One from days to come was queued by a clock that went wrong: nobody knows how long it waits.
bool mail_is_late(const MailConfig *config, Instant queued, Instant now)
{
  return now - queued > (Instant)config->late_hours * 3600 || queued - now > AHEAD_MOST_S;
}

static void look_waiting(const MailConfig *config, const char *id, Instant now, MailQueue *queue)
{
  bool damaged = false;
  g_autoptr(MailItem) item = mail_folder_load(config, id, &damaged);
  MailView view = {.id = keep(queue, id), .key = "", .subject = _("(damaged)"), .words = ""};
  view.queued = now;
  view.next = INSTANT_NONE;
  if (item == NULL && !damaged)
    return;
  if (item != NULL) {
    view.state = state_of_item(item);
    view.key = keep(queue, mail_json_text(item->envelope, "key"));
    view.subject = keep(queue, mail_json_text(item->envelope, "subject"));
    view.queued = mail_json_instant(item->envelope, "queued");
    view.next = mail_json_instant(item->state, "next");
    view.n_tries = (int)json_integer_value(json_object_get(item->state, "tries"));
    view.words = keep(queue, mail_json_text(item->state, "words"));
  }
  view.to = keep_list(queue, item == NULL ? NULL : json_object_get(item->envelope, "to"),
                      item == NULL ? NULL : item->state);
  queue->n_waiting++;
  queue->n_late += mail_is_late(config, view.queued, now);
  if (queue->oldest == INSTANT_NONE || view.queued < queue->oldest)
    queue->oldest = view.queued;
  add(queue, &view);
}

static void look_known(const MailConfig *config, const char *id, MailState state, MailQueue *queue)
{
  g_autofree char *ending = g_strconcat(".", mail_state_name(state), NULL);
  g_autofree char *path = mail_folder_path(config, "known", id, ending);
  json_t *json = NULL;
  if (!mail_folder_json(path, &json))
    return;
  MailView view = {.id = keep(queue, id),
                   .state = state,
                   .key = keep(queue, mail_json_text(json, "key")),
                   .subject = keep(queue, mail_json_text(json, "subject")),
                   .queued = mail_json_instant(json, "queued"),
                   .next = INSTANT_NONE,
                   .n_tries = (int)json_integer_value(json_object_get(json, "tries")),
                   .to = keep_list(queue, json_object_get(json, "to"), NULL),
                   .words = keep(queue, mail_json_text(json, "words"))};
  *(state == MAIL_ASIDE ? &queue->n_aside : &queue->n_refused) += 1;
  add(queue, &view);
  json_decref(json);
}

static bool look_all_known(const MailConfig *config, MailState state, MailQueue *queue,
                           GError **error)
{
  g_autofree char *ending = g_strconcat(".", mail_state_name(state), NULL);
  g_autoptr(GPtrArray) ids = mail_folder_ids(config, "known", ending, error);
  for (guint i = 0; ids != NULL && i < ids->len; i++)
    look_known(config, ids->pdata[i], state, queue);
  return ids != NULL;
}

static void look_server(const MailConfig *config, MailQueue *queue)
{
  g_autofree char *path = g_build_filename(config->queue, "server", NULL);
  json_t *json = NULL;
  if (!mail_folder_json(path, &json))
    return;
  queue->down_since = mail_json_instant(json, "since");
  queue->down_next = mail_json_instant(json, "next");
  queue->down_words = keep(queue, mail_json_text(json, "words"));
  json_decref(json);
}

static int by_age(const void *a, const void *b)
{
  const MailView *left = *(const MailView *const *)a, *right = *(const MailView *const *)b;
  if (left->queued != right->queued)
    return left->queued < right->queued ? -1 : 1;
  return strcmp(left->id, right->id);
}

static void view_free(void *data)
{
  MailView *view = data;
  g_free((void *)view->to);
  g_free(view);
}

bool mail_look(const MailConfig *config, Instant now, MailQueue *out, GError **error)
{
  *out = (MailQueue){.letters = g_ptr_array_new_with_free_func(view_free),
                     .oldest = INSTANT_NONE,
                     .down_since = INSTANT_NONE,
                     .down_next = INSTANT_NONE,
                     .down_words = "",
                     .texts = g_string_chunk_new(4096)};
  if (config == NULL)
    return true;
  g_autoptr(GPtrArray) ids = mail_folder_ids(config, "", ".letter", error);
  for (guint i = 0; ids != NULL && i < ids->len; i++)
    if (!mail_folder_knows(config, ids->pdata[i]))
      look_waiting(config, ids->pdata[i], now, out);
  if (ids == NULL || !look_all_known(config, MAIL_REFUSED, out, error) ||
      !look_all_known(config, MAIL_ASIDE, out, error))
    return false;
  look_server(config, out);
  if (out->letters->len > 1)
    qsort(out->letters->pdata, out->letters->len, sizeof(void *), by_age);
  return true;
}

void mail_queue_clear(MailQueue *queue)
{
  g_clear_pointer(&queue->letters, g_ptr_array_unref);
  g_clear_pointer(&queue->texts, g_string_chunk_free);
}

static bool forget(const MailConfig *config, const char *id, MailState state, GError **error)
{
  g_autofree char *ending = g_strconcat(".", mail_state_name(state), NULL);
  g_autofree char *path = mail_folder_path(config, "known", id, ending);
  g_autofree char *sent = mail_folder_path(config, "known", id, ".sent");
  g_autofree char *aside = mail_folder_path(config, "aside", id, ".letter");
  if (rename(path, sent) != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot be noted as known: %s"), path,
                g_strerror(errno));
    return false;
  }
  unlink(aside);
  return true;
}

bool mail_forget(const MailConfig *config, const char *id, int64_t *n, GError **error)
{
  static const MailState states[] = {MAIL_REFUSED, MAIL_ASIDE};
  *n = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
    g_autofree char *ending = g_strconcat(".", mail_state_name(states[i]), NULL);
    g_autoptr(GPtrArray) ids = mail_folder_ids(config, "known", ending, error);
    if (ids == NULL)
      return false;
    for (guint k = 0; k < ids->len; k++) {
      if (id != NULL && strcmp(id, ids->pdata[k]) != 0)
        continue;
      if (!forget(config, ids->pdata[k], states[i], error))
        return false;
      (*n)++;
    }
  }
  return true;
}
