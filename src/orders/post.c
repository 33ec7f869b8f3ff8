// SPDX-License-Identifier: GPL-3.0-or-later
//
// Posts beside the main one are known by the code under which they began.
#include "orders_p.h"

#define CODES_BACK 8  // no unit had more, unless two lead to each other

static uint32_t with_key(Store *store, uint32_t person, const char *role, const char *code)
{
  g_autofree char *key = g_strconcat(role, ":", code, NULL);
  return store_post_find(store, person, key);
}

// Codes of the units that went on as this one, or went into it.
static void add_former(Store *store, const char *code, FieldId field, GPtrArray *codes)
{
  Fact fact;
  g_autoptr(FactScan) scan = store_facts_scan_field(store, SUBJECT_UNIT, field, INSTANT_OPEN, NULL);
  while (scan && fact_scan_next(scan, &fact, NULL)) {
    const char *number =
        g_str_equal(fact.value, code) ? store_link_number(store, SUBJECT_UNIT, fact.subject) : NULL;
    if (number && !g_ptr_array_find_with_equal_func(codes, number, g_str_equal, NULL))
      g_ptr_array_add(codes, g_strdup(number));
  }
}

uint32_t post_find(Store *store, uint32_t person, const char *role, const char *code)
{
  g_autoptr(GPtrArray) codes = g_ptr_array_new_with_free_func(g_free);
  uint32_t post = with_key(store, person, role, code);
  g_ptr_array_add(codes, g_strdup(code));
  for (guint i = 0; i < codes->len && i < CODES_BACK && !post; i++) {
    add_former(store, codes->pdata[i], FIELD_CODE, codes);
    add_former(store, codes->pdata[i], FIELD_SUCCESSOR, codes);
    post = i + 1 < codes->len ? with_key(store, person, role, codes->pdata[i + 1]) : 0;
  }
  return post;
}
