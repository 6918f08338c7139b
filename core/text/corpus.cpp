// SPDX-License-Identifier: Apache-2.0
#include "core/text/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/base/utf8.h"
#include "core/text/byte_source.h"

namespace salient {
namespace {

constexpr std::size_t part_bytes = 4 << 20;     // tokenized at a time
constexpr std::size_t uncut_bytes = 256 << 20;  // held at most while no place to cut is found
constexpr std::size_t longest_line = 64 << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Takes the text piece by piece, and tokenizes it in parts cut where the tokenizer says that the parts'
/// tokens are those of the whole.
class Encoder {
 public:
  Encoder(const Tokenizer& tokenizer, const CorpusOptions& options, const std::string& file)
      : tokenizer_(tokenizer), options_(options), file_(file) {}

  Status add(std::string_view text) {
    hash_.update(text);
    corpus_.bytes += text.size();
    if (options_.max_tokens == 0 && corpus_.bytes > options_.max_bytes) {
      return too_long(fmt::format("at most {} bytes of text", options_.max_bytes), "more",
                      "use a part of the file, or bound the number of tokens");
    }
    pending_ += text;
    while (pending_.size() >= next_try_ && !full()) {
      const std::size_t cut = tokenizer_.safe_cut(pending_);
      if (cut > 0) {
        SALIENT_CHECK(encode(std::string_view(pending_).substr(0, cut)));
        pending_.erase(0, cut);
        next_try_ = part_bytes;
      } else if (pending_.size() > uncut_bytes) {
        return too_long(fmt::format("a place to cut within {} bytes", uncut_bytes), "none",
                        "this tokenizer needs such a text in one piece; use a shorter one");
      } else {
        next_try_ = 2 * pending_.size();
      }
    }
    return {};
  }

  void count_document() { ++corpus_.documents; }
  [[nodiscard]] std::uint64_t documents() const { return corpus_.documents; }
  [[nodiscard]] bool full() const { return options_.max_tokens > 0 && corpus_.tokens.size() >= options_.max_tokens; }

  Result<Corpus> finish() {
    if (!full()) SALIENT_CHECK(encode(pending_));
    if (full()) corpus_.tokens.resize(options_.max_tokens);
    if (corpus_.tokens.empty()) return too_long("a text", "an empty one", "give a file with text in it");
    corpus_.sha256 = hash_.finish();
    corpus_.file = file_;
    return std::move(corpus_);
  }

 private:
  Error too_long(std::string expected, std::string found, std::string advice) const {
    return Error{ErrorCode::range, file_, "text", std::move(expected), std::move(found), std::move(advice)};
  }

  Status encode(std::string_view part) {
    SALIENT_ASSIGN(const std::vector<TokenId> ids, tokenizer_.encode_part(part, first_));
    corpus_.tokens.insert(corpus_.tokens.end(), ids.begin(), ids.end());
    first_ = false;
    return {};
  }

  const Tokenizer& tokenizer_;
  const CorpusOptions& options_;
  const std::string& file_;
  Corpus corpus_;
  Sha256 hash_;
  std::string pending_;
  std::size_t next_try_ = part_bytes;
  bool first_ = true;
};

class Reader {
 public:
  Reader(ByteSource source, std::string file, Encoder& encoder, const CorpusOptions& options, Job& job)
      : source_(std::move(source)), file_(std::move(file)), encoder_(encoder), options_(options), job_(job) {}

  Status read_text() {
    encoder_.count_document();
    std::string buffer;
    bool more = true;
    while (more && !encoder_.full()) {
      SALIENT_ASSIGN(more, next(buffer));
      std::size_t good = first_invalid_utf8(buffer);
      if (good < buffer.size() && (!more || buffer.size() - good >= 4)) {
        return Error{ErrorCode::format,
                     file_,
                     fmt::format("byte {}", consumed_ + good),
                     "UTF-8 text",
                     fmt::format("byte 0x{:02x}", static_cast<unsigned char>(buffer[good])),
                     "convert the text to UTF-8"};
      }
      SALIENT_CHECK(encoder_.add(std::string_view(buffer).substr(0, good)));
      consumed_ += good;
      buffer.erase(0, good);  // keeps the beginning of a character cut in two
    }
    return {};
  }

  Status read_lines() {
    std::string buffer;
    bool more = true;
    while (more && !encoder_.full()) {
      SALIENT_ASSIGN(more, next(buffer));
      std::size_t begin = 0;
      for (;;) {
        std::size_t end = buffer.find('\n', begin);
        if (end == std::string::npos) {
          if (more || begin == buffer.size()) break;
          end = buffer.size();
        }
        ++line_;
        SALIENT_CHECK(read_line(std::string_view(buffer).substr(begin, end - begin)));
        begin = std::min(end + 1, buffer.size());
        if (encoder_.full()) break;
      }
      buffer.erase(0, begin);
      if (buffer.size() > longest_line) {
        ++line_;
        return line_error(fmt::format("at most {} bytes", longest_line), "more", "is this a file of JSON lines?");
      }
    }
    return {};
  }

 private:
  /// Appends the next bytes; false at the end of the file.
  Result<bool> next(std::string& buffer) {
    SALIENT_CHECK(job_.check());
    const bool beginning = source_.position() == 0;
    SALIENT_ASSIGN(const bool more, source_.read(buffer));
    job_.report(static_cast<double>(source_.position()), static_cast<double>(source_.size()), "reading the text");
    if (beginning && buffer.starts_with(byte_order_mark)) {
      buffer.erase(0, byte_order_mark.size());
      consumed_ += byte_order_mark.size();
    }
    return more;
  }

