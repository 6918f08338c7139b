// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>

#include "ui/models/error_info.h"

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  return 0;
}
