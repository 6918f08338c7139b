// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/search/salience.h"
#include "core/search/tensor_reader.h"

namespace salient {
namespace {

constexpr std::string_view kFormat = "salient.search-state/1";

}  // namespace

Status save_search_state(const SearchState& state, const std::string& fingerprint, const std::filesystem::path& path) {
  SafetensorsWriter writer(path);
  writer.metadata("format", std::string(kFormat));
  writer.metadata("fingerprint", fingerprint);
  writer.metadata("sequences_done", fmt::to_string(state.sequences_done));
  writer.metadata("loss_sum", fmt::to_string(state.loss_sum));
  for (std::size_t i = 0; i < state.sums.size(); ++i)
    writer.add(linear_name(linear_at(i)) + ".sum", DType::f64, {static_cast<std::int64_t>(state.sums[i].size())},
               std::as_bytes(std::span(state.sums[i])));
  return writer.write();
}

Result<SearchState> load_search_state(const std::filesystem::path& path, const std::string& fingerprint,
                                      const ModelConfig& config) {
  const std::string advice = "start the search afresh";
  SALIENT_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(path));
  const TensorReader read(file, advice);
  SALIENT_ASSIGN(const std::string format, read.text("format"));
  if (format != kFormat) return read.error("format", std::string(kFormat), escape_for_message(format));
  SALIENT_ASSIGN(const std::string its_fingerprint, read.text("fingerprint"));
  if (its_fingerprint != fingerprint)
    return Error{ErrorCode::mismatch,
                 read.name(),
                 "fingerprint",
                 fingerprint,
                 escape_for_message(its_fingerprint),
                 advice + ", or resume with the model, text and options it began with"};
  SearchState state;
  SALIENT_ASSIGN(state.sequences_done, read.number<std::int64_t>("sequences_done"));
  SALIENT_ASSIGN(state.loss_sum, read.number<double>("loss_sum"));
  if (state.sequences_done < 0) return read.error("sequences_done", "0 or more", fmt::to_string(state.sequences_done));
  if (state.sequences_done == 0) return state;
  const std::size_t linears = static_cast<std::size_t>(config.layers) * kLinearKinds.size();
  for (std::size_t i = 0; i < linears; ++i) {
    const LinearId id = linear_at(i);
    SALIENT_ASSIGN(const TensorInfo* tensor, read.tensor(linear_name(id) + ".sum"));
    const std::int64_t rows = linear_shape(config, id.kind).rows;
    if (tensor->elements() != rows)
      return read.error(linear_name(id), fmt::format("{} sums", rows), fmt::to_string(tensor->elements()));
    SALIENT_ASSIGN(std::vector<double> sums, read.values<double>(*tensor, DType::f64, 1));
    state.sums.push_back(std::move(sums));
  }
  return state;
}

}  // namespace salient
