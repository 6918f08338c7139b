// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/safetensors_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/json.h"

namespace salient {
namespace {

constexpr std::size_t kNameLimit = 4096;
constexpr std::size_t kDimensionLimit = 8;
constexpr std::size_t kMetadataLimit = 65536;
constexpr const char* kDamaged = "the file is damaged or was made to deceive; get it again";

std::string known_dtypes() {
  std::string names;
  for (int i = 0; i <= static_cast<int>(DType::c64); ++i) {
    names += (i == 0 ? "" : ", ") + std::string(dtype_name(static_cast<DType>(i)));
  }
  return names;
}

class HeaderEvents final : public JsonEvents {
 public:
  HeaderEvents(const std::string& file, const CancelToken* cancel) : file_(file), cancel_(cancel) {}

  bool null() override { return unexpected("null"); }
  bool boolean(bool value) override { return unexpected(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return unexpected(fmt::format("{}", value)); }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return unexpected(escape_for_message(text));
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (at_ == At::shape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return unexpected(fmt::format("{}", value));
      }
      if (tensor_.shape.size() == kDimensionLimit) {
        return bad(ErrorCode::unsupported, fmt::format("at most {} dimensions", kDimensionLimit), "more");
      }
      tensor_.shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (at_ != At::offsets) return unexpected(fmt::format("{}", value));
    if (offsets_ == 2) return bad(ErrorCode::format, "data_offsets of two integers", "more");
    (offsets_++ == 0 ? tensor_.begin : tensor_.end) = value;
    return true;
  }

  bool string(string_t& value) override {
    if (at_ == At::metadata) {
      if (header_.metadata.emplace(metadata_key_, std::move(value)).second) return true;
      return refuse({ErrorCode::format, file_, "__metadata__." + escape_for_message(metadata_key_), "each key once",
                     "the key twice", kDamaged});
    }
    if (at_ != At::tensor || field_ != Field::dtype) {
      return unexpected("the string \"" + escape_for_message(value) + "\"");
    }
    const auto dtype = dtype_from_name(value);
    if (!dtype) {
      return bad(ErrorCode::unsupported, "a dtype of " + known_dtypes(), "\"" + escape_for_message(value) + "\"");
    }
    tensor_.dtype = *dtype;
    return true;
  }

  bool start_object(std::size_t /*elements*/) override {
    if (at_ == At::outside) {
      at_ = At::header;
    } else if (at_ == At::header && name_ == "__metadata__") {
      if (std::exchange(metadata_seen_, true)) {
        return refuse({ErrorCode::format, file_, "__metadata__", "it once", "it twice", kDamaged});
      }
      at_ = At::metadata;
    } else if (at_ == At::header) {
      at_ = At::tensor;
      tensor_ = TensorInfo{};
      seen_ = 0;
    } else {
      return unexpected("an object");
    }
    return true;
  }

  bool end_object() override {
    if (at_ == At::tensor && !finish_tensor()) return false;
    at_ = at_ == At::header ? At::outside : At::header;
    return true;
  }

  bool start_array(std::size_t /*elements*/) override {
    if (at_ != At::tensor || field_ == Field::dtype) return unexpected("an array");
    at_ = field_ == Field::shape ? At::shape : At::offsets;
    return true;
  }

  bool end_array() override {
    if (at_ == At::offsets && offsets_ != 2) {
      return bad(ErrorCode::format, "data_offsets of two integers", fmt::format("{}", offsets_));
    }
    at_ = At::tensor;
    return true;
  }

  bool key(string_t& name) override {
    if (at_ == At::metadata) {
      metadata_key_ = std::move(name);
      if (header_.metadata.size() < kMetadataLimit) return true;
      return refuse({ErrorCode::unsupported, file_, "__metadata__", fmt::format("at most {} keys", kMetadataLimit),
                     "more", kDamaged});
    }
    return at_ == At::tensor ? start_field(name) : start_entry(name);
  }

  SafetensorsHeader take() { return std::move(header_); }

 private:
  enum class At { outside, header, metadata, tensor, shape, offsets };
  enum class Field : unsigned { dtype = 1, shape = 2, offsets = 4 };

  bool bad(ErrorCode code, std::string expected, std::string found) {
    return refuse({code, file_, escape_for_message(name_), std::move(expected), std::move(found), kDamaged});
  }

  bool unexpected(std::string found) {
    switch (at_) {
      case At::outside: return refuse({ErrorCode::format, file_, "header", "an object", std::move(found), kDamaged});
      case At::header: return bad(ErrorCode::format, "an object", std::move(found));
      case At::metadata:
        return refuse({ErrorCode::format, file_, "__metadata__." + escape_for_message(metadata_key_), "a string",
                       std::move(found), kDamaged});
      case At::tensor:
        return bad(ErrorCode::format,
                   field_ == Field::dtype   ? "dtype as a string"
                   : field_ == Field::shape ? "shape as an array of integers"
                                            : "data_offsets as an array of two integers",
                   std::move(found));
      case At::shape: return bad(ErrorCode::format, "dimensions as integers from 0 to 2^63-1", std::move(found));
      case At::offsets: return bad(ErrorCode::format, "data_offsets as integers from 0 to 2^64-1", std::move(found));
    }
    return false;
  }

