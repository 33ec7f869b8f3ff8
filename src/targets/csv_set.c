// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sets of files: out/NUMBER, whole or not there.
//
//   1  out/.NUMBER.new is filled, its manifest last, all of it synced
//   2  the state says which requests it holds, and that it was begun
//   3  it is renamed to out/NUMBER
//   4  the state says that it stands there
//
// Killed before 2 it is made anew, unless it is complete and holds just what is due: then its passwords are those that
// were sealed, and it is kept. Killed before 3 it is renamed by whoever comes next; before 4 it is found gone or renamed.
#include "csv_p.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST "manifest.json"
#define LAST "last"
#define BEGUN "begun"
#define WITNESS ".idou"

// One set being written.
typedef struct Set {
  CsvView *view;
  CsvRows *rows;
  char *number;
  char *temporary;  // folder
  Instant made;
  GPtrArray *due;  // indexes of the pending requests
  json_t *files;
  GString *sums;
  size_t step;
  bool unfit;  // it would not say what was meant: trying again will not help
} Set;

void csv_secret_free(void *data)
{
  CsvSecret *secret = data;
  secret_free(secret->secret);
  g_free(secret);
}

static bool copy_bytes(char *bytes, size_t n_bytes, void *data)
{
  memcpy(bytes, ((const Bytes *)data)->at, n_bytes);
  return true;
}

CsvSecret *csv_secret_new(uint64_t pending, const char *attribute, const Bytes *value,
                          GError **error)
{
  Secret *copy = secret_filled(value->n, copy_bytes, (void *)value, error);
  if (!copy)
    return NULL;
  CsvSecret *secret = g_new(CsvSecret, 1);
  *secret = (CsvSecret){pending, g_intern_string(attribute), copy};
  return secret;
}

static bool fail(const char *path, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot be written: %s"), path,
              g_strerror(errno));
  return false;
}

// ---------------------------------------------------------------------------------------------
// What is due

static bool is_due(const Pending *pending)
{
  return !pending->batch && !pending->done;
}

static GPtrArray *due_requests(const CsvView *view)
{
  GPtrArray *due = g_ptr_array_new();
  for (size_t i = 0; i < believed_n_pending(view->believed); i++)
    if (is_due(believed_pending(view->believed, i)))
      g_ptr_array_add(due, GSIZE_TO_POINTER(i));
  return due;
}

static json_t *operations_of(const CsvView *view, const GPtrArray *due)
{
  json_t *list = json_array();
  for (size_t i = 0; i < due->len; i++) {
    const Request *request =
        believed_pending(view->believed, GPOINTER_TO_SIZE(due->pdata[i]))->request;
    json_t *numbers = json_array();
    for (size_t j = 0; j < request->numbers->len; j++)
      json_array_append_new(numbers, json_integer(g_array_index(request->numbers, uint32_t, j)));
    json_array_append_new(list,
                          json_pack("{s:I, s:o}", "run", (json_int_t)request->run, "n", numbers));
  }
  return list;
}

static bool has_secret(const GPtrArray *secrets, const Pending *pending)
{
  for (size_t i = 0; i < secrets->len; i++)
    if (((const CsvSecret *)secrets->pdata[i])->pending == pending->id)
      return true;
  return false;
}

static void give_up(CsvView *view, size_t i, const char *why)
{
  g_auto(CsvVerdict) verdict = {OUTCOME_FAILED, g_strdup(why), NULL};
  csv_view_decide(view, i, &verdict);
}

// A password that only a killed process knew can be written by nobody, and what follows such a row neither.
static void drop_lost(CsvView *view, const GPtrArray *secrets)
{
  for (size_t i = believed_n_pending(view->believed); i-- > 0;) {
    const Pending *pending = believed_pending(view->believed, i);
    if (is_due(pending) && pending->has_secret && !has_secret(secrets, pending))
      give_up(view, i,
              _("the run was cut off before its password was written: it is planned anew, with "
                "another one"));
  }
  believed_now(view->believed);
  for (size_t i = believed_n_pending(view->believed); i-- > 0;)
    if (is_due(believed_pending(view->believed, i)) && !believed_pending(view->believed, i)->fits)
      give_up(view, i, _("what it builds on was not written"));
}

// ---------------------------------------------------------------------------------------------
// 1: filling the folder

