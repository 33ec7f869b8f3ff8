// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rights on a folder as people write them, one entry of an access list a value:
//
//   allow|deny RIGHTS[/SCOPE] PRINCIPAL [(SID)]      allow modify CITY\g-0101
//
// and what they mean as MS-DTYP has it (2.4.3 masks, 2.4.4.1 flags, 2.4.2.4 well-known SIDs).
#include "model_p.h"

#define DENIED_ANYWAY (ACCESS_SYNCHRONIZE | ACCESS_READ_CONTROL)

typedef struct Right {
  const char *name;
  uint32_t mask;
  uint8_t flags;  // what it applies to unless said
} Right;

// The masks that Windows itself shows under these names; of two with one mask the first is written.
static const Right rights[] = {
    {"full", 0x1f01ff, ACCESS_FILES | ACCESS_FOLDERS},
    {"modify", 0x1301bf, ACCESS_FILES | ACCESS_FOLDERS},
    {"read", 0x1200a9, ACCESS_FILES | ACCESS_FOLDERS},
    {"list", 0x1200a9, ACCESS_FOLDERS},
    {"write", 0x100116, ACCESS_FILES | ACCESS_FOLDERS},
    {"traverse", 0x1200a0, 0},
};

typedef struct ScopeName {
  const char *name;
  uint8_t flags;
} ScopeName;

static const ScopeName scopes[] = {
    {"all", ACCESS_FILES | ACCESS_FOLDERS},
    {"this", 0},
    {"folders", ACCESS_FOLDERS},
    {"files", ACCESS_FILES},
    {"below", ACCESS_FILES | ACCESS_FOLDERS | ACCESS_NOT_THIS},
    {"subfolders", ACCESS_FOLDERS | ACCESS_NOT_THIS},
    {"only-files", ACCESS_FILES | ACCESS_NOT_THIS},
};

typedef struct Generic {
  uint32_t bit, mask;
} Generic;

// What a file system makes of generic rights (MS-FSA; winnt.h's FILE_GENERIC_*).
static const Generic generics[] = {
    {0x10000000, 0x1f01ff}, {0x80000000, 0x120089}, {0x40000000, 0x120116}, {0x20000000, 0x1200a0}};

typedef struct WellKnown {
  const char *domain, *name, *sid;
} WellKnown;

static const WellKnown well_known[] = {
    {NULL, "Everyone", "S-1-1-0"},
    {NULL, "CREATOR OWNER", "S-1-3-0"},
    {NULL, "CREATOR GROUP", "S-1-3-1"},
    {NULL, "OWNER RIGHTS", "S-1-3-4"},
    {"NT AUTHORITY", "NETWORK", "S-1-5-2"},
    {"NT AUTHORITY", "INTERACTIVE", "S-1-5-4"},
    {"NT AUTHORITY", "ANONYMOUS LOGON", "S-1-5-7"},
    {"NT AUTHORITY", "Authenticated Users", "S-1-5-11"},
    {"NT AUTHORITY", "SYSTEM", "S-1-5-18"},
    {"NT AUTHORITY", "LOCAL SERVICE", "S-1-5-19"},
    {"NT AUTHORITY", "NETWORK SERVICE", "S-1-5-20"},
    {"BUILTIN", "Administrators", "S-1-5-32-544"},
    {"BUILTIN", "Users", "S-1-5-32-545"},
    {"BUILTIN", "Guests", "S-1-5-32-546"},
    {"BUILTIN", "Server Operators", "S-1-5-32-549"},
    {"BUILTIN", "Backup Operators", "S-1-5-32-551"},
};

// ---------------------------------------------------------------------------------------------
// Principals.

bool access_is_sid(const char *text, size_t n)
{
  if (n < 5 || g_ascii_strncasecmp(text, "S-1-", 4) != 0)
    return false;
  bool digit = false;
  for (size_t i = 4; i < n; i++) {
    if (!g_ascii_isdigit(text[i]) && (text[i] != '-' || !digit))
      return false;
    digit = g_ascii_isdigit(text[i]);
  }
  return digit;
}