  bool start_entry(string_t& name) {
    // A look at the token every so often costs nothing and lets a header of a million tensors be given up.
    if (header_.tensors.size() % 1024 == 0 && cancel_ != nullptr && cancel_->cancelled()) {
      return refuse({ErrorCode::cancelled, file_, "", "", "a request to stop", ""});
    }
    name_ = std::move(name);
    if (const std::string problem = name_problem(name_); !problem.empty()) {
      return bad(ErrorCode::format, "a tensor name of at most 4096 bytes without control characters", problem);
    }
    return true;
  }

  bool start_field(const string_t& name) {
    if (name == "dtype") {
      field_ = Field::dtype;
    } else if (name == "shape") {
      field_ = Field::shape;
    } else if (name == "data_offsets") {
      field_ = Field::offsets;
      offsets_ = 0;
    } else {
      return bad(ErrorCode::format, "the keys dtype, shape and data_offsets", "\"" + escape_for_message(name) + "\"");
    }
    if ((seen_ & static_cast<unsigned>(field_)) != 0) {
      return bad(ErrorCode::format, "each key once", "the key \"" + name + "\" twice");
    }
    seen_ |= static_cast<unsigned>(field_);
    return true;
  }

  bool finish_tensor() {
    if (seen_ != 7) {
      return bad(ErrorCode::format, "the keys dtype, shape and data_offsets",
                 std::string("no ") + ((seen_ & 1) == 0   ? "dtype"
                                       : (seen_ & 2) == 0 ? "shape"
                                                          : "data_offsets"));
    }
    if (tensor_.begin > tensor_.end) {
      return bad(ErrorCode::format, "data_offsets that do not run backwards",
                 fmt::format("[{}, {}]", tensor_.begin, tensor_.end));
    }
    const auto bytes = tensor_bytes(tensor_.dtype, tensor_.shape);
    if (!bytes) return bad(bytes.error().code, bytes.error().expected, bytes.error().found);
    if (*bytes != tensor_.bytes()) {
      return bad(ErrorCode::format,
                 fmt::format("{} bytes for {} {}", *bytes, dtype_name(tensor_.dtype), shape_text(tensor_.shape)),
                 fmt::format("{} bytes in data_offsets [{}, {}]", tensor_.bytes(), tensor_.begin, tensor_.end));
    }
    tensor_.name = std::move(name_);
    header_.tensors.push_back(std::move(tensor_));
    return true;
  }

  const std::string& file_;
  const CancelToken* cancel_;
  SafetensorsHeader header_;
  At at_ = At::outside;
  std::string name_;
  std::string metadata_key_;
  bool metadata_seen_ = false;
  TensorInfo tensor_;
  Field field_ = Field::dtype;
  unsigned seen_ = 0;
  int offsets_ = 0;
};

}  // namespace

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

Result<std::uint64_t> tensor_bytes(DType dtype, const std::vector<std::int64_t>& shape) {
  std::uint64_t elements = 1;
  std::uint64_t bits = 0;
  bool overflow = false;
  for (const std::int64_t dimension : shape) {
    overflow = overflow || __builtin_mul_overflow(elements, static_cast<std::uint64_t>(dimension), &elements);
  }
  overflow = overflow || __builtin_mul_overflow(elements, static_cast<std::uint64_t>(dtype_bits(dtype)), &bits);
  if (overflow) return Error{ErrorCode::range, "", "", "a shape of at most 2^64 bits", shape_text(shape), ""};
  if (bits % 8 != 0) {
    return Error{ErrorCode::format,
                 "",
                 "",
                 "whole bytes",
                 fmt::format("{} elements of {} bits for {} {}", elements, dtype_bits(dtype), dtype_name(dtype),
                             shape_text(shape)),
                 ""};
  }
  return bits / 8;
}

std::string name_problem(std::string_view name) {
  if (name.empty()) return "an empty name";
  if (name.size() > kNameLimit) return fmt::format("{} bytes", name.size());
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return std::any_of(name.begin(), name.end(), control) ? "\"" + escape_for_message(name) + "\"" : "";
}

Result<SafetensorsHeader> parse_safetensors_header(std::string_view text, const std::string& file,
                                                   const CancelToken* cancel) {
  HeaderEvents events(file, cancel);
  SALIENT_CHECK(parse_json_events(text, file, events));
  return events.take();
}

}  // namespace salient
