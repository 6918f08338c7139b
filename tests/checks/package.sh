#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the Debian package, unpacks it below a scratch root and looks at what a person would have installed: the desktop
# entry and the AppStream description pass their validators, both programs start from there, and the studio finds its
# own worker, its sample and its German texts.
#
#   bash tests/checks/package.sh [BUILD_DIR]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd "${1:-$root/build/release}" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/salient-package.XXXX")
trap 'rm -rf "$scratch"' EXIT
failed=0
fail() {
  echo "package: $*" >&2
  failed=1
}

DESTDIR=$scratch/installed cmake --install "$build" --prefix /usr >/dev/null
(cd "$build" && cpack -G DEB -B "$scratch/deb" >"$scratch/cpack.log" 2>&1) || {
  cat "$scratch/cpack.log" >&2
  exit 1
}
deb=$(ls "$scratch"/deb/*.deb)
dpkg -x "$deb" "$scratch/root"
usr=$scratch/root/usr

# The package and the install are the same files.
diff <(cd "$scratch/installed/usr" && find . -type f | sort) <(cd "$usr" && find . -type f | sort) ||
  fail "the package holds other files than cmake --install writes"
for file in bin/salient share/salient/sample/model.safetensors share/salient/sample/calibration.txt; do
  [ -s "$usr/$file" ] || fail "$file is missing"
done
dpkg-deb --field "$deb" Depends | grep -q libstdc++ || fail "the package does not say what it depends on"
strings "$usr"/bin/* | grep -F "$HOME/" && fail "a program names the home of who built it"

if [ -e "$usr/bin/salient-studio" ]; then
  desktop=$usr/share/applications/salient-studio.desktop
  metainfo=$usr/share/metainfo/org.salient.studio.metainfo.xml
  icon=$(sed -n 's/^Icon=//p' "$desktop")
  [ -s "$usr/share/icons/hicolor/scalable/apps/$icon.svg" ] || fail "the icon $icon is missing"
  for check in "desktop-file-validate --warn-kde $desktop" "appstreamcli validate --no-net --pedantic $metainfo"; do
    if ! command -v "${check%% *}" >/dev/null; then
      echo "package: ${check%% *} is not installed, not checked" >&2
    elif ! $check >"$scratch/said" 2>&1; then
      cat "$scratch/said" >&2
      fail "$check"
    fi
  done

  # Nothing of the build or of the sources is to be found by accident: another home, and the programs by their paths.
  export HOME=$scratch/home QT_QPA_PLATFORM=offscreen LANG=C.UTF-8
  unset SALIENT_PROGRAM XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
  mkdir -p "$HOME"
  "$usr/bin/salient-studio" --version | grep -q '^salient-studio [0-9]' || fail "salient-studio --version"
  said=$(LC_ALL=de_DE.UTF-8 "$usr/bin/salient-studio" --nonsense 2>&1) && fail "salient-studio --nonsense is taken"
  grep -q 'zeigt' <<<"$said" || fail "no German: $said"
  strace=()
  command -v strace >/dev/null && strace=(strace -f -qq -e trace=openat,execve -o "$scratch/trace")
  timeout 8 "${strace[@]}" "$usr/bin/salient-studio" --sample >"$scratch/studio.log" 2>&1 || [ $? -eq 124 ] || {
    cat "$scratch/studio.log" >&2
    fail "salient-studio --sample ended"
  }
  grep -q "$usr/share/salient/sample" "$HOME/.config/salient/salient-studio.conf" 2>/dev/null ||
    fail "the studio did not open the installed sample"
  if [ -s "$scratch/trace" ]; then
    grep -q "execve(\"$usr/bin/salient\"" "$scratch/trace" || fail "the studio did not start the installed worker"
    grep -F "\"$root/" "$scratch/trace" && fail "the installed studio opens files of the source tree"
  fi
fi
"$usr/bin/salient" inspect "$usr/share/salient/sample" --json >/dev/null || fail "salient inspect of the installed sample"

[ "$failed" -eq 0 ] && echo "package: $(basename "$deb"), $(du -h "$deb" | cut -f1), ok"
exit "$failed"
