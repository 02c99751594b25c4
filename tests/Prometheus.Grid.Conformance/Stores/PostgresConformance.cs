using System.Data;
using Npgsql;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>A database for one test.</summary>
public sealed class PostgresFixture : StoreFixture
{
    private static readonly Lazy<ModelCatalog> s_catalog = new(LoadCatalog);
    private readonly NpgsqlConnection _database;
    private readonly string _connectionString;

    private PostgresFixture(string connectionString)
    {
        _connectionString = connectionString;
        _database = new NpgsqlConnection(connectionString + ";Pooling=false");
    }

    public static async Task<StoreFixture> CreateAsync(SharedPostgres server) => new PostgresFixture(await server.CreateDatabaseAsync(
        database => PostgresStore.MigrateAsync(database, isDryRun: false, TestContext.Current.CancellationToken)));

    public override async Task<IGridStore> OpenAsync(TimeProvider time) =>
        await PostgresStore.OpenAsync(_connectionString, s_catalog.Value, new PostgresOptions { Clock = time }, TestContext.Current.CancellationToken);

    public override async Task SeedAsync(InputTables tables)
    {
        foreach (string table in (string[])["markets", "issuers", "instruments", "prices_daily", "profiles", "portfolio_risk_reports", "portfolio_positions"])
            await ExecuteAsync($"DELETE FROM {table}");
        foreach (var m in tables.Markets)
            await ExecuteAsync("INSERT INTO markets VALUES ($1, $2, $3, $4)", m.MarketId, m.Name, m.Region, m.Timezone);
        foreach (var i in tables.Issuers)
            await ExecuteAsync("INSERT INTO issuers VALUES ($1, $2, $3, $4, $5, $6)", i.IssuerId, i.IssuerType, i.Name, i.Country, i.Sector, i.Industry);
        foreach (var i in tables.Instruments)
        {
            await ExecuteAsync(
                "INSERT INTO instruments VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                i.InstrumentId, i.IssuerId, i.MarketId, i.AssetClass, i.Symbol, i.Exchange, i.Currency, i.Status);
        }
        foreach (var p in tables.Prices)
        {
            await ExecuteAsync(
                """
                INSERT INTO prices_daily (instrument_id, trade_date, open, high, low, close, adjusted_close, volume)
                VALUES ($1, $2::date, $3::float8, $4::float8, $5::float8, $6::float8, $7::float8, $8::float8)
                """,
                p.InstrumentId, p.TradeDate, p.Open, p.High, p.Low, p.Close, p.AdjustedClose, p.Volume);
        }
        foreach (var p in tables.Profiles)
            await ExecuteAsync("INSERT INTO profiles (issuer_id, as_of_date, structured) VALUES ($1, $2::date, $3::jsonb)", p.IssuerId, p.AsOfDate, p.Structured);
        foreach (var r in tables.RiskReports)
        {
            await ExecuteAsync(
                """
                INSERT INTO portfolio_risk_reports (portfolio_id, as_of_date, risk_metrics, exposures_by_sector, exposures_by_factor)
                VALUES ($1, $2::date, $3::jsonb, $4::jsonb, $5::jsonb)
                """,
                r.PortfolioId, r.AsOfDate, r.RiskMetrics, r.ExposuresBySector, r.ExposuresByFactor);
        }
        foreach (var p in tables.Positions)
            await ExecuteAsync("INSERT INTO portfolio_positions VALUES ($1, $2::date, $3, $4::float8)", p.PortfolioId, p.AsOfDate, p.InstrumentId, p.Weight);
    }

    public override Task DamageAsync(PartitionKey key) => ExecuteAsync(
        """
        UPDATE numeric_window_embeddings SET vector = set_bit(vector, 40, 1 - get_bit(vector, 40))
        WHERE model_id = $1 AND as_of_date = $2::date AND entity_id = (SELECT min(entity_id) FROM numeric_window_embeddings WHERE model_id = $1)
        """,
        key.ModelId,
        Core.DateRange.Text(key.AsOf));

    public override Task DamageArtifactAsync(string modelId, DateOnly asOf, string name) => ExecuteAsync(
        "UPDATE grid_artifacts SET content = set_bit(content, 3, 1 - get_bit(content, 3)) WHERE model_id = $1 AND as_of_date = $2::date AND name = $3",
        modelId, Core.DateRange.Text(asOf), name);

    public override ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task ExecuteAsync(string sql, params string?[] parameters)
    {
        if (_database.State == ConnectionState.Closed)
            await _database.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, _database);
        foreach (string? parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)parameter ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        Assert.True(await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken) != 0 || sql.StartsWith("DELETE", StringComparison.Ordinal), sql);
    }

    /// <summary>The models that the suites write. Where rows go depends on their manifests.</summary>
    private static ModelCatalog LoadCatalog()
    {
        var folder = Directory.CreateTempSubdirectory("grid-models-");
        try
        {
            foreach (string model in (string[])["num-test-v1", "num-a-v1", "num-b-v1", "num-other-v1"])
                File.WriteAllText(Path.Combine(folder.FullName, $"{model}.json"), $$"""{"model_id": "{{model}}", "kind": "numeric", "entity": "instrument", "encoder": "none"}""");
            foreach (string model in (string[])["text-a-v1", "text-profile-v1"])
                File.WriteAllText(Path.Combine(folder.FullName, $"{model}.json"), $$"""{"model_id": "{{model}}", "kind": "text", "entity": "issuer", "encoder": "none"}""");
            var spaces = folder.CreateSubdirectory("spaces");
            foreach (string model in (string[])["joint-test-v1", "joint-a-v1"])
            {
                File.WriteAllText(
                    Path.Combine(spaces.FullName, $"{model}.json"),
                    $$"""
                    {
                      "model_id": "{{model}}", "joint_type": "{{model.ToUpperInvariant()}}", "entity": "issuer", "fusion": "average",
                      "branches": [{"name": "text", "kind": "text", "model_id": "text-a-v1", "weight": 1, "required": true}]
                    }
                    """);
            }
            return ModelCatalog.Load(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

public sealed class PostgresInputsConformance(SharedPostgres server) : InputsConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => PostgresFixture.CreateAsync(server);
}

public sealed class PostgresResumedWorkConformance(SharedPostgres server) : ResumedWorkConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => PostgresFixture.CreateAsync(server);
}

public sealed class PostgresVectorsConformance(SharedPostgres server) : VectorsConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => PostgresFixture.CreateAsync(server);
}

public sealed class PostgresKnowledgeTimeConformance(SharedPostgres server) : KnowledgeTimeConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => PostgresFixture.CreateAsync(server);
}

public sealed class PostgresArtifactsConformance(SharedPostgres server) : ArtifactsConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => PostgresFixture.CreateAsync(server);
}

public sealed class PostgresTextVectorsConformance(SharedPostgres server) : TextVectorsConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => PostgresFixture.CreateAsync(server);
}
