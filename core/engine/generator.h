// SPDX-License-Identifier: Apache-2.0
// Generation a token at a time: a model that reads, and one that also chooses what it reads next.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/engine/batch_decoder.h"
#include "core/engine/engine.h"

namespace salient {

/// A model reading a text piece by piece. The engine must outlive it.
class TextReader {
 public:
  /// How tokens one after another are computed: operation by operation, or by a BatchDecoder's recorded step, which
  /// keeps all layers in memory. Automatic: recorded on devices with memory of their own, unless that is too small.
  enum class Steps { automatic, recorded, single };

  /// For texts up to `positions` tokens.
  static Result<TextReader> create(Engine& engine, std::int64_t positions, Job& job, Steps steps = Steps::automatic);
  /// Goes on with `ids`, at least one.
  [[nodiscard]] Status read(std::span<const TokenId> ids, const Job& job);
  /// The token behind what was read, as sample_token() chooses it. On the device itself where steps are recorded there.
  [[nodiscard]] Result<TokenId> choose(const Sampling& sampling, Random& random);
  /// Of the token behind what was read, one for each row of the vocabulary. They stay until read(). On a device they
  /// come to the host when first asked for.
  [[nodiscard]] Result<std::span<const float>> logits();
  [[nodiscard]] bool recorded() const { return batch_ != nullptr; }

 private:
  explicit TextReader(std::unique_ptr<Decoder> decoder) : decoder_(std::move(decoder)) {}
  std::unique_ptr<Decoder> decoder_;  ///< stays where it is: the batch refers to it
  KvCache cache_;                     ///< of single steps
  std::unique_ptr<BatchDecoder> batch_;
  Tensor last_;                ///< [1, vocab]
  std::vector<float> logits_;  ///< of last_, once asked for
};

/// One continuation of a prompt:
///
///   SALIENT_ASSIGN(Generator generator, Generator::start(engine, prompt, options, job));
///   while (true) {
///     SALIENT_ASSIGN(const auto chosen, generator.choose());
///     if (!chosen) break;
///     SALIENT_CHECK(generator.advance(job));
///   }
///   SALIENT_ASSIGN(const Generation generation, generator.finish());
class Generator {
 public:
  /// Reads the prompt. Refuses what generate() refuses.
  static Result<Generator> start(Engine& engine, const std::string& prompt, const GenerateOptions& options, Job& job);

  struct Chosen {
    TokenId id = 0;
    std::string text;  ///< complete so far; empty inside a character of several tokens
  };
  /// The next token; nothing once the text has ended.
  [[nodiscard]] Result<std::optional<Chosen>> choose();
  /// Reads the token chosen last, unless it is the last one.
  [[nodiscard]] Status advance(const Job& job);
  /// The whole, with text that was held back.
  [[nodiscard]] Result<Generation> finish();

  /// What choose() chooses from. They stay until advance().
  [[nodiscard]] Result<std::span<const float>> logits() { return reader_.logits(); }
  [[nodiscard]] const Generation& so_far() const { return result_; }

 private:
  Generator(Engine& engine, TextReader reader, const GenerateOptions& options);
  Engine* engine_;
  TextReader reader_;
  GenerateOptions options_;
  Random random_;
  TokenStream stream_;
  Generation result_;
};

}  // namespace salient
