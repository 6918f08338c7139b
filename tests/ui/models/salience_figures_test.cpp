// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/salience_figures.h"

#include <gtest/gtest.h>

#include <QTemporaryDir>
#include <cmath>
#include <numeric>

#include "core/checkpoint/checkpoint.h"
#include "core/quant/quantized_rows.h"
#include "ui/models/feature_reader.h"

namespace salient::ui {
namespace {

SalienceScores scores() {
  SalienceScores made;
  made.linears.push_back({{0, LinearKind::q}, 4, 8, {1, 100, 0, 10}});
  made.linears.push_back({{0, LinearKind::k}, 2, 8, {10, 1000}});
  return made;
}

TEST(Histogram, CountsEveryValueOnceAndTheGreatestInTheLastBin) {
  const std::vector<float> values{-1, -0.5F, 0, 0.49F, 1};
  const Histogram h = histogram(values, 4);
  EXPECT_EQ(h.low, -1);
  EXPECT_EQ(h.high, 1);
  EXPECT_EQ(h.counts, (std::vector<std::int64_t>{1, 1, 2, 1}));
  EXPECT_DOUBLE_EQ(h.start(2), 0);
  EXPECT_EQ(h.bin(-7), 0U);
  EXPECT_EQ(h.bin(7), 3U);
}

TEST(Histogram, EqualValuesAndNoneAreNoProblem) {
  EXPECT_EQ(histogram(std::vector<float>{2, 2, 2}, 8).counts, std::vector<std::int64_t>{3});
  EXPECT_TRUE(histogram(std::vector<float>{}, 8).counts.empty());
  EXPECT_TRUE(logHistogram(std::vector<double>{0, 0}, 8).counts.empty());
}

TEST(LinearOrder, PutsTheGreatestFirstAndTheLowerRowOfEqualOnes) {
  const LinearOrder order = orderOf({{0, LinearKind::q}, 5, 8, {1, 100, 0, 10, 10}});
  EXPECT_EQ(order.rows, (std::vector<std::uint32_t>{1, 3, 4, 0, 2}));
  EXPECT_EQ(order.scores, (std::vector<double>{100, 10, 10, 1, 0}));
  EXPECT_EQ(order.zeros, 1);
  EXPECT_EQ(order.distribution.low, 0);
  EXPECT_EQ(order.distribution.high, 2);
  EXPECT_EQ(std::accumulate(order.distribution.counts.begin(), order.distribution.counts.end(), std::int64_t{0}), 4);
}

TEST(FeaturePlace, CountsAmongAllFeaturesOfTheModel) {
  const FeaturePlace place = placeOf(scores(), 0, 3);
  EXPECT_EQ(place.score, 10);
  EXPECT_EQ(place.rank, 3) << "100 and 1000 are greater";
  EXPECT_EQ(place.features, 6);
  EXPECT_EQ(place.rankInLinear, 2);
  EXPECT_EQ(place.rows, 4);
  EXPECT_DOUBLE_EQ(place.percentile, 40) << "0 and 1 of the five others are smaller";
  EXPECT_EQ(place.distribution.high, 3);
}

TEST(FeatureReader, ReadsTheRowAndItsScales) {
  FeatureReader reader;
  const QString sample = QStringLiteral(SALIENT_RESOURCES "/sample");
  const LinearScores linear{{2, LinearKind::down}, 256, 768, std::vector<double>(256)};
  const auto feature = reader.read(sample, linear, 17, 128);
  ASSERT_TRUE(feature) << feature.error().to_string();
  ASSERT_EQ(feature->weights.size(), 768U);
  std::vector<float> expected(768);
  const auto checkpoint = Checkpoint::open(sample.toStdString());
  ASSERT_TRUE(checkpoint);
  ASSERT_TRUE(checkpoint->read_f32("model.layers.2.mlp.down_proj.weight", 17, expected));
  EXPECT_EQ(feature->weights, expected);
  ASSERT_EQ(feature->scales4.size(), 6U);
  ASSERT_EQ(feature->scales8.size(), 6U);
  const auto [low, high] = std::minmax_element(expected.begin() + 128, expected.begin() + 256);
  EXPECT_NEAR(feature->scales4[1], (*high - *low) / 15, 1e-3 * feature->scales4[1]);
  EXPECT_NEAR(feature->scales8[1], std::max(std::fabs(*low), std::fabs(*high)) / 127, 1e-3 * feature->scales8[1]);
  EXPECT_EQ(std::accumulate(feature->distribution.counts.begin(), feature->distribution.counts.end(), std::int64_t{0}),
            768);
}

TEST(FeatureReader, AnswersWithErrorsAsValues) {
  FeatureReader reader;
  const QString sample = QStringLiteral(SALIENT_RESOURCES "/sample");
  const auto shape = reader.read(sample, {{0, LinearKind::q}, 255, 256, std::vector<double>(255)}, 0, 128);
  ASSERT_FALSE(shape);
  EXPECT_EQ(shape.error().code, ErrorCode::mismatch);
  EXPECT_EQ(shape.error().expected, "[255, 256]");
  const auto missing = reader.read(sample, {{6, LinearKind::q}, 256, 256, std::vector<double>(256)}, 0, 128);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  const auto nowhere = reader.read(QStringLiteral("/nowhere"), {{0, LinearKind::q}, 256, 256, {}}, 0, 128);
  ASSERT_FALSE(nowhere);
}

TEST(Labels, NameLinearsForPeople) {
  EXPECT_EQ(linearLabel({3, LinearKind::down}), QStringLiteral("Layer 3 · down_proj"));
}

}  // namespace
}  // namespace salient::ui
