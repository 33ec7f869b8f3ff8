// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_p.h"

#include <string.h>

#include <jansson.h>

#define FAULTS_MOST 50

// The record on its way from the first row to the last.
typedef struct Walk {
  const AuditHead *heads;
  size_t n_heads;
  AuditVerdict *out;
  char *before;  // digest of the row before
  Instant at;    // its moment
  size_t n_faults;
  bool file;          // rows come from a file: there is no journal beside them
  GHashTable *runs;   // run's number -> digest that its journal must have; "" = it is at work
  int64_t first_run;  // the lowest run that the record knows; 0 = none
} Walk;

static void complain(Walk *walk, int64_t number, const char *code, const char *text)
{
  AuditVerdict *out = walk->out;
  if (out->fault == 0 || number < out->fault)
    out->fault = number;
  if (++walk->n_faults > FAULTS_MOST)
    return;
  g_autofree char *subject = g_strdup_printf("%" G_GINT64_FORMAT, number);
  findings_add(out->findings, &(Finding){.level = FINDING_ERROR, .code = code, .subject = subject},
               "%s", text);
}

static void remark(Walk *walk, int64_t number, const char *code, const char *text)
{
  g_autofree char *subject = g_strdup_printf("%" G_GINT64_FORMAT, number);
  findings_add(walk->out->findings,
               &(Finding){.level = FINDING_NOTE, .code = code, .subject = subject}, "%s", text);
}

static void complain_missing(Walk *walk, int64_t from, int64_t to)
{
  g_autofree char *text =
      from == to ? g_strdup_printf(_("row %" G_GINT64_FORMAT " is gone: it was taken out, or what "
                                     "followed it was cut off and written on from there"),
                                   from)
                 : g_strdup_printf(_("rows %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                                     " are gone: they were taken out, or cut off and written on "
                                     "from there"),
                                   from, to);
  complain(walk, from, "audit-missing", text);
}

// ---------------------------------------------------------------------------------------------
// One row.

static void check_heads(Walk *walk, const AuditRow *row)
{
  for (size_t i = 0; i < walk->n_heads; i++) {
    const AuditHead *head = &walk->heads[i];
    if (head->id != row->id || g_str_has_prefix(row->digest, head->digest))
      continue;
    g_autofree char *text =
        g_strdup_printf(_("it is not the row whose digest was kept outside (%.16s…): the record "
                          "was written anew, up to here at least"),
                        head->digest);
    complain(walk, row->id, "audit-rewritten", text);
  }
}

// What the record says of runs: whoever reads the journal later compares with the last word.
static void take_run(Walk *walk, const AuditRow *row)
{
  int64_t run = audit_detail_number(row, AUDIT_RUN);
  g_autofree char *ops = run > 0 ? audit_detail(row, AUDIT_OPS) : NULL;
  bool begins = strcmp(row->what, AUDIT_BEGIN) == 0;
  if (run <= 0 || (!ops && !begins))
    return;
  // One that is gone on with may be from before the record, or from before a purge, and younger ones, too.
  g_autofree char *again = begins ? audit_detail(row, AUDIT_AGAIN) : NULL;
  if (begins && !again && (walk->first_run == 0 || run < walk->first_run))
    walk->first_run = run;
  g_hash_table_insert(walk->runs, g_memdup2(&run, sizeof run), g_strdup(begins ? "" : ops));
}

static void check_detail(Walk *walk, const AuditRow *row)
{
  json_t *object = json_loads(row->detail, JSON_REJECT_DUPLICATES, NULL);
  if (!json_is_object(object))
    complain(walk, row->id, "audit-detail", _("its detail is no JSON object"));
  json_decref(object);
}

static void check_digest(Walk *walk, const AuditRow *row)
{
  g_autofree char *digest = audit_digest(row, walk->before);
  if (strcmp(digest, row->digest) == 0)
    return;
  complain(walk, row->id, "audit-changed",
           _("it does not follow from the row before: it was changed, put here from elsewhere or "
             "added by hand, or the row before was, with a digest made to fit"));
}

