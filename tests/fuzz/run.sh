#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzzer for so many seconds, one after another, with address and undefined sanitizers.
#
#   bash tests/fuzz/run.sh [SECONDS] [NAME...]      60 seconds of all of them by default
#   FUZZ_DRIVER=own bash tests/fuzz/run.sh 600      without libFuzzer, though clang is there
#
# With clang installed the fuzzers are built with libFuzzer, which looks where new code is reached
# and keeps what it finds in build/fuzz/found/NAME; without it by the project's compiler with its own
# driver, which changes the corpus at random. A finding ends the run and names a file; `fuzz_NAME
# --reproduce FILE` (libFuzzer: `fuzz_NAME FILE`) runs it again. What was mended goes into
# tests/fuzz/corpus/NAME.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."

seconds=${1:-60}
shift || true
build=build/fuzz
options=(-G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo)
driver=${FUZZ_DRIVER:-}
if [ "$driver" != own ] && command -v clang++ >/dev/null && command -v clang >/dev/null; then
  sanitize="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined"
  options+=(-DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DLINEUP_FUZZER=ON
            "-DCMAKE_C_FLAGS=$sanitize" "-DCMAKE_CXX_FLAGS=$sanitize")
  driver=libfuzzer
else
  build=build/fuzz-own
  options+=("-DLINEUP_SANITIZE=address,undefined")
  driver=own
fi
if command -v ccache >/dev/null; then
  options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
cmake -S . -B "$build" "${options[@]}" >/dev/null

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  while read -r name _; do names+=("${name#fuzz_}"); done <"$build/tests/fuzzers.txt"
fi
cmake --build "$build" -j "$(nproc)" --target "${names[@]/#/fuzz_}" -- --quiet

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=0:allocator_may_return_null=1}
for name in "${names[@]}"; do
  read -r -a line < <(grep "^fuzz_$name " "$build/tests/fuzzers.txt")
  places=("${line[@]:1}")
  program=$build/tests/fuzz_$name
  if [ "$driver" = libfuzzer ]; then
    found=$build/found/$name
    mkdir -p "$found"
    existing=()
    for place in "${places[@]}"; do
      if [ -d "$place" ]; then existing+=("$place"); fi
      if [ -f "$place" ]; then cp "$place" "$found/"; fi
    done
    "$program" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=4096 -max_len=16384 \
      -artifact_prefix="$found/../$name-" -print_final_stats=1 "$found" "${existing[@]}" 2>&1 |
      { grep -E "^stat::number_of_executed_units|SUMMARY|does not hold|Test unit|ERROR" || true; }
  else
    "$program" --seconds "$seconds" "${places[@]}"
  fi
  echo "ok: $name, $seconds s, $driver"
done
