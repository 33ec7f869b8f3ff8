# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the demos share. Sourced; $demo is what it is called, $work its folder.

step() { printf '\n=== %s\n' "$*"; }
die() { echo "$demo: $*" >&2; exit 1; }

# Runs a command, shows what it prints, and demands its exit code.
expect() {
  wanted=$1
  shift
  got=0
  "$@" >"$work/out" 2>&1 || got=$?
  cat "$work/out"
  [ "$got" = "$wanted" ] || die "\`$*\` ended with $got instead of $wanted"
}

# Adds up what the reports of apply say was done, or sent. Their columns are those that are needed.
tally() {
  awk '/^ +(done|already|refused|failed|unknown|scheduled|held|blocked|sent|skipped)( |$)/ {
      done = sent = 0
      for (i = 1; i <= NF; i++) { if ($i == "done") done = i + 1; if ($i == "sent") sent = i + 1 }
    }
    $1 ~ /^(create|modify|disable|delete)$/ && NF >= 2 { print $1, (done ? $done : 0) + (sent ? $sent : 0) }' "$work/out" \
    >>"$work/done"
}
total() {
  awk -v kind="$1" '$1 == kind { n += $2 } END { print n + 0 }' "$work/done"
}

# Whom an order of this kind concerns first.
first_of() {
  iconv -f CP932 -t UTF-8 "$work/hr/orders-20270401.csv" | awk -F, -v kind="$1" '$4 == kind { print $5; exit }'
}
