// SPDX-License-Identifier: GPL-3.0-or-later
//
// A product's export. Whatever makes it doubtful that all rows are there as the product has them is an error.
#include "csv_p.h"

#include <errno.h>
#include <sys/stat.h>

#define MAX_BYTES ((size_t)1 << 30)

void csv_export_clear(CsvExport *found)
{
  g_clear_pointer(&found->name, g_free);
  g_clear_pointer(&found->lacks, g_ptr_array_unref);
}

// ---------------------------------------------------------------------------------------------
// Finding it

static char *in_folder(const CsvProduct *product)
{
  return g_build_filename(product->folder, "in", NULL);
}

static Instant made_at(const char *folder, const char *name)
{
  struct stat status;
  g_autofree char *path = g_build_filename(folder, name, NULL);
  return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? (Instant)status.st_mtime
                                                             : INSTANT_NONE;
}

static void take_newer(const char *folder, const char *name, const CsvNamed *named,
                       CsvExport *found)
{
  Instant when = named->when != INSTANT_NONE ? named->when : made_at(folder, name);
  bool newer =
      !found->name || when > found->when || (when == found->when && strcmp(name, found->name) > 0);
  if (when == INSTANT_NONE || !newer)
    return;
  g_free(found->name);
  *found = (CsvExport){.name = g_strdup(name), .when = when};
}

bool csv_export_find(const TargetConfig *config, const CsvFile *file, CsvExport *out,
                     GError **error)
{
  g_autofree char *folder = in_folder(csv_product_of(config));
  g_autoptr(GError) failure = NULL;
  g_autoptr(GDir) dir = file->in ? g_dir_open(folder, 0, &failure) : NULL;
  const char *name = NULL;
  CsvNamed named;
  *out = (CsvExport){.when = INSTANT_NONE};
  if (failure && !g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("target %s: %s"), config->name, failure->message);
    return false;
  }
  while (dir && (name = g_dir_read_name(dir)))
    if (*name != '.' && csv_name_fits(file->in, name, &named))
      take_newer(folder, name, &named, out);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Columns

// "所属" of the second of three is "所属2".
static void put_header(const char *header, int repeat, int number, GString *out)
{
  const char *gap = header ? strstr(header, "{n}") : NULL;
  if (gap)
    g_string_append_printf(out, "%.*s%d%s", (int)(gap - header), header, number + 1, gap + 3);
  else if (header && repeat > 1)
    g_string_append_printf(out, "%s%d", header, number + 1);
  else if (header)
    g_string_append(out, header);
}

void csv_slot_header(const CsvSlot *slot, GString *out)
{
  const CsvColumn *column = slot->column;
  const char *header =
      column->kind == CSV_SPLIT ? column->headers->pdata[slot->part] : column->header;
  put_header(header, column->repeat, slot->repeat, out);
}

static void add_slots(const CsvColumn *column, GArray *slots)
{
  int n_parts = column->kind == CSV_SPLIT ? (int)column->headers->len : 1;
  for (int repeat = 0; repeat < MAX(column->repeat, 1); repeat++)
    for (int part = 0; part < n_parts; part++) {
      CsvSlot slot = {column, repeat, part};
      g_array_append_val(slots, slot);
    }
}

GArray *csv_slots(const CsvFile *file, CsvOnly without)
{
  GArray *slots = g_array_new(false, false, sizeof(CsvSlot));
  for (size_t i = 0; i < file->columns->len; i++) {
    const CsvColumn *column = &g_array_index(file->columns, CsvColumn, i);
    if (column->only != without)
      add_slots(column, slots);
  }
  return slots;
}

// One reading.
typedef struct Reading {
  const TargetConfig *config;
  const CsvFile *file;
  const char *path;
  GArray *slots;  // CsvSlot, by column of the export; NULL until the header was read
  bool endless;   // the last of them goes on
  GPtrArray *rows, *lacks;
  bool unended;    // the last row had no line end
  size_t n_ended;  // rows before that had one
  GError **error;
} Reading;

static bool fault(Reading *reading, int64_t line, const char *format, ...) G_GNUC_PRINTF(3, 4);

