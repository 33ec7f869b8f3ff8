// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

#include <stdlib.h>

bool target_is_off(const TargetConfig *config, const char *value, size_t n_bytes)
{
  if (!config->disable_bit)
    return n_bytes == strlen(config->disable_value) &&
           memcmp(value, config->disable_value, n_bytes) == 0;
  g_autofree char *text = g_strndup(value, n_bytes);
  return (strtoul(text, NULL, 10) & config->disable_bit) != 0;
}

// Of a number that means many things only our bit is turned.
bool target_lock_value(const TargetConfig *config, const char *before, bool off, GString *out)
{
  if (!config->disable_bit) {
    if (off)
      g_string_append(out, config->disable_value);
    return off;
  }
  unsigned long number = strtoul(before ? before : config->disable_value, NULL, 10);
  number = off ? number | config->disable_bit : number & ~(unsigned long)config->disable_bit;
  g_string_append_printf(out, "%lu", number);
  return true;
}

bool target_follows_references(const TargetConfig *config)
{
  return ldap_dialect(config->type)->id_dn != NULL;
}

bool target_tells_orphans(const TargetConfig *config)
{
  return config->principals == NULL;
}
