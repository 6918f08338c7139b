#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 or 13 or Ubuntu 24.04 to a built and used Salient, in one command.
#
#   bash packaging/bootstrap.sh run    install what is missing, build, open the studio on the sample; without a display
#                                      walk through the main job on it
#   bash packaging/bootstrap.sh test   install what is missing, build, run all tests
#   bash packaging/bootstrap.sh build  install what is missing, build
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build="$root/build/release"

packages=(
  build-essential cmake ninja-build pkg-config
  libopenblas-dev nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libpcre2-dev libicu-dev
  libsentencepiece-dev libprotobuf-dev libsqlite3-dev libssl-dev zlib1g-dev libgtest-dev libgmock-dev
  qt6-base-dev libqt6svg6-dev libqcustomplot-dev qt6-tools-dev qt6-tools-dev-tools qt6-l10n-tools
  qt6-translations-l10n libgl-dev
)

say() { printf '\n== %s\n' "$*"; }

usage() {
  sed -n '5,8s/^#   //p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

install_packages() {
  command -v dpkg-query >/dev/null || {
    echo "bootstrap: this script knows Debian 12 and 13 and Ubuntu 24.04; elsewhere install the equivalents of: ${packages[*]}" >&2
    exit 1
  }
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ]; then
    echo "bootstrap: these packages are missing: ${missing[*]}" >&2
    echo "bootstrap: install them as root and run this again: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  say "Installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

build() {
  say "Configuring"
  (cd "$root" && cmake --preset release "$@")
  say "Building"
  cmake --build "$build"
}

# Qt draws on X11, and on Wayland alone only where its plugin is installed.
has_display() {
  [ -n "${DISPLAY:-}" ] && return
  [ -n "${WAYLAND_DISPLAY:-}" ] && compgen -G '/usr/lib/*/qt6/plugins/platforms/libqwayland*.so' >/dev/null
}

open_studio() {
  say "The studio, on the sample (close its window to end)"
  "$build/bin/salient-studio" --sample
}

run_sample() {
  local salient="$build/bin/salient"
  local sample="$root/resources/sample"
  local out="${XDG_DATA_HOME:-$HOME/.local/share}/salient"
  local packed="$out/sample-p10" report="$out/sample-report.html"
  mkdir -p "$out"

  say "The model"
  "$salient" inspect "$sample"
  say "Search, quantize at 10 %, evaluate 16 bit against quantized"
  "$salient" run "$sample" --calibration "$sample/calibration.txt" --evaluation "$sample/evaluation.txt" \
    --samples 32 --length 512 --percent 10 --output "$packed"
  local model
  for model in "$sample" "$packed"; do
    say "A line from $model"
    "$salient" generate "$model" --prompt "The old house at the end of the street" --tokens 32
  done
  say "Report"
  "$salient" report --output "$report"
}

case "${1:-}" in
  run)
    install_packages
    build -DSALIENT_TESTS=OFF
    if has_display; then
      open_studio
    else
      say "No display: the main job on the sample, without the studio"
      run_sample
    fi
    ;;
  test)
    install_packages
    build -DSALIENT_TESTS=ON
    say "Testing"
    ctest --test-dir "$build" --output-on-failure --parallel "$(nproc)"
    ;;
  build)
    install_packages
    build -DSALIENT_TESTS=OFF
    ;;
  *) usage ;;
esac
