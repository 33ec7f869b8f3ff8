// SPDX-License-Identifier: GPL-3.0-or-later
#include "mail/mail_p.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAUSE_FIRST_S 60
#define PAUSE_MOST_S 3600
// Connections that broke within a message, one after the other: it is the server, not the letter.
#define LOST_MOST 3
// A clock that went wrong for a moment must not make letters old.
#define TRIES_LEAST 4

typedef struct Sender {
  const MailConfig *config;
  const MailSend *how;
  MailLink *link;
  MailSent *out;
  int n_lost;
  GString *words;
} Sender;

// Growing with each try. One that lies further ahead than the longest pause was noted by a clock that went wrong.
static Instant pause_after(Instant now, int64_t n_tries)
{
  int64_t pause_s = PAUSE_FIRST_S;
  for (int64_t i = 1; i < n_tries && pause_s < PAUSE_MOST_S; i++)
    pause_s *= 2;
  return now + MIN(pause_s, PAUSE_MOST_S);
}

static bool is_due(const MailSend *how, Instant next)
{
  return how->force || next == INSTANT_NONE || next <= how->now || next > how->now + PAUSE_MOST_S;
}

static int64_t count_try(json_t *state)
{
  int64_t n = json_integer_value(json_object_get(state, "tries")) + 1;
  json_object_set_new(state, "tries", json_integer(n));
  return n;
}

static json_t *list_of(json_t *state, const char *key)
{
  json_t *list = json_object_get(state, key);
  if (json_is_array(list))
    return list;
  json_object_set_new(state, key, json_array());
  return json_object_get(state, key);
}

// About one letter; what the server said last comes behind.
static void tell(const Sender *sender, FindingLevel level, const char *code, const MailItem *item,
                 const char *to)
{
  static const struct {
    const char *code, *text;
  } texts[] = {
      {"mail-refused", N_("the server takes this letter never, or nothing for this address")},
      {"mail-address", N_("this is no address that can be used")},
      {"mail-aside", N_("the letter was given up, and is kept in `aside` of the queue")},
      {"mail-late", N_("the letter waits for too long")},
  };
  size_t i = 0;
  while (strcmp(texts[i].code, code) != 0)
    i++;
  const char *words = mail_json_text(item->state, "words");
  findings_add(sender->out->findings, &(Finding){.level = level, .code = code, .subject = to},
               "“%s”: %s%s%s", mail_json_text(item->envelope, "subject"), _(texts[i].text),
               *words != '\0' ? ": " : "", words);
}

// ---------------------------------------------------------------------------------------------
// The server.

static char *server_path(const Sender *sender)
{
  return g_build_filename(sender->config->queue, "server", NULL);
}

static void tell_down(const Sender *sender, const char *words, Instant next)
{
  g_autoptr(GString) when = g_string_new(NULL);
  instant_format(next, when);
  sender->out->down = true;
  findings_add(sender->out->findings, &(Finding){.level = FINDING_WARNING, .code = "mail-down"},
               _("%s: no letter can be sent: %s; they wait, the next try is at %s"),
               sender->config->server, words, when->str);
}

// Whether it may be tried now.
static bool may_try(const Sender *sender)
{
  g_autofree char *path = server_path(sender);
  json_t *json = NULL;
  if (!mail_folder_json(path, &json))
    return true;
  Instant next = mail_json_instant(json, "next");
  bool due = is_due(sender->how, next);
  if (!due)
    tell_down(sender, mail_json_text(json, "words"), next);
  json_decref(json);
  return due;
}

static bool note_down(const Sender *sender, GError **error)
{
  g_autofree char *path = server_path(sender);
  json_t *json = NULL;
  mail_folder_json(path, &json);
  if (json == NULL) {
    json = json_object();
    mail_json_set_instant(json, "since", sender->how->now);
  }
  Instant next = pause_after(sender->how->now, count_try(json));
  mail_json_set_instant(json, "next", next);
  json_object_set_new(json, "words", json_string(sender->words->str));
  bool fine = mail_folder_write_json(path, json, error);
  json_decref(json);
  tell_down(sender, sender->words->str, next);
  return fine;
}

static void note_up(const Sender *sender)
{
  g_autofree char *path = server_path(sender);
  unlink(path);
}

// ---------------------------------------------------------------------------------------------
// One letter.

static MailFate send_to(Sender *sender, const MailItem *item, const char *to)
{
  gsize n = 0;
  const char *bytes = g_bytes_get_data(item->bytes, &n);
  MailMessage message = {.from = mail_json_text(item->envelope, "from"),
                         .to = to,
                         .bytes = bytes + item->message_at,
                         .n_bytes = n - item->message_at};
  return mail_smtp_send(sender->link, &message, sender->words);
}

