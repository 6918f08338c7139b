// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/request.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/experiment/results.h"
#include "core/experiment/store.h"

namespace salient {
namespace {

std::string shown(const Json& value) {
  if (value.is_string()) return "\"" + escape_for_message(value.get_ref<const std::string&>(), 80) + "\"";
  return escape_for_message(json_line(value), 80);
}

std::string range_text(std::string_view kind, auto least, auto most) {
  if (most == std::numeric_limits<decltype(most)>::max()) return fmt::format("{} of at least {}", kind, least);
  return fmt::format("{} from {} to {}", kind, least, most);
}

}  // namespace

RequestReader::RequestReader(const Json& request) : request_(request), known_{"op", "id"} {
  if (!request.is_object()) {
    refuse(Error{ErrorCode::usage, "", "", "a JSON object with the key op", shown(request), ""});
  }
}

const Json* RequestReader::find(const char* key) {
  known_.insert(key);
  if (!request_.is_object()) return nullptr;
  const auto found = request_.find(key);
  return found == request_.end() || found->is_null() ? nullptr : &*found;
}

bool RequestReader::has(const char* key) {
  return find(key) != nullptr;
}

void RequestReader::refuse(Error error) {
  if (!error_) error_ = std::move(error);
}

void RequestReader::refuse(const char* key, std::string expected, std::string found, std::string advice) {
  refuse(Error{ErrorCode::usage, "", key, std::move(expected), std::move(found), std::move(advice)});
}

std::string RequestReader::string(const char* key) {
  if (!has(key)) refuse(key, "a string", "nothing", "it is required");
  return string_or(key, {});
}

std::filesystem::path RequestReader::path(const char* key) {
  if (!has(key)) refuse(key, "a path", "nothing", "it is required");
  return path_or(key, {});
}

std::int64_t RequestReader::integer(const char* key, std::int64_t least, std::int64_t most) {
  if (!has(key)) refuse(key, range_text("a whole number", least, most), "nothing", "it is required");
  return integer_or(key, least, least, most);
}

std::vector<std::int64_t> RequestReader::integers(const char* key) {
  std::vector<std::int64_t> values;
  const Json* value = find(key);
  if (value == nullptr) return values;
  const bool good = value->is_array() &&
                    std::all_of(value->begin(), value->end(), [](const Json& v) { return v.is_number_integer(); });
  if (!good) {
    refuse(key, "an array of whole numbers", shown(*value));
    return values;
  }
  for (const Json& item : *value)
    values.push_back(item.get<std::int64_t>());
  return values;
}

std::string RequestReader::string_or(const char* key, std::string fallback) {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_string()) return value->get<std::string>();
  refuse(key, "a string", shown(*value));
  return fallback;
}

std::filesystem::path RequestReader::path_or(const char* key, std::filesystem::path fallback) {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
    refuse(key, "a path", shown(*value));
    return fallback;
  }
  const auto& text = value->get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) {
    refuse(key, "a path", shown(*value));
    return fallback;
  }
  return text;
}

std::int64_t RequestReader::integer_or(const char* key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  const bool too_large =
      value->is_number_unsigned() &&
      value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value->is_number_integer() && !too_large) {
    const auto number = value->get<std::int64_t>();
    if (number >= least && number <= most) return number;
  }
  refuse(key, range_text("a whole number", least, most), shown(*value));
  return fallback;
}

double RequestReader::number_or(const char* key, double fallback, double least, double most) {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_number()) {
    const auto number = value->get<double>();
    if (number >= least && number <= most) return number;
  }
  refuse(key, range_text("a number", least, most), shown(*value));
  return fallback;
}

bool RequestReader::boolean_or(const char* key, bool fallback) {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  refuse(key, "true or false", shown(*value));
  return fallback;
}

std::string RequestReader::choice_or(const char* key, std::string fallback, const std::vector<std::string>& choices) {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return text;
  }
  refuse(key, fmt::format("one of {}", fmt::join(choices, ", ")), shown(*value));
  return fallback;
}

ScaleMode RequestReader::scales_or_exact(const char* key) {
  const std::string name = choice_or(key, "exact", {"exact", "folded", "folded-token"});
  return scale_mode_from_name(name).value_or(ScaleMode::exact);
}

BackendRequest RequestReader::backend() {
  BackendRequest request;
  request.device = string_or("device", request.device);
  request.threads = static_cast<int>(integer_or("threads", 0, 0, 4096));
  if (choice_or("precision", "exact", {"exact", "fast"}) == "fast") request.precision = Precision::fast;
  request.device_memory =
      static_cast<std::uint64_t>(integer_or("gpu_memory", 0, 0, std::numeric_limits<std::int64_t>::max()));
  return request;
}

std::filesystem::path RequestReader::experiments() {
  if (has("experiments")) return path("experiments");
  return default_store_path();
}

Status RequestReader::finish() const {
  if (error_) return *error_;
  for (const auto& [key, value] : request_.items()) {
    if (known_.contains(key)) continue;
    return Error{ErrorCode::usage,
                 "",
                 escape_for_message(key),
                 fmt::format("one of {}", fmt::join(known_, ", ")),
                 "a key that this operation does not know",
                 ""};
  }
  return {};
}

}  // namespace salient
