// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "targets/share_p.h"

#include <string.h>

static const TargetConfig share = {
    .name = "share", .type = "share", .uri = "smb://fs1.city.example/data", .base = "share=data"};

static void places(void)
{
  static const struct {
    const char *dn, *path;  // NULL = no folder's
  } rows[] = {
      {"share=data", ""},
      {"folder=部署,share=data", "部署"},
      {"folder=係\\, 一,folder=総務課,folder=部署,share=data", "部署/総務課/係, 一"},
      {"folder=-a b%41'\\\"c,share=data", "-a b%41'\"c"},
      // Composed: が of か and a mark.
      {"folder=か\u3099,share=data", "が"},
      {"cn=x,share=data", NULL},
      {"folder=x", NULL},
      {"folder=x,dc=city", NULL},
      {"", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) path = g_string_new("rest"), dn = g_string_new("rest"),
                       again = g_string_new(NULL);
    bool got = share_path(rows[i].dn, path);
    UNIT_TRUE(got == (rows[i].path != NULL), "%s", rows[i].dn);
    if (!got || !rows[i].path)
      continue;
    UNIT_STR(path->str, rows[i].path, "%s", rows[i].dn);
    share_dn(&share, path->str, dn);
    UNIT_TRUE(share_path(dn->str, again), "%s", dn->str);
    UNIT_STR(again->str, rows[i].path, "%s", dn->str);
  }
  UNIT_STR(share_below("部署/課", "部署"), "課");
  UNIT_STR(share_below("部署", "部署"), "");
  UNIT_STR(share_below("部署", ""), "部署");
  UNIT_TRUE(!share_below("部署2", "部署"));
}

static void names(void)
{
  static const struct {
    const char *name;
    bool fits;
  } rows[] = {{"総務課", true},     {"a b'%-!~#$&()+,;=@[]^`{}", true},
              {"a.b", true},        {"CONTENT", true},
              {"COM10", true},      {"-rf", true},
              {"a/b", false},       {"a\\b", false},
              {"a:b", false},       {"a*", false},
              {"a?", false},        {"a\"b", false},
              {"<a>", false},       {"a|b", false},
              {"a\nb", false},      {"a\x7f", false},
              {"CON", false},       {"con.txt", false},
              {"nul .x", false},    {"LPT9", false},
              {"COM¹", false},      {".", false},
              {"..", false},        {"a.", false},
              {"a ", false},        {" a", false},
              {"", false},          {"\xff", false},
              {"idou-new-x", false}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) why = g_string_new(NULL);
    UNIT_TRUE(share_name_fits(rows[i].name, why) == rows[i].fits, "“%s”: %s", rows[i].name,
              why->str);
    UNIT_TRUE(rows[i].fits || why->len, "“%s”: no reason", rows[i].name);
  }
}

// A character outside the basic plane counts twice, in names and in paths.
static void lengths(void)
{
  static const struct {
    const char *unit;
    size_t n;
    bool name_fits, path_fits;
  } rows[] = {{"課", 255, true, false},  {"課", 256, false, false}, {"𠮷", 127, true, false},
              {"𠮷", 128, false, false}, {"課", 200, true, true},   {"𠮷", 110, true, true}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) name = g_string_new(NULL), why = g_string_new(NULL);
    for (size_t n = 0; n < rows[i].n; n++)
      g_string_append(name, rows[i].unit);
    UNIT_TRUE(share_name_fits(name->str, why) == rows[i].name_fits, "row %zu: %s", i, why->str);
    UNIT_TRUE(share_path_fits(&share, name->str, why) == rows[i].path_fits, "row %zu: %s", i,
              why->str);
  }
}

// ---------------------------------------------------------------------------------------------

