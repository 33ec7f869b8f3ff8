# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of letters and of monitoring share. Sourced by tests/mail/*.test with bash; ROOT, IDOU and BUILD are set, $work is
# an empty folder of the test file's own.
#
# A test is a function test_NAME, run in a subshell with a folder $here of its own: `ok mail.NAME` unless it calls `fail` or
# `skip`. A server that it started is stopped.
set -u
umask 077
smtp=$ROOT/tests/servers/smtp
export IDOU_NOW=2027-03-31T20:00:00+09:00
unset all_proxy ALL_PROXY IDOU_SITE

fail() {
  echo "not ok mail.$name: $*"
  [ ! -s "$here/out" ] || tail -n 25 "$here/out" | sed 's/^/    /'
  exit 1
}
skip() {
  echo "skipped mail.$name: $*"
  exit 0
}
# expect CODE COMMAND…
expect() {
  local wanted=$1 got=0
  shift
  "$@" >"$here/out" 2>&1 </dev/null || got=$?
  { echo "\$ $*"; cat "$here/out"; } >>"$here/outputs"
  [ $got = "$wanted" ] || fail "\`$*\` ended with $got instead of $wanted"
}
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
idou() {
  (cd "$here/site" && exec "$IDOU" "$@")
}
# queue KEY TO SUBJECT [FILE…]: a letter of some words.
queue() {
  echo "しらせ: $1" | "$BUILD/tests/mail/queue" "$here/site/mail" "$@" >"$here/out" 2>&1 ||
    fail "it cannot be queued"
}
letters() {
  ls "$here/smtp/letters" | grep -c 'eml$'
}
# took N ADDRESS…: so many letters are there; these addresses got them, in this order.
took() {
  local n=$1
  shift
  [ "$(letters)" = "$n" ] || fail "$(letters) letters instead of $n"
  [ $# = 0 ] || [ "$(cat "$here"/smtp/letters/*.to | tr '\n' ' ')" = "$* " ] ||
    fail "they went to $(cat "$here"/smtp/letters/*.to | tr '\n' ' ')"
}
message_ids() {
  sed -n 's/^Message-ID: //p' "$here"/smtp/letters/*.eml | tr -d '\r' | sort -u | wc -l
}
fault() {
  "$smtp" fault "$here/smtp" "$@"
}
commands() {
  grep -c "^$1" "$here/smtp/log" || true
}
at() {
  export IDOU_NOW=$1
}

# site [STARTTLS|plain|smtps]: a server, and a site that sends its letters there.
site() {
  local mode=${1:-}
  ! reason=$("$smtp" reason) || skip "$reason"
  "$smtp" start "$here/smtp" ${mode:+--$mode} >"$here/out" 2>&1 || fail "the mail server does not start"
  . "$here/smtp/env"
  mkdir -p "$here/site"
  cp -R "$ROOT/tests/scenario/layouts" "$ROOT/tests/scenario/mappings" "$here/site/"
  write_site "$mode"
}
write_site() {
  {
    printf 'store: idou.db\nlayouts: layouts\nshrink: 60%%\n'
    printf 'targets:\n  dir: {type: ldif, path: directory.ldif, base: "dc=city,dc=example", shrink: 60%%,\n'
    printf '    disable: {attribute: pwdAccountLockedTime, value: 000001010000Z}}\n'
    printf 'mail:\n  server: %s\n  from: "idou 異動 <idou@city.example>"\n' "$SMTP_URI"
    printf '  operators: [soumu@city.example, oncall@city.example]\n'
    [ "$1" = plain ] || printf '  user: idou\n  secret: %s\n  ca: %s\n' "$SMTP_SECRET" "$CA_FILE"
    printf '  timeout: 10\n'
  } >"$here/site/idou.yaml"
}
# Nothing that it left or said holds the secret.
look_for_secret() {
  [ -e "$here/smtp/secret" ] || return 0
  local secret
  secret=$(cat "$here/smtp/secret")
  ! grep -rqF -- "$secret" "$here/site" "$here/outputs" 2>/dev/null || fail "the secret of the mail server is in $(
    grep -rlF -- "$secret" "$here/site" "$here/outputs")"
}

run_tests() {
  local status=0
  for name in $(declare -F | sed -n 's/^declare -f test_//p'); do
    case " ${ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
    here=$work/$name
    mkdir "$here"
    (
      trap '"$smtp" stop "$here/smtp" >/dev/null 2>&1 || true' EXIT
      cd "$here"
      "test_$name"
      look_for_secret
      echo "ok mail.$name"
    ) || status=1
  done
  return $status
}
