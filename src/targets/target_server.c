// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

char *server_written(const char *server, Instant when)
{
  g_autoptr(GString) text = g_string_new(server);
  g_string_append_c(text, ' ');
  instant_format(when, text);
  return g_string_free(g_steal_pointer(&text), false);
}

// "URI NAME INSTANT", or "URI INSTANT" of a server that says no name.
bool server_parse(const char *written, ServerWritten *out)
{
  *out = (ServerWritten){0};
  const char *end = strchr(written, ' '), *last = strrchr(written, ' ');
  if (!end || !instant_parse(last + 1, &out->when))
    return false;
  out->n_uri = (size_t)(end - written);
  out->n_name = last > end ? (size_t)(last - end) - 1 : 0;
  return true;
}