// Noted before and after: whoever dies in between leaves a letter of which it is unsure whether this one has it.
static bool try_one(Sender *sender, MailItem *item, const char *to, MailFate *fate, GError **error)
{
  json_object_set_new(item->state, "under_way", json_string(to));
  if (!mail_folder_note(sender->config, item, error))
    return false;
  *fate = send_to(sender, item, to);
  if (*fate != FATE_LOST)
    json_object_del(item->state, "under_way");
  if (*fate != FATE_TAKEN)
    json_object_set_new(item->state, "words", json_string(sender->words->str));
  if (*fate == FATE_TAKEN)
    json_array_append_new(list_of(item->state, "done"), json_string(to));
  if (*fate == FATE_REFUSED) {
    json_array_append_new(list_of(item->state, "refused"), json_string(to));
    sender->out->n_refused++;
    tell(sender, FINDING_WARNING, "mail-refused", item, to);
  }
  if (*fate == FATE_TAKEN || *fate == FATE_REFUSED || *fate == FATE_LATER)
    note_up(sender);
  sender->n_lost = *fate == FATE_LOST ? sender->n_lost + 1 : 0;
  return mail_folder_note(sender->config, item, error);
}

// Everybody has had an answer: it leaves the queue.
static bool close_letter(Sender *sender, const MailItem *item, GError **error)
{
  const json_t *bad = json_object_get(item->envelope, "bad");
  bool some =
      json_array_size(json_object_get(item->state, "refused")) > 0 || json_array_size(bad) > 0;
  for (size_t i = 0; i < json_array_size(bad); i++) {
    sender->out->n_refused++;
    tell(sender, FINDING_WARNING, "mail-address", item, json_string_value(json_array_get(bad, i)));
  }
  sender->out->n_sent += json_array_size(json_object_get(item->state, "done")) > 0;
  return mail_folder_leave(sender->config, item, some ? "refused" : "sent", sender->how->now,
                           error);
}

// It waits on.
static void stays(Sender *sender, const MailItem *item)
{
  sender->out->n_waiting++;
  Instant queued = mail_json_instant(item->envelope, "queued");
  if (mail_is_late(sender->config, queued, sender->how->now))
    tell(sender, FINDING_WARNING, "mail-late", item, mail_json_text(item->envelope, "queued"));
}

// Some did not get it now: later, or never.
static bool put_off(Sender *sender, MailItem *item, GError **error)
{
  Instant queued = mail_json_instant(item->envelope, "queued"), now = sender->how->now;
  int64_t n_tries = count_try(item->state);
  if (now - queued > (Instant)sender->config->give_up_days * 86400 && n_tries >= TRIES_LEAST) {
    sender->out->n_aside++;
    tell(sender, FINDING_ERROR, "mail-aside", item, NULL);
    return mail_folder_leave(sender->config, item, "aside", now, error);
  }
  mail_json_set_instant(item->state, "next", pause_after(now, n_tries));
  stays(sender, item);
  return mail_folder_note(sender->config, item, error);
}

static bool send_letter(Sender *sender, MailItem *item, GError **error)
{
  const json_t *to = json_object_get(item->envelope, "to");
  bool all = true;
  for (size_t i = 0; i < json_array_size(to); i++) {
    const char *address = json_string_value(json_array_get(to, i));
    MailFate fate = FATE_TAKEN;
    if (address == NULL || mail_json_has(item->state, "done", address) ||
        mail_json_has(item->state, "refused", address))
      continue;
    if (!try_one(sender, item, address, &fate, error))
      return false;
    if (fate == FATE_DOWN) {
      stays(sender, item);
      return note_down(sender, error);
    }
    // The letter may be the reason: it is put off like any other, so that it is given up in the end.
    if (sender->n_lost >= LOST_MOST)
      return note_down(sender, error) && put_off(sender, item, error);
    all = all && fate != FATE_LATER && fate != FATE_LOST;
  }
  return all ? close_letter(sender, item, error) : put_off(sender, item, error);
}

// A file that is no letter any more must not stand in the way of the others.
static void put_aside_damaged(const Sender *sender, const char *id)
{
  g_autofree char *from = mail_folder_path(sender->config, "", id, ".letter");
  g_autofree char *to = mail_folder_path(sender->config, "aside", id, ".damaged");
  if (rename(from, to) == 0) {
    sender->out->n_aside++;
    findings_add(sender->out->findings,
                 &(Finding){.level = FINDING_ERROR, .code = "mail-damaged", .file = to},
                 _("this letter cannot be read any more; it was put aside"));
  }
}

