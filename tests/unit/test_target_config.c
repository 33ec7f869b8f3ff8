// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include <idou/targets.h>
#include <string.h>

static TargetConfig *read_config(const char *text, Findings *findings)
{
  g_autoptr(Yaml) yaml = yaml_parse(text, strlen(text), "idou.yaml", findings, NULL);
  return yaml ? target_config_read(yaml, yaml_root(yaml), "ldap", "/etc/idou", findings) : NULL;
}

#define LDAP "type: ldap\nbase: 'dc=city,dc=example'\n"
#define AD "type: ad\nbase: 'dc=ad,dc=city,dc=example'\n"
#define SHARE "type: share\nprincipals: ad\narchive: folder=archive\n"
#define USER "read: {user: r@AD, secret: secrets/r}\n"
#define SCIM "type: scim\nread: {secret: s}\n"
#define OAUTH "type: scim\nauth: oauth\nuri: https://h/scim\n"
#define SQL "type: sql\nread: {user: r, secret: s}\n"
#define READ "read: {dn: cn=r, secret: secrets/r}\n"

static void faults(void)
{
  static const struct {
    const char *text;
    const char *code;  // of the only finding; NULL = none
  } rows[] = {
      {LDAP "uri: ldap://h.example\nca: ca.pem\n" READ, NULL},
      {LDAP "uri: ldaps://h.example\nca: ca.pem\n" READ, NULL},
      {LDAP "uri: ldapi://%2Frun%2Fldapi\nauth: external\n", NULL},
      {LDAP "uri: ldap://127.0.0.1:389\ntls: off\n" READ, NULL},
      {LDAP "uri: ldap://[::1]\ntls: off\n" READ, NULL},
      {LDAP "uri: ldap://h.example\nca: ca.pem\nguard: {}\ncanaries: []\nprotected: []\n"
            "fingerprint: x\nshrink: 5%\n" READ,
       NULL},
      {LDAP "uri: ldap://h.example\nca: ca.pem\nguards: {}\n" READ, "yaml-key-unknown"},
      {LDAP "uri: ldap://h.example\nca: x\nwatch: [cn=a]\naccesslog: cn=accesslog\n" READ, NULL},
      {LDAP "uri: ldap://h.example\nca: x\nwatch: cn=a\n" READ, "not-a-list"},
      {LDAP "uri: ldap://h.example\nca: x\nwatch: [cn=a, admins]\n" READ, "dn-malformed"},
      {LDAP "uri: ldap://h.example\nca: x\naccesslog: log\n" READ, "dn-malformed"},
      {LDAP "uri: ldap://h.example\n" READ, "key-missing"},
      {LDAP "uri: ldap://h.example\ntls: off\nca: x\n" READ, "tls-required"},
      {LDAP "uri: ldap://127.0.0.1.evil.example\ntls: off\nca: x\n" READ, "tls-required"},
      {LDAP "uri: ldaps://127.0.0.1\ntls: off\nca: x\n" READ, "unknown-value"},
      {LDAP "uri: ldap://h.example\nca: x\nauth: external\n", "unknown-value"},
      {LDAP "uri: http://h.example\n" READ, "uri-malformed"},
      {LDAP "uri: ldap://a ldap://b\n" READ, "uri-malformed"},
      {LDAP READ, "key-missing"},
      {LDAP "uri: ldap://h.example\nca: x\n", "key-missing"},
      {LDAP "uri: ldap://h.example\nca: x\nread: {dn: cn=r}\n", "key-missing"},
      {AD "uri: ldaps://dc1.example\nca: ca.pem\n" USER, NULL},
      {AD "uri: [ldaps://dc1.example, 'ldap://dc2.example:389']\nca: ca.pem\n" USER, NULL},
      {AD "uri: [ldaps://dc1.example, http://dc2]\nca: ca.pem\n" USER, "uri-malformed"},
      {AD "uri: ldaps://dc1.example\n" USER, "key-missing"},
      {AD "uri: 'ldaps://dc1.example:3269'\nca: x\n" USER, "uri-malformed"},
      {AD "uri: ldaps://h\nca: x\nauth: gssapi\nread: {principal: r@A, keytab: k}\n", NULL},
      {AD "uri: ldaps://h\nca: x\nauth: gssapi\n" USER, "key-missing"},
      {AD "uri: ldaps://h\nca: x\nauth: external\nread: {user: r, secret: s}\n", "unknown-value"},
      {SHARE "uri: smb://fs.example/data\n" USER, NULL},
      {SHARE "uri: smb://fs.example\n" USER, "uri-malformed"},
      {SHARE "uri: //fs.example/data\n" USER, "uri-malformed"},
      {SHARE "uri: smb://fs.example/data\nencrypt: perhaps\n" USER, "unknown-value"},
      {"type: share\nuri: smb://fs.example/data\narchive: folder=a\n" USER, "key-missing"},
      {SQL "connection: DSN=x\ntables: {users: {key: id}}\n", NULL},
      {SQL "connection: DSN=x\ntables: {u: {key: [a, b], table: U, schema: s, id: n, only: {c: v}, "
           "columns: {d: "
           "{empty: '', flag: ['1', '0'], secret: true}}}}\n",
       NULL},
      {"type: sql\nauth: external\nconnection: DSN=x\ntables: {users: {key: id}}\n", NULL},
      {"type: sql\nconnection: DSN=x\ntables: {users: {key: id}}\n", "key-missing"},
      {SQL "tables: {users: {key: id}}\n", "key-missing"},
      {SQL "connection: DSN=x\n", "key-missing"},
      {SQL "connection: DSN=x\ntables: {users: {}}\n", "key-missing"},
      {SQL "connection: 'DSN=x; Pwd=y'\ntables: {users: {key: id}}\n", "secret-in-clear"},
      {SQL "connection: DSN=x\ntables: {users: {key: id, columns: {a: {flag: [x]}}}}\n",
       "unknown-value"},
      {SQL "connection: DSN=x\ntables: {users: {key: id, column: {}}}\n", "yaml-key-unknown"},
      {SCIM "uri: https://gw.example/scim/v2/\n", NULL},
      {SCIM "uri: http://127.0.0.1:8080/scim\n", NULL},
      {SCIM "uri: http://gw.example/scim\n", "tls-required"},
      {SCIM "uri: http://127.0.0.1.evil.example/scim\n", "tls-required"},
      {SCIM "uri: https://user:pass@gw.example/scim\n", "uri-malformed"},
      {SCIM "uri: ftp://gw.example\n", "uri-malformed"},
      {SCIM "uri: gw.example/scim\n", "uri-malformed"},
      {SCIM, "key-missing"},
      {"type: scim\nuri: https://h/scim\n", "key-missing"},
      {"type: scim\nuri: https://h/scim\nread: {token: abc, secret: s}\n", "yaml-key-unknown"},
      {SCIM "uri: https://h/scim\nbulk: perhaps\n", "unknown-value"},
      {SCIM "uri: https://h/scim\nconnections: 0\n", "number-out-of-range"},
      {SCIM "uri: https://h/scim\nproxy: http://proxy.example:8080\n", NULL},
      {SCIM "uri: https://h/scim\nproxy: proxy.example:8080\n", "proxy-malformed"},
      {SCIM "uri: https://h/scim\nproxy: http://a:b@proxy.example:8080\n", "proxy-malformed"},
      {SCIM "uri: http://127.0.0.1/scim\nproxy: http://proxy.example:8080\n", "proxy-malformed"},
      {SCIM "uri: https://h/scim\nanchor: nobody\n", "dn-malformed"},
      {SCIM "uri: https://h/scim\nanchor: userName=a\n", NULL},
      {OAUTH "token_url: https://h/token\nread: {user: c, secret: s}\n", NULL},
      {OAUTH "token_url: https://h/token\nread: {secret: s}\n", "key-missing"},
      {OAUTH "read: {user: c, secret: s}\n", "key-missing"},
      {OAUTH "token_url: http://h/token\nread: {user: c, secret: s}\n", "tls-required"},
      {OAUTH "token_url: http://127.0.0.1/token\nread: {user: c, secret: s}\n", "uri-malformed"},
      {"type: ldif\npath: a.ldif\nbase: 'nonsense'\n", "dn-malformed"},
      {"type: ldif\nbase: 'dc=x'\n", "key-missing"},
      {"type: soap\nbase: 'dc=x'\n", "unknown-type"},
      {"base: 'dc=x'\n", "key-missing"},
      {"type: ldif\npath: a.ldif\nbase: 'dc=x'\nwindow: 0\n", "number-out-of-range"},
      {"type: ldif\npath: a.ldif\nbase: 'dc=x'\ndisable: {attribute: a}\n", "key-missing"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(TargetConfig) config = read_config(rows[i].text, findings);
    UNIT_TRUE(config != NULL, "row %zu", i);
    UNIT_INT((long long)findings_count(findings), rows[i].code ? 1 : 0, "row %zu: %s", i,
             findings_count(findings) ? findings_at(findings, 0)->text : "");
    if (rows[i].code && findings_count(findings))
      UNIT_STR(findings_at(findings, 0)->code, rows[i].code, "row %zu", i);
  }
}

// What is a bit of a number is turned there and nowhere else.
static void switched(void)
{
  static const struct {
    const char *type, *before;
    bool off, has;
    const char *after;
  } rows[] = {
      {"ad", NULL, true, true, "514"},      {"ad", NULL, false, true, "512"},
      {"ad", "66048", true, true, "66050"}, {"ad", "66050", false, true, "66048"},
      {"ad", "514", true, true, "514"},     {"ldap", NULL, true, true, "000001010000Z"},
      {"ldap", "x", false, false, ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    bool ad = strcmp(rows[i].type, "ad") == 0;
    TargetConfig config = {.type = rows[i].type,
                           .disable_value = ad ? "514" : "000001010000Z",
                           .disable_bit = ad ? 2 : 0};
    g_autoptr(GString) after = g_string_new(NULL);
    UNIT_INT(target_lock_value(&config, rows[i].before, rows[i].off, after), rows[i].has, "row %zu",
             i);
    UNIT_STR(after->str, rows[i].after, "row %zu", i);
    if (rows[i].has)
      UNIT_INT(target_is_off(&config, after->str, after->len), rows[i].off, "row %zu", i);
  }
}

// Places are below the share and the folder that its address names.
static void base_of_share(void)
{
  static const char *const rows[][2] = {
      {"smb://fs.example/data", "share=data"},
      {"smb://fs.example/data/", "share=data"},
      {"smb://fs.example/data/a/b", "folder=b,folder=a,share=data"},
      {"smb://fs.example/data/総務部,1", "folder=総務部\\,1,share=data"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autofree char *text = g_strdup_printf(SHARE "uri: '%s'\n" USER, rows[i][0]);
    g_autoptr(TargetConfig) config = read_config(text, findings);
    UNIT_STR(config->base, rows[i][1], "row %zu", i);
    UNIT_INT((long long)findings_count(findings), 0, "row %zu", i);
  }
}

// A password in the YAML is an unknown key like any other.
static void unknown_keys(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(TargetConfig) config =
      read_config("type: ldif\npath: a.ldif\nbase: 'dc=x'\npassword: x\n", findings);
  UNIT_INT((long long)findings_count(findings), 1);
}

static void values(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(TargetConfig) config = read_config(
      LDAP "uri: ldap://h.example\nca: ca.pem\n" READ
           "write: {dn: cn=w, secret: /abs/w}\ntimeout: 5\nwindow: 8\npage_size: 500\nretries: 2\n"
           "disable: {attribute: pwdAccountLockedTime, value: '000001010000Z'}\n",
      findings);
  UNIT_INT((long long)findings_count(findings), 0);
  UNIT_STR(config->name, "ldap");
  UNIT_STR(config->ca_file, "/etc/idou/ca.pem");
  UNIT_STR(config->read_secret, "/etc/idou/secrets/r");
  UNIT_STR(config->write_secret, "/abs/w");
  UNIT_STR(config->write_dn, "cn=w");
  UNIT_STR(config->disable_value, "000001010000Z");
  UNIT_INT(config->timeout_ms, 5000);
  UNIT_INT(config->window, 8);
  UNIT_INT(config->page_size, 500);
  UNIT_INT(config->retries, 2);
}

static const UnitTest tests[] = {
    {"faults", faults},     {"unknown_keys", unknown_keys},   {"values", values},
    {"switched", switched}, {"base_of_share", base_of_share}, {NULL, NULL},
};
UNIT_SUITE(target_config, tests);