const char *access_well_known(const char *principal)
{
  const char *slash = strchr(principal, '\\');
  for (size_t i = 0; i < G_N_ELEMENTS(well_known); i++) {
    const WellKnown *row = &well_known[i];
    if (g_ascii_strcasecmp(slash ? slash + 1 : principal, row->name) != 0)
      continue;
    size_t n_domain = slash ? (size_t)(slash - principal) : 0;
    if (!slash || (row->domain && strlen(row->domain) == n_domain &&
                   g_ascii_strncasecmp(row->domain, principal, n_domain) == 0))
      return row->sid;
  }
  return NULL;
}

bool access_well_known_name(const char *sid, GString *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(well_known); i++) {
    const WellKnown *row = &well_known[i];
    if (g_ascii_strcasecmp(sid, row->sid) != 0)
      continue;
    if (row->domain)
      g_string_append_printf(out, "%s\\", row->domain);
    g_string_append(out, row->name);
    return true;
  }
  return false;
}

// "CITY\g-0101 (S-1-5-21-…)", "CITY\g-0101", "S-1-5-18". False: neither a name nor a SID.
static bool split_principal(const char *text, size_t n, Access *out)
{
  while (n && text[n - 1] == ' ')
    n--;
  while (n && *text == ' ')
    text++, n--;
  const char *open = n && text[n - 1] == ')' ? g_strrstr_len(text, (gssize)n, "(") : NULL;
  if (open && access_is_sid(open + 1, (size_t)(text + n - 1 - open - 1))) {
    out->sid = (Slice){(size_t)(text + n - 1 - open - 1), open + 1};
    n = (size_t)(open - text);
    while (n && text[n - 1] == ' ')
      n--;
  }
  out->principal = (Slice){n, text};
  if (access_is_sid(text, n)) {
    out->sid = out->principal;
    out->principal = (Slice){0, text};
    return true;
  }
  return n > 0 && text[n - 1] != '\\' && !memchr(text, '"', n);
}

// ---------------------------------------------------------------------------------------------
// Parsing.

static bool parse_hex(const char *text, size_t n, uint32_t *out)
{
  *out = 0;
  if (n < 3 || n > 10 || text[0] != '0' || (text[1] | 0x20) != 'x')
    return false;
  for (size_t i = 2; i < n; i++) {
    if (!g_ascii_isxdigit(text[i]))
      return false;
    *out = *out << 4 | (uint32_t)g_ascii_xdigit_value(text[i]);
  }
  return true;
}

static const Right *right_named(const char *text, size_t n)
{
  for (size_t i = 0; i < G_N_ELEMENTS(rights); i++)
    if (strlen(rights[i].name) == n && g_ascii_strncasecmp(rights[i].name, text, n) == 0)
      return &rights[i];
  return NULL;
}

// Who is denied reading is still shown what he is denied: a denied SYNCHRONIZE or READ_CONTROL would
// deny every way of opening, so that Windows leaves both out of what it denies.
static uint32_t mask_of(const Right *right, bool deny)
{
  return deny && right->mask != 0x1f01ff ? right->mask & ~(uint32_t)DENIED_ANYWAY : right->mask;
}

uint32_t access_specific(uint32_t mask)
{
  for (size_t i = 0; i < G_N_ELEMENTS(generics); i++)
    if (mask & generics[i].bit)
      mask = (mask & ~generics[i].bit) | generics[i].mask;
  return mask;
}

static void append_names(GString *why, bool of_rights)
{
  for (size_t i = 0; of_rights && i < G_N_ELEMENTS(rights); i++)
    g_string_append_printf(why, "%s%s", i ? ", " : "", rights[i].name);
  for (size_t i = 0; !of_rights && i < G_N_ELEMENTS(scopes); i++)
    g_string_append_printf(why, "%s%s", i ? ", " : "", scopes[i].name);
}

