// SPDX-License-Identifier: GPL-3.0-or-later
//
// Names of folders: as a DN everywhere in idou, as a path at the server.
#include "share_p.h"

#define MOST_UNITS 255
// What programs of Windows take of a whole path: MAX_PATH less the room of a file name of 8.3 characters.
#define MOST_PATH_UNITS 247

static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"};
static const char *const numbered[] = {"COM", "LPT"};

// "smb://SERVER/SHARE/FOLDER": where SERVER begins.
static const char *after_scheme(const TargetConfig *config)
{
  return config->uri + strlen("smb://");
}

char *share_server(const TargetConfig *config)
{
  const char *server = after_scheme(config);
  return g_strndup(server, strcspn(server, "/"));
}

char *share_name(const TargetConfig *config)
{
  const char *server = after_scheme(config), *name = server + strcspn(server, "/");
  name += strspn(name, "/");
  return g_strndup(name, strcspn(name, "/"));
}

// ---------------------------------------------------------------------------------------------
// DN and path

// One RDN before what has been gathered so far. False: it is no folder's.
static bool prepend_part(const char *rdn, size_t n, GString *out)
{
  const char *equals = memchr(rdn, '=', n);
  if (!equals || g_ascii_strncasecmp(rdn, "folder=", strlen("folder=")) != 0)
    return false;
  g_autofree char *escaped = g_strndup(equals + 1, n - (size_t)(equals + 1 - rdn));
  g_autofree char *value = place_unescape(escaped);
  g_autofree char *name = value ? g_utf8_normalize(value, -1, G_NORMALIZE_NFC) : NULL;
  if (!name)
    return false;
  if (out->len)
    g_string_prepend_c(out, '/');
  g_string_prepend(out, name);
  return true;
}

bool share_path(const char *dn, GString *out)
{
  g_string_truncate(out, 0);
  for (const char *at = dn; *at;) {
    size_t n = 0;
    const char *parent = NULL;
    if (!place_split(at, &n, &parent))
      return false;
    if (!*parent)
      return g_ascii_strncasecmp(at, "share=", strlen("share=")) == 0;
    if (!prepend_part(at, n, out))
      return false;
    at = parent;
  }
  return false;
}

void share_dn(const TargetConfig *config, const char *path, GString *out)
{
  g_autofree char *share = share_name(config);
  g_string_assign(out, "share=");
  escape_text(out, share, ESCAPE_DN);
  g_auto(GStrv) parts = g_strsplit(path, "/", -1);
  for (size_t i = 0; parts[i]; i++) {
    if (!*parts[i])
      continue;
    g_autofree char *name = g_utf8_normalize(parts[i], -1, G_NORMALIZE_NFC);
    g_autoptr(GString) rdn = g_string_new("folder=");
    escape_text(rdn, name ? name : parts[i], ESCAPE_DN);
    g_string_append_c(rdn, ',');
    g_string_prepend_len(out, rdn->str, (gssize)rdn->len);
  }
}

const char *share_below(const char *path, const char *base)
{
  size_t n = strlen(base);
  if (!n)
    return path;
  if (strncmp(path, base, n) != 0 || (path[n] && path[n] != '/'))
    return NULL;
  return path[n] ? path + n + 1 : path + n;
}

char *share_parent(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? g_strndup(path, (size_t)(slash - path)) : g_strdup("");
}

const char *share_leaf(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// ---------------------------------------------------------------------------------------------
// What a name may be

// UTF-16 units, in which servers count.
static size_t n_units(const char *text)
{
  size_t n = 0;
  for (const char *at = text; *at; at = g_utf8_next_char(at))
    n += g_utf8_get_char(at) > 0xffff ? 2 : 1;
  return n;
}

// CON, and CON.txt; COM1 to COM9, with the superscript digits that Windows takes for 1 to 3.
static bool is_device(const char *name)
{
  g_autofree char *stem = g_strndup(name, strcspn(name, "."));
  g_strchomp(stem);
  for (size_t i = 0; i < G_N_ELEMENTS(devices); i++)
    if (g_ascii_strcasecmp(stem, devices[i]) == 0)
      return true;
  static const char *const digits[] = {"1", "2", "3", "4", "5", "6", "7",
                                       "8", "9", "0", "¹", "²", "³"};
  for (size_t i = 0; i < G_N_ELEMENTS(numbered); i++)
    for (size_t j = 0; j < G_N_ELEMENTS(digits); j++)
      if (g_ascii_strncasecmp(stem, numbered[i], 3) == 0 && g_str_equal(stem + 3, digits[j]))
        return true;
  return false;
}

static const char *forbidden_in(const char *name)
{
  for (const char *at = name; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    if (c < 0x20 || c == 0x7f || (c < 0x80 && strchr("\\/:*?\"<>|", (int)c)))
      return at;
  }
  return NULL;
}

bool share_name_fits(const char *name, GString *why)
{
  if (!g_utf8_validate(name, -1, NULL) || !*name) {
    g_string_assign(why, _("it is empty, or no text"));
    return false;
  }
  size_t n = strlen(name);
  const char *bad = forbidden_in(name);
  if (bad)
    g_string_printf(why, _("%s is not allowed in the name of a folder"),
                    *bad > 0x20 ? (char[]){'\'', *bad, '\'', '\0'} : _("a control character"));
  else if (g_str_equal(name, ".") || g_str_equal(name, ".."))
    g_string_printf(why, _("“%s” is not a name, it leads elsewhere"), name);
  else if (name[n - 1] == '.' || name[n - 1] == ' ' || *name == ' ')
    g_string_assign(why,
                    _("Windows cuts off a space or dot at the end, and hides a space in front"));
  else if (is_device(name))
    g_string_assign(why, _("to Windows it is the name of a device"));
  else if (n_units(name) > MOST_UNITS)
    g_string_printf(why, _("it is longer than %d characters"), MOST_UNITS);
  else if (g_str_has_prefix(name, SHARE_NEW_PREFIX))
    g_string_assign(why, _("folders that are being made are called so"));
  else
    return true;
  return false;
}

bool share_path_fits(const TargetConfig *config, const char *path, GString *why)
{
  g_auto(GStrv) parts = g_strsplit(path, "/", -1);
  for (size_t i = 0; parts[i]; i++)
    if (!share_name_fits(parts[i], why)) {
      g_autofree char *reason = g_strdup(why->str);
      g_string_printf(why, "“%s”: %s", parts[i], reason);
      return false;
    }
  size_t n = n_units(path) + strlen(after_scheme(config)) + strlen("\\\\") + 1;
  if (n <= MOST_PATH_UNITS)
    return true;
  g_string_printf(why,
                  _("with the server's name the path has %zu characters; programs of Windows open "
                    "folders up to %d"),
                  n, MOST_PATH_UNITS);
  return false;
}
