// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a share refuses, looked at when planning: names that Windows or the protocol cannot bear, rights that
// are none.
#include "share_p.h"

static bool refuse_name(const char *value, GString *why)
{
  g_autoptr(GString) reason = g_string_new(NULL);
  if (share_name_fits(value, reason))
    return false;
  g_string_printf(why, _("“%s” cannot be the name of a folder: %s"), value, reason->str);
  return true;
}

static bool refuse_path(const char *value, GString *why)
{
  g_auto(GStrv) parts = g_strsplit(value, "/", -1);
  for (size_t i = 0; parts[i]; i++)
    if (refuse_name(parts[i], why))
      return true;
  return false;
}

static bool refuse_access(const char *value, GString *why)
{
  Access access;
  return !access_parse(value, strlen(value), &access, why);
}

static bool refuse_owner(const char *value, GString *why)
{
  Access access;
  if (access_parse_principal(value, strlen(value), &access))
    return false;
  g_string_printf(why, _("“%s” is not the name of a user or group"), value);
  return true;
}

static bool refuse_inherit(const char *value, GString *why)
{
  if (g_ascii_strcasecmp(value, "TRUE") == 0 || g_ascii_strcasecmp(value, "FALSE") == 0)
    return false;
  g_string_printf(why, _("“%s” is neither TRUE nor FALSE"), value);
  return true;
}

static const struct {
  const char *attribute;
  bool (*refuse)(const char *value, GString *why);
} rows[] = {{"folder", refuse_name},
            {"path", refuse_path},
            {"access", refuse_access},
            {"owner", refuse_owner},
            {"inherit", refuse_inherit}};

static bool refuses(const char *klass, const char *attribute, const char *value, GString *why)
{
  (void)klass;
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    if (g_ascii_strcasecmp(rows[i].attribute, attribute) == 0)
      return rows[i].refuse(value, why);
  return false;
}

// Of a right whose principal is not known yet, what stands before it.
static bool refuses_shape(const char *attribute, const char *value, GString *why)
{
  const char *first = strchr(value, ' '), *second = first ? strchr(first + 1, ' ') : NULL;
  const char *gap = strstr(value, LIMITS_GAP);
  if (g_ascii_strcasecmp(attribute, "access") != 0 || (gap && (!second || gap < second)))
    return false;
  return refuse_access(value, why);
}

static bool is_kind(const char *klass, const char *of)
{
  return !of || g_ascii_strcasecmp(klass, of) == 0;
}

const Limits share_limits = {
    .refuses = refuses, .refuses_shape = refuses_shape, .is_kind = is_kind};