static bool write_file(Set *set, const char *name, const GByteArray *bytes, GError **error)
{
  g_autofree char *path = g_build_filename(set->temporary, name, NULL);
  if (g_file_test(path, G_FILE_TEST_EXISTS)) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("%s would be written twice: give the steps' files names of their own, with "
                  "{step} or {part}"),
                path);
    return false;
  }
  return file_write(path, bytes->data, bytes->len, 0640, error);
}

static void list_file(Set *set, const CsvStep *step, const char *name, const GByteArray *bytes,
                      size_t n_rows)
{
  g_autofree char *sum = file_sha256(bytes->data, bytes->len);
  g_string_append_printf(set->sums, "%s  %s\n", sum, name);
  json_array_append_new(set->files, json_pack("{s:s, s:s, s:I, s:I, s:s}", "name", name, "file",
                                              step->file->word, "rows", (json_int_t)n_rows, "bytes",
                                              (json_int_t)bytes->len, "sha256", sum));
}

static bool write_page(Set *set, const CsvPage *page, size_t part, GError **error)
{
  g_autoptr(GByteArray) bytes = csv_render(set->rows, page, error);
  g_autoptr(GString) name = g_string_new(NULL);
  CsvName what = {set->number, part, set->step, page->day};
  if (!bytes) {
    set->unfit = true;
    return false;
  }
  csv_name_make(page->step->file->out, &what, name);
  if (!write_file(set, name->str, bytes, error))
    return false;
  list_file(set, page->step, name->str, bytes, page->n_changes);
  return true;
}

static bool write_step(Set *set, const CsvStep *step, GError **error)
{
  g_autoptr(GPtrArray) changes = csv_rows_of(set->rows, step);
  size_t most = step->file->rows ? (size_t)step->file->rows : MAX(changes->len, 1), part = 0;
  // Of a file with all rows none may be left: the last one was deleted.
  bool empties = !changes->len && step->file->mode == CSV_DELETE_ABSENT && step->part != CSV_GROW &&
                 csv_rows_deletes(set->rows, step->file);
  if (changes->len || empties)
    set->step++;
  for (size_t from = 0; from < changes->len || (empties && !part); from += most) {
    CsvPage page = {step, (CsvChange *const *)changes->pdata + from, MIN(most, changes->len - from),
                    date_of_instant(set->made)};
    if (!write_page(set, &page, ++part, error))
      return false;
  }
  return true;
}

static int64_t last_run(const Set *set)
{
  int64_t run = 0;
  for (size_t i = 0; i < set->due->len; i++)
    run = MAX(
        run,
        believed_pending(set->view->believed, GPOINTER_TO_SIZE(set->due->pdata[i]))->request->run);
  return run;
}

static bool write_manifest(Set *set, GError **error)
{
  g_autofree char *path = g_build_filename(set->temporary, MANIFEST, NULL);
  g_autofree char *digest = file_sha256(set->sums->str, set->sums->len);
  g_autoptr(GString) made = g_string_new(NULL);
  instant_format(set->made, made);
  json_t *root = json_pack("{s:s, s:I, s:s, s:s, s:O, s:o, s:s}", "set", set->number, "run",
                           (json_int_t)last_run(set), "product", set->view->product->name, "made",
                           made->str, "files", set->files, "operations",
                           operations_of(set->view, set->due), "digest", digest);
  char *text = json_dumps(root, JSON_INDENT(1));
  bool written = file_write(path, text, strlen(text), 0640, error);
  json_decref(root);
  free(text);
  return written;
}

static bool remove_folder(const char *path, GError **error)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  const char *name = NULL;
  while (dir && (name = g_dir_read_name(dir))) {
    g_autofree char *file = g_build_filename(path, name, NULL);
    if (unlink(file) != 0)
      return fail(file, error);
  }
  return rmdir(path) == 0 || errno == ENOENT || fail(path, error);
}

static char *witness_of(const CsvProduct *product)
{
  return g_build_filename(product->folder, "out", WITNESS, NULL);
}

// The requests are on the disk by now: the state is not new any more.
static bool put_witness(const Set *set, GError **error)
{
  g_autofree char *path = witness_of(set->view->product);
  return g_file_test(path, G_FILE_TEST_EXISTS) || file_write(path, "", 0, 0640, error);
}

