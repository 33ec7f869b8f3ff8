# SPDX-License-Identifier: GPL-3.0-or-later
#
# The directory that old applications ask.

ldap_start() {
  within "$ROOT/tests/servers/slapd" start "$work/slapd"
}

ldap_stop() {
  "$ROOT/tests/servers/slapd" stop "$work/slapd" >/dev/null 2>&1 || :
}

ldap_site() (
  . "$work/slapd/env"
  for file in account group unit; do
    cp "$ROOT/mappings/$file.yaml" "$site/mappings/ldap-$file.yaml"
  done
  cat <<EOT
  ldap:
    type: ldap
    uri: $LDAP_URI
    base: "$BASE"
    ca: $CA_FILE
    read: {dn: "$READER_DN", secret: $READER_SECRET}
    write: {dn: "$WRITER_DN", secret: $WRITER_SECRET}
    disable: {attribute: pwdAccountLockedTime, value: "000001010000Z"}
    canaries:
      - {dn: "ou=people", attributes: {ou: people}}
    protected:
      - {dn: "$READER_DN"}
      - {dn: "$WRITER_DN"}
EOT
)

ldap_search() (
  . "$work/slapd/env"
  within ldapsearch -Q -Y EXTERNAL -H "$LDAPI_URI" -LLL -o ldif-wrap=no -b "$1,$BASE" "${2:-(uid=*)}" 1.1 | grep -c '^dn:'
)

# People are as many as the domain has, and of each who left the entry is among the retired.
ldap_check() {
  says "directory: people=$(ldap_search ou=people) retired=$(ldap_search ou=retired)" \
    "directory: people=$n_people retired=$n_retired"
}
