-- The roles of a grid's database, each with the least that it needs. As a superuser, or as the owner of the database with CREATEROLE, in that database:
--   psql -d grid -f deploy/postgres/roles.sql        makes the roles; again after each `grid migrate`: grants them what it has made
--   ALTER ROLE grid_silo PASSWORD '…';               or whatever pg_hba.conf asks for; the script gives none
--
--   grid_owner   grid migrate, grid import: owns the tables
--   grid_silo    silos, grid serve, and commands that write vectors: reads the tables, writes vectors and the cluster's own state. Migrate is false
--   grid_reader  clients that find silos, and commands that ask: reads
--
-- None is a superuser, creates roles or databases, or sees a schema beside public.
DO $$
DECLARE
    role text;
    made text;
BEGIN
    FOREACH role IN ARRAY ARRAY['grid_owner', 'grid_silo', 'grid_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
        EXECUTE format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', role);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    END LOOP;
    -- What Postgres gives to everybody.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    -- Imports stage their rows in a temporary table.
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO grid_owner', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO grid_silo, grid_reader;
    GRANT USAGE, CREATE ON SCHEMA public TO grid_owner;

    -- Tables that are there already, of the seed or of a grid whose user did everything.
    FOR made IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'grid_owner' AND tablename IN (
        'markets', 'issuers', 'instruments', 'prices_daily', 'profiles', 'portfolio_risk_reports', 'portfolio_positions',
        'numeric_window_embeddings', 'text_embeddings', 'joint_embeddings', 'orleansquery', 'grid_schema_versions', 'grid_partitions',
        'grid_superseded_vectors', 'grid_jobs', 'grid_job_chunks', 'grid_pending_vectors', 'grid_artifacts', 'grid_input_changes',
        'grid_joint_changes', 'grid_clusters', 'grid_silos', 'grid_grain_states') LOOP
        EXECUTE format('ALTER TABLE public.%I OWNER TO grid_owner', made);
    END LOOP;
    FOR made IN SELECT p.oid::regprocedure FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'grid\_%' AND proowner <> 'grid_owner'::regrole LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO grid_owner', made);
    END LOOP;

    FOR made IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = 'grid_owner' LOOP
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, grid_silo, grid_reader', made);
        EXECUTE format('GRANT SELECT ON public.%I TO grid_silo, grid_reader', made);
    END LOOP;
    -- Not the input tables, not the versions of the schema, and not the statements that silos run by name (orleansquery).
    FOREACH made IN ARRAY ARRAY[
        'numeric_window_embeddings', 'text_embeddings', 'joint_embeddings', 'grid_partitions', 'grid_superseded_vectors', 'grid_jobs', 'grid_job_chunks',
        'grid_pending_vectors', 'grid_artifacts', 'grid_input_changes', 'grid_joint_changes', 'grid_clusters', 'grid_silos', 'grid_grain_states'] LOOP
        IF to_regclass('public.' || made) IS NOT NULL THEN
            EXECUTE format('GRANT INSERT, UPDATE, DELETE ON public.%I TO grid_silo', made);
        END IF;
    END LOOP;
    -- Numbers of new rows: of vector tables and jobs.
    FOR made IN SELECT s.relname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid JOIN pg_class t ON t.oid = d.refobjid
        WHERE s.relkind = 'S' AND t.relnamespace = 'public'::regnamespace AND t.relname IN ('numeric_window_embeddings', 'text_embeddings', 'joint_embeddings', 'grid_jobs') LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE public.%I TO grid_silo', made);
    END LOOP;
END
$$;
