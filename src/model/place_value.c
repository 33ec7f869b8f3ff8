// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/model.h>
#include <string.h>

char *place_unescape(const char *value)
{
  GString *out = g_string_sized_new(strlen(value));
  for (const char *at = value; *at != '\0'; at++) {
    if (*at != '\\' || at[1] == '\0') {
      g_string_append_c(out, *at);
    } else if (g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
      g_string_append_c(out,
                        (char)(g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2])));
      at += 2;
    } else {
      g_string_append_c(out, *++at);
    }
  }
  return g_string_free(out, FALSE);
}
