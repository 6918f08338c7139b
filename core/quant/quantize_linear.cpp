// SPDX-License-Identifier: Apache-2.0
#include "core/quant/quantize_linear.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/compute/device_quantizer.h"
#include "core/quant/gptq.h"
#include "core/quant/hessian.h"
#include "core/quant/quantized_rows.h"
#include "core/quant/rtn.h"

namespace salient {
namespace {

/// Half of what the largest fp16 scale spans in 4 bit.
constexpr float kLargestWeight = 65504.0F * 7.5F;

Status check_weight(std::span<const float> weight, std::int64_t cols) {
  const auto usable = [](float value) { return std::fabs(value) <= kLargestWeight; };
  const auto first = std::find_if_not(weight.begin(), weight.end(), usable);
  if (first == weight.end()) return {};
  const auto count = std::count_if(first, weight.end(), std::not_fn(usable));
  const std::int64_t index = first - weight.begin();
  return Error{ErrorCode::numeric,
               "",
               "weight",
               fmt::format("finite values of at most {:g}", kLargestWeight),
               fmt::format("{} NaN, Inf or larger, the first {:g} at index {} (row {}, column {})", count, *first,
                           index, index / cols, index % cols),
               "the checkpoint is damaged or its training diverged; get another copy"};
}

RowFormat low_format(const QuantOptions& options) {
  return options.uniform_bits == 0 ? kAsymmetric4 : RowFormat{options.uniform_bits, false};
}
RowFormat high_format(const QuantOptions& options) {
  return options.uniform_bits == 0 || options.uniform_bits == 8 ? kSymmetric8 : RowFormat{options.uniform_bits, false};
}

Status check_rows8(const std::vector<std::uint32_t>& rows8, std::int64_t rows, const QuantOptions& options) {
  for (std::size_t i = 0; i < rows8.size(); ++i) {
    if (rows8[i] < static_cast<std::uint64_t>(rows) && (i == 0 || rows8[i - 1] < rows8[i])) continue;
    return Error{ErrorCode::range,
                 "",
                 "8-bit rows",
                 fmt::format("ascending indices below {}", rows),
                 fmt::format("{} at place {}", rows8[i], i),
                 "make the bit map for this model"};
  }
  const auto count = static_cast<std::int64_t>(rows8.size());
  const std::int64_t wanted = options.uniform_bits > 4 ? rows : 0;
  if (options.uniform_bits == 0 || count == wanted) return {};
  return Error{ErrorCode::usage,
               "",
               "8-bit rows",
               fmt::format("{} of {} for {} bits in every row", wanted, rows, options.uniform_bits),
               fmt::format("{}", count),
               "make the bit map for this width"};
}

Status check_request(std::span<const float> weight, std::int64_t rows, std::int64_t cols,
                     const std::vector<std::uint32_t>& rows8, const Hessian* hessian, const QuantOptions& options) {
  SALIENT_CHECK(check_quant_options(options));
  if (rows < 1 || cols < 1 || weight.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols)) {
    return Error{ErrorCode::usage,
                 "",
                 "weight",
                 fmt::format("{} × {} values", rows, cols),
                 fmt::format("{} values", weight.size()),
                 ""};
  }
  SALIENT_CHECK(check_rows8(rows8, rows, options));
  if (hessian == nullptr) {
    if (!options.needs_calibration()) return {};
    return Error{ErrorCode::usage,
                 "",
                 "calibration inputs",
                 "a Gram matrix, which this method needs",
                 "none",
                 "collect the calibration inputs first, or use rtn without clip search"};
  }
  if (hessian->cols() == cols && hessian->group() == options.group) return {};
  return Error{ErrorCode::mismatch,
               "",
               "calibration inputs",
               fmt::format("K = {}, group {}", cols, options.group),
               fmt::format("K = {}, group {}", hessian->cols(), hessian->group()),
               ""};
}

/// One class of rows, and the sum of its squared output error (0 without calibration inputs).
struct ClassResult {
  QuantizedRows rows;
  double error = 0;
};

/// Quantizes one class of rows, with clip search or without.
using ClassQuantizer = std::function<Result<ClassResult>(RowFormat, std::span<const std::uint32_t> rows, bool clip)>;

/// Clip search is kept only where the class's output error gets smaller by it.
Result<ClassResult> better_class(RowFormat format, std::span<const std::uint32_t> rows, const QuantOptions& options,
                                 const ClassQuantizer& quantize) {
  SALIENT_ASSIGN(ClassResult plain, quantize(format, rows, false));
  if (!options.clip) return plain;
  SALIENT_ASSIGN(ClassResult clipped, quantize(format, rows, true));
  return clipped.error < plain.error ? std::move(clipped) : std::move(plain);
}

/// The codes of wider asymmetric rows less their zero points, as 8-bit rows are stored. Symmetric ones have none.
std::vector<std::int8_t> without_zeros(QuantizedRows rows) {
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    for (std::int64_t k = 0; k < rows.cols; ++k) {
      std::int8_t& code = rows.codes[static_cast<std::size_t>(row * rows.cols + k)];
      code =
          static_cast<std::int8_t>(code - rows.zeros[static_cast<std::size_t>(row * rows.groups() + k / rows.group)]);
    }
  }
  return std::move(rows.codes);
}