static bool fault(Reading *reading, int64_t line, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  if (line)
    g_set_error(reading->error, IDOU_ERROR, EXIT_UNREAD, "%s, line %" G_GINT64_FORMAT ": %s",
                reading->path, line, text);
  else
    g_set_error(reading->error, IDOU_ERROR, EXIT_UNREAD, "%s: %s", reading->path, text);
  return false;
}

static bool is_named(const CsvSlot *slot, const char *header)
{
  g_autoptr(GString) name = g_string_new(NULL), wanted = g_string_new(NULL),
                     given = g_string_new(NULL);
  csv_slot_header(slot, name);
  text_key(name->str, wanted);
  text_key(header, given);
  return wanted->len && g_string_equal(wanted, given);
}

// Which of `known` it is; -1: none.
static int find_slot(const GArray *known, const char *header)
{
  for (size_t i = 0; i < known->len; i++)
    if (is_named(&g_array_index(known, CsvSlot, i), header))
      return (int)i;
  return -1;
}

static bool is_tolerated(const CsvFile *file, const char *header)
{
  for (size_t i = 0; i < file->tolerate->len; i++)
    if (g_str_equal(file->tolerate->pdata[i], "*") || g_str_equal(file->tolerate->pdata[i], header))
      return true;
  return false;
}

// Without them an export says as much.
static bool is_dispensable(const CsvColumn *column)
{
  return column->optional || column->only == CSV_IMPORT || column->secret ||
         (column->kind != CSV_ATTRIBUTE && column->kind != CSV_SPLIT && column->kind != CSV_ID);
}

static bool is_endless(const CsvSlot *slot)
{
  return slot->column && slot->column->repeat == CSV_ENDLESS;
}

static bool check_missing(Reading *reading, const GArray *known, const bool *seen)
{
  for (size_t i = 0; i < known->len; i++) {
    const CsvSlot *slot = &g_array_index(known, CsvSlot, i);
    if (!seen[i] && slot->column->optional && slot->column->attribute)
      g_ptr_array_add(reading->lacks, (void *)slot->column);
    if (seen[i] || is_dispensable(slot->column) || (is_endless(slot) && slot->part > 0))
      continue;
    g_autoptr(GString) name = g_string_new(NULL);
    csv_slot_header(slot, name);
    return fault(reading, 1,
                 _("column “%s” is missing: is this the export of another version? Adapt the "
                   "product's description (or say “optional: true”)"),
                 name->str);
  }
  return true;
}

// Behind the first of an endless column's all that follow are its.
static bool take_header_cell(Reading *reading, const GArray *known, bool *seen, const char *cell)
{
  CsvSlot nobody = {NULL, 0, 0};
  if (reading->endless)
    return true;
  int i = find_slot(known, cell);
  if (i < 0 && *cell && !is_tolerated(reading->file, cell))
    return fault(reading, 1,
                 _("column “%s” is unknown: is this the export of another version? Adapt the "
                   "product's description (or name it in “tolerate”)"),
                 cell);
  if (i >= 0 && seen[i])
    return fault(reading, 1, _("column “%s” is there twice"), cell);
  if (i >= 0)
    seen[i] = true;
  g_array_append_val(reading->slots, *(i >= 0 ? &g_array_index(known, CsvSlot, i) : &nobody));
  reading->endless = i >= 0 && is_endless(&g_array_index(known, CsvSlot, i));
  return true;
}

static bool take_header(Reading *reading, const CellRow *row)
{
  g_autoptr(GArray) known = csv_slots(reading->file, CSV_IMPORT);
  g_autofree bool *seen = g_new0(bool, known->len + 1);
  reading->slots = g_array_new(false, false, sizeof(CsvSlot));
  for (size_t i = 0; i < row->n_cells; i++)
    if (!take_header_cell(reading, known, seen, row->cells[i]))
      return false;
  return check_missing(reading, known, seen);
}

// ---------------------------------------------------------------------------------------------
// Rows

