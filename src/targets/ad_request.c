// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

#define PASSWORD "unicodePwd"
#define PASSWORD_SET "pwdLastSet"

// ---------------------------------------------------------------------------------------------
// A password as AD takes it: in double quotes, UTF-16LE (MS-ADTS 3.1.1.3.1.5.1). Never outside protected memory.

static size_t put_unit(char *out, gunichar unit)
{
  if (out) {
    out[0] = (char)(unit & 0xff);
    out[1] = (char)(unit >> 8);
  }
  return 2;
}

static size_t put_char(char *out, gunichar c)
{
  if (c < 0x10000)
    return put_unit(out, c);
  put_unit(out, 0xd800 + ((c - 0x10000) >> 10));
  return 2 + put_unit(out ? out + 2 : NULL, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

// How many bytes it takes; written to `out` unless that is NULL.
static size_t encode(const char *utf8, char *out)
{
  size_t n = put_char(out, '"');
  for (const char *at = utf8; *at; at = g_utf8_next_char(at))
    n += put_char(out ? out + n : NULL, g_utf8_get_char(at));
  return n + put_char(out ? out + n : NULL, '"');
}

static bool fill(char *bytes, size_t n_bytes, void *data)
{
  return encode(data, bytes) == n_bytes;
}

Secret *ad_request_password(const Secret *clear, GError **error)
{
  size_t n_bytes = 0;
  const char *utf8 = secret_bytes(clear, &n_bytes);
  if (text_valid(utf8, n_bytes, NULL))
    return secret_filled(encode(utf8, NULL), fill, (void *)utf8, error);
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("the new password is no valid text"));
  return NULL;
}

// ---------------------------------------------------------------------------------------------

static bool is_password(const Mod *mod)
{
  return g_ascii_strcasecmp(mod->attribute, PASSWORD) == 0;
}

static const Secret *secret_behind(const Request *request, const Bytes *value)
{
  for (guint i = 0; i < request->secrets->len; i++)
    if (secret_bytes(request->secrets->pdata[i], NULL) == value->at)
      return request->secrets->pdata[i];
  return NULL;
}

static bool encode_values(Request *request, Mod *mod, GError **error)
{
  for (guint i = 0; i < mod->values->len; i++) {
    Bytes *value = &g_array_index(mod->values, Bytes, i);
    const Secret *clear = secret_behind(request, value);
    if (!clear) {
      g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                  _("%s takes a secret and nothing else; it is not sent"), PASSWORD);
      return false;
    }
    Secret *encoded = ad_request_password(clear, error);
    if (!encoded)
      return false;
    g_ptr_array_add(request->encoded, encoded);
    value->at = secret_bytes(encoded, &value->n);
  }
  return true;
}

// Taking the old one away would be a change by its owner, who knows it; ours is a reset (3.1.1.3.1.5).
static void make_reset(Mod *mod)
{
  mod->kind = MOD_REPLACE;
}

// An account that never had one may be switched on in the same request.
static void put_first(Request *request, guint index)
{
  for (guint i = index; i > 0; i--) {
    Mod *mods = (Mod *)(void *)request->mods->data, mod = mods[i];
    mods[i] = mods[i - 1];
    mods[i - 1] = mod;
  }
}

static void demand_change(Request *request)
{
  bool is_new = request->kind == REQUEST_ADD;
  for (guint i = 0; i < request->mods->len; i++)
    if (g_ascii_strcasecmp(g_array_index(request->mods, Mod, i).attribute, PASSWORD_SET) == 0)
      return;  // the mapping says itself what it is to be
  request_add_value(request, request_add_mod(request, is_new ? MOD_ADD : MOD_REPLACE, PASSWORD_SET),
                    "0", 1);
}

bool ad_request_dress(const TargetConfig *config, Request *request, GError **error)
{
  bool has_password = false;
  for (guint i = 0; i < request->mods->len; i++) {
    Mod *mod = &g_array_index(request->mods, Mod, i);
    if (!is_password(mod) || !mod->values->len)
      continue;
    has_password = true;
    if (!encode_values(request, mod, error))
      return false;
    if (request->kind != REQUEST_MODIFY)
      continue;
    make_reset(mod);
    put_first(request, i);
  }
  if (has_password && config->must_change)
    demand_change(request);
  return true;
}
