// SPDX-License-Identifier: Apache-2.0
// Generation a token at a time: a model that reads, and one that also chooses what it reads next.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/engine/engine.h"

namespace salient {

/// A model reading a text piece by piece. The engine must outlive it.
class TextReader {
 public:
  /// For texts up to `positions` tokens.
  static Result<TextReader> create(Engine& engine, std::int64_t positions);
  /// Goes on with `ids`, at least one.
  [[nodiscard]] Status read(std::span<const TokenId> ids, const Job& job);
  /// Of the token behind what was read, one for each row of the vocabulary.
  [[nodiscard]] std::span<const float> logits() const { return logits_; }

 private:
  TextReader(Decoder decoder, KvCache cache) : decoder_(std::move(decoder)), cache_(std::move(cache)) {}
  Decoder decoder_;
  KvCache cache_;
  std::vector<float> logits_;
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
  /// The next token, chosen from logits(); nothing once the text has ended.
  [[nodiscard]] Result<std::optional<Chosen>> choose();
  /// Reads the token chosen last, unless it is the last one.
  [[nodiscard]] Status advance(const Job& job);
  /// The whole, with text that was held back.
  [[nodiscard]] Result<Generation> finish();

  /// What choose() chooses from. They stay until advance().
  [[nodiscard]] std::span<const float> logits() const { return reader_.logits(); }
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
