// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/operations.h"

#include <fmt/format.h>

#include <exception>
#include <map>
#include <new>
#include <system_error>

#include "core/base/memory_reserve.h"
#include "core/experiment/operations_detail.h"
#include "core/text/tokenizer.h"

namespace salient {
namespace {

const std::map<std::string, operations::Operation*, std::less<>>& table() {
  static const std::map<std::string, operations::Operation*, std::less<>> kTable{
      {"allocate", operations::allocate},
      {"bench", operations::bench},
      {"devices", operations::devices},
      {"evaluate", operations::evaluate},
      {"experiments", operations::experiments},
      {"export", operations::export_model},
      {"generate", operations::generate},
      {"inspect", operations::inspect},
      {"quantize", operations::quantize},
      {"report", operations::report},
      {"run", operations::run},
      {"search", operations::search},
      {"tokenize", operations::tokenize},
      {"verify", operations::verify},
  };
  return kTable;
}

}  // namespace

Result<Backend*> OperationContext::backend(const BackendRequest& request) {
  if (backend_ == nullptr || !(request == backend_request_)) {
    backend_.reset();
    SALIENT_ASSIGN(backend_, make_backend(request));
    backend_request_ = request;
  }
  return backend_.get();
}

Result<std::shared_ptr<const Tokenizer>> OperationContext::tokenizer(const std::filesystem::path& directory) {
  std::string files = directory.string();
  for (const char* name : Tokenizer::kFiles) {
    std::error_code absent;
    const auto size = std::filesystem::file_size(directory / name, absent);
    const auto time = std::filesystem::last_write_time(directory / name, absent).time_since_epoch().count();
    files += absent ? "|" : fmt::format("|{} {}", size, time);
  }
  if (tokenizer_ == nullptr || files != tokenizer_files_) {
    tokenizer_.reset();
    SALIENT_ASSIGN(tokenizer_, Tokenizer::load(directory));
    tokenizer_files_ = files;
  }
  return tokenizer_;
}

std::vector<std::string> operation_names() {
  std::vector<std::string> names;
  for (const auto& entry : table())
    names.push_back(entry.first);
  return names;
}

namespace {

Result<Json> dispatch(const Json& request, OperationContext& context, Job& job) {
  const auto known = fmt::format("one of {}", fmt::join(operation_names(), ", "));
  const auto op = request.is_object() ? request.find("op") : request.end();
  if (!request.is_object() || op == request.end() || !op->is_string()) {
    return Error{ErrorCode::usage, "", "op", known, "nothing", ""};
  }
  const auto name = op->get<std::string>();
  const auto operation = table().find(name);
  if (operation == table().end()) {
    return Error{ErrorCode::usage, "", "op", known, escape_for_message(name), ""};
  }
  return operation->second(request, context, job);
}

}  // namespace

Result<Json> perform(const Json& request, OperationContext& context, Job& job) {
  // Core does not throw on purpose; the standard library does when memory ends, and that is an answer too.
  const MemoryReserve reserve;
  try {
    return dispatch(request, context, job);
  } catch (const std::bad_alloc&) {
    return MemoryReserve::error();
  } catch (const std::exception& exception) {
    return Error{ErrorCode::internal, "", "", "no exception", escape_for_message(exception.what()),
                 "please report this"};
  }
}

}  // namespace salient
