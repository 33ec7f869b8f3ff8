// SPDX-License-Identifier: GPL-3.0-or-later
//
// Security descriptors of folders: read from what Samba's programs print, computed, written as SDDL
// (MS-DTYP 2.5.1). Inheritance is MS-DTYP 2.5.3.4 for folders: the server computes it only when
// something is made, so whoever sets a list says what is inherited, too.
#include "share_p.h"

#define CREATOR_OWNER "S-1-3-0"
#define CREATOR_GROUP "S-1-3-1"

static void clear_ace(void *data)
{
  g_free(((Ace *)data)->sid);
}

Acl *acl_new(void)
{
  Acl *acl = g_new0(Acl, 1);
  acl->aces = g_array_new(false, true, sizeof(Ace));
  g_array_set_clear_func(acl->aces, clear_ace);
  return acl;
}

void acl_free(Acl *acl)
{
  if (!acl)
    return;
  g_array_unref(acl->aces);
  g_free(acl->owner);
  g_free(acl->group);
  g_free(acl);
}

void acl_add(Acl *acl, const Ace *ace)
{
  Ace copy = *ace;
  copy.sid = g_strdup(ace->sid);
  g_array_append_val(acl->aces, copy);
}

Acl *acl_copy(const Acl *acl)
{
  Acl *copy = acl_new();
  copy->control = acl->control;
  copy->owner = g_strdup(acl->owner);
  copy->group = g_strdup(acl->group);
  for (size_t i = 0; i < acl->aces->len; i++)
    acl_add(copy, acl_at(acl, i));
  return copy;
}

const Ace *acl_at(const Acl *acl, size_t i)
{
  return &g_array_index(acl->aces, Ace, i);
}

static bool same_ace(const Ace *a, const Ace *b)
{
  return a->type == b->type && a->flags == b->flags && a->mask == b->mask &&
         g_ascii_strcasecmp(a->sid, b->sid) == 0;
}

ssize_t acl_find(const Acl *acl, const Ace *ace)
{
  for (size_t i = 0; i < acl->aces->len; i++)
    if (same_ace(acl_at(acl, i), ace))
      return (ssize_t)i;
  return -1;
}

void acl_remove(Acl *acl, size_t i)
{
  g_array_remove_index(acl->aces, (guint)i);
}

// ---------------------------------------------------------------------------------------------
// What smbclient prints of a folder when `showacls` is on

static bool parse_sid(const char *text, char **out)
{
  size_t n = strcspn(text, "\r\n\t ");
  if (!access_is_sid(text, n))
    return false;
  g_free(*out);
  *out = g_strndup(text, n);
  return true;
}

// "\t\ttype: ACCESS ALLOWED (0) flags: 0x03 …"
static bool parse_ace_head(const char *line, Ace *out)
{
  const char *open = strchr(line, '('), *flags = strstr(line, "flags: 0x");
  if (!open || !flags)
    return false;
  *out = (Ace){.type = (uint8_t)g_ascii_strtoull(open + 1, NULL, 10),
               .flags = (uint8_t)g_ascii_strtoull(flags + strlen("flags: 0x"), NULL, 16)};
  return true;
}

static bool parse_line(const char *line, Acl *acl, Ace *ace, GString *state)
{
  char *sid = NULL;
  if (g_str_has_prefix(line, "type: 0x"))
    acl->control = (uint16_t)g_ascii_strtoull(line + strlen("type: 0x"), NULL, 16);
  else if (g_str_has_prefix(line, "\t\ttype: "))
    return parse_ace_head(line, ace) && g_string_assign(state, "ace");
  else if (g_str_has_prefix(line, "\t\tPermissions: 0x"))
    ace->mask = (uint32_t)g_ascii_strtoull(line + strlen("\t\tPermissions: 0x"), NULL, 16);
  else if (g_str_has_prefix(line, "\t\tSID: ")) {
    if (!state->len || !parse_sid(line + strlen("\t\tSID: "), &sid))
      return false;
    ace->sid = sid;
    g_array_append_val(acl->aces, *ace);
    g_string_truncate(state, 0);
  } else if (g_str_has_prefix(line, "\tOwner SID:\t"))
    return parse_sid(line + strlen("\tOwner SID:\t"), &acl->owner);
  else if (g_str_has_prefix(line, "\tGroup SID:\t"))
    return parse_sid(line + strlen("\tGroup SID:\t"), &acl->group);
  return true;
}

// How many entries the list says it has. -1: no list at all, which lets everybody do everything.
static int count_of(const char *text)
{
  const char *count = strstr(text, "\tACL\tNum ACEs:\t");
  return count ? (int)g_ascii_strtoull(count + strlen("\tACL\tNum ACEs:\t"), NULL, 10) : -1;
}

