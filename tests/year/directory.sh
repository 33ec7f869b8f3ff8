# SPDX-License-Identifier: GPL-3.0-or-later
#
# What tests/year/run asks of the directory. Sourced: $work/slapd is the server, fail the end.

search() {
  . "$work/slapd/env"
  ldapsearch -Q -Y EXTERNAL -LLL -o ldif-wrap=no -H "$LDAPI_URI" "$@" 2>/dev/null | decode_values
}

# Base64 of names and values that are not ASCII, decoded. One process for all of them.
decode_values() {
  perl -MMIME::Base64 -pe 's/^([^:]+):: (.*)$/"$1: " . decode_base64($2)/e'
}

# The entry whose uid, cn or unit code is NAME.
entry() {
  search -b "$BASE" "(|(uid=$1)(cn=$1)(businessCategory=$1))" "${@:2}"
}

place() {
  . "$work/slapd/env"
  search -b "$BASE" "(|(uid=$1)(cn=$1)(businessCategory=$1))" 1.1 | sed -n 's/^dn: //p'
}

step_holds() {
  . "$work/slapd/env"
  entry "$1" '*' + >"$work/entry"
  grep -qxF "${*:2}" "$work/entry" || fail "$1 does not hold ${*:2}" "$work/entry"
}

step_lacks() {
  . "$work/slapd/env"
  entry "$1" '*' + >"$work/entry"
  [ -s "$work/entry" ] || fail "there is no $1"
  ! grep -qxF "${*:2}" "$work/entry" || fail "$1 holds ${*:2}" "$work/entry"
}

step_below() {
  local place
  place=$(place "$1")
  case $place in *",$2,"*) ;; *) fail "$1 is not below $2 but $place" ;; esac
}

step_gone() {
  [ -z "$(place "$1")" ] || fail "$1 is still there: $(place "$1")"
}

step_in() {
  step_holds "$1" "member: $(place "$2")"
}

step_out() {
  [ -n "$(place "$2")" ] || fail "there is no $2"
  step_lacks "$1" "member: $(place "$2")"
}

step_password() {
  local place
  place=$(place "$1")
  ldappasswd -Q -Y EXTERNAL -H "$LDAPI_URI" -s "$2" "$place" >/dev/null 2>"$work/err" ||
    fail "ldappasswd for “$place”" "$work/err"
}

can_bind() {
  ldapwhoami -x -ZZ -H "$LDAP_URI" -o TLS_CACERT="$CA_FILE" -D "$(place "$1")" -w "$2" >/dev/null 2>&1
}

step_can() {
  . "$work/slapd/env"
  LDAPTLS_CACERT=$CA_FILE can_bind "$@" || fail "$1 cannot log in"
}

step_cannot() {
  . "$work/slapd/env"
  ! LDAPTLS_CACERT=$CA_FILE can_bind "$@" || fail "$1 can log in"
}

# Everything below the base but the server's own accounts, in an order that does not depend on the server.
dump_directory() {
  . "$work/slapd/env"
  search -b "$BASE" '(!(|(objectClass=pwdPolicy)(objectClass=simpleSecurityObject)))' '*' pwdAccountLockedTime |
    grep -v '^userPassword: ' |
    perl -00 -ne 'chomp; my ($dn, @rest) = split /\n/; $entry{join ",", reverse split /(?<!\\),/, $dn =~ s/^dn: //r} =
      join "\n", $dn, sort @rest; END { print "$entry{$_}\n\n" for sort keys %entry }'
}
