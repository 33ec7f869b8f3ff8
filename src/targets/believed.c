// SPDX-License-Identifier: GPL-3.0-or-later
//
// FOLDER/believed.jsonl holds everything as of the last snapshot, FOLDER/believed.log what came since: while a run
// sends, each commit only appends. Both begin with a generation; a log of an earlier one is in the snapshot already,
// so no moment at which a process is killed can count anything twice.
#include "targets_p.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

#define SNAPSHOT "believed.jsonl"
#define LOG "believed.log"
#define FORMAT 1
#define MAX_BYTES ((size_t)2 << 30)
#define TRIES 3

struct Believed {
  char *folder, *base;
  DitTraits dit;
  bool writes;
  int lock_fd;  // -1: none
  Dit *confirmed;
  Dit *now;          // NULL: to be built
  GPtrArray *items;  // Pending
  uint64_t last_id;
  GHashTable *marks;
  int64_t generation;   // of the snapshot
  size_t log_bytes;     // of its log, without a torn end
  GString *unwritten;   // lines for the log
  bool rewritten;       // more has changed than lines can say: a new snapshot
  const char *reading;  // while loading: the file, and
  size_t line;          // where in it
};

static void free_pending(void *data)
{
  Pending *pending = data;
  request_free(pending->request);
  g_free((char *)pending->batch);
  g_free(pending);
}

void believed_close(Believed *believed)
{
  if (!believed)
    return;
  if (believed->lock_fd >= 0)
    close(believed->lock_fd);
  g_clear_pointer(&believed->confirmed, dit_free);
  g_clear_pointer(&believed->now, dit_free);
  g_ptr_array_unref(believed->items);
  g_hash_table_unref(believed->marks);
  g_string_free(believed->unwritten, true);
  g_free(believed->folder);
  g_free(believed->base);
  g_free(believed);
}

// The base is there whether or not anything was ever told.
static Dit *empty(const Believed *believed)
{
  Dit *dit = dit_new_with(believed->base, &believed->dit);
  Record *base = record_new(believed->base, strlen(believed->base));
  record_add(base, "objectClass", "top", 3);
  if (dit_load(dit, base) != LDAP_SUCCESS)
    record_free(base);
  return dit;
}

static Believed *blank(const char *folder, const BelievedTraits *traits)
{
  Believed *believed = g_new0(Believed, 1);
  believed->folder = g_strdup(folder);
  believed->base = g_strdup(traits->base);
  believed->dit = traits->dit;
  believed->writes = traits->writes;
  believed->lock_fd = -1;
  believed->items = g_ptr_array_new_with_free_func(free_pending);
  believed->marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  believed->unwritten = g_string_new(NULL);
  believed->confirmed = empty(believed);
  return believed;
}

// ---------------------------------------------------------------------------------------------
// Lines: a JSON object each.

static const char *const kind_names[] = {[REQUEST_ADD] = "add",
                                         [REQUEST_MODIFY] = "modify",
                                         [REQUEST_RENAME] = "rename",
                                         [REQUEST_DELETE] = "delete"};
static const char *const mod_names[] = {
    [MOD_ADD] = "add", [MOD_DELETE] = "delete", [MOD_REPLACE] = "replace"};

// Takes the object.
static void write_line(GString *out, json_t *object)
{
  char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(object);
  g_string_append(out, text);
  g_string_append_c(out, '\n');
  free(text);
}

static json_t *head_json(const Believed *believed, int64_t generation)
{
  return json_pack("{s:i, s:I, s:I}", "believed", FORMAT, "generation", (json_int_t)generation,
                   "last", (json_int_t)believed->last_id);
}

static json_t *mark_json(const char *name, const char *text)
{
  return json_pack("{s:s, s:s*}", "mark", name, "text", text);
}

static json_t *values_json(const GArray *values)
{
  json_t *list = json_array();
  for (size_t i = 0; i < values->len; i++) {
    const Bytes *value = &g_array_index(values, Bytes, i);
    json_t *text = json_stringn(value->at, value->n);
    g_autofree char *base64 =
        text ? NULL : g_base64_encode((const unsigned char *)value->at, value->n);
    json_array_append_new(list, text ? text : json_pack("{s:s}", "base64", base64));
  }
  return list;
}