Acl *acl_of_listing(const char *text)
{
  g_autoptr(Acl) acl = acl_new();
  g_autoptr(GString) state = g_string_new(NULL);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  Ace ace = {0};
  bool is_system = false;
  for (size_t i = 0; lines[i]; i++) {
    // Of a list of what is audited nothing is ours, and nothing is asked for.
    is_system = g_str_equal(lines[i], "SACL") || (is_system && !g_str_equal(lines[i], "DACL"));
    if (!is_system && !parse_line(lines[i], acl, &ace, state))
      return NULL;
  }
  int n = count_of(text);
  acl->open = n < 0;
  bool whole = acl->owner && strstr(text, "revision: ") && (n < 0 || (int)acl->aces->len == n);
  return whole ? g_steal_pointer(&acl) : NULL;
}

// "REVISION:1,OWNER:S-…,GROUP:S-…,ACL:S-1-5-18:0/3/0x001f01ff,…": libsmbclient's, without control bits.
Acl *acl_of_attribute(const char *text)
{
  g_autoptr(Acl) acl = acl_new();
  g_auto(GStrv) parts = g_strsplit(text, ",", -1);
  for (size_t i = 0; parts[i]; i++) {
    if (g_str_has_prefix(parts[i], "OWNER:"))
      acl->owner = g_strdup(parts[i] + strlen("OWNER:"));
    if (!g_str_has_prefix(parts[i], "ACL:"))
      continue;
    g_auto(GStrv) fields = g_strsplit_set(parts[i] + strlen("ACL:"), ":/", -1);
    if (g_strv_length(fields) != 4)
      return NULL;
    Ace ace = {.sid = fields[0],
               .type = (uint8_t)g_ascii_strtoull(fields[1], NULL, 0),
               .flags = (uint8_t)g_ascii_strtoull(fields[2], NULL, 0),
               .mask = (uint32_t)g_ascii_strtoull(fields[3], NULL, 0)};
    acl_add(acl, &ace);
  }
  return acl->owner ? g_steal_pointer(&acl) : NULL;
}

// ---------------------------------------------------------------------------------------------
// Computing

static void add_inherited(Acl *acl, const Ace *from, uint8_t flags, const char *sid)
{
  Ace ace = {from->type, flags | ACE_INHERITED, access_specific(from->mask), (char *)sid};
  if (acl_find(acl, &ace) < 0)
    acl_add(acl, &ace);
}

static const char *creator_of(const Acl *acl, const char *sid)
{
  return g_str_equal(sid, CREATOR_OWNER)   ? acl->owner
         : g_str_equal(sid, CREATOR_GROUP) ? acl->group
                                           : NULL;
}

// An entry of the folder above as a file gets it.
static void inherit_file(Acl *acl, const Ace *from)
{
  const char *creator = creator_of(acl, from->sid);
  if (from->flags & ACCESS_FILES)
    add_inherited(acl, from, 0, creator ? creator : from->sid);
}

// And as a folder does.
static void inherit_folder(Acl *acl, const Ace *from)
{
  bool folders = from->flags & ACCESS_FOLDERS, files = from->flags & ACCESS_FILES;
  bool once = from->flags & ACCESS_ONCE;
  uint8_t on = from->flags & (ACCESS_FOLDERS | ACCESS_FILES);
  const char *creator = creator_of(acl, from->sid);
  if (folders && creator) {
    add_inherited(acl, from, 0, creator);
    if (!once)
      add_inherited(acl, from, on | ACCESS_NOT_THIS, from->sid);
  } else if (folders) {
    add_inherited(acl, from, once ? 0 : on, from->sid);
  } else if (files && !once) {
    add_inherited(acl, from, on | ACCESS_NOT_THIS, from->sid);
  }
}

void acl_inherit(Acl *acl, const Acl *parent, bool file)
{
  for (size_t i = acl->aces->len; i-- > 0;)
    if (acl_at(acl, i)->flags & ACE_INHERITED)
      acl_remove(acl, i);
  for (size_t i = 0; parent && i < parent->aces->len; i++)
    if (acl_at(parent, i)->type <= ACE_DENY)
      (file ? inherit_file : inherit_folder)(acl, acl_at(parent, i));
}

