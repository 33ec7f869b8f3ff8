# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by the checks of servers. check NAME WANT GOT prints a line; failed is 1 once one failed.
failed=0

check() {
  if [ "$2" = "$3" ]; then
    echo "ok servers.$1"
  else
    echo "not ok servers.$1: got $3, want $2"
    failed=1
  fi
}
