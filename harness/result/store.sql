-- The store's schema. PRAGMA user_version is STORE_VERSION of store.c; an
-- older file is brought up step by step there, a newer one is refused.
CREATE TABLE runs (
  n            INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  started_ns   INTEGER NOT NULL,      -- wall clock
  dir          TEXT NOT NULL,         -- the run's folder, from the home
  state        TEXT NOT NULL,         -- replaying, not started, replayed, judged
  suite_name   TEXT NOT NULL,
  suite_path   TEXT NOT NULL,
  suite_hash   TEXT NOT NULL,
  stacks       TEXT NOT NULL,         -- hash of what was compared
  verdict      TEXT,                  -- PASS, FAIL, ...
  exit_status  INTEGER,
  headline     TEXT,
  n_cases      INTEGER,
  requests     INTEGER,
  elapsed_s    REAL,
  embedder     TEXT,
  embedder_hash TEXT,
  curve_t      REAL,
  obs_first    INTEGER,               -- rowids of observations
  obs_last     INTEGER,
  build        TEXT                   -- hash of suite and pins; NULL: not known
);
CREATE INDEX runs_suite ON runs (suite_name, n);

CREATE TABLE gates (
  run_n    INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
  name     TEXT NOT NULL,
  class    TEXT NOT NULL,
  verdict  TEXT NOT NULL,
  value    REAL, limit_value REAL, base REAL, cand REAL,
  ci_lo    REAL, ci_hi REAL, p REAL, p_holm REAL,
  n        INTEGER, n_needed REAL, noise REAL, visible REAL,
  why      TEXT,
  PRIMARY KEY (run_n, name)
) WITHOUT ROWID;

CREATE TABLE cases (
  run_n    INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
  id       TEXT NOT NULL,
  verdict  TEXT NOT NULL,
  reasons_b INTEGER NOT NULL,
  reasons_c INTEGER NOT NULL,
  drift    REAL,
  PRIMARY KEY (run_n, id)
) WITHOUT ROWID;

-- One row an observation; a run's rows are neighbours (obs_first, obs_last).
CREATE TABLE observations (
  case_n   INTEGER NOT NULL,          -- index of the case in its suite
  variant  INTEGER NOT NULL,
  arm      INTEGER NOT NULL,
  outcome  INTEGER NOT NULL,
  total_ns INTEGER,
  ds_question_retrieved REAL,
  ds_question_context   REAL,
  ds_retrieved_anchor   REAL,
  coverage              REAL,
  citation_precision    REAL,
  citation_recall       REAL,
  ndcg_at_k             REAL,
  cost                  REAL,
  own                   TEXT          -- {metric: value} of the suite's scorers
);

-- Vectors by what made them and of what text, and answers of scorers by who
-- gave them and to which line; the oldest used go first.
CREATE TABLE embeds (
  weights  TEXT NOT NULL,
  text     TEXT NOT NULL,
  used     INTEGER NOT NULL,
  vec      BLOB NOT NULL,
  PRIMARY KEY (weights, text)
) WITHOUT ROWID;
CREATE INDEX embeds_used ON embeds (used);
