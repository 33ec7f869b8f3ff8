// SPDX-License-Identifier: GPL-3.0-or-later
#include "scim_p.h"

// A server says what it can do, not what we may: rights stay unsaid.
bool scim_vitals(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                 Vitals *out, GError **error)
{
  (void)classes;
  (void)n_classes;
  ScimSide *side = scim_side_open(config, true, error);
  if (!side)
    return false;
  ScimPulse pulse;
  if (scim_pulse(scim_link_setup(side->link), &pulse)) {
    out->certificate = pulse.certificate;
    if (pulse.date != INSTANT_NONE)
      vitals_clock(out, pulse.date);
  }
  scim_side_close(side);
  return true;
}
