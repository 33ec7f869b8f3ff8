// SPDX-License-Identifier: GPL-3.0-or-later
//
// The first line says whose book it is; every other one is a step: what is confirmed of entries, which are gone,
// how tasks stand. Later lines win. A last line without an end was being written when the process was killed: it
// was told to nobody, and does not count.
#include "task_p.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 1
#define MAX_BYTES ((size_t)1 << 30)
#define KEPT_DAYS 400  // tasks that are over; longer than any list shows them

struct TaskBook {
  const TargetConfig *config;
  const TaskConfig *own;
  int lock_fd;     // -1: to read only
  int fd;          // -1 until something is written
  size_t n_whole;  // bytes of whole lines on disk
  char *id;
  GHashTable *confirmed;   // stable id -> Record, of which it is the key
  GPtrArray *tasks;        // Task
  GHashTable *by_number;   // "RUN-N" -> Task
  GHashTable *live;        // stable id (the task's) -> Task
  GString *pending;        // not on disk yet
  json_t *entries, *gone;  // of the step at hand
};

// ---------------------------------------------------------------------------------------------
// In memory

static void clear(TaskBook *book)
{
  g_hash_table_remove_all(book->live);
  g_hash_table_remove_all(book->by_number);
  g_hash_table_remove_all(book->confirmed);
  g_ptr_array_set_size(book->tasks, 0);
  json_array_clear(book->entries);
  json_array_clear(book->gone);
  g_string_truncate(book->pending, 0);
  g_clear_pointer(&book->id, g_free);
  book->n_whole = 0;
}

static TaskBook *book_new(const TargetConfig *config)
{
  TaskBook *book = g_new0(TaskBook, 1);
  book->config = config;
  book->own = task_config_of(config);
  book->lock_fd = book->fd = -1;
  book->confirmed =
      g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)record_free);
  book->tasks = g_ptr_array_new_with_free_func(task_free);
  book->by_number = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  book->live = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  book->pending = g_string_new(NULL);
  book->entries = json_array();
  book->gone = json_array();
  return book;
}

void task_book_close(TaskBook *book)
{
  if (!book)
    return;
  clear(book);
  if (book->fd >= 0)
    close(book->fd);
  if (book->lock_fd >= 0)
    close(book->lock_fd);
  g_hash_table_unref(book->live);
  g_hash_table_unref(book->by_number);
  g_hash_table_unref(book->confirmed);
  g_ptr_array_unref(book->tasks);
  g_string_free(book->pending, true);
  json_decref(book->entries);
  json_decref(book->gone);
  g_free(book);
}

const char *task_book_id(const TaskBook *book)
{
  return book->id;
}

const GPtrArray *task_book_tasks(const TaskBook *book)
{
  return book->tasks;
}

static char *number_key(int64_t run, uint32_t n)
{
  return g_strdup_printf("%" G_GINT64_FORMAT "-%u", run, n);
}

Task *task_book_find(const TaskBook *book, int64_t run, uint32_t n)
{
  g_autofree char *key = number_key(run, n);
  return g_hash_table_lookup(book->by_number, key);
}

Task *task_book_live(const TaskBook *book, const char *id)
{
  return g_hash_table_lookup(book->live, id);
}

// Which tasks are alive follows from their states.
static void note_live(TaskBook *book, Task *task)
{
  if (task_is_live(task))
    g_hash_table_replace(book->live, g_strdup(task_id(task)), task);
  else if (g_hash_table_lookup(book->live, task_id(task)) == task)
    g_hash_table_remove(book->live, task_id(task));
}

static void note_numbers(TaskBook *book, Task *task)
{
  for (size_t i = 0; i < task->numbers->len; i++)
    g_hash_table_replace(book->by_number,
                         number_key(task->run, g_array_index(task->numbers, uint32_t, i)), task);
}

void task_book_add(TaskBook *book, Task *task)
{
  g_ptr_array_add(book->tasks, task);
  note_numbers(book, task);
}

