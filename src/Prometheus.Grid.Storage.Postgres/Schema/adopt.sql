-- Enters partitions that others than the grid have written. Runs at every migration, so that rows of the seed's programs that came since
-- are found.

INSERT INTO grid_partitions AS known (kind, model_id, as_of_date, scope, origin, dimension, first_known_at, known_at)
SELECT DISTINCT ON (model_id, as_of_date) 'numeric', model_id, as_of_date, entity_type,
    CASE WHEN entity_type = 'INSTRUMENT' AND count(DISTINCT window_spec ->> 'window_days') = 1 AND count(window_spec ->> 'window_days') = count(*)
         THEN 'window_days=' || min(window_spec ->> 'window_days') END,
    mode() WITHIN GROUP (ORDER BY octet_length(vector) / 4),
    min(coalesce(known_at, created_at, '-infinity')), max(coalesce(known_at, created_at, '-infinity'))
FROM numeric_window_embeddings
WHERE vector IS NOT NULL AND entity_type IN ('INSTRUMENT', 'PORTFOLIO')
GROUP BY model_id, as_of_date, entity_type
ORDER BY model_id, as_of_date, count(*) DESC, entity_type
ON CONFLICT (kind, model_id, as_of_date) DO UPDATE SET known_at = EXCLUDED.known_at WHERE known.known_at < EXCLUDED.known_at;

INSERT INTO grid_partitions AS known (kind, model_id, as_of_date, scope, dimension, first_known_at, known_at)
SELECT 'text', model_id, right(source_id, 10)::date, source_type,
    mode() WITHIN GROUP (ORDER BY octet_length(vector) / 4),
    min(coalesce(known_at, created_at, '-infinity')), max(coalesce(known_at, created_at, '-infinity'))
FROM text_embeddings
WHERE vector IS NOT NULL AND source_type = 'PROFILE' AND source_id ~ '^.+:\d{4}-\d{2}-\d{2}$'
GROUP BY model_id, right(source_id, 10), source_type
ON CONFLICT (kind, model_id, as_of_date) DO UPDATE SET known_at = EXCLUDED.known_at WHERE known.known_at < EXCLUDED.known_at;

INSERT INTO grid_partitions AS known (kind, model_id, as_of_date, scope, dimension, first_known_at, known_at)
SELECT DISTINCT ON (model_id, as_of_date) 'joint', model_id, as_of_date, joint_type,
    mode() WITHIN GROUP (ORDER BY octet_length(vector) / 4),
    min(coalesce(known_at, created_at, '-infinity')), max(coalesce(known_at, created_at, '-infinity'))
FROM joint_embeddings
WHERE vector IS NOT NULL AND grid_joint_entity_id(joint_type, entity_scope) IS NOT NULL
GROUP BY model_id, as_of_date, joint_type
ORDER BY model_id, as_of_date, count(*) DESC, joint_type
ON CONFLICT (kind, model_id, as_of_date) DO UPDATE SET known_at = EXCLUDED.known_at WHERE known.known_at < EXCLUDED.known_at;

-- Where repeated rows became history, the partition is as old as the oldest of them.
UPDATE grid_partitions p SET first_known_at = h.first_known_at
FROM (SELECT kind, model_id, as_of_date, min(known_at) AS first_known_at FROM grid_superseded_vectors GROUP BY 1, 2, 3) h
WHERE p.kind = h.kind AND p.model_id = h.model_id AND p.as_of_date = h.as_of_date AND h.first_known_at < p.first_known_at;
