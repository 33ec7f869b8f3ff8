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

# ---------------------------------------------------------------------------------------------
# For the demos: who is who there, and what they can do. The domain runs in $work/dc.

# An LDAP tool as the domain's administrator.
admin() {
  program=$1
  shift
  "$samba" run "$work/dc" env LDAPTLS_CACERT="$CA_FILE" "$program" -x -H "$LDAPS_URI" -D "$ADMIN_UPN" \
    -y "$ADMIN_SECRET" "$@"
}

# LDIF of the entry with this number in HR's files.
entry_of() {
  admin ldapsearch -LLL -o ldif-wrap=no -b "OU=city,$BASE" "(employeeID=$1)" sAMAccountName
}

# People choose passwords, of which the demo knows; idou never learns them.
choose_password() {
  openssl rand -hex 12 | sed 's/^/Own-/' | tr -d '\n' >"$work/password-$1"
  {
    entry_of "$1" | sed -n '/^dn:/p'
    printf 'changetype: modify\nreplace: unicodePwd\nunicodePwd:: '
    printf '"%s"' "$(cat "$work/password-$1")" | iconv -t UTF-16LE | base64 -w 0
    echo
  } | admin ldapmodify >/dev/null
}

# What happens when they log in: bind with their own password.
try_login() {
  login=$(entry_of "$2" | sed -n 's/^sAMAccountName: //p')
  said=$("$samba" run "$work/dc" env LDAPTLS_CACERT="$CA_FILE" ldapsearch -x -LLL -H "$LDAPS_URI" -D "$DOMAIN\\$login" \
    -y "$work/password-$2" -s base -b '' dn 2>&1) || :
  case $said in
  *'data 533'*) said='is switched off' ;;
  'dn:'*) said='logs in' ;;
  esac
  echo "$1 $2 $login: $said"
  [ "$said" = "$3" ] || die "$1 $2: expected: $3"
}

# The folder of the unit with this code: its group tells where it is.
folder_of() {
  admin ldapsearch -LLL -o ldif-wrap=no -b "OU=city,$BASE" "(sAMAccountName=u-$1)" description |
    sed -n 's/^description:: //p' | base64 -d | sed 's|^|units/|'
}

# What happens when they use the share: smbclient with their own password.
try_share() {
  login=$(entry_of "$2" | sed -n 's/^sAMAccountName: //p')
  said=$("$samba" run "$work/dc" smbclient -s "$SAMBA_CONF" "$SHARE" -U "$DOMAIN/$login%$(cat "$work/password-$2")" -c "$3" 2>&1) || :
  case $said in *NT_STATUS*) said=refused ;; *) said=done ;; esac
  echo "$1 $2 $login: $3: $said"
  [ "$said" = "$4" ] || die "$1 $2: expected: $4"
}
