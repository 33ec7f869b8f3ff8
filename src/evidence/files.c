// SPDX-License-Identifier: GPL-3.0-or-later
//
// Exports of products: CSV files in which a row has an account and its last use. A file that may not be whole says
// nothing at all.
#include "evidence_p.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES ((size_t)1 << 30)
#define BOM "\xEF\xBB\xBF"
#define NO_COLUMN SIZE_MAX

typedef struct Export {
  char *path, *name;
  Instant dated;  // what it says is true up to here
} Export;

static void free_export(void *data)
{
  Export *export = data;
  g_free(export->path);
  g_free(export->name);
  g_free(export);
}

// ---------------------------------------------------------------------------------------------
// Which files.

// The day in a name, "usb-20261120.csv", "usb_2026-11-20_0305.csv"; NONE when there is none or are several.
static Date day_in(const char *name)
{
  Date found = DATE_NONE;
  for (const char *at = name; *at != '\0';) {
    size_t n = strspn(at, "0123456789");
    bool parted = n == 4 && strspn(at + 4, "-_.") == 1 && strspn(at + 5, "0123456789") == 2 &&
                  strspn(at + 7, "-_.") == 1 && strspn(at + 8, "0123456789") == 2;
    g_autofree char *day = parted   ? g_strdup_printf("%.4s%.2s%.2s", at, at + 5, at + 8)
                           : n >= 8 ? g_strndup(at, 8)
                                    : g_strdup("");
    Date date = DATE_NONE;
    if (date_parse(day, &(DateForms){.compact = true}, &date) == DATE_FINE)
      found = found == DATE_NONE ? date : DATE_OPEN;
    at += parted ? strlen("2026-11-20") : MAX(n, 1);
  }
  return found == DATE_OPEN ? DATE_NONE : found;
}

// False: another program may be at it still, or it is none.
static bool date_it(const Gather *gather, const struct stat *status, Export *export)
{
  Date day = gather->source->dated_by_time ? DATE_NONE : day_in(export->name);
  Instant changed = (Instant)status->st_mtime;
  export->dated = day != DATE_NONE ? date_start(day) : changed;
  // A link ("usb-latest.csv") is no export of its own.
  if (S_ISLNK(status->st_mode))
    return false;
  return gather->setup->now - changed >= gather->source->settle_s ||
         changed > gather->setup->now + gather->source->future_s;
}

static int by_date(gconstpointer a, gconstpointer b)
{
  const Export *left = *(Export *const *)a, *right = *(Export *const *)b;
  return left->dated != right->dated ? (left->dated < right->dated ? -1 : 1)
                                     : strcmp(left->name, right->name);
}

static GPtrArray *list_exports(Gather *gather, GError **error)
{
  g_autofree char *folder = g_path_get_dirname(gather->source->files);
  g_autofree char *pattern = g_path_get_basename(gather->source->files);
  g_autoptr(GError) fault = NULL;
  g_autoptr(GDir) dir = g_dir_open(folder, 0, &fault);
  g_autoptr(GPtrArray) exports = g_ptr_array_new_with_free_func(free_export);
  const char *name;
  if (dir == NULL) {
    gather_fail(gather, "failed", error, _("cannot read folder %s: %s"), folder, fault->message);
    return NULL;
  }
  while ((name = g_dir_read_name(dir)) != NULL) {
    if (fnmatch(pattern, name, FNM_PERIOD) != 0)
      continue;
    struct stat status;
    Export *export = g_new0(Export, 1);
    export->name = g_strdup(name);
    export->path = g_build_filename(folder, name, NULL);
    if (lstat(export->path, &status) == 0 && date_it(gather, &status, export))
      g_ptr_array_add(exports, export);
    else
      free_export(export);
  }
  g_ptr_array_sort(exports, by_date);
  if (exports->len > 0)
    return g_steal_pointer(&exports);
  gather_fail(gather, "failed", error, _("there is no file %s, or it is still being written"),
              gather->source->files);
  return NULL;
}

