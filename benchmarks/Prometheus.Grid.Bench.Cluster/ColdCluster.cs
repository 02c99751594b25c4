using Npgsql;
using NpgsqlTypes;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>Silos of one version over a database of many joint vectors, to be started, stopped and started again.</summary>
internal sealed class ColdCluster : IAsyncDisposable
{
    private const string Space = "joint-portfolio-core-v1";
    private readonly PrivatePostgres _server;
    private readonly string _database;
    private readonly string? _binaries;
    private readonly List<SiloProcess> _silos = [];
    private ClusterGrid? _grid;

    private ColdCluster(PrivatePostgres server, string database, string? binaries, string postgres) =>
        (_server, _database, _binaries, Postgres) = (server, database, binaries, postgres);

    /// <summary>Connection string of the database.</summary>
    public string Postgres { get; }

    /// <summary>Creates a database with the schema of a silo and rows that any version writes alike.</summary>
    /// <param name="server">The server.</param>
    /// <param name="database">The name of the database.</param>
    /// <param name="binaries">The folder of the silo, or null for that of this version.</param>
    /// <param name="rows">How many.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static async Task<ColdCluster> CreateAsync(PrivatePostgres server, string database, string? binaries, int rows, CancellationToken cancellationToken)
    {
        var cluster = new ColdCluster(server, database, binaries, await server.CreateDatabaseAsync(database, cancellationToken: cancellationToken));
        await (await cluster.StartOneAsync(new() { ["Grid__Migrate"] = "true" }, cancellationToken)).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(cluster.Postgres);
        await using (var partition = source.CreateCommand("""
            INSERT INTO grid_partitions (kind, model_id, as_of_date, scope, origin, dimension, first_known_at, known_at)
            VALUES ('joint', $1, $2, 'PORTFOLIO_CORE_V0', $3, $4, now(), now())
            """))
        {
            partition.Parameters.Add(new() { Value = Space });
            partition.Parameters.Add(new() { Value = BenchMarket.AsOf });
            partition.Parameters.Add(new() { Value = JointOrigin.Of(RealCluster.Models.Space(Space)) });
            partition.Parameters.Add(new() { Value = BenchMarket.Dimensions });
            await partition.ExecuteNonQueryAsync(cancellationToken);
        }
        await CopyAsync(source, rows, cancellationToken);
        await using var vacuum = source.CreateCommand("VACUUM ANALYZE joint_embeddings");
        vacuum.CommandTimeout = 0;
        await vacuum.ExecuteNonQueryAsync(cancellationToken);
        return cluster;
    }

    /// <summary>Starts silos and connects a client to them; others are dead by then.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="snapshots">The folder in which they keep what they have read; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task StartAsync(int silos, string? snapshots, CancellationToken cancellationToken)
    {
        Dictionary<string, string> settings = snapshots is null ? [] : new() { ["Grid__Snapshots"] = snapshots };
        _silos.AddRange(await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => StartOneAsync(settings, cancellationToken))));
        _grid = await new ClusterConnection { Postgres = Postgres }.OpenAsync(cancellationToken);
    }

    /// <summary>CPU that the silos have used.</summary>
    public double CpuSeconds() => _silos.Sum(silo => CpuTime.OfTree(silo.ProcessId));

    /// <summary>Stops all silos.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_grid is not null)
            await _grid.DisposeAsync();
        _grid = null;
        foreach (var silo in _silos)
        {
            await silo.StopAsync(cancellationToken);
            await silo.DisposeAsync();
        }
        _silos.Clear();
    }

    /// <summary>Stops a silo, and starts another.</summary>
    public async Task ChangeAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, cancellationToken);
        await _silos[0].StopAsync(cancellationToken);
        await _silos[0].DisposeAsync();
        _silos.RemoveAt(0);
        await Task.Delay(pause / 2, cancellationToken);
        _silos.Add(await StartOneAsync([], cancellationToken));
    }

    /// <summary>The neighbours of an entity with their scores.</summary>
    public Task<string> AnswerAsync(int target, CancellationToken cancellationToken) => AnswerAsync(_grid!, target, cancellationToken);

    /// <inheritdoc cref="AnswerAsync(int, CancellationToken)"/>
    public static async Task<string> AnswerAsync(IEmbeddingGrid grid, int target, CancellationToken cancellationToken)
    {
        var answer = await grid.FindSimilarAsync(
            new SimilarityQuery { Target = new SimilarityTarget.Entity(Id(target)), AsOf = BenchMarket.AsOf, ModelId = Space }, cancellationToken);
        return string.Join(' ', answer.Hits.Select(hit => FormattableString.Invariant($"{hit.EntityId} {hit.Cosine:R}")));
    }

    /// <summary>Drops the database, whose rows take room.</summary>
    public async Task DropAsync(CancellationToken cancellationToken)
    {
        await StopAsync(cancellationToken);
        NpgsqlConnection.ClearAllPools();
        await using var admin = NpgsqlDataSource.Create(_server.ConnectionString("postgres") + ";Pooling=false");
        await using var drop = admin.CreateCommand($"DROP DATABASE {_database} WITH (FORCE)");
        await drop.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));

    private async Task<SiloProcess> StartOneAsync(Dictionary<string, string> settings, CancellationToken cancellationToken) =>
        await SiloProcess.StartAsync(Postgres, settings, binaries: _binaries, cancellationToken: cancellationToken);

    private static async Task CopyAsync(NpgsqlDataSource source, int rows, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY joint_embeddings (joint_type, as_of_date, entity_scope, model_id, vector, known_at, vector_crc32c) FROM STDIN (FORMAT binary)", cancellationToken);
        copy.Timeout = TimeSpan.Zero;
        var now = DateTime.UtcNow;
        for (int i = 0; i < rows; i++)
        {
            byte[] vector = new byte[BenchMarket.Dimensions * sizeof(float)];
            Buffer.BlockCopy(BenchMarket.Vector(i), 0, vector, 0, vector.Length);
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync("PORTFOLIO_CORE_V0", NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(BenchMarket.AsOf, NpgsqlDbType.Date, cancellationToken);
            await copy.WriteAsync($$"""{"portfolio_id": "{{Id(i)}}", "source": "", "as_of_date": "2024-06-28", "entity_type": "PORTFOLIO"}""", NpgsqlDbType.Jsonb, cancellationToken);
            await copy.WriteAsync(Space, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(vector, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync((long)Crc32C.Of(vector), NpgsqlDbType.Bigint, cancellationToken);
        }
        await copy.CompleteAsync(cancellationToken);
    }

    private static string Id(int number) => FormattableString.Invariant($"PF_{number:D7}");
}
