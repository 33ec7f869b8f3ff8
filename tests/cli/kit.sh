# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of the program from outside share. Sourced by each tests/cli/*.test with bash; ROOT,
# IDOU, IDOU_FAST and BUILD are set, $work is an empty folder of the test file's own,
# $templates has servers and sites to copy.
#
# A test is a function test_NAME, run in a subshell with a folder of its own: `ok cli.NAME` unless it
# calls `fail` or `skip`. Every test ends with a look for the passwords in all that it left.
set -u
umask 077
. "$ROOT/tests/demo/site.sh"
slapd=$ROOT/tests/servers/slapd
evening=2027-03-24T19:00:00+09:00

fail() {
  echo "not ok cli.$name: $*"
  [ ! -s "$here/out" ] || tail -n 25 "$here/out" | sed 's/^/    /'
  exit 1
}

skip() {
  echo "skipped cli.$name: $*"
  exit 0
}

# expect CODE COMMAND…: it must end with this exit code. What it printed is in $here/out.
expect() {
  local wanted=$1 got=0
  shift
  "$@" >"$here/out" 2>&1 </dev/null || got=$?
  { echo "\$ $*"; cat "$here/out"; } >>"$here/outputs"
  [ $got = "$wanted" ] || fail "\`${*/$here\//}\` ended with $got instead of $wanted"
  echo "$got" >>"$work/codes"
}

# What the last command printed holds each of these texts; none of these.
says() {
  local text
  for text; do
    grep -qF -- "$text" "$here/out" || fail "it does not say “$text”"
  done
}
silent() {
  local text
  for text; do
    ! grep -qF -- "$text" "$here/out" || fail "it should not say “$text”"
  done
}
# The last line of what it printed, as an extended regular expression.
ends_with() {
  tail -n 1 "$here/out" | grep -qE -- "$1" || fail "its last line is not “$1”"
}

same() {
  diff -u "$here/$1" "$here/$2" >"$here/out" || fail "$3"
}

# Servers and sites. A template is made once and copied for each test: quicker than starting anew.

# stamp FROM TO: a copy of server and site, at another place and other ports.
stamp() {
  local from=$1 to=$2 try
  mkdir -p "$to"
  cp -a --sparse=always "$from/." "$to/"
  for try in 1 2 3 4 5; do
    set -- $(shuf -i 20000-31999 -n 2)
    sed -i "s|$from|$to|g; s|$(printf %s "$from" | sed 's|/|%2F|g')|$(printf %s "$to" | sed 's|/|%2F|g')|g" \
      "$to/slapd/slapd.conf" "$to/slapd/env"
    sed -i -e "s|^LDAP_URI=.*|LDAP_URI='ldap://127.0.0.1:$1'|" \
      -e "s|^LDAPS_URI=.*|LDAPS_URI='ldaps://127.0.0.1:$2'|" "$to/slapd/env"
    sed -i -e "s|$from|$to|g" -e "s|ldap://127.0.0.1:[0-9]*|ldap://127.0.0.1:$1|" "$to/site/idou.yaml"
    "$slapd" restart "$to/slapd" >"$to/out" 2>&1 && return
  done
  fail "slapd does not start"
}

idou() {
  (cd "$here/site" && exec "$IDOU" "$@")
}

# start COMMAND…: idou in the background, its pid in $child.
start() {
  (cd "$here/site" && exec "$IDOU" "$@") >"$here/started" 2>&1 </dev/null &
  child=$!
}
# Its exit code.
ended() {
  local got=0
  wait $child || got=$?
  cat "$here/started" >>"$here/outputs"
  cp "$here/started" "$here/out"
  [ $got = "$1" ] || fail "it ended with $got instead of $1"
}

# An empty directory and a site beside it, nothing taken in yet; hr/ has the files of 20 people.
make_empty() {
  here=$templates/empty
  mkdir -p "$here"
  "$BUILD/fixtures/city" --people 20 --seed 1 --date 2027-03-01 --orders-date 2027-04-01 \
    --later 2027-04-05 --out "$here/hr" >/dev/null
  "$slapd" start "$here/slapd" --nosync
  site_make "$here/site" "$here/slapd"
  cp "$here/hr/gaiji.csv" "$here/site/"
  "$slapd" stop "$here/slapd"
}

# The same after the first run: 20 accounts, 9 units and their groups.
make_full() {
  here=$templates/full
  stamp "$templates/empty" "$here"
  expect 0 idou intake ../hr/units.csv ../hr/roster-20270301.csv
  expect 2 idou plan --as-of today --first-run -o first.plan
  expect 0 idou apply --first-run first.plan
  rm -f "$here/out" "$here/outputs" "$here/site/first.plan"
  "$slapd" stop "$here/slapd"
}

make_templates() {
  export IDOU_NOW=$evening
  name=templates work=$templates
  (make_empty && make_full)
}

# city empty, city full: a server and a site for this test; its folder is the working folder.
# A test file may have templates of its own, made by make_NAME when the first test asks.
city() {
  [ -d "$templates/$1" ] || (make_$1) || exit 1
  stamp "$templates/$1" "$here"
  . "$here/slapd/env"
  cd "$here/site"
}

