// SPDX-License-Identifier: GPL-3.0-or-later
//
// A file from its bytes to the ledger.
#include "intake_p.h"

#include <string.h>
#include <sys/stat.h>

#define BYTES_MAX (UINT64_C(1) << 30)
enum { SIDE_FILE_MAX = 4096, SHA256_HEX = 64, DAYS_AHEAD_MAX = 5 * 366 };

// ---------------------------------------------------------------------------------------------
// Judging the bytes.

static Reading *reading_new(const IntakeOptions *options, const char *file, Findings *findings,
                            IntakeReceipt *receipt)
{
  Reading *reading = g_new0(Reading, 1);
  *receipt = (IntakeReceipt){.verdict = INTAKE_REJECTED, .declared = DATE_NONE};
  reading->options = options;
  reading->layout = options->layout;
  reading->file = file;
  reading->findings = findings;
  reading->n_before = findings_count(findings);
  reading->receipt = receipt;
  reading->n_expected = -1;
  reading->header = row_new();
  reading->places = g_array_new(FALSE, TRUE, sizeof(int));
  reading->tallies = g_array_new(FALSE, TRUE, sizeof(Tally));
  reading->memos = g_ptr_array_new();
  reading->records = g_array_new(FALSE, FALSE, sizeof(Mark));
  reading->nexts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  reading->text = g_string_chunk_new(4096);
  reading->key = g_string_new(NULL);
  reading->last_key = g_string_new(NULL);
  reading->ascending = true;
  reading->denied_by = NO_RECORD;
  g_array_set_size(reading->places, options->layout->columns->len);
  g_ptr_array_set_size(reading->memos, (int)options->layout->columns->len);
  reading->window = window_new(reading);
  return reading;
}

static void reading_free(Reading *reading)
{
  window_free(reading->window);
  sheet_free(reading->sheet);
  row_free(reading->header);
  g_array_unref(reading->places);
  g_array_unref(reading->tallies);
  cell_free_memos(reading->memos);
  g_array_unref(reading->records);
  g_array_unref(reading->nexts);
  g_string_chunk_free(reading->text);
  g_string_free(reading->key, TRUE);
  g_string_free(reading->last_key, TRUE);
  file_map_free(reading->map);
  if (reading->cover.totals)
    g_array_unref(reading->cover.totals);
  g_free(reading->cover.covered);
  g_free(reading);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reading, reading_free)

static void fill_receipt(const Reading *reading)
{
  IntakeReceipt *receipt = reading->receipt;
  receipt->n_rejected = reading->rejected ? receipt->n_rows : 0;
  for (size_t i = 0; i < reading->records->len && !reading->rejected; i++)
    receipt->n_rejected += reading_mark(reading, i)->bad;
  receipt->n_taken = receipt->n_rows - receipt->n_rejected;
  receipt->verdict = reading->rejected     ? INTAKE_REJECTED
                     : receipt->n_rejected ? INTAKE_TAKEN_IN_PART
                                           : INTAKE_TAKEN;
  if (reading->rejected)
    receipt->n_kinds = 0;
}

static void finish(Reading *reading)
{
  fill_receipt(reading);
  if (reading->options->returns)
    returns_write(reading, reading->options->returns);
}

static void count_kinds(Reading *reading)
{
  const Layout *layout = reading->layout;
  for (size_t i = 0; i < reading->records->len; i++) {
    const Mark *mark = reading_mark(reading, i);
    if (!mark->bad && !mark->repeat && !mark->beside)
      receipt_count(reading->receipt,
                    layout->kind == LAYOUT_ORDERS
                        ? act_traits[g_array_index(layout->kinds, OrderKind, mark->kind).act].name
                    : layout->kind == LAYOUT_REORGANISATION ? "reorganisation"
                    : layout->slots[WORD_CODE] >= 0         ? "unit"
                                                            : "person");
  }
}

static void examine(Reading *reading, const void *bytes, size_t n_bytes)
{
  judge_file(reading, bytes, n_bytes);
  if (!reading->rejected)
    count_kinds(reading);
  finish(reading);
}

bool intake_examine(const void *bytes, size_t n_bytes, const IntakeOptions *options,
                    Findings *findings, IntakeReceipt *receipt, GError **error)
{
  (void)error;  // nothing here touches the system
  g_autoptr(Reading) reading =
      reading_new(options, options->name ? options->name : "-", findings, receipt);
  g_autofree char *sha256 = file_sha256(bytes, n_bytes);
  g_strlcpy(receipt->sha256, sha256, sizeof receipt->sha256);
  examine(reading, bytes, n_bytes);
  return true;
}