static bool visit(Sender *sender, const char *id, GError **error)
{
  bool damaged = false;
  // Queued again by somebody who looked before it was known.
  if (mail_folder_knows(sender->config, id))
    return true;
  g_autoptr(MailItem) item = mail_folder_load(sender->config, id, &damaged);
  if (damaged)
    put_aside_damaged(sender, id);
  if (item == NULL)
    return true;
  bool stopped = sender->how->interrupted != NULL && *sender->how->interrupted;
  if (sender->out->down || stopped ||
      !is_due(sender->how, mail_json_instant(item->state, "next"))) {
    stays(sender, item);
    return true;
  }
  return send_letter(sender, item, error);
}

// ---------------------------------------------------------------------------------------------

// Those over which the server was lost come last: one that it dies of must not keep the others.
static void choose(const MailQueue *queue, MailState state, GPtrArray *out)
{
  for (guint i = 0; i < queue->letters->len; i++) {
    const MailView *view = queue->letters->pdata[i];
    if (view->state == state)
      g_ptr_array_add(out, (gpointer)view);
  }
}

static bool send_all(Sender *sender, GError **error)
{
  MailQueue queue;
  if (!mail_folder_sweep(sender->config, error))
    return false;
  bool fine = mail_look(sender->config, sender->how->now, &queue, error);
  g_autoptr(GPtrArray) waiting = g_ptr_array_new();
  choose(&queue, MAIL_WAITING, waiting);
  choose(&queue, MAIL_UNSURE, waiting);
  if (waiting->len > 0)
    may_try(sender);
  for (guint i = 0; fine && i < waiting->len; i++)
    fine = visit(sender, ((const MailView *)waiting->pdata[i])->id, error);
  mail_queue_clear(&queue);
  return fine;
}

// Keys are known for so long, and what was refused is told for so long. A letter that was given up is nowhere else: it
// stays until somebody has seen to it, also when a clock goes wrong.
static void purge(const MailConfig *config, Instant now)
{
  static const char *const endings[] = {".sent", ".refused"};
  for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
    g_autoptr(GPtrArray) ids = mail_folder_ids(config, "known", endings[i], NULL);
    for (guint k = 0; ids != NULL && k < ids->len; k++) {
      g_autofree char *path = mail_folder_path(config, "known", ids->pdata[k], endings[i]);
      json_t *json = NULL;
      Instant left = mail_folder_json(path, &json) ? mail_json_instant(json, "left") : INSTANT_NONE;
      json_decref(json);
      if (left != INSTANT_NONE && now - left > (Instant)config->keep_days * 86400)
        unlink(path);
    }
  }
}

bool mail_send(const MailConfig *config, const MailSend *how, MailSent *out, GError **error)
{
  *out = (MailSent){.findings = findings_new()};
  if (!mail_folder_make(config, error))
    return false;
  g_autofree char *lock_path = g_build_filename(config->queue, "lock", NULL);
  g_autoptr(MailLink) link = mail_smtp_open(config, error);
  int lock = link == NULL ? -1 : file_lock(lock_path, error);
  if (lock < 0)
    return false;
  g_autoptr(GString) words = g_string_new(NULL);
  Sender sender = {.config = config, .how = how, .link = link, .out = out, .words = words};
  bool fine = send_all(&sender, error);
  purge(config, how->now);
  close(lock);
  return fine;
}

void mail_sent_clear(MailSent *sent)
{
  g_clear_pointer(&sent->findings, findings_free);
}

bool mail_test(const MailConfig *config, const char *to, GError **error)
{
  if (!mail_is_address(to)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("“%s” is no address that can be used"), to);
    return false;
  }
  g_autoptr(MailLink) link = mail_smtp_open(config, error);
  if (link == NULL)
    return false;
  g_autoptr(GString) when = g_string_new(NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GString) words = g_string_new(NULL);
  g_autofree char *from = mail_address_of(config->from);
  instant_format(instant_now(), when);
  g_autofree char *key = g_strdup_printf("test/%s/%" G_GINT64_FORMAT, when->str, g_get_real_time());
  Letter letter = {.key = key,
                   .to = (const char *const[]){to, NULL},
                   .subject = _("idou: a test (試験)"),
                   .text = _("Letters of idou reach this address.\n")};
  mail_mime_write(config, &letter, instant_now(), text);
  MailMessage message = {.from = from, .to = to, .bytes = text->str, .n_bytes = text->len};
  if (mail_smtp_send(link, &message, words) == FATE_TAKEN)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, "%s: %s", config->server, words->str);
  return false;
}
