// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/session.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QFileSystemWatcher>
#include <QJsonDocument>

#include "core/base/system.h"
#include "core/experiment/store.h"
#include "core/search/scores.h"
#include "ui/models/recent.h"
#include "ui/models/settings.h"

namespace salient::ui {
namespace {

constexpr int kGatherMilliseconds = 300;

QString homePath(const char* variable, const char* fallback) {
  const QString given = qEnvironmentVariable(variable);
  return (given.isEmpty() ? QDir::homePath() + QLatin1String(fallback) : given) + QStringLiteral("/salient");
}

std::filesystem::path nativePath(const QString& path) {
  return QFile::encodeName(path).toStdString();
}

QString fromNative(const std::filesystem::path& path) {
  return QFile::decodeName(path.c_str());
}

QString shortHash(const QByteArray& bytes) {
  return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex().left(12));
}

QString scoresKey(const QString& model) {
  return QStringLiteral("scores/") + shortHash(model.toUtf8());
}

enum class PathKind { model, scores, experiments, text, unknown };

/// By content where that decides, by name otherwise. Touches the disk.
PathKind classify(const QFileInfo& info) {
  if (info.isDir()) return PathKind::model;
  QFile file(info.filePath());
  if (!info.isFile() || !file.open(QIODevice::ReadOnly)) return PathKind::unknown;
  if (file.read(16) == QByteArray("SQLite format 3\0", 16)) return PathKind::experiments;
  const QString name = info.fileName();
  const bool inModel = QFileInfo::exists(info.dir().filePath(QStringLiteral("config.json")));
  if (inModel && (name.endsWith(QLatin1String(".safetensors")) || name.endsWith(QLatin1String("config.json")) ||
                  name.endsWith(QLatin1String(".index.json")))) {
    return PathKind::model;
  }
  if (name.endsWith(QLatin1String(".scores")) || name.endsWith(QLatin1String(".safetensors"))) return PathKind::scores;
  for (const char* suffix : {".txt", ".jsonl", ".ndjson", ".json", ".gz"}) {
    if (name.endsWith(QLatin1String(suffix))) return PathKind::text;
  }
  return PathKind::unknown;
}

/// The scores file says which weights it belongs to by their hash, which takes reading them all; the worker does that
/// before it uses the scores. Here it is enough that the shapes agree.
bool scoresFit(const SalienceScores& scores, const QJsonObject& inspect) {
  return scores.features() == inspect.value(QLatin1String("features")).toInteger();
}

}  // namespace

Session::Session(const SessionOptions& options, QObject* parent) : QObject(parent) {
  program_ = options.program.isEmpty() ? WorkerClient::findProgram() : options.program;
  experiments_ = options.experiments.isEmpty() ? fromNative(default_store_path()) : options.experiments;
  experiments_ = QFileInfo(experiments_).absoluteFilePath();
  if (!options.experiments.isEmpty()) recent::add(recent::experiments, experiments_);
  dataDir_ = options.dataDir.isEmpty() ? fromNative(data_directory()) : options.dataDir;
  const QString state = options.stateDir.isEmpty() ? homePath("XDG_STATE_HOME", "/.local/state") : options.stateDir;
  calibration_ = settings::value(QStringLiteral("texts/calibration")).toString();
  evaluation_ = settings::value(QStringLiteral("texts/evaluation")).toString();
  jsonKey_ = settings::value(QStringLiteral("texts/jsonKey"), QStringLiteral("text")).toString();
  device_ = settings::value(QStringLiteral("compute/device"), QStringLiteral("cpu")).toString();
  threads_ = settings::value(QStringLiteral("compute/threads"), 0).toInt();

  jobs_ = std::make_unique<JobQueue>(state, program_);
  jobs_->setComputeKeys(computeKeys());
  connect(jobs_.get(), &JobQueue::jobEnded, this, &Session::jobEnded);
  helper_ = std::make_unique<WorkerClient>(program_);
  connect(helper_.get(), &WorkerClient::done, this, [this](WorkerClient::Id id, const QJsonObject& result) {
    if (id == opening_) modelAnswered(openingPath_, result);
  });
  connect(helper_.get(), &WorkerClient::failed, this, [this](WorkerClient::Id id, const ErrorInfo& error) {
    if (id != opening_) return;
    opening_ = 0;
    recent::remove(recent::models, openingPath_);
    emit modelRefused(error);
  });

  watcher_ = new QFileSystemWatcher(this);
  experimentsTimer_.setSingleShot(true);
  experimentsTimer_.setInterval(kGatherMilliseconds);
  connect(watcher_, &QFileSystemWatcher::fileChanged, &experimentsTimer_, qOverload<>(&QTimer::start));
  connect(&experimentsTimer_, &QTimer::timeout, this, &Session::experimentsChanged);
  connect(this, &Session::experimentsChanged, this, &Session::watchExperiments);
  watchExperiments();
}