// `false` never: all that follows is looked at, too.
static bool check_row(const AuditRow *row, void *data)
{
  Walk *walk = data;
  AuditVerdict *out = walk->out;
  if (out->n_rows > 0 && row->id > out->head.id + 1)
    complain_missing(walk, out->head.id + 1, row->id - 1);
  if (out->n_rows > 0 && row->id <= out->head.id)
    complain(walk, row->id, "audit-order",
             _("it stands behind a row with its number or a higher one"));
  if (out->n_rows > 0 && row->at < walk->at)
    remark(walk, row->id, "audit-clock",
           _("it is older than the row before: a clock was set back"));
  check_digest(walk, row);
  check_heads(walk, row);
  check_detail(walk, row);
  take_run(walk, row);
  if (out->n_rows++ == 0)
    out->first = row->id;
  walk->at = row->at;
  out->head.id = row->id;
  g_strlcpy(out->head.digest, row->digest, sizeof out->head.digest);
  g_free(walk->before);
  walk->before = g_strdup(row->digest);
  return true;
}

// ---------------------------------------------------------------------------------------------
// The two ends.

static bool take_first(const AuditRow *row, void *data)
{
  *(int64_t *)data = row->id;
  return false;
}

// The beginning may have gone by a purge, which says what the last row was that went.
static bool find_anchor(Walk *walk, Store *store, GError **error)
{
  AuditRow purge;
  int64_t first = 0;
  if (!store_audit_each(store, 1, take_first, &first, error))
    return false;
  if (first <= 1)
    return true;
  if (store_audit_latest(store, AUDIT_PURGE, &purge) &&
      audit_detail_number(&purge, AUDIT_THROUGH) == first - 1) {
    g_free(walk->before);
    walk->before = audit_detail(&purge, AUDIT_LAST);
    if (walk->before)
      return true;
    walk->before = g_strdup(NOTHING_BEFORE);
  }
  complain_missing(walk, 1, first - 1);
  return store_check(store, error);
}

static void check_outside(Walk *walk)
{
  const AuditVerdict *out = walk->out;
  for (size_t i = 0; i < walk->n_heads; i++) {
    const AuditHead *head = &walk->heads[i];
    if (head->id > out->head.id) {
      g_autofree char *text = g_strdup_printf(
          _("outside it is known that the record went on up to %" G_GINT64_FORMAT
            ", and it ends with %" G_GINT64_FORMAT
            ": its end was cut off, or an older copy of the ledger put in its place"),
          head->id, out->head.id);
      complain(walk, out->head.id + 1, "audit-cut", text);
    } else if (out->n_rows > 0 && head->id < out->first)
      remark(walk, head->id, "audit-purged",
             _("the row whose digest was kept outside has been purged: nothing can be told by it"));
  }
}

static void check_end(Walk *walk, Store *store)
{
  const AuditVerdict *out = walk->out;
  int64_t counted = store_audit_counted(store);
  if (counted > out->head.id) {
    g_autofree char *text = g_strdup_printf(
        _("%" G_GINT64_FORMAT " rows were written and the record ends with %" G_GINT64_FORMAT
          ": its end was cut off"),
        counted, out->head.id);
    complain(walk, out->head.id + 1, "audit-cut", text);
  } else if (counted < out->head.id)
    complain(walk, out->head.id, "audit-count",
             _("SQLite counted fewer rows than there are: somebody changed the count"));
  if (!store_audit_guarded(store))
    complain(walk, out->head.id, "audit-trigger",
             _("triggers that keep the record from being changed are gone: somebody took them "
               "away, and may have done so to change it"));
}

// ---------------------------------------------------------------------------------------------
// The journal.

static void complain_run(Walk *walk, int64_t run, const char *code, const char *text)
{
  g_autofree char *whole = g_strdup_printf(_("run %" G_GINT64_FORMAT ": %s"), run, text);
  complain(walk, walk->out->head.id, code, whole);
}

static bool check_run(Walk *walk, Store *store, int64_t run, const char *ops, GError **error)
{
  g_autofree char *digest = NULL;
  if (*ops == '\0')  // at work, or killed: its journal is on its way
    return true;
  if (!audit_journal(store, run, &digest, error))
    return false;
  if (strcmp(digest, ops) != 0)
    complain_run(walk, run, "audit-journal",
                 _("its operations in the journal are not those that it ended with: somebody "
                   "changed them, took some away or added some"));
  return true;
}

static bool check_recorded(const RunRow *run, void *data)
{
  Walk *walk = data;
  if (walk->first_run > 0 && run->id > walk->first_run &&
      !g_hash_table_contains(walk->runs, &run->id))
    complain_run(walk, run->id, "audit-run",
                 _("it stands in the journal, and the record does not know that it began"));
  return true;
}

static bool check_journal(Walk *walk, Store *store, GError **error)
{
  GHashTableIter iter;
  gpointer run, ops;
  g_hash_table_iter_init(&iter, walk->runs);
  while (g_hash_table_iter_next(&iter, &run, &ops))
    if (!check_run(walk, store, *(const int64_t *)run, ops, error))
      return false;
  return store_runs_ever(store, check_recorded, walk, error);
}

