using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>
/// Machines whose clocks are an hour apart write the same partition in turn: what was known at a time stays what it was, and the last write is the latest.
/// On Postgres silos take the server's clock, so there it is the servers before and after a failover whose clocks differ.
/// </summary>
[Trait(Scenario.Trait, "15")]
public sealed class ClockTests
{
    private const int Dimension = 384;
    private static readonly PartitionKey s_key = new(BranchKind.Numeric, "num-profile-core-v1", new DateOnly(2024, 3, 1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task On_a_folder_that_machines_use_in_turn() => FaultRun.RunAsync(15, "folder", async run =>
    {
        string folder = Directory.CreateTempSubdirectory("grid-clock-").FullName;
        await WriteInTurnAsync(run, async clock => await FolderStore.OpenAsync(folder, new FolderStoreOptions { Time = clock }, Token));
        Directory.Delete(folder, recursive: true);
    });

    [Fact]
    public Task On_Postgres_whose_servers_change() => FaultRun.RunAsync(15, "Postgres", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(cancellationToken: Token);
        string database = await server.CreateDatabaseAsync("clocks", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await WriteInTurnAsync(run, async clock => await PostgresStore.OpenAsync(database, RealCluster.Models, new PostgresOptions { Clock = clock }, Token));
    });

    private static async Task WriteInTurnAsync(FaultRun run, Func<TimeProvider, Task<IGridStore>> open)
    {
        var known = new List<(DateTimeOffset At, float Value)>();
        for (int write = 0; write < FaultRun.Length(8, 200); write++)
        {
            run.Trial();
            await using var store = await open(new ShiftedClock(TimeSpan.FromHours(run.Random.Next(-1, 2))));
            run.Inject("writes by a clock up to an hour ahead or behind");
            await store.Vectors.PutAsync(s_key, Row(write + 1), "o", Token);
            var latest = (await store.Vectors.ReadAsync(s_key, null, null, Token))!;
            Assert.Equal(write + 1, latest.Rows.Row(0).Span[0]);
            Assert.True(known.Count == 0 || latest.KnownAt > known[^1].At, $"write {write} is known at {latest.KnownAt:O}, not after {(known.Count == 0 ? default : known[^1].At):O}");
            known.Add((latest.KnownAt, write + 1));
            foreach (var (at, value) in known)
                Assert.Equal(value, (await store.Vectors.ReadAsync(s_key, null, at, Token))!.Rows.Row(0).Span[0]);
            run.Hold("answers about what was known at a time", known.Count);
        }
    }

    private static VectorBatch Row(float value)
    {
        float[] values = new float[Dimension];
        Array.Fill(values, value);
        return new VectorBatch([new RowHeader("E1")], values, Dimension);
    }

    private sealed class ShiftedClock(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
    }
}