static json_t *entry_json(const Record *record)
{
  json_t *fields = json_object();
  for (size_t i = 0; i < record->fields->len; i++) {
    const Field *field = &g_array_index(record->fields, Field, i);
    json_object_set_new(fields, field->name, values_json(field->values));
  }
  return json_pack("{s:s, s:s, s:o}", "entry", record->dn, "id", record->stable_id, "fields",
                   fields);
}

static json_t *mods_json(const Request *request)
{
  json_t *list = json_array();
  for (size_t i = 0; i < request->mods->len; i++) {
    const Mod *mod = &g_array_index(request->mods, Mod, i);
    json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "kind", mod_names[mod->kind], "name",
                                          mod->attribute, "values", values_json(mod->values)));
  }
  return list;
}

static json_t *numbers_json(const Request *request)
{
  json_t *list = json_array();
  for (size_t i = 0; i < request->numbers->len; i++)
    json_array_append_new(list, json_integer(g_array_index(request->numbers, uint32_t, i)));
  return list;
}

static json_t *pending_json(const Pending *pending)
{
  const Request *request = pending->request;
  return json_pack("{s:I, s:I, s:s*, s:b, s:b, s:b, s:I, s:o, s:s, s:s, s:s*, s:s*, s:s*, s:o}",
                   "sent", (json_int_t)pending->id, "when", (json_int_t)pending->sent, "batch",
                   pending->batch, "done", pending->done, "lasts", pending->lasts, "secret",
                   pending->has_secret, "run", (json_int_t)request->run, "numbers",
                   numbers_json(request), "kind", kind_names[request->kind], "dn", request->dn,
                   "name", request->new_rdn, "parent", request->new_parent, "id",
                   request->stable_id, "mods", mods_json(request));
}

static void write_all(const Believed *believed, int64_t generation, GString *out)
{
  g_autoptr(GPtrArray) all = dit_sorted(believed->confirmed);
  GHashTableIter iter;
  void *name = NULL, *text = NULL;
  write_line(out, head_json(believed, generation));
  g_hash_table_iter_init(&iter, believed->marks);
  while (g_hash_table_iter_next(&iter, &name, &text))
    write_line(out, mark_json(name, text));
  for (size_t i = 0; i < all->len; i++)
    write_line(out, entry_json(all->pdata[i]));
  for (size_t i = 0; i < believed->items->len; i++)
    write_line(out, pending_json(believed->items->pdata[i]));
}

static bool read_values(const json_t *list, GArray *values, GPtrArray *owned)
{
  for (size_t i = 0; i < json_array_size(list); i++) {
    json_t *item = json_array_get(list, i);
    const char *base64 = json_string_value(json_object_get(item, "base64"));
    Bytes value = {json_string_length(item), NULL};
    if (base64)
      value.at = (const char *)g_base64_decode(base64, &value.n);
    else if (json_is_string(item))
      value.at = g_memdup2(json_string_value(item), value.n + 1);
    else
      return false;
    g_ptr_array_add(owned, (void *)value.at);
    g_array_append_val(values, value);
  }
  return json_is_array(list);
}

static bool read_entry(Believed *believed, json_t *line)
{
  const char *dn = NULL, *id = NULL, *name = NULL;
  json_t *fields = NULL, *list = NULL;
  if (json_unpack(line, "{s:s, s:s, s:o}", "entry", &dn, "id", &id, "fields", &fields) != 0)
    return false;
  g_autoptr(Record) record = record_new(dn, strlen(dn));
  record_set_stable_id(record, id, strlen(id));
  json_object_foreach(fields, name, list)
  {
    g_autoptr(GArray) values = g_array_new(false, false, sizeof(Bytes));
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
    if (!read_values(list, values, owned))
      return false;
    for (size_t i = 0; i < values->len; i++)
      record_add(record, name, g_array_index(values, Bytes, i).at,
                 g_array_index(values, Bytes, i).n);
  }
  int code = dit_load(believed->confirmed, record);
  if (code == LDAP_SUCCESS)
    g_steal_pointer(&record);
  // The base stands there already.
  return code == LDAP_SUCCESS ||
         (code == LDAP_ALREADY_EXISTS && dit_count(believed->confirmed) == 1);
}

