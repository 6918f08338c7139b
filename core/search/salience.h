// SPDX-License-Identifier: Apache-2.0
// The global salience search (METHOD §2): S[c] = Σ_d |a + ½a²| with a[c,d] = Σ_t dY[t,c]·(XΔᵀ)[t,c], Δ = Q4(W) − W.
// The gradient of W is never formed: beyond forward and backward, one product of the forward's size a linear.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
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

/// The terms of several sequences, which follow one another through the backend's devices; activations share
/// `activation_bytes`. As many at a time as there are devices keep them all at work.
[[nodiscard]] Result<std::vector<SequenceTerms>> terms_together(Decoder& decoder,
                                                                std::span<const std::vector<std::int32_t>> windows,
                                                                const SearchOptions& options, const Job* job = nullptr);

/// What one sequence adds to a feature's score.
[[nodiscard]] double salience_term(SalienceVariant variant, double first_order, double diagonal);

/// `windows` have equal lengths of at least 2 ids. `state` in: where to go on (default constructed: the beginning);
/// out: kept up to date after each sequence, or after as many as the backend has devices. `save` (may be empty) is then
/// called with the state, to keep it durably. The result does not depend on where the search was interrupted, nor on
/// the number of threads. The fingerprints and the seed are the caller's to fill in. A loss or term that is not finite
/// → Error{numeric}.
[[nodiscard]] Result<SalienceScores> search_salience(Decoder& decoder,
                                                     const std::vector<std::vector<std::int32_t>>& windows,
                                                     const SearchOptions& options, SearchState& state,
                                                     const std::function<Status(const SearchState&)>& save, Job& job);

/// The state as a safetensors file, written durably. `fingerprint` says what it belongs to (model, text, recipe):
/// load_search_state() refuses another's with Error{mismatch}.
[[nodiscard]] Status save_search_state(const SearchState& state, const std::string& fingerprint,
                                       const std::filesystem::path& path);
[[nodiscard]] Result<SearchState> load_search_state(const std::filesystem::path& path, const std::string& fingerprint,
                                                    const ModelConfig& config);

}  // namespace salient
