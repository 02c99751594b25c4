using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>What is acknowledged survives a server that is stopped as by a power cut while writers are at work, and a silo needs no restart to go on.</summary>
[Trait(Scenario.Trait, "3")]
public sealed class PostgresCrashTests
{
    private const int Writers = 4, RowsAtOnce = 3, WritesBetweenCrashes = 25, Dimension = 384;
    private const int Chunks = 4, RowsInChunk = 20;

    private static readonly PartitionKey s_puts = new(BranchKind.Numeric, "num-profile-core-v1", new DateOnly(2024, 3, 1));
    private static readonly PartitionKey s_backfill = new(BranchKind.Joint, "joint-profile-core-v1", new DateOnly(2024, 3, 1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task No_acknowledged_row_is_lost_and_none_is_there_twice() => FaultRun.RunAsync(3, "", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, cancellationToken: Token);
        string database = await server.CreateDatabaseAsync("crashes", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using var store = await PostgresStore.OpenAsync(database, RealCluster.Models, new PostgresOptions { RetryFor = TimeSpan.FromMinutes(5) }, Token);
        await using var silo = await SiloProcess.StartAsync(database, cancellationToken: Token);
        using var health = new Health(silo.Health);
        await health.UntilReadyIsAsync(HttpStatusCode.OK, Token);

        // The mark of the last write of each entity that was acknowledged; each entity has one writer, whose marks ascend.
        var acknowledged = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var writes = new SemaphoreSlim(0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var completed = new ConcurrentBag<PartitionKey>();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => PutAsync(writer), Token)), Task.Run(BackfillAsync, Token)];
        int crashes = FaultRun.Length(3, 20);
        while (run.Trials < crashes)
        {
            run.Trial();
            for (int i = 0; i < WritesBetweenCrashes; i++)
                await (await Task.WhenAny([writes.WaitAsync(Token), .. writers])); // A writer that ends has failed.
            await server.StopImmediatelyAsync(Token);
            run.Inject("immediate stops of Postgres under writes");
            await health.UntilReadyIsAsync(HttpStatusCode.ServiceUnavailable, Token);
            Assert.Equal(HttpStatusCode.OK, await health.LiveAsync(Token));
            await Task.Delay(FaultRun.Length(TimeSpan.Zero, TimeSpan.FromSeconds(5)), Token);
            await server.StartAgainAsync(Token);
            long started = Stopwatch.GetTimestamp();
            await health.UntilReadyIsAsync(HttpStatusCode.OK, Token);
            run.Recover(Stopwatch.GetElapsedTime(started));
            run.Hold("times that readiness went false and true again");
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        Assert.NotEmpty(completed);
        var puts = (await store.Vectors.ReadAsync(s_puts, null, null, Token))!;
        Assert.Equal(puts.Rows.Headers.Count, puts.Rows.Headers.Select(header => header.EntityId).Distinct(StringComparer.Ordinal).Count());
        foreach ((string entity, int mark) in acknowledged)
        {
            int row = puts.Rows.IndexOf(entity);
            Assert.True(row >= 0, $"{entity} is lost");
            Assert.True(puts.Rows.Row(row).Span[0] >= mark, $"{entity} has mark {puts.Rows.Row(row).Span[0]}, acknowledged was {mark}");
            run.Hold("acknowledged puts", mark);
        }
        foreach (var key in completed)
        {
            var rows = (await store.Vectors.ReadAsync(key, null, null, Token))!.Rows;
            Assert.Equal(Chunks * RowsInChunk, rows.Count);
            for (int chunk = 0; chunk < Chunks; chunk++)
                Assert.Equal(Chunk(chunk).Values.ToArray(), rows.Values.Slice(chunk * RowsInChunk * Dimension, RowsInChunk * Dimension).ToArray());
            run.Hold("completed backfills");
        }
        await foreach (var finding in store.Vectors.VerifyAsync(Token))
            Assert.Null(finding.Problem);

        async Task PutAsync(int writer)
        {
            for (int mark = 1; !stop.IsCancellationRequested; mark++)
            {
                RowHeader[] headers = [.. Enumerable.Range(0, RowsAtOnce).Select(i => new RowHeader($"W{writer}-{(mark + i) % 5}")).OrderBy(h => h.EntityId, StringComparer.Ordinal)];
                float[] values = new float[RowsAtOnce * Dimension];
                Array.Fill(values, mark);
                try
                {
                    var outcome = await store.Vectors.PutAsync(s_puts, new VectorBatch(headers, values, Dimension), "o", stop.Token);
                    Assert.Equal(RowsAtOnce, outcome.Written);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return;
                }
                foreach (var header in headers)
                    acknowledged[header.EntityId] = mark;
                writes.Release();
            }
        }

        // The one under way when the writers are stopped is completed too, so there is at least one.
        async Task BackfillAsync()
        {
            for (int day = 0; !stop.IsCancellationRequested; day++)
            {
                var key = s_backfill with { AsOf = s_backfill.AsOf.AddDays(day) };
                await using var writer = await store.Vectors.BeginAsync(key, Dimension, "o", "work", Token);
                for (int chunk = 0; chunk < Chunks; chunk++)
                    await writer.CommitAsync(Chunk(chunk), [], Token);
                Assert.Equal(new WriteOutcome(Chunks * RowsInChunk, 0), (await writer.CompleteAsync(Token)).Outcome);
                completed.Add(key);
            }
        }
    });

    private static VectorBatch Chunk(int chunk)
    {
        float[] values = new float[RowsInChunk * Dimension];
        for (int i = 0; i < values.Length; i++)
            values[i] = chunk + (i % 1009 / 1009f);
        return new VectorBatch([.. Enumerable.Range(chunk * RowsInChunk, RowsInChunk).Select(i => new RowHeader($"E{i:D4}"))], values, Dimension);
    }
}