// The file as bytes that nobody can change.
static bool open_file(Reading *reading, const char *path, size_t max_bytes, GError **error)
{
  const IntakeOptions *options = reading->options;
  const char *folder = options->work_folder ? options->work_folder : g_get_tmp_dir();
  FileMapping how = {.copy_to = options->is_copy ? NULL : folder, .max_bytes = max_bytes};
  reading->map = file_map(path, &how, error);
  if (!reading->map)
    return false;
  g_strlcpy(reading->receipt->sha256, reading->map->sha256, sizeof reading->receipt->sha256);
  return true;
}

bool intake_examine_file(const char *path, const IntakeOptions *options, Findings *findings,
                         IntakeReceipt *receipt, GError **error)
{
  g_autofree char *base = g_path_get_basename(path);
  g_autoptr(Reading) reading =
      reading_new(options, options->name ? options->name : base, findings, receipt);
  if (!open_file(reading, path, options->max_bytes ? options->max_bytes : BYTES_MAX, error))
    return false;
  examine(reading, reading->map->bytes, reading->map->n_bytes);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Rows for others to look at.

static void line_key(const Reading *reading, size_t record, GString *out)
{
  const GArray *key = reading->layout->key;
  g_string_truncate(out, 0);
  for (size_t i = 0; i < key->len; i++)
    g_string_append_printf(out, "%s%s", i > 0 ? " " : "",
                           reading_word(reading, record, g_array_index(key, WordId, i)));
}

static void give_line(const Reading *reading, size_t record, IntakeLine *line, GString *key)
{
  const Layout *layout = reading->layout;
  const Record *at = reading_record(reading, record);
  bool is_order = layout->kind == LAYOUT_ORDERS;
  const char *code = is_order ? reading_word(reading, record, WORD_ORDER_KIND) : NULL;
  const OrderKind *kind = is_order ? layout_order_kind(layout, code) : NULL;
  line_key(reading, record, key);
  line->line = at->line;
  line->bad = at->bad;
  line->repeat = at->repeat;
  line->subject =
      reading_word(reading, record, layout->kind == LAYOUT_UNITS ? WORD_CODE : WORD_NUMBER);
  line->key = key->str;
  line->order_code = code;
  line->order_kind = kind ? act_traits[kind->act].name : NULL;
}

static void give_lines(const Reading *reading, IntakeLineFunc func, void *data)
{
  const Layout *layout = reading->layout;
  g_autoptr(GString) key = g_string_new(NULL);
  g_autoptr(GPtrArray) headers = g_ptr_array_new();
  g_autoptr(GPtrArray) values = g_ptr_array_new();
  for (size_t record = 0; record < reading->records->len; record++) {
    IntakeLine line = {0};
    g_ptr_array_set_size(headers, 0);
    g_ptr_array_set_size(values, 0);
    for (size_t i = 0; i < layout->columns->len; i++) {
      if (layout_column(layout, i)->ignored)
        continue;
      g_ptr_array_add(headers, (void *)layout_column(layout, i)->header);
      g_ptr_array_add(values, (void *)reading_value(reading, record, i));
    }
    give_line(reading, record, &line, key);
    line.n_columns = headers->len;
    line.headers = (const char *const *)headers->pdata;
    line.values = (const char *const *)values->pdata;
    func(&line, data);
  }
}

bool intake_rows(GBytes *bytes, const IntakeOptions *options, IntakeLineFunc func, void *data,
                 Findings *findings)
{
  IntakeReceipt receipt;
  g_autoptr(Reading) reading =
      reading_new(options, options->name ? options->name : "-", findings, &receipt);
  size_t n_bytes;
  const void *at = g_bytes_get_data(bytes, &n_bytes);
  judge_file(reading, at, n_bytes);
  if (reading->rejected)
    return false;
  give_lines(reading, func, data);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Files beside it.

// The bytes of a file beside it; NULL without an error when there is none.
static GBytes *read_side(const char *path, GError **error)
{
  struct stat status;
  return lstat(path, &status) == 0 ? file_read(path, SIDE_FILE_MAX, error) : NULL;
}

// "HEX  NAME", as sha256sum writes it.
static bool check_manifest(Reading *reading, const char *path, GError **error)
{
  g_autoptr(GError) fault = NULL;
  g_autofree char *side = g_strconcat(path, ".sha256", NULL);
  g_autoptr(GBytes) bytes = read_side(side, &fault);
  if (fault) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
  }
  if (!bytes)
    return true;
  size_t n_bytes;
  const char *text = g_bytes_get_data(bytes, &n_bytes);
  bool whole =
      n_bytes >= SHA256_HEX && (n_bytes == SHA256_HEX || g_ascii_isspace(text[SHA256_HEX]));
  if (!whole || g_ascii_strncasecmp(text, reading->receipt->sha256, SHA256_HEX) != 0)
    reading_reject(reading, &(Finding){.code = "manifest"},
                   _("the file is not the one that %s.sha256 speaks of: cut off, changed on its "
                     "way, or still being written"),
                   reading->file);
  return true;
}

static bool read_count_file(Reading *reading, const char *path, GError **error)
{
  if (!reading->layout->count_file)
    return true;
  g_autoptr(GError) fault = NULL;
  g_autofree char *side = layout_count_file(reading->layout, path);
  g_autoptr(GBytes) bytes = read_side(side, &fault);
  if (fault) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
  }
  size_t n_bytes = 0;
  const char *text = bytes ? g_bytes_get_data(bytes, &n_bytes) : NULL;
  g_autofree char *number = g_strstrip(g_strndup(text ? text : "", n_bytes));
  gint64 n_rows;
  if (g_ascii_string_to_signed(number, 10, 0, G_MAXINT64, &n_rows, NULL))
    reading->n_expected = n_rows;
  else if (bytes || reading->layout->count_required) {
    g_autofree char *shown = layout_count_file(reading->layout, reading->file);
    reading_reject(reading, &(Finding){.code = "count-file"},
                   _("%s must tell the number of rows of this file"), shown);
  }
  return true;
}

