// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

static const struct {
  const char *code;  // NULL: nothing to tell
  const char *what;
  const char *advice;
} rows[N_STANDS] = {
    [STAND_REFUSED] = {"apply-refused", N_("was refused"),
                       N_("Nothing was changed by it; look at the entry, then make a new plan.")},
    [STAND_FAILED] = {"apply-failed", N_("failed"),
                      N_("It will be tried again when the plan is applied again, or by the next "
                         "plan.")},
    [STAND_UNKNOWN] = {"apply-unknown", N_("was sent, and nobody knows whether it took effect"),
                       N_("Look at the entry; `idou resume` looks again, too.")},
};

void tell_ending(Findings *problems, const Op *op, const Ending *ending)
{
  const char *code = rows[ending->stand].code;
  if (!code)
    return;
  Finding finding = {
      .level = FINDING_ERROR, .code = code, .subject = op->label ? op->label : op->object};
  const char *to = op->member ? op->member : "";
  findings_add(problems, &finding, _("operation %u (%s %s%s%s in %s) %s: %s. %s"), op->n,
               op_traits(op->kind)->name, op->object, *to ? " ← " : "", to, op->target,
               _(rows[ending->stand].what),
               ending->detail ? ending->detail : _("no reason was given"),
               _(rows[ending->stand].advice));
}

void tell_left(Findings *problems, const char *code, const char *target, const char *text)
{
  Finding finding = {.level = FINDING_WARNING, .code = code, .subject = target};
  findings_add(problems, &finding, "%s", text);
}

void tell_target(Findings *problems, const char *code, const char *target, const char *text)
{
  Finding finding = {.level = FINDING_ERROR, .code = code, .subject = target};
  findings_add(problems, &finding, "%s", text);
}
