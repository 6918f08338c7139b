// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/token_rate.h"

#include <QJsonArray>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <numeric>

#include "core/base/threads.h"
#include "core/experiment/store.h"

namespace salient::ui {
namespace {

constexpr std::int64_t kReadValues = std::int64_t{1} << 23;  ///< 64 MiB: more than caches hold
constexpr int kReads = 3;

}  // namespace

double otherBytes(const QJsonObject& inspect) {
  double elements = 0;
  const bool tied = inspect.value(QLatin1String("config")).toObject().value(QLatin1String("tied_embeddings")).toBool();
  for (const QJsonValue& entry : inspect.value(QLatin1String("tensors")).toArray()) {
    const QJsonObject tensor = entry.toObject();
    const QString name = tensor.value(QLatin1String("name")).toString();
    const QJsonArray shape = tensor.value(QLatin1String("shape")).toArray();
    const bool linear = name.contains(QLatin1String("_proj."));
    const bool embedding = name.contains(QLatin1String("embed_tokens"));
    if ((linear && shape.size() > 1) || (embedding && !tied)) continue;
    elements += std::accumulate(shape.begin(), shape.end(), 1.0,
                                [](double product, const QJsonValue& size) { return product * size.toDouble(); });
  }
  return 2 * elements;
}

std::optional<double> measuredBytesPerSecond(const std::vector<Experiment>& experiments, const std::string& model,
                                             const std::string& processor, double otherBytes, int& count) {
  std::vector<double> rates;
  for (const Experiment& e : experiments) {
    if (e.status != "done" || e.start.model.fingerprint != model || e.start.machine.processor != processor) continue;
    const auto speed = e.metric("quantized", "decode_tokens_per_second");
    const auto bytes = e.metric("quantized", "bytes");
    if (speed && bytes && *speed > 0) rates.push_back(*speed * (*bytes + otherBytes));
  }
  count = static_cast<int>(rates.size());
  if (rates.empty()) return {};
  const auto middle = rates.begin() + static_cast<std::ptrdiff_t>(rates.size() / 2);
  std::nth_element(rates.begin(), middle, rates.end());
  return *middle;
}

double memoryBytesPerSecond() {
  const std::unique_ptr<std::uint64_t[]> memory(new (std::nothrow) std::uint64_t[kReadValues]);
  if (!memory) return 0;
  std::fill_n(memory.get(), kReadValues, 1);
  ThreadPool threads;
  double best = 0;
  std::atomic<std::uint64_t> sum{0};  // so that the reads are not left out
  for (int i = 0; i < kReads; ++i) {
    const auto start = std::chrono::steady_clock::now();
    threads.parallel_for(kReadValues, kReadValues / 64, [&](std::int64_t begin, std::int64_t end) {
      sum += std::accumulate(memory.get() + begin, memory.get() + end, std::uint64_t{0});
    });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (seconds > 0) best = std::max(best, static_cast<double>(kReadValues) * sizeof(std::uint64_t) / seconds);
  }
  return sum > 0 ? best : 0;
}

}  // namespace salient::ui
