-- Two roles for the fleet's database. Run it as its owner, after `orchestrator worker --prepare`:
--     psql "$DATABASE" -f roles.sql
-- Then give people and pipelines the first, and workers the second:
--     CREATE ROLE alice LOGIN PASSWORD '…' IN ROLE orchestrator_submitter;

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'orchestrator_submitter') THEN
        CREATE ROLE orchestrator_submitter NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'orchestrator_worker') THEN
        CREATE ROLE orchestrator_worker NOLOGIN;
    END IF;
END $$;

-- A submitter queues, cancels and reads. It reaches neither the engine's jobs, nor checkpoints, nor what a run has done:
-- it cannot make a result up, and cannot hand a worker a job.
GRANT USAGE ON SCHEMA public TO orchestrator_submitter, orchestrator_worker;
GRANT SELECT ON fleet_schema, fleet_worker, fleet_batch, fleet_run, fleet_journal, fleet_event, fleet_part, fleet_object
    TO orchestrator_submitter;
GRANT INSERT (id, name, submitted, max_calls, max_tokens, max_cost, max_seconds) ON fleet_batch
    TO orchestrator_submitter;
GRANT INSERT (run, batch, number, key, spec, endpoint, repository, priority, not_before, submitted) ON fleet_run
    TO orchestrator_submitter;
GRANT UPDATE (state, epoch, worker, outcome, exit, reason, ended) ON fleet_run TO orchestrator_submitter;

-- What it may change of a run is to cancel it.
CREATE OR REPLACE FUNCTION fleet_only_cancels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_has_role(session_user, 'orchestrator_submitter', 'member')
       AND NOT pg_has_role(session_user, 'orchestrator_worker', 'member')
       AND (NEW.state <> 'cancelled' OR NEW.epoch <> OLD.epoch + 1 OR NEW.outcome <> 'interrupted') THEN
        RAISE EXCEPTION 'a submitter may only cancel a run' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER only_cancels BEFORE UPDATE ON fleet_run FOR EACH ROW EXECUTE FUNCTION fleet_only_cancels();

-- A worker does all but change the schema.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO orchestrator_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO orchestrator_worker;
GRANT USAGE ON SCHEMA dbos TO orchestrator_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dbos TO orchestrator_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA dbos TO orchestrator_worker;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dbos TO orchestrator_worker;
REVOKE UPDATE, INSERT, DELETE ON fleet_schema FROM orchestrator_worker;
