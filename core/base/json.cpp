// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "core/base/utf8.h"

namespace salient {
namespace {

std::string position_name(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  // Columns are characters: continuation bytes do not count.
  const auto column = 1 + std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start), before.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return fmt::format("line {}, column {}", line, column);
}

/// The parser's own words without its prefix ("[json.exception…] parse error at line 1, column 2: ").
std::string_view reason_of(std::string_view what) {
  const std::size_t column = what.find("column ");
  const std::size_t colon = column == std::string_view::npos ? column : what.find(": ", column);
  if (colon != std::string_view::npos) return what.substr(colon + 2);
  const std::size_t bracket = what.find("] ");
  return bracket == std::string_view::npos ? what : what.substr(bracket + 2);
}

/// Builds the document while checking what nlohmann-json lets pass: repeated keys and deep nesting.
class Builder final : public JsonEvents {
 public:
  Builder(const std::string& file, JsonLimits limits) : file_(file), limits_(limits) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool start_object(std::size_t /*elements*/) override { return enter(Json::object()); }
  bool start_array(std::size_t /*elements*/) override { return enter(Json::array()); }
  bool end_array() override {
    stack_.pop_back();
    return true;
  }

  bool key(string_t& name) override {
    // Appended without the look-up that would make a large object quadratic; end_object() finds repetitions.
    Members& object = stack_.back()->get_ref<Json::object_t&>();
    object.emplace_back(std::move(name), nullptr);
    return true;
  }

  bool end_object() override {
    const Members& object = stack_.back()->get_ref<const Json::object_t&>();
    std::vector<std::size_t> order(object.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return object[a].first < object[b].first; });
    const auto repeated = std::adjacent_find(
        order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return object[a].first == object[b].first; });
    if (repeated != order.end()) {
      return refuse({ErrorCode::format, file_, path_to(object[*repeated].first), "each key once", "the key twice",
                     "the file is damaged or was made to deceive; get it again"});
    }
    stack_.pop_back();
    return true;
  }

  Json take() { return std::move(root_); }

 private:
  using Members = Json::object_t::Container;

  template <class T>
  bool put(T&& value) {
    place(std::forward<T>(value));
    return true;
  }

  template <class T>
  Json* place(T&& value) {
    if (stack_.empty()) {
      root_ = Json(std::forward<T>(value));
      return &root_;
    }
    Json& parent = *stack_.back();
    if (parent.is_array()) {
      auto& array = parent.get_ref<Json::array_t&>();
      array.emplace_back(std::forward<T>(value));
      return &array.back();
    }
    Json& member = parent.get_ref<Json::object_t&>().back().second;
    member = Json(std::forward<T>(value));
    return &member;
  }

  bool enter(Json&& container) {
    if (static_cast<int>(stack_.size()) >= limits_.depth) {
      return refuse({ErrorCode::format, file_, "nesting", fmt::format("at most {} levels", limits_.depth), "more",
                     "the file is damaged or was made to deceive; get it again"});
    }
    // Only the innermost container grows, so that pointers to its ancestors stay valid.
    stack_.push_back(place(std::move(container)));
    return true;
  }

  std::string path_to(const std::string& last) const {
    std::string path;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      const Json& level = *stack_[i];
      path +=
          level.is_object() ? level.get_ref<const Json::object_t&>().back().first : std::to_string(level.size() - 1);
      path += '.';
    }
    return escape_for_message(path + last);
  }

  const std::string& file_;
  JsonLimits limits_;
  Json root_;
  std::vector<Json*> stack_;
};

Error wrong_type(const Json& object, const char* key, const std::string& file, const char* expected) {
  const auto member = object.is_object() ? object.find(key) : object.end();
  std::string found = !object.is_object()      ? json_describe(object) + " around it"
                      : member == object.end() ? "no such key"
                                               : json_describe(*member);
  return Error{ErrorCode::format, file, key, expected, std::move(found), "correct the file or get it again"};
}

/// The member, or null where it is missing or `object` is none.
const Json* member_of(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto member = object.find(key);
  return member == object.end() ? nullptr : &*member;
}

}  // namespace

bool JsonEvents::binary(binary_t& /*value*/) {
  return false;
}

bool JsonEvents::parse_error(std::size_t position, const std::string& /*token*/,
                             const nlohmann::detail::exception& problem) {
  error_position_ = position == 0 ? 0 : position - 1;
  error_reason_ = escape_for_message(reason_of(problem.what()));
  return false;
}

bool JsonEvents::refuse(Error error) {
  refusal_ = std::move(error);
  return false;
}

Status parse_json_events(std::string_view text, const std::string& file, JsonEvents& events) {
  // The parser would stop at a NUL and ignore what is behind it.
  const std::size_t end = std::min(text.find('\0'), text.size());
  if (const std::size_t bad = first_invalid_utf8(text.substr(0, end)); bad != text.size()) {
    return Error{ErrorCode::format,
                 file,
                 position_name(text, bad),
                 "JSON in UTF-8",
                 fmt::format("byte 0x{:02x} at offset {}", static_cast<unsigned char>(text[bad]), bad),
                 "the file is damaged or in another encoding; get it again"};
  }
  if (Json::sax_parse(text, &events)) return {};
  if (events.refusal_) return *std::move(events.refusal_);
  return Error{ErrorCode::format,
               file,
               position_name(text, events.error_position_),
               "JSON",
               std::move(events.error_reason_),
               "the file is damaged; get it again"};
}

Result<Json> parse_json(std::string_view text, const std::string& file, JsonLimits limits) {
  Builder builder(file, limits);
  SALIENT_CHECK(parse_json_events(text, file, builder));
  return builder.take();
}

std::string json_describe(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null: return "null";
    case Json::value_t::object: return "an object";
    case Json::value_t::array: return "an array";
    case Json::value_t::string: return "the string \"" + escape_for_message(value.get_ref<const std::string&>()) + "\"";
    default: return value.dump();
  }
}

Result<std::int64_t> json_integer(const Json& object, const char* key, const std::string& file) {
  const Json* value = member_of(object, key);
  // A number too large for 64 bits is parsed as a float, and refused here like any other.
  const bool fits =
      value != nullptr && value->is_number_integer() &&
      (!value->is_number_unsigned() ||
       value->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (!fits) return wrong_type(object, key, file, "an integer");
  return value->get<std::int64_t>();
}

Result<double> json_number(const Json& object, const char* key, const std::string& file) {
  const Json* value = member_of(object, key);
  if (value == nullptr || !value->is_number()) return wrong_type(object, key, file, "a number");
  return value->get<double>();
}

Result<bool> json_bool(const Json& object, const char* key, const std::string& file) {
  const Json* value = member_of(object, key);
  if (value == nullptr || !value->is_boolean()) return wrong_type(object, key, file, "true or false");
  return value->get<bool>();
}

Result<std::string> json_string(const Json& object, const char* key, const std::string& file) {
  const Json* value = member_of(object, key);
  if (value == nullptr || !value->is_string()) return wrong_type(object, key, file, "a string");
  return value->get<std::string>();
}

}  // namespace salient