Session::~Session() {
  pool_.waitForDone();
  settings::flush();
}

QString Session::sampleDirectory() {
  const QDir beside(QCoreApplication::applicationDirPath());
  const QString installed = beside.filePath(QStringLiteral("../share/salient/sample"));
  if (QFileInfo::exists(installed)) return QDir::cleanPath(installed);
  return QStringLiteral(SALIENT_SOURCE_RESOURCES "/sample");
}

// What was named

void Session::openPath(const QString& path) {
  pool_.start([this, path] {
    const QFileInfo info(path);
    const PathKind kind = classify(info);
    const QString full = info.absoluteFilePath();
    const QString model = info.isDir() ? full : info.absolutePath();
    QMetaObject::invokeMethod(
        this,
        [this, kind, full, model] {
          switch (kind) {
            case PathKind::model: return openModel(model);
            case PathKind::scores: return openScores(full);
            case PathKind::experiments: return openExperiments(full);
            case PathKind::text:
              setCalibrationText(full);
              announce(tr("%1 is the calibration text now").arg(QFileInfo(full).fileName()));
              return requestPage(QLatin1String(page::search));
            case PathKind::unknown: break;
          }
          ErrorInfo error;
          error.code = QStringLiteral("unsupported");
          error.file = full;
          error.expected = tr("a model's directory, a scores file, an experiment file or a text (.txt, .jsonl)");
          error.found = tr("something else, or nothing that can be read");
          error.advice = tr("A model is a directory with config.json, *.safetensors and the tokenizer's files.");
          error.message = tr("%1: expected %2, found %3").arg(full, error.expected, error.found);
          emit refused(error);
        },
        Qt::QueuedConnection);
  });
}

void Session::openSample() {
  takeSampleTexts();
  openModel(sampleDirectory());
}

void Session::takeSampleTexts() {
  const QDir sample(sampleDirectory());
  setCalibrationText(sample.filePath(QStringLiteral("calibration.txt")));
  setEvaluationText(sample.filePath(QStringLiteral("evaluation.txt")));
  if (recipe_.values() == RecipeDocument::defaults()) {
    QJsonObject values = recipe_.values();
    values.insert(QStringLiteral("samples"), 32);
    values.insert(QStringLiteral("length"), 512);
    recipe_.replace(values, tr("Settings of the sample"));
  }
}

// The model

void Session::openModel(const QString& directory) {
  openingPath_ = QDir::cleanPath(QFileInfo(directory).absoluteFilePath());
  if (opening_ != 0) helper_->cancel(opening_);
  opening_ = helper_->submit({{"op", "inspect"}, {"model", openingPath_}});
  emit modelOpening(openingPath_);
}

void Session::modelAnswered(const QString& directory, const QJsonObject& result) {
  opening_ = 0;
  modelPath_ = directory;
  inspect_ = result;
  recent::add(recent::models, directory);
  const bool keep = scores_ && scoresFit(*scores_, inspect_);
  if (!keep) {
    scores_.reset();
    scoresFile_.clear();
    ++loading_;
  }
  emit modelOpened();
  if (keep) return;
  emit scoresChanged();
  const QString last = settings::value(scoresKey(directory)).toString();
  for (const QString& file : {last, defaultScoresFile()}) {
    if (file.isEmpty() || !QFileInfo::exists(file)) continue;
    openScores(file);
    break;
  }
}

QString Session::modelName() const {
  return QFileInfo(modelPath_).fileName();
}

QString Session::whyNotSearchable() const {
  return hasModel() ? tr("%1 is packed already. The search needs the 16-bit model it was made from.").arg(modelName())
                    : tr("There is no model to search yet.");
}

// Scores and files made from the model

QString Session::defaultScoresFile() const {
  QJsonObject made = recipe_.requestKeys(QStringLiteral("search"));
  made.insert(QStringLiteral("model"), modelPath_);
  made.insert(QStringLiteral("calibration"), calibration_);
  made.insert(QStringLiteral("json_key"), jsonKey_);
  const QString hash = shortHash(QJsonDocument(made).toJson(QJsonDocument::Compact));
  return QStringLiteral("%1/scores/%2-%3.scores").arg(dataDir_, modelName(), hash);
}

