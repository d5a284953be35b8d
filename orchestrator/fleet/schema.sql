-- The fleet's tables, version 2. Times are seconds since 1970 by the database's clock.
-- {serial} is a growing number that is the primary key, {bytes} the type of raw bytes.

CREATE TABLE fleet_schema (version bigint NOT NULL, salt text NOT NULL);

CREATE TABLE fleet_worker (
    id text PRIMARY KEY, host text NOT NULL, program text NOT NULL, endpoints text NOT NULL, slots bigint NOT NULL,
    started double precision NOT NULL, beat double precision NOT NULL, draining bigint NOT NULL DEFAULT 0
);

CREATE TABLE fleet_batch (
    id text PRIMARY KEY, name text NOT NULL, submitted double precision NOT NULL, begun double precision,
    fed double precision NOT NULL DEFAULT 0,
    max_calls bigint, max_tokens bigint, max_cost double precision, max_seconds double precision,
    calls bigint NOT NULL DEFAULT 0, tokens bigint NOT NULL DEFAULT 0,
    cost double precision NOT NULL DEFAULT 0
);

-- state: queued (waits), fed (with the dispatcher), running, done, cancelled
CREATE TABLE fleet_run (
    run text PRIMARY KEY, batch text NOT NULL, number bigint NOT NULL, key text NOT NULL, spec text NOT NULL,
    endpoint text NOT NULL, repository text NOT NULL, priority bigint NOT NULL, not_before double precision NOT NULL,
    state text NOT NULL DEFAULT 'queued', turn bigint NOT NULL DEFAULT 0, refusals bigint NOT NULL DEFAULT 0,
    crashes bigint NOT NULL DEFAULT 0, epoch bigint NOT NULL DEFAULT 0, worker text,
    held bigint NOT NULL DEFAULT 0, came bigint NOT NULL DEFAULT 0,
    submitted double precision NOT NULL, fed double precision, started double precision, ended double precision,
    record text, outcome text, exit bigint, reason text, result text
);
CREATE INDEX fleet_run_waiting ON fleet_run (state, batch, priority, number);
CREATE INDEX fleet_run_batch ON fleet_run (batch, number);

CREATE TABLE fleet_journal (seq {serial}, run text NOT NULL, name text NOT NULL, body text NOT NULL, UNIQUE (run, name));
CREATE TABLE fleet_event (run text NOT NULL, seq bigint NOT NULL, body text NOT NULL, PRIMARY KEY (run, seq));
CREATE TABLE fleet_part (
    seq {serial}, run text NOT NULL, name text NOT NULL, digest text NOT NULL, UNIQUE (run, name)
);
CREATE TABLE fleet_object (digest text PRIMARY KEY, body {bytes} NOT NULL, at double precision NOT NULL);

CREATE TABLE fleet_call (
    id {serial}, at double precision NOT NULL, endpoint text NOT NULL, model text NOT NULL, tokens bigint NOT NULL
);
CREATE INDEX fleet_call_lately ON fleet_call (endpoint, model, at);
CREATE TABLE fleet_limit (name text PRIMARY KEY, runs bigint, requests bigint, tokens bigint);
CREATE TABLE fleet_count (name text PRIMARY KEY, value double precision NOT NULL DEFAULT 0);
