using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.EndToEnd;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>The disk fills up under every writer: each says so and leaves nothing half done, readers go on, and with space again the work completes.</summary>
[Trait(Scenario.Trait, "4")]
public sealed class FullDiskTests
{
    private const string Day = "2024-06-28", Text = "text-hash-v1", Numeric = "num-regime-core-v1", Joint = "joint-profile-core-v1";
    private const int Issuers = 500;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Under_every_writer_on_a_data_folder() => FaultRun.RunAsync(4, "folder", async run =>
    {
        using var disk = await SmallDisk.MountAsync(megabytes: 64);
        await SyntheticMarket.WriteAsync(disk.Path, SyntheticMarketOptions.ForBenchmark(Issuers, portfolios: 4, weekdays: 200), null, Token);
        foreach (string model in (string[])["num-profile-core-v1", "num-regime-core-v1"])
            (await GridAsync("backfill-numeric-embeddings", "--as-of", "2024-06-27", "--model-id", model)).Succeeded();
        (await GridAsync("backfill-profile-text-embeddings", "--as-of", "2024-06-27", "--model-id", Text)).Succeeded();
        (await GridAsync("backfill-joint-profiles", "--as-of", "2024-06-27", "--joint-model-id", Joint, "--text-model-id", Text)).Succeeded();
        string[] files = Files();
        string before = (await GridAsync("show-joint-profiles", "--as-of", "2024-06-27", "--model-id", Joint)).Succeeded().Text;

        // Less than any of them writes.
        await disk.FillAsync(left: 64 << 10);
        files = Files();
        (string Name, string[] Command)[] writers =
        [
            ("backfill", ["backfill-numeric-embeddings", "--as-of", Day, "--model-id", Numeric]),
            ("backfill of texts", ["backfill-profile-text-embeddings", "--as-of", Day, "--model-id", Text]),
            .. ((string[])["npy", "csv", "jsonl", "parquet", "arrow"]).Select(ending => (
                $"export to .{ending}", (string[])["export", "--model-id", Text, "--as-of", "2024-06-27", "--out", Path.Combine(disk.Path, $"out.{ending}")])),
            ("neighbours", ["neighbours", "--space", Joint, "--as-of", "2024-06-27", "--top-k", "100", "--out", Path.Combine(disk.Path, "edges.csv")]),
            ("map", ["map", "--space", Joint, "--as-of", "2024-06-27", "--out", Path.Combine(disk.Path, "map.html")]),
        ];
        foreach (var (name, command) in writers)
        {
            run.Trial();
            var output = await GridAsync(command);
            Assert.True(output.ExitCode == 1, $"{name} ended with {output.ExitCode}: {output.Errors}{output.Text}");
            Assert.Contains("disk is full", output.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output.Errors, StringComparison.Ordinal);
            run.Inject("writers on a full disk");
            // Nothing that looks whole and is not; what a backfill has staged is no partition.
            Assert.Equal(files, Files());
            run.Hold("writers that said so and left no file");
        }
        Assert.Equal(before, (await GridAsync("show-joint-profiles", "--as-of", "2024-06-27", "--model-id", Joint)).Succeeded().Text);
        (await GridAsync("verify")).Succeeded();

        disk.GiveBack();
        foreach (var (_, command) in writers)
            (await GridAsync(command)).Succeeded();
        var verified = (await GridAsync("verify")).Succeeded();
        Assert.All(verified.Rows, row => Assert.Equal("ok", row[^1]));
        run.Hold("reruns with space again", writers.Length);
        run.Hold("partitions verified", verified.Rows.Length);

        Task<GridOutput> GridAsync(params string[] arguments) => GridProcess.RunAsync(disk.Path, arguments);

        // Staged rows and lock files are the writers' own, and no partition.
        string[] Files() => [.. Directory.EnumerateFiles(disk.Path, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("ballast", StringComparison.Ordinal) && !file.Contains("staging", StringComparison.Ordinal) && !file.Contains("lock", StringComparison.Ordinal) && !file.Contains("cache", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
    });

    [Fact]
    public Task Under_a_silo_on_Postgres() => FaultRun.RunAsync(4, "Postgres", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        using var disk = await SmallDisk.MountAsync(megabytes: 8);
        await using var server = await PrivatePostgres.StartAsync(cancellationToken: Token);
        await server.CreateTablespaceAsync("small", disk.Path, Token);
        string database = await server.CreateDatabaseAsync("full", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using (var source = Npgsql.NpgsqlDataSource.Create(database))
        await using (var move = source.CreateCommand("ALTER TABLE numeric_window_embeddings SET TABLESPACE small; ALTER TABLE joint_embeddings SET TABLESPACE small"))
            await move.ExecuteNonQueryAsync(Token);
        await using var silo = await SiloProcess.StartAsync(database, cancellationToken: Token);
        await using var grid = await HttpGrid.OpenAsync(silo.Health, new HttpGridOptions { RetryFor = TimeSpan.Zero }, Token);
        var searches = new SearchWatch(grid, await ExactAnswers.PutAsync(grid, Token));
        await disk.TakeMegabyteAsync();

        for (int i = 0; i < FaultRun.Length(1, 5); i++)
        {
            run.Trial();
            int put = 0;
            var fault = await Assert.ThrowsAsync<GridFaultException>(async () =>
            {
                for (; ; put++)
                    await PutAsync(i, put);
            });
            Assert.True(fault.CanRetry, fault.Message);
            Assert.Contains("disk of Postgres", fault.Message, StringComparison.Ordinal);
            run.Inject("disks of Postgres filled by puts");
            await searches.RoundAsync(Token);
            disk.GiveBack();
            await PutAsync(i, put);
            for (int written = 0; written <= put; written++)
            {
                var state = await grid.GetStateAsync(new StateQuery(new EntityKey(EntityKind.Portfolio, $"PF_D{i}_{written}"), Of(i)), Token);
                Assert.Equal(written + 1, Assert.Single(state.Branches).Vector.Span[0]);
            }
            run.Hold("acknowledged puts", put + 1);
            if (i + 1 < FaultRun.Length(1, 5))
            {
                // Room for the next round, which fills it again.
                await using var source = Npgsql.NpgsqlDataSource.Create(database);
                await using var clear = source.CreateCommand($"DELETE FROM numeric_window_embeddings WHERE as_of_date = '{Of(i):yyyy-MM-dd}'; DELETE FROM joint_embeddings WHERE as_of_date = '{Of(i):yyyy-MM-dd}'; DELETE FROM grid_partitions WHERE as_of_date = '{Of(i):yyyy-MM-dd}'");
                await clear.ExecuteNonQueryAsync(Token);
                await using var vacuum = source.CreateCommand("VACUUM FULL numeric_window_embeddings");
                await vacuum.ExecuteNonQueryAsync(Token);
                await using var vacuumJoint = source.CreateCommand("VACUUM FULL joint_embeddings");
                await vacuumJoint.ExecuteNonQueryAsync(Token);
                await disk.TakeMegabyteAsync();
            }
        }
        run.Hold("full answers", searches.Full);

        Task PutAsync(int trial, int number)
        {
            float[] vector = new float[384];
            (vector[0], vector[1]) = (number + 1, 1);
            return grid.PutBranchAsync(new BranchPut(new EntityKey(EntityKind.Portfolio, $"PF_D{trial}_{number}"), "num-portfolio-core-v1", Of(trial), vector), Token);
        }

        static DateOnly Of(int trial) => new DateOnly(2024, 1, 1).AddDays(trial);
    });
}
