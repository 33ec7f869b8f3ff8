// SPDX-License-Identifier: GPL-3.0-or-later
//
// What stands in the product as far as we know: its newest exports, and on top what was sent since. Of a request an
// export that is newer than its set says what became of it. Opened for reading all this is worked out in memory only.
#include "csv_p.h"

#include <stdlib.h>
#include <sys/stat.h>

#define CLOCKS_DIFFER_SECONDS 600

// A file's export that was not known yet.
typedef struct Fresh {
  const CsvFile *file;
  CsvExport found;
  GPtrArray *rows;  // Record
} Fresh;

static void free_fresh(void *data)
{
  Fresh *fresh = data;
  csv_export_clear(&fresh->found);
  g_clear_pointer(&fresh->rows, g_ptr_array_unref);
  g_free(fresh);
}

void csv_view_close(CsvView *view)
{
  if (!view)
    return;
  believed_close(view->believed);
  g_string_free(view->remark, true);
  g_free(view);
}

char *csv_state_folder(const CsvProduct *product)
{
  return g_build_filename(product->folder, "state", NULL);
}

// ---------------------------------------------------------------------------------------------
// Marks

static char *export_mark(const CsvFile *file)
{
  return g_strconcat("export.", file->word, NULL);
}

// "WHEN ROWS NAME"
static bool read_export(const Believed *believed, const CsvFile *file, Instant *when,
                        int64_t *n_rows)
{
  g_autofree char *name = export_mark(file);
  const char *text = believed_mark(believed, name);
  char *end = NULL;
  if (!text)
    return false;
  *when = g_ascii_strtoll(text, &end, 10);
  *n_rows = g_ascii_strtoll(end, NULL, 10);
  return true;
}

Instant csv_view_export(const CsvView *view, const CsvFile *file)
{
  Instant when = INSTANT_NONE;
  int64_t n_rows = 0;
  return read_export(view->believed, file, &when, &n_rows) ? when : INSTANT_NONE;
}

static void mark_export(Believed *believed, const Fresh *fresh)
{
  g_autofree char *name = export_mark(fresh->file);
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " %zu %s", fresh->found.when,
                                          fresh->found.n_rows, fresh->found.name);
  believed_set_mark(believed, name, text);
}

static char *set_mark(const char *number)
{
  return g_strconcat("set.", number, NULL);
}

bool csv_set_get(const Believed *believed, const char *number, CsvSet *out)
{
  g_autofree char *name = set_mark(number);
  const char *text = believed_mark(believed, name);
  char *end = NULL;
  *out = (CsvSet){INSTANT_NONE, INSTANT_NONE};
  if (!text)
    return false;
  out->made = g_ascii_strtoll(text, &end, 10);
  if (*end)
    out->taken = g_ascii_strtoll(end, NULL, 10);
  return true;
}

void csv_set_put(Believed *believed, const char *number, const CsvSet *set)
{
  g_autofree char *name = set_mark(number);
  g_autoptr(GString) text = g_string_new(NULL);
  g_string_append_printf(text, "%" G_GINT64_FORMAT, set->made);
  if (set->taken != INSTANT_NONE)
    g_string_append_printf(text, " %" G_GINT64_FORMAT, set->taken);
  believed_set_mark(believed, name, text->str);
}

char *csv_set_folder(const CsvProduct *product, const char *number)
{
  return g_build_filename(product->folder, "out", number, NULL);
}

static void take_set(const char *name, const char *text, void *data)
{
  (void)text;
  if (g_str_has_prefix(name, "set."))
    g_ptr_array_add(data, g_strdup(name + strlen("set.")));
}

GPtrArray *csv_sets(const Believed *believed)
{
  GPtrArray *numbers = g_ptr_array_new_with_free_func(g_free);
  believed_marks(believed, take_set, numbers);
  return numbers;
}

