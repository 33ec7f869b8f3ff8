# SPDX-License-Identifier: GPL-3.0-or-later
#
# A resident-information system: users, their groups and what each may do, in PostgreSQL.

sql_start() {
  outside "$ROOT/tests/servers/postgres" start "$work/resident"
  outside "$ROOT/tests/servers/postgres" sql "$work/resident" <"$ROOT/fixtures/resident.sql"
}

sql_stop() {
  outside "$ROOT/tests/servers/postgres" kill "$work/resident"
}

sql_site() (
  . "$work/resident/env"
  cp "$ROOT"/mappings/sql/*.yaml mappings/
  cat <<EOT
  resident:
    type: sql
    connection: "$CONNECTION"
    read: {user: $READER, secret: $READER_SECRET}
    write: {user: $WRITER, secret: $WRITER_SECRET}
    disable: {attribute: stop_flag, value: "1", enabled: "0"}
    tables:
      user_groups: {key: group_code}
      users: {key: user_id}
      user_members: {key: [user_id, group_code, valid_from]}
      user_roles: {key: [user_id, role_code, valid_from]}
EOT
)

rows_in() {
  outside "$ROOT/tests/servers/postgres" sql "$work/resident" -c "SELECT count(*) FROM $1"
}

# Whoever is at work has an account, and is on 4/1 in the groups of their posts and in no other.
sql_check() {
  says "resident: active=$(rows_in "users WHERE stop_flag = '0'") retired=$(rows_in "user_roles NATURAL JOIN users WHERE stop_flag = '1' AND valid_to > '2027-03-31'")" \
    "resident: active=$n_active retired=0"
}
