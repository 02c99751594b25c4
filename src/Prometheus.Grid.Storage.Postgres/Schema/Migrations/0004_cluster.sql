-- What Orleans' AdoNet providers read and write: the silos of a cluster, and the state of grains. The providers run the statements of
-- OrleansQuery by name and bind their parameters; tables and statements behind the names are ours.
CREATE TABLE OrleansQuery (
    QueryKey  varchar(64) PRIMARY KEY,
    QueryText varchar(8000) NOT NULL
);

-- One row a cluster. Every change of membership raises the version, and one that does not know the latest version changes nothing.
CREATE TABLE grid_clusters (
    cluster_id text PRIMARY KEY,
    version    integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE grid_silos (
    cluster_id    text NOT NULL REFERENCES grid_clusters,
    address       text NOT NULL,
    port          integer NOT NULL,
    generation    integer NOT NULL,         -- when the silo started: a restarted silo is another one
    silo_name     text NOT NULL,
    host_name     text NOT NULL,
    status        integer NOT NULL,         -- 3 is active, 6 is dead
    gateway_port  integer,
    suspect_times text,
    started_at    timestamptz NOT NULL,
    alive_at      timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

CREATE TABLE grid_grain_states (
    service_id  text NOT NULL,
    grain_type  text NOT NULL,
    id_n0       bigint NOT NULL,
    id_n1       bigint NOT NULL,
    id_text     text NOT NULL DEFAULT '',
    type_hash   integer NOT NULL,
    payload     bytea,
    version     integer NOT NULL,
    modified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, grain_type, id_n0, id_n1, id_text)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', '
    WITH entered AS (INSERT INTO grid_clusters (cluster_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*)::integer FROM entered'),

('InsertMembershipKey', '
    WITH next AS (
        UPDATE grid_clusters SET version = version + 1, changed_at = now()
        WHERE cluster_id = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT FROM grid_silos WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING 1),
    entered AS (
        INSERT INTO grid_silos (cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started_at, alive_at)
        SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort::integer,
            @StartTime::timestamptz, @IAmAliveTime::timestamptz
        FROM next
        RETURNING 1)
    SELECT count(*)::integer FROM entered'),

('UpdateMembershipKey', '
    WITH next AS (
        UPDATE grid_clusters SET version = version + 1, changed_at = now()
        WHERE cluster_id = @DeploymentId AND version = @Version AND EXISTS (
            SELECT FROM grid_silos WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING 1),
    changed AS (
        UPDATE grid_silos SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime::timestamptz
        FROM next
        WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
        RETURNING 1)
    SELECT count(*)::integer FROM changed'),

('UpdateIAmAlivetimeKey', '
    UPDATE grid_silos SET alive_at = @IAmAliveTime::timestamptz
    WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation'),

('MembershipReadRowKey', '
    SELECT c.cluster_id AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
        s.host_name AS HostName, s.status AS Status, s.gateway_port AS ProxyPort, s.suspect_times AS SuspectTimes,
        s.started_at AS StartTime, s.alive_at AS IAmAliveTime, c.version AS Version
    FROM grid_clusters c
        LEFT JOIN grid_silos s ON s.cluster_id = c.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    WHERE c.cluster_id = @DeploymentId'),

('MembershipReadAllKey', '
    SELECT c.cluster_id AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
        s.host_name AS HostName, s.status AS Status, s.gateway_port AS ProxyPort, s.suspect_times AS SuspectTimes,
        s.started_at AS StartTime, s.alive_at AS IAmAliveTime, c.version AS Version
    FROM grid_clusters c LEFT JOIN grid_silos s ON s.cluster_id = c.cluster_id
    WHERE c.cluster_id = @DeploymentId'),

('GatewaysQueryKey', '
    SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
    FROM grid_silos WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0'),

('DeleteMembershipTableEntriesKey', '
    WITH gone AS (DELETE FROM grid_silos WHERE cluster_id = @DeploymentId)
    DELETE FROM grid_clusters WHERE cluster_id = @DeploymentId'),

-- Silos that ended long ago; those that are active stay however old.
('CleanupDefunctSiloEntriesKey', '
    DELETE FROM grid_silos WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime::timestamptz AND status <> 3'),

-- The new version, or the old one when somebody else wrote in between, which the provider takes as a conflict.
('WriteToStorageKey', '
    WITH entered AS (
        INSERT INTO grid_grain_states (service_id, grain_type, id_n0, id_n1, id_text, type_hash, payload, version)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString::text, ''''), @GrainTypeHash,
            @PayloadBinary::bytea, 1
        WHERE @GrainStateVersion::integer IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version),
    changed AS (
        UPDATE grid_grain_states SET payload = @PayloadBinary::bytea, version = version + 1, modified_at = now()
        WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
            AND id_text = coalesce(@GrainIdExtensionString::text, '''') AND version = @GrainStateVersion::integer
        RETURNING version)
    SELECT coalesce((SELECT version FROM entered), (SELECT version FROM changed), @GrainStateVersion::integer) AS NewGrainStateVersion'),

('ReadFromStorageKey', '
    SELECT payload AS PayloadBinary, modified_at AS ModifiedOn, version AS Version
    FROM grid_grain_states
    WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
        AND id_text = coalesce(@GrainIdExtensionString::text, '''')'),

('ClearStorageKey', '
    UPDATE grid_grain_states SET payload = NULL, version = version + 1, modified_at = now()
    WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
        AND id_text = coalesce(@GrainIdExtensionString::text, '''') AND version = @GrainStateVersion
    RETURNING version AS NewGrainStateVersion'),

('DeleteStorageKey', '
    DELETE FROM grid_grain_states
    WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
        AND id_text = coalesce(@GrainIdExtensionString::text, '''') AND version = @GrainStateVersion
    RETURNING version + 1 AS NewGrainStateVersion');
