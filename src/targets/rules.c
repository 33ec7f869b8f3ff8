// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

typedef struct Rule {
  const char *name;
  MatchRule match;
  bool single;
  bool readonly;
  bool no_equality;
  uint32_t max_chars;
} Rule;

// RFC 4512, 4519, 4524, 2798, 2307 and the ppolicy draft, as OpenLDAP ships them. Sorted, ASCII case
// ignored.
static const Rule rules[] = {
    {"audio", MATCH_OCTETS, false, false, true, 0},
    {"businessCategory", MATCH_IGNORE, false, false, false, 128},
    {"c", MATCH_IGNORE, true, false, false, 0},
    {"carLicense", MATCH_IGNORE, false, false, false, 0},
    {"cn", MATCH_IGNORE, false, false, false, 0},
    {"co", MATCH_IGNORE, false, false, false, 0},
    {"commonName", MATCH_IGNORE, false, false, false, 0},
    {"createTimestamp", MATCH_TIME, true, true, false, 0},
    {"creatorsName", MATCH_DN, true, true, false, 0},
    {"dc", MATCH_IGNORE, true, false, false, 0},
    {"departmentNumber", MATCH_IGNORE, false, false, false, 0},
    {"description", MATCH_IGNORE, false, false, false, 1024},
    {"destinationIndicator", MATCH_IGNORE, false, false, false, 128},
    {"displayName", MATCH_IGNORE, true, false, false, 0},
    {"employeeNumber", MATCH_IGNORE, true, false, false, 0},
    {"employeeType", MATCH_IGNORE, false, false, false, 0},
    {"entryCSN", MATCH_OCTETS, true, true, false, 64},
    {"entryDN", MATCH_DN, true, true, false, 0},
    {"entryUUID", MATCH_OCTETS, true, true, false, 0},
    {"facsimileTelephoneNumber", MATCH_DIGITS, false, false, true, 0},
    {"gecos", MATCH_IGNORE, true, false, false, 0},
    {"gidNumber", MATCH_INTEGER, true, false, false, 0},
    {"givenName", MATCH_IGNORE, false, false, false, 0},
    {"gn", MATCH_IGNORE, false, false, false, 0},
    {"homeDirectory", MATCH_EXACT, true, false, false, 0},
    {"homePhone", MATCH_DIGITS, false, false, false, 0},
    {"homePostalAddress", MATCH_IGNORE, false, false, false, 0},
    {"info", MATCH_IGNORE, false, false, false, 2048},
    {"initials", MATCH_IGNORE, false, false, false, 0},
    {"internationaliSDNNumber", MATCH_DIGITS, false, false, false, 16},
    {"jpegPhoto", MATCH_OCTETS, false, false, true, 0},
    {"l", MATCH_IGNORE, false, false, false, 0},
    {"labeledURI", MATCH_EXACT, false, false, false, 0},
    {"loginShell", MATCH_EXACT, true, false, false, 0},
    {"mail", MATCH_IGNORE, false, false, false, 256},
    {"manager", MATCH_DN, false, false, false, 0},
    {"member", MATCH_DN, false, false, false, 0},
    {"memberOf", MATCH_DN, false, true, false, 0},
    {"memberUid", MATCH_EXACT, false, false, false, 0},
    {"mobile", MATCH_DIGITS, false, false, false, 0},
    {"modifiersName", MATCH_DN, true, true, false, 0},
    {"modifyTimestamp", MATCH_TIME, true, true, false, 0},
    {"o", MATCH_IGNORE, false, false, false, 0},
    {"objectClass", MATCH_IGNORE, false, false, false, 0},
    {"organizationName", MATCH_IGNORE, false, false, false, 0},
    {"ou", MATCH_IGNORE, false, false, false, 0},
    {"owner", MATCH_DN, false, false, false, 0},
    {"pager", MATCH_DIGITS, false, false, false, 0},
    {"photo", MATCH_OCTETS, false, false, true, 0},
    {"physicalDeliveryOfficeName", MATCH_IGNORE, false, false, false, 128},
    {"postOfficeBox", MATCH_IGNORE, false, false, false, 40},
    {"postalAddress", MATCH_IGNORE, false, false, false, 0},
    {"postalCode", MATCH_IGNORE, false, false, false, 40},
    {"preferredLanguage", MATCH_IGNORE, true, false, false, 0},
    {"pwdAccountLockedTime", MATCH_TIME, true, false, false, 0},
    {"pwdChangedTime", MATCH_TIME, true, true, false, 0},
    {"pwdLastSuccess", MATCH_TIME, true, true, false, 0},
    {"pwdPolicySubentry", MATCH_DN, true, false, false, 0},
    {"pwdReset", MATCH_BOOLEAN, true, false, false, 0},
    {"registeredAddress", MATCH_IGNORE, false, false, false, 0},
    {"roleOccupant", MATCH_DN, false, false, false, 0},
    {"roomNumber", MATCH_IGNORE, false, false, false, 256},
    {"secretary", MATCH_DN, false, false, false, 0},
    {"seeAlso", MATCH_DN, false, false, false, 0},
    {"serialNumber", MATCH_IGNORE, false, false, false, 64},
    {"sn", MATCH_IGNORE, false, false, false, 0},
    {"st", MATCH_IGNORE, false, false, false, 0},
    {"street", MATCH_IGNORE, false, false, false, 0},
    {"structuralObjectClass", MATCH_IGNORE, true, true, false, 0},
    {"subschemaSubentry", MATCH_DN, true, true, false, 0},
    {"surname", MATCH_IGNORE, false, false, false, 0},
    {"telephoneNumber", MATCH_DIGITS, false, false, false, 32},
    {"title", MATCH_IGNORE, false, false, false, 0},
    {"uid", MATCH_IGNORE, false, false, false, 0},
    {"uidNumber", MATCH_INTEGER, true, false, false, 0},
    {"uniqueMember", MATCH_DN, false, false, false, 0},
    {"userCertificate", MATCH_OCTETS, false, false, false, 0},
    {"userPKCS12", MATCH_OCTETS, false, false, true, 0},
    {"userPassword", MATCH_OCTETS, false, false, false, 128},
    {"x500UniqueIdentifier", MATCH_OCTETS, false, false, false, 0},
};

