// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a domain controller is asked beyond LDAP.
#include "ldap_p.h"

// The group's own number in the domain, which its primary members bear; "" = it has none.
static bool read_token(Sender *sender, const char *group, GString *out, GError **error)
{
  g_autoptr(Record) record = NULL;
  if (!ldap_writer_fetch(sender, group, NULL, "primaryGroupToken", &record, error))
    return false;
  const Field *field = record ? record_find(record, "primaryGroupToken") : NULL;
  if (field && field->values->len)
    g_string_append(out, g_array_index(field->values, Bytes, 0).at);
  return true;
}

// Nobody stands in the member attribute of their primary group (MS-ADTS 3.1.1.4.5.17 tells its number).
bool ad_writer_is_primary(Sender *sender, const char *group, const char *member, bool *out,
                          GError **error)
{
  g_autoptr(GString) token = g_string_new(NULL);
  *out = false;
  return read_token(sender, group, token, error) &&
         (!token->len ||
          ldap_writer_compare(sender, member, "primaryGroupID", token->str, out, error));
}
