// SPDX-License-Identifier: Apache-2.0
#include "core/eval/side_by_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "core/engine/generator.h"
#include "core/eval/evaluate.h"
#include "core/eval/statistics.h"

namespace salient {
namespace {

/// One model's continuation, and the other model reading it.
struct Side {
  Engine* other;
  Generator generator;
  std::optional<TextReader> follower = {};  ///< once the two texts differ; until then the other's generator reads them
  std::vector<ComparedToken> tokens = {};
  std::optional<Generator::Chosen> chosen = {};

  [[nodiscard]] bool goes_on(const GenerateOptions& options) const {
    return chosen && static_cast<std::int64_t>(tokens.size()) < options.tokens;
  }
  /// The other model reads this text so far.
  [[nodiscard]] Status follow(const GenerateOptions& options, Job& job) {
    const Generation& so_far = generator.so_far();
    std::vector<TokenId> ids = so_far.prompt_ids;
    const auto room = static_cast<std::int64_t>(ids.size()) + options.tokens;
    ids.insert(ids.end(), so_far.ids.begin(), so_far.ids.end());
    SALIENT_ASSIGN(follower, TextReader::create(*other, room, job));
    return follower->read(ids, job);
  }
};

class Duet {
 public:
  Duet(Side model, Side reference, const GenerateOptions& options, const SideBySideEvents& events, Job& job)
      : sides_{std::move(model), std::move(reference)}, options_(options), events_(events), job_(job) {}

  Status play() {
    while (true) {
      SALIENT_CHECK(job_.check());
      for (Side& side : sides_) {
        SALIENT_ASSIGN(side.chosen, side.generator.choose());
      }
      if (!sides_[0].chosen && !sides_[1].chosen) return {};
      for (const bool of_reference : {false, true})
        SALIENT_CHECK(compare(of_reference));
      job_.report(static_cast<double>(std::max(sides_[0].tokens.size(), sides_[1].tokens.size())),
                  static_cast<double>(options_.tokens));
      SALIENT_CHECK(go_on());
    }
  }

  Result<SideBySide> finish() {
    SideBySide result;
    for (const bool of_reference : {false, true}) {
      Side& side = sides_[of_reference ? 1 : 0];
      ComparedGeneration& whole = of_reference ? result.reference : result.model;
      const std::size_t emitted = side.generator.so_far().text.size();
      SALIENT_ASSIGN(whole.generation, side.generator.finish());
      whole.tokens = std::move(side.tokens);
      const std::string_view rest = std::string_view(whole.generation.text).substr(emitted);
      if (events_.rest && !rest.empty()) events_.rest(of_reference, rest);
    }
    return result;
  }

 private:
  /// What both make of the token that one of them has just chosen.
  Status compare(bool of_reference) {
    Side& side = sides_[of_reference ? 1 : 0];
    Side& opposite = sides_[of_reference ? 0 : 1];
    if (!side.chosen) return {};
    SALIENT_ASSIGN(const std::span<const float> own, side.generator.logits());
    SALIENT_ASSIGN(const std::span<const float> other,
                   side.follower ? side.follower->logits() : opposite.generator.logits());
    const LogitComparison comparison = of_reference ? compare_logits(own, other) : compare_logits(other, own);
    ComparedToken token;
    token.id = side.chosen->id;
    token.log_probability = log_probability(own, token.id);
    token.other_log_probability = log_probability(other, token.id);
    token.kl = comparison.kl_forward;
    token.same_first = comparison.top1 == 1;
    if (!std::isfinite(token.kl)) {
      return Error{ErrorCode::numeric,
                   escape_for_message(side.other->directory().string()),
                   fmt::format("logits at new token {}", side.tokens.size()),
                   "a finite divergence",
                   fmt::format("{}", token.kl),
                   "check both models' weights with salient verify"};
    }
    side.tokens.push_back(token);
    if (events_.token) {
      events_.token(of_reference, token, side.chosen->text, side.generator.so_far().decode_seconds);
    }
    return {};
  }

  Status go_on() {
    const bool were_together = together_;
    together_ = were_together && sides_[0].chosen && sides_[1].chosen && sides_[0].chosen->id == sides_[1].chosen->id;
    for (Side& side : sides_) {
      if (!side.goes_on(options_)) continue;
      if (!together_) {
        SALIENT_CHECK(were_together ? side.follow(options_, job_)
                                    : side.follower->read(std::span(&side.chosen->id, 1), job_));
      }
      SALIENT_CHECK(side.generator.advance(job_));
    }
    return {};
  }

  std::array<Side, 2> sides_;
  const GenerateOptions& options_;
  const SideBySideEvents& events_;
  Job& job_;
  bool together_ = true;  ///< both have written the same so far
};

Status check_prompts(const Generator& model, const Generator& reference, const std::string& file) {
  if (model.so_far().prompt_ids == reference.so_far().prompt_ids) return {};
  return Error{ErrorCode::mismatch,
               file,
               "tokenizer",
               "the same tokens for the prompt",
               "others",
               "compare with the model this one was made from"};
}

}  // namespace

Result<SideBySide> generate_side_by_side(Engine& model, Engine& reference, const std::string& prompt,
                                         const GenerateOptions& options, const SideBySideEvents& events, Job& job) {
  job.begin("generate");
  const std::string file = escape_for_message(reference.directory().string());
  SALIENT_CHECK(check_vocabularies(model.config(), reference.config(), file));
  SALIENT_ASSIGN(Generator first, Generator::start(model, prompt, options, job));
  SALIENT_ASSIGN(Generator second, Generator::start(reference, prompt, options, job));
  SALIENT_CHECK(check_prompts(first, second, file));
  Duet duet({&reference, std::move(first)}, {&model, std::move(second)}, options, events, job);
  SALIENT_CHECK(duet.play());
  return duet.finish();
}

}  // namespace salient
