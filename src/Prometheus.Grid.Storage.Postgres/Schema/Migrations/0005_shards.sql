-- What shards of a cluster read of the joint vectors: the entities of some buckets, and of them what changed since a version.

-- The bucket of an entity among many, as every silo computes it: the first 16 bits of SHA-256 over the id, scaled to the number of buckets.
CREATE FUNCTION grid_bucket(entity_id text, buckets integer) RETURNS integer IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT ('x' || encode(substring(sha256(convert_to(entity_id, 'UTF8')) FOR 2), 'hex'))::bit(16)::integer * buckets >> 16
$$;

-- The time leads: with the key of a partition in front, the planner took this index for the rows of single entities wherever it had no statistics of a
-- date, and read all rows of the partition for each put. Rows of a date became known at few moments, so one entry stands for thousands of them.
CREATE INDEX grid_joint_embeddings_by_known_at
    ON joint_embeddings (coalesce(known_at, created_at, '-infinity'), model_id, as_of_date);