static bool word_index(const char *word, const char *const *words, size_t n_words, size_t *out)
{
  for (*out = 0; word && *out < n_words; ++*out)
    if (g_str_equal(word, words[*out]))
      return true;
  return false;
}

static bool read_mods(json_t *list, Request *request)
{
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *kind = NULL, *name = NULL;
    json_t *values = NULL;
    size_t which = 0;
    if (json_unpack(json_array_get(list, i), "{s:s, s:s, s:o}", "kind", &kind, "name", &name,
                    "values", &values) != 0 ||
        !word_index(kind, mod_names, G_N_ELEMENTS(mod_names), &which))
      return false;
    Mod *mod = request_add_mod(request, (ModKind)which, g_intern_string(name));
    if (!read_values(values, mod->values, request->owned))
      return false;
  }
  return true;
}

static bool read_pending(Believed *believed, json_t *line)
{
  Pending *pending = g_new0(Pending, 1);
  json_int_t id = 0, when = 0, run = 0;
  const char *batch = NULL, *kind = NULL, *dn = NULL, *name = NULL, *parent = NULL, *stable = NULL;
  json_t *numbers = NULL, *mods = NULL;
  int done = 0, lasts = 0, secret = 0;
  size_t which = 0;
  bool fine =
      json_unpack(line,
                  "{s:I, s:I, s?:s, s:b, s:b, s:b, s:I, s:o, s:s, s:s, s?:s, s?:s, s?:s, s:o}",
                  "sent", &id, "when", &when, "batch", &batch, "done", &done, "lasts", &lasts,
                  "secret", &secret, "run", &run, "numbers", &numbers, "kind", &kind, "dn", &dn,
                  "name", &name, "parent", &parent, "id", &stable, "mods", &mods) == 0 &&
      word_index(kind, kind_names, G_N_ELEMENTS(kind_names), &which);
  Request *request = request_blank((RequestKind)which, dn);
  *pending = (Pending){.id = (uint64_t)id,
                       .sent = when,
                       .request = request,
                       .has_secret = secret,
                       .done = done,
                       .lasts = lasts,
                       .fits = true,
                       .batch = g_strdup(batch)};
  g_ptr_array_add(believed->items, pending);
  believed->last_id = MAX(believed->last_id, pending->id);
  request->run = run;
  request->new_rdn = g_strdup(name);
  request->new_parent = g_strdup(parent);
  request->stable_id = g_strdup(stable);
  for (size_t i = 0; i < json_array_size(numbers); i++) {
    uint32_t n = (uint32_t)json_integer_value(json_array_get(numbers, i));
    g_array_append_val(request->numbers, n);
  }
  return fine && read_mods(mods, request);
}

static bool read_out(Believed *believed, json_t *line)
{
  json_int_t id = 0;
  const char *batch = NULL;
  if (json_unpack(line, "{s:I, s:s}", "out", &id, "batch", &batch) != 0)
    return false;
  for (size_t i = 0; i < believed->items->len; i++) {
    Pending *pending = believed->items->pdata[i];
    if (pending->id != (uint64_t)id)
      continue;
    g_free((char *)pending->batch);
    pending->batch = g_strdup(batch);
    return true;
  }
  return false;
}

static bool read_mark(Believed *believed, json_t *line)
{
  const char *name = NULL, *text = NULL;
  if (json_unpack(line, "{s:s, s?:s}", "mark", &name, "text", &text) != 0)
    return false;
  if (text)
    g_hash_table_replace(believed->marks, g_strdup(name), g_strdup(text));
  else
    g_hash_table_remove(believed->marks, name);
  return true;
}

static const struct {
  const char *key;
  bool (*read)(Believed *believed, json_t *line);
} line_kinds[] = {
    {"entry", read_entry}, {"sent", read_pending}, {"out", read_out}, {"mark", read_mark}};

static bool damaged(const Believed *believed, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("%s/%s, line %zu: damaged. Put back a copy of the folder; what was sent since that "
                "copy is then to be settled by hand"),
              believed->folder, believed->reading, believed->line);
  return false;
}

