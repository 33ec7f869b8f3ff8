// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_p.h"

#include <string.h>

#define DIGITS_LEAST 16  // a shorter beginning could be hit upon by trying

bool audit_head(Store *store, AuditHead *out, GError **error)
{
  AuditRow last;
  *out = (AuditHead){.id = 0};
  if (store_audit_last(store, &last)) {
    out->id = last.id;
    g_strlcpy(out->digest, last.digest, sizeof out->digest);
  }
  return store_check(store, error);
}

void audit_head_format(const AuditHead *head, GString *out)
{
  g_string_append_printf(out, "%" G_GINT64_FORMAT ":%s", head->id, head->digest);
}

bool audit_head_parse(const char *text, AuditHead *out, GError **error)
{
  *out = (AuditHead){.id = 0};
  const char *colon = strchr(text, ':');
  g_autofree char *number = colon ? g_strndup(text, (gsize)(colon - text)) : NULL;
  size_t n_digits = colon ? strlen(colon + 1) : 0;
  gint64 id = 0;
  if (number && g_ascii_string_to_signed(number, 10, 1, G_MAXINT64, &id, NULL) &&
      n_digits >= DIGITS_LEAST && n_digits < sizeof out->digest &&
      strspn(colon + 1, "0123456789abcdefABCDEF") == n_digits) {
    out->id = id;
    g_autofree char *lower = g_ascii_strdown(colon + 1, -1);
    g_strlcpy(out->digest, lower, sizeof out->digest);
    return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("“%s” is no head of the record; it is a number, a colon and a digest of %d to 64 "
                "digits, as a run's letter has it"),
              text, DIGITS_LEAST);
  return false;
}
