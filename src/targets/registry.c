// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

static const TargetType *const types[] = {
    &ldap_type,   //
    &ad_type,     //
    &share_type,  //
    &sql_type,    //
    &scim_type,   //
    &csv_type,    //
    &ldif_type,   //
    &fake_type,   //
    &fake_product_type,
    &task_type,  //
};

const TargetType *registry_find(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
    if (g_str_equal(name, types[i]->name))
      return types[i];
  return NULL;
}

void registry_names(GString *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
    g_string_append_printf(out, "%s%s", i ? ", " : "", types[i]->name);
}