  Error line_error(std::string expected, std::string found, std::string advice) const {
    return Error{ErrorCode::format, file_, fmt::format("line {}", line_), std::move(expected), std::move(found),
                 std::move(advice)};
  }

  Status read_line(std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
    const auto json = parse_json(line, file_);
    if (!json) {
      const Error& problem = json.error();
      return line_error("a JSON object", problem.found, "correct or remove the line");
    }
    const auto text = json->is_object() ? json->find(options_.json_key) : json->end();
    const std::string expected = "an object with text under \"" + escape_for_message(options_.json_key) + "\"";
    if (!json->is_object()) return line_error(expected, json_describe(*json), "correct or remove the line");
    if (text == json->end() || !text->is_string()) {
      return line_error(expected, text == json->end() ? "no such key" : json_describe(*text),
                        "name the key that holds the text");
    }
    if (encoder_.documents() > 0) SALIENT_CHECK(encoder_.add("\n\n"));
    encoder_.count_document();
    return encoder_.add(text->get_ref<const std::string&>());
  }

  ByteSource source_;
  std::string file_;
  Encoder& encoder_;
  const CorpusOptions& options_;
  Job& job_;
  std::uint64_t consumed_ = 0;  // bytes of text handed on
  std::uint64_t line_ = 0;
};

bool ends_with_any(const std::string& name, std::initializer_list<std::string_view> suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(), [&](std::string_view suffix) { return name.ends_with(suffix); });
}

Status check_long_enough(const Corpus& corpus, const char* what, std::int64_t length) {
  if (static_cast<std::int64_t>(corpus.tokens.size()) >= length) return {};
  return Error{ErrorCode::range,
               corpus.file,
               what,
               fmt::format("at least {} tokens", length),
               fmt::format("{} tokens, which is shorter than one window", corpus.tokens.size()),
               "use a longer text or a shorter window"};
}

std::vector<TokenId> window(const Corpus& corpus, std::int64_t begin, std::int64_t length) {
  const auto first = corpus.tokens.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(length)};
}

}  // namespace

Result<Corpus> load_corpus(const std::filesystem::path& path, const Tokenizer& tokenizer, const CorpusOptions& options,
                           Job& job) {
  const std::string file = escape_for_message(path.string());
  std::string name = path.filename().string();
  const bool named_gzip = name.ends_with(".gz");
  if (named_gzip) name.resize(name.size() - 3);
  const bool lines = ends_with_any(name, {".jsonl", ".ndjson", ".json"});
  if (!lines && !ends_with_any(name, {".txt"})) {
    return Error{ErrorCode::unsupported,
                 file,
                 "name",
                 "a name ending in .txt, .jsonl or .jsonl.gz",
                 "another",
                 "rename the file by what it holds"};
  }
  SALIENT_ASSIGN(ByteSource source, ByteSource::open(path));
  if (named_gzip && !source.compressed() && source.size() > 0) {
    return Error{ErrorCode::format, file, "byte 0", "a gzip stream", "something else", "rename or compress the file"};
  }
  if (!lines && !source.compressed() && options.max_tokens == 0 && source.size() > options.max_bytes) {
    return Error{ErrorCode::range,
                 file,
                 "size",
                 fmt::format("at most {} bytes of text", options.max_bytes),
                 fmt::format("{} bytes", source.size()),
                 "use a part of the file, or bound the number of tokens"};
  }
  Encoder encoder(tokenizer, options, file);
  Reader reader(std::move(source), file, encoder, options, job);
  SALIENT_CHECK(lines ? reader.read_lines() : reader.read_text());
  return encoder.finish();
}

Result<std::vector<std::vector<TokenId>>> calibration_windows(const Corpus& corpus, std::int64_t samples,
                                                              std::int64_t length, std::uint64_t seed) {
  if (samples < 1 || length < 1) {
    return Error{ErrorCode::usage,
                 "",
                 "calibration windows",
                 "at least one sample of at least one token",
                 fmt::format("{} of {}", samples, length),
                 "give positive numbers"};
  }
  SALIENT_CHECK(check_long_enough(corpus, "calibration text", length));
  const std::uint64_t offsets = corpus.tokens.size() - static_cast<std::uint64_t>(length) + 1;
  std::vector<std::vector<TokenId>> windows;
  Random random(seed);
  for (std::int64_t i = 0; i < samples; ++i)
    windows.push_back(window(corpus, static_cast<std::int64_t>(random.below(offsets)), length));
  return windows;
}

Result<std::vector<std::vector<TokenId>>> evaluation_windows(const Corpus& corpus, std::int64_t length,
                                                             std::int64_t limit) {
  if (length < 2 || limit < 0) {
    return Error{ErrorCode::usage,
                 "",
                 "evaluation windows",
                 "windows of at least two tokens",
                 fmt::format("length {}, limit {}", length, limit),
                 "give a longer window"};
  }
  SALIENT_CHECK(check_long_enough(corpus, "evaluation text", length));
  const std::int64_t all = static_cast<std::int64_t>(corpus.tokens.size()) / length;
  const std::int64_t count = limit == 0 ? all : std::min(limit, all);
  std::vector<std::vector<TokenId>> windows;
  for (std::int64_t i = 0; i < count; ++i)
    windows.push_back(window(corpus, i * length, length));
  return windows;
}

}  // namespace salient
