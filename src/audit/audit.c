// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_p.h"

#include <string.h>

#include <jansson.h>

// Its length before each field: no two rows have the same bytes.
static void add_text(GChecksum *sum, const char *text)
{
  if (!text) {
    g_checksum_update(sum, (const guchar *)"-:", 2);
    return;
  }
  char length[24];
  size_t n_bytes = strlen(text);
  int n = g_snprintf(length, sizeof length, "%zu:", n_bytes);
  g_checksum_update(sum, (const guchar *)length, n);
  g_checksum_update(sum, (const guchar *)text, (gssize)n_bytes);
}

char *audit_digest(const AuditRow *row, const char *before)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, row->id);
  g_autofree char *at = g_strdup_printf("%" G_GINT64_FORMAT, row->at);
  const char *const texts[] = {before,    id,        at,           row->who,
                               row->user, row->what, row->subject, row->detail};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    add_text(sum, texts[i]);
  return g_strdup(g_checksum_get_string(sum));
}

static char *detail_of(const AuditNote *note)
{
  json_t *object = json_object();
  for (const char *const *at = note->detail; at && at[0] && at[1]; at += 2) {
    g_autofree char *valid = g_utf8_make_valid(at[1], -1);
    json_object_set_new(object, at[0], json_string(valid));
  }
  char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
  char *out = g_strdup(text);
  free(text);
  json_decref(object);
  return out;
}

char *audit_detail(const AuditRow *row, const char *key)
{
  json_t *object = json_loads(row->detail, JSON_REJECT_DUPLICATES, NULL);
  char *text = g_strdup(json_string_value(json_object_get(object, key)));
  json_decref(object);
  return text;
}

int64_t audit_detail_number(const AuditRow *row, const char *key)
{
  g_autofree char *text = audit_detail(row, key);
  return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static void add_texts(const char *const *texts, size_t n, void *data)
{
  for (size_t i = 0; i < n; i++)
    add_text(data, texts[i]);
}

bool audit_journal(Store *store, int64_t run, char **out, GError **error)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  if (!store_journal_each(store, run, add_texts, sum, error))
    return false;
  *out = g_strdup(g_checksum_get_string(sum));
  return true;
}

bool audit_note_run(Store *store, const AuditNote *note, int64_t run, GError **error)
{
  g_autofree char *digest = NULL;
  if (!audit_journal(store, run, &digest, error))
    return false;
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, run);
  g_autoptr(GPtrArray) detail = g_ptr_array_new();
  const char *const own[] = {AUDIT_RUN, number, AUDIT_OPS, digest};
  for (const char *const *at = note->detail; at && *at; at++)
    g_ptr_array_add(detail, (gpointer)*at);
  for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
    g_ptr_array_add(detail, (gpointer)own[i]);
  g_ptr_array_add(detail, NULL);
  AuditNote whole = *note;
  whole.detail = (const char *const *)detail->pdata;
  return audit_note(store, &whole, error);
}

#define CHARACTERS_MOST 300  // of a name: more is no name, and spoils every table

// Caller frees. What is blank says as little as what is not there.
static char *name_of(const char *text, const char *without)
{
  g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
  const char *at = valid;
  while (g_unichar_isspace(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  if (*at == '\0')
    return g_utf8_make_valid(without, -1);
  if (g_utf8_strlen(valid, -1) <= CHARACTERS_MOST)
    return g_steal_pointer(&valid);
  g_autofree char *begin = g_utf8_substring(valid, 0, CHARACTERS_MOST);
  return g_strconcat(begin, "…", NULL);
}

bool audit_note(Store *store, const AuditNote *note, GError **error)
{
  // First: they may be borrowed from the store.
  g_autofree char *detail = detail_of(note);
  g_autofree char *user = audit_user();
  g_autofree char *who = name_of(note->who, g_get_user_name());
  g_autofree char *subject = name_of(note->subject, "");
  AuditRow last = {.digest = NOTHING_BEFORE};
  store_audit_last(store, &last);
  g_autofree char *before = g_strdup(last.digest);
  AuditRow row = {.id = store_audit_next(store),
                  .at = instant_now(),
                  .who = who,
                  .user = user,
                  .what = note->what,
                  .subject = subject,
                  .detail = detail};
  g_autofree char *digest = audit_digest(&row, before);
  row.digest = digest;
  return store_check(store, error) && store_audit_add(store, &row, error);
}

bool audit_note_alone(Store *store, const AuditNote *note, GError **error)
{
  if (!store_begin(store, error))
    return false;
  if (audit_note(store, note, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}
