# SPDX-License-Identifier: GPL-3.0-or-later
#
# Five products that take files: tests/servers/products imports them as strictly as the real ones.

products='garoon cybozu desknets smoothfile documents'

product() {
  "$ROOT/tests/servers/products/product" "$1" "$2" "$site/products/$1" "${@:3}"
}

# What is made by hand before the first import: roles, titles, an administrator, and an organisation that is nobody's of ours.
products_start() {
  local one title
  for one in $products; do mkdir -p "$site/products/$one"; done
  product garoon set roles 全職員 メモ=-
  product garoon set roles 管理職 メモ=-
  sed 1d "$ROOT/mappings/tables/titles.csv" | while IFS=, read -r code title _; do
    product cybozu set titles "$code" name="$title"
  done
  product cybozu set organisations gojokai name=互助会 parent=
  product cybozu set users admin name=管理者 status=1 'memberships=[]'
  for one in $products; do product "$one" export; done
}

products_site() {
  local one
  for one in $products; do
    cp "$ROOT/mappings/products/$one"/*.yaml mappings/
    cp "$ROOT/mappings/products/$one.yaml" .
    [ ! -d "$ROOT/mappings/products/$one/tables" ] || cp "$ROOT/mappings/products/$one/tables"/* mappings/tables/
    printf '  %s: {type: csv, product: %s.yaml, path: products/%s, guard: {create: none, join: none}}\n' "$one" "$one" "$one"
  done
  # They take CP932, and some names are not of that.
  sed -i 's/${name}/${name|degrade}/' mappings/garoon-users.yaml mappings/desknets-users.yaml
}

products_import() {
  local one
  for one in $products; do
    product "$one" import >"$work/said"
    [ ! -s "$work/said" ] || { cat "$work/said"; die "$one does not take what it was given"; }
    product "$one" export
  done
}

# Who is in use there, by what they hold themselves.
products_check() {
  local one
  local -A used=([garoon]=使用/停止=1 [cybozu]=status=1 [desknets]=使用停止フラグ=0 [smoothfile]=利用停止=0 [face]=有効=1 [documents]=利用区分=1)
  for one in $products; do
    says "$one: active=$(product "$one" show users | grep -v '^admin:' | grep -cF " ${used[$one]}")" "$one: active=$n_active"
  done
}