// The value of an attribute, which of a column with "ref" is where that row is.
static void add_value(const Reading *reading, const CsvColumn *column, const char *text,
                      Record *record)
{
  const CsvProduct *product = csv_product_of(reading->config);
  g_autofree char *dn =
      column->ref ? csv_row_dn(reading->config, csv_product_file(product, column->ref), text)
                  : NULL;
  const char *value = dn ? dn : text;
  Attr attr = {.name = column->attribute};
  csv_rules(column->attribute, &attr, product);
  if (*text &&
      record_value(record_find(record, column->attribute), &attr, value, strlen(value)) < 0)
    record_add(record, column->attribute, value, strlen(value));
}

static void take_attribute(const Reading *reading, const CsvColumn *column, const char *cell,
                           Record *record)
{
  g_autoptr(GString) text = g_string_new(NULL);
  csv_untame(&column->style, cell, text);
  if (!column->list) {
    add_value(reading, column, text->str, record);
    return;
  }
  g_auto(GStrv) values = g_strsplit(text->str, column->list, -1);
  for (size_t i = 0; values[i]; i++)
    add_value(reading, column, values[i], record);
}

// The cells of a split, one after the other, as one text; nothing at the ends of parts and of the whole.
typedef struct Joining {
  const CsvColumn *column;
  GString *text, *part;
  size_t n_pending;  // parts, or pieces of one, that were empty so far
} Joining;

static void end_part(Joining *joining, GString *whole)
{
  if (joining->part->len) {
    if (whole->len)
      g_string_append(whole, joining->column->between);
    g_string_append_len(whole, joining->part->str, (gssize)joining->part->len);
  }
  g_string_truncate(joining->part, 0);
  joining->n_pending = 0;
}

static void take_piece(Joining *joining, const CsvSlot *slot, const char *cell, GString *whole)
{
  if (slot->part == 0)
    end_part(joining, whole);
  if (*cell) {
    for (; joining->n_pending; joining->n_pending--)
      g_string_append(joining->part, joining->column->within);
    csv_untame(&joining->column->style, cell, joining->part);
  }
  joining->n_pending++;
}

static const CsvSlot *slot_at(const Reading *reading, size_t i, CsvSlot *extra)
{
  const GArray *slots = reading->slots;
  if (i < slots->len)
    return &g_array_index(slots, CsvSlot, i);
  // Behind the last that the header has: an endless column's.
  const CsvSlot *last = &g_array_index(slots, CsvSlot, slots->len - 1);
  int n_parts = last->column->kind == CSV_SPLIT ? (int)last->column->headers->len : 1;
  size_t from = slots->len - 1;
  while (from && g_array_index(slots, CsvSlot, from - 1).column == last->column)
    from--;
  int n = (int)(i - from);
  *extra = (CsvSlot){last->column, n / n_parts, n % n_parts};
  return extra;
}

static void take_split(const Reading *reading, const CellRow *row, const CsvColumn *column,
                       Record *record)
{
  g_autoptr(GString) whole = g_string_new(NULL), part = g_string_new(NULL);
  Joining joining = {column, NULL, part, 0};
  for (size_t i = 0; i < row->n_cells; i++) {
    CsvSlot extra;
    const CsvSlot *slot = slot_at(reading, i, &extra);
    if (slot->column == column)
      take_piece(&joining, slot, row->cells[i], whole);
  }
  end_part(&joining, whole);
  if (whole->len)
    record_add(record, column->attribute, whole->str, whole->len);
}

static void take_cell(const Reading *reading, const CellRow *row, size_t i, Record *record)
{
  CsvSlot extra;
  const CsvSlot *slot = slot_at(reading, i, &extra);
  const CsvColumn *column = slot->column;
  if (!column || column->secret)
    return;
  if (column->kind == CSV_ATTRIBUTE)
    take_attribute(reading, column, row->cells[i], record);
  // A split is taken whole, where its first cell stands.
  if (column->kind == CSV_SPLIT && slot->repeat == 0 && slot->part == 0)
    take_split(reading, row, column, record);
  if (column->kind == CSV_ID && *row->cells[i]) {
    g_autofree char *id = g_strconcat(CSV_ID_PREFIX, row->cells[i], NULL);
    record_set_stable_id(record, id, strlen(id));
  }
}

