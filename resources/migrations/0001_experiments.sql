-- SPDX-License-Identifier: Apache-2.0
-- What was computed, from what, and what came out. Blobs are little-endian and stand beside their SHA-256.

CREATE TABLE models (
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  architecture TEXT NOT NULL,
  parameters INTEGER NOT NULL
) STRICT;

CREATE TABLE texts (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  documents INTEGER NOT NULL
) STRICT;

-- One search's scores, shared by all experiments that thresholded them.
CREATE TABLE score_sets (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  model_fingerprint TEXT NOT NULL,
  text_fingerprint TEXT NOT NULL,
  variant TEXT NOT NULL,
  group_size INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  length INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  mean_loss REAL NOT NULL,
  version TEXT NOT NULL
) STRICT;

CREATE TABLE scores (
  set_id INTEGER NOT NULL REFERENCES score_sets (id) ON DELETE CASCADE,
  layer INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  feature_rows INTEGER NOT NULL,
  feature_cols INTEGER NOT NULL,
  data BLOB NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (set_id, layer, kind)
) STRICT;

CREATE TABLE experiments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'cancelled')),
  created TEXT NOT NULL,
  finished TEXT NOT NULL DEFAULT '',
  operation TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  recipe TEXT NOT NULL,
  output TEXT NOT NULL,
  model_id INTEGER NOT NULL REFERENCES models (id),
  calibration_id INTEGER REFERENCES texts (id),
  evaluation_id INTEGER REFERENCES texts (id),
  score_set_id INTEGER REFERENCES score_sets (id),
  version TEXT NOT NULL,
  processor TEXT NOT NULL,
  cores INTEGER NOT NULL,
  memory_bytes INTEGER NOT NULL,
  system TEXT NOT NULL,
  backend TEXT NOT NULL,
  annotation TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX experiments_by_fingerprint ON experiments (fingerprint);

CREATE TABLE bit_maps (
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  layer INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  feature_rows INTEGER NOT NULL,
  feature_cols INTEGER NOT NULL,
  data BLOB NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (experiment_id, layer, kind)
) STRICT;

CREATE TABLE metrics (
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  standard_error REAL,
  PRIMARY KEY (experiment_id, model, name)
) STRICT;

CREATE TABLE window_nll (
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  position INTEGER NOT NULL,
  nll REAL NOT NULL,
  PRIMARY KEY (experiment_id, model, position)
) STRICT;

CREATE TABLE timings (
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  stage TEXT NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (experiment_id, position)
) STRICT;

CREATE TABLE notes (
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (experiment_id, position)
) STRICT;

CREATE TABLE exports (
  experiment_id INTEGER PRIMARY KEY REFERENCES experiments (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  manifest_sha256 TEXT NOT NULL
) STRICT;
CREATE INDEX exports_by_manifest ON exports (manifest_sha256);
