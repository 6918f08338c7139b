-- SPDX-License-Identifier: Apache-2.0
-- Later evaluations say how the packed product treated its scales (core/compute/folded_scales.h), and evaluations in
-- different modes stand side by side. The tables are made anew, because what is unique changes; children go first, so
-- that dropping the parent deletes nothing.

CREATE TABLE later_evaluations_3 (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  created TEXT NOT NULL,
  text_id INTEGER NOT NULL REFERENCES texts (id),
  length INTEGER NOT NULL,
  windows INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  scales TEXT NOT NULL CHECK (scales IN ('exact', 'folded', 'folded-token')),
  reference TEXT NOT NULL,
  version TEXT NOT NULL,
  backend TEXT NOT NULL,
  UNIQUE (experiment_id, text_id, length, windows, simulated, scales, reference, version, backend)
) STRICT;

CREATE TABLE later_metrics_3 (
  evaluation_id INTEGER NOT NULL REFERENCES later_evaluations_3 (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  standard_error REAL,
  PRIMARY KEY (evaluation_id, model, name)
) STRICT;

CREATE TABLE later_window_nll_3 (
  evaluation_id INTEGER NOT NULL REFERENCES later_evaluations_3 (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  position INTEGER NOT NULL,
  nll REAL NOT NULL,
  PRIMARY KEY (evaluation_id, model, position)
) STRICT;

INSERT INTO later_evaluations_3
  SELECT id, experiment_id, created, text_id, length, windows, simulated, 'exact', reference, version, backend
  FROM later_evaluations;
INSERT INTO later_metrics_3 SELECT * FROM later_metrics;
INSERT INTO later_window_nll_3 SELECT * FROM later_window_nll;

DROP TABLE later_metrics;
DROP TABLE later_window_nll;
DROP TABLE later_evaluations;
ALTER TABLE later_evaluations_3 RENAME TO later_evaluations;
ALTER TABLE later_metrics_3 RENAME TO later_metrics;
ALTER TABLE later_window_nll_3 RENAME TO later_window_nll;
