using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary><c>verify --deep</c> finds what is damaged in either store, and what it says to do about it, done word for word, brings everything back.</summary>
public sealed class VerifyDeepTests(SharedPostgres server)
{
    private const string AsOf = "2024-06-28", Model = "num-profile-core-v2";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Damaged_files_of_a_folder_are_built_again_as_it_says()
    {
        using var folder = await DataFolder.OfSyntheticAsync(issuers: 30);
        (await BackfillAsync(folder.RunAsync)).Succeeded();
        var before = folder.LivePartitions();
        (await folder.RunAsync("verify", "--deep")).Succeeded();

        string[] damaged =
        [
            Assert.Single(folder.VectorFiles()),
            Directory.GetFiles(folder.File("artifacts"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First(),
            folder.File(Path.Combine(".cache", "prices.v2.bin")),
        ];
        foreach (string path in damaged)
        {
            byte[] bytes = await File.ReadAllBytesAsync(path, Token);
            bytes[^1] ^= 4;
            await File.WriteAllBytesAsync(path, bytes, Token);
        }
        var found = await FoundAsync(folder.RunAsync, damaged.Length);
        Assert.All(damaged, path => Assert.Single(found, row => row.Result.Contains(path, StringComparison.Ordinal)));
        foreach (var (_, rebuild) in found)
            await FollowAsync(rebuild, folder.RunAsync, null);
        (await folder.RunAsync("verify", "--deep")).Succeeded();
        Assert.Equal(before, folder.LivePartitions());
    }

    [Fact]
    public async Task Damaged_rows_of_a_database_are_built_again_as_it_says()
    {
        using var folder = await DataFolder.OfSyntheticAsync(issuers: 30);
        var store = await StoreUnderTest.CreateAsync(folder, server);
        (await BackfillAsync(store.RunAsync)).Succeeded();
        (await store.RunAsync("verify", "--deep")).Succeeded();
        await using var source = NpgsqlDataSource.Create(store.Database!);
        const string vectors = "SELECT md5(string_agg(vector, ''::bytea ORDER BY entity_id)) FROM numeric_window_embeddings";
        string before = (string)(await source.CreateCommand(vectors).ExecuteScalarAsync(Token))!;

        await ExecuteAsync(source, "UPDATE numeric_window_embeddings SET vector = set_bit(vector, 40, 1 - get_bit(vector, 40)) WHERE entity_id = (SELECT min(entity_id) FROM numeric_window_embeddings)");
        await ExecuteAsync(source, "UPDATE grid_artifacts SET content = set_bit(content, 3, 1 - get_bit(content, 3)) WHERE name = (SELECT min(name) FROM grid_artifacts)");
        foreach (var (_, rebuild) in await FoundAsync(store.RunAsync, damaged: 2))
            await FollowAsync(rebuild, store.RunAsync, source);
        (await store.RunAsync("verify", "--deep")).Succeeded();
        Assert.Equal(before, await source.CreateCommand(vectors).ExecuteScalarAsync(Token));
    }

    private static Task<GridOutput> BackfillAsync(Func<string[], Task<GridOutput>> run) => run(["backfill-numeric-embeddings", "--as-of", AsOf, "--model-id", Model]);

    private static async Task<List<(string Result, string Rebuild)>> FoundAsync(Func<string[], Task<GridOutput>> run, int damaged)
    {
        var output = await run(["verify", "--deep", "--format", "json"]);
        Assert.Equal(1, output.ExitCode);
        using var rows = JsonDocument.Parse(output.Text);
        List<(string Result, string Rebuild)> found = [.. from row in rows.RootElement.EnumerateArray()
                                                         where row.GetProperty("result").GetString() != "ok"
                                                         select (row.GetProperty("result").GetString()!, row.GetProperty("rebuild").GetString()!)];
        Assert.Equal(damaged, found.Count);
        return found;
    }

    /// <summary>Runs what stands in the column, a command after the other.</summary>
    private static async Task FollowAsync(string rebuild, Func<string[], Task<GridOutput>> run, NpgsqlDataSource? source)
    {
        foreach (string command in rebuild.Split("; "))
        {
            if (command.StartsWith("grid ", StringComparison.Ordinal))
            {
                (await run(command.Split(' ')[1..])).Succeeded();
            }
            else if (command.StartsWith("psql -c \"", StringComparison.Ordinal))
            {
                await ExecuteAsync(source!, command["psql -c \"".Length..^1]);
            }
            else
            {
                using var shell = Process.Start("sh", ["-c", command]);
                await shell.WaitForExitAsync(Token);
                Assert.Equal(0, shell.ExitCode);
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Token));
    }
}
