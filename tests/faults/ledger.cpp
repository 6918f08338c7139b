// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/ledger.h"

#include <string.h>

#include <algorithm>

namespace salient::faults {

void Ledger::begin(Counters* counters) {
  const std::lock_guard lock(mutex_);
  entries_ = {};
  counters_ = counters;
}

Ledger::Entry* Ledger::find(const char* path, bool renamed_into) {
  const auto same = [&](const Entry& entry) {
    return entry.renamed_into == renamed_into && strcmp(entry.path, path) == 0;
  };
  const auto found = std::find_if(entries_.begin(), entries_.end(), same);
  return found == entries_.end() ? nullptr : &*found;
}

void Ledger::put(const char* path, std::size_t length, bool renamed_into) {
  const auto free = std::find_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return !entry.path[0]; });
  if (free == entries_.end() || length >= sizeof free->path) {
    ++counters_->named_early;  // not to be followed is not to be known as good
    return;
  }
  memcpy(free->path, path, length);
  free->path[length] = 0;
  free->renamed_into = renamed_into;
}

void Ledger::written(const char* path) {
  const std::lock_guard lock(mutex_);
  if (counters_ != nullptr && find(path, false) == nullptr) put(path, strlen(path), false);
}

void Ledger::synced(const char* path) {
  const std::lock_guard lock(mutex_);
  for (const bool renamed_into : {false, true}) {
    if (Entry* const entry = find(path, renamed_into); entry != nullptr) *entry = {};
  }
}

void Ledger::count_unsettled() {
  counters_->names_unsettled += std::count_if(entries_.begin(), entries_.end(),
                                              [](const Entry& entry) { return entry.path[0] && entry.renamed_into; });
}

void Ledger::named(const char* from, const char* to) {
  const std::lock_guard lock(mutex_);
  const char* const slash = strrchr(to, '/');
  if (counters_ == nullptr || slash == nullptr || strstr(slash, ".part-") != nullptr) return;
  ++counters_->named;
  const std::size_t length = strlen(from);
  for (const Entry& entry : entries_) {
    const bool within = strncmp(entry.path, from, length) == 0 && (!entry.path[length] || entry.path[length] == '/');
    if (entry.path[0] && !entry.renamed_into && within) ++counters_->named_early;
  }
  count_unsettled();  // an earlier name, on which this one may rest
  put(to, static_cast<std::size_t>(slash - to), true);
}

void Ledger::end() {
  const std::lock_guard lock(mutex_);
  if (counters_ != nullptr) count_unsettled();
  counters_ = nullptr;
}

}  // namespace salient::faults
