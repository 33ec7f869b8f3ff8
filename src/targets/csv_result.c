// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the product says of its imports, in files of its own.
#include "csv_p.h"

#include <sys/stat.h>

#define SEEN "result."
#define MAX_WORDS 200  // characters of what a file says that are told
#define MAX_WORDS_BYTES ((size_t)1 << 20)

// One file of results.
typedef struct Telling {
  CsvView *view;
  const CsvResult *result;
  const char *name;           // of the file
  const char *set;            // number
  GHashTable *listed;         // key in lower case -> CsvVerdict
  bool has_header;            // it was read
  int key[8], word, message;  // columns, from 0; -1 = none
  size_t n_keys;
  bool unended;    // the last row had no line end
  size_t n_ended;  // rows before that had one
  char *fault;
} Telling;

// ---------------------------------------------------------------------------------------------
// Reading

static int number_of(const char *text)
{
  char *end = NULL;
  gint64 number = g_ascii_strtoll(text, &end, 10);
  return *text && !*end && number > 0 && number < 1000 ? (int)number - 1 : -1;
}

static int column_of(const CellRow *header, const char *name)
{
  if (!name)
    return -1;
  for (size_t i = 0; header && i < header->n_cells; i++)
    if (g_str_equal(header->cells[i], name))
      return (int)i;
  return number_of(name);
}

static bool find_columns(Telling *telling, const CellRow *header)
{
  const CsvResult *result = telling->result;
  telling->n_keys = MIN(result->key->len, G_N_ELEMENTS(telling->key));
  for (size_t i = 0; i < telling->n_keys; i++)
    telling->key[i] = column_of(header, result->key->pdata[i]);
  telling->word = column_of(header, result->result);
  telling->message = column_of(header, result->message);
  for (size_t i = 0; i < telling->n_keys; i++)
    if (telling->key[i] < 0)
      telling->fault =
          g_strdup_printf(_("there is no column “%s”"), (const char *)result->key->pdata[i]);
  if (!telling->fault && result->result && telling->word < 0)
    telling->fault = g_strdup_printf(_("there is no column “%s”"), result->result);
  telling->has_header = true;
  return !telling->fault;
}

static const char *cell_of(const CellRow *row, int column)
{
  return column >= 0 && (size_t)column < row->n_cells ? row->cells[column] : "";
}

static void free_verdict(void *data)
{
  csv_verdict_clear(data);
  g_free(data);
}

static bool is_ok(const CsvResult *result, const char *word)
{
  for (size_t i = 0; i < result->ok->len; i++)
    if (g_str_equal(result->ok->pdata[i], word))
      return true;
  return false;
}

// A row without its key would tell of nobody, and a row without its result that it failed.
static bool check_row(Telling *telling, const CellRow *row)
{
  bool whole = telling->word < (int)row->n_cells;
  for (size_t i = 0; i < telling->n_keys; i++)
    whole = whole && *cell_of(row, telling->key[i]);
  if (!whole)
    telling->fault = g_strdup_printf(
        _("line %" G_GINT64_FORMAT " lacks its key or its result: it was cut short"), row->line);
  return whole;
}

static bool take_row(const CellRow *row, void *data)
{
  Telling *telling = data;
  g_autoptr(GString) key = g_string_new(NULL), said = g_string_new(NULL);
  telling->unended = !row->ended;
  telling->n_ended += row->ended;
  if (!telling->has_header) {
    bool named = telling->result->header;
    if (!find_columns(telling, named ? row : NULL) || named)
      return !telling->fault;
  }
  if (!check_row(telling, row))
    return false;
  for (size_t i = 0; i < telling->n_keys; i++)
    g_string_append_printf(key, "%s%s", i ? "/" : "", cell_of(row, telling->key[i]));
  const char *word = cell_of(row, telling->word), *message = cell_of(row, telling->message);
  escape_text(said, *message ? message : word, ESCAPE_TERMINAL);
  CsvVerdict *verdict = g_new0(CsvVerdict, 1);
  bool ok = telling->word >= 0 && is_ok(telling->result, word);
  verdict->kind = ok ? OUTCOME_DONE : OUTCOME_FAILED;
  verdict->detail = g_strdup_printf("%s: %s", telling->name, said->str);
  g_hash_table_replace(telling->listed, g_utf8_casefold(key->str, -1), verdict);
  return true;
}

