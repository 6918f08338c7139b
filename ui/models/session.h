// SPDX-License-Identifier: GPL-3.0-or-later
// What the studio works on: one model, its scores, the recipe being edited, the jobs, the experiments. Pages know the
// session and not each other. Files of strangers are read by the worker (inspect), not here; scores are this program's
// own files and are read in the background by core.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QThreadPool>
#include <QTimer>
#include <memory>

#include "ui/models/error_info.h"
#include "ui/models/job_queue.h"
#include "ui/models/recipe_document.h"
#include "ui/models/worker_client.h"

class QFileSystemWatcher;

namespace salient {
struct SalienceScores;
}

namespace salient::ui {

/// Names of pages for Session::requestPage and MainWindow.
namespace page {
inline constexpr auto start = "start";
inline constexpr auto model = "model";
inline constexpr auto search = "search";
inline constexpr auto salience = "salience";
inline constexpr auto budget = "budget";
inline constexpr auto tradeoff = "tradeoff";
inline constexpr auto playground = "playground";
inline constexpr auto exporting = "export";
inline constexpr auto jobs = "jobs";
}  // namespace page

struct SessionOptions {
  QString experiments;  ///< the SQLite file; empty = the one in the data directory
  QString program;      ///< the salient executable; empty = WorkerClient::findProgram()
  QString stateDir;     ///< queue and logs; empty = $XDG_STATE_HOME/salient
  QString dataDir;      ///< scores and packed models by default; empty = $XDG_DATA_HOME/salient
};

class Session : public QObject {
  Q_OBJECT
 public:
  explicit Session(const SessionOptions& options, QObject* parent = nullptr);
  ~Session() override;

  /// Whatever was dropped or named: a model's directory (or a file in it), a scores file, an experiment file, or a
  /// text, which becomes the calibration text. Looked at in the background; what it cannot be is told by refused().
  void openPath(const QString& path);
  void openSample();  ///< with takeSampleTexts()
  /// The sample's texts and, where nothing was chosen yet, settings that take a minute.
  void takeSampleTexts();

  // The model
  void openModel(const QString& directory);  ///< → modelOpened or modelRefused
  [[nodiscard]] bool hasModel() const { return !inspect_.isEmpty(); }
  [[nodiscard]] bool isPacked() const { return inspect_.value(QLatin1String("format")) == QLatin1String("packed"); }
  /// Whether a search can begin; if not, why in words: no model, or one that is packed already.
  [[nodiscard]] bool isSearchable() const { return hasModel() && !isPacked(); }
  [[nodiscard]] QString whyNotSearchable() const;
  [[nodiscard]] const QString& modelPath() const { return modelPath_; }
  [[nodiscard]] QString modelName() const;                               ///< the directory's name
  [[nodiscard]] const QJsonObject& inspect() const { return inspect_; }  ///< result of the operation `inspect`

  // Scores
  void openScores(const QString& file);  ///< in the background → scoresChanged or scoresRefused
  [[nodiscard]] std::shared_ptr<const SalienceScores> scores() const { return scores_; }
  [[nodiscard]] const QString& scoresFile() const { return scoresFile_; }
  /// Where a search of the open model keeps its scores: the same for the same model and search options.
  [[nodiscard]] QString defaultScoresFile() const;
  [[nodiscard]] QString defaultOutput(const QString& name) const;  ///< a directory for a packed model

  [[nodiscard]] QString calibrationText() const { return calibration_; }
  [[nodiscard]] QString evaluationText() const { return evaluation_; }
  [[nodiscard]] const QString& jsonKey() const { return jsonKey_; }  ///< of .jsonl lines: json_key
  void setJsonKey(const QString& key);                               ///< empty: "text"
  /// Where to compute: the keys device and threads of a request. Kept in the settings; the job queue fills them in.
  [[nodiscard]] QJsonObject computeKeys() const;
  void setDevice(const QString& device);  ///< "cpu", "cuda:0"
  void setThreads(int threads);           ///< 0: all cores
  void setCalibrationText(const QString& file);
  void setEvaluationText(const QString& file);

  [[nodiscard]] RecipeDocument& recipe() { return recipe_; }
  [[nodiscard]] JobQueue& jobs() { return *jobs_; }
  /// For questions answered at once: inspect, preflight, tokenize, allocate; not for jobs.
  [[nodiscard]] WorkerClient& helper() { return *helper_; }
  [[nodiscard]] const QString& experimentsFile() const { return experiments_; }
  void openExperiments(const QString& file);  ///< in the background → experimentsChanged or refused
  [[nodiscard]] const QString& program() const { return program_; }
  [[nodiscard]] const QString& dataDirectory() const { return dataDir_; }

  [[nodiscard]] static QString sampleDirectory();  ///< the bundled sample: beside the program, or the source tree's

  void requestPage(const QString& name) { emit pageRequested(name); }
  void notifyExperiments() { emit experimentsChanged(); }
  void announce(const QString& text) { emit announced(text); }  ///< a line in the status bar
  /// A notice that offers to open `file`, a report for instance, and its folder.
  void announceFile(const QString& text, const QString& file) { emit fileAnnounced(text, file); }

 signals:
  void modelOpening(const QString& directory);
  void modelOpened();
  void modelRefused(const salient::ui::ErrorInfo& error);
  void scoresChanged();
  void scoresRefused(const salient::ui::ErrorInfo& error);
  void textsChanged();
  void deviceChanged();
  void refused(const salient::ui::ErrorInfo& error);  ///< by openPath and openExperiments
  /// A job, another program or a page (through Session::notifyExperiments) changed the file, or it is another file.
  void experimentsChanged();
  void pageRequested(const QString& name);
  void announced(const QString& text);
  void fileAnnounced(const QString& text, const QString& file);

 private:
  void modelAnswered(const QString& directory, const QJsonObject& result);
  void jobEnded(qint64 id);
  void watchExperiments();
  void computeChanged();

  QString modelPath_;
  QJsonObject inspect_;
  QString scoresFile_;
  std::shared_ptr<const SalienceScores> scores_;
  QString calibration_;
  QString evaluation_;
  QString jsonKey_;
  QString device_;
  int threads_ = 0;
  QString experiments_;
  QString program_;
  QString dataDir_;
  RecipeDocument recipe_;
  std::unique_ptr<JobQueue> jobs_;
  std::unique_ptr<WorkerClient> helper_;
  WorkerClient::Id opening_ = 0;  ///< the inspect under way
  QString openingPath_;
  qint64 loading_ = 0;  ///< counts openScores(): only the newest one's scores are taken
  QFileSystemWatcher* watcher_ = nullptr;
  QTimer experimentsTimer_;  ///< gathers changes that follow each other closely
  QThreadPool pool_;         ///< ends before the rest
};

}  // namespace salient::ui
