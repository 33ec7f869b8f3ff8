// SPDX-License-Identifier: GPL-3.0-or-later
//
// Folders as entries: attributes made of what the server tells.
#include "share_p.h"

typedef struct AttributeRow {
  const char *name;
  MatchRule match;
  bool single, from_place;
} AttributeRow;

static const AttributeRow rows[] = {
    {"objectClass", MATCH_IGNORE, false, false}, {"folder", MATCH_IGNORE, true, false},
    {"path", MATCH_IGNORE, true, true},          {"access", MATCH_ACCESS, false, false},
    {"inherit", MATCH_BOOLEAN, true, false},     {"owner", MATCH_PRINCIPAL, true, false},
};

void share_schema(Schema *schema)
{
  for (size_t id = 0; id < schema_count(schema); id++) {
    Attr *attr = schema_at(schema, (AttrId)id);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
      if (g_ascii_strcasecmp(attr->name, rows[i].name) != 0)
        continue;
      attr->known = true;
      attr->match = rows[i].match;
      attr->single = rows[i].single;
      attr->from_place = rows[i].from_place;
    }
  }
}

void share_sids(const Acl *acl, GPtrArray *out)
{
  if (acl->owner)
    g_ptr_array_add(out, g_strdup(acl->owner));
  for (size_t i = 0; i < acl->aces->len; i++)
    g_ptr_array_add(out, g_strdup(acl_at(acl, i)->sid));
}

static void append_ace(const Ace *ace, const ShareNames *names, GString *out)
{
  g_autoptr(GString) name = g_string_new(NULL);
  Access access = {.deny = ace->type == ACE_DENY,
                   .flags = ace->flags & ACCESS_ALL_FLAGS,
                   .mask = ace->mask,
                   .sid = {strlen(ace->sid), ace->sid}};
  if (share_names_append(names, ace->sid, name))
    access.principal = (Slice){name->len, name->str};
  access_format(&access, out);
}

// Only what is the folder's own. Entries of other kinds (conditions, objects) cannot be said as rights, but
// must not be hidden either.
void share_access(const Acl *acl, const ShareNames *names, GPtrArray *out)
{
  g_autoptr(Acl) merged = acl_new();
  for (size_t i = 0; i < acl->aces->len; i++)
    if (!(acl_at(acl, i)->flags & ACE_INHERITED))
      acl_add(merged, acl_at(acl, i));
  acl_merge(merged);
  for (size_t i = 0; i < merged->aces->len; i++) {
    const Ace *ace = acl_at(merged, i);
    g_autoptr(GString) text = g_string_new(NULL);
    if (ace->type > ACE_DENY)
      g_string_printf(text, "type %u 0x%x %s", ace->type, ace->mask, ace->sid);
    else
      append_ace(ace, names, text);
    g_ptr_array_add(out, g_string_free(g_steal_pointer(&text), false));
  }
  if (acl->open)
    g_ptr_array_add(out, g_strdup("allow full Everyone (S-1-1-0)"));
}

const char *share_inherit(const Acl *acl, const Acl *parent)
{
  if (acl->control & SD_PROTECTED)
    return "FALSE";
  return parent && acl_is_stale(acl, parent, false) ? "STALE" : "TRUE";
}

void share_owner(const Acl *acl, const ShareNames *names, GString *out)
{
  if (share_names_append(names, acl->owner, out))
    g_string_append_printf(out, " (%s)", acl->owner);
  else
    g_string_append(out, acl->owner);
}