bool acl_is_stale(const Acl *acl, const Acl *parent, bool file)
{
  g_autoptr(Acl) should = acl_new();
  should->owner = g_strdup(acl->owner);
  should->group = g_strdup(acl->group);
  acl_inherit(should, parent, file);
  size_t n_inherited = 0;
  for (size_t i = 0; i < acl->aces->len; i++) {
    if (!(acl_at(acl, i)->flags & ACE_INHERITED))
      continue;
    n_inherited++;
    if (acl_find(should, acl_at(acl, i)) < 0)
      return true;
  }
  return n_inherited != should->aces->len;
}

// Own before inherited, denials before what is allowed; inherited ones keep the order of the folder above.
static int rank_of(const Ace *ace)
{
  return ace->flags & ACE_INHERITED ? 2 : ace->type == ACE_DENY ? 0 : 1;
}

void acl_sort(Acl *acl)
{
  g_autoptr(Acl) sorted = acl_new();
  for (int rank = 0; rank < 3; rank++)
    for (size_t i = 0; i < acl->aces->len; i++)
      if (rank_of(acl_at(acl, i)) == rank)
        acl_add(sorted, acl_at(acl, i));
  g_array_unref(acl->aces);
  acl->aces = g_array_ref(sorted->aces);
}

// Two entries that say together what one can say: the same twice, or one for the folder and one for what
// is below it, as programs of Windows split them.
static bool join(Ace *a, const Ace *b)
{
  if (a->type != b->type || a->mask != b->mask || g_ascii_strcasecmp(a->sid, b->sid) != 0)
    return false;
  if (a->flags == b->flags)
    return true;
  const Ace *this = a->flags == 0 ? a : b, *below = a->flags == 0 ? b : a;
  bool split = this->flags == 0 && (below->flags & ACCESS_NOT_THIS) &&
               !(below->flags & (ACCESS_ONCE | ACE_INHERITED));
  if (split)
    a->flags = below->flags & (uint8_t)~ACCESS_NOT_THIS;
  return split;
}

void acl_merge(Acl *acl)
{
  for (size_t i = 0; i < acl->aces->len; i++) {
    Ace *ace = &g_array_index(acl->aces, Ace, i);
    ace->mask = access_specific(ace->mask);
    for (size_t j = acl->aces->len; j-- > i + 1;)
      if (join(ace, acl_at(acl, j)))
        acl_remove(acl, j);
  }
}

bool acl_is_plain(const Acl *acl)
{
  for (size_t i = 0; i < acl->aces->len; i++)
    if (acl_at(acl, i)->type > ACE_DENY)
      return false;
  return !acl->open;
}

// A denial behind a right of the folder's own would not count.
static bool is_canonical(const Acl *acl)
{
  bool allowed = false;
  for (size_t i = 0; i < acl->aces->len; i++) {
    int rank = rank_of(acl_at(acl, i));
    if (rank == 0 && allowed)
      return false;
    allowed |= rank == 1;
  }
  return true;
}

bool acl_equal(const Acl *stored, const Acl *asked)
{
  if (stored->open || stored->aces->len != asked->aces->len || !is_canonical(stored) ||
      (stored->control & SD_PROTECTED) != (asked->control & SD_PROTECTED))
    return false;
  for (size_t i = 0; i < asked->aces->len; i++)
    if (acl_find(stored, acl_at(asked, i)) < 0)
      return false;
  return !asked->owner || !stored->owner || g_ascii_strcasecmp(stored->owner, asked->owner) == 0;
}

// ---------------------------------------------------------------------------------------------
// SDDL

static const struct {
  uint8_t flag;
  const char *name;
} flag_names[] = {{ACCESS_FILES, "OI"},
                  {ACCESS_FOLDERS, "CI"},
                  {ACCESS_ONCE, "NP"},
                  {ACCESS_NOT_THIS, "IO"},
                  {ACE_INHERITED, "ID"}};

// AI is what makes a server mark what it lets new things inherit, and AR is what it wants to see for it.
// Masks in hexadecimal: not every program reads the letters rightly.
void acl_sddl(const Acl *acl, bool with_owner, GString *out)
{
  if (with_owner && acl->owner)
    g_string_append_printf(out, "O:%s", acl->owner);
  g_string_append_printf(out, "D:%sARAI", acl->control & SD_PROTECTED ? "P" : "");
  for (size_t i = 0; i < acl->aces->len; i++) {
    const Ace *ace = acl_at(acl, i);
    g_string_append_printf(out, "(%s;", ace->type == ACE_DENY ? "D" : "A");
    for (size_t j = 0; j < G_N_ELEMENTS(flag_names); j++)
      if (ace->flags & flag_names[j].flag)
        g_string_append(out, flag_names[j].name);
    g_string_append_printf(out, ";0x%x;;;%s)", ace->mask, ace->sid);
  }
}
