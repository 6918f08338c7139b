#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The long run: each target for so many seconds, one after another. tests/fuzz/run.sh SECONDS [TARGET…]
# Needs clang and its runtime (Debian: clang libclang-rt-14-dev). What is found lies under build/fuzz/found/TARGET, the
# grown corpus under build/fuzz/corpus/TARGET, each target's output under build/fuzz/logs. Run it as a user who may not
# write elsewhere: the worker's target carries out requests made of random bytes.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:?seconds for each target}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(ls tests/fuzz/seeds)
cmake --preset fuzz >/dev/null && cmake --build build/fuzz --target "${targets[@]/#/fuzz_}" || exit 1
[ -w /dev/shm ] && export TMPDIR=/dev/shm
export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
failed=0
mkdir -p build/fuzz/logs
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/corpus/$target" "build/fuzz/found/$target"
  build/fuzz/tests/fuzz/fuzz_"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=32768 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/found/$target/" "build/fuzz/corpus/$target" \
    "tests/fuzz/seeds/$target" >"build/fuzz/logs/$target" 2>&1 || failed=1
  printf '%s: ' "$target"
  grep -E '^SUMMARY|number_of_executed_units|cov: ' "build/fuzz/logs/$target" | sed -E 's/.*(cov: [0-9]+ ft: [0-9]+).*/\1/' |
    tail -n 3 | tr '\n' ' '
  echo
done
exit "$failed"