# server_with SED: the server again, with other settings.
server_with() {
  sed -i -e "$1" "$here/slapd/slapd.conf"
  "$slapd" restart "$here/slapd"
}
# What the reader may no longer see.
hide() {
  local attribute
  for attribute; do
    server_with "/^access to dn.subtree/i access to attrs=$attribute by dn.exact=cn=idou,$BASE write by * none"
  done
}
site_with() {
  sed -i -e "$1" "$here/site/idou.yaml"
}

# The directory as its administrator sees it, passwords shown as such only: what must not change.
dump() {
  ldapsearch -Q -Y EXTERNAL -H "$LDAPI_URI" -LLL -o ldif-wrap=no -b "$BASE" '*' pwdAccountLockedTime \
    ${2:-entryUUID} | sed 's/^userPassword:.*/userPassword: …/' >"$here/$1"
}
# … without what differs from server to server, in a fixed order.
state() {
  dump "$1" cn
  awk '/^dn:/ { dn = $0; next } NF { print dn " " $0 }' "$here/$1" | sort >"$here/$1.lines"
  mv "$here/$1.lines" "$here/$1"
}
modify() {
  ldapmodify -Q -Y EXTERNAL -H "$LDAPI_URI" >"$here/out" 2>&1 || fail "ldapmodify: the test is wrong"
}

# Neither password is in anything a test left: outputs, plans, journal, receipts, logs.
find_secrets() {
  local secret
  for secret in "$here"/slapd/reader.secret "$here"/slapd/writer.secret; do
    [ -s "$secret" ] || continue
    ! grep -rlaF -f "$secret" "$here/site" "$here/outputs" >"$here/out" 2>/dev/null ||
      fail "a password is in ${secret##*/}: $(head -n 1 "$here/out")"
  done
}

run_test() {
  name=$1
  here=$work/tests/$1
  mkdir -p "$here"
  # Also one that a test stopped with a signal.
  trap '"$slapd" kill "$here/slapd" >/dev/null 2>&1; exit' EXIT
  "test_$name"
  find_secrets
  echo "ok cli.$name"
}

run_all() {
  local failed=0 test
  export IDOU_NOW=$evening
  for test in $(declare -F | sed -n 's/^declare -f test_//p'); do
    [ -z "${ONLY:-}" ] || [[ " $ONLY " == *" $test "* ]] || continue
    (run_test "$test") || failed=1
    [ -n "${KEEP:-}" ] || rm -rf "$work/tests/$test"
  done
  exit $failed
}

# HR's files by hand, in UTF-8 (the site's layouts are switched to it). Names and texts may hold anything
# but a bar.

utf8_site() {
  sed -i 's/^encoding: .*/encoding: utf8/' "$here"/site/mappings/layouts/*.yaml
}
quoted() {
  awk -F'|' 'BEGIN { OFS = "," } { for (i = 1; i <= NF; i++) { gsub(/"/, "\"\"", $i); $i = "\"" $i "\"" } print }'
}
# roster DATE <<…: rows of number|name|kana|unit; the file's name.
roster() {
  local file=roster-$1.csv
  echo '基準日,職員番号,氏名,カナ氏名,旧姓,旧姓使用,生年月日,職員種別,所属コード,所属名称,職名コード,職名名称,本務兼務区分,在職区分,採用年月日,内線番号' >"$here/$file"
  awk -F'|' -v date="$1" 'BEGIN { OFS = "|" }
    NF { print date, $1, $2, $3, "", "", "19800401", "1", $4, "", "070", "主事", "1", "1", "20100401", "" }' |
    quoted >>"$here/$file"
}
# orders NAME <<…: rows of order|date|kind|number|name|kana|unit
orders() {
  echo '発令番号,発令日,発令区分,発令区分名称,職員番号,氏名,カナ氏名,所属コード,所属名称,職名コード,職名名称,職員種別,生年月日,対象発令番号,備考' >"$here/orders-$1.csv"
  awk -F'|' 'BEGIN { OFS = "|" }
    NF { print $1, $2, $3, "", $4, $5, $6, $7, "", "070", "主事", "1", "19800401", "", "" }' |
    quoted >>"$here/orders-$1.csv"
}
# units <<…: rows of code|name|parent
units() {
  echo '所属コード,所属名称,所属カナ,上位所属コード,並び順' >"$here/units.csv"
  awk -F'|' 'BEGIN { OFS = "|" } NF { print $1, $2, "", $3, NR * 10 }' | quoted >>"$here/units.csv"
}
# deliver FILE…: into the spool, with manifests.
deliver() {
  local file
  for file; do
    cp "$file" "$here/site/spool/in/"
    (cd "$here/site/spool/in" && sha256sum "${file##*/}" >"${file##*/}.sha256")
  done
}
# The value of an attribute as the directory has it: value DN ATTRIBUTE
value() {
  ldapsearch -Q -Y EXTERNAL -H "$LDAPI_URI" -LLL -o ldif-wrap=no -s base -b "$1,$BASE" "$2" 2>/dev/null |
    awk -v a="$2" '$1 == a ":" { print substr($0, length(a) + 3) }
      $1 == a "::" { system("printf %s " $2 " | base64 -d; echo") }'
}
