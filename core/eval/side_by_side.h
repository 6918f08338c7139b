// SPDX-License-Identifier: Apache-2.0
// Two models continue one prompt side by side, and each reads the other's text: how far apart are they at each token,
// given the same words before it?
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/engine/engine.h"

namespace salient {

/// One token of one model's continuation. Probabilities are the models' own, before temperature and top-p; both models
/// have read the prompt and this continuation up to the token.
struct ComparedToken {
  TokenId id = 0;
  double log_probability = 0;        ///< nats, by the model that chose it
  double other_log_probability = 0;  ///< nats, by the other one
  double kl = 0;                     ///< KL(reference‖model) of the next token's distribution, nats
  bool same_first = false;           ///< both hold the same token for the most likely one
};

struct ComparedGeneration {
  Generation generation;
  std::vector<ComparedToken> tokens;  ///< one for each of generation.ids
};
struct SideBySide {
  ComparedGeneration model;
  ComparedGeneration reference;
};

struct SideBySideEvents {
  /// A token and the text that became complete with it, of the model or of the reference, with the seconds its decoding
  /// has taken so far.
  std::function<void(bool of_reference, const ComparedToken& token, std::string_view text, double seconds)> token;
  /// Text held back until the end (a broken character).
  std::function<void(bool of_reference, std::string_view text)> rest;
};

/// Each continuation is that of generate() with the same options. The models take turns, token by token; the time of a
/// model is that of its own continuation alone. Different vocabularies, or tokenizers that cut the prompt differently →
/// Error{mismatch} naming the reference's directory.
[[nodiscard]] Result<SideBySide> generate_side_by_side(Engine& model, Engine& reference, const std::string& prompt,
                                                       const GenerateOptions& options, const SideBySideEvents& events,
                                                       Job& job);

}  // namespace salient