static const char listing[] =
    "revision: 1\n"
    "type: 0x9404: SEC_DESC_DACL_PRESENT SEC_DESC_DACL_PROTECTED \n"
    "DACL\n"
    "\tACL\tNum ACEs:\t2\trevision:\t2\n"
    "\t---\n"
    "\tACE\n"
    "\t\ttype: ACCESS DENIED (1) flags: 0x03 SEC_ACE_FLAG_OBJECT_INHERIT \n"
    "\t\tSpecific bits: 0x116\n"
    "\t\tPermissions: 0x116: \n"
    "\t\tSID: S-1-1-0\n\n"
    "\tACE\n"
    "\t\ttype: ACCESS ALLOWED (0) flags: 0x13 SEC_ACE_FLAG_OBJECT_INHERIT \n"
    "\t\tPermissions: 0x1f01ff: SYNCHRONIZE_ACCESS \n"
    "\t\tSID: S-1-5-18\n\n"
    "\tOwner SID:\tS-1-5-32-544\n"
    "\tGroup SID:\tS-1-5-21-1-2-3-513\n";

static void listings(void)
{
  g_autoptr(Acl) acl = acl_of_listing(listing);
  if (!UNIT_TRUE(acl))
    return;
  UNIT_INT(acl->aces->len, 2);
  UNIT_INT(acl->control & SD_PROTECTED, SD_PROTECTED);
  UNIT_STR(acl->owner, "S-1-5-32-544");
  UNIT_INT(acl_at(acl, 0)->type, ACE_DENY);
  UNIT_INT(acl_at(acl, 0)->mask, 0x116);
  UNIT_INT(acl_at(acl, 1)->flags, ACE_INHERITED | ACCESS_FILES | ACCESS_FOLDERS);
  // Cut anywhere, it is not taken for a shorter list.
  for (size_t n = 0; n + 1 < strlen(listing) - strlen("\tGroup SID:\tS-1-5-21-1-2-3-513\n"); n++) {
    g_autofree char *part = g_strndup(listing, n);
    g_autoptr(Acl) cut = acl_of_listing(part);
    UNIT_TRUE(!cut || g_str_has_suffix(part, "S-1-5-32-544") || acl_find(cut, acl_at(acl, 1)) >= 0,
              "after %zu bytes", n);
  }
}

static Acl *acl_of(const char *text)
{
  g_autofree char *whole =
      g_strdup_printf("REVISION:1,OWNER:S-1-5-21-9,GROUP:S-1-5-21-8%s%s", *text ? "," : "", text);
  return acl_of_attribute(whole);
}

static void sddl(void)
{
  g_autoptr(Acl) acl = acl_of("ACL:S-1-5-18:0/3/0x001f01ff,ACL:S-1-1-0:1/8/0x116,"
                              "ACL:S-1-5-11:0/18/0x001200a9,ACL:S-1-5-9:0/0/0x80000000");
  g_autoptr(GString) open = g_string_new(NULL), closed = g_string_new(NULL);
  acl_merge(acl);
  acl_sort(acl);
  acl_sddl(acl, false, open);
  UNIT_STR(open->str, "D:ARAI(D;IO;0x116;;;S-1-1-0)(A;OICI;0x1f01ff;;;S-1-5-18)"
                      "(A;;0x120089;;;S-1-5-9)(A;CIID;0x1200a9;;;S-1-5-11)");
  acl->control |= SD_PROTECTED;
  acl_sddl(acl, true, closed);
  UNIT_TRUE(g_str_has_prefix(closed->str, "O:S-1-5-21-9D:PARAI(D;"));
}

