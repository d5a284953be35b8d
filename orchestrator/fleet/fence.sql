-- The fence: what a run has in the database is written by the session that holds the run's epoch, and by no other.
-- A session says which epoch it holds in its start-up options: -c fleet.epoch=N.

CREATE OR REPLACE FUNCTION fleet_fence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held bigint;
    name text := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    -- FOR SHARE waits for a take-over that is under way, and then loses to it.
    SELECT epoch INTO held FROM fleet_run WHERE run = name AND state = 'running' FOR SHARE;
    IF held IS NULL AND NOT EXISTS (SELECT 1 FROM fleet_run WHERE run = name) THEN
        RETURN NEW; -- a run of somebody's own, whose checkpoints share the database
    END IF;
    IF held::text IS DISTINCT FROM current_setting('fleet.epoch', true) THEN
        RAISE EXCEPTION 'the lease on run % is lost', name USING ERRCODE = '23F01';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION fleet_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('fleet.epoch', true), '') NOT IN ('', OLD.epoch::text) OR
       coalesce(current_setting('fleet.epoch', true), '') <> '' AND OLD.state <> 'running' THEN
        RAISE EXCEPTION 'the lease on run % is lost', OLD.run USING ERRCODE = '23F01';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER fence BEFORE INSERT OR UPDATE ON fleet_journal FOR EACH ROW EXECUTE FUNCTION fleet_fence('run');
CREATE OR REPLACE TRIGGER fence BEFORE INSERT OR UPDATE ON fleet_event FOR EACH ROW EXECUTE FUNCTION fleet_fence('run');
CREATE OR REPLACE TRIGGER fence BEFORE INSERT OR UPDATE ON fleet_part FOR EACH ROW EXECUTE FUNCTION fleet_fence('run');
CREATE OR REPLACE TRIGGER fence BEFORE UPDATE ON fleet_run FOR EACH ROW EXECUTE FUNCTION fleet_own();
CREATE OR REPLACE TRIGGER fence BEFORE INSERT OR UPDATE ON checkpoints
    FOR EACH ROW EXECUTE FUNCTION fleet_fence('thread_id');
CREATE OR REPLACE TRIGGER fence BEFORE INSERT OR UPDATE ON checkpoint_blobs
    FOR EACH ROW EXECUTE FUNCTION fleet_fence('thread_id');
CREATE OR REPLACE TRIGGER fence BEFORE INSERT OR UPDATE ON checkpoint_writes
    FOR EACH ROW EXECUTE FUNCTION fleet_fence('thread_id');