static void set_confirmed(TaskBook *book, const char *id, const Record *record)
{
  if (record) {
    Record *copy = record_copy(record);
    g_hash_table_replace(book->confirmed, copy->stable_id, copy);
  } else {
    g_hash_table_remove(book->confirmed, id);
  }
}

// ---------------------------------------------------------------------------------------------
// Steps

void task_book_confirm(TaskBook *book, const char *id, const Record *record)
{
  if (record)
    json_array_append_new(book->entries, task_json_record(record));
  else
    json_array_append_new(book->gone, json_string(id));
  set_confirmed(book, id, record);
}

static void put_line(GString *out, json_t *line)
{
  char *text = json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS);
  g_string_append(out, text);
  g_string_append_c(out, '\n');
  free(text);
  json_decref(line);
}

void task_book_step(TaskBook *book, Task *const *tasks, size_t n_tasks)
{
  json_t *line = json_object(), *list = json_array();
  for (size_t i = 0; i < n_tasks; i++) {
    note_live(book, tasks[i]);
    note_numbers(book, tasks[i]);
    json_array_append_new(list, task_json(tasks[i]));
  }
  json_object_set_new(line, "tasks", list);
  json_object_set_new(line, "entries", book->entries);
  json_object_set_new(line, "gone", book->gone);
  book->entries = json_array();
  book->gone = json_array();
  put_line(book->pending, line);
}

static json_t *head_of(const TargetConfig *config, const char *id)
{
  return json_pack("{s:i, s:s, s:s}", "book", FORMAT, "target", config->name, "id", id);
}

// ---------------------------------------------------------------------------------------------
// Reading

// The newest state of a task takes the place of the older one, so that pointers stay.
static void take_task(TaskBook *book, Task *task)
{
  Task *known = task_book_find(book, task->run, task_n(task));
  if (!known) {
    task_book_add(book, task);
    note_live(book, task);
    return;
  }
  if (g_hash_table_lookup(book->live, task_id(known)) == known)
    g_hash_table_remove(book->live, task_id(known));
  Task older = *known;
  *known = *task;
  *task = older;
  task_free(task);
  note_live(book, known);
  note_numbers(book, known);
}

static bool take_step(TaskBook *book, const json_t *line)
{
  size_t i = 0;
  const json_t *item = NULL;
  json_array_foreach(json_object_get(line, "entries"), i, item)
  {
    g_autoptr(Record) record = task_json_read_record(item);
    if (!record)
      return false;
    set_confirmed(book, record->stable_id, record);
  }
  json_array_foreach(json_object_get(line, "gone"), i, item) if (json_is_string(item))
      set_confirmed(book, json_string_value(item), NULL);
  json_array_foreach(json_object_get(line, "tasks"), i, item)
  {
    Task *task = task_json_read(item);
    if (!task)
      return false;
    take_task(book, task);
  }
  return json_is_object(line);
}

static bool take_head(TaskBook *book, const json_t *line)
{
  const char *id = json_string_value(json_object_get(line, "id"));
  const char *target = json_string_value(json_object_get(line, "target"));
  if (json_integer_value(json_object_get(line, "book")) != FORMAT || !id ||
      g_strcmp0(target, book->config->name) != 0)
    return false;
  book->id = g_strdup(id);
  return true;
}

static bool take_lines(TaskBook *book, const char *text, size_t n_bytes, GError **error)
{
  size_t n_line = 0;
  for (const char *at = text, *end = NULL; (end = memchr(at, '\n', n_bytes - (size_t)(at - text)));
       at = end + 1) {
    n_line++;
    json_t *line = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES, NULL);
    bool fine = line && (book->id ? take_step(book, line) : take_head(book, line));
    json_decref(line);
    if (!fine) {
      g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                  _("%s, line %zu: not a line of the book of target %s: put back the last copy of "
                    "the file that was saved"),
                  book->own->book, n_line, book->config->name);
      return false;
    }
    book->n_whole = (size_t)(end + 1 - text);
  }
  if (!book->id)
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("%s: the file is empty"), book->own->book);
  return book->id != NULL;
}

