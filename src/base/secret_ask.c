// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <termios.h>
#include <unistd.h>

#define MOST_TYPED 256

// Reads a line, byte by byte: what stands behind it is not ours.
static size_t read_typed(int tty, char *bytes)
{
  size_t n = 0;
  while (n < MOST_TYPED && read(tty, bytes + n, 1) == 1 && bytes[n] != '\n')
    n++;
  return n;
}

static bool take(char *bytes, size_t n_bytes, void *data)
{
  memcpy(bytes, data, n_bytes);
  return true;
}

static Secret *ask(int tty, GError **error)
{
  char *typed = sodium_malloc(MOST_TYPED + 1);
  size_t n = typed ? read_typed(tty, typed) : 0;
  Secret *secret = NULL;
  if (n > 0)
    secret = secret_filled(n, take, typed, error);
  else
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("nothing was typed"));
  sodium_free(typed);
  return secret;
}

Secret *secret_ask(const char *prompt, GError **error)
{
  struct termios shown, hidden;
  int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (tty < 0 || tcgetattr(tty, &shown) != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no terminal to ask on: %s"),
                g_strerror(errno));
    if (tty >= 0)
      close(tty);
    return NULL;
  }
  hidden = shown;
  hidden.c_lflag &= ~(tcflag_t)ECHO;
  tcsetattr(tty, TCSAFLUSH, &hidden);
  file_write_all(tty, prompt, strlen(prompt));
  Secret *secret = ask(tty, error);
  tcsetattr(tty, TCSAFLUSH, &shown);
  file_write_all(tty, "\n", 1);
  close(tty);
  return secret;
}
