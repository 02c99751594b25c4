-- The seed appended a row at every run of a backfill, and its readers took the one with the highest id. That row stays; the others become
-- its history, known from when they were written until the next one was. Then the keys can be unique.

DO $$
DECLARE
    repeats bigint;
BEGIN
    WITH ranked AS (
        SELECT embedding_id, lead(embedding_id) OVER repeats AS next_id, lead(created_at) OVER repeats AS until
        FROM numeric_window_embeddings
        WINDOW repeats AS (PARTITION BY entity_type, model_id, as_of_date, entity_id ORDER BY embedding_id)
    ), dropped AS (
        DELETE FROM numeric_window_embeddings t USING ranked r WHERE t.embedding_id = r.embedding_id AND r.next_id IS NOT NULL RETURNING t.*, r.until
    )
    INSERT INTO grid_superseded_vectors
        (kind, model_id, as_of_date, scope, entity_id, instrument_id, region, source, vector, known_at, superseded_at)
    SELECT 'numeric', model_id, as_of_date, entity_type, entity_id, NULL, NULL, NULL, vector,
        coalesce(created_at, '-infinity'), coalesce(until, '-infinity')
    FROM dropped;
    GET DIAGNOSTICS repeats = ROW_COUNT;
    IF repeats > 0 THEN
        RAISE NOTICE 'grid: % repeated rows of numeric_window_embeddings become history, the one with the highest embedding_id of each key stays', repeats;
    END IF;

    WITH ranked AS (
        SELECT joint_id, lead(joint_id) OVER repeats AS next_id, lead(created_at) OVER repeats AS until
        FROM joint_embeddings
        WHERE grid_joint_entity_id(joint_type, entity_scope) IS NOT NULL
        WINDOW repeats AS (PARTITION BY joint_type, model_id, as_of_date, grid_joint_entity_id(joint_type, entity_scope) ORDER BY joint_id)
    ), dropped AS (
        DELETE FROM joint_embeddings t USING ranked r WHERE t.joint_id = r.joint_id AND r.next_id IS NOT NULL RETURNING t.*, r.until
    )
    INSERT INTO grid_superseded_vectors
        (kind, model_id, as_of_date, scope, entity_id, instrument_id, region, source, vector, known_at, superseded_at)
    SELECT 'joint', model_id, as_of_date, joint_type, grid_joint_entity_id(joint_type, entity_scope), entity_scope ->> 'instrument_id', entity_scope ->> 'region', entity_scope ->> 'source', vector,
        coalesce(created_at, '-infinity'), coalesce(until, '-infinity')
    FROM dropped;
    GET DIAGNOSTICS repeats = ROW_COUNT;
    IF repeats > 0 THEN
        RAISE NOTICE 'grid: % repeated rows of joint_embeddings become history, the one with the highest joint_id of each key stays', repeats;
    END IF;
END
$$;

CREATE UNIQUE INDEX grid_numeric_window_embeddings_key
    ON numeric_window_embeddings (entity_type, model_id, as_of_date, entity_id);
CREATE UNIQUE INDEX grid_joint_embeddings_key
    ON joint_embeddings (joint_type, model_id, as_of_date, grid_joint_entity_id(joint_type, entity_scope));
-- The seed keeps text vectors unique by itself; their date is the end of source_id.
CREATE INDEX grid_text_embeddings_by_date ON text_embeddings (source_type, model_id, right(source_id, 10));