// MS-DTYP 2.5.3.4.
static void inheritance(void)
{
  static const struct {
    const char *parent, *folder, *file;
  } rows[] = {
      {"ACL:S-1-5-18:0/3/0x1f01ff", "0/19/1f01ff S-1-5-18 ", "0/16/1f01ff S-1-5-18 "},
      {"ACL:S-1-5-18:0/2/0x1f01ff", "0/18/1f01ff S-1-5-18 ", ""},
      {"ACL:S-1-5-18:0/1/0x1f01ff", "0/25/1f01ff S-1-5-18 ", "0/16/1f01ff S-1-5-18 "},
      {"ACL:S-1-5-18:0/11/0x1f01ff", "0/19/1f01ff S-1-5-18 ", "0/16/1f01ff S-1-5-18 "},
      {"ACL:S-1-5-18:0/7/0x1f01ff", "0/16/1f01ff S-1-5-18 ", "0/16/1f01ff S-1-5-18 "},
      {"ACL:S-1-5-18:0/5/0x1f01ff", "", "0/16/1f01ff S-1-5-18 "},
      {"ACL:S-1-5-18:0/0/0x1f01ff", "", ""},
      {"ACL:S-1-5-18:1/19/0x116", "1/19/116 S-1-5-18 ", "1/16/116 S-1-5-18 "},
      {"ACL:S-1-3-0:0/11/0x1f01ff", "0/16/1f01ff S-1-5-21-9 0/27/1f01ff S-1-3-0 ",
       "0/16/1f01ff S-1-5-21-9 "},
      {"", "", ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Acl) parent = acl_of(rows[i].parent);
    for (int file = 0; file < 2; file++) {
      g_autoptr(Acl) acl = acl_of("ACL:S-1-5-7:0/19/0x1200a9");
      g_autoptr(GString) got = g_string_new(NULL);
      acl_inherit(acl, parent, file);
      for (size_t k = 0; k < acl->aces->len; k++)
        g_string_append_printf(got, "%u/%u/%x %s ", acl_at(acl, k)->type, acl_at(acl, k)->flags,
                               acl_at(acl, k)->mask, acl_at(acl, k)->sid);
      UNIT_STR(got->str, file ? rows[i].file : rows[i].folder, "row %zu", i);
      UNIT_TRUE(!acl_is_stale(acl, parent, file), "row %zu", i);
    }
  }
}

static void comparison(void)
{
  static const struct {
    const char *stored, *asked;
    bool equal;
  } rows[] = {
      {"ACL:S-1-5-18:0/3/0x1f01ff,ACL:S-1-1-0:0/3/0x1200a9",
       "ACL:S-1-1-0:0/3/0x1200a9,ACL:S-1-5-18:0/3/0x10000000", true},
      // One for the folder and one for what is below it say what one says.
      {"ACL:S-1-5-18:0/0/0x1f01ff,ACL:S-1-5-18:0/11/0x1f01ff", "ACL:S-1-5-18:0/3/0x1f01ff", true},
      {"ACL:S-1-5-18:0/3/0x1f01ff,ACL:S-1-5-18:0/3/0x1f01ff", "ACL:S-1-5-18:0/3/0x1f01ff", true},
      {"ACL:S-1-5-18:0/3/0x1f01ff", "ACL:S-1-5-18:0/2/0x1f01ff", false},
      {"ACL:S-1-5-18:0/3/0x1f01ff", "ACL:S-1-5-18:0/19/0x1f01ff", false},
      {"ACL:S-1-5-18:0/3/0x0", "ACL:S-1-5-18:0/3/0x1f01ff", false},
      {"", "ACL:S-1-5-18:0/3/0x1f01ff", false},
      // A denial that stands too late does not count.
      {"ACL:S-1-5-18:0/3/0x1f01ff,ACL:S-1-1-0:1/3/0x116",
       "ACL:S-1-1-0:1/3/0x116,ACL:S-1-5-18:0/3/0x1f01ff", false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Acl) stored = acl_of(rows[i].stored), asked = acl_of(rows[i].asked);
    acl_merge(stored);
    acl_merge(asked);
    UNIT_TRUE(acl_equal(stored, asked) == rows[i].equal, "row %zu", i);
    asked->control |= SD_PROTECTED;
    UNIT_TRUE(!acl_equal(stored, asked), "row %zu", i);
  }
}

