using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>
/// A database as the seed leaves it: its own DDL, with columns that the grid does not know, vectors of the golden set, and repeated keys
/// whose earlier rows hold other vectors.
/// </summary>
internal static class SeedDatabase
{
    // Not a copy of ours: types and extra columns differ where the seed's documents leave them open.
    private const string Tables = """
        CREATE TABLE markets (market_id varchar(50) PRIMARY KEY, name varchar(100) NOT NULL, region varchar(50), timezone varchar(50), calendar_spec jsonb);
        CREATE TABLE issuers (issuer_id varchar(50) PRIMARY KEY, issuer_type varchar(50), name varchar(255), country varchar(50), sector varchar(100),
            industry varchar(100), metadata jsonb, created_at timestamptz DEFAULT now());
        CREATE TABLE instruments (instrument_id varchar(50) PRIMARY KEY, issuer_id varchar(50) REFERENCES issuers, market_id varchar(50) REFERENCES markets,
            asset_class varchar(50), symbol varchar(50), exchange varchar(50), currency varchar(10), multiplier numeric, status varchar(50));
        CREATE TABLE prices_daily (instrument_id varchar(50) NOT NULL, trade_date date NOT NULL, open numeric, high numeric, low numeric, close numeric NOT NULL,
            adjusted_close numeric, volume bigint, currency varchar(10), metadata jsonb, PRIMARY KEY (instrument_id, trade_date));
        CREATE TABLE profiles (profile_id bigserial PRIMARY KEY, issuer_id varchar(50) NOT NULL, as_of_date date NOT NULL, structured jsonb NOT NULL,
            embedding_vector_ref varchar(255), risk_flags jsonb, created_at timestamptz DEFAULT now(), UNIQUE (issuer_id, as_of_date));
        CREATE TABLE portfolio_risk_reports (report_id bigserial PRIMARY KEY, portfolio_id varchar(50) NOT NULL, as_of_date date NOT NULL,
            portfolio_value double precision, cash double precision, net_exposure double precision, gross_exposure double precision,
            leverage double precision, risk_metrics jsonb, scenario_pnl jsonb, exposures_by_sector jsonb, exposures_by_factor jsonb, metadata jsonb,
            created_at timestamptz DEFAULT now());
        CREATE TABLE numeric_window_embeddings (embedding_id bigserial PRIMARY KEY, entity_type varchar(50) NOT NULL, entity_id varchar(50) NOT NULL,
            window_spec jsonb NOT NULL, as_of_date date NOT NULL, model_id varchar(64) NOT NULL, vector bytea, vector_ref varchar(255),
            created_at timestamptz DEFAULT now());
        CREATE TABLE text_embeddings (embedding_id bigserial PRIMARY KEY, source_type varchar(50) NOT NULL, source_id varchar(128) NOT NULL,
            model_id varchar(64) NOT NULL, vector bytea, vector_ref varchar(255), created_at timestamptz DEFAULT now(),
            UNIQUE (source_type, source_id, model_id));
        CREATE TABLE joint_embeddings (joint_id bigserial PRIMARY KEY, joint_type varchar(64) NOT NULL, as_of_date date NOT NULL, entity_scope jsonb NOT NULL,
            model_id varchar(64) NOT NULL, vector bytea, vector_ref varchar(255), created_at timestamptz DEFAULT now());
        INSERT INTO markets VALUES ('US_EQ', 'US equities', 'US', 'America/New_York', '{"weekmask": "1111100"}');
        """;

    public static readonly DateOnly JointDate = Golden.AsOf;
    public static readonly DateTimeOffset FirstRun = new(2024, 4, 2, 8, 0, 0, TimeSpan.Zero), SecondRun = FirstRun.AddDays(1);

    /// <summary>The vectors that the seed reads.</summary>
    public static IReadOnlyDictionary<string, byte[]> GoldenJoint { get; } = Golden.Vectors("joint-profile-core-v1").ToDictionary(row => row.Key, row => row.Value!, StringComparer.Ordinal);

