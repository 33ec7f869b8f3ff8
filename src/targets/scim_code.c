// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a SCIM server's refusals are in LDAP's words, by which all targets are judged (answer.c).
#include "scim_p.h"

// RFC 7644 table 9; status 0: whatever it is.
static const struct {
  const char *type;
  int code;
} types[] = {
    {"invalidFilter", LDAP_INAPPROPRIATE_MATCHING},
    {"tooMany", LDAP_ADMINLIMIT_EXCEEDED},
    {"uniqueness", LDAP_ALREADY_EXISTS},
    {"mutability", LDAP_CONSTRAINT_VIOLATION},
    {"invalidPath", LDAP_UNDEFINED_TYPE},
    {"noTarget", LDAP_NO_SUCH_ATTRIBUTE},
    {"invalidValue", LDAP_INVALID_SYNTAX},
    {"sensitive", LDAP_CONFIDENTIALITY_REQUIRED},
};

// RFC 7644 table 8.
static const struct {
  long status;
  int code;
} statuses[] = {
    {401, LDAP_INVALID_CREDENTIALS},
    {403, LDAP_INSUFFICIENT_ACCESS},
    {404, LDAP_NO_SUCH_OBJECT},
    {405, LDAP_UNWILLING_TO_PERFORM},
    {409, LDAP_ALREADY_EXISTS},
    {412, LDAP_ASSERTION_FAILED},
    {413, LDAP_ADMINLIMIT_EXCEEDED},
    {422, LDAP_CONSTRAINT_VIOLATION},
    {423, LDAP_BUSY},
    {425, LDAP_BUSY},
    {429, LDAP_BUSY},
    {501, LDAP_UNWILLING_TO_PERFORM},
    {503, LDAP_UNAVAILABLE},
};

int scim_code_status(long status, const char *type)
{
  if (status >= 200 && status < 300)
    return LDAP_SUCCESS;
  for (size_t i = 0; type && i < G_N_ELEMENTS(types); i++)
    if (g_ascii_strcasecmp(types[i].type, type) == 0)
      return types[i].code;
  for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
    if (statuses[i].status == status)
      return statuses[i].code;
  return status >= 300 && status < 400 ? LDAP_REFERRAL : LDAP_OTHER;
}

int scim_code_of(const ScimAsk *ask)
{
  if (ask->end == SCIM_UNSENT)
    return LDAP_UNAVAILABLE;
  return scim_code_status(ask->status, json_string_value(json_object_get(ask->answer, "scimType")));
}

int scim_code_fault(ScimFault fault)
{
  static const int codes[] = {[SCIM_FINE] = LDAP_SUCCESS,
                              [SCIM_UNKNOWN] = LDAP_UNDEFINED_TYPE,
                              [SCIM_READONLY] = LDAP_CONSTRAINT_VIOLATION,
                              [SCIM_MALFORMED] = LDAP_INVALID_SYNTAX,
                              [SCIM_GONE] = LDAP_NO_SUCH_ATTRIBUTE,
                              [SCIM_THERE] = LDAP_TYPE_OR_VALUE_EXISTS};
  return codes[fault];
}
