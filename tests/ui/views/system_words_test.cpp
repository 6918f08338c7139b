// SPDX-License-Identifier: GPL-3.0-or-later
// What the system, SQLite, CUDA and Qt say themselves, in the studio's language.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <QDialogButtonBox>
#include <QHelpEvent>
#include <QKeySequence>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QSet>
#include <QTemporaryDir>
#include <QToolTip>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/experiment/store.h"
#include "tests/ui/support/waiting.h"
#include "ui/models/core_sentences.h"
#include "ui/models/error_info.h"
#include "ui/models/error_phrases_system.h"
#include "ui/models/error_sentences.h"
#include "ui/views/language.h"
#include "ui/views/path_edit.h"

namespace salient::ui {
namespace {

/// The studio speaks German as long as it lives.
class InGerman : public ::testing::Test {
 protected:
  void SetUp() override { installLanguage(QStringLiteral("de")); }
  void TearDown() override {
    installLanguage(QStringLiteral("en"));
    QLocale::setDefault(QLocale::system());
  }
};

using SystemWords = InGerman;
using QtWords = InGerman;

TEST_F(SystemWords, OfErrnoAreThoseOfTheLibrary) {
  QSet<QString> said;
  for (int number = 1; number < 134; ++number)
    if (const char* words = ::strerrordesc_np(number)) said.insert(QString::fromLatin1(words));
  for (int number = 1; number < NSIG; ++number)
    if (const char* words = ::sigdescr_np(number)) said.insert(QString::fromLatin1(words));
  for (const char* phrase : kErrorPhrasesOfSystem)
    EXPECT_TRUE(said.contains(QString::fromLatin1(phrase))) << phrase;
}

TEST_F(SystemWords, OfErrnoAreGermanInAnError) {
  for (const int number :
       {EPERM,   ENOENT,       EINTR,   EIO,       ENXIO,      EBADF,     EAGAIN, ENOMEM, EACCES,   EBUSY,  EEXIST,
        EXDEV,   ENODEV,       ENOTDIR, EISDIR,    EINVAL,     ENFILE,    EMFILE, EFBIG,  EROFS,    EMLINK, EPIPE,
        ETXTBSY, ENAMETOOLONG, ENOLCK,  ENOTEMPTY, EOPNOTSUPP, ETIMEDOUT, ESTALE, ELOOP,  EREMOTEIO}) {
    const Error error = system_error("/a/b", "open", number);
    const ErrorInfo info = ErrorInfo::from(error);
    EXPECT_NE(info.found, QString::fromStdString(error.found)) << ::strerrorname_np(number);
    EXPECT_TRUE(info.message.contains(info.found));
  }
  EXPECT_EQ(errorSentence(QStringLiteral("Permission denied")), QStringLiteral("keine Berechtigung"));
  // A full disk says how full it is.
  EXPECT_TRUE(ErrorInfo::from(system_error("/tmp/b", "write", ENOSPC)).found.contains(QStringLiteral("Bytes frei")));
  EXPECT_EQ(errorSentence(QStringLiteral("Bad message")), QStringLiteral("Bad message")) << "none of the list";
}

TEST_F(SystemWords, OfSqliteAreThoseOfTheLibrary) {
  QSet<QString> said;
  for (int code = 0; code <= SQLITE_WARNING; ++code)
    said.insert(QString::fromLatin1(sqlite3_errstr(code)));
  int codes = 0;
  for (const char* phrase : kErrorPhrasesOfSqlite) {
    if (std::strchr(phrase, '%') != nullptr || std::strstr(phrase, "FOREIGN KEY") != nullptr) continue;
    ++codes;
    EXPECT_TRUE(said.contains(QString::fromLatin1(phrase))) << phrase;
  }
  EXPECT_GT(codes, 20);
}

TEST_F(SystemWords, OfSqliteAreGermanInAnError) {
  const QTemporaryDir folder;
  const std::filesystem::path file = folder.filePath(QStringLiteral("experiments.db")).toStdString();
  {
    const auto made = Store::open(file);
    ASSERT_TRUE(made.ok());
  }
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
  const auto close = std::unique_ptr<sqlite3, int (*)(sqlite3*)>(handle, &sqlite3_close);
  const auto said = [&](const char* sql) {
    EXPECT_NE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    return errorSentence(QString::fromUtf8(sqlite3_errmsg(handle)));
  };
  EXPECT_EQ(said("SELECT * FROM nowhere"), QStringLiteral("keine Tabelle nowhere"));
  EXPECT_EQ(said("SELECT missing_one FROM experiments"), QStringLiteral("keine Spalte missing_one"));
  EXPECT_EQ(said("CREATE TABLE experiments (id)"), QStringLiteral("Tabelle experiments gibt es schon"));
  ASSERT_TRUE(write_file_durably(file, "this is text and no database, however much of it there may be").ok());
  const auto refused = Store::open(file);
  ASSERT_FALSE(refused.ok());
  const QString message = ErrorInfo::from(refused.error()).message;
  EXPECT_FALSE(message.contains(QStringLiteral("database"))) << qPrintable(message);
}

TEST_F(SystemWords, OfCudaAreGermanInAnError) {
  const auto found = [](const char* words) {
    return ErrorInfo::from(Error{ErrorCode::device, "cuda:0", "matrix product", "success", words, "please report this"})
        .found;
  };
  EXPECT_EQ(found("cudaErrorIllegalAddress: an illegal memory access was encountered"),
            QStringLiteral("cudaErrorIllegalAddress: unerlaubter Speicherzugriff"));
  EXPECT_EQ(found("cudaErrorMemoryAllocation: out of memory"),
            QStringLiteral("cudaErrorMemoryAllocation: kein Speicher mehr frei"));
  EXPECT_EQ(found("status 13: the function failed to launch on the GPU"),
            QStringLiteral("Status 13: die Funktion ließ sich auf der GPU nicht starten"));
  EXPECT_EQ(found("cudaErrorNew: never heard of"), QStringLiteral("cudaErrorNew: never heard of"));
}

/// As `salient devices` and `inspect` note it, and as the store keeps why an experiment failed.
TEST_F(SystemWords, OfAMissingGpuAreGermanInANote) {
  const Error none{
      ErrorCode::unsupported, "cuda", "device", "an NVIDIA GPU and its driver", "no CUDA-capable device is detected",
      "use --device cpu"};
  const QString note = coreSentence(QString::fromStdString(none.to_string()));
  EXPECT_EQ(note, ErrorInfo::from(none).message);
  EXPECT_TRUE(note.contains(QStringLiteral("eine NVIDIA-GPU"))) << qPrintable(note);
  EXPECT_TRUE(note.contains(QStringLiteral("keine CUDA-fähige GPU"))) << qPrintable(note);
  EXPECT_EQ(gpuNote(QString::fromStdString(none.to_string())), QStringLiteral("hier ist keine NVIDIA-GPU"));
  Error old = none;
  old.found = "CUDA driver version is insufficient for CUDA runtime version";
  EXPECT_EQ(gpuNote(QString::fromStdString(old.to_string())),
            QStringLiteral("keine NVIDIA-GPU zu gebrauchen: der CUDA-Treiber ist zu alt für diese CUDA-Laufzeit"));
  EXPECT_EQ(gpuNote(QStringLiteral("cuda: this program was built without a CUDA toolkit")),
            coreSentence(QStringLiteral("cuda: this program was built without a CUDA toolkit")));
  const Error missing{ErrorCode::not_found, "/a", "", "UTF-8 text", "none of them", "convert the text to UTF-8"};
  const QString tokenizer =
      coreSentence(QStringLiteral("no tokenizer: ") + QString::fromStdString(missing.to_string()));
  EXPECT_TRUE(tokenizer.startsWith(QStringLiteral("Kein Tokenizer: /a: "))) << qPrintable(tokenizer);
  EXPECT_FALSE(tokenizer.contains(QStringLiteral("convert"))) << qPrintable(tokenizer);
  // Not made of an error, or of nothing that is known.
  for (const char* line : {"io", "memory of a machine", "range x: expected y, found z", "a.b.c"})
    EXPECT_EQ(errorLine(QString::fromLatin1(line)), QString::fromLatin1(line));
}

TEST_F(QtWords, FollowTheStudiosLanguage) {
  const auto button = [](QDialogButtonBox::StandardButton which) {
    return QDialogButtonBox(which).button(which)->text().remove(QLatin1Char('&'));
  };
  const auto keys = [] { return QKeySequence(QStringLiteral("Ctrl+Del")).toString(QKeySequence::NativeText); };
  const auto paste = [] {
    QLineEdit edit;
    const std::unique_ptr<QMenu> menu(edit.createStandardContextMenu());
    QStringList texts;
    for (const QAction* action : menu->actions())
      texts.append(action->text().section(QLatin1Char('\t'), 0, 0).remove(QLatin1Char('&')));
    return texts;
  };
  EXPECT_EQ(button(QDialogButtonBox::Cancel), QStringLiteral("Abbrechen"))
      << "Qt's German texts: the package qt6-translations-l10n";
  EXPECT_EQ(button(QDialogButtonBox::Save), QStringLiteral("Speichern"));
  EXPECT_EQ(keys(), QStringLiteral("Strg+Entf"));
  EXPECT_TRUE(paste().contains(QStringLiteral("Einfügen"))) << qPrintable(paste().join(QLatin1Char(',')));
  installLanguage(QStringLiteral("en"));
  EXPECT_EQ(button(QDialogButtonBox::Cancel), QStringLiteral("Cancel"));
  EXPECT_EQ(keys(), QStringLiteral("Ctrl+Del"));
  EXPECT_TRUE(paste().contains(QStringLiteral("Paste")));
}

TEST(PathEditTest, ShowsBothEndsWhileNobodyTypes) {
  QWidget window;
  PathEdit edit(&window);
  QLineEdit other(&window);
  edit.resize(200, edit.sizeHint().height());
  other.move(0, 100);
  const QString path = QStringLiteral("/home/somebody/models/of/another/laboratory/with/long/names/evaluation.txt");
  edit.setText(path);
  edit.setToolTip(QStringLiteral("What it is for"));
  other.setFocus();
  window.show();
  ASSERT_TRUE(QTest::qWaitForWindowExposed(&window));
  EXPECT_TRUE(edit.shown().startsWith(QStringLiteral("/home"))) << qPrintable(edit.shown());
  EXPECT_TRUE(edit.shown().endsWith(QStringLiteral("evaluation.txt"))) << qPrintable(edit.shown());
  const QImage elided = edit.grab().toImage();
  const QPoint middle = edit.rect().center();
  QHelpEvent help(QEvent::ToolTip, middle, edit.mapToGlobal(middle));
  QApplication::sendEvent(&edit, &help);
  EXPECT_EQ(QToolTip::text(), path + QStringLiteral("\n\nWhat it is for"));
  window.activateWindow();
  edit.setFocus();
  ASSERT_TRUE(waitFor([&] { return edit.hasFocus(); }));
  EXPECT_EQ(edit.shown(), path);
  EXPECT_NE(edit.grab().toImage(), elided);
  edit.setText(QStringLiteral("/a.txt"));
  other.setFocus();
  EXPECT_EQ(edit.shown(), QStringLiteral("/a.txt"));
}

}  // namespace
}  // namespace salient::ui