std::vector<std::uint8_t> pack_nibbles(const auto& values, std::int64_t rows, std::int64_t cols) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(rows * nibble_bytes(cols)));
  for (std::int64_t row = 0; row < rows; ++row) {
    std::uint8_t* out = bytes.data() + row * nibble_bytes(cols);
    for (std::int64_t k = 0; k < cols; ++k) {
      const auto nibble = static_cast<unsigned>(values[static_cast<std::size_t>(row * cols + k)]);
      out[k / 2] = static_cast<std::uint8_t>(out[k / 2] | nibble << (k % 2 * 4));
    }
  }
  return bytes;
}

Result<QuantizedLinear> quantize_classes(std::int64_t rows, std::int64_t cols, const std::vector<std::uint32_t>& rows8,
                                         const QuantOptions& options, const ClassQuantizer& quantize, double& error) {
  QuantizedLinear result;
  QuantizedMatrix& matrix = result.matrix;
  matrix.rows = rows;
  matrix.cols = cols;
  matrix.group = options.group;
  matrix.rows8 = rows8;
  std::int64_t clipped = 0;
  const std::vector<std::uint32_t> rows4 = matrix.rows4();
  if (!rows4.empty()) {
    SALIENT_ASSIGN(ClassResult low, better_class(low_format(options), rows4, options, quantize));
    matrix.codes4 = pack_nibbles(low.rows.codes, low.rows.rows, cols);
    matrix.zeros4 = pack_nibbles(low.rows.zeros, low.rows.rows, matrix.groups());
    matrix.scales4 = std::move(low.rows.scales);
    error += low.error;
    clipped += low.rows.clipped_groups;
  }
  if (!rows8.empty()) {
    SALIENT_ASSIGN(ClassResult high, better_class(high_format(options), rows8, options, quantize));
    error += high.error;
    clipped += high.rows.clipped_groups;
    matrix.scales8 = std::move(high.rows.scales);
    matrix.codes8 = without_zeros(std::move(high.rows));
  }
  result.clipped_groups = static_cast<double>(clipped) / static_cast<double>(rows * matrix.groups());
  return result;
}

}  // namespace

std::string_view quant_method_name(QuantMethod method) {
  switch (method) {
    case QuantMethod::mixllm: return "mixllm";
    case QuantMethod::gptq: return "gptq";
    case QuantMethod::rtn: return "rtn";
  }
  return "";
}

Result<QuantMethod> quant_method_from_name(std::string_view name) {
  for (const QuantMethod method : {QuantMethod::mixllm, QuantMethod::gptq, QuantMethod::rtn}) {
    if (name == quant_method_name(method)) return method;
  }
  return Error{ErrorCode::usage,           "", "method", "mixllm, gptq or rtn", '"' + escape_for_message(name) + '"',
               "name one of these methods"};
}

Status check_quant_options(const QuantOptions& options) {
  if (options.group != 32 && options.group != 64 && options.group != 128) {
    return Error{ErrorCode::usage,     "", "group", "32, 64 or 128", fmt::format("{}", options.group),
                 "choose one of these"};
  }
  if (options.uniform_bits != 0 && (options.uniform_bits < 2 || options.uniform_bits > 8)) {
    return Error{ErrorCode::usage, "", "uniform", "2 to 8 bits", fmt::format("{}", options.uniform_bits), ""};
  }
  if (!(options.damping >= 0 && options.damping <= 1)) {
    return Error{
        ErrorCode::usage,   "", "damping", "a share of the mean diagonal, 0 to 1", fmt::format("{:g}", options.damping),
        "0.01 is customary"};
  }
  return {};
}

