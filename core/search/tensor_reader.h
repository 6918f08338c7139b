// SPDX-License-Identifier: Apache-2.0
// Typed access to the safetensors files of this room: every refusal names the file and the key or tensor.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "core/checkpoint/safetensors.h"

namespace salient {

/// `advice` ends every refusal.
class TensorReader {
 public:
  TensorReader(const SafetensorsFile& file, std::string advice)
      : file_(file), name_(escape_for_message(file.path().string())), advice_(std::move(advice)) {}

  [[nodiscard]] Error error(std::string key, std::string expected, std::string found) const {
    return {ErrorCode::format, name_, std::move(key), std::move(expected), std::move(found), advice_};
  }

  [[nodiscard]] Result<std::string> text(const char* key) const {
    const auto found = file_.metadata().find(key);
    if (found == file_.metadata().end()) return error(key, "a metadata entry", "none");
    return found->second;
  }

  template <class Number>
  [[nodiscard]] Result<Number> number(const char* key) const {
    SALIENT_ASSIGN(const std::string value, text(key));
    Number number{};
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (problem != std::errc{} || end != value.data() + value.size())
      return error(key, "a number", escape_for_message(value));
    return number;
  }

  /// The values of a tensor of this dtype and number of dimensions; reads nothing where it is another.
  template <class Value>
  [[nodiscard]] Result<std::vector<Value>> values(const TensorInfo& tensor, DType dtype, std::size_t dimensions) const {
    if (tensor.dtype != dtype || tensor.shape.size() != dimensions)
      return error(escape_for_message(tensor.name), fmt::format("{} with {} dimensions", dtype_name(dtype), dimensions),
                   fmt::format("{} with {}", dtype_name(tensor.dtype), tensor.shape.size()));
    std::vector<Value> values(static_cast<std::size_t>(tensor.elements()));
    SALIENT_CHECK(file_.read(tensor, 0, std::as_writable_bytes(std::span(values))));
    return values;
  }

  [[nodiscard]] Result<const TensorInfo*> tensor(const std::string& name) const {
    const TensorInfo* found = file_.find(name);
    if (found == nullptr) return error(name, "a tensor", "none");
    return found;
  }

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  const SafetensorsFile& file_;
  std::string name_;
  std::string advice_;
};

}  // namespace salient