// ---------------------------------------------------------------------------------------------

static void walk_begin(Walk *walk, AuditVerdict *out)
{
  *out = (AuditVerdict){.findings = findings_new()};
  walk->out = out;
  walk->before = g_strdup(NOTHING_BEFORE);
  walk->runs = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
}

static void walk_end(Walk *walk)
{
  if (walk->n_faults > FAULTS_MOST)
    remark(walk, 0, "audit-more", _("there are more faults than these"));
  g_hash_table_unref(walk->runs);
  g_free(walk->before);
}

bool audit_verify(Store *store, const AuditHead *heads, size_t n_heads, AuditVerdict *out,
                  GError **error)
{
  Walk walk = {.heads = heads, .n_heads = n_heads};
  walk_begin(&walk, out);
  bool fine =
      find_anchor(&walk, store, error) && store_audit_each(store, 1, check_row, &walk, error);
  if (fine) {
    check_end(&walk, store);
    check_outside(&walk);
    fine = check_journal(&walk, store, error) && store_check(store, error);
  }
  walk_end(&walk);
  return fine;
}

void audit_verdict_clear(AuditVerdict *verdict)
{
  g_clear_pointer(&verdict->findings, findings_free);
}

// ---------------------------------------------------------------------------------------------
// A file.

#define FILE_MOST_BYTES ((size_t)1 << 30)

static bool read_row(const json_t *line, AuditRow *out)
{
  static const struct {
    const char *key;
    size_t offset;
  } texts[] = {{"who", offsetof(AuditRow, who)},       {"user", offsetof(AuditRow, user)},
               {"what", offsetof(AuditRow, what)},     {"subject", offsetof(AuditRow, subject)},
               {"detail", offsetof(AuditRow, detail)}, {"digest", offsetof(AuditRow, digest)}};
  const json_t *number = json_object_get(line, "number"), *at = json_object_get(line, "at");
  *out = (AuditRow){.id = json_integer_value(number), .at = json_integer_value(at)};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    const char *text = json_string_value(json_object_get(line, texts[i].key));
    if (!text)
      return false;
    *(const char **)(void *)((char *)out + texts[i].offset) = text;
  }
  return json_is_integer(number) && json_is_integer(at);
}

static bool begin_file(Walk *walk, const json_t *line)
{
  const char *before = json_string_value(json_object_get(line, "before"));
  if (json_integer_value(json_object_get(line, "idou-audit")) != 1 || !before)
    return false;
  g_free(walk->before);
  walk->before = g_strdup(before);
  return true;
}

static bool read_line(Walk *walk, const char *text, size_t n_bytes, bool first)
{
  json_t *line = json_loadb(text, n_bytes, JSON_REJECT_DUPLICATES, NULL);
  AuditRow row;
  bool fine = line && (first ? begin_file(walk, line) : read_row(line, &row));
  if (fine && !first)
    check_row(&row, walk);
  json_decref(line);
  return fine;
}

static void read_file(Walk *walk, const char *path, const char *bytes, size_t n_bytes)
{
  int64_t n = 0;
  for (const char *at = bytes, *end = bytes + n_bytes; at < end; n++) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (stop && read_line(walk, at, (size_t)(stop - at), n == 0)) {
      at = stop + 1;
      continue;
    }
    g_autofree char *text = g_strdup_printf(_("%s:%" G_GINT64_FORMAT ": %s"), path, n + 1,
                                            stop ? _("this is no line of an exported record")
                                                 : _("the file is cut short"));
    complain(walk, walk->out->head.id + 1, "audit-file", text);
    return;
  }
}

bool audit_verify_file(const char *path, const AuditHead *heads, size_t n_heads, AuditVerdict *out,
                       GError **error)
{
  Walk walk = {.heads = heads, .n_heads = n_heads, .file = true};
  walk_begin(&walk, out);
  g_autoptr(GBytes) bytes = file_read(path, FILE_MOST_BYTES, error);
  if (bytes) {
    size_t n_bytes;
    const char *text = g_bytes_get_data(bytes, &n_bytes);
    read_file(&walk, path, text, n_bytes);
    if (out->n_rows == 0)
      complain(&walk, 1, "audit-file", _("it holds no row of a record"));
    check_outside(&walk);
  }
  walk_end(&walk);
  return bytes != NULL;
}
