// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

std::string machine_line(const Json& result, const Style& style) {
  return style.heading(word(result, "processor")) + ", " + word(result, "backend") + "\n";
}

std::string times(double ratio) {
  return fmt::format("{:.2f}×", ratio);
}

class BenchGemm final : public Command {
 public:
  explicit BenchGemm(CLI::App& parent)
      : Command(parent, "gemm", "One linear layer: the mixed-precision product beside float ones") {
    options_.integer({"--rows", "N", "Output features", "4096; on a GPU a choice of shapes"});
    options_.integer({"--cols", "K", "Input features", "4096; on a GPU a choice of shapes"});
    options_.number({"--percent", "P", "Percent of the rows in 8 bit", "10; on a GPU 0 to 100"});
    options_.integers(
        {"--tokens", "T", "Tokens in one product; may be repeated: 1 is decoding", "1 16 2048; on a GPU 1 to 4096"});
    options_.number({"--seconds", "S", "Measure each line at least this long", "0.5"});
    add_group_option(options_);
    add_common_options();
    examples(
        "  salient bench gemm --rows 8192 --cols 8192 --tokens 1 --tokens 512\n  salient bench gemm --device cuda:0");
  }

  std::string describe(const Json& result, const Style& style) const override {
    if (result.contains("products")) return describe_products(result, style);
    Table table({{"tokens", Align::right},
                 {"kernels", Align::left},
                 {"time", Align::right},
                 {"Gop/s", Align::right},
                 {"GB/s", Align::right},
                 {"to fp32", Align::right}});
    for (const Json& timing : result["timings"]) {
      table.row({format_count(count(timing, "tokens")), word(timing, "kernels"),
                 fmt::format("{:.3f} ms", 1000 * number(timing, "seconds")),
                 fmt::format("{:.1f}", number(timing, "gigaoperations_per_second")),
                 fmt::format("{:.1f}", number(timing, "gigabytes_per_second")), times(number(timing, "speedup"))});
    }
    return machine_line(result, style) +
           fmt::format("{} × {}, group {}, {:g} % of the rows in 8 bit\n\n", format_count(count(result, "rows")),
                       format_count(count(result, "cols")), count(result, "group"), number(result, "percent")) +
           table.render(style, 2);
  }

 private:
  Json fixed() const override { return {{"op", "bench"}, {"what", "gemm"}}; }

  static std::string describe_products(const Json& result, const Style& style) {
    Table table({{"N x K", Align::right},
                 {"8 bit", Align::right},
                 {"tokens", Align::right},
                 {"scales", Align::left},
                 {"time", Align::right},
                 {"fp16", Align::right},
                 {"speed-up", Align::right},
                 {"TB/s", Align::right},
                 {"Top/s", Align::right},
                 {"of ceiling", Align::right},
                 {"kernel", Align::left}});
    const auto microseconds = [](double seconds) { return fmt::format("{:.1f} µs", 1e6 * seconds); };
    for (const Json& timing : result["products"]) {
      table.row({fmt::format("{} x {}", count(timing, "rows"), count(timing, "cols")),
                 fmt::format("{:g} %", number(timing, "percent")), format_count(count(timing, "tokens")),
                 word(timing, "mode"), microseconds(number(timing, "seconds")),
                 microseconds(number(timing, "fp16_seconds")), times(number(timing, "speedup")),
                 fmt::format("{:.2f}", number(timing, "terabytes_per_second")),
                 fmt::format("{:.0f}", number(timing, "teraoperations_per_second")),
                 fmt::format("{:.0f} %", 100 * number(timing, "share_of_ceiling")), word(timing, "kernel")});
    }
    return style.heading(word(result, "device")) +
           fmt::format(", driver for CUDA {}, toolkit {}\n", word(result, "driver_cuda"),
                       word(result, "toolkit_cuda")) +
           fmt::format("reads {:.2f} TB/s, int8 at most {:.0f} Top/s, group {}; activations rounded beforehand\n\n",
                       number(result, "read_terabytes_per_second"), number(result, "peak_teraoperations_per_second"),
                       count(result, "group")) +
           table.render(style, 2);
  }
};

class BenchSearch final : public Command {
 public:
  explicit BenchSearch(CLI::App& parent)
      : Command(parent, "search", "The salience search beside plain forward passes over the same tokens") {
    add_model_argument(options_, "A 16-bit model");
    options_.flag({"--random", "", "Random weights in the shapes of DIR/config.json; nothing else is read"});
    options_.flag({"--quantize", "", "Also time GPTQ with clip search over all linears"});
    options_.integer(
        {"--layers", "N",
         "With --random: measure N of the model's layers and half as many, and extrapolate to all of them"});
    options_.integer({"--samples", "N", "Sequences", "4"});
    options_.integer({"--length", "N", "Tokens of a sequence", "512"});
    add_common_options();
    examples("  salient bench search DIR --samples 8 --length 1024");
  }

