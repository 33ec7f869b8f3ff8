// SPDX-License-Identifier: GPL-3.0-or-later
//
// What of Active Directory can be told without one.
#include "unit.h"

#include "targets/ldap_p.h"

static void guids(void)
{
  // The first three groups are little-endian numbers (MS-DTYP 2.3.4).
  static const char bytes[] = "\x12\x7b\x49\x79\x6c\x4a\x10\x4c\xac\xbd\x48\x21\xc6\x17\x09\x82";
  const Dialect *dialect = ldap_dialect("ad");
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GString) filter = g_string_new(NULL);
  UNIT_TRUE(dialect->id_text(&(Bytes){16, bytes}, text));
  UNIT_STR(text->str, "79497b12-4a6c-4c10-acbd-4821c6170982");
  dialect->id_filter(text->str, filter);
  UNIT_STR(filter->str,
           "(objectGUID=\\12\\7b\\49\\79\\6c\\4a\\10\\4c\\ac\\bd\\48\\21\\c6\\17\\09\\82)");
  UNIT_TRUE(!dialect->id_text(&(Bytes){15, bytes}, text));
}

static void sids(void)
{
  static const struct {
    size_t n;
    const char *bytes;
    const char *text;  // NULL: it is none
    uint32_t rid;
  } rows[] = {
      {28, "\1\5\0\0\0\0\0\5\x15\0\0\0\xed\x84\xc8\x36\x46\xeb\xd1\x7c\xc6\xcd\x0b\xd2\x50\4\0\0",
       "S-1-5-21-919110893-2094132038-3523988934-1104", 1104},
      {16, "\1\2\0\0\0\0\0\5\x20\0\0\0\x20\2\0\0", "S-1-5-32-544", 544},
      {12, "\1\1\0\0\0\0\0\1\0\0\0\0", "S-1-1-0", 0},
      {16, "\1\3\0\0\0\0\0\5\x20\0\0\0\x20\2\0\0", NULL, 0},
      {7, "\1\1\0\0\0\0\0", NULL, 0},
      {8, "\1\0\0\0\0\0\0\5", NULL, 0},
      {12, "\2\1\0\0\0\0\0\1\0\0\0\0", NULL, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    Bytes sid = {rows[i].n, rows[i].bytes};
    UNIT_INT(ad_sid_text(&sid, text), rows[i].text != NULL, "row %zu", i);
    UNIT_STR(text->str, rows[i].text ? rows[i].text : "", "row %zu", i);
    UNIT_INT((long long)ad_sid_rid(&sid), (long long)rows[i].rid, "row %zu", i);
  }
}

static void ranges(void)
{
  static const struct {
    const char *name;
    bool is;
    size_t n_name, first, last;
    bool complete;
  } rows[] = {
      {"member;range=0-1499", true, 6, 0, 1499, false},
      {"member;range=1500-*", true, 6, 1500, 0, true},
      {"msDS-Members;range=3-3", true, 12, 3, 3, false},
      {"member", false, 0, 0, 0, false},
      {"cn;lang-ja", false, 0, 0, 0, false},
      {"member;range=", false, 0, 0, 0, false},
      {"member;range=5", false, 0, 0, 0, false},
      {"member;range=5-", false, 0, 0, 0, false},
      {"member;range=5-4", false, 0, 0, 0, false},
      {"member;range=5-9x", false, 0, 0, 0, false},
      {"member;range=5-**", false, 0, 0, 0, false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    AdRange range = {0};
    Bytes name = {strlen(rows[i].name), rows[i].name};
    bool is = ad_range_parse(&name, &range);
    UNIT_INT(is, rows[i].is, "%s", rows[i].name);
    if (!is)
      continue;
    UNIT_INT((long long)range.n_name, (long long)rows[i].n_name, "%s", rows[i].name);
    UNIT_INT((long long)range.first, (long long)rows[i].first, "%s", rows[i].name);
    UNIT_INT((long long)range.last, (long long)rows[i].last, "%s", rows[i].name);
    UNIT_INT(range.complete, rows[i].complete, "%s", rows[i].name);
  }
}

static void refusals(void)
{
  static const struct {
    const char *words;
    const char *says;  // NULL: nothing better is known
  } rows[] = {
      {"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v3839",
       "password is wrong"},
      {"80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 533, v2580",
       "disabled"},
      {"…, data 701, v1", "expired"},
      {"…, data 773, v1", "new password"},
      {"…, data 775, v1", "locked"},
      {"…, data 525, v1", "no such account"},
      {"…, data 532, v1", "password has expired"},
      {"…, data 0, v1", NULL},
      {"data 52eg", NULL},
      {"Invalid credentials", NULL},
      {NULL, NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const char *said = ad_refusal(rows[i].words);
    bool right = rows[i].says ? said && strstr(said, rows[i].says) : said == NULL;
    UNIT_TRUE(right, "row %zu: %s", i, said ? said : "");
  }
}

static void accounts(void)
{
  static const char *const rows[][2] = {
      {"CN=idou,OU=service,DC=a", "(distinguishedName=CN=idou,OU=service,DC=a)"},
      {"CITY\\idou",
       "(userPrincipalName=CITY\\5cidou)(sAMAccountName=idou)(servicePrincipalName=idou)"},
      {"idou@a.example",
       "(userPrincipalName=idou@a.example)(sAMAccountName=idou)(servicePrincipalName=idou)"},
      {"host/x@A",
       "(userPrincipalName=host/x@A)(sAMAccountName=host/x)(servicePrincipalName=host/x)"},
      {"*)(cn=a", "(userPrincipalName=\\2a\\29\\28cn=a)(sAMAccountName=\\2a\\29\\28cn=a)"
                  "(servicePrincipalName=\\2a\\29\\28cn=a)"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) filter = g_string_new(NULL);
    ad_account_filter(rows[i][0], filter);
    UNIT_STR(filter->str, rows[i][1], "%s", rows[i][0]);
  }
}

// From the controller's name and the time of writing to whom a reader may ask, and back.
static void servers(void)
{
  static const char yaml_text[] =
      "type: ad\nbase: 'dc=a'\nuri: [ldaps://one, ldaps://two]\nca: ca.pem\n"
      "read: {user: r, secret: s}\nreplication: 60\n";
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Yaml) yaml = yaml_parse(yaml_text, strlen(yaml_text), "idou.yaml", findings, NULL);
  g_autoptr(TargetConfig) config =
      target_config_read(yaml, yaml_root(yaml), "ad", "/etc/idou", findings);
  UNIT_INT((long long)findings_count(findings), 0);
  static const char *const names[][3] = {{"ldaps://two two.example", "ldaps://two", "two.example"},
                                         {"ldaps://two", "ldaps://two", NULL}};
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *written = server_written(names[i][0], 1000000);
    target_config_prefer(config, written);
    UNIT_STR(config->prefer, names[i][1], "row %zu", i);
    UNIT_STR(config->prefer_server, names[i][2], "row %zu", i);
    UNIT_INT((long long)config->prefer_until, 1000060, "row %zu", i);
  }
  static const char *const none[] = {NULL, "", "ldaps://two", "ldaps://two two.example yesterday"};
  for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
    target_config_prefer(config, none[i]);
    UNIT_TRUE(config->prefer == NULL, "row %zu", i);
  }
}

