// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as people read them: in the locale's spelling and with their unit.
#pragma once

#include <QString>
#include <cstdint>

namespace salient::ui::numbers {

[[nodiscard]] QString count(std::int64_t value);                  ///< "4,915,200"
[[nodiscard]] QString percent(double value, int decimals = 1);    ///< "12.5 %"; `value` is 12.5
[[nodiscard]] QString bits(double value);                         ///< "4.53 bits"
[[nodiscard]] QString bytes(double value);                        ///< "812 B", "4.93 GiB"
[[nodiscard]] QString nats(double value);                         ///< "0.0123 nats"
[[nodiscard]] QString rate(double tokensPerSecond);               ///< "37.2 tokens/s"
[[nodiscard]] QString significant(double value, int digits = 4);  ///< "0.001234", "12.35", "1.2 × 10⁻⁹"
/// "10.384 ± 0.587": two digits of the standard error, as many decimals of the value, `least` at least.
[[nodiscard]] QString withError(double value, double error, int least);
[[nodiscard]] QString fixed(double value, int decimals);  ///< "9.843"

[[nodiscard]] QString powerOfTen(int exponent);  ///< "10⁻⁶"

}  // namespace salient::ui::numbers
