-- What the grid keeps beside the seed's tables. New columns are empty in the seed's rows, so that no row of theirs is rewritten.

-- known_at: when the row became known; in rows of the seed empty, and created_at says it.
-- vector_crc32c: CRC-32C of the vector's bytes; in rows of the seed empty.
-- row_header: instrument, region and source of a row, where the seed's columns have no place for them and they are not the usual ones.
ALTER TABLE numeric_window_embeddings
    ADD COLUMN IF NOT EXISTS known_at timestamptz, ADD COLUMN IF NOT EXISTS vector_crc32c bigint, ADD COLUMN IF NOT EXISTS row_header jsonb;
ALTER TABLE text_embeddings
    ADD COLUMN IF NOT EXISTS known_at timestamptz, ADD COLUMN IF NOT EXISTS vector_crc32c bigint, ADD COLUMN IF NOT EXISTS row_header jsonb;
ALTER TABLE joint_embeddings
    ADD COLUMN IF NOT EXISTS known_at timestamptz, ADD COLUMN IF NOT EXISTS vector_crc32c bigint;

-- Whose joint vector a row is. Rows of joint types that are not the grid's have none: nothing is known of their keys.
CREATE FUNCTION grid_joint_entity_id(joint_type text, entity_scope jsonb) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE joint_type
        WHEN 'PROFILE_CORE_V0' THEN entity_scope ->> 'issuer_id'
        WHEN 'PORTFOLIO_CORE_V0' THEN entity_scope ->> 'portfolio_id'
        ELSE entity_scope ->> 'grid_entity_id'
    END
$$;

CREATE TABLE IF NOT EXISTS portfolio_positions (
    portfolio_id  varchar(64) NOT NULL,
    as_of_date    date NOT NULL,
    instrument_id varchar(64) NOT NULL,
    weight        double precision NOT NULL,
    PRIMARY KEY (portfolio_id, as_of_date, instrument_id)
);

-- One row a model and date: what its vectors are, and the lock that their writers queue at.
CREATE TABLE grid_partitions (
    kind           text NOT NULL CHECK (kind IN ('numeric', 'text', 'joint')),
    model_id       text NOT NULL,
    as_of_date     date NOT NULL,
    scope          text NOT NULL,          -- entity_type, source_type or joint_type of the rows
    origin         text,                   -- recipe of the rows; null where the seed did not record it
    dimension      integer NOT NULL,
    first_known_at timestamptz,            -- of the first write; before it there was no partition
    known_at       timestamptz,            -- of the last write that changed a row; never twice the same
    history_since  timestamptz,            -- superseded rows before this were vacuumed
    PRIMARY KEY (kind, model_id, as_of_date)
);

-- Rows that were replaced, readable by knowledge time until they are vacuumed.
CREATE TABLE grid_superseded_vectors (
    kind          text NOT NULL,
    model_id      text NOT NULL,
    as_of_date    date NOT NULL,
    scope         text NOT NULL,
    entity_id     text NOT NULL,
    instrument_id text,
    region        text,
    source        text,
    origin        text,
    vector        bytea,
    vector_crc32c bigint,
    known_at      timestamptz NOT NULL,
    superseded_at timestamptz NOT NULL
);
CREATE INDEX grid_superseded_vectors_partition ON grid_superseded_vectors (kind, model_id, as_of_date, superseded_at);

-- Backfills under way: committed chunks wait here until their partition is complete.
CREATE TABLE grid_jobs (
    job_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    model_id     text NOT NULL,
    as_of_date   date NOT NULL,
    fingerprint  text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    written      integer,
    unchanged    integer
);
CREATE UNIQUE INDEX grid_jobs_under_way ON grid_jobs (kind, model_id, as_of_date, fingerprint) WHERE completed_at IS NULL;

-- The watermark: a chunk is here when its rows are in grid_pending_vectors. Its key makes a second commit of it fail.
CREATE TABLE grid_job_chunks (
    job_id  integer NOT NULL REFERENCES grid_jobs ON DELETE CASCADE,
    chunk   integer NOT NULL,
    skipped jsonb NOT NULL,
    PRIMARY KEY (job_id, chunk)
);

CREATE TABLE grid_pending_vectors (
    job_id        integer NOT NULL,
    entity_id     text NOT NULL,
    instrument_id text NOT NULL,
    region        text NOT NULL,
    source        text NOT NULL,
    vector        bytea NOT NULL,
    vector_crc32c bigint NOT NULL,
    PRIMARY KEY (job_id, entity_id)
);

CREATE TABLE grid_artifacts (
    model_id   text NOT NULL,
    as_of_date date NOT NULL,
    name       text NOT NULL,
    content    bytea NOT NULL,
    sha256     bytea NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model_id, name, as_of_date)
);

-- Which input tables changed. One row a transaction that changed one, so that writers of inputs never wait for each other here;
-- `vacuum` adds rows up.
CREATE TABLE grid_input_changes (
    table_name text NOT NULL,
    changes    bigint NOT NULL DEFAULT 1
);

-- Runs with its owner's rights and path: whoever may write an input table need not know that this exists.
CREATE FUNCTION grid_note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    noted text := 'prometheus_grid.noted_' || TG_TABLE_NAME;
BEGIN
    IF current_setting(noted, true) IS DISTINCT FROM 'yes' THEN
        INSERT INTO grid_input_changes (table_name) VALUES (TG_TABLE_NAME);
        PERFORM set_config(noted, 'yes', true);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER grid_note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON prices_daily
    FOR EACH STATEMENT EXECUTE FUNCTION grid_note_change();
CREATE TRIGGER grid_note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON profiles
    FOR EACH STATEMENT EXECUTE FUNCTION grid_note_change();
CREATE TRIGGER grid_note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON portfolio_risk_reports
    FOR EACH STATEMENT EXECUTE FUNCTION grid_note_change();
CREATE TRIGGER grid_note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON portfolio_positions
    FOR EACH STATEMENT EXECUTE FUNCTION grid_note_change();
ALTER TABLE prices_daily ENABLE ALWAYS TRIGGER grid_note_change;
ALTER TABLE profiles ENABLE ALWAYS TRIGGER grid_note_change;
ALTER TABLE portfolio_risk_reports ENABLE ALWAYS TRIGGER grid_note_change;
ALTER TABLE portfolio_positions ENABLE ALWAYS TRIGGER grid_note_change;

CREATE INDEX grid_profiles_by_date ON profiles (as_of_date, issuer_id);
CREATE INDEX grid_risk_reports_by_date ON portfolio_risk_reports (as_of_date, portfolio_id, report_id);
CREATE INDEX grid_positions_by_date ON portfolio_positions (as_of_date);
