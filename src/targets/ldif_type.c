// SPDX-License-Identifier: GPL-3.0-or-later
//
// A file that stands for a whole system. PATH holds the entries; while a writer works, PATH.log holds
// what has been done since, so that a killed process is honest: what was answered is on the disk.
//
//   # idou-log SHA256     the log continues the file with this digest
//   …change records…      each ends with an empty line; a torn last one does not count
//   # compacted SHA256    all of it is in the file with this digest; the log is done with
//
// The digests decide whether a log counts, so no moment of a compaction can apply it twice.
#include "targets_p.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES ((size_t)8 << 30)
#define LOG_HEAD "# idou-log "
#define LOG_END "# compacted "
#define TRIES 3

typedef struct File {
  const TargetConfig *config;
  char *log_path;
  Dit *dit;
  char *digest;        // of PATH as read
  bool logged;         // PATH.log is valid and belongs to it
  size_t log_bytes;    // of it, without a torn end
  int log_fd;          // -1 until something is written
  GString *pending;    // done in memory, not yet on the disk
  GQueue *unanswered;  // Answer, of what is pending
  GQueue *answers;     // Answer
  GHashTable *seen;    // attributes that occur, lower case, as a set
} File;

static void free_answer(void *answer)
{
  answer_clear(answer);
  g_free(answer);
}

static void file_close(void *data)
{
  File *file = data;
  if (!file)
    return;
  if (file->log_fd >= 0)
    close(file->log_fd);
  g_clear_pointer(&file->dit, dit_free);
  g_string_free(file->pending, true);
  g_queue_free_full(file->unanswered, free_answer);
  g_queue_free_full(file->answers, free_answer);
  g_clear_pointer(&file->seen, g_hash_table_unref);
  g_free(file->log_path);
  g_free(file->digest);
  g_free(file);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(File, file_close)

// ---------------------------------------------------------------------------------------------
// Loading

static bool load_entry(LdifChange *change, void *data, GError **error)
{
  File *file = data;
  if (!change->record) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("%s, line %zu: a change; only entries belong here"), file->config->path,
                change->line);
    return false;
  }
  int code = dit_load(file->dit, change->record);
  if (code) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("%s, line %zu: %s: %s"), file->config->path,
                change->line, change->record->dn, ldap_err2string(code));
    return false;
  }
  change->record = NULL;
  return true;
}

static bool load_change(LdifChange *change, void *data, GError **error)
{
  File *file = data;
  const char *text = NULL;
  const Record *touched = NULL;
  int code = change->record ? dit_load(file->dit, change->record)
                            : dit_execute(file->dit, change->request, &text, &touched);
  if (code) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("%s, line %zu: %s. The log is damaged: put back a copy of %s and remove the log"),
                file->log_path, change->line, ldap_err2string(code), file->config->path);
    return false;
  }
  change->record = NULL;
  return true;
}

static GBytes *read_log(const File *file, GError **error)
{
  if (access(file->log_path, F_OK) != 0 && errno == ENOENT)
    return g_bytes_new(NULL, 0);
  return file_read(file->log_path, MAX_BYTES, error);
}

static bool load_content(File *file, GError **error)
{
  g_autoptr(GBytes) bytes = file_read(file->config->path, MAX_BYTES, error);
  if (!bytes) {
    g_prefix_error(error, _("target %s (a file with at least the base entry is needed): "),
                   file->config->name);
    if (error)
      (*error)->code = EXIT_UNREAD;
    return false;
  }
  size_t n_bytes = 0;
  const char *text = g_bytes_get_data(bytes, &n_bytes);
  g_free(file->digest);
  file->digest = file_sha256(text, n_bytes);
  g_clear_pointer(&file->dit, dit_free);
  file->dit = dit_new(file->config->base);
  if (!ldif_parse(text, n_bytes, file->config->path, load_entry, file, error))
    return false;
  const char *unrooted = dit_unrooted(file->dit);
  if (unrooted)
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("%s: the entry above %s is missing"),
                file->config->path, unrooted);
  return !unrooted;
}

// The digest that stands after `mark` at `text`, if it does.
static bool has_digest(const char *text, size_t n_bytes, const char *mark, const char *digest)
{
  g_autofree char *line = g_strdup_printf("%s%s\n", mark, digest);
  return n_bytes >= strlen(line) && memcmp(text, line, strlen(line)) == 0;
}

static bool is_compacted(const char *text, size_t n_bytes, const char *digest)
{
  size_t n_line = strlen(LOG_END) + strlen(digest) + 1;
  return n_bytes > n_line && has_digest(text + n_bytes - n_line, n_line, LOG_END, digest);
}

// Up to the last record that is whole.
static size_t whole_bytes(const char *text, size_t n_bytes)
{
  const char *last = g_strrstr_len(text, (gssize)n_bytes, "\n\n");
  const char *head = memchr(text, '\n', n_bytes);
  return last ? (size_t)(last + 2 - text) : head ? (size_t)(head + 1 - text) : 0;
}

