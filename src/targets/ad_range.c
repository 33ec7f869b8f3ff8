// SPDX-License-Identifier: GPL-3.0-or-later
//
// An attribute with many values comes in part, and says so in its name: "member;range=0-1499"; the last part
// ends with "-*" (MS-ADTS 3.1.1.3.1.3.3). Between the parts somebody may change the group, so that one member
// slips through; then it is read anew.
#include "ldap_p.h"

#define MOST_ROUNDS 3
#define MARK ";range="

bool ad_range_parse(const Bytes *name, AdRange *out)
{
  const char *mark = memmem(name->at, name->n, MARK, strlen(MARK));
  if (!mark)
    return false;
  g_autofree char *text =
      g_strndup(mark + strlen(MARK), name->n - (size_t)(mark - name->at) - strlen(MARK));
  char *end = NULL;
  *out = (AdRange){.n_name = (size_t)(mark - name->at),
                   .first = (size_t)g_ascii_strtoull(text, &end, 10)};
  if (end == text || *end != '-')
    return false;
  const char *last = end + 1;
  out->complete = g_str_equal(last, "*");
  if (out->complete)
    return true;
  out->last = (size_t)g_ascii_strtoull(last, &end, 10);
  return end != last && !*end && out->last >= out->first;
}

// What has come so far.
typedef struct Parts {
  Link *link;
  const char *dn;
  const char *attribute;
  AdValues *out;
  size_t next;
  bool done;
  GString *version;  // uSNChanged as the first part came with; empty = none yet
  bool changed;      // … another part came with another
} Parts;

static bool fail(const Parts *parts, int code, const char *what, GError **error)
{
  g_autofree char *full = g_strdup_printf("%s: %s", parts->dn, what);
  return ldap_link_fail(parts->link, code, full, error);
}

static void take_version(Parts *parts, LDAPMessage *entry)
{
  LDAP *ld = parts->link->ld;
  struct berval **values = ldap_get_values_len(ld, entry, "uSNChanged");
  const char *version = values && *values ? (*values)->bv_val : "";
  if (parts->version->len == 0)
    g_string_assign(parts->version, version);
  parts->changed |= !g_str_equal(parts->version->str, version);
  ldap_value_free_len(values);
}

static size_t take_values(Parts *parts, LDAPMessage *entry, const char *name)
{
  struct berval **values = ldap_get_values_len(parts->link->ld, entry, name);
  size_t n = 0;
  for (; values && values[n]; n++)
    g_array_append_vals(parts->out->values, &(Bytes){values[n]->bv_len, values[n]->bv_val}, 1);
  g_ptr_array_add(parts->out->lists, values);
  return n;
}

// Under what name, and which part of it, the values have come; NULL: there are none. Caller frees.
static char *find_part(const Parts *parts, LDAPMessage *entry, AdRange *range)
{
  BerElement *ber = NULL;
  char *found = NULL;
  size_t n = strlen(parts->attribute);
  *range = (AdRange){.complete = true};
  for (char *name = ldap_first_attribute(parts->link->ld, entry, &ber); name;
       name = ldap_next_attribute(parts->link->ld, entry, ber)) {
    bool whole = g_ascii_strcasecmp(name, parts->attribute) == 0;
    if (whole || (g_ascii_strncasecmp(name, parts->attribute, n) == 0 &&
                  ad_range_parse(&(Bytes){strlen(name), name}, range) && range->n_name == n)) {
      g_free(found);
      found = g_strdup(name);
    }
    ldap_memfree(name);
  }
  ber_free(ber, 0);
  return found;
}

static bool take_part(Parts *parts, LDAPMessage *entry, GError **error)
{
  AdRange range;
  g_autofree char *name = find_part(parts, entry, &range);
  take_version(parts, entry);
  if (!name) {
    // It was there a moment ago.
    parts->done = true;
    parts->changed |= parts->next > 0;
    return true;
  }
  size_t n = take_values(parts, entry, name);
  parts->done = range.complete;
  if (range.complete)
    return true;
  if (range.first != parts->next || n != range.last - range.first + 1)
    return fail(parts, LDAP_DECODING_ERROR, _("its values come in parts that do not fit together"),
                error);
  parts->next = range.last + 1;
  return true;
}

static bool read_part(Parts *parts, GError **error)
{
  Link *link = parts->link;
  int size = link->config->range_size;
  g_autofree char *name = size ? g_strdup_printf("%s" MARK "%zu-%zu", parts->attribute, parts->next,
                                                 parts->next + (size_t)size - 1)
                               : g_strdup_printf("%s" MARK "%zu-*", parts->attribute, parts->next);
  char *attributes[] = {name, (char *)"uSNChanged", NULL};
  struct timeval timeout = ldap_link_timeout(link);
  LDAPMessage *result = NULL;
  int code = ldap_search_ext_s(link->ld, parts->dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes,
                               0, NULL, NULL, &timeout, LDAP_NO_LIMIT, &result);
  LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(link->ld, result) : NULL;
  bool fine = entry ? take_part(parts, entry, error)
                    : fail(parts, code, _("its values could not be read to the end"), error);
  ldap_msgfree(result);
  return fine;
}

static void free_list(void *list)
{
  ldap_value_free_len(list);
}

AdValues *ad_values_new(void)
{
  AdValues *values = g_new(AdValues, 1);
  values->values = g_array_new(false, false, sizeof(Bytes));
  values->lists = g_ptr_array_new_with_free_func(free_list);
  return values;
}

void ad_values_free(void *data)
{
  AdValues *values = data;
  g_array_unref(values->values);
  g_ptr_array_unref(values->lists);
  g_free(values);
}

bool ad_range_read(Link *link, const char *dn, const char *attribute, AdValues *out, GError **error)
{
  g_autoptr(GString) version = g_string_new(NULL);
  Parts parts = {.link = link, .dn = dn, .attribute = attribute, .out = out, .version = version};
  for (int round = 0; round < MOST_ROUNDS; round++) {
    g_array_set_size(out->values, 0);
    g_string_truncate(version, 0);
    parts.next = 0;
    parts.done = parts.changed = false;
    while (!parts.done && !parts.changed)
      if (!read_part(&parts, error))
        return false;
    if (!parts.changed)
      return true;
  }
  return fail(&parts, LDAP_SUCCESS,
              _("it changes all the time while its values are read; run again"), error);
}
