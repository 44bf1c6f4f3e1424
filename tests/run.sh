#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and runs every test: release, address+undefined, and the thread
# sanitizer on what has threads. Works as root or with sudo, from any folder; quick when nothing changed.
#
#   bash tests/run.sh                all three
#   bash tests/run.sh release        one of them: release, asan or tsan
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/.."

presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(release asan tsan)
began=$SECONDS

bash .ci/install.sh

jobs=$(nproc)
for preset in "${presets[@]}"; do
  echo "== $preset: building"
  cmake --preset "$preset" >"/tmp/lineup-configure-$$.log" 2>&1 || { cat "/tmp/lineup-configure-$$.log"; exit 1; }
  rm -f "/tmp/lineup-configure-$$.log"
  if [ "$preset" = tsan ]; then
    cmake --build --preset tsan --target thread_tests -j "$jobs" -- --quiet
  else
    cmake --build --preset "$preset" -j "$jobs" -- --quiet
  fi
  echo "== $preset: built after $((SECONDS - began)) s, testing"
  # Sanitizers stop at the first finding: a test that goes on after one proves nothing.
  ASAN_OPTIONS=halt_on_error=1:detect_stack_use_after_return=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
  TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 \
    ctest --preset "$preset" -j "$jobs" --no-tests=error
done
echo "ok: ${presets[*]} passed in $((SECONDS - began)) s"
