-- Which joint vectors changed since a version, as a log with a line a write in place of an index by time. An index by time made every update of a row
-- write all indexes of its table; without it an update touches no index where the page of the row has room.

-- Lines of a partition form a chain: each begins at the version that the one before it made. A write that enters none, by an older version of the grid or
-- of rows that others have written, breaks the chain, and whoever follows it reads the whole partition again.
CREATE TABLE grid_joint_changes (
    model_id   text NOT NULL,
    as_of_date date NOT NULL,
    known_from timestamptz NOT NULL,  -- grid_partitions.known_at before the write
    known_at   timestamptz NOT NULL,  -- and after it
    entity_ids text[] NOT NULL,       -- whose rows it wrote
    PRIMARY KEY (model_id, as_of_date, known_at)
);

DROP INDEX grid_joint_embeddings_by_known_at;
