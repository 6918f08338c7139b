// SPDX-License-Identifier: Apache-2.0
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/text/regex.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <array>
#include <chrono>
#include <utility>

#include "core/text/unicode_text.h"

namespace salient {
namespace {

constexpr std::uint32_t match_limit = 10'000'000;  // of one match: some 100 ms
constexpr std::uint32_t heap_limit_kib = 64 * 1024;
constexpr std::size_t jit_stack_bytes = 8 << 20;

struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
  void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string pcre2_message(int code) {
  std::array<PCRE2_UCHAR, 256> buffer{};
  pcre2_get_error_message(code, buffer.data(), buffer.size());
  return reinterpret_cast<const char*>(buffer.data());
}

using Clock = std::chrono::steady_clock;

/// What a search needs besides its program; kept by each thread, since making a stack costs a system call.
struct Scratch {
  Owned<pcre2_match_data> data{pcre2_match_data_create(1, nullptr)};
  Owned<pcre2_match_context> context{pcre2_match_context_create(nullptr)};
  Owned<pcre2_jit_stack> stack{pcre2_jit_stack_create(32 << 10, jit_stack_bytes, nullptr)};

  Scratch() {
    pcre2_set_match_limit(context.get(), match_limit);
    pcre2_set_heap_limit(context.get(), heap_limit_kib);
    pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
  }

  // What this thread's searches for one program have taken so far: a text may come as a million words.
  const void* program = nullptr;
  Clock::duration spent{};
  std::uint64_t bytes = 0;
};

}  // namespace

struct Regex::Program {
  Owned<pcre2_code> code;
  std::string pattern;  // as the file has it, for messages
  std::string file;
  std::string key;
};

Result<Regex> Regex::compile(std::string_view pattern, const std::string& file, const std::string& key) {
  SALIENT_ASSIGN(const std::string rewritten, rewrite_for_pcre2(pattern, file, key));
  const Owned<pcre2_compile_context> context(pcre2_compile_context_create(nullptr));
  // Ruby's dot and anchors know one line end, and its ^ and $ always look at lines.
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int code = 0;
  PCRE2_SIZE offset = 0;
  auto program = std::make_shared<Program>();
  program->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(rewritten.data()), rewritten.size(),
                                    PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
                                    context.get()));
  if (!program->code) {
    return Error{ErrorCode::format,
                 file,
                 key,
                 "a regular expression",
                 fmt::format("\"{}\" ({})", escape_for_message(pattern), pcre2_message(code)),
                 "correct the file or get it again"};
  }
  pcre2_jit_compile(program->code.get(), PCRE2_JIT_COMPLETE);  // without it pcre2_match interprets
  program->pattern = pattern;
  program->file = file;
  program->key = key;
  Regex regex;
  regex.program_ = std::move(program);
  return regex;
}

std::string_view Regex::pattern() const {
  return program_->pattern;
}

Status Regex::find_all(std::string_view text, std::vector<Span>& matches) const {
  thread_local Scratch scratch;

  const auto refuse = [&](const std::string& found) {
    scratch.program = nullptr;
    return Error{ErrorCode::range,
                 program_->file,
                 program_->key,
                 "a regular expression that matches in reasonable time",
                 fmt::format("\"{}\": {}", escape_for_message(program_->pattern), found),
                 "use another tokenizer file, or text without very long runs"};
  };
  // Each match is bounded by the limit above; many matches near the limit, in one text or in many, are bounded by the
  // clock, at a thousandth of the speed any sane pattern has.
  if (scratch.program != program_.get()) {
    scratch.program = program_.get();
    scratch.spent = {};
    scratch.bytes = 0;
  }
  scratch.bytes += text.size();
  const auto start = Clock::now();
  const auto deadline = start + std::chrono::seconds(4) + std::chrono::microseconds(10) * scratch.bytes - scratch.spent;
  if (start > deadline) return refuse("stopped after its time was over");
  const struct Charge {
    Clock::time_point from;
    ~Charge() { scratch.spent += Clock::now() - from; }
  } charge{start};
  std::size_t at = 0;
  bool any = false;
  std::size_t last_end = 0;
  for (std::size_t steps = 0; at <= text.size(); ++steps) {
    if (steps % 16 == 15 && Clock::now() > deadline) return refuse("stopped after its time was over");
    const int count = pcre2_match(program_->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                                  PCRE2_NO_UTF_CHECK, scratch.data.get(), scratch.context.get());
    if (count == PCRE2_ERROR_NOMATCH) return {};
    if (count < 0) return refuse(pcre2_message(count));
    const PCRE2_SIZE* found = pcre2_get_ovector_pointer(scratch.data.get());
    const Span match{found[0], found[1]};
    // \K can move the start of a match behind its end or before the search.
    if (match.begin > match.end || match.begin < at) return refuse("a match that ends before it begins");
    if (match.begin == match.end && any && match.end == last_end) {
      at = match.end < text.size() ? at + character_length(text[at]) : text.size() + 1;
      continue;
    }
    matches.push_back(match);
    any = true;
    last_end = at = match.end;
  }
  return {};
}

}  // namespace salient
