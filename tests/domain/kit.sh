# SPDX-License-Identifier: GPL-3.0-or-later
#
# A site whose target is a private domain controller. Sourced by ./run: $server is the controller's folder,
# $site the site's, $IDOU the program. site_make makes it, `idou` runs a command in it at the clock $now, within the
# controller's network.

site_make() {
  . "$server/env"
  mkdir -p "$site/in" "$site/plans" "$site/keys"
  cp -R "$top/tests/scenario/layouts" "$top/tests/domain/mappings" "$site/"
  site_settings
}

# site_settings [SETTING…]: more lines for the target.
site_settings() {
  {
    printf 'store: idou.db\nplans: plans\nmappings: mappings\nlayouts: layouts\nshrink: 60%%\n'
    printf 'passwords:\n  seal_to: keys/operator.pub\n  issuer: 情報政策課\n'
    printf '  policies:\n    initial: {length: 14, classes: [upper, lower, digit]}\n'
    printf '  systems:\n    ad: {name: ログオン}\n'
    printf 'targets:\n  ad:\n    type: ad\n    uri: %s\n    base: "%s"\n    ca: %s\n' \
      "$LDAPS_URI" "$BASE" "$CA_FILE"
    printf '    read: {user: "%s", secret: %s}\n' "$READER_UPN" "$READER_SECRET"
    printf '    write: {user: "%s", secret: %s}\n' "$WRITER_UPN" "$WRITER_SECRET"
    printf '    shrink: 60%%\n    window: 8\n    retries: 2\n    timeout: 5\n'
    [ $# = 0 ] || printf '    %s\n' "$@"
  } >"$site/idou.yaml"
}

# The exit code in $status, what it printed in $work/out.
idou() {
  status=0
  "$samba" run "$server" env IDOU_NOW="$now" "$IDOU" --site "$site/idou.yaml" "$@" \
    >"$work/out" 2>&1 </dev/null || status=$?
}

take_in() {
  cat >"$site/in/$1"
  idou intake "$site/in/$1"
}

# LDIF from standard input, as administrator.
change() {
  "$samba" run "$server" env LDAPTLS_CACERT="$CA_FILE" ldapmodify -x -H "$LDAPS_URI" -D "$ADMIN_UPN" \
    -y "$ADMIN_SECRET" "$@" >"$work/changed" 2>&1
}

# Values of an attribute: values BASE ATTRIBUTE [FILTER]
values() {
  "$samba" run "$server" env LDAPTLS_CACERT="$CA_FILE" ldapsearch -x -LLL -o ldif-wrap=no -H "$LDAPS_URI" \
    -D "$ADMIN_UPN" -y "$ADMIN_SECRET" -E pr=1000/noprompt -b "$1" "${3:-(objectClass=*)}" "$2" 2>/dev/null |
    while IFS= read -r line; do
      case $line in
      "$2: "*) echo "${line#*: }" ;;
      "$2:: "*) echo "${line#*:: }" | base64 -d && echo ;;
      esac
    done
}

# Whether somebody with the password gets in: 0, else the sub-code of Microsoft ("533").
bind() {
  "$samba" run "$server" env LDAPTLS_CACERT="$CA_FILE" ldapsearch -x -LLL -H "$LDAPS_URI" -D "$1" -w "$2" \
    -s base -b '' defaultNamingContext >"$work/bind" 2>&1 && echo 0 ||
    sed -n 's/.*, data \([0-9a-f]*\),.*/\1/p' "$work/bind"
}