static bool read_line(Believed *believed, const char *text, size_t n_bytes, GError **error)
{
  json_t *line = json_loadb(text, n_bytes, JSON_REJECT_DUPLICATES, NULL);
  bool fine = false;
  for (size_t i = 0; line && i < G_N_ELEMENTS(line_kinds); i++)
    if (json_object_get(line, line_kinds[i].key)) {
      fine = line_kinds[i].read(believed, line);
      break;
    }
  json_decref(line);
  return fine || damaged(believed, error);
}

// ---------------------------------------------------------------------------------------------
// Loading

// Empty when there is none.
static GBytes *read_file(const Believed *believed, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(believed->folder, name, NULL);
  if (access(path, F_OK) != 0 && errno == ENOENT)
    return g_bytes_new(NULL, 0);
  GBytes *bytes = file_read(path, MAX_BYTES, error);
  if (!bytes && error)
    (*error)->code = EXIT_UNREAD;
  return bytes;
}

// The generation in the first line; -1: there is none, or it is torn. *last: the last number given by then.
static int64_t read_head(GBytes *bytes, uint64_t *last)
{
  size_t n_bytes = 0;
  const char *text = g_bytes_get_data(bytes, &n_bytes);
  const char *end = n_bytes ? memchr(text, '\n', n_bytes) : NULL;
  json_t *head = end ? json_loadb(text, (size_t)(end - text), 0, NULL) : NULL;
  int format = 0;
  json_int_t generation = -1, id = 0;
  if (json_unpack(head, "{s:i, s:I, s:I}", "believed", &format, "generation", &generation, "last",
                  &id) != 0 ||
      format != FORMAT)
    generation = -1;
  *last = (uint64_t)id;
  json_decref(head);
  return generation;
}

// All whole lines but the first. *n_whole: bytes of the whole ones.
static bool read_lines(Believed *believed, GBytes *bytes, size_t *n_whole, GError **error)
{
  size_t n_bytes = 0;
  const char *text = g_bytes_get_data(bytes, &n_bytes), *end = NULL;
  *n_whole = 0;
  for (believed->line = 1;
       *n_whole < n_bytes && (end = memchr(text + *n_whole, '\n', n_bytes - *n_whole));
       believed->line++) {
    size_t n_line = (size_t)(end - text) - *n_whole;
    if (believed->line > 1 && !read_line(believed, text + *n_whole, n_line, error))
      return false;
    *n_whole += n_line + 1;
  }
  return true;
}

static bool read_snapshot(Believed *believed, GBytes *bytes, GError **error)
{
  size_t n_whole = 0;
  believed->reading = SNAPSHOT;
  believed->line = 1;
  if (!g_bytes_get_size(bytes))
    return true;
  believed->generation = read_head(bytes, &believed->last_id);
  return (believed->generation >= 0 || damaged(believed, error)) &&
         read_lines(believed, bytes, &n_whole, error) &&
         (n_whole == g_bytes_get_size(bytes) || damaged(believed, error));
}

static void forget(Believed *believed)
{
  dit_free(believed->confirmed);
  believed->confirmed = empty(believed);
  g_ptr_array_set_size(believed->items, 0);
  g_hash_table_remove_all(believed->marks);
  believed->generation = 0;
  believed->log_bytes = 0;
}

// The log is read first: what a commit in between has moved into the snapshot is then seen there.
static bool load_once(Believed *believed, bool *fits, GError **error)
{
  g_autoptr(GBytes) log = read_file(believed, LOG, error);
  g_autoptr(GBytes) snapshot = log ? read_file(believed, SNAPSHOT, error) : NULL;
  if (!snapshot || !read_snapshot(believed, snapshot, error))
    return false;
  dit_unrooted(believed->confirmed);
  uint64_t last = 0;
  int64_t generation = read_head(log, &last);
  *fits = generation <= believed->generation;
  if (generation != believed->generation)
    return true;
  believed->reading = LOG;
  return read_lines(believed, log, &believed->log_bytes, error);
}

