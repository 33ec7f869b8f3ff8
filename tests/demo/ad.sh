# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes a site for a domain and its share. Sourced. domain_site FOLDER SERVER: a folder with idou.yaml and the
# shipped mappings for them, for the domain controller whose folder is SERVER (tests/servers/samba start
# SERVER). ROOT is the checkout, IDOU the program.

share_as_writer() {
  program=$1
  shift
  "$ROOT/tests/servers/samba" run "$server" "$program" -s "$SAMBA_CONF" "$SHARE" \
    -U "$DOMAIN/$WRITER_NAME%$(cat "$WRITER_SECRET")" "$@"
}

domain_site() {
  site=$1 server=$2
  . "$server/env"
  mkdir -p "$site/spool/in" "$site/log"
  cp -R "$ROOT/mappings/tables" "$ROOT/mappings/layouts" "$site/"
  mkdir "$site/mappings"
  mv "$site/tables" "$site/mappings/"
  cp "$ROOT"/mappings/ad/*.yaml "$ROOT"/mappings/share/*.yaml "$site/mappings/"
  # Made through the server, so that the rights of the folder above go on. Everybody sees what units there are.
  share_as_writer smbclient -c 'mkdir units; mkdir home; mkdir archive'
  share_as_writer smbcacls units --add "ACL:$DOMAIN\\Domain Users:ALLOWED/0x0/READ"
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
  share:
    type: share
    uri: smb:$SHARE
    principals: ad
    archive: "folder=archive"
    read: {user: '$DOMAIN\\$READER_NAME', secret: $READER_SECRET}
    write: {user: '$DOMAIN\\$WRITER_NAME', secret: $WRITER_SECRET}
EOT
  for job in nightly after-midnight; do
    sed -e 's|^site:.*|site: idou.yaml|' -e 's|^log:.*|log: log|' "$ROOT/jobs/$job.yaml" >"$site/$job.yaml"
  done
  chmod 600 "$site/idou.yaml"
}
