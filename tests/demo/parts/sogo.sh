# SPDX-License-Identifier: GPL-3.0-or-later
#
# SOGo, a groupware whose accounts stand in PostgreSQL.

sogo_start() {
  outside "$ROOT/tests/servers/sogo" start "$work/sogo"
}

sogo_stop() {
  outside "$ROOT/tests/servers/sogo" kill "$work/sogo"
}

sogo_site() (
  . "$work/sogo/env"
  cp "$ROOT/mappings/sogo/account.yaml" mappings/sogo-account.yaml
  cat <<EOT
  sogo:
    type: sql
    connection: "$CONNECTION"
    read: {user: $READER, secret: $READER_SECRET}
    write: {user: $WRITER, secret: $WRITER_SECRET}
    disable: {attribute: active, value: "0", enabled: "1"}
    tables: {sogo_accounts: {key: c_uid}}
EOT
)

# The password of somebody's notice, as it is printed for them; in a file.
sogo_password() {
  local number
  [ ! -e "$work/sogo-$1" ] || return 0
  number=$(idou notices --list | awk -F'\t' -v number="$1" '$4 == "sogo" && index($3, number " ") == 1 { found = $1 } END { print found }')
  idou notices --key operator.key --number "$number" -o "$work/$1.pdf" >/dev/null
  pdftotext -layout "$work/$1.pdf" - |
    awk '/^ *初期パスワード *$/ { f = 1; next } f && NF { printf "%s", $1; f = 0 }' >"$work/sogo-$1"
}

# They type what stands on their notice.
try_sogo() {
  local login status
  login=$(entry_of "$2" | sed -n 's/^sAMAccountName: //p')
  sogo_password "$2"
  status=$(outside "$ROOT/tests/servers/sogo" login "$work/sogo" "$login" <"$work/sogo-$2")
  says "sogo: $1 $2 $login: $status" "sogo: $1 $2 $login: $3"
}

sogo_eve() {
  try_sogo 退職 "$retired" 200
  try_sogo 採用 "$hired" 403
}

sogo_check() {
  try_sogo 退職 "$retired" 403
  try_sogo 採用 "$hired" 200
}
