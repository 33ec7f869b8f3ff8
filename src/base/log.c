// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"

#include <unistd.h>

// The one piece of global state: set once by the command line, read by everybody.
static LogLevel shown_level = LOG_NORMAL;

void log_set_level(LogLevel level)
{
  shown_level = level;
}

void log_note(LogLevel level, const char *format, ...)
{
  if (level > shown_level)
    return;
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_autoptr(GString) line = g_string_new("idou: ");
  escape_text(line, text, ESCAPE_TERMINAL);
  g_string_append_c(line, '\n');
  // One call a line, so that lines of two processes do not mix.
  fwrite(line->str, 1, line->len, stderr);
}
