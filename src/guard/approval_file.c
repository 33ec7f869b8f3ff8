// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// PLAN.approval: {"format":2,"approvals":[…]}. Format 1, one approval alone in an object of its own, is read, too.
// What is signed is the entry itself in one canonical form, so an unknown field is a fault: it would be signed by nobody.

#define FORMAT 2
#define FILE_MAX_BYTES (1024 * 1024)
#define LOCK_TRIES 200
#define LOCK_WAIT_US 50000
#define TEMPORARY_CHARS 6  // file_write: PLAN.approval.XXXXXX

char *approvals_path(const char *plan_path)
{
  return g_strconcat(plan_path, ".approval", NULL);
}

// ---------------------------------------------------------------------------------------------
// Fields.

typedef enum Need { ALWAYS, FORMAT_2, MAY } Need;

static const struct {
  const char *name;
  size_t at;  // of a char * in Approval
  Need need;
} TEXTS[] = {
    {"kind", offsetof(Approval, kind), FORMAT_2},
    {"digest", offsetof(Approval, digest), ALWAYS},
    {"who", offsetof(Approval, who), ALWAYS},
    {"ref", offsetof(Approval, ref), MAY},
    {"reason", offsetof(Approval, reason), ALWAYS},
    {"user", offsetof(Approval, user), MAY},
    {"only", offsetof(Approval, only), MAY},
    {"except", offsetof(Approval, except), MAY},
    {"key", offsetof(Approval, key), MAY},
    {"signature", offsetof(Approval, signature), MAY},
};

static const struct {
  const char *name;
  size_t at;  // of an Instant in Approval
  Need need;
} INSTANTS[] = {
    {"given", offsetof(Approval, given), MAY},
    {"not_before", offsetof(Approval, not_before), MAY},
    {"expires", offsetof(Approval, expires), ALWAYS},
};

static char **text_of(const Approval *approval, size_t i)
{
  return (char **)(void *)((char *)approval + TEXTS[i].at);
}

static Instant *instant_of(const Approval *approval, size_t i)
{
  return (Instant *)(void *)((char *)approval + INSTANTS[i].at);
}

// ---------------------------------------------------------------------------------------------
// Writing.

static json_t *put(const Approval *approval)
{
  json_t *object = json_object(), *allows = json_array();
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
    if (*text_of(approval, i))
      json_object_set_new(object, TEXTS[i].name, json_string(*text_of(approval, i)));
  for (size_t i = 0; i < G_N_ELEMENTS(INSTANTS); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    instant_format(*instant_of(approval, i), text);
    if (*instant_of(approval, i) != INSTANT_NONE)
      json_object_set_new(object, INSTANTS[i].name, json_string(text->str));
  }
  for (char **class = approval->allows; *class; class ++)
    json_array_append_new(allows, json_string(*class));
  json_object_set_new(object, "allows", allows);
  return object;
}

char *approval_canonical(const Approval *approval)
{
  json_t *object = put(approval);
  json_object_del(object, "signature");
  char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
  char *copy = g_strdup(text);
  free(text);
  json_decref(object);
  return copy;
}

static bool write_all(const char *path, const Approvals *approvals, GError **error)
{
  json_t *object = json_object(), *list = json_array();
  json_object_set_new(object, "format", json_integer(FORMAT));
  for (guint i = 0; i < approvals->list->len; i++)
    json_array_append_new(list, put(g_ptr_array_index(approvals->list, i)));
  json_object_set_new(object, "approvals", list);
  char *text = json_dumps(object, JSON_INDENT(2));
  g_autofree char *line = g_strconcat(text, "\n", NULL);
  bool written = file_write(path, line, strlen(line), 0600, error);
  free(text);
  json_decref(object);
  return written;
}

// ---------------------------------------------------------------------------------------------
// Reading. Each gives the field at fault; NULL when all is well.

static bool is_needed(Need need, bool first_format)
{
  return need == ALWAYS || (need == FORMAT_2 && !first_format);
}