  std::string describe(const Json& result, const Style& style) const override {
    Table table(
        {{"", Align::left}, {"time", Align::right}, {"tokens a second", Align::right}, {"ratio", Align::right}});
    table.row({"forward", format_duration(number(result, "forward_seconds")),
               format_significant(number(result, "forward_tokens_per_second")), times(1)});
    table.row({"search", format_duration(number(result, "search_seconds")),
               format_significant(number(result, "search_tokens_per_second")), times(number(result, "ratio"))});
    if (result.contains("quantize_seconds")) {
      const double seconds = number(result, "quantize_seconds");
      table.row({"quantize", format_duration(seconds),
                 format_significant(static_cast<double>(count(result, "tokens")) / seconds), ""});
    }
    const std::int64_t device = count(result, "peak_device_memory_bytes");
    const std::string on_device =
        device > 0 ? fmt::format(" and {} of the GPU's", format_bytes(static_cast<std::uint64_t>(device))) : "";
    return machine_line(result, style) +
           fmt::format("{} sequences, {} tokens, at most {} of memory{}\n\n", format_count(count(result, "sequences")),
                       format_count(count(result, "tokens")),
                       format_bytes(static_cast<std::uint64_t>(count(result, "peak_memory_bytes"))), on_device) +
           table.render(style, 2) + extrapolation(result, style);
  }

 private:
  Json fixed() const override { return {{"op", "bench"}, {"what", "search"}}; }

  static std::string extrapolation(const Json& result, const Style& style) {
    if (!result.contains("extrapolated")) return {};
    const Json& whole = result["extrapolated"];
    Table table({{"", Align::left}, {"a layer", Align::right}, {"all layers", Align::right}});
    for (const std::string name : {"forward", "search", "quantize"}) {
      if (!whole.contains(name + "_seconds")) continue;
      table.row({name, format_duration(number(whole, (name + "_seconds_per_layer").c_str())),
                 format_duration(number(whole, (name + "_seconds").c_str()))});
    }
    return fmt::format(
               "\nextrapolated from {} and {} layers to {}, for the same sequences and with all weights in memory:\n",
               whole["measured_layers"][0].get<std::int64_t>(), whole["measured_layers"][1].get<std::int64_t>(),
               count(whole, "layers")) +
           table.render(style, 2);
  }
};

/// decode and prefill: one model, or two beside each other.
class BenchModels final : public Command {
 public:
  BenchModels(CLI::App& parent, const std::string& what, const std::string& description, const std::string& prompt,
              const std::string& tokens)
      : Command(parent, what, description), what_(what) {
    add_model_argument(options_, "A model, 16-bit or packed");
    options_.text({"--against", "DIR", "A second model to compare with"});
    options_.flag({"--random", "",
                   "Random weights in the shapes of DIR/config.json, packed beside 16 bit; nothing else is read"});
    options_.number({"--percent", "P", "With --random: percent of the rows in 8 bit", "10"});
    options_.integer({"--prompt-tokens", "N", "Tokens processed at once", prompt});
    options_.integer({"--new-tokens", "N", "Tokens generated after them", tokens});
    options_.integer({"--batch", "N", "Sequences decoded together, 1 to 256", "1"});
    add_scales_option(options_);
    add_common_options();
    examples("  salient bench " + what +
             " p10 --against DIR\n\n"
             "\"linears, as stored\" is the size of the layers' weights in the model's files. A GPU of the Hopper\n"
             "generation keeps a packed model's in memory twice: so, and for products of many tokens in 8 bits each.");
  }

  std::string describe(const Json& result, const Style& style) const override {
    const Json& models = result["models"];
    const auto rate = [&](const Json& model, const char* key) { return number(model, key); };
    Table table({{"model", Align::left},
                 {"format", Align::left},
                 {"linears, as stored", Align::right},
                 {"prefill tokens/s", Align::right},
                 {"decode tokens/s", Align::right}});
    for (const Json& model : models) {
      table.row({word(model, "model"), format_text(model),
                 format_bytes(static_cast<std::uint64_t>(count(model, "linear_bytes"))),
                 format_significant(rate(model, "prefill_tokens_per_second")),
                 format_significant(rate(model, "decode_tokens_per_second"))});
    }
    if (models.size() == 2) {
      const auto ratio = [&](const char* key) {
        const double other = rate(models[1], key);
        return other > 0 ? times(rate(models[0], key) / other) : std::string("–");
      };
      table.row(
          {"ratio", "", ratio("linear_bytes"), ratio("prefill_tokens_per_second"), ratio("decode_tokens_per_second")});
    }
    return machine_line(result, style) +
           fmt::format("{} tokens of prompt, {} new, {} together\n\n", format_count(count(models[0], "prompt_tokens")),
                       format_count(count(models[0], "new_tokens")), format_count(count(models[0], "batch"))) +
           table.render(style, 2);
  }

 private:
  Json fixed() const override { return {{"op", "bench"}, {"what", what_}}; }
  /// "packed, folded"
  static std::string format_text(const Json& model) {
    const std::string scales = word(model, "scales");
    return word(model, "format") + (scales.empty() || scales == "exact" ? "" : ", " + scales);
  }

  std::string what_;
};

}  // namespace

void add_bench(CLI::App& parent, Commands& commands) {
  CLI::App* group = parent.add_subcommand("bench", "Measure speed on this machine");
  group->require_subcommand(0, 1);
  group->allow_extras();
  commands.push_back(std::make_unique<BenchGemm>(*group));
  commands.push_back(std::make_unique<BenchSearch>(*group));
  commands.push_back(std::make_unique<BenchModels>(
      *group, "decode", "Tokens a second when a model generates one token after another", "16", "64"));
  commands.push_back(
      std::make_unique<BenchModels>(*group, "prefill", "Tokens a second when a model reads a prompt", "512", "1"));
}

}  // namespace salient::cli
