#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The long run of tests/faults: every point instead of some, 500 kills of the sample at random times. tests/faults/run.sh [FILTER]
# With SALIENT_FAULTS=N about N points a test. Builds the release preset, then takes hours on two cores. Prints a line a test; each test's output lies under build/faults.
# Where there are more cores, the two that take hours are shared among processes of build/release/tests/faults/test_faults: with SALIENT_LANE=3/8
# Memory.EndsAtAnyAllocation and KillSample.AtRandomTimes try the third of eight parts of their points.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[ -e build/release/CMakeCache.txt ] || cmake --preset release >/dev/null || exit 1
cmake --build build/release --target test_faults >/dev/null || exit 1
program=build/release/tests/faults/test_faults
mkdir -p build/faults
[ -w /dev/shm ] && export TMPDIR=/dev/shm
failed=0
suite=
echo "| test | seconds | result |"
echo "| --- | ---: | --- |"
while read -r line; do
  name=${line%%#*}
  name=${name%% *}
  if [[ $name == *. ]]; then
    suite=$name
    continue
  fi
  log=build/faults/${suite//\//_}${name//\//_}
  start=$SECONDS
  SALIENT_FAULTS=${SALIENT_FAULTS:-long} "$program" --gtest_filter="$suite$name" >"$log" 2>&1
  result=$?
  [ "$result" -eq 0 ] || failed=1
  echo "| $suite$name | $((SECONDS - start)) | $([ "$result" -eq 0 ] && echo passed || echo "FAILED, see $log") |"
done < <("$program" --gtest_list_tests --gtest_filter="${1:-*}" | grep -v '^Running')
exit "$failed"