// *fits false: the log belongs to another state of the file.
static bool load_log(File *file, GBytes *log, bool *fits, GError **error)
{
  size_t n_bytes = 0;
  const char *text = g_bytes_get_data(log, &n_bytes);
  file->logged = false;
  *fits = true;
  size_t n_whole = n_bytes ? whole_bytes(text, n_bytes) : 0;
  if (!n_whole || is_compacted(text, n_bytes, file->digest))
    return true;
  *fits = has_digest(text, n_bytes, LOG_HEAD, file->digest);
  if (!*fits)
    return true;
  file->logged = true;
  file->log_bytes = n_whole;
  return ldif_parse(text, n_whole, file->log_path, load_change, file, error);
}

// The log is read before the file: a compaction in between then shows as a log that does not fit.
static bool load(File *file, GError **error)
{
  for (int i = 0; i < TRIES; i++) {
    bool fits = false;
    g_autoptr(GBytes) log = read_log(file, error);
    if (!log || !load_content(file, error) || !load_log(file, log, &fits, error))
      return false;
    if (fits)
      return true;
  }
  g_set_error(
      error, IDOU_ERROR, EXIT_UNREAD,
      _("%s was changed by hand while %s held changes that were not yet in it: put the file "
        "back as it was, or remove the log if they are to be forgotten"),
      file->config->path, file->log_path);
  return false;
}

static File *file_open(const TargetConfig *config, GError **error)
{
  g_autoptr(File) file = g_new0(File, 1);
  file->config = config;
  file->log_path = g_strconcat(config->path, ".log", NULL);
  file->log_fd = -1;
  file->pending = g_string_new(NULL);
  file->unanswered = g_queue_new();
  file->answers = g_queue_new();
  return load(file, error) ? g_steal_pointer(&file) : NULL;
}

// ---------------------------------------------------------------------------------------------
// Reading

static void *reader_open_file(const TargetConfig *config, GError **error)
{
  return file_open(config, error);
}

static bool fingerprint(void *data, GString *out, GError **error)
{
  File *file = data;
  const Record *base = dit_at_dn(file->dit, file->config->base);
  if (!base) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("%s: the base entry %s is missing"),
                file->config->path, file->config->base);
    return false;
  }
  g_string_append_printf(out, "entryUUID=%s suffix=%s", base->stable_id, file->config->base);
  return true;
}

static void note_attributes(File *file)
{
  file->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) all = dit_sorted(file->dit);
  for (size_t i = 0; i < all->len; i++) {
    const Record *record = all->pdata[i];
    for (size_t j = 0; j < record->fields->len; j++) {
      char *name = g_ascii_strdown(g_array_index(record->fields, Field, j).name, -1);
      g_hash_table_add(file->seen, name);
    }
  }
}

// What the table of rules does not list but the file holds compares as text.
static bool describe(File *file, Schema *schema)
{
  if (!file->seen)
    note_attributes(file);
  for (size_t id = 0; id < schema_count(schema); id++) {
    Attr *attr = schema_at(schema, (AttrId)id);
    g_autofree char *lower = g_ascii_strdown(attr->name, -1);
    if (!rules_attr(attr->name, attr))
      attr->known = g_hash_table_contains(file->seen, lower);
  }
  return true;
}

static bool reader_schema_file(void *data, Schema *schema, GPtrArray *classes, GError **error)
{
  (void)error;
  if (classes)
    rules_classes(classes);
  return describe(data, schema);
}

static bool writer_schema_file(void *data, Schema *schema, GError **error)
{
  (void)error;
  return describe(data, schema);
}

static bool reader_read_file(void *data, const Scope *scope, const Schema *schema,
                             ObservedFunc func, void *func_data, size_t *n_entries, GError **error)
{
  const File *file = data;
  DitReading reading = {file->config, scope, schema, func, func_data};
  return dit_read(file->dit, &reading, n_entries, error);
}

// ---------------------------------------------------------------------------------------------
// Writing

static void *writer_open_file(const TargetConfig *config, GError **error)
{
  File *file = file_open(config, error);
  if (!file && error && *error)
    (*error)->code = EXIT_FAILED;
  return file;
}

static bool writer_send_file(void *data, const Request *request, uint64_t token, GError **error)
{
  (void)error;
  File *file = data;
  const char *text = NULL;
  const Record *touched = NULL;
  Answer *answer = g_new0(Answer, 1);
  answer->token = token;
  answer->code = dit_execute(file->dit, request, &text, &touched);
  answer->text = g_strdup(text);
  if (touched) {
    answer->stable_id = g_strdup(touched->stable_id);
    ldif_write_added(file->pending, touched);
  } else if (answer->code == LDAP_SUCCESS) {
    ldif_write_request(file->pending, request);
  }
  g_queue_push_tail(file->unanswered, answer);
  return true;
}

static bool fail(const char *path, const char *what, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: %s: %s"), path, what, g_strerror(errno));
  return false;
}

static bool write_fully(int fd, const char *bytes, size_t n_bytes)
{
  while (n_bytes) {
    ssize_t n = write(fd, bytes, n_bytes);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    bytes += n;
    n_bytes -= (size_t)n;
  }
  return true;
}