    /// <summary>Creates tables and rows.</summary>
    public static async Task FillAsync(string connectionString)
    {
        await ServerFixture.SqlAsync(connectionString, Tables);
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        foreach ((string issuer, byte[] vector) in GoldenJoint)
        {
            string instrument = issuer["ISS_".Length..] + ".US";
            await ExecuteAsync("INSERT INTO issuers VALUES ($1, 'CORPORATION', $1, 'United States', 'S', 'I', '{}')", issuer);
            await ExecuteAsync("INSERT INTO instruments VALUES ($1, $2, 'US_EQ', 'EQUITY', $1, 'X', 'USD', 1, 'ACTIVE')", instrument, issuer);
            byte[] earlier = [.. Enumerable.Repeat(BitConverter.GetBytes(1f + issuer.Length), 384).SelectMany(bytes => bytes)];
            string scope = JsonSerializer.Serialize(new
            {
                entity_type = "ISSUER",
                issuer_id = issuer,
                instrument_id = instrument,
                region = (string?)null,
                source = "num+text",
                as_of_date = "2024-03-31",
            });
            foreach ((byte[] bytes, var at) in ((byte[], DateTimeOffset)[])[(earlier, FirstRun), (vector, SecondRun)])
            {
                await ExecuteAsync(
                    "INSERT INTO joint_embeddings (joint_type, as_of_date, entity_scope, model_id, vector, created_at) VALUES ('PROFILE_CORE_V0', '2024-03-31', $1::jsonb, 'joint-profile-core-v1', $2, $3)",
                    scope, bytes, at);
                await ExecuteAsync(
                    "INSERT INTO numeric_window_embeddings (entity_type, entity_id, window_spec, as_of_date, model_id, vector, created_at) VALUES ('INSTRUMENT', $1, '{\"window_days\": 126}', '2024-03-31', 'num-profile-core-v1', $2, $3)",
                    instrument, bytes, at);
            }
            await ExecuteAsync(
                "INSERT INTO text_embeddings (source_type, source_id, model_id, vector, created_at) VALUES ('PROFILE', $1 || ':2024-03-31', 'text-profile-v1', $2, $3)",
                issuer, vector, SecondRun);
        }
        // Of other spaces and sources of the seed nothing is known: their rows repeat keys that the grid would call its own, and stay.
        for (int i = 0; i < 2; i++)
        {
            await ExecuteAsync(
                "INSERT INTO joint_embeddings (joint_type, as_of_date, entity_scope, model_id, vector) VALUES ('ASSESSMENT_CTX_V0', '2024-03-31', '{\"issuer_id\": \"ISS_AAPL\", \"horizon_days\": 21}', 'joint-assessment-v1', $1)",
                new byte[1536]);
            await ExecuteAsync(
                "INSERT INTO text_embeddings (source_type, source_id, model_id, vector) VALUES ('NEWS', 'n' || $1, 'text-profile-v1', $2)",
                i.ToString(System.Globalization.CultureInfo.InvariantCulture), new byte[1536]);
        }

        async Task ExecuteAsync(string sql, params object[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (object value in values)
                command.Parameters.Add(value is DateTimeOffset ? new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.TimestampTz } : new NpgsqlParameter { Value = value });
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>All rows of the seed's tables with the seed's columns, as text, for comparison.</summary>
    public static async Task<string> DumpAsync(string connectionString, string condition = "")
    {
        var dump = new List<string>();
        foreach (string table in (string[])["markets", "issuers", "instruments", "prices_daily", "profiles", "portfolio_risk_reports", "numeric_window_embeddings", "text_embeddings", "joint_embeddings"])
        {
            string rows = (string)(await ServerFixture.SqlAsync(
                connectionString,
                $"""
                SELECT coalesce(string_agg(r, E'\n' ORDER BY r), '') FROM (
                    SELECT (to_jsonb(t) - ARRAY['known_at', 'vector_crc32c', 'row_header'])::text AS r FROM {table} t {(table.EndsWith("embeddings", StringComparison.Ordinal) ? condition : "")}
                ) rows
                """))!;
            dump.Add($"{table}:\n{rows}");
        }
        return string.Join('\n', dump);
    }
}
