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
    {"faults", faults},
    {"unknown_keys", unknown_keys},
    {"values", values},
    {NULL, NULL},
};
UNIT_SUITE(target_config, tests);