static const char *const classes_known[] = {"account",
                                            "applicationProcess",
                                            "country",
                                            "dcObject",
                                            "device",
                                            "domain",
                                            "domainRelatedObject",
                                            "extensibleObject",
                                            "groupOfNames",
                                            "groupOfUniqueNames",
                                            "inetOrgPerson",
                                            "locality",
                                            "organization",
                                            "organizationalPerson",
                                            "organizationalRole",
                                            "organizationalUnit",
                                            "person",
                                            "posixAccount",
                                            "posixGroup",
                                            "pwdPolicy",
                                            "residentialPerson",
                                            "shadowAccount",
                                            "simpleSecurityObject",
                                            "top",
                                            "uidObject"};

static int compare_name(const void *name, const void *rule)
{
  return g_ascii_strcasecmp(name, ((const Rule *)rule)->name);
}

bool rules_attr(const char *name, Attr *attr)
{
  // Options (";lang-ja") do not change how values compare.
  g_autofree char *bare = g_strndup(name, strcspn(name, ";"));
  const Rule *rule = bsearch(bare, rules, G_N_ELEMENTS(rules), sizeof rules[0], compare_name);
  if (!rule)
    return false;
  attr->match = rule->match;
  attr->single = rule->single;
  attr->readonly = rule->readonly;
  attr->no_equality = rule->no_equality;
  attr->max_chars = rule->max_chars;
  attr->known = true;
  return true;
}

void rules_classes(GPtrArray *classes)
{
  for (size_t i = 0; i < G_N_ELEMENTS(classes_known); i++)
    g_ptr_array_add(classes, g_strdup(classes_known[i]));
}
