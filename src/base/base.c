// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"

#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/stat.h>

void base_init(void)
{
  umask(077);
  // A peer that goes away makes a write fail; it must not end us in the middle of a run.
  signal(SIGPIPE, SIG_IGN);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  // Numbers keep their C form: they go into files that machines read.
  setlocale(LC_CTYPE, "");
  setlocale(LC_MESSAGES, "");
  bindtextdomain("idou", IDOU_LOCALEDIR);
  bind_textdomain_codeset("idou", "UTF-8");
  textdomain("idou");
  // Whoever then needs a secret gets an error.
  if (sodium_init() < 0)
    log_note(LOG_QUIET, _("libsodium does not start: secrets cannot be read"));
}