// The folder has gone, or somebody says that it was imported.
static Instant taken_at(const CsvProduct *product, const char *number)
{
  struct stat status;
  g_autofree char *folder = csv_set_folder(product, number);
  g_autofree char *word = g_build_filename(folder, "taken", NULL);
  g_autofree char *text = NULL;
  Instant said = INSTANT_NONE;
  if (g_file_get_contents(word, &text, NULL, NULL) && instant_parse(g_strstrip(text), &said))
    return said;
  if (stat(word, &status) == 0)
    return (Instant)status.st_mtime;
  return stat(folder, &status) != 0 ? instant_now() : INSTANT_NONE;
}

static void note_taken(CsvView *view)
{
  g_autoptr(GPtrArray) numbers = csv_sets(view->believed);
  for (size_t i = 0; i < numbers->len; i++) {
    CsvSet set;
    if (!csv_set_get(view->believed, numbers->pdata[i], &set) || set.taken != INSTANT_NONE)
      continue;
    set.taken = taken_at(view->product, numbers->pdata[i]);
    if (set.taken != INSTANT_NONE)
      csv_set_put(view->believed, numbers->pdata[i], &set);
  }
}

// ---------------------------------------------------------------------------------------------
// New exports

static const CsvFile *file_of(const CsvView *view, const Pending *pending)
{
  g_autofree char *row = NULL;
  return csv_place_of(view->config, pending->request->dn, &row);
}

static int64_t n_deletions(const CsvView *view, const CsvFile *file)
{
  int64_t n = 0;
  for (size_t i = 0; i < believed_n_pending(view->believed); i++) {
    const Pending *pending = believed_pending(view->believed, i);
    n += pending->request->kind == REQUEST_DELETE && file_of(view, pending) == file;
  }
  return n;
}

static bool check_shrink(const CsvView *view, const Fresh *fresh, GError **error)
{
  Instant when = INSTANT_NONE;
  int64_t n_last = 0, n_now = (int64_t)fresh->found.n_rows;
  double percent = view->product->shrink_percent;
  if (!read_export(view->believed, fresh->file, &when, &n_last))
    return true;
  int64_t n_least = n_last - n_deletions(view, fresh->file);
  if ((double)n_now >= (double)n_least * (1 - percent / 100))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("target %s: the export %s has only %" G_GINT64_FORMAT
                " rows where the one before had %" G_GINT64_FORMAT
                ", more than %g%% fewer: was it cut short? If it is right, raise “shrink” of this "
                "target for one run"),
              view->config->name, fresh->found.name, n_now, n_last, percent);
  return false;
}

static bool has_values(const CsvView *view, const CsvFile *file, const char *attribute)
{
  g_autoptr(GPtrArray) all = dit_sorted(believed_confirmed(view->believed));
  for (size_t i = 0; i < all->len; i++) {
    const Record *record = all->pdata[i];
    g_autofree char *row = NULL;
    if (csv_first(record, attribute) && csv_place_of(view->config, record->dn, &row) == file && row)
      return true;
  }
  return false;
}

// A column that the product had, and may have, would be written empty from an export without it.
static bool check_columns(const CsvView *view, const Fresh *fresh, GError **error)
{
  for (size_t i = 0; i < fresh->found.lacks->len; i++) {
    const CsvColumn *column = fresh->found.lacks->pdata[i];
    if (!has_values(view, fresh->file, column->attribute))
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("target %s: the export %s lacks the column of %s, which the one before had: take "
                  "it with that column again, or take the column out of the product's description"),
                view->config->name, fresh->found.name, column->attribute);
    return false;
  }
  return true;
}

// Every later export would count as older than one whose clock was wrong, and all that was sent as failed.
static bool check_time(const CsvView *view, const CsvExport *found, GError **error)
{
  g_autoptr(GString) when = g_string_new(NULL);
  if (!found->name || found->when <= instant_now() + CLOCKS_DIFFER_SECONDS)
    return true;
  instant_format(found->when, when);
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("target %s: the export %s is of %s, which is still to come: put the clock right "
                "where it was made, and take it away"),
              view->config->name, found->name, when->str);
  return false;
}

