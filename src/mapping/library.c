// SPDX-License-Identifier: GPL-3.0-or-later
#include "mapping_p.h"

#include <string.h>

#define MAX_TABLE_BYTES (64 << 20)

static void pattern_release(void *data)
{
  pattern_free(data);
}

static void grid_release(void *data)
{
  grid_free(data);
}

static void charset_release(void *data)
{
  charset_free(data);
}

static void lookup_release(void *data)
{
  g_hash_table_unref(data);
}

Library *library_new(const char *folder, Findings *findings)
{
  Library *library = g_new0(Library, 1);
  library->folder = g_strdup(folder);
  library->findings = findings;
  library->blocks = g_ptr_array_new_with_free_func(g_free);
  library->texts = g_string_chunk_new(4096);
  library->patterns = g_ptr_array_new_with_free_func(pattern_release);
  library->names = g_ptr_array_new();
  library->sets = g_ptr_array_new_with_free_func(lookup_release);
  library->charsets = g_ptr_array_new_with_free_func(charset_release);
  library->name_ids = g_hash_table_new(g_str_hash, g_str_equal);
  library->sheets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, grid_release);
  library->lookups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, lookup_release);
  library->decisions = g_hash_table_new(g_str_hash, g_str_equal);
  library->exceptions = g_hash_table_new(g_str_hash, g_str_equal);
  library->conflicts = g_hash_table_new(g_str_hash, g_str_equal);
  library->digests = g_ptr_array_new_with_free_func(g_free);
  return library;
}

void library_free(Library *library)
{
  if (!library)
    return;
  g_ptr_array_unref(library->digests);
  g_hash_table_unref(library->decisions);
  g_hash_table_unref(library->exceptions);
  g_hash_table_unref(library->conflicts);
  g_hash_table_unref(library->lookups);
  g_hash_table_unref(library->sheets);
  g_hash_table_unref(library->name_ids);
  degrade_free(library->degrade);
  g_ptr_array_unref(library->charsets);
  g_ptr_array_unref(library->sets);
  g_ptr_array_unref(library->names);
  g_ptr_array_unref(library->patterns);
  g_ptr_array_unref(library->blocks);
  g_string_chunk_free(library->texts);
  g_free(library->folder);
  g_free(library);
}

void *library_alloc(Library *library, size_t n_bytes)
{
  void *block = g_malloc0(n_bytes);
  g_ptr_array_add(library->blocks, block);
  return block;
}

const char *library_text(Library *library, const char *text, size_t n_bytes)
{
  return g_string_chunk_insert_len(library->texts, text, (gssize)n_bytes);
}

uint16_t library_name(Library *library, const char *name)
{
  uintptr_t known = (uintptr_t)g_hash_table_lookup(library->name_ids, name);
  if (known)
    return (uint16_t)(known - 1);
  g_assert(library->names->len < SLOT_TEXT);
  const char *kept = library_text(library, name, strlen(name));
  g_ptr_array_add(library->names, (void *)kept);
  g_hash_table_insert(library->name_ids, (void *)kept, (void *)(uintptr_t)library->names->len);
  return (uint16_t)(library->names->len - 1);
}

// ---------------------------------------------------------------------------------------------
// Files.

void library_note(Library *library, const char *path, GBytes *bytes)
{
  size_t n_bytes;
  const void *data = g_bytes_get_data(bytes, &n_bytes);
  g_autofree char *hex = file_sha256(data, n_bytes);
  g_ptr_array_add(library->digests, g_strdup_printf("%s %s\n", path, hex));
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *library_digest(const Library *library)
{
  g_ptr_array_sort(library->digests, by_text);
  g_autoptr(GString) all = g_string_new(NULL);
  for (unsigned i = 0; i < library->digests->len; i++)
    g_string_append(all, library->digests->pdata[i]);
  return file_sha256(all->str, all->len);
}

static bool is_inside(const char *path)
{
  g_auto(GStrv) parts = g_strsplit(path, "/", -1);
  return !g_path_is_absolute(path) && !g_strv_contains((const char *const *)parts, "..");
}

static Grid *read_sheet(Library *library, const char *path, Findings *findings)
{
  bool swapped = library->swap_path && strcmp(path, library->swap_path) == 0;
  Finding finding = {.level = FINDING_ERROR, .code = "table-unreadable", .file = path};
  if (!library->folder || !is_inside(path)) {
    findings_add(findings, &finding, _("tables lie below the folder of the mappings"));
    return NULL;
  }
  g_autofree char *full =
      swapped ? g_strdup(library->swap_file) : g_build_filename(library->folder, path, NULL);
  finding.file = path = swapped ? library->swap_file : path;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = file_read(full, MAX_TABLE_BYTES, &error);
  if (!bytes) {
    findings_add(findings, &finding, "%s", error->message);
    return NULL;
  }
  library_note(library, path, bytes);
  size_t n_bytes;
  const char *data = g_bytes_get_data(bytes, &n_bytes);
  return grid_parse(data ? data : "", n_bytes, path, findings);
}

const Grid *library_sheet(Library *library, const char *path)
{
  void *sheet;
  if (g_hash_table_lookup_extended(library->sheets, path, NULL, &sheet))
    return sheet;
  sheet = read_sheet(library, path, library->findings);
  g_hash_table_insert(library->sheets, g_strdup(path), sheet);
  return sheet;
}

// ---------------------------------------------------------------------------------------------
// Tables as dictionaries.

static void add_pair(Library *library, GHashTable *pairs, const Grid *sheet, size_t row, int column)
{
  const char *key = grid_cell(sheet, row, 0);
  if (!*key)
    return;
  if (g_hash_table_contains(pairs, key)) {
    grid_fault(sheet, row, 0, library->findings, &(Finding){.code = "lookup-twice", .value = key},
               _("“%s” stands in this table twice: remove one row"), key);
    return;
  }
  g_hash_table_insert(pairs, (void *)key, (void *)grid_cell(sheet, row, (size_t)column));
}

static int lookup_column(const Grid *sheet, const char *column)
{
  if (!column)
    return grid_n_columns(sheet) > 1 ? 1 : -1;
  return grid_column(sheet, (const char *const[]){column, NULL});
}

GHashTable *library_lookup(Library *library, const char *path, const char *column,
                           const char **fault)
{
  g_autofree char *name = g_strdup_printf("%s\n%s", path, column ? column : "");
  GHashTable *pairs = g_hash_table_lookup(library->lookups, name);
  if (pairs)
    return pairs;
  const Grid *sheet = library_sheet(library, path);
  if (!sheet) {
    *fault = _("the table cannot be used");
    return NULL;
  }
  int its_column = lookup_column(sheet, column);
  if (its_column < 0) {
    *fault = column ? _("the table has no such column") : _("the table has no second column");
    return NULL;
  }
  pairs = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t row = 1; row < grid_n_rows(sheet); row++)
    add_pair(library, pairs, sheet, row, its_column);
  g_hash_table_insert(library->lookups, g_steal_pointer(&name), pairs);
  return pairs;
}

const Charset *library_charset(Library *library, const char *name)
{
  for (unsigned i = 0; i < library->charsets->len; i++)
    if (strcmp(charset_name(library->charsets->pdata[i]), name) == 0)
      return library->charsets->pdata[i];
  Charset *charset = charset_new(name);
  if (charset)
    g_ptr_array_add(library->charsets, charset);
  return charset;
}
