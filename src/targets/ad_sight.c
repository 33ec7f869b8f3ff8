// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

static const char *const names[AD_N_ALONG] = {
    [AD_SID] = "objectSid",
    [AD_ADMIN_COUNT] = "adminCount",
    [AD_CRITICAL] = "isCriticalSystemObject",
    [AD_CONTROL] = "userAccountControl",
};

const char *ad_sight_attribute(AdAlong which)
{
  return names[which];
}

bool ad_sight_is(const AdSight *sight, AdAlong which, const char *value)
{
  const Bytes *there = &sight->values[which];
  return there->n == strlen(value) && memcmp(there->at, value, there->n) == 0;
}

unsigned long ad_sight_number(const AdSight *sight, AdAlong which)
{
  const Bytes *there = &sight->values[which];
  g_autofree char *text = g_strndup(there->n ? there->at : "", there->n);
  return (unsigned long)g_ascii_strtoull(text, NULL, 10);
}