// What of a name is no date, time or number.
static char *bare_name(const char *name)
{
  GString *bare = g_string_new(NULL);
  for (; *name != '\0'; name++)
    if (strchr("0123456789-_. ()", *name) == NULL)
      g_string_append_c(bare, *name);
  return g_string_free(bare, FALSE);
}

// One office's export and another's are both the latest: the one that is passed over has people of its own.
static bool check_one_series(Gather *gather, const GPtrArray *exports, GError **error)
{
  const Export *latest = exports->pdata[exports->len - 1];
  g_autofree char *bare = bare_name(latest->name);
  for (guint i = 0; i < exports->len; i++) {
    const Export *other = exports->pdata[i];
    g_autofree char *other_bare = bare_name(other->name);
    if (strcmp(bare, other_bare) != 0 &&
        other->dated >= latest->dated - gather->source->told.stale_s)
      return gather_fail(gather, "failed", error,
                         _("“files” fits %s and %s, which may hold different accounts: write a "
                           "pattern that fits one of them, or “take: all”"),
                         other->name, latest->name);
  }
  return true;
}

// Where all count: as far as every kind of them. One that is not written any more must not look like people who are gone.
static Instant known_to(const GPtrArray *exports)
{
  g_autoptr(GHashTable) series = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer latest = NULL;
  Instant to = INSTANT_OPEN;
  for (guint i = 0; i < exports->len; i++) {
    Export *export = exports->pdata[i];
    g_hash_table_replace(series, bare_name(export->name), export);
  }
  g_hash_table_iter_init(&iter, series);
  while (g_hash_table_iter_next(&iter, NULL, &latest))
    to = MIN(to, ((const Export *)latest)->dated);
  return to;
}

// ---------------------------------------------------------------------------------------------
// One file.

typedef struct Sheet {
  Gather *gather;
  Naming *naming;
  const Export *export;
  size_t account, moment;  // columns; NO_COLUMN until the header was read
  size_t n_columns;        // of the header, or of the first row
  size_t n_rows, n_ended;
  bool unended;
  GError **error;
} Sheet;

static bool fail_at(Sheet *sheet, int64_t line, const char *text)
{
  return gather_fail(sheet->gather, "short", sheet->error, "%s:%" G_GINT64_FORMAT ": %s",
                     sheet->export->name, line, text);
}

static size_t find_column(const CellRow *row, const char *header)
{
  g_autoptr(GString) wanted = g_string_new(NULL);
  g_autoptr(GString) cell = g_string_new(NULL);
  text_squeeze(header, wanted);
  for (size_t i = 0; i < row->n_cells; i++) {
    g_string_truncate(cell, 0);
    text_squeeze(row->cells[i], cell);
    if (g_string_equal(wanted, cell))
      return i;
  }
  return NO_COLUMN;
}

static bool take_header(Sheet *sheet, const CellRow *row)
{
  const Source *source = sheet->gather->source;
  sheet->account = find_column(row, source->account);
  sheet->moment = find_column(row, source->moment);
  sheet->n_columns = row->n_cells;
  if (sheet->account != NO_COLUMN && sheet->moment != NO_COLUMN)
    return true;
  return gather_fail(sheet->gather, "failed", sheet->error, _("%s has no column “%s”"),
                     sheet->export->name,
                     sheet->account == NO_COLUMN ? source->account : source->moment);
}

static size_t column_number(const char *text)
{
  guint64 number = 0;
  bool fine = g_ascii_string_to_unsigned(text, 10, 1, 10000, &number, NULL);
  return fine ? (size_t)number - 1 : NO_COLUMN;
}

static bool take_numbers(Sheet *sheet, const CellRow *row)
{
  const Source *source = sheet->gather->source;
  sheet->account = column_number(source->account);
  sheet->moment = column_number(source->moment);
  sheet->n_columns = row->n_cells;
  if (sheet->account < row->n_cells && sheet->moment < row->n_cells)
    return true;
  return gather_fail(sheet->gather, "failed", sheet->error,
                     _("%s has no header: “account” and “moment” are numbers of its %zu columns"),
                     sheet->export->name, row->n_cells);
}

