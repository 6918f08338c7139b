#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Drives a whole session on the sample under Xvfb and leaves a PNG of each screen in the light and the dark palette.
#
#   bash tests/ui/screenshots.sh DIR [BUILD_DIR]
#
# BUILD_DIR (build/release by default) must hold the tests' programs. SALIENT_SCALE=2 makes pictures at 200 % (1.5 at
# 150 %), on a screen that is as much larger; SALIENT_SCREEN=3840x2160 gives it other pixels. SALIENT_LANGUAGE=de makes
# German ones.
# The programs and the sample are copied to a folder below TMPDIR, as if they were installed there, so that paths in the
# pictures name nobody's home.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 1 ] || {
  sed -n '3,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
mkdir -p "$1"
folder=$(cd "$1" && pwd)
build=${2:-$root/build/release}
program=$build/tests/ui/test_ui_views
[ -x "$program" ] || {
  echo "screenshots: $program is missing: bash packaging/bootstrap.sh test builds it" >&2
  exit 1
}
command -v xvfb-run >/dev/null || {
  echo "screenshots: xvfb-run is missing: apt-get install xvfb" >&2
  exit 1
}

installed=$(mktemp -d "${TMPDIR:-/tmp}/salient.XXXX")
trap 'rm -rf "$installed"' EXIT
mkdir -p "$installed/bin" "$installed/share/salient" "$installed/tmp"
cp "$program" "$build/bin/salient" "$installed/bin"
cp -r "$root/resources/sample" "$installed/share/salient"

scale=${SALIENT_SCALE:-1}
screen=${SALIENT_SCREEN:-$(awk -v scale="$scale" 'BEGIN { printf "%dx%d", 1440 * scale, 900 * scale }')}
export SALIENT_SCREENSHOTS=$folder SALIENT_LANGUAGE=${SALIENT_LANGUAGE:-en}
export QT_QPA_PLATFORM=xcb QT_SCALE_FACTOR=$scale TMPDIR=$installed/tmp
xvfb-run -a -s "-screen 0 ${screen}x24" "$installed/bin/test_ui_views" --gtest_filter='WholeWay.*'
ls "$folder"/*.png
