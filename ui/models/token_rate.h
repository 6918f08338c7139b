// SPDX-License-Identifier: GPL-3.0-or-later
// How fast a packed model would generate. Decoding one sequence reads every weight once a token, so the rate is what
// reads memory: bytes a second divided by bytes a token. The bytes a second come from decoding measured on this machine
// (experiments of this model) where there are any, else from reading memory.
#pragma once

#include <QJsonObject>
#include <optional>
#include <string>
#include <vector>

namespace salient {
struct Experiment;
}

namespace salient::ui {

/// Bytes that every token reads beside the quantized linears: head and norms in 16 bit, from an `inspect` result. An
/// embedding that is not the head as well is read one row a token and does not count.
[[nodiscard]] double otherBytes(const QJsonObject& inspect);

struct TokenRate {
  double bytesPerSecond = 0;  ///< 0: unknown
  int measured = 0;           ///< experiments it comes from; 0: memory
  double otherBytes = 0;

  [[nodiscard]] double predict(double linearBytes) const {
    return bytesPerSecond > 0 ? bytesPerSecond / (linearBytes + otherBytes) : 0;
  }
};

/// The median over the experiments of `model` (its fingerprint) that were measured on this processor; nothing where
/// there are none.
[[nodiscard]] std::optional<double> measuredBytesPerSecond(const std::vector<Experiment>& experiments,
                                                           const std::string& model, const std::string& processor,
                                                           double otherBytes, int& count);

/// Reads memory with all cores for some tens of milliseconds; to be called off the GUI thread.
[[nodiscard]] double memoryBytesPerSecond();

}  // namespace salient::ui