static bool name_row(Reading *reading, int64_t line, Record *record)
{
  g_autoptr(GString) row = g_string_new(NULL);
  for (size_t i = 0; i < reading->file->key->len; i++) {
    const char *attribute = reading->file->key->pdata[i], *value = csv_first(record, attribute);
    if (!value || (reading->file->key->len > 1 && strchr(value, '/')))
      return fault(reading, line, _("the key (%s) is empty, or cannot be used"), attribute);
    g_string_append_printf(row, "%s%s", i ? "/" : "", value);
  }
  g_autofree char *dn = csv_row_dn(reading->config, reading->file, row->str);
  record_set_dn(record, dn);
  record_add(record, CSV_ROW, row->str, row->len);
  record_add(record, "objectClass", reading->file->word, strlen(reading->file->word));
  return true;
}

static bool check_width(Reading *reading, const CellRow *row)
{
  size_t n = reading->slots->len, least = n;
  while (reading->endless && least &&
         is_endless(&g_array_index(reading->slots, CsvSlot, least - 1)))
    least--;
  if (row->n_cells >= least && (reading->endless || row->n_cells == n))
    return true;
  return fault(
      reading, row->line,
      _("%zu cells where %zu belong: the export was cut short, or it is another version's"),
      row->n_cells, n);
}

static bool take_row(const CellRow *row, void *data)
{
  Reading *reading = data;
  reading->unended = !row->ended;
  reading->n_ended += row->ended;
  if (!reading->slots)
    return take_header(reading, row);
  if (!check_width(reading, row))
    return false;
  g_autoptr(Record) record = record_new("", 0);
  for (size_t i = 0; i < row->n_cells; i++)
    take_cell(reading, row, i, record);
  if (!name_row(reading, row->line, record))
    return false;
  g_ptr_array_add(reading->rows, g_steal_pointer(&record));
  return true;
}

static bool check_whole(Reading *reading, const GString *text)
{
  if (!text->len)
    return fault(reading, 0, _("it is empty"));
  if (!reading->slots)
    return fault(reading, 0, _("it has no header"));
  if (reading->unended && reading->n_ended > 0)
    return fault(reading, 0,
                 _("the last line has no end, as the others have: the export was cut short"));
  return true;
}

bool csv_load(const CsvProduct *product, const char *path, GString *out, GError **error)
{
  g_autoptr(GBytes) bytes = file_read(path, MAX_BYTES, error);
  if (!bytes) {
    if (error)
      (*error)->code = EXIT_UNREAD;
    return false;
  }
  return csv_decode(product, bytes, path, out, error);
}

static bool read_rows(Reading *reading, const GString *text)
{
  const CsvProduct *product = csv_product_of(reading->config);
  CellTaker taker = {take_row, reading};
  int64_t line = 0;
  if (!reading->file->style.header) {
    reading->slots = csv_slots(reading->file, CSV_IMPORT);
    reading->endless = is_endless(&g_array_index(reading->slots, CsvSlot, reading->slots->len - 1));
  }
  bool read = cells_read(text->str, text->len, product->separator, &taker, &line);
  if (!read && line)
    return fault(reading, line,
                 _("a quote of this row is not closed, or stands in the middle of a cell: the "
                   "export was cut short, or it is damaged"));
  return read && check_whole(reading, text);
}

GPtrArray *csv_export_read(const TargetConfig *config, const CsvFile *file, CsvExport *found,
                           GError **error)
{
  const CsvProduct *product = csv_product_of(config);
  g_autofree char *folder = in_folder(product);
  g_autofree char *path = g_build_filename(folder, found->name, NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  if (!csv_load(product, path, text, error))
    return NULL;
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
  found->lacks = g_ptr_array_new();
  Reading reading = {.config = config,
                     .file = file,
                     .path = path,
                     .rows = rows,
                     .lacks = found->lacks,
                     .error = error};
  bool read = read_rows(&reading, text);
  g_clear_pointer(&reading.slots, g_array_unref);
  found->n_rows = rows->len;
  return read ? g_steal_pointer(&rows) : NULL;
}