bool task_book_reload(TaskBook *book, GError **error)
{
  clear(book);
  if (book->fd >= 0)
    close(book->fd);
  book->fd = -1;
  if (access(book->own->book, F_OK) != 0 && errno == ENOENT) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("target %s: there is no %s, where what people confirmed is kept. For a new "
                  "target, `idou tasks begin %s` makes it; else put the saved copy back"),
                book->config->name, book->own->book, book->config->name);
    return false;
  }
  g_autoptr(GBytes) bytes = file_read(book->own->book, MAX_BYTES, error);
  if (!bytes) {
    if (error && *error)
      (*error)->code = EXIT_UNREAD;
    return false;
  }
  size_t n_bytes = 0;
  const char *text = g_bytes_get_data(bytes, &n_bytes);
  return take_lines(book, text, n_bytes, error);
}

static int lock(const TaskConfig *own, GError **error)
{
  g_autofree char *path = g_build_filename(own->state, "lock", NULL);
  return file_lock(path, error);
}

TaskBook *task_book_open(const TargetConfig *config, bool writes, GError **error)
{
  g_autoptr(TaskBook) book = book_new(config);
  bool there = access(book->own->book, F_OK) == 0;
  if (writes && there && (book->lock_fd = lock(book->own, error)) < 0) {
    g_prefix_error(error, _("target %s: somebody else writes to it, a run or a command: "),
                   config->name);
    return NULL;
  }
  return task_book_reload(book, error) ? g_steal_pointer(&book) : NULL;
}

static bool make_folders(const TaskConfig *own, GError **error)
{
  g_autofree char *taken = g_build_filename(own->in, "taken", NULL);
  const char *const folders[] = {own->path, own->state, own->out, own->in, taken};
  for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
    if (!file_make_dir(folders[i], 0700, error))
      return false;
  return true;
}

bool task_book_make(const TargetConfig *config, GError **error)
{
  const TaskConfig *own = task_config_of(config);
  if (!make_folders(own, error))
    return false;
  int fd = lock(own, error);
  if (fd < 0)
    return false;
  unsigned char bytes[16];
  char id[2 * sizeof bytes + 1];
  randombytes_buf(bytes, sizeof bytes);
  sodium_bin2hex(id, sizeof id, bytes, sizeof bytes);
  g_autoptr(GString) text = g_string_new(NULL);
  put_line(text, head_of(config, id));
  bool is_new = access(own->book, F_OK) != 0;
  if (!is_new)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("target %s has its book already: %s"),
                config->name, own->book);
  bool made = is_new && file_write(own->book, text->str, text->len, 0600, error);
  close(fd);
  return made;
}

// ---------------------------------------------------------------------------------------------
// What a plan sees

static bool rules(const char *name, Attr *attr, const void *data)
{
  (void)data;
  rules_attr(name, attr);
  attr->known = true;
  return true;
}

static bool load(Dit *dit, const TaskBook *book, Record *record, GError **error)
{
  g_autofree char *dn = g_strdup(record->dn);
  int code = dit_load(dit, record);
  if (code) {
    record_free(record);
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("%s: %s: %s"), book->own->book, dn,
                ldap_err2string(code));
  }
  return code == LDAP_SUCCESS;
}

static Record *container(const char *dn, const char *id)
{
  Record *record = record_new(dn, strlen(dn));
  record_add(record, "objectClass", "top", strlen("top"));
  if (id)
    record_set_stable_id(record, id, strlen(id));
  return record;
}

static bool load_frame(Dit *dit, const TaskBook *book, GError **error)
{
  const char *base = book->config->base;
  if (!load(dit, book, container(base, book->id), error))
    return false;
  for (size_t i = 0; i < book->own->lists->len; i++) {
    const TaskList *list = book->own->lists->pdata[i];
    g_autofree char *dn = g_strdup_printf("list=%s,%s", list->word, base);
    if (!load(dit, book, container(dn, NULL), error))
      return false;
  }
  return true;
}

