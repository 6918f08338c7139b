// SPDX-License-Identifier: Apache-2.0
#include "core/compute/measured_choices.h"

#include "core/base/file.h"
#include "core/base/json.h"

namespace salient {
namespace {

constexpr std::uint64_t kMaximumBytes = std::uint64_t{1} << 20;
constexpr JsonLimits kLimits{.depth = 4};

/// What the file holds for this owner; nothing where it is not such a file.
std::map<std::string, std::string> read_choices(const std::filesystem::path& file, const std::string& owner) {
  const Result<std::string> text = read_text_file(file, kMaximumBytes);
  if (!text) return {};
  const Result<Json> root = parse_json(*text, file.native(), kLimits);
  if (!root || !root->is_object()) return {};
  const Result<std::string> written_by = json_string(*root, "owner", file.native());
  const auto choices = root->find("choices");
  if (!written_by || *written_by != owner || choices == root->end() || !choices->is_object()) return {};
  std::map<std::string, std::string> read;
  for (const auto& [subject, choice] : choices->items()) {
    if (!choice.is_string()) return {};
    read.emplace(subject, choice.get<std::string>());
  }
  return read;
}

}  // namespace

std::optional<std::string> MeasuredChoices::find(const std::string& subject) const {
  const auto at = choices_.find(subject);
  return at != choices_.end() ? std::optional(at->second) : std::nullopt;
}

void MeasuredChoices::load() {
  choices_.merge(read_choices(file_, owner_));
}

Status MeasuredChoices::store(const std::string& subject, const std::string& choice) {
  load();
  if (choices_.size() >= kMaximumCount) choices_.clear();
  choices_.insert_or_assign(subject, choice);
  const Json root{{"owner", owner_}, {"choices", choices_}};
  return write_file_durably(file_, root.dump(1) + "\n");
}

}  // namespace salient
