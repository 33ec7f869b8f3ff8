// SPDX-License-Identifier: GPL-3.0-or-later
#include "mail/mail_p.h"

#include <string.h>

#define LOCAL_CHARS_MOST 64
#define LABEL_CHARS_MOST 63
#define DOMAIN_CHARS_MOST 253

// RFC 5322 atext; quoted local parts are left out, since nobody has one and they can hold anything.
static bool is_atom_char(char c)
{
  return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool is_label_char(char c)
{
  return g_ascii_isalnum(c) || c == '-';
}

// Parts of such characters with single dots between them.
static bool is_dotted(const char *text, size_t n, bool (*is_char)(char), size_t n_most)
{
  size_t n_part = 0;
  for (size_t i = 0; i < n; i++) {
    n_part = text[i] == '.' ? 0 : n_part + 1;
    if (n_part > n_most || (text[i] != '.' && !is_char(text[i])) ||
        (text[i] == '.' && (i == 0 || text[i - 1] == '.')))
      return false;
  }
  return n_part > 0;
}

bool mail_is_address(const char *text)
{
  const char *at = text == NULL ? NULL : strchr(text, '@');
  if (at == NULL)
    return false;
  size_t n_local = (size_t)(at - text), n_domain = strlen(at + 1);
  return n_local <= LOCAL_CHARS_MOST && n_domain <= DOMAIN_CHARS_MOST &&
         is_dotted(text, n_local, is_atom_char, LOCAL_CHARS_MOST) &&
         is_dotted(at + 1, n_domain, is_label_char, LABEL_CHARS_MOST) && at[1] != '-' &&
         at[n_domain] != '-';
}

char *mail_address_of(const char *text)
{
  const char *open = text == NULL ? NULL : strrchr(text, '<');
  size_t n = text == NULL ? 0 : strlen(text);
  g_autofree char *address = NULL;
  if (open == NULL)
    address = g_strdup(text);
  else if (text[n - 1] == '>')
    address = g_strndup(open + 1, n - (size_t)(open - text) - 2);
  return mail_is_address(address) ? g_steal_pointer(&address) : NULL;
}
