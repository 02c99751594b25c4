using System.Collections.Concurrent;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>What is acknowledged survives a server that is stopped as by a power cut, 20 times while writers are at work.</summary>
public sealed class CrashTests
{
    private const int Crashes = 20, Writers = 4, RowsAtOnce = 3, WritesBetweenCrashes = 25;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_row_is_lost_and_none_is_there_twice()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, cancellationToken: Token);
        string database = await server.CreateDatabaseAsync("crashes", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using var store = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, new PostgresOptions { RetryFor = TimeSpan.FromMinutes(5) }, Token);

        // The mark of the last write of each entity that was acknowledged; each entity has one writer, whose marks ascend.
        var acknowledged = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var writes = new SemaphoreSlim(0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var completed = new ConcurrentBag<(PartitionKey Key, int Rows)>();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => PutAsync(writer), Token)), Task.Run(BackfillAsync, Token)];
        for (int crash = 0; crash < Crashes; crash++)
        {
            for (int i = 0; i < WritesBetweenCrashes; i++)
                await writes.WaitAsync(Token);
            await server.StopImmediatelyAsync(Token);
            await server.StartAgainAsync(Token);
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        Assert.NotEmpty(completed);
        var puts = (await store.Vectors.ReadAsync(Samples.Numeric, null, null, Token))!;
        foreach ((string entity, int mark) in acknowledged)
        {
            int row = puts.Rows.IndexOf(entity);
            Assert.True(row >= 0, $"{entity} is lost");
            Assert.True(puts.Rows.Row(row).Span[0] >= mark, $"{entity} has mark {puts.Rows.Row(row).Span[0]}, acknowledged was {mark}");
        }
        foreach ((var key, int rows) in completed)
            Samples.Same(Samples.Rows(key, 0, rows), (await store.Vectors.ReadAsync(key, null, null, Token))?.Rows);
        await foreach (var finding in store.Vectors.VerifyAsync(Token))
            Assert.Null(finding.Problem);

        async Task PutAsync(int writer)
        {
            for (int mark = 1; !stop.IsCancellationRequested; mark++)
            {
                RowHeader[] headers = [.. Enumerable.Range(0, RowsAtOnce).Select(i => new RowHeader($"W{writer}-{(mark + i) % 5}")).OrderBy(h => h.EntityId, StringComparer.Ordinal)];
                float[] values = new float[RowsAtOnce * 384];
                Array.Fill(values, mark);
                try
                {
                    var outcome = await store.Vectors.PutAsync(Samples.Numeric, new VectorBatch(headers, values, 384), "o", stop.Token);
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

        async Task BackfillAsync()
        {
            for (int day = 0; !stop.IsCancellationRequested; day++)
            {
                var key = Samples.Joint with { AsOf = Samples.AsOf.AddDays(day) };
                try
                {
                    await using var writer = await store.Vectors.BeginAsync(key, 384, "o", "work", stop.Token);
                    for (int chunk = 0; chunk < 4; chunk++)
                        await writer.CommitAsync(Samples.Rows(key, chunk * 20, 20), [], stop.Token);
                    Assert.Equal(new WriteOutcome(80, 0), (await writer.CompleteAsync(stop.Token)).Outcome);
                    completed.Add((key, 80));
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    [Fact]
    public async Task Without_a_server_the_message_says_so_after_the_time_for_retries()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(isDurable: true, cancellationToken: Token);
        string database = await server.CreateDatabaseAsync("gone", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using var store = await PostgresStore.OpenAsync(database, ServerFixture.Catalog, new PostgresOptions { RetryFor = TimeSpan.FromMilliseconds(200) }, Token);
        await using var writer = await store.Vectors.BeginAsync(Samples.Numeric, 384, "o", "work", Token);
        await writer.CommitAsync(Samples.Rows(Samples.Numeric, 0, 10), [], Token);
        await server.StopImmediatelyAsync(Token);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => writer.CommitAsync(Samples.Rows(Samples.Numeric, 10, 10), [], Token));
        Assert.True(error.CanRetry);
        Assert.Contains("no connection to Postgres", error.Message, StringComparison.Ordinal);

        await server.StartAgainAsync(Token);
        await writer.CommitAsync(Samples.Rows(Samples.Numeric, 10, 10), [], Token);
        Assert.Equal(new WriteOutcome(20, 0), (await writer.CompleteAsync(Token)).Outcome);
    }
}
