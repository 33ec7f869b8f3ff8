// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

#define GUID_BYTES 16

static bool text_as_is(const Bytes *value, GString *out)
{
  g_string_append_len(out, value->at, (gssize)value->n);
  return value->n > 0;
}

static void filter_uuid(const char *id, GString *out)
{
  g_string_append(out, "(entryUUID=");
  escape_text(out, id, ESCAPE_FILTER);
  g_string_append_c(out, ')');
}

// Of a GUID the first three groups are little-endian numbers, the rest are bytes in order (MS-DTYP 2.3.4.2).
static const unsigned guid_order[GUID_BYTES] = {3, 2, 1,  0,  5,  4,  7,  6,
                                                8, 9, 10, 11, 12, 13, 14, 15};

static bool text_of_guid(const Bytes *value, GString *out)
{
  if (value->n != GUID_BYTES)
    return false;
  for (unsigned i = 0; i < GUID_BYTES; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      g_string_append_c(out, '-');
    g_string_append_printf(out, "%02x", (unsigned char)value->at[guid_order[i]]);
  }
  return true;
}

static void filter_guid(const char *id, GString *out)
{
  unsigned char bytes[GUID_BYTES] = {0};
  unsigned n = 0;
  for (const char *at = id; n < GUID_BYTES && at[0] && at[1]; at += 2, n++) {
    at += *at == '-';
    bytes[guid_order[n]] =
        (unsigned char)(g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1]));
  }
  g_string_append(out, "(objectGUID=");
  for (unsigned i = 0; i < GUID_BYTES; i++)
    g_string_append_printf(out, "\\%02x", bytes[i]);
  g_string_append_c(out, ')');
}

static const Dialect dialects[] = {
    {.type = "ldap",
     .id_attribute = "entryUUID",
     .id_text = text_as_is,
     .id_filter = filter_uuid,
     .page_size = 5000},
    // A controller gives 1000 entries a search at most, and as many a page (MaxPageSize, MS-ADTS 3.1.1.3.4.6).
    {.type = "ad",
     .id_attribute = "objectGUID",
     .id_text = text_of_guid,
     .id_filter = filter_guid,
     .id_dn = "<GUID=%s>",
     .domain = true,
     .people_klass = "user",
     .machine_klass = "computer",
     .chain_rule = "1.2.840.113556.1.4.1941",
     .page_size = 1000},
    // No directory, but its entries are known by ids, too.
    {.type = "scim", .id_dn = "<id=%s>"},
};

const Dialect *ldap_dialect(const char *type)
{
  for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++)
    if (g_str_equal(dialects[i].type, type))
      return &dialects[i];
  return &dialects[0];
}
