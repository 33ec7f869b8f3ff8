# SPDX-License-Identifier: GPL-3.0-or-later
#
# For bash scripts of this folder: one line for each test, and `failed` for their end.

failed=0

# check NAME: standard input is what was got; the rest of the arguments are patterns (extended regular
# expressions), one for each line. $suite names the part; without, targets.
check() {
  local name=$1 got wrong= i=0 line
  shift
  mapfile -t got
  for line in "${got[@]}"; do
    i=$((i + 1))
    [[ $line =~ ^(${!i:-nothing})$ ]] || wrong="line $i is “$line”, not “${!i:-}”"
    [ -z "$wrong" ] || break
  done
  [ -n "$wrong" ] || [ $i = $# ] || wrong="$i lines instead of $#"
  if [ -z "$wrong" ]; then
    echo "ok ${suite:-targets}.$name"
  else
    echo "not ok ${suite:-targets}.$name: $wrong"
    printf '  %s\n' "${got[@]}"
    failed=1
  fi
}