static bool check_size(Reading *reading, const char *path, size_t max_bytes)
{
  struct stat status;
  if (lstat(path, &status) != 0 || (uint64_t)status.st_size <= max_bytes)
    return true;
  reading_reject(reading, &(Finding){.code = "too-large"}, _("the file has more than %zu bytes"),
                 max_bytes);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Into the ledger.

static void check_shrinking(Reading *reading, const IntakeRow *last)
{
  int64_t before = last->n_rows, now = reading->receipt->n_rows;
  double lost = before > 0 ? 100.0 * (double)(before - now) / (double)before : 0;
  if (lost > reading->options->shrink_percent)
    reading_reject(reading, &(Finding){.code = "shrunk"},
                   _("%" G_GINT64_FORMAT " rows, %.1f %% fewer than the %" G_GINT64_FORMAT
                     " of %s; at most %.1f %% are allowed. If so many really left, raise "
                     "`shrink:` in idou.yaml for this one file"),
                   now, lost, before, last->name, reading->options->shrink_percent);
}

static Instant known_at_of(const Reading *reading)
{
  Instant known_at = reading->options->known_at;
  return known_at == INSTANT_NONE ? instant_now() : known_at;
}

// A date mistyped by years would make every later roster look old.
static void check_ahead(Reading *reading)
{
  Date declared = reading->receipt->declared;
  g_autoptr(GString) shown = g_string_new(NULL);
  if (declared == DATE_NONE || declared <= date_of_instant(known_at_of(reading)) + DAYS_AHEAD_MAX)
    return;
  date_format(declared, shown);
  reading_reject(reading, &(Finding){.code = "file-date", .value = shown->str},
                 _("the file's own date is more than five years ahead; ask for the file again"));
}

static bool register_own(Scribe *scribe, GError **error)
{
  const Layout *layout = scribe->reading->layout;
  for (size_t i = 0; i < layout->own->len; i++) {
    const char *name = g_array_index(layout->own, OwnField, i).name;
    FieldId field = store_field_add(scribe->store, name, error);
    if (field == FIELD_NONE)
      return false;
    g_array_append_val(scribe->own, field);
  }
  return true;
}

static bool write_all(Scribe *scribe, GError **error)
{
  static bool (*const facts[])(Scribe *, GError **) = {
      [LAYOUT_ROSTER] = facts_roster,   [LAYOUT_ORDERS] = facts_orders,
      [LAYOUT_UNITS] = facts_units,     [LAYOUT_REORGANISATION] = facts_reorganisation,
      [LAYOUT_DETAILS] = facts_details,
  };
  Reading *reading = scribe->reading;
  const Layout *layout = reading->layout;
  IntakeRow intake = {.name = reading->file,
                      .sha256 = reading->receipt->sha256,
                      .layout = layout->name,
                      .kind = layout_kind_name(layout->kind),
                      .space = layout->space,
                      .declared = reading->receipt->declared,
                      .taken = scribe->known_at,
                      .n_rows = reading->receipt->n_rows};
  scribe->intake = store_intake_add(scribe->store, &intake, error);
  if (!scribe->intake || !register_own(scribe, error) || !facts[layout->kind](scribe, error) ||
      !facts_people_units(scribe, error))
    return false;
  return store_intake_counts(scribe->store, scribe->intake, intake.n_rows,
                             (int64_t)(findings_count(reading->findings) - reading->n_before),
                             error);
}

static bool note_intake(const Scribe *scribe, GError **error)
{
  const Reading *reading = scribe->reading;
  const IntakeReceipt *receipt = reading->receipt;
  g_autofree char *rows = g_strdup_printf("%" G_GINT64_FORMAT, (int64_t)receipt->n_rows);
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, scribe->intake);
  const char *const detail[] = {"intake", number, "layout", reading->layout->name,
                                "rows",   rows,   "sha256", receipt->sha256,
                                NULL};
  return audit_note(scribe->store,
                    &(AuditNote){.what = AUDIT_INTAKE, .subject = reading->file, .detail = detail},
                    error);
}