static bool load(Believed *believed, GError **error)
{
  for (int i = 0; i < TRIES; i++) {
    bool fits = false;
    forget(believed);
    if (!load_once(believed, &fits, error))
      return false;
    if (fits)
      return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("%s/%s is older than %s beside it: put both back from one copy"), believed->folder,
              SNAPSHOT, LOG);
  return false;
}

static bool take_folder(Believed *believed, GError **error)
{
  if (!believed->writes)
    return true;
  g_autofree char *lock = g_build_filename(believed->folder, "lock", NULL);
  if (!file_make_dir(believed->folder, 0700, error))
    return false;
  believed->lock_fd = file_lock(lock, error);
  return believed->lock_fd >= 0;
}

Believed *believed_open(const char *folder, const BelievedTraits *traits, GError **error)
{
  g_autoptr(Believed) believed = blank(folder, traits);
  if (!take_folder(believed, error) || !load(believed, error))
    return NULL;
  return g_steal_pointer(&believed);
}

bool believed_is_new(const Believed *believed)
{
  return believed->generation == 0 && believed->log_bytes == 0;
}

const Dit *believed_confirmed(const Believed *believed)
{
  return believed->confirmed;
}

static void execute(const Believed *believed, Pending *pending)
{
  const char *text = NULL;
  const Record *touched = NULL;
  pending->fits = dit_execute(believed->now, pending->request, &text, &touched) == LDAP_SUCCESS;
}

const Dit *believed_now(Believed *believed)
{
  if (believed->now)
    return believed->now;
  believed->now = dit_copy(believed->confirmed);
  for (size_t i = 0; i < believed->items->len; i++)
    execute(believed, believed->items->pdata[i]);
  return believed->now;
}

static void changed(Believed *believed)
{
  g_clear_pointer(&believed->now, dit_free);
  believed->rewritten = true;
}

int believed_execute(Believed *believed, const Request *request, const char **text,
                     const Record **touched)
{
  believed_now(believed);
  bool has_secret = false;
  g_autoptr(Request) copy = request_copy(request, &has_secret);
  int code = dit_execute(believed->now, copy, text, touched);
  if (code != LDAP_SUCCESS)
    return code;
  if (*touched) {
    g_free(copy->stable_id);
    copy->stable_id = g_strdup((*touched)->stable_id);
  }
  Pending *pending = g_new0(Pending, 1);
  *pending = (Pending){.id = ++believed->last_id,
                       .sent = instant_now(),
                       .request = g_steal_pointer(&copy),
                       .has_secret = has_secret,
                       .fits = true};
  g_ptr_array_add(believed->items, pending);
  write_line(believed->unwritten, pending_json(pending));
  return LDAP_SUCCESS;
}

size_t believed_n_pending(const Believed *believed)
{
  return believed->items->len;
}

static Pending *pending_at(const Believed *believed, size_t i)
{
  return believed->items->pdata[i];
}

const Pending *believed_pending(const Believed *believed, size_t i)
{
  return pending_at(believed, i);
}

void believed_set_batch(Believed *believed, size_t i, const char *batch)
{
  Pending *pending = pending_at(believed, i);
  g_free((char *)pending->batch);
  pending->batch = g_strdup(batch);
  write_line(believed->unwritten,
             json_pack("{s:I, s:s}", "out", (json_int_t)pending->id, "batch", batch));
}

// Later requests about it name it by its id.
static void call_anew(Believed *believed, size_t i, const char *stable_id)
{
  Request *made = pending_at(believed, i)->request;
  g_autofree char *before = g_strdup(made->stable_id);
  for (size_t j = i; before && j < believed->items->len; j++) {
    Request *request = pending_at(believed, j)->request;
    if (g_strcmp0(request->stable_id, before) != 0)
      continue;
    g_free(request->stable_id);
    request->stable_id = g_strdup(stable_id);
  }
}

// What was done is confirmed, unless what it builds on is not yet: then it waits for that.
static void fold(Believed *believed)
{
  const char *text = NULL;
  const Record *touched = NULL;
  for (size_t i = 0; i < believed->items->len;) {
    Pending *pending = pending_at(believed, i);
    if (pending->done && !pending->lasts &&
        dit_execute(believed->confirmed, pending->request, &text, &touched) == LDAP_SUCCESS)
      g_ptr_array_remove_index(believed->items, (unsigned)i);
    else
      i++;
  }
}

