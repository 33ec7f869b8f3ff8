// SPDX-License-Identifier: GPL-3.0-or-later
#include "mail/mail_p.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_FILE_BYTES (256u << 20)
#define OLD_S 86400

static const char *const KNOWN_ENDINGS[] = {".sent", ".refused", ".aside"};

void mail_item_free(MailItem *item)
{
  if (item == NULL)
    return;
  g_free(item->id);
  json_decref(item->envelope);
  json_decref(item->state);
  g_clear_pointer(&item->bytes, g_bytes_unref);
  g_free(item);
}

char *mail_folder_path(const MailConfig *config, const char *folder, const char *id,
                       const char *ending)
{
  g_autofree char *name = g_strconcat(id, ending, NULL);
  return g_build_filename(config->queue, folder, name, NULL);
}

bool mail_folder_make(const MailConfig *config, GError **error)
{
  static const char *const folders[] = {"", "known", "aside"};
  for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *path = g_build_filename(config->queue, folders[i], NULL);
    if (!file_make_dir(path, 0700, error))
      return false;
  }
  return true;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *mail_folder_ids(const MailConfig *config, const char *folder, const char *ending,
                           GError **error)
{
  g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *path = g_build_filename(config->queue, folder, NULL);
  g_autoptr(GError) local = NULL;
  g_autoptr(GDir) dir = g_dir_open(path, 0, &local);
  if (dir == NULL && !g_error_matches(local, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("cannot read the mail queue %s: %s"), path,
                local->message);
    return NULL;
  }
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
    if (g_str_has_suffix(name, ending))
      g_ptr_array_add(ids, g_strndup(name, strlen(name) - strlen(ending)));
  if (ids->len > 1)
    qsort(ids->pdata, ids->len, sizeof(char *), by_name);
  return g_steal_pointer(&ids);
}

// ---------------------------------------------------------------------------------------------
// JSON.

const char *mail_json_text(const json_t *json, const char *key)
{
  const char *text = json_string_value(json_object_get(json, key));
  return text != NULL ? text : "";
}

Instant mail_json_instant(const json_t *json, const char *key)
{
  Instant instant = INSTANT_NONE;
  return instant_parse(mail_json_text(json, key), &instant) ? instant : INSTANT_NONE;
}

void mail_json_set_instant(json_t *json, const char *key, Instant instant)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  json_object_set_new(json, key, json_string(text->str));
}

bool mail_json_has(const json_t *json, const char *key, const char *text)
{
  const json_t *array = json_object_get(json, key);
  for (size_t i = 0; i < json_array_size(array); i++)
    if (g_strcmp0(json_string_value(json_array_get(array, i)), text) == 0)
      return true;
  return false;
}

bool mail_folder_json(const char *path, json_t **out)
{
  *out = NULL;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return false;
  g_autoptr(GBytes) bytes = file_read(path, MAX_FILE_BYTES, NULL);
  gsize n = 0;
  const char *text = bytes == NULL ? NULL : g_bytes_get_data(bytes, &n);
  json_t *json = text == NULL ? NULL : json_loadb(text, n, 0, NULL);
  if (json_is_object(json))
    *out = json;
  else
    json_decref(json);
  return true;
}