QString Session::defaultOutput(const QString& name) const {
  return QStringLiteral("%1/models/%2-%3").arg(dataDir_, modelName(), name);
}

void Session::openScores(const QString& file) {
  const qint64 number = ++loading_;
  pool_.start([this, number, file] {
    auto loaded = load_scores(nativePath(file));
    std::shared_ptr<const SalienceScores> scores;
    ErrorInfo error;
    if (loaded) {
      scores = std::make_shared<const SalienceScores>(*std::move(loaded));
    } else {
      error = ErrorInfo::from(loaded.error());
    }
    QMetaObject::invokeMethod(
        this,
        [this, number, file, scores, error] {
          if (number != loading_) return;
          if (!scores) return emit scoresRefused(error);
          if (hasModel() && !scoresFit(*scores, inspect_)) {
            ErrorInfo other;
            other.code = QStringLiteral("mismatch");
            other.file = file;
            other.expected = tr("scores of %1").arg(modelName());
            other.found = tr("scores of a model with other shapes");
            other.advice = tr("Open the model they belong to, or search this one.");
            other.message = tr("%1: expected %2, found %3").arg(file, other.expected, other.found);
            return emit scoresRefused(other);
          }
          scores_ = scores;
          scoresFile_ = file;
          if (hasModel()) settings::set(scoresKey(modelPath_), file);
          emit scoresChanged();
        },
        Qt::QueuedConnection);
  });
}

// Texts

void Session::setCalibrationText(const QString& file) {
  if (calibration_ == file) return;
  calibration_ = file;
  settings::set(QStringLiteral("texts/calibration"), file);
  emit textsChanged();
}

void Session::setEvaluationText(const QString& file) {
  if (evaluation_ == file) return;
  evaluation_ = file;
  settings::set(QStringLiteral("texts/evaluation"), file);
  emit textsChanged();
}

void Session::setJsonKey(const QString& key) {
  const QString name = key.isEmpty() ? QStringLiteral("text") : key;
  if (jsonKey_ == name) return;
  jsonKey_ = name;
  settings::set(QStringLiteral("texts/jsonKey"), name);
  emit textsChanged();
}

// Where to compute

QJsonObject Session::computeKeys() const {
  return {{"device", device_}, {"threads", threads_}};
}

void Session::computeChanged() {
  jobs_->setComputeKeys(computeKeys());
  emit deviceChanged();
}

void Session::setDevice(const QString& device) {
  if (device.isEmpty() || device == device_) return;
  device_ = device;
  settings::set(QStringLiteral("compute/device"), device);
  computeChanged();
}

void Session::setThreads(int threads) {
  if (threads == threads_) return;
  threads_ = threads;
  settings::set(QStringLiteral("compute/threads"), threads);
  computeChanged();
}

// Jobs and experiments

void Session::jobEnded(qint64 id) {
  const JobRecord* job = jobs_->find(id);
  if (job == nullptr) return;
  if (job->operation() != QLatin1String("search")) emit experimentsChanged();
  const QString scores = job->request.value(QLatin1String("scores")).toString();
  const bool madeHere = job->request.value(QLatin1String("model")).toString() == modelPath_;
  const bool makesScores = job->operation() == QLatin1String("search") || job->operation() == QLatin1String("run");
  if (job->state == JobRecord::State::done && makesScores && madeHere && !scores.isEmpty()) openScores(scores);
}

void Session::openExperiments(const QString& file) {
  pool_.start([this, file] {
    const auto store = Store::open(nativePath(file));
    const ErrorInfo error = store ? ErrorInfo() : ErrorInfo::from(store.error());
    QMetaObject::invokeMethod(
        this,
        [this, file, error] {
          if (!error.code.isEmpty()) return emit refused(error);
          recent::add(recent::experiments, experiments_);  // the way back, also to the one that nobody named
          experiments_ = file;
          recent::add(recent::experiments, file);
          emit experimentsChanged();
          requestPage(QLatin1String(page::tradeoff));
        },
        Qt::QueuedConnection);
  });
}

void Session::watchExperiments() {
  const QStringList watched = watcher_->files();
  if (watched == QStringList{experiments_}) return;
  if (!watched.isEmpty()) watcher_->removePaths(watched);
  if (QFileInfo::exists(experiments_)) watcher_->addPath(experiments_);
}

}  // namespace salient::ui
