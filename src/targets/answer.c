// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

typedef struct Row {
  int code;
  ResultTraits traits;
} Row;

// RFC 4511 appendix A; 122 is RFC 4528. A code that is not here fails.
static const Row rows[] = {
    {LDAP_SUCCESS, {OUTCOME_DONE, false, NULL}},
    {LDAP_TIMELIMIT_EXCEEDED, {OUTCOME_BUSY, false, N_("the server ran out of time")}},
    {LDAP_STRONG_AUTH_REQUIRED,
     {OUTCOME_FAILED, false, N_("the server wants stronger authentication for this")}},
    {LDAP_REFERRAL,
     {OUTCOME_FAILED, false,
      N_("the server refers to another one, and referrals are not followed: name the writable "
         "server in the site file")}},
    {LDAP_ADMINLIMIT_EXCEEDED, {OUTCOME_FAILED, false, N_("an administrative limit was met")}},
    {LDAP_UNAVAILABLE_CRITICAL_EXTENSION,
     {OUTCOME_FAILED, false, N_("the server does not take a control that it lists")}},
    {LDAP_CONFIDENTIALITY_REQUIRED, {OUTCOME_FAILED, false, N_("the server wants TLS for this")}},
    {LDAP_NO_SUCH_ATTRIBUTE,
     {OUTCOME_REFUSED, true, N_("a value that was to be replaced is no longer there")}},
    {LDAP_UNDEFINED_TYPE, {OUTCOME_REFUSED, false, N_("the server does not know the attribute")}},
    {LDAP_INAPPROPRIATE_MATCHING,
     {OUTCOME_REFUSED, false, N_("the attribute's values cannot be compared by the server")}},
    {LDAP_CONSTRAINT_VIOLATION,
     {OUTCOME_REFUSED, false, N_("the server's rules do not allow the value")}},
    {LDAP_TYPE_OR_VALUE_EXISTS, {OUTCOME_REFUSED, true, N_("the value is already there")}},
    {LDAP_INVALID_SYNTAX,
     {OUTCOME_REFUSED, false, N_("the value does not have the form that the schema asks for")}},
    {LDAP_NO_SUCH_OBJECT,
     {OUTCOME_REFUSED, true, N_("the entry, or the place it belongs to, is not there")}},
    {LDAP_INVALID_DN_SYNTAX, {OUTCOME_REFUSED, false, N_("the name is not a valid DN")}},
    {LDAP_INAPPROPRIATE_AUTH,
     {OUTCOME_FAILED, false, N_("the account cannot be used in this way")}},
    {LDAP_INVALID_CREDENTIALS, {OUTCOME_FAILED, false, N_("the password is wrong")}},
    {LDAP_INSUFFICIENT_ACCESS,
     {OUTCOME_FAILED, false, N_("the account for writing has no right to do this")}},
    {LDAP_BUSY, {OUTCOME_BUSY, false, N_("the server is busy")}},
    {LDAP_UNAVAILABLE, {OUTCOME_BUSY, false, N_("the server is not available")}},
    {LDAP_UNWILLING_TO_PERFORM, {OUTCOME_FAILED, true, N_("the server is not willing to do this")}},
    {LDAP_NAMING_VIOLATION, {OUTCOME_REFUSED, false, N_("the name does not fit the schema")}},
    {LDAP_OBJECT_CLASS_VIOLATION,
     {OUTCOME_REFUSED, false, N_("the entry would no longer fit its object class")}},
    {LDAP_NOT_ALLOWED_ON_NONLEAF,
     {OUTCOME_REFUSED, false, N_("there are entries below it; only an empty one is removed")}},
    {LDAP_NOT_ALLOWED_ON_RDN, {OUTCOME_REFUSED, true, N_("the value is part of the entry's name")}},
    {LDAP_ALREADY_EXISTS, {OUTCOME_REFUSED, true, N_("another entry has this name")}},
    {LDAP_NO_OBJECT_CLASS_MODS,
     {OUTCOME_REFUSED, false, N_("the server does not let the object class change")}},
    {LDAP_AFFECTS_MULTIPLE_DSAS,
     {OUTCOME_REFUSED, false, N_("the two places are on different servers")}},
    {LDAP_ASSERTION_FAILED,
     {OUTCOME_REFUSED, true, N_("another entry now stands where the planned one stood")}},
};

static const ResultTraits unlisted = {OUTCOME_FAILED, false, N_("the server could not do it")};

const ResultTraits *answer_traits(int code)
{
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    if (rows[i].code == code)
      return &rows[i].traits;
  return &unlisted;
}

void answer_clear(Answer *answer)
{
  g_clear_pointer(&answer->text, g_free);
  g_clear_pointer(&answer->stable_id, g_free);
}
