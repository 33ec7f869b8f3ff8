// SPDX-License-Identifier: GPL-3.0-or-later
//
// The queue of letters, oldest first.
#include "report_p.h"

static void put_when(GString *out, const char *words, Instant instant)
{
  if (instant == INSTANT_NONE)
    return;
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  g_string_append_printf(out, words, text->str);
}

static void put_letter(const MailView *view, GString *out)
{
  g_string_append_printf(out, "%s  %-8s", view->id, mail_state_name(view->state));
  put_when(out, "  %s", view->queued);
  g_string_append(out, "  ");
  escape_text(out, view->subject, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  for (size_t i = 0; view->to[i] != NULL; i++) {
    g_string_append(out, i == 0 ? "    to " : ", ");
    escape_text(out, view->to[i], ESCAPE_TERMINAL);
  }
  if (view->to[0] != NULL)
    g_string_append_c(out, '\n');
  if (view->n_tries > 0 || *view->words != '\0') {
    g_string_append_printf(out, _("    tries: %d"), view->n_tries);
    put_when(out, _(", the next at %s"), view->next);
    g_string_append(out, *view->words != '\0' ? ": " : "");
    escape_text(out, view->words, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
}

static json_t *letter_json(const MailView *view)
{
  json_t *object = json_object(), *to = json_array();
  for (size_t i = 0; view->to[i] != NULL; i++)
    json_array_append_new(to, report_json_text(view->to[i]));
  json_object_set_new(object, "id", report_json_text(view->id));
  json_object_set_new(object, "state", json_string(mail_state_name(view->state)));
  json_object_set_new(object, "key", report_json_text(view->key));
  json_object_set_new(object, "subject", report_json_text(view->subject));
  json_object_set_new(object, "queued", report_json_instant(view->queued));
  json_object_set_new(object, "next", report_json_instant(view->next));
  json_object_set_new(object, "tries", json_integer(view->n_tries));
  json_object_set_new(object, "to", to);
  json_object_set_new(object, "words", report_json_text(view->words));
  return object;
}

static void letters_json(const MailQueue *queue, GString *out)
{
  json_t *object = json_object(), *letters = json_array();
  for (guint i = 0; i < queue->letters->len; i++)
    json_array_append_new(letters, letter_json(queue->letters->pdata[i]));
  json_object_set_new(object, "waiting", json_integer(queue->n_waiting));
  json_object_set_new(object, "late", json_integer(queue->n_late));
  json_object_set_new(object, "refused", json_integer(queue->n_refused));
  json_object_set_new(object, "aside", json_integer(queue->n_aside));
  json_object_set_new(object, "down_since", report_json_instant(queue->down_since));
  json_object_set_new(object, "letters", letters);
  report_json_dump(object, out);
}

void report_letters(const MailQueue *queue, bool json, GString *out)
{
  if (json) {
    letters_json(queue, out);
    return;
  }
  for (guint i = 0; i < queue->letters->len; i++)
    put_letter(queue->letters->pdata[i], out);
  put_when(out, _("the server cannot be reached since %s"), queue->down_since);
  put_when(out, _(", the next try is at %s"), queue->down_next);
  if (queue->down_since != INSTANT_NONE) {
    g_string_append(out, ": ");
    escape_text(out, queue->down_words, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  g_string_append_printf(out,
                         _("mail: waiting=%" G_GINT64_FORMAT " late=%" G_GINT64_FORMAT
                           " refused=%" G_GINT64_FORMAT " given_up=%" G_GINT64_FORMAT "\n"),
                         queue->n_waiting, queue->n_late, queue->n_refused, queue->n_aside);
}
