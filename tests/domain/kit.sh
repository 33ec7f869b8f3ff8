# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./run: a site whose target is a private domain controller. $server is the controller's folder, $site the
# site's, $now its clock.

suite=domain
. "$top/tests/targets/check.sh"

# Operations, a line each, as ../targets/target.c has them; the passwords that are made go to $work/made.
write() {
  "$samba" run "$server" "$BUILD/tests/targets/target" --type ad --base "$CITY" --uri "$LDAPS_URI" --ca "$CA_FILE" \
    --dn "$WRITER_UPN" --secret "$WRITER_SECRET" --made "$work/made" write 2>>"$work/errors" | tee -a "$work/log"
}

site_make() {
  mkdir -p "$site/in" "$site/plans"
  cp -R "$top/tests/scenario/layouts" "$site/"
  cp -R "$top/tests/scenario/mappings-ad" "$site/mappings"
  cat >"$site/idou.yaml" <<YAML
store: idou.db
plans: plans
mappings: mappings
layouts: layouts
shrink: 60%
passwords: {seal_to: operator.pub, policies: {initial: {length: 14}}}
targets:
  ad:
    type: ad
    uri: [$LDAPS_URI]
    base: "$CITY"
    ca: $CA_FILE
    read: {user: "$READER_UPN", secret: $READER_SECRET}
    write: {user: "$WRITER_UPN", secret: $WRITER_SECRET}
    shrink: 60%
    window: 4
    retries: 3
    timeout: 5
    guard: {create: 500, disable: 500}
YAML
}

# The exit code in $status, what it printed in $work/out.
idou() {
  status=0
  "$samba" run "$server" env IDOU_NOW="$now" "$IDOU" --site "$site/idou.yaml" "$@" >"$work/out" 2>&1 \
    </dev/null || status=$?
}

take_in() {
  cat >"$site/in/$1"
  idou intake "$site/in/$1"
}

# LDIF from standard input, as administrator.
change() {
  "$samba" run "$server" env LDAPTLS_CACERT="$CA_FILE" ldapmodify -x -H "$LDAPS_URI" -D "$ADMIN_UPN" -y "$ADMIN_SECRET" \
    "$@" >>"$work/errors" 2>&1
}

search() {
  "$samba" run "$server" env LDAPTLS_CACERT="$CA_FILE" ldapsearch -x -LLL -o ldif-wrap=no -H "$LDAPS_URI" -D "$ADMIN_UPN" \
    -y "$ADMIN_SECRET" -E pr=1000/noprompt "$@" 2>>"$work/errors"
}

# values BASE ATTRIBUTE: of all entries there.
values() {
  search -b "$1" '(objectClass=*)' "$2" | while IFS= read -r line; do
    case $line in
    "$2: "*) echo "${line#*: }" ;;
    "$2:: "*) echo "$(echo "${line#*:: }" | base64 -d)" ;;
    esac
  done
}

# id_of ACCOUNT: its GUID as text.
id_of() {
  search -b "$BASE" "(sAMAccountName=$1)" objectGUID | sed -n 's/^objectGUID:: //p' | base64 -d | od -An -tx1 | tr -d ' \n' |
    sed -E 's/^(..)(..)(..)(..)(..)(..)(..)(..)/\4\3\2\1-\6\5-\8\7-/; s/-(....)([^-]*)$/-\1-\2/'
  echo
}

# Whether somebody with the password gets in: 0, else Microsoft's code of the reason.
bind() {
  "$samba" run "$server" env LDAPTLS_CACERT="$CA_FILE" ldapsearch -x -LLL -H "$LDAPS_URI" -D "$1" -w "$2" -s base -b '' \
    defaultNamingContext >"$work/bind" 2>&1 && echo 0 || sed -n 's/.*, data \([0-9a-f]*\),.*/\1/p' "$work/bind"
}

# A client of Samba's on the share, as administrator.
smb() {
  program=$1
  shift
  "$samba" run "$server" "$program" -s "$SAMBA_CONF" "$SHARE" -U "$DOMAIN/$ADMIN_NAME%$(cat "$ADMIN_SECRET")" "$@" \
    2>>"$work/errors"
}

# From now on the site has the share, too, with a folder for each unit.
share_begins() {
  cp "$top"/tests/scenario/mappings-share/folder.yaml "$site/mappings/"
  cat >>"$site/idou.yaml" <<YAML
  share:
    type: share
    uri: smb:$SHARE
    principals: ad
    archive: "folder=archive"
    read: {user: '$DOMAIN\\$READER_NAME', secret: $READER_SECRET}
    write: {user: '$DOMAIN\\$WRITER_NAME', secret: $WRITER_SECRET}
    shrink: 90%
    guard: {create: 500, modify: 500, rename: 500}
YAML
  smb smbclient -c 'mkdir units; mkdir archive' >>"$work/errors"
}