static bool fill(Set *set, GError **error)
{
  if (!remove_folder(set->temporary, error) || !file_make_dir(set->temporary, 0750, error) ||
      !put_witness(set, error))
    return false;
  // Whoever imports is another account, of a group with ours.
  if (chmod(set->temporary, 0750) != 0)
    return fail(set->temporary, error);
  for (size_t i = 0; i < set->view->product->steps->len; i++)
    if (!write_step(set, &g_array_index(set->view->product->steps, CsvStep, i), error))
      return false;
  return json_array_size(set->files) == 0 || write_manifest(set, error);
}

// Of a file with all rows a newer export has others.
static bool is_outdated(const Set *set, const char *made)
{
  Instant when = INSTANT_NONE;
  if (!made || !instant_parse(made, &when))
    return true;
  for (size_t i = 0; i < set->view->product->files->len; i++) {
    const CsvFile *file = set->view->product->files->pdata[i];
    if (file->mode != CSV_DIFFERENCE && csv_view_export(set->view, file) > when)
      return true;
  }
  return false;
}

// Complete, and with just these requests.
static bool is_filled(const Set *set)
{
  g_autofree char *path = g_build_filename(set->temporary, MANIFEST, NULL);
  json_t *root = json_load_file(path, 0, NULL), *due = operations_of(set->view, set->due);
  bool same = root && json_equal(json_object_get(root, "operations"), due) &&
              !is_outdated(set, json_string_value(json_object_get(root, "made")));
  json_decref(root);
  json_decref(due);
  return same;
}

// ---------------------------------------------------------------------------------------------
// 2 to 4

static char *temporary_of(const CsvProduct *product, const char *number)
{
  g_autofree char *name = g_strdup_printf(".%s.new", number);
  return g_build_filename(product->folder, "out", name, NULL);
}

static bool put_in_place(CsvView *view, const char *number, GError **error)
{
  g_autofree char *from = temporary_of(view->product, number),
                  *to = csv_set_folder(view->product, number), *witness = witness_of(view->product);
  // The state has the number by now; one that has not is an old copy.
  if (!file_write(witness, number, strlen(number), 0640, error))
    return false;
  if (rename(from, to) != 0 && errno != ENOENT)
    return fail(to, error);
  if (!file_sync_parent(to, error))
    return false;
  believed_set_mark(view->believed, BEGUN, NULL);
  return believed_commit(view->believed, error);
}

static bool begin(Set *set, GError **error)
{
  Believed *believed = set->view->believed;
  CsvSet known = {set->made, INSTANT_NONE};
  for (size_t i = 0; i < set->due->len; i++)
    believed_set_batch(believed, GPOINTER_TO_SIZE(set->due->pdata[i]), set->number);
  csv_set_put(believed, set->number, &known);
  believed_set_mark(believed, LAST, set->number);
  believed_set_mark(believed, BEGUN, set->number);
  return believed_commit(believed, error);
}

// Rows that were made and taken away again leave nothing to write, and are done.
static bool settle_nothing(Set *set, GError **error)
{
  for (size_t i = set->due->len; i-- > 0;) {
    g_auto(CsvVerdict) verdict = {
        OUTCOME_DONE, g_strdup(_("it was taken back within one set: nothing had to be written")),
        NULL};
    csv_view_decide(set->view, GPOINTER_TO_SIZE(set->due->pdata[i]), &verdict);
  }
  return remove_folder(set->temporary, error) && believed_commit(set->view->believed, error);
}

// Always false, with the error as it is.
static bool refuse_all(Set *set, GError **error)
{
  const char *why = error && *error ? (*error)->message : _("the set was not written");
  for (size_t i = set->due->len; i-- > 0;)
    give_up(set->view, GPOINTER_TO_SIZE(set->due->pdata[i]), why);
  believed_commit(set->view->believed, NULL);
  remove_folder(set->temporary, NULL);
  return false;
}

// Sent by a run that was killed; the export that says too little has come since.
static bool check_absent(const Set *set, GError **error)
{
  for (size_t i = 0; i < set->due->len; i++) {
    const Pending *pending =
        believed_pending(set->view->believed, GPOINTER_TO_SIZE(set->due->pdata[i]));
    g_autofree char *place = NULL;
    const CsvFile *file = csv_place_of(set->view->config, pending->request->dn, &place);
    const char *absent = file ? csv_absent_row(set->view, file) : NULL;
    if (!absent)
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("target %s: the last export of “%s” lacks “%s”, which the one before had: "
                  "what was sent is written when another export decides"),
                set->view->config->name, file->word, absent);
    return false;
  }
  return true;
}

