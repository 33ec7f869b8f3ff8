# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes a site for the demo, tests and bench. Sourced. site_make FOLDER SERVER: a folder with idou.yaml and
# the shipped mappings, for the slapd whose folder is SERVER (tests/servers/slapd start SERVER).
# ROOT is the checkout.

site_make() {
  site=$1
  server=$2
  . "$server/env"
  mkdir -p "$site/spool/in" "$site/log"
  cp -R "$ROOT/mappings" "$site/mappings"
  cat >"$site/idou.yaml" <<EOT
store: idou.db
plans: plans
gaiji: gaiji.csv
spool: {incoming: spool/in, done: spool/done, rejected: spool/rejected, manifest: true}
targets:
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
  for job in nightly after-midnight; do
    sed -e 's|^site:.*|site: idou.yaml|' -e 's|^log:.*|log: log|' "$ROOT/jobs/$job.yaml" >"$site/$job.yaml"
  done
  chmod 600 "$site/idou.yaml"
}
