// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/error_info.h"

#include <gtest/gtest.h>

namespace salient::ui {
namespace {

TEST(ErrorInfo, CoreErrorKeepsEveryField) {
  Error error;
  error.code = ErrorCode::disk_full;
  error.file = "/models/größe.safetensors";
  error.key = "lm_head";
  error.expected = "20 GB";
  error.found = "3 GB";
  error.advice = "free some space";
  const ErrorInfo info = ErrorInfo::from(error);
  EXPECT_EQ(info.code, QStringLiteral("disk-full"));
  EXPECT_EQ(info.file, QString::fromUtf8("/models/größe.safetensors"));
  EXPECT_EQ(info.advice, QStringLiteral("free some space"));
  EXPECT_TRUE(info.message.contains(info.found));
}

TEST(ErrorInfo, SurvivesJson) {
  const ErrorInfo info{QStringLiteral("io"),    QStringLiteral("f"),      QStringLiteral("k"),      QStringLiteral("e"),
                       QStringLiteral("found"), QStringLiteral("advice"), QStringLiteral("message")};
  const ErrorInfo back = ErrorInfo::from(info.json());
  EXPECT_EQ(back.json(), info.json());
  EXPECT_EQ(back.expected, info.expected);
}

}  // namespace
}  // namespace salient::ui
