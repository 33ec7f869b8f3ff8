# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes a site for a domain and its share. Sourced. domain_site FOLDER SERVER: a folder with idou.yaml and the
# shipped mappings for them, for the domain controller whose folder is SERVER (tests/servers/samba start
# SERVER). ROOT is the checkout, IDOU the program.

domain_site() {
  site=$1
  . "$2/env"
  mkdir -p "$site/spool/in" "$site/log"
  cp -R "$ROOT/mappings/tables" "$ROOT/mappings/layouts" "$site/"
  mkdir "$site/mappings"
  mv "$site/tables" "$site/mappings/"
  cp "$ROOT"/mappings/ad/*.yaml "$site/mappings/"
  "$IDOU" keys "$site" >/dev/null
  cat >"$site/idou.yaml" <<EOT
store: idou.db
plans: plans
layouts: layouts
gaiji: gaiji.csv
spool: {incoming: spool/in, done: spool/done, rejected: spool/rejected, manifest: true}
passwords: {seal_to: operator.pub, policies: {initial: {length: 12}}}
targets:
  ad:
    type: ad
    uri: [$LDAPS_URI]
    base: "OU=city,$BASE"
    domain: $DOMAIN
    ca: $CA_FILE
    read: {user: $READER_UPN, secret: $READER_SECRET}
    write: {user: $WRITER_UPN, secret: $WRITER_SECRET}
    canaries:
      - {dn: "OU=people", attributes: {ou: people}}
EOT
  for job in nightly after-midnight; do
    sed -e 's|^site:.*|site: idou.yaml|' -e 's|^log:.*|log: log|' "$ROOT/jobs/$job.yaml" >"$site/$job.yaml"
  done
  chmod 600 "$site/idou.yaml"
}
