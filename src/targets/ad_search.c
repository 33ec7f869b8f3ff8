// SPDX-License-Identifier: GPL-3.0-or-later
//
// Searches of our own in a domain: in pages, since a controller gives no more than 1000 entries otherwise.
#include "ldap_p.h"

static int ask_page(const Link *link, const AdSearch *search, struct berval *cookie,
                    LDAPMessage **result)
{
  LDAPControl *page = NULL, **back = NULL;
  struct timeval timeout = ldap_link_timeout(link);
  int code = ldap_create_page_control(link->ld, link->dialect->page_size, cookie, 1, &page);
  LDAPControl *controls[] = {page, NULL};
  if (code == LDAP_SUCCESS)
    code = ldap_search_ext_s(link->ld, search->base, search->scope, search->filter,
                             (char **)search->attributes, 0, controls, NULL, &timeout,
                             LDAP_NO_LIMIT, result);
  ldap_control_free(page);
  ber_memfree(cookie->bv_val);
  *cookie = (struct berval){0};
  if (code == LDAP_SUCCESS)
    code = ldap_parse_result(link->ld, *result, NULL, NULL, NULL, NULL, &back, 0);
  page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, back, NULL);
  ber_int_t estimate = 0;
  if (code == LDAP_SUCCESS && page)
    code = ldap_parse_pageresponse_control(link->ld, page, &estimate, cookie);
  ldap_controls_free(back);
  return code;
}

int ad_search(const Link *link, const AdSearch *search, AdSearchFunc func, void *data)
{
  struct berval cookie = {0};
  int code = LDAP_SUCCESS;
  do {
    LDAPMessage *result = NULL;
    code = ask_page(link, search, &cookie, &result);
    for (LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(link->ld, result) : NULL;
         entry; entry = ldap_next_entry(link->ld, entry))
      func(entry, data);
    ldap_msgfree(result);
  } while (code == LDAP_SUCCESS && cookie.bv_len);
  ber_memfree(cookie.bv_val);
  return code;
}
