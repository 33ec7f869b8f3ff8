// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reading folders. What people make in their folders is theirs and may be millions, so whoever asks says
// which folders are of interest (Scope.knows); others are neither looked into nor told. Who does not say
// gets everything down to a few levels.
#include "share_p.h"

#include <errno.h>

#define LEVELS_UNASKED 4
#define MOST_LEVELS 32

// One reading.
typedef struct Reading {
  ShareSide *side;
  const Scope *scope;
  const Schema *schema;
  ObservedFunc func;
  void *data;
  bool wants_acl;
  GHashTable *seen;  // paths that were delivered
  size_t *n_entries;
  GError **error;
} Reading;

// A folder that was found.
typedef struct Found {
  char *path;      // as the server writes it
  char *composed;  // as we do
  const char *id;  // of the listing
  bool ours, below;
} Found;

static void free_found(void *data)
{
  Found *found = data;
  g_free(found->path);
  g_free(found->composed);
  g_free(found);
}

// An entry being put together.
typedef struct Sketch {
  GString *dn;
  GPtrArray *texts;
  GArray *values;      // Bytes of all attributes, one after the other
  GArray *attributes;  // ObservedAttr; their values point into `values` once it is whole
} Sketch;

static Sketch sketch_new(void)
{
  return (Sketch){g_string_new(NULL), g_ptr_array_new_with_free_func(g_free),
                  g_array_new(false, false, sizeof(Bytes)),
                  g_array_new(false, false, sizeof(ObservedAttr))};
}

static void sketch_clear(Sketch *sketch)
{
  g_string_free(sketch->dn, true);
  g_ptr_array_unref(sketch->texts);
  g_array_unref(sketch->values);
  g_array_unref(sketch->attributes);
}

// The last `n` texts are the attribute's values.
static void add_attribute(const Reading *reading, Sketch *sketch, const char *name, size_t n)
{
  AttrId id = 0;
  if (!n || !schema_find(reading->schema, name, &id))
    return;
  for (size_t i = sketch->texts->len - n; i < sketch->texts->len; i++) {
    const char *text = sketch->texts->pdata[i];
    Bytes value = {strlen(text), text};
    g_array_append_val(sketch->values, value);
  }
  ObservedAttr attr = {.attr = id, .n_values = n};
  g_array_append_val(sketch->attributes, attr);
}

static void add_one(const Reading *reading, Sketch *sketch, const char *name, const char *text)
{
  g_ptr_array_add(sketch->texts, g_strdup(text));
  add_attribute(reading, sketch, name, 1);
}

static void add_acl(const Reading *reading, Sketch *sketch, const Acl *acl, const Acl *parent)
{
  size_t before = sketch->texts->len;
  share_access(acl, reading->side->names, sketch->texts);
  add_attribute(reading, sketch, "access", sketch->texts->len - before);
  add_one(reading, sketch, "inherit", share_inherit(acl, parent));
  g_autoptr(GString) owner = g_string_new(NULL);
  share_owner(acl, reading->side->names, owner);
  add_one(reading, sketch, "owner", owner->str);
}

static void name_it(const Reading *reading, Sketch *sketch, const Found *found)
{
  const char *relative = share_below(found->composed, reading->side->home->base);
  share_dn(reading->side->config, found->composed, sketch->dn);
  add_one(reading, sketch, "objectClass", "folder");
  add_one(reading, sketch, "folder", share_leaf(found->composed));
  add_one(reading, sketch, "path", relative ? relative : "");
}

static Observed observed_of(const Sketch *sketch, const Found *found)
{
  const Bytes *at = (const Bytes *)sketch->values->data;
  for (size_t i = 0; i < sketch->attributes->len; i++) {
    ObservedAttr *attr = &g_array_index(sketch->attributes, ObservedAttr, i);
    attr->values = at;
    at += attr->n_values;
  }
  bool decomposed = !g_str_equal(found->path, found->composed);
  return (Observed){.dn = {sketch->dn->len, sketch->dn->str},
                    .stable_id = {strlen(found->id), found->id},
                    .enabled = ENABLED_UNMANAGED,
                    .protected_by =
                        decomposed ? _("its name is decomposed (NFD), so that Windows takes it for "
                                       "another one; rename it by hand")
                                   : NULL,
                    .attributes = (const ObservedAttr *)sketch->attributes->data,
                    .n_attributes = sketch->attributes->len};
}