static bool look_for(const CsvView *view, const CsvFile *file, GPtrArray *fresh, GError **error)
{
  g_autofree Fresh *new = g_new0(Fresh, 1);
  new->file = file;
  if (!csv_export_find(view->config, file, &new->found, error))
    return false;
  if (!check_time(view, &new->found, error)) {
    csv_export_clear(&new->found);
    return false;
  }
  if (!new->found.name || new->found.when <= csv_view_export(view, file)) {
    csv_export_clear(&new->found);
    return true;
  }
  new->rows = csv_export_read(view->config, file, &new->found, error);
  bool fine = new->rows &&check_shrink(view, new, error) && check_columns(view, new, error);
  g_ptr_array_add(fresh, g_steal_pointer(&new));
  return fine;
}

static const Fresh *fresh_of(const GPtrArray *fresh, const CsvFile *file)
{
  for (size_t i = 0; i < fresh->len; i++)
    if (((const Fresh *)fresh->pdata[i])->file == file)
      return fresh->pdata[i];
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// The product as its exports have it

// The row's identity: the product's own; without one, that which the row of this key had. A plan that is made before
// the receipt was taken in must find the row by what the ledger knows it by.
static void keep_id(const CsvView *view, const Dit *now, Record *row)
{
  const Record *before = dit_at_dn(now, row->dn);
  if (!before)
    before = dit_at_dn(believed_confirmed(view->believed), row->dn);
  bool own = g_str_has_prefix(row->stable_id, CSV_ID_PREFIX);
  if (before && (!own || (!view->writes && !g_str_has_prefix(before->stable_id, CSV_ID_PREFIX))))
    record_set_stable_id(row, before->stable_id, strlen(before->stable_id));
}

static bool load_row(const CsvView *view, Dit *dit, const Fresh *fresh, Record *row, GError **error)
{
  g_autoptr(Record) copy = record_copy(row);
  keep_id(view, believed_now(view->believed), copy);
  bool taken = *copy->stable_id && dit_with_id(dit, copy->stable_id);
  if (taken && !g_str_has_prefix(row->stable_id, CSV_ID_PREFIX))
    record_set_stable_id(copy, "", 0);
  else if (taken || dit_at_dn(dit, copy->dn)) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("target %s: the export %s has the key %s, or its ID, twice"), view->config->name,
                fresh->found.name, csv_first(row, CSV_ROW));
    return false;
  }
  if (dit_load(dit, copy) != LDAP_SUCCESS) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("target %s: the export %s has the key %s twice, in upper or lower case"),
                view->config->name, fresh->found.name, csv_first(row, CSV_ROW));
    return false;
  }
  g_steal_pointer(&copy);
  return true;
}

static void load_files(const CsvView *view, Dit *dit)
{
  Record *base = record_new(view->config->base, strlen(view->config->base));
  record_add(base, "objectClass", "top", 3);
  dit_load(dit, base);
  for (size_t i = 0; i < view->product->files->len; i++) {
    const CsvFile *file = view->product->files->pdata[i];
    g_autofree char *dn = csv_file_dn(view->config, file);
    Record *record = record_new(dn, strlen(dn));
    record_add(record, "objectClass", "file", 4);
    record_add(record, "file", file->word, strlen(file->word));
    dit_load(dit, record);
  }
}

// Rows of files without a new export stay.
static void load_rest(const CsvView *view, Dit *dit, const GPtrArray *fresh)
{
  g_autoptr(GPtrArray) all = dit_sorted(believed_confirmed(view->believed));
  for (size_t i = 0; i < all->len; i++) {
    const Record *record = all->pdata[i];
    g_autofree char *row = NULL;
    const CsvFile *file = csv_place_of(view->config, record->dn, &row);
    if (file && row && !fresh_of(fresh, file))
      dit_load(dit, record_copy(record));
  }
}

static Dit *load_all(const CsvView *view, const GPtrArray *fresh, GError **error)
{
  BelievedTraits traits = csv_traits(view->config, false);
  g_autoptr(Dit) dit = dit_new_with(traits.base, &traits.dit);
  load_files(view, dit);
  load_rest(view, dit, fresh);
  for (size_t i = 0; i < fresh->len; i++) {
    const Fresh *one = fresh->pdata[i];
    for (size_t j = 0; j < one->rows->len; j++)
      if (!load_row(view, dit, one, one->rows->pdata[j], error))
        return NULL;
  }
  return g_steal_pointer(&dit);
}

