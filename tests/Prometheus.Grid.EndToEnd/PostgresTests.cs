using Npgsql;
using Prometheus.Grid.Tests;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Prometheus.Grid.EndToEnd;

/// <summary>With --postgres every command says on stdout what it says on a data folder, byte for byte.</summary>
public sealed class PostgresTests(WorkflowFixture workflow, SharedPostgres server) : IClassFixture<WorkflowFixture>
{
    private string[][] Questions =>
    [
        ["show-joint-profiles", "--as-of", WorkflowFixture.AsOf],
        ["show-joint-portfolios", "--as-of", WorkflowFixture.AsOf],
        ["find-similar-profiles", "--issuer-id", workflow.Issuer, "--as-of", WorkflowFixture.AsOf, "--top-k", "600"],
        ["find-similar-profiles", "--issuer-id", workflow.Profiles[0][1], "--as-of", WorkflowFixture.AsOf, "--weights", "text=0.7,numeric=0.3", "--explain"],
        ["find-similar-profiles", "--text", "memory wafers", "--as-of", WorkflowFixture.AsOf, "--sector", "Information Technology"],
        ["find-similar-portfolios", "--portfolio-id", "PF_000002", "--as-of", WorkflowFixture.AsOf, "--explain"],
        ["history", "--portfolio-id", "PF_000002"],
        ["export", "--model-id", "joint-profile-core-v1", "--as-of", WorkflowFixture.AsOf, "--out"],
    ];

    [Fact]
    public async Task Every_command_answers_as_on_a_data_folder()
    {
        string database = await server.CreateDatabaseAsync();
        (await RunAsync(database, "migrate")).Succeeded();
        (await RunAsync(database, "import", workflow.Folder.Path)).Succeeded();
        foreach (var (command, onFolder) in WorkflowFixture.Backfills.Zip(workflow.FirstRuns))
            Assert.Equal(onFolder.Text, (await RunAsync(database, command)).Succeeded().Text);

        using var exports = new DataFolder();
        foreach (string[] question in Questions)
        {
            bool isExport = question[0] == "export";
            string[] onFolder = isExport ? [.. question, exports.File("folder.npy")] : question, onPostgres = isExport ? [.. question, exports.File("postgres.npy")] : question;
            Assert.Equal(
                (await workflow.Folder.RunAsync(onFolder)).Succeeded().Text.Replace("folder.npy", "", StringComparison.Ordinal),
                (await RunAsync(database, onPostgres)).Succeeded().Text.Replace("postgres.npy", "", StringComparison.Ordinal));
        }
        Assert.Equal(await File.ReadAllBytesAsync(exports.File("folder.npy"), Token), await File.ReadAllBytesAsync(exports.File("postgres.npy"), Token));
    }

    [Fact]
    public async Task Doctor_looks_at_a_database_for_what_an_operator_would_look_for()
    {
        string database = await server.CreateDatabaseAsync();
        var empty = await RunAsync(database, "doctor", "--format", "json");
        Assert.Equal(1, empty.ExitCode);
        Assert.Contains(empty.JsonRows, row => row[0] == "store" && row[1] == "fault" && row[3].Contains("grid migrate", StringComparison.Ordinal));

        (await RunAsync(database, "migrate")).Succeeded();
        await using (var source = NpgsqlDataSource.Create(database))
        await using (var member = source.CreateCommand("""
            INSERT INTO grid_clusters (cluster_id) VALUES ('grid');
            INSERT INTO grid_silos (cluster_id, address, port, generation, silo_name, host_name, status, started_at, alive_at)
            VALUES ('grid', '10.0.0.7', 11111, 1, 'a', 'frozen', 3, now() - interval '1 hour', now() - interval '5 minutes')
            """))
        {
            await member.ExecuteNonQueryAsync(Token);
        }
        var doctor = await RunAsync(database, "doctor", "--format", "json");
        // The server of the tests skips fsync, which nobody else's should.
        Assert.Equal(1, doctor.ExitCode);
        Assert.Contains(doctor.JsonRows, row => row[0] == "setting fsync" && row[1] == "fault" && row[3] == "fsync = on");
        foreach (string what in (string[])["Postgres", "schema", "primary", "clock", "size", "connections"])
            Assert.Contains(doctor.JsonRows, row => row[0] == what && row[1] == "ok");
        Assert.Contains(doctor.JsonRows, row => row[0] == "member 10.0.0.7:11111" && row[1] == "warning" && row[2].Contains("on frozen", StringComparison.Ordinal));
        Assert.Contains(doctor.JsonRows, row => row[0] == "dates" && row[1] == "warning");
    }

    [Fact]
    public async Task A_folder_of_vectors_is_the_same_bytes_after_a_round_trip()
    {
        string database = await server.CreateDatabaseAsync();
        (await RunAsync(database, "migrate")).Succeeded();
        var before = workflow.Folder.LivePartitions();
        var imported = (await RunAsync(database, "import", workflow.Folder.Path, "--vectors")).Succeeded();
        Assert.Equal(before.Count, imported.Rows.Count(row => row[2] == "written" && row[4] != "0"));

        using var target = new DataFolder();
        (await RunAsync(database, "export", "--out", target.File("all"))).Succeeded();
        using var copy = new DataFolder();
        (await copy.RunAsync("import", target.File("all"), "--vectors")).Succeeded();
        Assert.Equal(before, copy.LivePartitions());
        (await copy.RunAsync("verify")).Succeeded();

        string other = await server.CreateDatabaseAsync();
        (await RunAsync(other, "migrate")).Succeeded();
        (await RunAsync(other, "import", copy.Path, "--vectors")).Succeeded();
        string[] question = ["show-joint-portfolios", "--as-of", WorkflowFixture.AsOf, "--format", "json"];
        Assert.Equal((await RunAsync(database, question)).Succeeded().Text, (await RunAsync(other, question)).Succeeded().Text);
        Assert.Equal((await workflow.Folder.RunAsync(question)).Succeeded().Text, (await RunAsync(other, question)).Succeeded().Text);
        var again = (await RunAsync(other, "import", copy.Path, "--vectors")).Succeeded();
        Assert.All(again.Rows.Where(row => row[2] == "written"), row => Assert.Equal("0", row[4]));
    }

    [Fact]
    public async Task Two_processes_on_one_date_end_with_the_rows_of_one()
    {
        using var folder = await DataFolder.OfSyntheticAsync(issuers: 2_500, portfolios: 1, weekdays: 80);
        string[] command = ["backfill-numeric-embeddings", "--as-of", "2024-06-28", "--window-days", "63", "--model-id", "num-regime-core-v1"];
        (await folder.RunAsync(command)).Succeeded();

        string database = await server.CreateDatabaseAsync();
        (await RunAsync(database, "migrate")).Succeeded();
        (await RunAsync(database, "import", folder.Path)).Succeeded();
        var outputs = await Task.WhenAll(RunAsync(database, command), RunAsync(database, command));
        Assert.All(outputs, output => output.Succeeded());

        using var exported = new DataFolder();
        (await RunAsync(database, "export", "--out", exported.Path)).Succeeded();
        Assert.Equal(folder.LivePartitions(), exported.LivePartitions());
        await using var source = NpgsqlDataSource.Create(database);
        await using var left = source.CreateCommand("SELECT (SELECT count(*) FROM grid_pending_vectors) + (SELECT count(*) FROM grid_superseded_vectors)");
        Assert.Equal(0L, await left.ExecuteScalarAsync(Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<GridOutput> RunAsync(string database, params string[] arguments) =>
        GridProcess.RunAsync(null, [.. arguments, "--postgres", database]);
}
