# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes a site for a SCIM server. Sourced. scim_site FOLDER SERVER: a folder with idou.yaml and the shipped mappings for
# it, for the server whose folder is SERVER (tests/servers/scim start SERVER). ROOT is the checkout, IDOU the program.

scim_site() {
  site=$1 server=$2
  . "$server/env"
  mkdir -p "$site/mappings"
  cp -R "$ROOT/mappings/layouts" "$site/"
  cp -R "$ROOT/mappings/tables" "$ROOT"/mappings/scim/*.yaml "$site/mappings/"
  "$IDOU" keys "$site" >/dev/null
  cat >"$site/idou.yaml" <<EOT
store: idou.db
plans: plans
layouts: layouts
gaiji: gaiji.csv
passwords: {seal_to: operator.pub, policies: {initial: {length: 12}}}
targets:
  groupware:
    type: scim
    uri: $SCIM_URI
    ca: $CA_FILE
    read: {secret: $READER_SECRET}
    write: {secret: $WRITER_SECRET}
EOT
  chmod 600 "$site/idou.yaml"
}