static void say(Sheet *sheet, const CellRow *row)
{
  const char *account = row->cells[sheet->account], *moment = row->cells[sheet->moment];
  const char *object = naming_find(sheet->naming, account);
  const Said said = {moment, account, sheet->export->name, row->line};
  if (object != NULL)
    gather_say(sheet->gather, object, &said);
  else
    gather_stranger(sheet->gather, account);
}

static bool take_row(const CellRow *row, void *data)
{
  Sheet *sheet = data;
  const Source *source = sheet->gather->source;
  sheet->unended = !row->ended;
  sheet->n_ended += row->ended;
  if (row->line <= source->skip)
    return true;
  if (sheet->account == NO_COLUMN && source->header)
    return take_header(sheet, row);
  if (sheet->account == NO_COLUMN && !take_numbers(sheet, row))
    return false;
  if (row->n_cells != sheet->n_columns)
    return fail_at(sheet, row->line,
                   _("a row with another number of cells: the file was cut short, or is damaged"));
  sheet->n_rows++;
  say(sheet, row);
  return true;
}

static char *decode(Sheet *sheet, GBytes *bytes, gsize *n_text)
{
  gsize n_bytes = 0, n_read = 0;
  const char *encoding = sheet->gather->source->encoding;
  const char *raw = g_bytes_get_data(bytes, &n_bytes);
  size_t bad_at = 0;
  g_autofree char *text = g_convert(n_bytes > 0 ? raw : "", (gssize)n_bytes, "UTF-8",
                                    encoding != NULL ? encoding : "UTF-8", &n_read, n_text, NULL);
  if (text != NULL && n_read == n_bytes && text_valid(text, *n_text, &bad_at))
    return g_steal_pointer(&text);
  gather_fail(sheet->gather, "failed", sheet->error,
              _("%s is not in the encoding that “encoding” says, or was cut within a character"),
              sheet->export->name);
  return NULL;
}

static bool check_whole(Sheet *sheet)
{
  if (sheet->n_rows == 0)
    return gather_fail(sheet->gather, "short", sheet->error, _("%s holds no rows"),
                       sheet->export->name);
  return !sheet->unended || sheet->n_ended == 0 ||
         gather_fail(sheet->gather, "short", sheet->error,
                     _("%s: the last line has no end, as the others have: it was cut short"),
                     sheet->export->name);
}

static bool read_export(Gather *gather, Naming *naming, const Export *export, GError **error)
{
  Sheet sheet = {.gather = gather,
                 .naming = naming,
                 .export = export,
                 .account = NO_COLUMN,
                 .moment = NO_COLUMN,
                 .error = error};
  gsize n_text = 0;
  int64_t line = 0;
  if (export->dated > gather->setup->now + gather->source->future_s)
    return gather_fail(gather, "future", error, _("%s is of a day that is still to come"),
                       export->name);
  g_autoptr(GBytes) bytes = file_read(export->path, MAX_BYTES, error);
  g_autofree char *text = bytes == NULL ? NULL : decode(&sheet, bytes, &n_text);
  if (text == NULL)
    return false;
  size_t skip = g_str_has_prefix(text, BOM) ? strlen(BOM) : 0;
  CellTaker taker = {take_row, &sheet};
  if (cells_read(text + skip, n_text - skip, gather->source->separator, &taker, &line))
    return check_whole(&sheet);
  return line == 0 ? false
                   : fail_at(&sheet, line,
                             _("a quote that is not closed, or stands in the middle of a cell: the "
                               "file was cut short, or is damaged"));
}

bool files_read(Gather *gather, GError **error)
{
  g_auto(Naming) naming = {0};
  g_autoptr(GPtrArray) exports = list_exports(gather, error);
  if (exports == NULL || !naming_open(&naming, gather, error))
    return false;
  if (!gather->source->all_files && !check_one_series(gather, exports, error))
    return false;
  const Export *latest = exports->pdata[exports->len - 1];
  Instant to = gather->source->all_files ? known_to(exports) : latest->dated;
  for (guint i = gather->source->all_files ? 0 : exports->len - 1; i < exports->len; i++)
    if (!read_export(gather, &naming, exports->pdata[i], error))
      return false;
  gather->reaches = MIN(to, gather->setup->now) - gather->source->told.late_s;
  return true;
}
