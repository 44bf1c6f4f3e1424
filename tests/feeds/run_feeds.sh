#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Re-ranks feeds with the program and has every page checked by check_pages.py.
#
#   run_feeds.sh PROGRAM [FEED ...]
#
# FEED: movies (comes with the project), movies_shipped (the same requests under policies/movies.yaml),
# kuairand, home_feed, movielens, openbandit (recorded data that does not; from $LINEUP_SHARED/data
# or ../shared/data beside the repository). Without names: all. Exit code 0: every page holds;
# 1: some do not; 2: could not run; 77: none of the feeds asked for is on this machine.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${LINEUP_SHARED:-$root/../shared}/data
count=${LINEUP_FEED_COUNT:-100}

if [ $# -lt 1 ] || [ ! -x "$1" ]; then
  echo "usage: run_feeds.sh PROGRAM [FEED ...]; PROGRAM must be an executable file" >&2
  exit 2
fi
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
[ $# -gt 0 ] || set -- movies movies_shipped kuairand home_feed movielens openbandit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The bundle of the recorded feeds also takes in the shipped policies, so that these are tried on
# real items too. They go into a copy: a bundle is one directory.
shipped=$work/bundle
mkdir -p "$shipped"
cp -r "$here/policies" "$here/lists" "$shipped/"
cp "$root/policies/home_feed.yaml" "$root/policies/movies.yaml" "$shipped/policies/"

checked=0
failed=0
for feed in "$@"; do
  requests=$work/$feed.jsonl
  responses=$work/$feed.responses.jsonl
  bundle=$shipped
  echo "== $feed"
  case $feed in
    movies | movies_shipped)
      [ "$feed" = movies_shipped ] || bundle=$root/examples/movies/bundle
      # Rows from the committed file and columns from the generator: both forms are read.
      cp "$root/examples/movies/requests.jsonl" "$requests"
      python3 "$root/examples/movies/make_requests.py" --users "$count" --seed 7 --columns \
        >> "$requests"
      ;;
    *)
      made=0
      python3 "$here/make_feed_requests.py" "$feed" --data "$data" --count "$count" \
        > "$requests" || made=$?
      [ $made -ne 77 ] || continue
      [ $made -eq 0 ] || exit 2
      ;;
  esac
  ran=0
  "$program" run --bundle "$bundle" --requests "$requests" --out "$responses" || ran=$?
  if [ $ran -gt 1 ]; then
    echo "run_feeds: $feed: the program ended with exit code $ran" >&2
    exit 2
  fi
  held=0
  python3 "$here/check_pages.py" --bundle "$bundle" --requests "$requests" \
    --responses "$responses" || held=$?
  [ $held -ne 2 ] || exit 2
  [ $held -eq 0 ] || failed=$((failed + 1))
  checked=$((checked + 1))
done

if [ $checked -eq 0 ]; then
  echo "run_feeds: skipped: no data for $* in $data (set LINEUP_SHARED to the folder above data/)"
  exit 77
fi
if [ $failed -gt 0 ]; then
  echo "run_feeds: $failed of $checked feeds have pages that do not hold"
  exit 1
fi
echo "run_feeds: every page of $checked feeds holds"