// What a file does not list may be done ("unlisted"): one that is still being written says too much.
static const char *cut_short(const Telling *telling)
{
  if (!telling->has_header)
    return _("it is empty");
  return telling->unended && telling->n_ended > 0
             ? _("the last line has no end, as the others have: it was cut short")
             : NULL;
}

static bool read_rows(Telling *telling, const char *path, GError **error)
{
  const CsvProduct *product = telling->view->product;
  g_autoptr(GString) text = g_string_new(NULL);
  CellTaker taker = {take_row, telling};
  int64_t line = 0;
  if (!csv_load(product, path, text, error))
    return false;
  bool read = cells_read(text->str, text->len, product->separator, &taker, &line);
  const char *why = read             ? cut_short(telling)
                    : telling->fault ? telling->fault
                                     : _("a quote is not closed, or stands in a cell");
  if (!why)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD, "%s: %s", path, why);
  g_clear_pointer(&telling->fault, g_free);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Deciding

static const CsvVerdict *listed(const Telling *telling, const char *row)
{
  g_autofree char *key = g_utf8_casefold(row, -1);
  return g_hash_table_lookup(telling->listed, key);
}

// By the row's key before the set or after it.
static const CsvVerdict *verdict_of(const Telling *telling, const Request *request)
{
  g_autofree char *row = NULL, *renamed = NULL;
  csv_place_of(telling->view->config, request->dn, &row);
  const CsvVerdict *found = row ? listed(telling, row) : NULL;
  const Record *now = request->stable_id
                          ? dit_with_id(believed_now(telling->view->believed), request->stable_id)
                          : NULL;
  if (!found && now && csv_first(now, CSV_ROW))
    found = listed(telling, csv_first(now, CSV_ROW));
  if (!found && request->new_rdn && g_str_has_prefix(request->new_rdn, CSV_ROW "=")) {
    renamed = place_unescape(request->new_rdn + strlen(CSV_ROW "="));
    found = listed(telling, renamed);
  }
  return found;
}

static bool concerns(const Telling *telling, const Pending *pending)
{
  g_autofree char *row = NULL;
  const CsvFile *file = csv_place_of(telling->view->config, pending->request->dn, &row);
  return g_strcmp0(pending->batch, telling->set) == 0 && !pending->done &&
         (!telling->result->file || telling->result->file == file);
}

// Of a new row only an export tells by which ID the product knows it: its receipt is that export.
static bool awaits_id(const Telling *telling, const Pending *pending, const CsvVerdict *verdict)
{
  g_autofree char *row = NULL;
  const CsvFile *file = csv_place_of(telling->view->config, pending->request->dn, &row);
  return verdict && verdict->kind == OUTCOME_DONE && pending->request->kind == REQUEST_ADD &&
         file->in && csv_file_kind(file, CSV_ID);
}

static void decide(Telling *telling, const CsvVerdict *otherwise)
{
  Believed *believed = telling->view->believed;
  // All verdicts first: each that is settled changes what is believed.
  size_t n = believed_n_pending(believed);
  g_autofree const CsvVerdict **verdicts = g_new0(const CsvVerdict *, n + 1);
  for (size_t i = 0; i < n; i++) {
    const Pending *pending = believed_pending(believed, i);
    if (concerns(telling, pending))
      verdicts[i] = verdict_of(telling, pending->request);
    if (concerns(telling, pending) && !verdicts[i])
      verdicts[i] = otherwise;
    if (awaits_id(telling, pending, verdicts[i]))
      verdicts[i] = NULL;
  }
  for (size_t i = n; i-- > 0;)
    if (verdicts[i])
      csv_view_decide(telling->view, i, verdicts[i]);
}