bool mail_folder_write_json(const char *path, json_t *json, GError **error)
{
  char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
  bool fine = text != NULL && file_write(path, text, strlen(text), 0600, error);
  free(text);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// Letters.

static bool parse(MailItem *item)
{
  gsize n = 0;
  const char *bytes = g_bytes_get_data(item->bytes, &n);
  const char *end = memchr(bytes, '\n', n);
  if (end == NULL)
    return false;
  item->message_at = (size_t)(end - bytes) + 1;
  item->envelope = json_loadb(bytes, item->message_at, 0, NULL);
  return *mail_json_text(item->envelope, "key") != '\0' &&
         json_is_array(json_object_get(item->envelope, "to"));
}

MailItem *mail_folder_load(const MailConfig *config, const char *id, bool *damaged)
{
  g_autofree char *path = mail_folder_path(config, "", id, ".letter");
  g_autofree char *state_path = mail_folder_path(config, "", id, ".state");
  *damaged = false;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return NULL;
  g_autoptr(MailItem) item = g_new0(MailItem, 1);
  item->id = g_strdup(id);
  item->bytes = file_read(path, MAX_FILE_BYTES, NULL);
  *damaged = item->bytes == NULL || !parse(item);
  if (*damaged)
    return NULL;
  // Without its state a letter is as new: it may go out twice, but it goes out.
  mail_folder_json(state_path, &item->state);
  if (item->state == NULL)
    item->state = json_object();
  return g_steal_pointer(&item);
}

bool mail_folder_note(const MailConfig *config, const MailItem *item, GError **error)
{
  g_autofree char *path = mail_folder_path(config, "", item->id, ".state");
  return mail_folder_write_json(path, item->state, error);
}

bool mail_folder_knows(const MailConfig *config, const char *id)
{
  for (size_t i = 0; i < G_N_ELEMENTS(KNOWN_ENDINGS); i++) {
    g_autofree char *path = mail_folder_path(config, "known", id, KNOWN_ENDINGS[i]);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
      return true;
  }
  return false;
}

// To whom it did not go.
static json_t *not_reached(const MailItem *item)
{
  json_t *all = json_array();
  json_t *to = json_object_get(item->envelope, "to");
  for (size_t i = 0; i < json_array_size(to); i++)
    if (!mail_json_has(item->state, "done", json_string_value(json_array_get(to, i))))
      json_array_append(all, json_array_get(to, i));
  json_array_extend(all, json_object_get(item->envelope, "bad"));
  return all;
}

static json_t *known_json(const MailItem *item, Instant now)
{
  json_t *json = json_object();
  json_object_set(json, "key", json_object_get(item->envelope, "key"));
  json_object_set(json, "subject", json_object_get(item->envelope, "subject"));
  json_object_set(json, "queued", json_object_get(item->envelope, "queued"));
  mail_json_set_instant(json, "left", now);
  json_object_set_new(json, "to", not_reached(item));
  json_object_set_new(json, "words", json_string(mail_json_text(item->state, "words")));
  json_object_set_new(json, "tries",
                      json_integer(json_integer_value(json_object_get(item->state, "tries"))));
  return json;
}

// Takes a letter whose key is known out of the queue.
static bool take_away(const MailConfig *config, const char *id, bool aside, GError **error)
{
  g_autofree char *letter = mail_folder_path(config, "", id, ".letter");
  g_autofree char *state = mail_folder_path(config, "", id, ".state");
  g_autofree char *kept = mail_folder_path(config, "aside", id, ".letter");
  int failed = aside ? rename(letter, kept) : unlink(letter);
  if (failed != 0 && errno != ENOENT) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot take the letter away: %s"), letter,
                g_strerror(errno));
    return false;
  }
  unlink(state);
  return file_sync_parent(letter, error);
}

// Whoever dies between the steps leaves a letter whose key is known already: the next sender takes it away.
bool mail_folder_leave(const MailConfig *config, const MailItem *item, const char *how, Instant now,
                       GError **error)
{
  g_autofree char *ending = g_strconcat(".", how, NULL);
  g_autofree char *known = mail_folder_path(config, "known", item->id, ending);
  json_t *json = known_json(item, now);
  bool fine = mail_folder_write_json(known, json, error);
  json_decref(json);
  return fine && take_away(config, item->id, strcmp(how, "aside") == 0, error);
}

// Temporary files of whoever died while writing; one who is at work may have some, too.
static void sweep_file(const MailConfig *config, const char *name)
{
  g_autofree char *path = g_build_filename(config->queue, name, NULL);
  struct stat status;
  bool temporary = strstr(name, ".letter.") != NULL || strstr(name, ".state.") != NULL;
  if (temporary && lstat(path, &status) == 0 && time(NULL) - status.st_mtime > OLD_S)
    unlink(path);
}

bool mail_folder_sweep(const MailConfig *config, GError **error)
{
  g_autoptr(GPtrArray) all = mail_folder_ids(config, "", "", error);
  for (guint i = 0; all != NULL && i < all->len; i++) {
    g_auto(GStrv) parts = g_strsplit(all->pdata[i], ".", 2);
    g_autofree char *letter = mail_folder_path(config, "", parts[0], ".letter");
    g_autofree char *aside = mail_folder_path(config, "known", parts[0], ".aside");
    sweep_file(config, all->pdata[i]);
    bool is_letter = g_strcmp0(parts[1], "letter") == 0;
    bool over = is_letter && mail_folder_knows(config, parts[0]);
    bool lone = g_strcmp0(parts[1], "state") == 0 && !g_file_test(letter, G_FILE_TEST_EXISTS);
    if ((over || lone) &&
        !take_away(config, parts[0], over && g_file_test(aside, G_FILE_TEST_EXISTS), error))
      return false;
  }
  return all != NULL;
}