// Opens the log at its end, a torn one cut off; makes it if there is none.
static bool open_log(File *file, GError **error)
{
  if (file->log_fd >= 0)
    return true;
  int fd = open(file->log_path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(file->log_path, _("cannot be opened"), error);
  file->log_fd = fd;
  g_autofree char *head = g_strdup_printf(LOG_HEAD "%s\n", file->digest);
  off_t size = file->logged ? (off_t)file->log_bytes : 0;
  if (ftruncate(fd, size) || lseek(fd, size, SEEK_SET) < 0 ||
      (!file->logged && !write_fully(fd, head, strlen(head))))
    return fail(file->log_path, _("cannot be written"), error);
  file->logged = true;
  return file_sync_parent(file->log_path, error);
}

// Nothing is answered before it is on the disk.
static bool flush(File *file, GError **error)
{
  if (!file->pending->len)
    return true;
  if (!open_log(file, error))
    return false;
  if (!write_fully(file->log_fd, file->pending->str, file->pending->len) ||
      fsync(file->log_fd) != 0)
    return fail(file->log_path, _("cannot be written"), error);
  g_string_truncate(file->pending, 0);
  return true;
}

static bool writer_receive_file(void *data, int timeout_ms, Answer *out, bool *got, GError **error)
{
  File *file = data;
  (void)timeout_ms;
  (void)error;
  *got = false;
  if (g_queue_is_empty(file->answers) && !g_queue_is_empty(file->unanswered)) {
    g_autoptr(GError) failure = NULL;
    bool written = flush(file, &failure);
    Answer *answer = NULL;
    while ((answer = g_queue_pop_head(file->unanswered))) {
      answer->lost = !written;
      g_queue_push_tail(file->answers, answer);
    }
    if (failure)
      log_note(LOG_NORMAL, "%s", failure->message);
  }
  g_autofree Answer *answer = g_queue_pop_head(file->answers);
  if (answer) {
    *out = *answer;
    *got = true;
  }
  return true;
}

static void writer_forget_file(void *data, uint64_t token)
{
  (void)data;
  (void)token;
}

// What is in memory only never was: back to what the disk holds.
static bool writer_reconnect_file(void *data, GError **error)
{
  File *file = data;
  if (file->log_fd >= 0)
    close(file->log_fd);
  file->log_fd = -1;
  g_string_truncate(file->pending, 0);
  g_queue_clear_full(file->unanswered, free_answer);
  return load(file, error);
}

static bool writer_fetch_file(void *data, const char *dn, const char *stable_id,
                              const char *attribute, Record **out, GError **error)
{
  File *file = data;
  (void)error;
  (void)attribute;
  const Record *record = stable_id ? dit_with_id(file->dit, stable_id) : dit_at_dn(file->dit, dn);
  *out = record ? record_copy(record) : NULL;
  return true;
}

static bool writer_compare_file(void *data, const char *dn, const char *attribute,
                                const char *value, bool *out, GError **error)
{
  File *file = data;
  (void)error;
  const Record *record = dit_at_dn(file->dit, dn);
  *out = record && dit_has_value(file->dit, record, attribute, value);
  return true;
}

static bool compact(File *file, GError **error)
{
  g_autoptr(GString) text = g_string_new("version: 1\n\n");
  g_autoptr(GPtrArray) all = dit_sorted(file->dit);
  for (size_t i = 0; i < all->len; i++)
    ldif_write_record(text, all->pdata[i]);
  g_autofree char *digest = file_sha256(text->str, text->len);
  g_autofree char *end = g_strdup_printf(LOG_END "%s\n", digest);
  if (!write_fully(file->log_fd, end, strlen(end)) || fsync(file->log_fd) != 0)
    return fail(file->log_path, _("cannot be written"), error);
  struct stat status;
  int mode = stat(file->config->path, &status) == 0 ? (int)(status.st_mode & 0777) : 0600;
  if (!file_write(file->config->path, text->str, text->len, mode, error))
    return false;
  if (unlink(file->log_path) != 0)
    return fail(file->log_path, _("cannot be removed"), error);
  close(file->log_fd);
  file->log_fd = -1;
  file->logged = false;
  g_free(file->digest);
  file->digest = g_steal_pointer(&digest);
  return file_sync_parent(file->config->path, error);
}

static bool writer_finish_file(void *data, GError **error)
{
  File *file = data;
  if (!flush(file, error))
    return false;
  if (!file->logged)
    return true;
  return open_log(file, error) && compact(file, error);
}

const TargetType ldif_type = {
    .name = "ldif",
    .reader_open = reader_open_file,
    .reader_close = file_close,
    .reader_fingerprint = fingerprint,
    .reader_schema = reader_schema_file,
    .reader_read = reader_read_file,
    .writer_open = writer_open_file,
    .writer_close = file_close,
    .writer_fingerprint = fingerprint,
    .writer_schema = writer_schema_file,
    .writer_send = writer_send_file,
    .writer_receive = writer_receive_file,
    .writer_forget = writer_forget_file,
    .writer_reconnect = writer_reconnect_file,
    .writer_fetch = writer_fetch_file,
    .writer_compare = writer_compare_file,
    .writer_finish = writer_finish_file,
};
