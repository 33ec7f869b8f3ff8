// SPDX-License-Identifier: GPL-3.0-or-later
//
// The record as a file that can be verified alone, and letting go of its beginning.
#include "audit_p.h"

#include <string.h>

#include <jansson.h>

// `false`: a text in it is no UTF-8.
static bool put_line(GString *out, json_t *object)
{
  char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
  if (text) {
    g_string_append(out, text);
    g_string_append_c(out, '\n');
  }
  free(text);
  json_decref(object);
  return text != NULL;
}

typedef struct Exporting {
  GString *out;
  AuditHead *through;
  int64_t broken;  // number of a row that cannot be written; 0 = none
} Exporting;

static bool put_row(const AuditRow *row, void *data)
{
  Exporting *exporting = data;
  bool fine =
      put_line(exporting->out,
               json_pack("{sI sI ss ss ss ss ss ss}", "number", (json_int_t)row->id, "at",
                         (json_int_t)row->at, "who", row->who, "user", row->user, "what", row->what,
                         "subject", row->subject, "detail", row->detail, "digest", row->digest));
  exporting->broken = fine ? 0 : row->id;
  exporting->through->id = row->id;
  g_strlcpy(exporting->through->digest, row->digest, sizeof exporting->through->digest);
  return fine;
}

bool audit_export(Store *store, GString *out, AuditHead *through, GError **error)
{
  Exporting exporting = {out, through, 0};
  AuditRow purge;
  g_autofree char *before = NULL;
  *through = (AuditHead){.id = 0};
  if (store_audit_latest(store, AUDIT_PURGE, &purge))
    before = audit_detail(&purge, AUDIT_LAST);
  put_line(out, json_pack("{si ss}", "idou-audit", 1, "before", before ? before : NOTHING_BEFORE));
  if (!store_check(store, error) || !store_audit_each(store, 1, put_row, &exporting, error))
    return false;
  if (exporting.broken != 0)
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("row %" G_GINT64_FORMAT
                  " of the audit record holds bytes that are no text, so it was "
                  "changed by hand (idou report audit --verify): nothing is exported"),
                exporting.broken);
  return exporting.broken == 0;
}

// ---------------------------------------------------------------------------------------------

static bool take_digest(const AuditRow *row, void *data)
{
  *(char **)data = g_strdup(row->digest);
  return false;
}

static bool count_first(const AuditRow *row, void *data)
{
  *(int64_t *)data = row->id;
  return false;
}

// Up to which row it may go; 0 = none.
static int64_t purge_through(Store *store, Instant before, bool exported)
{
  AuditRow last;
  int64_t through = store_audit_before(store, before);
  if (!exported)
    return through;
  if (!store_audit_latest(store, AUDIT_EXPORT, &last))
    return 0;
  return MIN(through, audit_detail_number(&last, AUDIT_THROUGH));
}

static bool note_purge(Store *store, int64_t through, const char *digest, GError **error)
{
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, through);
  const char *const detail[] = {AUDIT_THROUGH, number, AUDIT_LAST, digest, NULL};
  // The row first: it is the one that says why the others are gone.
  return audit_note(store, &(AuditNote){.what = AUDIT_PURGE, .detail = detail}, error) &&
         store_audit_purge(store, through, error);
}

static bool purge(Store *store, Instant before, bool exported, int64_t *n, GError **error)
{
  int64_t first = 0;
  g_autofree char *digest = NULL;
  int64_t through = purge_through(store, before, exported);
  if (!store_check(store, error) || !store_audit_each(store, 1, count_first, &first, error))
    return false;
  if (first == 0 || through < first)
    return true;
  *n = through - first + 1;
  return store_audit_each(store, through, take_digest, &digest, error) &&
         note_purge(store, through, digest, error);
}

bool audit_purge(Store *store, Instant before, bool exported, int64_t *n, GError **error)
{
  *n = 0;
  if (!store_begin(store, error))
    return false;
  if (purge(store, before, exported, n, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}