static bool deliver(Reading *reading, const Found *found, const Acl *acl, const Acl *parent)
{
  if (!g_hash_table_add(reading->seen, g_strdup(found->composed)))
    return true;
  Sketch sketch = sketch_new();
  name_it(reading, &sketch, found);
  if (acl)
    add_acl(reading, &sketch, acl, parent);
  Observed observed = observed_of(&sketch, found);
  bool taken = reading->func(&observed, reading->data, reading->error);
  sketch_clear(&sketch);
  ++*reading->n_entries;
  return taken;
}

static bool is_key(const Scope *scope, const char *id)
{
  return !scope->keys || g_strv_contains(scope->keys, id);
}

static void ask_interest(const Reading *reading, Found *found)
{
  const Scope *scope = reading->scope;
  found->ours = is_key(scope, found->id);
  found->below = true;
  if (!scope->knows)
    return;
  Sketch sketch = sketch_new();
  name_it(reading, &sketch, found);
  Observed observed = observed_of(&sketch, found);
  Interest interest = scope->knows(&observed, scope->knows_data);
  found->ours &= interest == INTEREST_ENTRY;
  found->below = interest != INTEREST_NONE;
  sketch_clear(&sketch);
}

// The folders of one that matter.
static GPtrArray *find(const Reading *reading, const Found *above, const GArray *folders)
{
  GPtrArray *all = g_ptr_array_new_with_free_func(free_found);
  for (size_t i = 0; i < folders->len; i++) {
    const ShareFolder *folder = &g_array_index(folders, ShareFolder, i);
    if (!folder->name)
      continue;
    Found *found = g_new0(Found, 1);
    const char *slash = *above->path ? "/" : "";
    found->path = g_strconcat(above->path, slash, folder->raw, NULL);
    found->composed = g_strconcat(above->composed, slash, folder->name, NULL);
    found->id = folder->id;
    ask_interest(reading, found);
    if (found->ours || found->below)
      g_ptr_array_add(all, found);
    else
      free_found(found);
  }
  return all;
}

static bool fail_folder(const Reading *reading, const char *path, int why)
{
  return share_smb_fail(reading->side->smb, path, why, reading->error);
}

// Descriptors of what was found, and the names of whom they speak of.
static bool read_acls(Reading *reading, const GPtrArray *all, GPtrArray **acls)
{
  g_autoptr(GPtrArray) paths = g_ptr_array_new(), why = NULL;
  g_autoptr(GPtrArray) sids = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; i < all->len; i++)
    g_ptr_array_add(paths, ((const Found *)all->pdata[i])->path);
  if (!share_acls(reading->side, paths, acls, &why, reading->error))
    return false;
  for (size_t i = 0; i < all->len; i++) {
    const Acl *acl = (*acls)->pdata[i];
    if (!acl)
      return fail_folder(reading, paths->pdata[i], share_errno(why->pdata[i]));
    share_sids(acl, sids);
  }
  return share_names_learn(reading->side->names, sids, reading->error);
}

