// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

#include <sodium.h>

#define SALT_BYTES 8

// What the building of one request works on.
typedef struct Build {
  const Places *places;
  const GPtrArray *secrets;
  Request *request;
  GError **error;
} Build;

static void clear_mod(void *mod)
{
  g_array_unref(((Mod *)mod)->values);
}

Request *request_blank(RequestKind kind, const char *dn)
{
  Request *request = g_new0(Request, 1);
  request->kind = kind;
  request->dn = g_strdup(dn);
  request->numbers = g_array_new(false, false, sizeof(uint32_t));
  request->mods = g_array_new(false, false, sizeof(Mod));
  g_array_set_clear_func(request->mods, clear_mod);
  request->owned = g_ptr_array_new_with_free_func(g_free);
  request->secrets = g_ptr_array_new();
  request->encoded = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
  return request;
}

Mod *request_add_mod(Request *request, ModKind kind, const char *attribute)
{
  Mod mod = {kind, attribute, g_array_new(false, false, sizeof(Bytes))};
  g_array_append_val(request->mods, mod);
  return &g_array_index(request->mods, Mod, request->mods->len - 1);
}

void request_add_value(Request *request, Mod *mod, const char *bytes, size_t n_bytes)
{
  char *copy = g_malloc(n_bytes + 1);
  memcpy(copy, bytes, n_bytes);
  copy[n_bytes] = '\0';
  g_ptr_array_add(request->owned, copy);
  Bytes value = {n_bytes, copy};
  g_array_append_val(mod->values, value);
}

// RFC 2307 as every OpenLDAP takes it. SHA-1 will do: what is hashed is random, not a word.
static char *hash(const Bytes *secret)
{
  unsigned char bytes[20 + SALT_BYTES];
  gsize n_digest = 20;
  unsigned char *salt = bytes + n_digest;
  randombytes_buf(salt, SALT_BYTES);
  g_autoptr(GChecksum) sha1 = g_checksum_new(G_CHECKSUM_SHA1);
  g_checksum_update(sha1, (const unsigned char *)secret->at, (gssize)secret->n);
  g_checksum_update(sha1, salt, SALT_BYTES);
  g_checksum_get_digest(sha1, bytes, &n_digest);
  g_autofree char *base64 = g_base64_encode(bytes, sizeof bytes);
  return g_strconcat("{SSHA}", base64, NULL);
}

bool request_is_secret(const Request *request, const Bytes *value)
{
  for (size_t i = 0; i < request->secrets->len; i++)
    if (secret_bytes(request->secrets->pdata[i], NULL) == value->at)
      return true;
  return false;
}

void request_hash_secrets(Request *request)
{
  for (size_t i = 0; request->secrets->len && i < request->mods->len; i++) {
    Mod *mod = &g_array_index(request->mods, Mod, i);
    for (size_t j = 0; j < mod->values->len; j++) {
      Bytes *value = &g_array_index(mod->values, Bytes, j);
      if (!request_is_secret(request, value))
        continue;
      char *hashed = hash(value);
      g_ptr_array_add(request->owned, hashed);
      *value = (Bytes){strlen(hashed), hashed};
    }
  }
  g_ptr_array_set_size(request->secrets, 0);
}

static char *dn_of(Build *build, const char *object)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  if (!places_dn(build->places, object, dn, build->error))
    return NULL;
  return g_string_free(g_steal_pointer(&dn), false);
}

// Text but for its NULs. A picture or certificate has them by right.
static bool is_cut_text(const char *bytes, size_t n_bytes)
{
  const char *end = bytes + n_bytes;
  if (!memchr(bytes, '\0', n_bytes))
    return false;
  for (const char *at = bytes; at < end;) {
    const char *nul = memchr(at, '\0', (size_t)(end - at));
    const char *stop = nul ? nul : end;
    if (!text_valid(at, (size_t)(stop - at), NULL))
      return false;
    at = stop + 1;
  }
  return true;
}

static bool add_text(Build *build, GArray *values, const OpValue *value, const char *attribute)
{
  // A server would cut the text there, or the next program that reads it as a C string.
  if (is_cut_text(value->bytes, value->n)) {
    g_set_error(build->error, IDOU_ERROR, EXIT_FAILED,
                _("the value of %s holds a NUL character; it is not sent"), attribute);
    return false;
  }
  Bytes bytes = {value->n, value->bytes};
  g_array_append_val(values, bytes);
  return true;
}

static bool add_ref(Build *build, GArray *values, const OpValue *value)
{
  g_autoptr(GString) ref = g_string_new(NULL);
  if (!places_ref(build->places, value->bytes, ref, build->error))
    return false;
  Bytes bytes = {ref->len, g_string_free(g_steal_pointer(&ref), false)};
  g_ptr_array_add(build->request->owned, (void *)bytes.at);
  g_array_append_val(values, bytes);
  return true;
}