// ---------------------------------------------------------------------------------------------
// What the new exports say of what was sent

// What the export does not show was not done: it was made when the set had been imported.
static bool is_conclusive(const CsvView *view, const CsvSet *set, Instant made)
{
  return view->product->taken_by_export || (set->taken != INSTANT_NONE && made > set->taken);
}

// What is believed after a set, and before later ones: an export may be from in between.
typedef struct Stage {
  const char *set;  // number; NULL = after all that was sent
  Dit *dit;
} Stage;

static void clear_stage(void *stage)
{
  dit_free(((Stage *)stage)->dit);
}

static GArray *stages_of(const CsvView *view)
{
  GArray *stages = g_array_new(false, false, sizeof(Stage));
  g_array_set_clear_func(stages, clear_stage);
  Stage stage = {NULL, dit_copy(believed_confirmed(view->believed))};
  size_t n = believed_n_pending(view->believed);
  for (size_t i = 0; i < n; i++) {
    const Pending *pending = believed_pending(view->believed, i);
    const char *text = NULL;
    const Record *touched = NULL;
    if (stage.set && g_strcmp0(stage.set, pending->batch) != 0) {
      g_array_append_val(stages, stage);
      stage.dit = dit_copy(stage.dit);
    }
    dit_execute(stage.dit, pending->request, &text, &touched);
    stage.set = pending->batch;
  }
  stage.set = NULL;
  g_array_append_val(stages, stage);
  return stages;
}

typedef struct Judging {
  const CsvView *view;
  const GPtrArray *fresh;
  const Dit *shown;
  GArray *stages;  // Stage
} Judging;

// Later sets may have changed again what this one did: it was done when the export is as after any of them.
static void judge(const Judging *judging, const Pending *pending, CsvVerdict *out)
{
  const CsvView *view = judging->view;
  const Fresh *fresh = fresh_of(judging->fresh, file_of(view, pending));
  CsvSet set;
  *out = (CsvVerdict){.kind = OUTCOME_SENT};
  if (!fresh || !pending->batch || !csv_set_get(view->believed, pending->batch, &set) ||
      fresh->found.when <= set.made)
    return;
  CsvCase one = {.shown = judging->shown,
                 .rules = view->product,
                 .export_name = fresh->found.name,
                 .conclusive = is_conclusive(view, &set, fresh->found.when)};
  for (size_t i = judging->stages->len; i-- > 0 && out->kind != OUTCOME_DONE;) {
    const Stage *stage = &g_array_index(judging->stages, Stage, i);
    g_auto(CsvVerdict) verdict = {0};
    if (stage->set && strcmp(stage->set, pending->batch) < 0)
      break;
    one.now = stage->dit;
    csv_verdict_make(&one, pending, &verdict);
    if (stage->set && verdict.kind != OUTCOME_DONE)
      continue;
    CsvVerdict before = *out;
    *out = verdict;
    verdict = before;
  }
}

// What a result had said already is only no longer carried out on top.
static void settle(CsvView *view, size_t i, const CsvVerdict *verdict)
{
  const Pending *pending = believed_pending(view->believed, i);
  if (!pending->done)
    csv_remember(view->believed, pending->request, verdict);
  if (verdict->stable_id && view->writes)
    believed_settle(view->believed, i, &(Settling){true, true, verdict->stable_id});
  believed_drop(view->believed, i);
}

static void take_fresh(CsvView *view, const GPtrArray *fresh, Dit *shown)
{
  size_t n = believed_n_pending(view->believed);
  g_autofree CsvVerdict *verdicts = g_new0(CsvVerdict, n + 1);
  g_autoptr(GArray) stages = stages_of(view);
  Judging judging = {view, fresh, shown, stages};
  for (size_t i = 0; i < n; i++)
    judge(&judging, believed_pending(view->believed, i), &verdicts[i]);
  for (size_t i = 0; i < fresh->len; i++)
    csv_absent_note(view, ((const Fresh *)fresh->pdata[i])->file, shown);
  believed_replace(view->believed, shown);
  for (size_t i = n; i-- > 0;) {
    if (verdicts[i].kind != OUTCOME_SENT)
      settle(view, i, &verdicts[i]);
    csv_verdict_clear(&verdicts[i]);
  }
  for (size_t i = 0; i < fresh->len; i++)
    mark_export(view->believed, fresh->pdata[i]);
}

