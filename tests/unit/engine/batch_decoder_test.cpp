// SPDX-License-Identifier: Apache-2.0
// Sequences decoded together give what each gives alone.
#include "core/engine/batch_decoder.h"

#include "tests/unit/model/model_test.h"

namespace salient {
namespace {

using test::floats;
using test::relative_error;
using test::take;
using test::TinyModel;

TEST(BatchDecoder, EachSequenceAsAlone) {
  TinyModel model("qwen2-f32");
  const std::vector<std::int32_t>& ids = model.ids;
  ASSERT_GE(ids.size(), 8U);
  const auto batch = take(BatchDecoder::create(model.decoder, 3, 20));
  const std::size_t lengths[] = {4, 1, 6};
  for (std::size_t b = 0; b < 3; ++b)
    take(batch->read(static_cast<std::int64_t>(b), std::span(ids).first(lengths[b])));
  for (std::size_t step = 0; step < 2; ++step) {
    std::vector<std::int32_t> next;
    for (const std::size_t length : lengths)
      next.push_back(ids[length + step]);
    const Tensor logits = take(batch->step(next));
    for (std::size_t b = 0; b < 3; ++b) {
      const Tensor hidden = take(model.decoder.hidden(std::span(ids).first(lengths[b] + step + 1)));
      const Tensor alone = take(model.decoder.logits(hidden.row_slice(hidden.rows - 1, 1)));
      EXPECT_LT(relative_error(floats(logits.row_slice(static_cast<std::int64_t>(b), 1)), floats(alone)), 1e-5)
          << "sequence " << b << ", step " << step;
    }
  }
}

TEST(BatchDecoder, ASequenceStartsAgain) {
  TinyModel model("qwen2-f32");
  const auto batch = take(BatchDecoder::create(model.decoder, 2, 20));
  const std::vector<std::int32_t> ids(model.ids.begin(), model.ids.begin() + 5);
  take(batch->read(0, ids));
  take(batch->read(1, ids));
  const std::int32_t next[] = {ids[0], ids[0]};
  const std::vector<float> first = floats(take(batch->step(next)));
  take(batch->read(1, ids));
  EXPECT_EQ(batch->length(0), 6);
  EXPECT_EQ(batch->length(1), 5);
  const Tensor again = take(batch->step(next));
  const auto half = static_cast<std::ptrdiff_t>(first.size() / 2);
  EXPECT_EQ(floats(again.row_slice(1, 1)), std::vector<float>(first.begin() + half, first.end()));
}

TEST(BatchDecoder, RefusesWhatDoesNotFit) {
  TinyModel model("qwen2-f32");
  for (const std::int64_t sequences : {0, 257}) {
    const auto refused = BatchDecoder::create(model.decoder, sequences, 20);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::range);
  }
  const auto batch = take(BatchDecoder::create(model.decoder, 1, 2));
  const std::int32_t id = model.ids[0];
  EXPECT_FALSE(batch->read(0, std::span(model.ids).first(3)));
  EXPECT_FALSE(batch->read(1, {&id, 1}));
  EXPECT_FALSE(batch->read(0, {}));  // no token, no logits after it
  take(batch->read(0, {&id, 1}));
  take(batch->step({&id, 1}));
  const auto full = batch->step({&id, 1});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::range);
  EXPECT_EQ(batch->length(0), 2);
}

}  // namespace
}  // namespace salient