static bool add_secret(Build *build, GArray *values)
{
  guint n_taken = build->request->secrets->len;
  if (!build->secrets || n_taken >= build->secrets->len) {
    g_set_error(build->error, IDOU_ERROR, EXIT_FAILED, "%s",
                _("no secret was made for it; it is not sent"));
    return false;
  }
  const Secret *secret = build->secrets->pdata[n_taken];
  g_ptr_array_add(build->request->secrets, (void *)secret);
  Bytes bytes = {0};
  bytes.at = secret_bytes(secret, &bytes.n);
  g_array_append_val(values, bytes);
  return true;
}

static bool add_values(Build *build, Mod *mod, const OpValue *values, size_t n_values)
{
  for (size_t i = 0; i < n_values; i++) {
    const OpValue *value = &values[i];
    bool added = value->kind == VALUE_TEXT  ? add_text(build, mod->values, value, mod->attribute)
                 : value->kind == VALUE_REF ? add_ref(build, mod->values, value)
                                            : add_secret(build, mod->values);
    if (!added)
      return false;
  }
  return true;
}

// An escaped NUL; "\\00" is an escaped backslash before two digits.
static bool has_nul(const char *name)
{
  for (const char *at = strchr(name, '\\'); at && at[1]; at = strchr(at + 2, '\\'))
    if (at[1] == '0' && at[2] == '0')
      return true;
  return false;
}

static bool name_is_sound(const char *name, GError **error)
{
  if (!has_nul(name))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_FAILED,
              _("the name %s holds a NUL character; it is not sent"), name);
  return false;
}

static bool build_create(Build *build, const Op *op)
{
  Request *request = build->request;
  request->kind = REQUEST_ADD;
  g_autofree char *parent = dn_of(build, op->parent);
  if (!parent || !name_is_sound(op->name, build->error))
    return false;
  request->dn = g_strdup_printf("%s,%s", op->name, parent);
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    if (change->n_new && !add_values(build, request_add_mod(request, MOD_ADD, change->attribute),
                                     change->new_values, change->n_new))
      return false;
  }
  return true;
}

static bool build_change(Build *build, const OpChange *change)
{
  Request *request = build->request;
  if (change->replace)
    return add_values(build, request_add_mod(request, MOD_REPLACE, change->attribute),
                      change->new_values, change->n_new);
  // Old values go first: a single-valued attribute has room for the new one only then.
  if (change->n_old && !add_values(build, request_add_mod(request, MOD_DELETE, change->attribute),
                                   change->old_values, change->n_old))
    return false;
  return !change->n_new || add_values(build, request_add_mod(request, MOD_ADD, change->attribute),
                                      change->new_values, change->n_new);
}

static bool build_modify(Build *build, const Op *op)
{
  build->request->kind = REQUEST_MODIFY;
  build->request->dn = dn_of(build, op->object);
  if (!build->request->dn)
    return false;
  for (size_t i = 0; i < op->n_changes; i++)
    if (!build_change(build, &op->changes[i]))
      return false;
  return true;
}

static bool build_rename(Build *build, const Op *op)
{
  Request *request = build->request;
  request->kind = REQUEST_RENAME;
  request->dn = dn_of(build, op->object);
  if (!request->dn)
    return false;
  size_t rdn_bytes = 0;
  const char *parent = NULL;
  if (!place_split(request->dn, &rdn_bytes, &parent)) {
    g_set_error(build->error, IDOU_ERROR, EXIT_FAILED, _("%s is not a valid name"), request->dn);
    return false;
  }
  request->new_rdn = op->name ? g_strdup(op->name) : g_strndup(request->dn, rdn_bytes);
  if (op->kind == OP_MOVE)
    request->new_parent = dn_of(build, op->parent);
  return name_is_sound(request->new_rdn, build->error) &&
         (op->kind != OP_MOVE || request->new_parent);
}

static bool build_delete(Build *build, const Op *op)
{
  build->request->kind = REQUEST_DELETE;
  build->request->dn = dn_of(build, op->object);
  return build->request->dn;
}

const char *request_member_attribute(const Op *op)
{
  return op->n_changes ? op->changes[0].attribute : "member";
}

