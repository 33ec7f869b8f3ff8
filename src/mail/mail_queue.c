// SPDX-License-Identifier: GPL-3.0-or-later
#include "mail/mail_p.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *envelope_json(const MailConfig *config, const Letter *letter, Instant now)
{
  g_autofree char *from = mail_address_of(config->from);
  g_autofree char *subject = g_utf8_make_valid(letter->subject, -1);
  json_t *json = json_object();
  json_t *to = json_array(), *bad = json_array();
  for (size_t i = 0; letter->to[i] != NULL; i++) {
    g_autofree char *address = g_utf8_make_valid(letter->to[i], -1);
    json_t *list = mail_is_address(address) ? to : bad;
    json_array_append_new(list, json_string(address));
  }
  json_object_set_new(json, "key", json_string(letter->key));
  json_object_set_new(json, "subject", json_string(subject));
  json_object_set_new(json, "from", json_string(from != NULL ? from : ""));
  json_object_set_new(json, "to", to);
  json_object_set_new(json, "bad", bad);
  mail_json_set_instant(json, "queued", now);
  return json;
}

static bool write_letter(const MailConfig *config, const MailItem *item, const Letter *letter,
                         Instant now, GError **error)
{
  g_autofree char *path = mail_folder_path(config, "", item->id, ".letter");
  char *head = json_dumps(item->envelope, JSON_COMPACT | JSON_SORT_KEYS);
  g_autoptr(GString) text = g_string_new(head);
  free(head);
  g_string_append_c(text, '\n');
  mail_mime_write(config, letter, now, text);
  return file_write(path, text->str, text->len, 0600, error);
}

// Nobody can get it: that is told once, as for one the server refused.
static bool is_for_nobody(const MailItem *item)
{
  return json_array_size(json_object_get(item->envelope, "to")) == 0;
}

static bool put(const MailConfig *config, const Letter *letter, MailItem *item, GError **error)
{
  Instant now = instant_now();
  item->envelope = envelope_json(config, letter, now);
  item->state = json_object();
  if (!write_letter(config, item, letter, now, error))
    return false;
  if (!is_for_nobody(item))
    return true;
  json_object_set_new(item->state, "words", json_string(_("no address that can be used")));
  return mail_folder_leave(config, item, "aside", now, error);
}

bool mail_queue(const MailConfig *config, const Letter *letter, bool *is_new, GError **error)
{
  if (is_new != NULL)
    *is_new = false;
  if (config == NULL)
    return true;
  g_autoptr(MailItem) item = g_new0(MailItem, 1);
  item->id = mail_mime_id(letter->key);
  g_autofree char *path = mail_folder_path(config, "", item->id, ".letter");
  if (g_file_test(path, G_FILE_TEST_EXISTS) || mail_folder_knows(config, item->id))
    return true;
  if (!mail_folder_make(config, error) || !put(config, letter, item, error))
    return false;
  // A sender may have sent the same letter, of another process, since we looked.
  bool known = mail_folder_knows(config, item->id) && !is_for_nobody(item);
  if (known)
    unlink(path);
  if (is_new != NULL)
    *is_new = !known;
  return true;
}