static const char *take_texts(const json_t *object, bool first_format, Approval *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
    const json_t *value = json_object_get(object, TEXTS[i].name);
    const char *text = json_string_value(value);
    if (value ? !text || !*text : is_needed(TEXTS[i].need, first_format))
      return TEXTS[i].name;
    *text_of(out, i) = g_strdup(text);
  }
  if (!out->kind)
    out->kind = g_strdup(APPROVAL_GIVEN);
  bool known = strcmp(out->kind, APPROVAL_GIVEN) == 0 || strcmp(out->kind, APPROVAL_OVERRIDE) == 0;
  return known ? NULL : "kind";
}

static const char *take_instants(const json_t *object, bool first_format, Approval *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(INSTANTS); i++) {
    const json_t *value = json_object_get(object, INSTANTS[i].name);
    const char *text = json_string_value(value);
    *instant_of(out, i) = INSTANT_NONE;
    if (value ? !text || !instant_parse(text, instant_of(out, i))
              : is_needed(INSTANTS[i].need, first_format))
      return INSTANTS[i].name;
  }
  return NULL;
}

static const char *take_allows(const json_t *object, Approval *out)
{
  const json_t *array = json_object_get(object, "allows");
  g_autoptr(GStrvBuilder) classes = g_strv_builder_new();
  for (size_t i = 0; i < json_array_size(array); i++) {
    const char *class = json_string_value(json_array_get(array, i));
    if (!class)
      return "allows";
    g_strv_builder_add(classes, class);
  }
  out->allows = g_strv_builder_end(classes);
  return out->allows[0] ? NULL : "allows";
}

static const char *find_unknown(json_t *object)
{
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value)
  {
    bool known = strcmp(key, "allows") == 0 || strcmp(key, "format") == 0;
    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
      known = known || strcmp(key, TEXTS[i].name) == 0;
    for (size_t i = 0; i < G_N_ELEMENTS(INSTANTS); i++)
      known = known || strcmp(key, INSTANTS[i].name) == 0;
    if (!known)
      return key;
  }
  return NULL;
}

static const char *take_entry(json_t *object, bool first_format, Approvals *out)
{
  g_autoptr(Approval) approval = g_new0(Approval, 1);
  const char *field = json_is_object(object) ? NULL : "approvals";
  field = field ? field : find_unknown(object);
  field = field ? field : take_texts(object, first_format, approval);
  field = field ? field : take_instants(object, first_format, approval);
  field = field ? field : take_allows(object, approval);
  if (!field)
    approvals_take(out, g_steal_pointer(&approval));
  return field;
}

static const char *take(json_t *object, Approvals *out)
{
  json_int_t format = json_integer_value(json_object_get(object, "format"));
  json_t *list = json_object_get(object, "approvals");
  if (format == 1)
    return take_entry(object, true, out);
  if (format != FORMAT)
    return "format";
  const char *field = json_is_array(list) && json_object_size(object) == 2 ? NULL : "approvals";
  for (size_t i = 0; !field && i < json_array_size(list); i++)
    field = take_entry(json_array_get(list, i), false, out);
  return field;
}

Approvals *approvals_read(const char *path, GError **error)
{
  g_autoptr(GBytes) file = file_read(path, FILE_MAX_BYTES, error);
  if (!file)
    return NULL;
  size_t n_bytes;
  const char *bytes = g_bytes_get_data(file, &n_bytes);
  json_error_t fault;
  json_t *object = json_loadb(bytes ? bytes : "", n_bytes, JSON_REJECT_DUPLICATES, &fault);
  if (!object) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s:%d: not JSON: %s"), path, fault.line,
                fault.text);
    return NULL;
  }
  g_autoptr(Approvals) approvals = approvals_new();
  approvals->path = g_strdup(path);
  g_autofree char *field = g_strdup(take(object, approvals));
  json_decref(object);
  if (!field)
    return g_steal_pointer(&approvals);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("%s: “%s” is missing, unknown or malformed in the approval"), path, field);
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// Changing. The lock's file goes with the lock; who waited for it finds its name gone, or another's, and begins again.