static bool build_edges(Build *build, const Op *const *ops, size_t n_ops)
{
  Request *request = build->request;
  request->kind = REQUEST_MODIFY;
  request->dn = dn_of(build, ops[0]->object);
  if (!request->dn)
    return false;
  static const struct {
    OpKind kind;
    ModKind mod;
  } sides[] = {{OP_LEAVE, MOD_DELETE}, {OP_JOIN, MOD_ADD}};
  for (size_t side = 0; side < G_N_ELEMENTS(sides); side++) {
    Mod *mod = NULL;
    for (size_t i = 0; i < n_ops; i++) {
      if (ops[i]->kind != sides[side].kind)
        continue;
      if (!mod)
        mod = request_add_mod(request, sides[side].mod, request_member_attribute(ops[i]));
      if (!add_ref(build, mod->values, &(OpValue){VALUE_REF, ops[i]->member, 0}))
        return false;
    }
  }
  return true;
}

static bool (*const builders[OP_N_KINDS])(Build *build, const Op *op) = {
    [OP_CREATE] = build_create, [OP_RENAME] = build_rename, [OP_MOVE] = build_rename,
    [OP_MODIFY] = build_modify, [OP_ENABLE] = build_modify, [OP_DISABLE] = build_modify,
    [OP_DELETE] = build_delete,
};

Request *request_new(const Places *places, const Sending *sending, GError **error)
{
  g_autoptr(Request) request = request_blank(REQUEST_MODIFY, NULL);
  Build build = {places, sending->secrets, request, error};
  const Op *first = sending->ops[0];
  bool built;
  if (op_traits(first->kind)->edge)
    built = build_edges(&build, sending->ops, sending->n_ops);
  else
    built = builders[first->kind](&build, first);
  if (!built)
    return NULL;
  request->run = sending->run;
  request->op = first;
  for (size_t i = 0; i < sending->n_ops; i++)
    g_array_append_val(request->numbers, sending->ops[i]->n);
  if (first->kind != OP_CREATE) {
    const char *id = first->stable_id ? first->stable_id : places_stable_id(places, first->object);
    request->stable_id = id && *id ? g_strdup(id) : NULL;
  }
  return g_steal_pointer(&request);
}

// The i-th operation alone, with its own of the secrets, from *at on.
static Request *new_one(const Places *places, const Sending *sending, size_t i, guint *at,
                        GError **error)
{
  g_autoptr(GPtrArray) secrets = g_ptr_array_new();
  Sending one = {&sending->ops[i], 1, secrets, sending->run, false};
  for (size_t n = op_n_secrets(sending->ops[i]); n > 0; n--, ++*at)
    if (sending->secrets && *at < sending->secrets->len)
      g_ptr_array_add(secrets, sending->secrets->pdata[*at]);
  return request_new(places, &one, error);
}

GPtrArray *request_new_all(Places *places, const Sending *sending, GError **error)
{
  g_autoptr(GPtrArray) requests = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
  guint at = 0;
  size_t n = 0;
  for (; n < sending->n_ops; n++) {
    Request *request = new_one(places, sending, n, &at, error);
    if (!request)
      break;
    g_ptr_array_add(requests, request);
    places_follow(places, sending->ops[n], NULL);
  }
  bool built = n == sending->n_ops;
  while (n-- > 0)
    places_return(places, sending->ops[n]);
  return built ? g_steal_pointer(&requests) : NULL;
}

static void copy_mod(const Request *from, const Mod *mod, Request *to, bool *has_secret)
{
  bool secret = record_is_secret(mod->attribute);
  for (size_t i = 0; !secret && i < mod->values->len; i++)
    secret = request_is_secret(from, &g_array_index(mod->values, Bytes, i));
  if (secret) {
    *has_secret = true;
    return;
  }
  Mod *copy = request_add_mod(to, mod->kind, g_intern_string(mod->attribute));
  for (size_t i = 0; i < mod->values->len; i++) {
    const Bytes *value = &g_array_index(mod->values, Bytes, i);
    request_add_value(to, copy, value->at, value->n);
  }
}

Request *request_copy(const Request *request, bool *has_secret)
{
  Request *copy = request_blank(request->kind, request->dn);
  copy->run = request->run;
  g_array_append_vals(copy->numbers, request->numbers->data, request->numbers->len);
  copy->new_rdn = g_strdup(request->new_rdn);
  copy->new_parent = g_strdup(request->new_parent);
  copy->stable_id = g_strdup(request->stable_id);
  for (size_t i = 0; i < request->mods->len; i++)
    copy_mod(request, &g_array_index(request->mods, Mod, i), copy, has_secret);
  return copy;
}

void request_free(Request *request)
{
  if (!request)
    return;
  g_free(request->dn);
  g_free(request->new_rdn);
  g_free(request->new_parent);
  g_free(request->stable_id);
  g_array_unref(request->numbers);
  g_array_unref(request->mods);
  g_ptr_array_unref(request->owned);
  g_ptr_array_unref(request->secrets);
  g_ptr_array_unref(request->encoded);
  g_free(request);
}