// As a controller of Microsoft's writes them (MS-ADTS 3.1.1.4.5.17 and 18).
static void changes_as_xml(void)
{
  static const struct {
    const char *xml;
    const char *attribute, *value, *where;
    Instant when;
  } rows[] = {
      {"<DS_REPL_ATTR_META_DATA>\n\t<pszAttributeName>title</pszAttributeName>\n\t<dwVersion>2</"
       "dwVersion>\n"
       "\t<ftimeLastOriginatingChange>2027-04-01T00:10:00Z</ftimeLastOriginatingChange>\n"
       "\t<uuidLastOriginatingDsaInvocationID>a</uuidLastOriginatingDsaInvocationID>\n"
       "\t<pszLastOriginatingDsaDN>CN=NTDS "
       "Settings,CN=DC2,CN=Servers,CN=x</pszLastOriginatingDsaDN>\n"
       "</DS_REPL_ATTR_META_DATA>\n",
       "title", NULL, "DC2", 1806538200},
      {"<DS_REPL_VALUE_META_DATA><pszAttributeName>member</pszAttributeName>"
       "<pszObjectDn>CN=a,DC=x</pszObjectDn><ftimeDeleted>1601-01-01T00:00:00Z</ftimeDeleted>"
       "<ftimeLastOriginatingChange>soon</ftimeLastOriginatingChange>"
       "<pszLastOriginatingDsaDN></pszLastOriginatingDsaDN></DS_REPL_VALUE_META_DATA>",
       "member", "CN=a,DC=x", NULL, INSTANT_NONE},
      {"<pszAttributeName>title", NULL, NULL, NULL, INSTANT_NONE},
      {"", NULL, NULL, NULL, INSTANT_NONE},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    AdTrace trace;
    UNIT_INT(ad_trace_parse(rows[i].xml, &trace), rows[i].attribute != NULL, "row %zu", i);
    UNIT_STR(trace.attribute, rows[i].attribute, "row %zu", i);
    UNIT_STR(trace.value, rows[i].value, "row %zu", i);
    UNIT_STR(trace.where, rows[i].where, "row %zu", i);
    UNIT_INT((long long)trace.when, (long long)rows[i].when, "row %zu", i);
    ad_trace_clear(&trace);
  }
}