static bool write_set(Set *set, const GPtrArray *secrets, GError **error)
{
  bool filled = is_filled(set);
  if (!check_absent(set, error))
    return false;
  if (!filled) {
    drop_lost(set->view, secrets);
    g_ptr_array_unref(set->due);
    set->due = due_requests(set->view);
    if (!set->due->len)
      return remove_folder(set->temporary, error) && believed_commit(set->view->believed, error);
    set->rows = csv_rows_new(set->view, secrets);
    if (!fill(set, error))
      return set->unfit && refuse_all(set, error);
    if (json_array_size(set->files) == 0)
      return settle_nothing(set, error);
  }
  if (!file_sync_parent(set->temporary, error))
    return false;
  return begin(set, error) && put_in_place(set->view, set->number, error);
}

static uint64_t number_of(const char *text)
{
  return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

// Behind the last; behind what an old copy of the state does not know, too.
static char *next_number(const CsvView *view)
{
  uint64_t number = number_of(believed_mark(view->believed, LAST));
  for (;;) {
    g_autofree char *text = g_strdup_printf("%06" G_GUINT64_FORMAT, ++number);
    g_autofree char *folder = csv_set_folder(view->product, text);
    if (!g_file_test(folder, G_FILE_TEST_EXISTS))
      return g_steal_pointer(&text);
  }
}

bool csv_set_write(CsvView *view, const GPtrArray *secrets, GError **error)
{
  Set set = {.view = view, .made = instant_now(), .files = json_array()};
  set.due = due_requests(view);
  set.number = next_number(view);
  set.temporary = temporary_of(view->product, set.number);
  set.sums = g_string_new(NULL);
  // What a killed process left holds passwords: it goes when nothing is due any more.
  bool written =
      set.due->len ? write_set(&set, secrets, error) : remove_folder(set.temporary, error);
  g_ptr_array_unref(set.due);
  csv_rows_free(set.rows);
  json_decref(set.files);
  g_string_free(set.sums, true);
  g_free(set.number);
  g_free(set.temporary);
  return written;
}

// A set whose folder is gone counts as imported, and what a state does not know as never sent.
bool csv_set_check(const CsvView *view, GError **error)
{
  const char *name = view->config->name, *last = believed_mark(view->believed, LAST);
  g_autofree char *state = csv_state_folder(view->product), *witness = witness_of(view->product),
                  *said = NULL;
  bool there = g_file_get_contents(witness, &said, NULL, NULL);
  if (!there && last) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("target %s: sets were written, and there is no %s: mount the disk that it is "
                  "on. If the folder was made anew, put an empty file of that name there"),
                name, witness);
    return false;
  }
  if (there && (believed_is_new(view->believed) || number_of(said) > number_of(last))) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("target %s: %s tells of sets that %s does not know: put its newest copy back. If "
                  "there is none, see that all sets are imported, take a new export, take old "
                  "results away, and %s %s"),
                name, witness, state, last ? _("empty") : _("remove"), witness);
    return false;
  }
  return true;
}

bool csv_set_recover(CsvView *view, GError **error)
{
  g_autofree char *number = g_strdup(believed_mark(view->believed, BEGUN));
  return !number || put_in_place(view, number, error);
}

// ---------------------------------------------------------------------------------------------

static bool is_open(const Believed *believed, const char *number)
{
  for (size_t i = 0; i < believed_n_pending(believed); i++) {
    const Pending *pending = believed_pending(believed, i);
    if (g_strcmp0(pending->batch, number) == 0)
      return true;
  }
  return false;
}

bool csv_set_tidy(const TargetConfig *config, Believed *believed, GError **error)
{
  const CsvProduct *product = csv_product_of(config);
  g_autoptr(GPtrArray) numbers = csv_sets(believed);
  for (size_t i = 0; i < numbers->len; i++) {
    const char *number = numbers->pdata[i];
    g_autofree char *folder = csv_set_folder(product, number),
                    *mark = g_strconcat("set.", number, NULL);
    CsvSet set;
    if (is_open(believed, number) || !csv_set_get(believed, number, &set))
      continue;
    // It may hold first passwords; and what was settled as failed is planned anew, and must not be imported as well.
    if (!remove_folder(folder, error))
      return false;
    believed_set_mark(believed, mark, NULL);
  }
  return true;
}
