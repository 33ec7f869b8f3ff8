// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

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
    const char *value = off ? config->disable_value : config->enable_value;
    g_string_append(out, value ? value : "");
    return value != NULL;
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

bool target_has_transactions(const TargetConfig *config)
{
  const TargetType *type = registry_find(config->type);
  return type && type->writer_send_all;
}

bool target_revives(const TargetConfig *config)
{
  const TargetType *type = registry_find(config->type);
  return type && type->writer_revive;
}

int target_rank(const TargetConfig *config, const char *klass)
{
  const TargetType *type = registry_find(config->type);
  return type && type->rank ? type->rank(config, klass) : -1;
}

bool target_tells_orphans(const TargetConfig *config)
{
  return config->principals == NULL;
}

bool target_has_receipts(const TargetConfig *config)
{
  const TargetType *type = registry_find(config->type);
  return type && type->receipts;
}

bool target_take_in(const TargetConfig *config, Findings *findings, GError **error)
{
  const TargetType *type = registry_find(config->type);
  return !type || !type->take_in || type->take_in(config, findings, error);
}

bool target_receipts(const TargetConfig *config, SettledFunc func, void *data, GError **error)
{
  const TargetType *type = registry_find(config->type);
  return !type || !type->receipts || type->receipts(config, func, data, error);
}

bool target_receipts_kept(const TargetConfig *config, GError **error)
{
  const TargetType *type = registry_find(config->type);
  return !type || !type->receipts_kept || type->receipts_kept(config, error);
}

bool target_settle(const TargetConfig *config, const GArray *settled, GError **error)
{
  const TargetType *type = registry_find(config->type);
  return !type || !type->settle || type->settle(config, settled, error);
}