static bool write_file(Reading *reading, Store *store, const IntakeRow *last, GError **error)
{
  Date declared = reading->receipt->declared;
  g_autoptr(GArray) own = g_array_new(FALSE, FALSE, sizeof(FieldId));
  Scribe scribe = {.store = store, .reading = reading, .own = own, .to = DATE_OPEN};
  // What is known only grows, also when a clock is set back.
  scribe.known_at = store_known_by(store, known_at_of(reading));
  scribe.is_first = !last;
  // What an older roster says holds until the newer one.
  if (last && declared != DATE_NONE && last->declared != DATE_NONE && declared < last->declared &&
      reading->layout->kind != LAYOUT_ORDERS && reading->layout->kind != LAYOUT_REORGANISATION)
    scribe.to = last->declared;
  if (!store_begin(store, error))
    return false;
  if (!write_all(&scribe, error) || !note_intake(&scribe, error)) {
    store_rollback(store);
    return false;
  }
  if (!store_commit(store, error))
    return false;
  reading->receipt->intake = scribe.intake;
  return true;
}

static bool take(Reading *reading, Store *store, GError **error)
{
  const Layout *layout = reading->layout;
  IntakeRow last;
  bool has_last = store_intake_last(store, layout_kind_name(layout->kind), layout->space, &last);
  g_autofree char *name = has_last ? g_strdup(last.name) : NULL;
  last.name = name;  // the store's own is gone with its next call
  if (has_last && layout->kind == LAYOUT_ROSTER)
    check_shrinking(reading, &last);
  check_ahead(reading);
  if (layout->kind == LAYOUT_UNITS)
    units_judge(reading, store);
  return reading->rejected || write_file(reading, store, has_last ? &last : NULL, error);
}

// The same rows under the name of another day say something new: that nothing has changed by then.
static bool is_of_another_day(Reading *reading, Date before)
{
  if (reading->layout->dated != DATED_BY_NAME)
    return false;
  record_declare(reading);
  return reading->receipt->declared != before;
}

static bool is_known(Reading *reading, Store *store)
{
  IntakeRow before;
  if (!store_intake_by_sha256(store, reading->receipt->sha256, &before) ||
      is_of_another_day(reading, before.declared))
    return false;
  reading->receipt->verdict = INTAKE_KNOWN;
  reading->receipt->intake = before.id;
  reading->receipt->declared = before.declared;
  reading->receipt->n_rows = before.n_rows;
  return true;
}

bool intake_file(Store *store, const char *path, const IntakeOptions *options, Findings *findings,
                 IntakeReceipt *receipt, GError **error)
{
  g_autofree char *base = g_path_get_basename(path);
  g_autoptr(Reading) reading =
      reading_new(options, options->name ? options->name : base, findings, receipt);
  size_t max_bytes = options->max_bytes ? options->max_bytes : BYTES_MAX;
  if (!check_size(reading, path, max_bytes)) {
    finish(reading);
    return true;
  }
  if (!open_file(reading, path, max_bytes, error))
    return false;
  if (!check_manifest(reading, path, error) || !read_count_file(reading, path, error) ||
      !cover_read(reading, path, error))
    return false;
  if (!reading->rejected && is_known(reading, store))
    return true;
  if (!reading->rejected)
    judge_file(reading, reading->map->bytes, reading->map->n_bytes);
  if (!reading->rejected && !take(reading, store, error))
    return false;
  finish(reading);
  return true;
}