static void words(void)
{
  static const struct {
    const char *answer, *status;
  } rows[] = {
      {"NT_STATUS_OBJECT_NAME_COLLISION making remote directory \\a\n",
       "NT_STATUS_OBJECT_NAME_COLLISION"},
      {"display_finfo() Failed to open \\a: NT_STATUS_ACCESS_DENIED\n", "NT_STATUS_ACCESS_DENIED"},
      {"ERROR: security descriptor set failed: NT_STATUS_DISK_FULL\n", "NT_STATUS_DISK_FULL"},
      {"FILENAME:x: NT_STATUS_DISK_FULL\nMODE:D\n", ""},
      {"FILENAME:NT_STATUS_DISK_FULL\n", ""},
      {"", ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) status = g_string_new(NULL);
    share_status(rows[i].answer, status);
    UNIT_STR(status->str, rows[i].status, "%s", rows[i].answer);
  }
}

static void verdicts(void)
{
  static const struct {
    const char *status;
    OutcomeKind kind;
    bool lost;
  } rows[] = {
      {"NT_STATUS_SHARING_VIOLATION", OUTCOME_BUSY, false},
      {"NT_STATUS_FILE_LOCK_CONFLICT", OUTCOME_BUSY, false},
      {"NT_STATUS_DISK_FULL", OUTCOME_FAILED, false},
      {"NT_STATUS_ACCESS_DENIED", OUTCOME_FAILED, false},
      {"NT_STATUS_OBJECT_NAME_COLLISION", OUTCOME_REFUSED, false},
      {"NT_STATUS_OBJECT_PATH_NOT_FOUND", OUTCOME_REFUSED, false},
      {"NT_STATUS_DIRECTORY_NOT_EMPTY", OUTCOME_REFUSED, false},
      {"NT_STATUS_NEVER_HEARD_OF", OUTCOME_FAILED, false},
      {"", OUTCOME_FAILED, false},
      {"NT_STATUS_CONNECTION_DISCONNECTED", OUTCOME_FAILED, true},
      {"NT_STATUS_IO_TIMEOUT", OUTCOME_FAILED, true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    ShareJob job = {.path = (char *)"部署/課"};
    share_judge(&job, rows[i].status, "its words");
    UNIT_INT(answer_traits(job.code)->kind, rows[i].kind, "%s", rows[i].status);
    UNIT_TRUE(share_is_lost(rows[i].status) == rows[i].lost, "%s", rows[i].status);
    UNIT_TRUE(job.text && *job.text, "%s", rows[i].status);
    g_free(job.text);
  }
}

// What a mapping may say, and how much of it can be told before anybody is looked at.
static void limits(void)
{
  static const struct {
    const char *attribute, *value;
    bool refused, shape_refused;
  } rows[] = {
      {"access", "allow modify CITY\\g", false, false},
      {"access", "allow modfy CITY\\g", true, true},
      {"access", "allow modfy CITY\\" LIMITS_GAP, true, true},
      {"access", "allow modify CITY\\" LIMITS_GAP, false, false},
      {"access", "allow " LIMITS_GAP " CITY\\g", true, false},
      {"access", LIMITS_GAP, true, false},
      {"inherit", "FALSE", false, false},
      {"inherit", "no", true, false},
      {"folder", "a:b", true, false},
      {"path", "部署/総務課", false, false},
      {"path", "部署/../x", true, false},
      {"owner", "CITY\\x", false, false},
      {"description", "a:b", false, false},
  };
  const Limits *of = target_limits("share");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) why = g_string_new(NULL);
    UNIT_TRUE(of->refuses("folder", rows[i].attribute, rows[i].value, why) == rows[i].refused,
              "%s: %s", rows[i].value, why->str);
    UNIT_TRUE(of->refuses_shape(rows[i].attribute, rows[i].value, why) == rows[i].shape_refused,
              "%s: %s", rows[i].value, why->str);
  }
}

static const UnitTest tests[] = {
    {"places", places},         {"names", names}, {"lengths", lengths},
    {"listings", listings},     {"sddl", sddl},   {"inheritance", inheritance},
    {"comparison", comparison}, {"words", words}, {"verdicts", verdicts},
    {"limits", limits},         {NULL, NULL},
};
UNIT_SUITE(share, tests);