static bool is_at(int fd, const char *path)
{
  struct stat held, named;
  return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_dev == named.st_dev &&
         held.st_ino == named.st_ino;
}

static int lock(const char *path, GError **error)
{
  for (int i = 0;; i++) {
    g_autoptr(GError) fault = NULL;
    int fd = file_lock(path, &fault);
    if (fd >= 0 && is_at(fd, path))
      return fd;
    if (fd >= 0)
      close(fd);
    bool waits = !fault || fault->code == EXIT_LOCKED;
    if (!waits || i == LOCK_TRIES) {
      if (fault)
        g_propagate_error(error, g_steal_pointer(&fault));
      else
        g_set_error(error, IDOU_ERROR, EXIT_LOCKED, _("%s: others are at it all the time"), path);
      return -1;
    }
    g_usleep(LOCK_WAIT_US);
  }
}

// What somebody who was killed while writing left. Under the lock nobody else writes.
static void sweep(const char *path)
{
  g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  size_t n = strlen(name);
  for (const char *file; dir && (file = g_dir_read_name(dir));) {
    g_autofree char *left = g_build_filename(folder, file, NULL);
    if (strncmp(file, name, n) == 0 && file[n] == '.' && strlen(file + n + 1) == TEMPORARY_CHARS)
      unlink(left);
  }
}

static Approvals *read_or_none(const char *path, GError **error)
{
  struct stat status;
  return lstat(path, &status) != 0 && errno == ENOENT ? approvals_new()
                                                      : approvals_read(path, error);
}

typedef struct Change {
  const Approval *add;       // NULL = only take away
  const char *digest, *who;  // of whom
  const char *kind;          // NULL = any
  size_t n;                  // taken away
} Change;

static bool is_taken(const Approval *approval, const Change *change)
{
  return strcmp(approval->digest, change->digest) == 0 && approval_is_of(approval, change->who) &&
         (!change->kind || strcmp(approval->kind, change->kind) == 0);
}

static bool rewrite(const char *path, const Approvals *old, Change *change, GError **error)
{
  g_autoptr(Approvals) new = approvals_new();
  for (guint i = 0; i < old->list->len; i++) {
    const Approval *approval = g_ptr_array_index(old->list, i);
    bool taken = is_taken(approval, change);
    change->n += taken;
    // One about another plan that had the same name counts for nothing.
    if (!taken && strcmp(approval->digest, change->digest) == 0)
      approvals_take(new, approval_copy(approval));
  }
  if (change->add)
    approvals_take(new, approval_copy(change->add));
  else if (change->n == 0)
    return true;
  if (new->list->len > 0)
    return write_all(path, new, error);
  if (unlink(path) == 0)
    return file_sync_parent(path, error);
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, "%s: %s", path, g_strerror(errno));
  return false;
}

static bool change_file(const char *path, Change *change, GError **error)
{
  g_autofree char *lock_path = g_strconcat(path, ".lock", NULL);
  int fd = lock(lock_path, error);
  if (fd < 0)
    return false;
  sweep(path);
  g_autoptr(Approvals) old = read_or_none(path, error);
  bool changed = old && rewrite(path, old, change, error);
  unlink(lock_path);
  close(fd);
  return changed;
}

bool approvals_add(const char *path, const Approval *approval, GError **error)
{
  Change change = {.add = approval,
                   .digest = approval->digest,
                   .who = approval->who,
                   .kind = approval->kind ? approval->kind : APPROVAL_GIVEN};
  return change_file(path, &change, error);
}

bool approvals_withdraw(const char *path, const char *digest, const char *who, size_t *n,
                        GError **error)
{
  Change change = {.digest = digest, .who = who};
  bool changed = change_file(path, &change, error);
  *n = change.n;
  return changed;
}
