// SPDX-License-Identifier: GPL-3.0-or-later
//
// What Active Directory refuses although its schema, or Samba, would let it pass. It is looked at when planning:
// MS-SAMR 3.1.1.6 (names of accounts), MS-ADTS 3.1.1.2 and the rangeUpper of Microsoft's own schema (lengths; Samba
// does not hold names to them).
#include "share_p.h"

#include <stdlib.h>

// Why the value is not taken; NULL = it is.
typedef const char *(*LimitCheck)(const char *value);

typedef struct Limit {
  const char *klass;  // structural object class; NULL = any
  const char *attribute;
  unsigned max_chars;  // 0 = any number
  LimitCheck check;    // NULL = anything
} Limit;

static const char *check_line(const char *value)
{
  for (const char *at = value; *at; at = g_utf8_next_char(at))
    if (g_unichar_iscntrl(g_utf8_get_char(at)))
      return N_("it holds a control character");
  return NULL;
}

static const char *check_account(const char *value)
{
  const char *fault = check_line(value);
  if (fault)
    return fault;
  if (value[strcspn(value, "\"/\\[]:;|=,+*?<>@")])
    return N_("none of \" / \\ [ ] : ; | = , + * ? < > @ may be in it");
  if (g_str_has_suffix(value, "."))
    return N_("it ends with a dot");
  return value[strspn(value, " .")] ? NULL : N_("it has neither letters nor digits");
}

static const char *check_principal(const char *value)
{
  const char *at = strchr(value, '@');
  if (!at || at == value || !at[1] || strchr(at + 1, '@'))
    return N_("it is written NAME@DOMAIN");
  if (value[strcspn(value, " \"/\\[]:;|=,+*?<>")])
    return N_("neither spaces nor one of \" / \\ [ ] : ; | = , + * ? < > may be in it");
  if (at[-1] == '.' || g_str_has_suffix(value, "."))
    return N_("a part of it ends with a dot");
  return check_line(value);
}

static const char *check_number(const char *value)
{
  gint64 number;
  return g_ascii_string_to_signed(value, 10, G_MININT64, G_MAXINT64, &number, NULL)
             ? NULL
             : N_("it is a number");
}

static const char *check_flag(const char *value)
{
  return strcmp(value, "TRUE") == 0 || strcmp(value, "FALSE") == 0 ? NULL
                                                                   : N_("it is TRUE or FALSE");
}

// clang-format off
static const Limit limits[] = {
    {"user", "sAMAccountName", 20, check_account},
    {"group", "sAMAccountName", 256, check_account},
    {NULL, "sAMAccountName", 256, check_account},
    {NULL, "userPrincipalName", 1024, check_principal},
    {NULL, "cn", 64, check_line},
    {NULL, "ou", 64, check_line},
    {NULL, "sn", 64, check_line},
    {NULL, "givenName", 64, check_line},
    {NULL, "initials", 6, check_line},
    {NULL, "middleName", 64, check_line},
    {NULL, "displayName", 256, check_line},
    {NULL, "department", 64, check_line},
    {NULL, "company", 64, check_line},
    {NULL, "division", 256, check_line},
    {NULL, "title", 128, check_line},
    {NULL, "employeeID", 16, check_line},
    {NULL, "employeeNumber", 512, check_line},
    {NULL, "employeeType", 256, check_line},
    {NULL, "mail", 256, check_line},
    {NULL, "telephoneNumber", 64, check_line},
    {NULL, "mobile", 64, check_line},
    {NULL, "facsimileTelephoneNumber", 64, check_line},
    {NULL, "ipPhone", 0, check_line},
    {NULL, "physicalDeliveryOfficeName", 128, check_line},
    {NULL, "description", 1024, NULL},
    {NULL, "info", 1024, NULL},
    {NULL, "l", 128, check_line},
    {NULL, "st", 128, check_line},
    {NULL, "postalCode", 40, check_line},
    {NULL, "streetAddress", 1024, NULL},
    {NULL, "wWWHomePage", 2048, check_line},
    {NULL, "msDS-PhoneticFirstName", 64, check_line},
    {NULL, "msDS-PhoneticLastName", 64, check_line},
    {NULL, "msDS-PhoneticDepartment", 64, check_line},
    {NULL, "msDS-PhoneticCompanyName", 64, check_line},
    {NULL, "msDS-PhoneticDisplayName", 256, check_line},
    {NULL, "accountExpires", 0, check_number},
    {NULL, "pwdLastSet", 0, check_number},
    {NULL, "groupType", 0, check_number},
    {NULL, "primaryGroupID", 0, check_number},
    {NULL, "userAccountControl", 0, check_number},
    {NULL, "msExchHideFromAddressLists", 0, check_flag},
};
// clang-format on

// Of classes that are made from another one, as the other one.
static bool is_kind(const char *klass, const char *of)
{
  return !of || g_ascii_strcasecmp(klass, of) == 0 ||
         (strcmp(of, "user") == 0 && g_ascii_strcasecmp(klass, "inetOrgPerson") == 0);
}

static bool refuses(const char *klass, const char *attribute, const char *value, GString *why)
{
  for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
    const Limit *limit = &limits[i];
    if (g_ascii_strcasecmp(limit->attribute, attribute) != 0 || !is_kind(klass, limit->klass))
      continue;
    const char *fault = limit->check ? limit->check(value) : NULL;
    if (limit->max_chars && text_chars(value) > limit->max_chars)
      g_string_printf(why, _("“%s” is longer than the %u characters that AD takes of %s"), value,
                      limit->max_chars, limit->attribute);
    else if (fault)
      g_string_printf(why, _("“%s” is no %s that AD takes: %s"), value, limit->attribute, _(fault));
    return why->len > 0;
  }
  return false;
}

static const Demand demands[] = {
    {"user", "sAMAccountName", false},
    // Microsoft refuses an account that is on and has no password; Samba makes one.
    {"user", "unicodePwd", true},
    {"group", "sAMAccountName", false},
    {NULL, NULL, false},
};

static const char *const unique[] = {"sAMAccountName", "userPrincipalName", NULL};

static const Limits ad_limits = {.refuses = refuses,
                                 .is_kind = is_kind,
                                 .demands = demands,
                                 .secret = "unicodePwd",
                                 .unique = unique,
                                 .folds_names = true};

static const struct {
  const char *type;
  const Limits *limits;
} rows[] = {{"ad", &ad_limits}, {"share", &share_limits}};

const Limits *target_limits(const char *type)
{
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    if (strcmp(rows[i].type, type) == 0)
      return rows[i].limits;
  return NULL;
}
