// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.h"

namespace salient {

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::io: return "io";
    case ErrorCode::format: return "format";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::mismatch: return "mismatch";
    case ErrorCode::range: return "range";
    case ErrorCode::memory: return "memory";
    case ErrorCode::disk_full: return "disk-full";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::numeric: return "numeric";
    case ErrorCode::usage: return "usage";
    case ErrorCode::busy: return "busy";
    case ErrorCode::not_found: return "not-found";
    case ErrorCode::device: return "device";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

std::string Error::to_string() const {
  std::string text(error_code_name(code));
  if (!file.empty()) text += " " + file + ":";
  if (!key.empty()) text += " " + key + ":";
  if (!expected.empty()) text += " expected " + expected;
  if (!found.empty()) text += (expected.empty() ? " found " : ", found ") + found;
  if (!advice.empty()) text += "; " + advice;
  return text;
}

}  // namespace salient
