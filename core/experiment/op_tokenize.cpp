// SPDX-License-Identifier: Apache-2.0
// tokenize: what a model's tokenizer makes of a text, token by token.
#include "core/base/utf8.h"
#include "core/experiment/operations_detail.h"
#include "core/text/token_decoder.h"
#include "core/text/token_spans.h"
#include "core/text/unicode_text.h"

namespace salient::operations {
namespace {

constexpr std::size_t kMostText = std::size_t{1} << 20;

Json token_json(const Tokenizer& tokenizer, const TokenSpan& span) {
  const std::string bytes = tokenizer.token_bytes(span.id);
  const bool whole = first_invalid_utf8(bytes) == bytes.size() && !byte_token(tokenizer.token_text(span.id));
  const char* kind = tokenizer.is_special(span.id) ? "special" : whole ? "text" : "byte";
  return Json{{"id", span.id},
              {"piece", tokenizer.token_text(span.id)},
              {"text", utf8_lossy(bytes)},
              {"begin", span.begin},
              {"end", span.end},
              {"kind", kind}};
}

}  // namespace

Result<Json> tokenize(const Json& request, OperationContext& context, Job& job) {
  RequestReader read(request);
  const auto directory = read.path("model");
  const std::string text = read.string("text");
  const bool special = read.boolean_or("special", true);
  SALIENT_CHECK(read.finish());
  if (text.size() > kMostText) {
    return Error{
        ErrorCode::range,  "", "text", "at most " + std::to_string(kMostText) + " bytes", std::to_string(text.size()),
        "try a part of it"};
  }
  SALIENT_CHECK(job.check());
  SALIENT_ASSIGN(const auto tokenizer, context.tokenizer(directory));
  SALIENT_ASSIGN(const std::vector<TokenSpan> spans, token_spans(*tokenizer, text, special));
  Json tokens = Json::array();
  for (const TokenSpan& span : spans)
    tokens.push_back(token_json(*tokenizer, span));
  Json result = result_header("tokenize");
  result["model"] = escape_for_message(directory.string(), 4096);
  result["family"] = tokenizer->family();
  result["vocab_size"] = tokenizer->vocab_size();
  result["bytes"] = text.size();
  result["count"] = spans.size();
  result["tokens"] = std::move(tokens);
  return result;
}

}  // namespace salient::operations
