// SPDX-License-Identifier: Apache-2.0
// Timing the mixed-precision product of a device beside 16-bit products of its vendor's library: what
// Backend::time_products is asked for and answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/compute/folded_scales.h"

namespace salient {

struct ProductTimingOptions {
  struct Shape {
    std::int64_t rows = 0;  ///< N
    std::int64_t cols = 0;  ///< K
  };
  std::vector<Shape> shapes;
  std::vector<double> percents;      ///< of the rows in 8 bit
  std::vector<std::int64_t> tokens;  ///< M
  std::vector<ScaleMode> modes;
  std::int64_t group = 128;
};

struct ProductTiming {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  double percent = 0;
  std::int64_t tokens = 0;
  ScaleMode mode = ScaleMode::exact;
  bool copied = false;          ///< exact, with a copy of the weights in 8 bits that long prompts read
  std::string kernel;           ///< which one, and its shape
  double seconds = 0;           ///< of a product; activations are rounded already
  double half_seconds = 0;      ///< of the fp16 product in the same process
  double speedup = 0;           ///< half_seconds / seconds
  double terabytes = 0;         ///< weight bytes read a second / 10¹²
  double teraoperations = 0;    ///< 2·M·N·K a second / 10¹²
  double share = 0;             ///< of the larger of two floors: weights at the measured read rate, int8 at its peak
  double rounding_seconds = 0;  ///< of rounding the activations
};

struct ProductTimings {
  std::string device;
  std::string driver;              ///< CUDA version the driver supports
  std::string toolkit;             ///< CUDA version compiled with
  double read_terabytes = 0;       ///< measured
  double peak_teraoperations = 0;  ///< int8 by clock and architecture
  std::vector<ProductTiming> rows;
};

}  // namespace salient