// replPropertyMetaData as Samba has it: of title (2.5.4.12) and displayName (1.2.840.113556.1.2.13), cut anywhere.
static void changes_as_blob(void)
{
  enum { HEAD = 16, ROW = 48 };
  char blob[HEAD + 2 * ROW] = {1, 0, 0, 0, 0, 0, 0, 0, 2};
  static const char title[] = {12, 0, 0, 0}, name[] = {13, 0, 2, 0};
  // 13451011800 seconds after 1601-01-01: 2027-04-01T00:10:00Z.
  static const char when[] = {(char)0xd8, 0x26, (char)0xbe, 0x21, 3};
  memcpy(blob + HEAD, title, sizeof title);
  memcpy(blob + HEAD + ROW, name, sizeof name);
  memcpy(blob + HEAD + ROW + 8, when, sizeof when);
  Bytes whole = {sizeof blob, blob};
  UNIT_INT((long long)ad_trace_changed(&whole, 0x2000d), 1806538200);
  UNIT_INT((long long)ad_trace_changed(&whole, 14), (long long)INSTANT_NONE);
  for (size_t n = 0; n < sizeof blob; n++)
    UNIT_INT((long long)ad_trace_changed(&(Bytes){n, blob}, 0x2000d), (long long)INSTANT_NONE,
             "%zu bytes", n);
  blob[0] = 2;  // a version that nobody knows
  UNIT_INT((long long)ad_trace_changed(&whole, 0x2000d), (long long)INSTANT_NONE);
}

static void times(void)
{
  static const struct {
    const char *text;
    Instant when;
  } rows[] = {{"20270401001000Z", 1806538200},
              {"20270401001000.123456Z", 1806538200},
              {"20270401001000.0Z", 1806538200},
              {"202704010010", INSTANT_NONE},
              {"20270431001000Z", INSTANT_NONE},
              {"", INSTANT_NONE},
              {NULL, INSTANT_NONE}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    UNIT_INT((long long)ldap_trace_time(rows[i].text), (long long)rows[i].when, "row %zu", i);
}

static const UnitTest tests[] = {
    {"guids", guids},
    {"sids", sids},
    {"ranges", ranges},
    {"refusals", refusals},
    {"accounts", accounts},
    {"servers", servers},
    {"changes_as_xml", changes_as_xml},
    {"changes_as_blob", changes_as_blob},
    {"times", times},
    {NULL, NULL},
};
UNIT_SUITE(target_ad, tests);
