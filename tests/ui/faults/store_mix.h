// SPDX-License-Identifier: GPL-3.0-or-later
// Two studios and a command line on one experiment file: each adds, annotates, deletes, lists and reports, all at once.
// Everyone changes only what they added themselves, so that the file's contents at the end are known: every change
// that was acknowledged, and nothing else.
#pragma once

#include "tests/ui/faults/tally.h"

namespace salient::ui {

/// `operations` in all, by two processes of this program with --store and by `salient` run as a command.
[[nodiscard]] Tally mixOperations(const QString& folder, int operations, quint64 seed);
/// What such a process does with the models behind the studio's pages; its ledger goes to standard output as JSON.
int storeProcess(const QString& file, const QString& name, int operations, quint64 seed);

}  // namespace salient::ui
