// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rows as bytes. What was written is read back before anything goes out.
#include "csv_p.h"

// One file.
typedef struct Sheet {
  const CsvRows *rows;
  const CsvPage *page;
  const CsvFile *file;
  const CsvProduct *product;
  GArray *slots;     // CsvSlot
  GPtrArray *lines;  // GPtrArray of char *: cells as they are meant
  GString *text;
} Sheet;

static bool fail(const Sheet *sheet, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

static bool fail(const Sheet *sheet, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("target %s: “%s” was not written: %s"),
              sheet->rows->view->config->name, sheet->file->word, text);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Cells

typedef struct Cell {
  const Sheet *sheet;
  const CsvSlot *slot;
  const CsvColumn *column;
  const CsvChange *change;
  GString *out;
} Cell;

static const Record *record_of(const CsvChange *change)
{
  return change->after ? change->after : change->before;
}

// The piece of the row's key that the attribute holds; NULL when it is no part of it.
static char *key_piece(const CsvFile *file, const Record *record, const char *attribute)
{
  g_auto(GStrv) parts = record ? csv_key_parts(file, csv_first(record, CSV_ROW)) : NULL;
  for (size_t i = 0; parts && parts[i]; i++)
    if (g_ascii_strcasecmp(file->key->pdata[i], attribute) == 0)
      return g_strdup(parts[i]);
  return NULL;
}

static bool is_renamed_by(const CsvFile *file, const char *attribute)
{
  for (size_t i = 0; i < file->columns->len; i++) {
    const CsvColumn *column = &g_array_index(file->columns, CsvColumn, i);
    if (column->kind == CSV_RENAME && g_ascii_strcasecmp(column->attribute, attribute) == 0)
      return true;
  }
  return false;
}

// A value as the file has it: of a reference the key of its row.
static void put_value(const Cell *cell, const Bytes *value)
{
  g_autofree char *row = NULL;
  if (cell->column->ref)
    csv_place_of(cell->sheet->rows->view->config, value->at, &row);
  csv_tame(&cell->column->style, row ? row : value->at, cell->out);
}

static bool same_values(const Cell *cell, const char *attribute)
{
  const Field *before = record_find(cell->change->before, attribute),
              *after = record_find(cell->change->after, attribute);
  size_t n = before ? before->values->len : 0;
  if (n != (after ? after->values->len : 0))
    return false;
  for (size_t i = 0; i < n; i++) {
    const Bytes *a = &g_array_index(before->values, Bytes, i),
                *b = &g_array_index(after->values, Bytes, i);
    if (a->n != b->n || memcmp(a->at, b->at, a->n) != 0)
      return false;
  }
  return true;
}

static bool exists_already(const Cell *cell)
{
  return cell->change->deed == CSV_MODIFY || cell->change->deed == CSV_KEEP;
}

static void put_unchanged(const Cell *cell)
{
  if (exists_already(cell) && cell->column->style.unchanged)
    g_string_append(cell->out, cell->column->style.unchanged);
}

static void put_secret(const Cell *cell)
{
  for (size_t i = 0; i < cell->change->secrets->len; i++) {
    const CsvSecret *secret = cell->change->secrets->pdata[i];
    if (g_ascii_strcasecmp(secret->attribute, cell->column->attribute) == 0) {
      g_string_truncate(cell->out, 0);
      csv_tame(&cell->column->style, secret_bytes(secret->secret, NULL), cell->out);
    }
  }
  if (!cell->out->len)
    put_unchanged(cell);
}

static void put_values(const Cell *cell, const Record *record)
{
  const Field *field = record_find(record, cell->column->attribute);
  size_t n = field ? field->values->len : 0, at = (size_t)cell->slot->repeat;
  bool all = cell->column->list != NULL;
  for (size_t i = all ? 0 : at; i < n && (all || i == at); i++) {
    if (all && i)
      g_string_append(cell->out, cell->column->list);
    put_value(cell, &g_array_index(field->values, Bytes, i));
  }
}

static void put_attribute(const Cell *cell)
{
  const CsvColumn *column = cell->column;
  const CsvChange *change = cell->change;
  bool renames = is_renamed_by(cell->sheet->file, column->attribute);
  g_autofree char *key =
      key_piece(cell->sheet->file, renames && change->before ? change->before : record_of(change),
                column->attribute);
  if (column->secret) {
    put_secret(cell);
  } else if (key) {
    csv_tame(&column->style, key, cell->out);
  } else if (exists_already(cell) && !column->repeat && column->style.unchanged &&
             (column->once || same_values(cell, column->attribute))) {
    g_string_append(cell->out, column->style.unchanged);
  } else {
    put_values(cell, record_of(change));
    if (!cell->out->len && change->deed == CSV_MODIFY && column->style.clear &&
        csv_first(change->before, column->attribute))
      g_string_append(cell->out, column->style.clear);
  }
}

static void put_fixed(const Cell *cell)
{
  csv_name_make(cell->column->text, &(CsvName){.day = cell->sheet->page->day}, cell->out);
}

static void put_id(const Cell *cell)
{
  const char *id = record_of(cell->change)->stable_id, *new = cell->column->text;
  if (cell->change->deed == CSV_CREATE)
    g_string_append(cell->out, new ? new : "");
  else if (g_str_has_prefix(id, CSV_ID_PREFIX))
    g_string_append(cell->out, id + strlen(CSV_ID_PREFIX));
}

static void put_rename(const Cell *cell)
{
  const CsvChange *change = cell->change;
  g_autofree char *before = key_piece(cell->sheet->file, change->before, cell->column->attribute),
                  *after = key_piece(cell->sheet->file, change->after, cell->column->attribute);
  if (cell->column->always || (before && after && strcmp(before, after) != 0))
    csv_tame(&cell->column->style, after ? after : before, cell->out);
  else
    put_unchanged(cell);
}

static void put_change(const Cell *cell)
{
  CsvDeed deed = cell->change->deed == CSV_KEEP ? CSV_MODIFY : cell->change->deed;
  const char *word = cell->column->words[deed];
  const GArray *changed = cell->column->changed;
  for (size_t i = 0; cell->change->deed == CSV_MODIFY && changed && i < changed->len; i++) {
    const CsvChanged *one = &g_array_index(changed, CsvChanged, i);
    if (!same_values(cell, one->attribute)) {
      word = one->word;
      break;
    }
  }
  g_string_append(cell->out, word ? word : "");
}

static void put_split(const Cell *cell)
{
  const CsvColumn *column = cell->column;
  const char *whole = csv_first(record_of(cell->change), column->attribute);
  g_auto(GStrv) parts = g_strsplit(whole ? whole : "", column->between, -1);
  if ((size_t)cell->slot->repeat >= g_strv_length(parts))
    return;
  const char *part = parts[cell->slot->repeat];
  g_auto(GStrv) pieces = g_strsplit(part, column->within ? column->within : column->between, -1);
  if ((size_t)cell->slot->part < g_strv_length(pieces))
    csv_tame(&column->style, pieces[cell->slot->part], cell->out);
}

static void (*const putters[])(const Cell *cell) = {
    [CSV_ATTRIBUTE] = put_attribute,
    [CSV_FIXED] = put_fixed,
    [CSV_ID] = put_id,
    [CSV_RENAME] = put_rename,
    [CSV_CHANGE] = put_change,
    [CSV_SPLIT] = put_split,
    [CSV_BLANK] = NULL,
};

static char *cell_text(const Sheet *sheet, const CsvSlot *slot, const CsvChange *change)
{
  g_autoptr(GString) out = g_string_new(NULL);
  Cell cell = {sheet, slot, slot->column, change, out};
  if (putters[slot->column->kind])
    putters[slot->column->kind](&cell);
  return g_string_free(g_steal_pointer(&out), false);
}

// ---------------------------------------------------------------------------------------------
// Lines

// How often an endless column is there in this row.
static int n_endless(const CsvColumn *column, const CsvChange *change)
{
  const Record *record = record_of(change);
  if (column->kind == CSV_ATTRIBUTE) {
    const Field *field = record_find(record, column->attribute);
    return field ? (int)field->values->len : 0;
  }
  const char *whole = csv_first(record, column->attribute);
  g_auto(GStrv) parts = g_strsplit(whole ? whole : "", column->between, -1);
  return (int)g_strv_length(parts);
}

static GPtrArray *line_new(Sheet *sheet)
{
  GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(sheet->lines, cells);
  return cells;
}

static void add_line(Sheet *sheet, const CsvChange *change)
{
  GPtrArray *cells = line_new(sheet);
  const CsvSlot *last = &g_array_index(sheet->slots, CsvSlot, sheet->slots->len - 1);
  bool endless = last->column->repeat == CSV_ENDLESS;
  int n = endless ? n_endless(last->column, change) : 0;
  for (size_t i = 0; i < sheet->slots->len; i++) {
    const CsvSlot *slot = &g_array_index(sheet->slots, CsvSlot, i);
    if (slot->column->repeat != CSV_ENDLESS)
      g_ptr_array_add(cells, cell_text(sheet, slot, change));
  }
  for (int repeat = 0; repeat < n; repeat++)
    for (int part = 0; part <= last->part; part++) {
      CsvSlot slot = {last->column, repeat, part};
      g_ptr_array_add(cells, cell_text(sheet, &slot, change));
    }
}

static void add_header(Sheet *sheet)
{
  GPtrArray *cells = line_new(sheet);
  for (size_t i = 0; i < sheet->slots->len; i++) {
    g_autoptr(GString) header = g_string_new(NULL);
    csv_slot_header(&g_array_index(sheet->slots, CsvSlot, i), header);
    g_ptr_array_add(cells, g_string_free(g_steal_pointer(&header), false));
  }
}

static void write_lines(Sheet *sheet)
{
  if (sheet->file->style.header)
    add_header(sheet);
  for (size_t i = 0; i < sheet->page->n_changes; i++)
    add_line(sheet, sheet->page->changes[i]);
  for (size_t i = 0; i < sheet->lines->len; i++) {
    const GPtrArray *cells = sheet->lines->pdata[i];
    CsvLine line = {(const char *const *)cells->pdata, cells->len};
    csv_write_line(sheet->product, sheet->file->style.quoting, &line, sheet->text);
  }
}

// ---------------------------------------------------------------------------------------------
// Read back

typedef struct Back {
  const Sheet *sheet;
  size_t n_lines;
  GHashTable *keys;  // of its rows, in lower case
} Back;

static void take_key(Back *back, const CellRow *row)
{
  const Sheet *sheet = back->sheet;
  g_autoptr(GString) key = g_string_new(NULL);
  for (size_t k = 0; k < sheet->file->key->len; k++)
    for (size_t i = 0; i < sheet->slots->len; i++) {
      const CsvSlot *slot = &g_array_index(sheet->slots, CsvSlot, i);
      if (slot->column->kind != CSV_ATTRIBUTE ||
          g_ascii_strcasecmp(slot->column->attribute, sheet->file->key->pdata[k]) != 0)
        continue;
      if (k)
        g_string_append_c(key, '/');
      csv_untame(&slot->column->style, row->cells[i], key);
    }
  g_hash_table_add(back->keys, g_utf8_casefold(key->str, -1));
}

static bool take_back(const CellRow *row, void *data)
{
  Back *back = data;
  const GPtrArray *lines = back->sheet->lines;
  const GPtrArray *meant = back->n_lines < lines->len ? lines->pdata[back->n_lines] : NULL;
  if (!meant || meant->len != row->n_cells || !row->ended)
    return false;
  for (size_t i = 0; i < row->n_cells; i++)
    if (strcmp(meant->pdata[i], row->cells[i]) != 0)
      return false;
  if (back->n_lines > 0 || !back->sheet->file->style.header)
    take_key(back, row);
  back->n_lines++;
  return true;
}

static size_t n_deletions(const Sheet *sheet)
{
  size_t n = 0;
  for (size_t i = 0; i < sheet->rows->changes->len; i++) {
    const CsvChange *change = sheet->rows->changes->pdata[i];
    n += change->file == sheet->file && change->deed == CSV_DELETE;
  }
  return n;
}

// By which key the product knows the row when it reads this file.
static char *key_then(const Sheet *sheet, const Record *before)
{
  const Record *after = dit_with_id(sheet->rows->after, before->stable_id);
  bool renamed = sheet->page->step->part == CSV_SHRINK && after;
  return g_utf8_casefold(csv_first(renamed ? after : before, CSV_ROW), -1);
}

static size_t n_vanishing(const Sheet *sheet, const Back *back)
{
  size_t n = 0;
  g_autoptr(GPtrArray) all = dit_sorted(sheet->rows->before);
  for (size_t i = 0; i < all->len; i++) {
    const Record *record = all->pdata[i];
    g_autofree char *row = NULL;
    if (csv_place_of(sheet->rows->view->config, record->dn, &row) != sheet->file || !row)
      continue;
    g_autofree char *key = key_then(sheet, record);
    n += !g_hash_table_contains(back->keys, key);
  }
  return n;
}

// A product that deletes what a file lacks must never lack more than was asked for.
static bool check_vanishing(const Sheet *sheet, const Back *back, GError **error)
{
  if (sheet->file->mode == CSV_DIFFERENCE)
    return true;
  bool shrinks = sheet->file->mode == CSV_DELETE_ABSENT && sheet->page->step->part != CSV_GROW;
  size_t n_meant = shrinks ? n_deletions(sheet) : 0, n = n_vanishing(sheet, back);
  return n == n_meant ||
         fail(sheet, error, _("%zu rows would vanish from the product where %zu are to be deleted"),
              n, n_meant);
}

static bool check_back(const Sheet *sheet, const GByteArray *bytes, GError **error)
{
  g_autoptr(GBytes) copy = g_bytes_new(bytes->data, bytes->len);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Back back = {sheet, 0, keys};
  CellTaker taker = {take_back, &back};
  int64_t line = 0;
  if (!csv_decode(sheet->product, copy, sheet->file->word, text, error) ||
      !cells_read(text->str, text->len, sheet->product->separator, &taker, &line) ||
      back.n_lines != sheet->lines->len)
    return (error && *error) ||
           fail(sheet, error, _("row %zu does not read back as it was meant"), back.n_lines + 1);
  return check_vanishing(sheet, &back, error);
}

static GByteArray *encode(Sheet *sheet, GError **error)
{
  const char *bad = NULL;
  write_lines(sheet);
  g_autoptr(GByteArray) bytes = csv_encode(sheet->product, sheet->text->str, &bad);
  if (!bytes) {
    g_autoptr(GString) name = g_string_new(NULL);
    text_name_character(bad, name);
    fail(sheet, error, _("%s is not in its encoding"), name->str);
    return NULL;
  }
  return check_back(sheet, bytes, error) ? g_steal_pointer(&bytes) : NULL;
}

GByteArray *csv_render(const CsvRows *rows, const CsvPage *page, GError **error)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GArray) slots = csv_slots(page->step->file, CSV_EXPORT);
  Sheet sheet = {rows, page, page->step->file, rows->view->product, slots, lines, text};
  return encode(&sheet, error);
}