// Of a file that tells by its name: its first line, for people.
static char *first_line(const CsvView *view, const char *path)
{
  g_autoptr(GBytes) bytes = file_read(path, MAX_WORDS_BYTES, NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  if (!bytes || !csv_decode(view->product, bytes, path, text, NULL))
    return NULL;
  g_string_truncate(text, strcspn(text->str, "\r\n"));
  char *line = g_utf8_substring(text->str, 0, MIN(g_utf8_strlen(text->str, -1), MAX_WORDS));
  return g_strstrip(line);
}

static void decide_all(Telling *telling, const char *path)
{
  bool done = g_strcmp0(telling->result->says, "done") == 0 || telling->result->unlisted_done;
  g_autofree char *line = telling->result->says ? first_line(telling->view, path) : NULL;
  char *detail =
      line && *line ? g_strdup_printf("%s: %s", telling->name, line) : g_strdup(telling->name);
  g_auto(CsvVerdict) rest = {done ? OUTCOME_DONE : OUTCOME_FAILED, detail, NULL};
  decide(telling, telling->result->says || telling->result->unlisted_done ? &rest : NULL);
}

// The oldest set that is open and was made before the file.
static const char *oldest_set(const CsvView *view, Instant when)
{
  const char *oldest = NULL;
  for (size_t i = 0; i < believed_n_pending(view->believed); i++) {
    const Pending *pending = believed_pending(view->believed, i);
    CsvSet set;
    if (!pending->done && pending->batch && csv_set_get(view->believed, pending->batch, &set) &&
        set.made <= when && (!oldest || strcmp(pending->batch, oldest) < 0))
      oldest = pending->batch;
  }
  return oldest;
}

// What a result tells of was imported.
static void note_taken(CsvView *view, const char *number, Instant when)
{
  CsvSet set;
  if (!csv_set_get(view->believed, number, &set) || set.taken != INSTANT_NONE)
    return;
  set.taken = when;
  csv_set_put(view->believed, number, &set);
}

static bool take_file(CsvView *view, const CsvResult *result, const char *name, GError **error)
{
  CsvNamed named;
  struct stat status;
  g_autofree char *path = g_build_filename(view->product->folder, "in", name, NULL),
                  *seen = g_strconcat(SEEN, name, NULL);
  if (!csv_name_fits(result->name, name, &named) || stat(path, &status) != 0 ||
      !S_ISREG(status.st_mode))
    return true;
  Instant when = named.when != INSTANT_NONE ? named.when : (Instant)status.st_mtime;
  g_autofree char *stamp = g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                                           (int64_t)status.st_mtime, (int64_t)status.st_size);
  if (g_strcmp0(believed_mark(view->believed, seen), stamp) == 0)
    return true;
  g_autofree char *set = g_strdup(*named.set ? named.set : oldest_set(view, when));
  if (!set)
    return true;
  g_autoptr(GHashTable) rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_verdict);
  Telling telling = {.view = view, .result = result, .name = name, .set = set, .listed = rows};
  if (!result->says && !read_rows(&telling, path, error))
    return false;
  decide_all(&telling, path);
  note_taken(view, set, when);
  believed_set_mark(view->believed, seen, stamp);
  return true;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

bool csv_results_take(CsvView *view, GError **error)
{
  g_autofree char *folder = g_build_filename(view->product->folder, "in", NULL);
  g_autoptr(GDir) dir = view->product->results->len ? g_dir_open(folder, 0, NULL) : NULL;
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  const char *name = NULL;
  while (dir && (name = g_dir_read_name(dir)))
    if (*name != '.')
      g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, by_name);
  for (size_t i = 0; i < names->len; i++)
    for (size_t j = 0; j < view->product->results->len; j++)
      if (!take_file(view, &g_array_index(view->product->results, CsvResult, j), names->pdata[i],
                     error))
        return false;
  return true;
}

typedef struct Gone {
  const CsvProduct *product;
  GPtrArray *names;  // of marks
} Gone;

static void find_gone(const char *name, const char *text, void *data)
{
  Gone *gone = data;
  (void)text;
  if (!g_str_has_prefix(name, SEEN))
    return;
  g_autofree char *path = g_build_filename(gone->product->folder, "in", name + strlen(SEEN), NULL);
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    g_ptr_array_add(gone->names, g_strdup(name));
}

void csv_results_forget(const CsvProduct *product, Believed *believed)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  Gone gone = {product, names};
  believed_marks(believed, find_gone, &gone);
  for (size_t i = 0; i < names->len; i++)
    believed_set_mark(believed, names->pdata[i], NULL);
}
