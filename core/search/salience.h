// SPDX-License-Identifier: Apache-2.0
// The global salience search (METHOD §2): S[c] = Σ_d |a + ½a²| with a[c,d] = Σ_t dY[t,c]·(XΔᵀ)[t,c].
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/model/decoder.h"
#include "core/search/scores.h"

namespace salient {

struct SearchOptions {
  SalienceVariant variant = SalienceVariant::full;
  std::int64_t group = 128;
  std::uint64_t activation_bytes = std::uint64_t{4} << 30;  ///< see Decoder::loss_and_gradients
};

/// Sums over the sequences done so far: what a cancelled search is resumed from.
struct SearchState {
  std::int64_t sequences_done = 0;
  double loss_sum = 0;
  std::vector<std::vector<double>> sums;  ///< one vector a linear, in order of LinearId
};

/// The terms of one sequence: a[c] of each linear (and Σ_k (gΔ)² for the diagonal variant), for the oracle test.
struct SequenceTerms {
  double loss = 0;
  std::vector<std::vector<double>> first_order;
  std::vector<std::vector<double>> diagonal;  ///< empty unless the variant needs it
};
[[nodiscard]] Result<SequenceTerms> sequence_terms(Decoder& decoder, std::span<const std::int32_t> ids,
                                                   const SearchOptions& options, const Job* job = nullptr);

/// `state` in: where to go on (default constructed: the beginning); out: kept up to date after each sequence.
/// `save` (may be empty) is called after each sequence with the state, to keep it durably.
[[nodiscard]] Result<SalienceScores> search_salience(Decoder& decoder,
                                                     const std::vector<std::vector<std::int32_t>>& windows,
                                                     const SearchOptions& options, SearchState& state,
                                                     const std::function<Status(const SearchState&)>& save, Job& job);

}  // namespace salient
