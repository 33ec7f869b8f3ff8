# SPDX-License-Identifier: GPL-3.0-or-later
#
# Groupware over SCIM.

scim_start() {
  # Its packages come from outside, where the domain's network does not lead.
  ! reason=$("$ROOT/tests/servers/scim" reason) || die "scim: $reason"
  within "$ROOT/tests/servers/scim" start "$work/scim"
}

scim_stop() {
  "$ROOT/tests/servers/scim" stop "$work/scim" >/dev/null 2>&1 || :
}

scim_site() (
  . "$work/scim/env"
  for file in account group unitgroup; do
    cp "$ROOT/mappings/scim/$file.yaml" "mappings/scim-$file.yaml"
  done
  cat <<EOT
  groupware:
    type: scim
    uri: $SCIM_URI
    ca: $CA_FILE
    read: {secret: $READER_SECRET}
    write: {secret: $WRITER_SECRET}
EOT
)

# How many of a kind, by the server's own count.
scim_count() (
  . "$work/scim/env"
  within curl -sS --noproxy '*' --cacert "$CA_FILE" -H "Authorization: Bearer $(cat "$READER_SECRET")" -G "$SCIM_URI/$1" \
    --data-urlencode "filter=$2" --data-urlencode count=1 | sed -n 's/.*"totalResults": *\([0-9]*\).*/\1/p'
)

scim_check() {
  says "groupware: active=$(scim_count Users 'active eq true') off=$(scim_count Users 'active eq false')" \
    "groupware: active=$n_active off=$((n_people + n_retired - n_active))"
}
