#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What no compiler checks: formatting, SPDX lines, and who may include whom (the table of rooms in README.md).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
failed=0
fail() {
  printf '%s\n' "$@" >&2
  failed=1
}

mapfile -t sources < <(git ls-files 'core/*' 'cuda/*' 'ui/*' 'app/*' 'tests/*' | grep -E '\.(cpp|h|cu|cuh)$')

unformatted=$(clang-format --dry-run -Werror "${sources[@]}" 2>&1 | grep -E 'error' | cut -d: -f1 | sort -u)
[ -n "$unformatted" ] && fail "not as clang-format would write it:" "$unformatted"

for source in "${sources[@]}"; do
  case "$source" in
    ui/* | app/studio/* | tests/ui/*) licence=GPL-3.0-or-later ;;
    *) licence=Apache-2.0 ;;
  esac
  head -n 1 "$source" | grep -qF "SPDX-License-Identifier: $licence" || fail "$source: the first line must say SPDX-License-Identifier: $licence"
done

# No Qt below ui, no CUDA outside cuda.
qt=$(grep -nE '#include <Q[A-Z][A-Za-z]*>|#include <qcustomplot' -r core app/cli $(ls -d cuda 2>/dev/null))
[ -n "$qt" ] && fail "Qt header in core, cuda or app/cli:" "$qt"
gpu=$(grep -nE '#include [<"](cuda[^/]|cublas|cusolver|nvml)' -r core app $(ls -d ui 2>/dev/null))
[ -n "$gpu" ] && fail "CUDA header outside cuda:" "$gpu"
cuda=$(grep -nE '#include "' -r core ui app/studio | grep -E '"cuda/')
[ -n "$cuda" ] && fail "only app/cli may know cuda:" "$cuda"
below=$(grep -noE '#include "(core/[a-z]+|ui|app|tests)/' -r $(ls -d cuda 2>/dev/null) /dev/null | grep -vE 'core/(base|compute)/')
[ -n "$below" ] && fail "cuda may use core/base and core/compute only:" "$below"
# Item models are tested without a window: they know QtCore and QtGui, no widgets.
widgets=$(grep -nE '#include <(QWidget|QApplication|Q[A-Z][A-Za-z]*(Dialog|TableView|TreeView|ListView|ItemView|GraphicsView|Widget|Button|Menu|Delegate)|qcustomplot)|#include "ui/(plots|views)/' -r $(ls -d ui/models 2>/dev/null) /dev/null)
[ -n "$widgets" ] && fail "ui/models knows no widgets:" "$widgets"

# Data flows forward through core: a room includes only rooms it stands on.
declare -A may=(
  [base]="base"
  [checkpoint]="base checkpoint"
  [text]="base checkpoint text"
  [compute]="base compute"
  [model]="base checkpoint compute model"
  [search]="base checkpoint compute model search"
  [quant]="base checkpoint compute model search quant"
  [pack]="base checkpoint compute model search quant pack"
  [engine]="base checkpoint text compute model search quant pack engine"
  [eval]="base checkpoint text compute model search quant pack engine eval"
  [experiment]="base checkpoint text compute model search quant pack engine eval experiment"
)
for room in core/*/; do
  room=$(basename "$room")
  [ -n "${may[$room]:-}" ] || { fail "core/$room is not in the table of rooms"; continue; }
  while IFS=: read -r file included; do
    [[ " ${may[$room]} " == *" $included "* ]] || fail "$file includes core/$included, which core/$room must not know"
  done < <(grep -roE '#include "core/[a-z]+/' "core/$room" | sed -E 's/#include "core\/([a-z]+)\/$/\1/')
  outside=$(grep -rnE '#include "(cuda|ui|app|tests)/' "core/$room")
  [ -n "$outside" ] && fail "core includes what stands above it:" "$outside"
done

[ "$failed" -eq 0 ] && echo "style: ${#sources[@]} files ok"
exit "$failed"
