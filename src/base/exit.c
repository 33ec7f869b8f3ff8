// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"

static const char *const names[] = {
    [EXIT_DONE] = "done",
    [EXIT_USAGE] = "usage",
    [EXIT_PENDING] = "pending",
    [EXIT_HELD] = "held",
    [EXIT_FAILED] = "failed",
    [EXIT_REJECTED] = "rejected",
    [EXIT_UNREAD] = "unread",
    [EXIT_LOCKED] = "locked",
    [EXIT_INTERRUPTED] = "interrupted",
    [EXIT_BUNDLE_DAMAGED] = "damaged bundle",
    [EXIT_BUNDLE_KEY] = "unknown signer",
    [EXIT_BUNDLE_SEGMENT] = "another segment",
    [EXIT_BUNDLE_EXPIRED] = "expired bundle",
    [EXIT_BUNDLE_REPLAYED] = "replayed bundle",
    [EXIT_BUNDLE_GAP] = "bundle missing",
};

ExitCode exit_worse(ExitCode a, ExitCode b)
{
  return a > b ? a : b;
}

const char *exit_name(ExitCode code)
{
  return (size_t)code < G_N_ELEMENTS(names) && names[code] ? names[code] : "unknown";
}

G_DEFINE_QUARK(idou - error - quark, idou_error)