// A file that the description has since.
static bool lacks_file(const CsvView *view)
{
  for (size_t i = 0; i < view->product->files->len; i++) {
    g_autofree char *dn = csv_file_dn(view->config, view->product->files->pdata[i]);
    if (!dit_at_dn(believed_confirmed(view->believed), dn))
      return true;
  }
  return false;
}

static bool take_exports(CsvView *view, GError **error)
{
  g_autoptr(GPtrArray) fresh = g_ptr_array_new_with_free_func(free_fresh);
  for (size_t i = 0; i < view->product->files->len; i++)
    if (!look_for(view, view->product->files->pdata[i], fresh, error))
      return false;
  if (!fresh->len && !lacks_file(view))
    return true;
  Dit *shown = load_all(view, fresh, error);
  if (shown)
    take_fresh(view, fresh, shown);
  return shown != NULL;
}

// ---------------------------------------------------------------------------------------------

static size_t n_open(const CsvView *view, const CsvFile *file)
{
  size_t n = 0;
  for (size_t i = 0; i < believed_n_pending(view->believed); i++)
    n += file_of(view, believed_pending(view->believed, i)) == file;
  return n;
}

static void remark_file(const CsvView *view, const CsvFile *file)
{
  Instant when = csv_view_export(view, file);
  size_t n = n_open(view, file);
  g_autoptr(GString) made = g_string_new(NULL);
  if (when != INSTANT_NONE && !n)
    return;
  instant_format(when, made);
  if (view->remark->len)
    g_string_append(view->remark, "; ");
  if (when == INSTANT_NONE)
    g_string_append_printf(view->remark,
                           _("of “%s” there is no export: what was written last is believed"),
                           file->word);
  else
    g_string_append_printf(view->remark,
                           ngettext("of “%s” the export of %s lacks what was sent since (%zu "
                                    "change), which is believed to be done",
                                    "of “%s” the export of %s lacks what was sent since (%zu "
                                    "changes), which is believed to be done",
                                    n),
                           file->word, made->str, n);
}

// A disk that is not mounted must not pass for a product that holds nothing, and to which nothing was ever sent.
static bool is_there(const TargetConfig *config, GError **error)
{
  const CsvProduct *product = csv_product_of(config);
  g_autofree char *in = g_build_filename(product->folder, "in", NULL);
  if (g_file_test(in, G_FILE_TEST_IS_DIR))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("target %s: there is no folder %s: make it, or mount the disk that it is on"),
              config->name, in);
  return false;
}

CsvView *csv_view_open(const TargetConfig *config, bool writes, GError **error)
{
  if (!is_there(config, error))
    return NULL;
  g_autoptr(CsvView) view = g_new0(CsvView, 1);
  view->config = config;
  view->product = csv_product_of(config);
  view->writes = writes;
  view->remark = g_string_new(NULL);
  g_autofree char *folder = csv_state_folder(view->product);
  BelievedTraits traits = csv_traits(config, writes);
  view->believed = believed_open(folder, &traits, error);
  if (!view->believed || !csv_set_check(view, error))
    return NULL;
  note_taken(view);
  // First what the product said of its imports, since that has the reason; an export only shows what is missing.
  if (writes && !csv_results_take(view, error))
    return NULL;
  if (!take_exports(view, error))
    return NULL;
  for (size_t i = 0; i < view->product->files->len; i++)
    remark_file(view, view->product->files->pdata[i]);
  return g_steal_pointer(&view);
}

void csv_view_decide(CsvView *view, size_t i, const CsvVerdict *verdict)
{
  const Pending *pending = believed_pending(view->believed, i);
  const CsvFile *file = file_of(view, pending);
  bool done = verdict->kind == OUTCOME_DONE;
  csv_remember(view->believed, pending->request, verdict);
  believed_settle(view->believed, i,
                  &(Settling){done, done && file && file->in, verdict->stable_id});
}
