// SPDX-License-Identifier: Apache-2.0
// How tiles of 4 and 8 bits are dealt out so that everybody gets about as many bytes.
#pragma once

#include <algorithm>

namespace salient::cuda::mixed {

#if defined(__CUDACC__)
#define SALIENT_BOTH __host__ __device__
#else
#define SALIENT_BOTH
#endif

/// Both classes dealt out to `hands` in turn. An 8-bit tile weighs two 4-bit ones: where the last turn of 8-bit tiles
/// leaves hands without one, these get two 4-bit tiles each before all others.
struct Deal {
  int hands;
  int tiles8;
  int tiles4;

  /// 8-bit tiles of `hand`: hand, hand + hands, …
  [[nodiscard]] SALIENT_BOTH int count8(int hand) const { return turns(tiles8, hand); }
  [[nodiscard]] SALIENT_BOTH int count4(int hand) const {
    return early(hand) + (tiles4 > 2 * gap() ? turns(tiles4 - 2 * gap(), hand) : 0);
  }
  [[nodiscard]] SALIENT_BOTH int count(int hand) const { return count8(hand) + count4(hand); }
  /// The 4-bit tile that `hand` gets as number `index`.
  [[nodiscard]] SALIENT_BOTH int tile4(int hand, int index) const { return tile4(hands, tiles8 % hands, hand, index); }
  /// The same without a division. `odd`: tiles8 % hands.
  [[nodiscard]] SALIENT_BOTH static int tile4(int hands, int odd, int hand, int index) {
    const int in_turn = hands - odd;  // hands that get two early ones
    if (hand < odd) return 2 * in_turn + index * hands + hand;
    return index < 2 ? index * in_turn + hand - odd : 2 * in_turn + (index - 2) * hands + hand;
  }
  /// Tiles of the hand that has most.
  [[nodiscard]] int most() const {
    int count_of_most = 0;
    for (int hand = 0; hand < hands; ++hand)
      count_of_most = std::max(count_of_most, count(hand));
    return count_of_most;
  }
  /// Weight of the hand whose tiles weigh most, a 4-bit tile weighing 1.
  [[nodiscard]] int heaviest() const {
    int most_weight = 0;
    for (int hand = 0; hand < hands; ++hand)
      most_weight = std::max(most_weight, 2 * count8(hand) + count4(hand));
    return most_weight;
  }

 private:
  [[nodiscard]] SALIENT_BOTH int turns(int tiles, int hand) const {
    return tiles > hand ? (tiles - hand + hands - 1) / hands : 0;
  }
  /// Hands that the last turn of 8-bit tiles left out.
  [[nodiscard]] SALIENT_BOTH int gap() const { return tiles8 % hands > 0 ? hands - tiles8 % hands : 0; }
  [[nodiscard]] SALIENT_BOTH int early(int hand) const {
    const int at = hand - tiles8 % hands;
    if (gap() == 0 || at < 0) return 0;
    return (at < tiles4 ? 1 : 0) + (at + gap() < tiles4 ? 1 : 0);
  }
};

#undef SALIENT_BOTH

}  // namespace salient::cuda::mixed
