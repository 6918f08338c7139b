// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCommandLineParser>
#include <cstdio>

#include "core/base/system.h"
#include "ui/models/session.h"
#include "ui/views/appearance.h"
#include "ui/views/icons.h"
#include "ui/views/language.h"
#include "ui/views/window_keeper.h"

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Arguments", text);
}

void name() {
  QCoreApplication::setOrganizationName(QStringLiteral("salient"));
  QCoreApplication::setApplicationName(QStringLiteral("salient-studio"));
  QCoreApplication::setApplicationVersion(QString::fromUtf8(salient::program_version()));
}

class Arguments {
 public:
  Arguments() {
    parser_.setApplicationDescription(
        tr("The studio of Salient: what each layer of a language model costs in 4 and 8 bit, and what it buys."));
    parser_.addPositionalArgument(QStringLiteral("MODEL_DIR"),
                                  tr("A model to open: a directory in Hugging Face's layout. Scores, an experiment "
                                     "file or a calibration text are taken as well."),
                                  QStringLiteral("[MODEL_DIR]"));
    parser_.addOptions({help_, version_, experiments_, sample_});
  }

  /// Help and version are for machines without a display, too: before the QApplication.
  void answerWithoutWindow(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    name();
    parser_.parse(QCoreApplication::arguments());  // what is wrong with them is told later
    if (parser_.isSet(help_)) parser_.showHelp();
    if (parser_.isSet(version_)) parser_.showVersion();
  }

  /// False, with a line on standard error, for arguments that make no sense.
  [[nodiscard]] bool read(const QStringList& arguments) {
    QString problem;
    if (!parser_.parse(arguments)) {
      problem = parser_.errorText();
    } else if (parser_.positionalArguments().size() > 1) {
      problem = tr("One model at a time.");
    }
    if (problem.isEmpty()) return true;
    std::fprintf(stderr, "salient-studio: %s\n%s\n", qPrintable(problem),
                 qPrintable(tr("--help shows what can be given.")));
    return false;
  }

  [[nodiscard]] QString experiments() const { return parser_.value(experiments_); }
  [[nodiscard]] bool sample() const { return parser_.isSet(sample_); }
  [[nodiscard]] QString path() const { return parser_.positionalArguments().value(0); }

 private:
  QCommandLineParser parser_;
  QCommandLineOption help_{{QStringLiteral("h"), QStringLiteral("help")}, tr("Show this and end.")};
  QCommandLineOption version_{{QStringLiteral("v"), QStringLiteral("version")}, tr("Show the version and end.")};
  QCommandLineOption experiments_{QStringLiteral("experiments"),
                                  tr("The experiment file to work with; made where it does not exist. By default "
                                     "experiments.db in $XDG_DATA_HOME/salient."),
                                  QStringLiteral("FILE")};
  QCommandLineOption sample_{QStringLiteral("sample"),
                             tr("Open the sample model that comes with Salient and its texts. With MODEL_DIR: that "
                                "model, with the sample's texts and its short settings.")};
};

}  // namespace

int main(int argc, char** argv) {
  using namespace salient::ui;
  Arguments().answerWithoutWindow(argc, argv);
  QApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
  QApplication application(argc, argv);
  name();
  QApplication::setApplicationDisplayName(QStringLiteral("Salient"));
  QApplication::setDesktopFileName(QStringLiteral("salient-studio"));
  QApplication::setWindowIcon(applicationIcon());
  installLanguage(savedLanguage());
  Arguments arguments;
  if (!arguments.read(QApplication::arguments())) return 2;

  applyAppearance(savedAppearance());
  SessionOptions options;
  options.experiments = arguments.experiments();
  Session session(options);
  const WindowKeeper keeper(session);
  const QString path = arguments.path();
  if (arguments.sample() && path.isEmpty()) session.openSample();
  if (arguments.sample() && !path.isEmpty()) session.takeSampleTexts();
  if (!path.isEmpty()) session.openPath(path);
  return QApplication::exec();
}
