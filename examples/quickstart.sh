#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh machine to a page that re-ranks itself: installs the packages, builds the program,
# shows a page of films before and after the rules, explains it, and edits a rule while it serves.
# Works from any directory, as root and with sudo, and is quick when nothing changed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
movies=examples/movies
program=build/release/lineup

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step=0
say() {
  step=$((step + 1))
  printf '\n== %d/5 %s\n' "$step" "$1"
}

# Runs a command that is only interesting when it fails; then shows what it wrote.
quietly() {
  if ! "$@" >"$work/log" 2>&1; then
    tail -n 60 "$work/log" >&2
    printf 'quickstart: failed: %s\n' "$*" >&2
    exit 1
  fi
}

say "Packages of the distribution (.ci/packages.txt)"
bash .ci/install.sh

say "Build (release; the first time takes some minutes)"
quietly cmake --preset release
quietly cmake --build --preset release --target lineup-cli lineup-probe plugins/all
"$program" --version

say "The page of request r1: the ranker alone, and with the rules of the bundle"
"$program" run --bundle "$movies/bundle" --requests "$movies/requests.jsonl" \
  --out "$work/responses.jsonl"
python3 -B "$movies/show_pages.py" --request r1 "$work/responses.jsonl"

say "Why it looks like this (lineup explain)"
"$program" explain --bundle "$movies/bundle" --requests "$movies/requests.jsonl" --request r1

say "A rule is edited in a copy of the bundle while lineup watch serves it"
cp -r "$movies/bundle" "$work/bundle"
python3 -B "$movies/edit_live.py" --program "$program" --bundle "$work/bundle" --request r1

printf '\nquickstart: done. Try it yourself, in two terminals:\n'
printf '  %s watch --bundle %s/bundle --requests %s/requests.jsonl --request r1\n' \
  "$program" "$movies" "$movies"
printf '  edit %s/bundle/rules/dark_films.lua or %s/bundle/policies/movies.yaml\n' \
  "$movies" "$movies"