static bool walk(Reading *reading, const Found *above, const Acl *acl, unsigned level)
{
  if (level >= (reading->scope->knows ? MOST_LEVELS : LEVELS_UNASKED))
    return true;
  int why = 0;
  g_autoptr(GArray) folders = share_smb_list(reading->side->smb, above->path, &why);
  if (!folders)
    return fail_folder(reading, above->path, why);
  g_autoptr(GPtrArray) all = find(reading, above, folders), acls = NULL;
  if (reading->wants_acl && !read_acls(reading, all, &acls))
    return false;
  for (size_t i = 0; i < all->len; i++) {
    const Found *found = all->pdata[i];
    const Acl *own = acls ? acls->pdata[i] : NULL;
    if (found->ours && !deliver(reading, found, own, acl))
      return false;
    if (found->below && !walk(reading, found, own, level + 1))
      return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Places

static bool read_acl(Reading *reading, const char *path, Acl **out)
{
  int why = 0;
  if (!reading->wants_acl)
    return true;
  g_autoptr(GPtrArray) sids = g_ptr_array_new_with_free_func(g_free);
  *out = share_acl(reading->side, path, &why, reading->error);
  if (!*out)
    return why == ECONNRESET ? false : fail_folder(reading, path, why);
  share_sids(*out, sids);
  return share_names_learn(reading->side->names, sids, reading->error);
}

// One folder by itself. Not there: not an entry.
static bool read_alone(Reading *reading, const char *path)
{
  int why = 0;
  g_autoptr(Acl) acl = NULL, above = NULL;
  g_autofree char *id = share_smb_id(reading->side->smb, path, &why);
  if (!id)
    return why == ENOENT || why == ENOTDIR || fail_folder(reading, path, why);
  g_autofree char *parent = share_parent(path);
  if (!read_acl(reading, path, &acl) || !read_acl(reading, parent, &above))
    return false;
  Found found = {(char *)path, (char *)path, id, true, false};
  return deliver(reading, &found, acl, above);
}

static bool read_keys(Reading *reading, const char *place)
{
  for (size_t i = 0; reading->scope->keys[i]; i++) {
    const char *base = reading->side->home->base;
    g_autofree char *path = g_strconcat(base, *base ? "/" : "", reading->scope->keys[i], NULL);
    g_autoptr(GString) why = g_string_new(NULL);
    if (share_below(path, place) && !g_str_equal(path, place) &&
        share_path_fits(reading->side->config, path, why) && !read_alone(reading, path))
      return false;
  }
  return true;
}

static bool fail_place(const Reading *reading, const char *dn)
{
  g_set_error(reading->error, IDOU_ERROR, EXIT_UNREAD,
              _("target %s: there is no %s; make it, or correct the mapping's place"),
              reading->side->config->name, dn);
  return false;
}

static bool read_place(Reading *reading, const char *place)
{
  const Scope *scope = reading->scope;
  const char *base = reading->side->config->base;
  g_autofree char *dn = g_strdup_printf("%s%s%s", place, *place ? "," : "", base);
  g_autoptr(GString) path = g_string_new(NULL);
  if (!share_path(dn, path))
    return fail_place(reading, dn);
  if (scope->alone)
    return read_alone(reading, path->str);
  int why = 0;
  g_autofree char *id = share_smb_id(reading->side->smb, path->str, &why);
  if (!id)
    return why == ENOENT ? fail_place(reading, dn) : fail_folder(reading, path->str, why);
  if (scope->keys && scope->key_attribute)
    return read_keys(reading, path->str);
  g_autoptr(Acl) acl = NULL;
  Found found = {path->str, path->str, id, false, true};
  return read_acl(reading, path->str, &acl) && walk(reading, &found, acl, 0);
}

bool share_reader_read(ShareSide *side, const Scope *scope, const Schema *schema, ObservedFunc func,
                       void *data, size_t *n_entries, GError **error)
{
  static const char *const of_acl[] = {"access", "inherit", "owner"};
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Reading reading = {side, scope, schema, func, data, false, seen, n_entries, error};
  for (size_t i = 0; i < G_N_ELEMENTS(of_acl); i++)
    reading.wants_acl |= g_strv_contains(scope->attributes, of_acl[i]);
  if (scope->keys && scope->key_attribute && g_ascii_strcasecmp(scope->key_attribute, "path") != 0)
    return share_fail(side->home, scope->key_attribute,
                      _("folders are found by their path only; make “path” the key"), error);
  for (size_t i = 0; scope->places[i]; i++)
    if (!read_place(&reading, scope->places[i]))
      return false;
  return true;
}