static bool parse_rights(const char *text, size_t n, Access *out, GString *why)
{
  const char *end = text + n;
  out->mask = 0;
  out->flags = 0;
  for (const char *at = text; at <= end;) {
    const char *plus = memchr(at, '+', (size_t)(end - at));
    size_t n_word = (size_t)((plus ? plus : end) - at);
    const Right *right = right_named(at, n_word);
    uint32_t mask = 0;
    if (!right && (!parse_hex(at, n_word, &mask) || !mask)) {
      g_string_printf(why, _("“%.*s” is no right; there are "), (int)n_word, at);
      append_names(why, true);
      g_string_append(why, _(" and masks such as 0x1200a9"));
      return false;
    }
    out->mask |= right ? mask_of(right, out->deny) : access_specific(mask);
    out->flags |= right ? right->flags : ACCESS_FILES | ACCESS_FOLDERS;
    at = plus ? plus + 1 : end + 1;
  }
  return true;
}

static bool parse_scope(const char *text, size_t n, Access *out, GString *why)
{
  uint32_t flags = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(scopes); i++) {
    if (strlen(scopes[i].name) != n || g_ascii_strncasecmp(scopes[i].name, text, n) != 0)
      continue;
    out->flags = scopes[i].flags;
    return true;
  }
  if (parse_hex(text, n, &flags) && flags <= ACCESS_ALL_FLAGS) {
    out->flags = (uint8_t)flags;
    return true;
  }
  g_string_printf(why, _("“%.*s” is nothing that a right can be for; there are "), (int)n, text);
  append_names(why, false);
  return false;
}

static bool parse_kind(const char *text, size_t n, Access *out)
{
  out->deny = n == 4 && g_ascii_strncasecmp(text, "deny", n) == 0;
  return out->deny || (n == 5 && g_ascii_strncasecmp(text, "allow", n) == 0);
}

bool access_parse(const char *text, size_t n, Access *out, GString *why)
{
  g_autoptr(GString) unheard = g_string_new(NULL);
  why = why ? why : unheard;
  *out = (Access){0};
  const char *end = text + n, *first = memchr(text, ' ', n);
  const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
  if (!second || !parse_kind(text, (size_t)(first - text), out)) {
    g_string_printf(why, _("“%.*s” is not of the form “allow|deny RIGHTS[/SCOPE] PRINCIPAL”"),
                    (int)n, text);
    return false;
  }
  const char *right = first + 1, *slash = memchr(right, '/', (size_t)(second - right));
  if (!parse_rights(right, (size_t)((slash ? slash : second) - right), out, why) ||
      (slash && !parse_scope(slash + 1, (size_t)(second - slash - 1), out, why)))
    return false;
  if (split_principal(second + 1, (size_t)(end - second - 1), out))
    return true;
  g_string_printf(why, _("“%.*s” does not say whose right it is"), (int)n, text);
  return false;
}

bool access_parse_principal(const char *text, size_t n, Access *out)
{
  *out = (Access){0};
  return split_principal(text, n, out);
}

// ---------------------------------------------------------------------------------------------
// Writing and comparing.

// The row that has exactly this mask, its own scope before others.
static const Right *right_of(uint32_t mask, uint8_t flags, bool deny)
{
  const Right *found = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(rights); i++) {
    if (mask_of(&rights[i], deny) != mask)
      continue;
    if (rights[i].flags == flags)
      return &rights[i];
    found = found ? found : &rights[i];
  }
  return found;
}

static void append_scope(uint8_t flags, GString *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(scopes); i++) {
    if (scopes[i].flags != flags)
      continue;
    g_string_append_printf(out, "/%s", scopes[i].name);
    return;
  }
  g_string_append_printf(out, "/0x%02x", flags);
}