void believed_settle(Believed *believed, size_t i, const Settling *how)
{
  Pending *pending = pending_at(believed, i);
  if (how->stable_id && pending->request->kind == REQUEST_ADD)
    call_anew(believed, i, how->stable_id);
  changed(believed);
  pending->done = how->done;
  pending->lasts = how->lasts;
  if (!how->done)
    g_ptr_array_remove_index(believed->items, (unsigned)i);
  if (!how->lasts)
    fold(believed);
}

void believed_replace(Believed *believed, Dit *confirmed)
{
  changed(believed);
  dit_free(believed->confirmed);
  believed->confirmed = confirmed;
}

void believed_drop(Believed *believed, size_t i)
{
  changed(believed);
  g_ptr_array_remove_index(believed->items, (unsigned)i);
}

bool believed_release(Believed *believed, size_t i, uint32_t n)
{
  GArray *numbers = pending_at(believed, i)->request->numbers;
  for (unsigned j = 0; j < numbers->len; j++)
    if (g_array_index(numbers, uint32_t, j) == n) {
      g_array_remove_index(numbers, j);
      believed->rewritten = true;
      break;
    }
  return numbers->len == 0;
}

void believed_marks(const Believed *believed, MarkFunc func, void *data)
{
  GHashTableIter iter;
  void *name = NULL, *text = NULL;
  g_hash_table_iter_init(&iter, believed->marks);
  while (g_hash_table_iter_next(&iter, &name, &text))
    func(name, text, data);
}

const char *believed_mark(const Believed *believed, const char *name)
{
  return g_hash_table_lookup(believed->marks, name);
}

void believed_set_mark(Believed *believed, const char *name, const char *text)
{
  if (text)
    g_hash_table_replace(believed->marks, g_strdup(name), g_strdup(text));
  else
    g_hash_table_remove(believed->marks, name);
  write_line(believed->unwritten, mark_json(name, text));
}

// ---------------------------------------------------------------------------------------------
// On the disk

static bool fail(const char *path, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot be written: %s"), path,
              g_strerror(errno));
  return false;
}

static bool write_snapshot(Believed *believed, GError **error)
{
  g_autofree char *path = g_build_filename(believed->folder, SNAPSHOT, NULL);
  g_autofree char *log = g_build_filename(believed->folder, LOG, NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  write_all(believed, believed->generation + 1, text);
  if (!file_write(path, text->str, text->len, 0600, error))
    return false;
  believed->generation++;
  // What stands in it is in the snapshot, and its generation says so until it is gone.
  if (unlink(log) != 0 && errno != ENOENT)
    return fail(log, error);
  believed->log_bytes = 0;
  return file_sync_parent(log, error);
}

static bool append_log(Believed *believed, GError **error)
{
  g_autofree char *path = g_build_filename(believed->folder, LOG, NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(path, error);
  if (!believed->log_bytes)
    write_line(text, head_json(believed, believed->generation));
  g_string_append_len(text, believed->unwritten->str, (gssize)believed->unwritten->len);
  // A torn end is cut off first.
  bool written = ftruncate(fd, (off_t)believed->log_bytes) == 0 &&
                 lseek(fd, (off_t)believed->log_bytes, SEEK_SET) >= 0 &&
                 file_write_all(fd, text->str, text->len) && fsync(fd) == 0;
  bool is_new = !believed->log_bytes;
  if (!written)
    fail(path, error);
  close(fd);
  believed->log_bytes += written ? text->len : 0;
  return written && (!is_new || file_sync_parent(path, error));
}

bool believed_commit(Believed *believed, GError **error)
{
  g_return_val_if_fail(believed->writes, false);
  if (!believed->rewritten && !believed->unwritten->len)
    return true;
  if (!(believed->rewritten ? write_snapshot(believed, error) : append_log(believed, error)))
    return false;
  believed->rewritten = false;
  g_string_truncate(believed->unwritten, 0);
  return true;
}
