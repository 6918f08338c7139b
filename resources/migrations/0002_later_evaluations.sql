-- SPDX-License-Identifier: Apache-2.0
-- Evaluations of an experiment's export made after its run, each on a text of its own.

CREATE TABLE later_evaluations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  created TEXT NOT NULL,
  text_id INTEGER NOT NULL REFERENCES texts (id),
  length INTEGER NOT NULL,
  windows INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  reference TEXT NOT NULL,
  version TEXT NOT NULL,
  backend TEXT NOT NULL,
  UNIQUE (experiment_id, text_id, length, windows, simulated, reference, version, backend)
) STRICT;

CREATE TABLE later_metrics (
  evaluation_id INTEGER NOT NULL REFERENCES later_evaluations (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  standard_error REAL,
  PRIMARY KEY (evaluation_id, model, name)
) STRICT;

CREATE TABLE later_window_nll (
  evaluation_id INTEGER NOT NULL REFERENCES later_evaluations (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  position INTEGER NOT NULL,
  nll REAL NOT NULL,
  PRIMARY KEY (evaluation_id, model, position)
) STRICT;