Result<QuantizedLinear> quantize_linear(std::span<const float> weight, std::int64_t rows, std::int64_t cols,
                                        const std::vector<std::uint32_t>& rows8, const Hessian* hessian,
                                        const QuantOptions& options, ThreadPool& threads, const Job* job) {
  SALIENT_CHECK(check_request(weight, rows, cols, rows8, hessian, options));
  SALIENT_CHECK(check_weight(weight, cols));
  const bool with_gptq = hessian != nullptr && !hessian->factor().empty() && options.method != QuantMethod::rtn;
  // Plain round-to-nearest gives the same codes whether or not inputs are there to measure it with.
  const Hessian* inputs = options.needs_calibration() ? hessian : nullptr;
  const ClassQuantizer quantize = [&](RowFormat format, std::span<const std::uint32_t> of_class, bool clip) {
    const RowSelection selection{weight, cols, of_class};
    ClassResult found{with_gptq ? gptq(selection, format, *hessian, clip, threads, job)
                                : round_to_nearest(selection, format, options.group, inputs, clip, threads, job)};
    if (hessian != nullptr) {
      const auto difference = [&](std::int64_t row, std::span<double> out) {
        found.rows.difference(row, selection.row(row), out);
      };
      found.error = hessian->output_energy(selection.count(), difference, threads, job);
    }
    return Result<ClassResult>(std::move(found));
  };
  double error = 0;
  SALIENT_ASSIGN(QuantizedLinear result, quantize_classes(rows, cols, rows8, options, quantize, error));

  if (hessian != nullptr) {
    const auto row_of = [&](std::int64_t row, std::span<double> out) {
      const auto values = weight.subspan(static_cast<std::size_t>(row * cols), static_cast<std::size_t>(cols));
      std::copy(values.begin(), values.end(), out.begin());
    };
    const double energy = hessian->output_energy(rows, row_of, threads, job);
    result.output_error = energy > 0 ? error / energy : 0;
    result.dead_inputs = hessian->dead_inputs();
    result.damping_used = hessian->damping();
    if (!hessian->failure().empty()) {
      result.fallback =
          fmt::format("round-to-nearest instead of {}: {}", quant_method_name(options.method), hessian->failure());
    }
  }
  if (job != nullptr) SALIENT_CHECK(job->check());
  return result;
}

Result<QuantizedLinear> quantize_linear(DeviceQuantizer& quantizer, const QuantizerInputs& inputs, const Tensor& weight,
                                        std::span<const float> values, const std::vector<std::uint32_t>& rows8,
                                        const QuantOptions& options, const Job* job) {
  SALIENT_CHECK(check_quant_options(options));
  SALIENT_CHECK(check_rows8(rows8, weight.rows, options));
  SALIENT_CHECK(check_weight(values, weight.cols));
  const ClassQuantizer quantize = [&](RowFormat format, std::span<const std::uint32_t> rows,
                                      bool clip) -> Result<ClassResult> {
    SALIENT_ASSIGN(RowsQuantized found, quantizer.gptq(inputs, {weight, rows, format, clip}, job));
    ClassResult result{QuantizedRows(format, 0, weight.cols, options.group), found.error};
    result.rows.rows = static_cast<std::int64_t>(rows.size());
    result.rows.codes = std::move(found.codes);
    result.rows.scales = std::move(found.scales);
    result.rows.zeros = std::move(found.zeros);
    result.rows.clipped_groups = found.clipped_groups;
    return result;
  };
  double error = 0;
  SALIENT_ASSIGN(QuantizedLinear result, quantize_classes(weight.rows, weight.cols, rows8, options, quantize, error));
  SALIENT_ASSIGN(const double energy, quantizer.output_energy(inputs, weight));
  result.output_error = energy > 0 ? error / energy : 0;
  result.dead_inputs = inputs.dead_inputs();
  result.damping_used = inputs.damping();
  return result;
}

Result<QuantizedLinear> quantize_linear(std::span<const float> weight, std::int64_t rows, std::int64_t cols,
                                        const std::vector<std::uint32_t>& rows8, const GramMatrix& gram,
                                        const QuantOptions& options, ThreadPool& threads, const Job* job) {
  if (gram.cols == 0) {
    const Hessian* none = nullptr;
    return quantize_linear(weight, rows, cols, rows8, none, options, threads, job);
  }
  SALIENT_CHECK(check_quant_options(options));
  SALIENT_ASSIGN(const Hessian hessian, Hessian::prepare(gram, options, threads, job));
  return quantize_linear(weight, rows, cols, rows8, &hessian, options, threads, job);
}

}  // namespace salient
