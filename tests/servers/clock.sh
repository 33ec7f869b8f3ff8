# SPDX-License-Identifier: GPL-3.0-or-later
#
# Servers on another day. Sourced.

# preload_clock FILE: what a command is started by to see the time that FILE tells (clock.c); nothing for no file.
preload_clock() {
  [ -n "$1" ] || return 0
  clock_top=$(cd "$(dirname "$0")/../.." && pwd -P)
  clock_library=${BUILD:-$clock_top/build/debug}/tests/servers/clock.so
  [ -e "$clock_library" ] || { echo "clock.so is lacking: make tests" >&2 && exit 1; }
  echo "env LD_PRELOAD=$clock_library CLOCK_OFFSET=$1"
}