static bool load_entries(Dit *dit, const TaskBook *book, GError **error)
{
  GHashTableIter iter;
  const Record *record = NULL;
  const Task *task = NULL;
  g_hash_table_iter_init(&iter, book->confirmed);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&record))
    if (!g_hash_table_contains(book->live, record->stable_id) &&
        !load(dit, book, record_copy(record), error))
      return false;
  g_hash_table_iter_init(&iter, book->live);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&task))
    if (task->after && !load(dit, book, record_copy(task->after), error))
      return false;
  return true;
}

Dit *task_book_now(const TaskBook *book, GError **error)
{
  static const DitTraits traits = {.rules = rules, .names_follow = true};
  g_autoptr(Dit) dit = dit_new_with(book->config->base, &traits);
  if (!load_frame(dit, book, error) || !load_entries(dit, book, error))
    return NULL;
  const char *unrooted = dit_unrooted(dit);
  if (unrooted) {
    g_set_error(
        error, IDOU_ERROR, EXIT_UNREAD,
        _("target %s: %s lies in no list: put its list back into the settings, or move what "
          "is in it to another one before"),
        book->config->name, unrooted);
    return NULL;
  }
  return g_steal_pointer(&dit);
}

// ---------------------------------------------------------------------------------------------
// Writing

static bool fail(const TaskBook *book, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot be written: %s"), book->own->book,
              g_strerror(errno));
  return false;
}

// A line that was cut off is cut away first.
static bool open_end(TaskBook *book, GError **error)
{
  if (book->fd >= 0)
    return true;
  book->fd = open(book->own->book, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (book->fd < 0 || ftruncate(book->fd, (off_t)book->n_whole) != 0 ||
      lseek(book->fd, (off_t)book->n_whole, SEEK_SET) < 0)
    return fail(book, error);
  return true;
}

bool task_book_flush(TaskBook *book, GError **error)
{
  if (!book->pending->len)
    return true;
  if (!open_end(book, error))
    return false;
  // Nobody is told of a step before it is on the disk.
  if (!file_write_all(book->fd, book->pending->str, book->pending->len) || fsync(book->fd) != 0)
    return fail(book, error);
  book->n_whole += book->pending->len;
  g_string_truncate(book->pending, 0);
  return true;
}

static bool is_kept(const Task *task, Date today)
{
  return task_is_live(task) || !task->told || task->changed > today - KEPT_DAYS;
}

static int by_id(const void *a, const void *b)
{
  const Record *const *x = a, *const *y = b;
  return strcmp((*x)->stable_id, (*y)->stable_id);
}

static void put_entries(const TaskBook *book, GString *out)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  GHashTableIter iter;
  void *record = NULL;
  g_hash_table_iter_init(&iter, book->confirmed);
  while (g_hash_table_iter_next(&iter, NULL, &record))
    g_ptr_array_add(all, record);
  g_ptr_array_sort(all, by_id);
  for (size_t i = 0; i < all->len; i++)
    put_line(out, json_pack("{s:[o]}", "entries", task_json_record(all->pdata[i])));
}

bool task_book_compact(TaskBook *book, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  Date today = date_of_instant(instant_now());
  if (!task_book_flush(book, error))
    return false;
  put_line(text, head_of(book->config, book->id));
  put_entries(book, text);
  for (size_t i = 0; i < book->tasks->len; i++)
    if (is_kept(book->tasks->pdata[i], today))
      put_line(text, json_pack("{s:[o]}", "tasks", task_json(book->tasks->pdata[i])));
  if (!file_write(book->own->book, text->str, text->len, 0600, error))
    return false;
  if (book->fd >= 0)
    close(book->fd);
  book->fd = -1;
  book->n_whole = text->len;
  return true;
}
