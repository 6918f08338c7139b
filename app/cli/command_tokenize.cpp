// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

constexpr std::size_t kMostInput = std::size_t{1} << 20;

class Tokenize final : public Command {
 public:
  explicit Tokenize(CLI::App& parent) : Command(parent, "tokenize", "Show how a model's tokenizer cuts a text") {
    add_model_argument(options_, "A directory with a tokenizer");
    options_.text({"--text", "TEXT", "The text; - reads it from standard input", "", true});
    options_.no_flag({"--no-special", "", "Without the special tokens that the tokenizer puts around a text"});
    add_common_options(false);
    examples(
        "  salient tokenize DIR --text \"The sea was\"\n"
        "  head -c 2000 test.txt | salient tokenize DIR --text - --json | jq -c '.tokens[].id'");
  }

  std::string describe(const Json& result, const Style& style) const override {
    Table table({{"bytes", Align::right}, {"id", Align::right}, {"kind", Align::left}, {"token", Align::left}});
    for (const Json& token : result["tokens"]) {
      const std::int64_t begin = count(token, "begin");
      const std::int64_t end = count(token, "end");
      table.row({begin == end ? "" : fmt::format("{}-{}", begin, end - 1), std::to_string(count(token, "id")),
                 word(token, "kind"), escape_for_message(token.value("piece", ""))});
    }
    return (table.empty() ? std::string() : table.render(style)) +
           fmt::format("{} tokens, {} bytes, {} with {} entries\n", format_count(count(result, "count")),
                       format_count(count(result, "bytes")), word(result, "family"),
                       format_count(count(result, "vocab_size")));
  }

 private:
  Json fixed() const override { return {{"op", "tokenize"}}; }

  Status complete(Json& request) const override {
    if (request["text"] != "-") return {};
    std::string text(kMostInput + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), stdin));
    if (std::ferror(stdin) != 0) {
      return Error{ErrorCode::io, "stdin", {}, "to be read", "an error", "give the text on the command line"};
    }
    if (text.size() > kMostInput) {
      return Error{ErrorCode::range, "stdin", "text", "at most 1 MiB", "more", "send a part of it (head -c 1000000)"};
    }
    request["text"] = std::move(text);
    return {};
  }
};

}  // namespace

void add_tokenize(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Tokenize>(parent));
}

}  // namespace salient::cli