void access_format(const Access *access, GString *out)
{
  g_string_append(out, access->deny ? "deny " : "allow ");
  const Right *right = right_of(access->mask, access->flags, access->deny);
  if (right)
    g_string_append(out, right->name);
  else
    g_string_append_printf(out, "0x%x", access->mask);
  if (access->flags != (right ? right->flags : (ACCESS_FILES | ACCESS_FOLDERS)))
    append_scope(access->flags, out);
  g_string_append_c(out, ' ');
  if (!access->principal.n) {
    g_string_append_len(out, access->sid.at, (gssize)access->sid.n);
    return;
  }
  g_string_append_len(out, access->principal.at, (gssize)access->principal.n);
  if (access->sid.n)
    g_string_append_printf(out, " (%.*s)", (int)access->sid.n, access->sid.at);
}

// The name without its domain, case folded; of a well-known one the SID; of what has no name the SID.
static void normal_principal(const Access *access, GString *out)
{
  g_autofree char *name = g_strndup(access->principal.at, access->principal.n);
  const char *sid = access->principal.n ? access_well_known(name) : NULL;
  if (sid || !access->principal.n) {
    g_autofree char *upper =
        sid ? g_strdup(sid) : g_ascii_strup(access->sid.at, (gssize)access->sid.n);
    g_string_append(out, upper);
    return;
  }
  const char *slash = strchr(name, '\\');
  const char *account = slash ? slash + 1 : name;
  if (!prepare_text(account, strlen(account), true, out))
    g_string_append(out, account);
}

bool access_normal(const char *bytes, size_t n_bytes, GString *out)
{
  Access access;
  if (!access_parse(bytes, n_bytes, &access, NULL))
    return false;
  g_string_append_printf(out, "%s 0x%x/%u ", access.deny ? "deny" : "allow", access.mask,
                         access.flags);
  normal_principal(&access, out);
  return true;
}

bool access_normal_principal(const char *bytes, size_t n_bytes, GString *out)
{
  Access access;
  if (!access_parse_principal(bytes, n_bytes, &access))
    return false;
  normal_principal(&access, out);
  return true;
}

static bool same_slice(const Slice *a, const Slice *b)
{
  return a->n && a->n == b->n && g_ascii_strncasecmp(a->at, b->at, a->n) == 0;
}

// Domains count when both sides tell theirs.
static bool same_domain(const Access *a, const Access *b)
{
  const char *slash_a = memchr(a->principal.at, '\\', a->principal.n);
  const char *slash_b = memchr(b->principal.at, '\\', b->principal.n);
  if (!slash_a || !slash_b)
    return true;
  size_t n = (size_t)(slash_a - a->principal.at);
  return n == (size_t)(slash_b - b->principal.at) &&
         g_ascii_strncasecmp(a->principal.at, b->principal.at, n) == 0;
}

static bool same_principal(const Access *a, const Access *b)
{
  g_autoptr(GString) normal_a = g_string_new(NULL), normal_b = g_string_new(NULL);
  normal_principal(a, normal_a);
  normal_principal(b, normal_b);
  if (g_string_equal(normal_a, normal_b))
    return !a->principal.n || !b->principal.n || same_domain(a, b) ||
           access_is_sid(normal_a->str, normal_a->len);
  return (!a->principal.n || !b->principal.n) && same_slice(&a->sid, &b->sid);
}

bool access_equal(const char *a, size_t n_a, const char *b, size_t n_b)
{
  Access access_a, access_b;
  return access_parse(a, n_a, &access_a, NULL) && access_parse(b, n_b, &access_b, NULL) &&
         access_a.deny == access_b.deny && access_a.mask == access_b.mask &&
         access_a.flags == access_b.flags && same_principal(&access_a, &access_b);
}

bool access_equal_principal(const char *a, size_t n_a, const char *b, size_t n_b)
{
  Access access_a, access_b;
  return access_parse_principal(a, n_a, &access_a) && access_parse_principal(b, n_b, &access_b) &&
         same_principal(&access_a, &access_b);
}
