// SPDX-License-Identifier: Apache-2.0
// Needs no GPU: who gets which tiles of a product.
#include "cuda/kernels/mixed_deal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace salient::cuda::mixed {
namespace {

TEST(MixedDeal, EveryTileOnceAndEqualBytes) {
  for (const int hands : {1, 2, 3, 4, 7, 16, 33, 132}) {
    for (const int tiles8 : {0, 1, 2, 3, 4, 6, 7, 16, 46, 200}) {
      for (const int tiles4 : {0, 1, 2, 5, 30, 59, 88, 404}) {
        SCOPED_TRACE(std::to_string(tiles8) + " and " + std::to_string(tiles4) + " tiles to " + std::to_string(hands));
        const Deal deal{hands, tiles8, tiles4};
        std::vector<int> got8, got4, weights;
        int most = 0;
        for (int hand = 0; hand < hands; ++hand) {
          for (int i = 0; i < deal.count8(hand); ++i)
            got8.push_back(hand + i * hands);
          for (int i = 0; i < deal.count4(hand); ++i)
            got4.push_back(deal.tile4(hand, i));
          weights.push_back(2 * deal.count8(hand) + deal.count4(hand));
          most = std::max(most, deal.count(hand));
        }
        const auto expect_all = [](std::vector<int> got, int count) {
          std::sort(got.begin(), got.end());
          std::vector<int> all;
          for (int i = 0; i < count; ++i)
            all.push_back(i);
          EXPECT_EQ(got, all);
        };
        expect_all(got8, tiles8);
        expect_all(got4, tiles4);
        EXPECT_EQ(deal.most(), most);
        EXPECT_EQ(deal.heaviest(), *std::max_element(weights.begin(), weights.end()));
        // An 8-bit tile is never cut, so that two 4-bit ones may be missing.
        EXPECT_LE(*std::max_element(weights.begin(), weights.end()) - *std::min_element(weights.begin(), weights.end()),
                  2);
      }
    }
  }
}

}  // namespace
}  // namespace salient::cuda::mixed
