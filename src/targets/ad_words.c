// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

#include <stdlib.h>

// A domain controller begins its diagnostic text with a Win32 code in eight hexadecimal digits, "0000052D: SvcErr:
// DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0". The LDAP code says little; this one says why
// (MS-ERREF 2.2).
typedef struct Words {
  unsigned long code;
  const char *text;
} Words;

static const Words words[] = {
    {0x0005, N_("the account for writing has no right to do this")},
    {0x001f,
     N_("the server does not take a password over this connection; it wants TLS or a sealed "
        "one")},
    {0x0523, N_("the name is not one that an account may have")},
    {0x0524, N_("there is an account of this name already")},
    {0x0525, N_("there is no such account or group any more")},
    {0x0526, N_("there is a group of this name already")},
    {0x0528, N_("it is a member of the group already")},
    {0x0529, N_("it is no member of the group")},
    {0x052a, N_("it is the last account of the administrators, which cannot be taken out")},
    {0x052c, N_("the password does not have a form that the server takes")},
    {0x052d,
     N_("the domain's password policy does not take the password: too short, too simple, used "
        "before, or changed too soon. Look at the length and the kinds of characters of the "
        "secret's policy")},
    {0x055b, N_("it is a built-in account, which the server keeps as it is")},
    {0x055c, N_("it is a built-in group, which the server keeps as it is")},
    {0x055d, N_("it is a built-in account, which the server keeps as it is")},
    {0x055e, N_("it is the account's primary group: give the account another one (primaryGroupID) "
                "first")},
    {0x0561, N_("it is no member of the group")},
    {0x0562, N_("it is a member of the group already")},
    {0x0563, N_("there is a group of this name already")},
    {0x056b, N_("the member is not there any more")},
    {0x056c, N_("a member of this kind cannot be in a group of this kind")},
    {0x2010, N_("the server has no identifiers left to give; its RID master must be reachable")},
    {0x2011, N_("the domain has no identifiers left to give (RID pool)")},
    {0x2015, N_("there are entries below it; only an empty one is removed")},
    {0x2018, N_("the two places are in different domains")},
    {0x2071,
     N_("another entry has this name, in this place or as its sAMAccountName in the domain")},
    {0x2082, N_("a value is longer or greater than the attribute takes")},
    {0x2089, N_("the place it belongs into is not there")},
    {0x2098, N_("the account for writing has no right to do this")},
    {0x2099, N_("an entry of this kind cannot stand in this place")},
    {0x209a, N_("the server sets this attribute itself")},
    {0x2129, N_("a deleted entry cannot be moved")},
    {0x2132, N_("groups that hold accounts cannot be moved to another domain")},
    {0x2139, N_("the group keeps its members protected (adminCount)")},
    {0x2141, N_("the group cannot become one of this kind")},
    {0x2144, N_("a global group cannot hold a domain local one")},
    {0x2145, N_("a global group cannot hold a universal one")},
    {0x2146, N_("a universal group cannot hold a domain local one")},
    {0x2147, N_("a global group cannot hold members of another domain")},
    {0x2148, N_("a domain local group cannot hold a domain local one of another domain")},
    {0x2149, N_("it is the primary group of some accounts: give them another one first")},
    {0x216d, N_("the account for writing has created as many accounts as the domain allows it")},
    {0x21c7, N_("another account in the forest has this service principal name")},
    {0x21c8, N_("another account in the forest has this userPrincipalName")},
};

#define CODE_DIGITS 8

const char *ad_words_of(const char *text)
{
  char *end = NULL;
  unsigned long code = strtoul(text, &end, 16);
  if (end - text != CODE_DIGITS || *end != ':')
    return NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (words[i].code == code)
      return words[i].text;
  return NULL;
}
