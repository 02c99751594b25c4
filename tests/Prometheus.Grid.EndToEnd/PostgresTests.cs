using Prometheus.Grid.Tests;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Prometheus.Grid.EndToEnd;

/// <summary>With --postgres every command says on stdout what it says on a data folder, byte for byte.</summary>
public sealed class PostgresTests(WorkflowFixture workflow, SharedPostgres server) : IClassFixture<WorkflowFixture>
{
    private static readonly string[][] s_questions =
    [
        ["show-joint-profiles", "--as-of", "2023-11-30"],
        ["show-joint-portfolios", "--as-of", "2023-11-30"],
        ["find-similar-profiles", "--issuer-id", "ISS_AAPL", "--as-of", "2023-11-30", "--top-k", "600"],
        ["find-similar-profiles", "--issuer-id", "ISS_XOM", "--as-of", "2023-11-30", "--weights", "text=0.7,numeric=0.3", "--explain"],
        ["find-similar-profiles", "--text", "oil and gas pipelines", "--as-of", "2023-11-30", "--sector", "Energy"],
        ["find-similar-portfolios", "--portfolio-id", "PF_D_0002", "--as-of", "2023-11-30", "--explain"],
        ["history", "--portfolio-id", "PF_D_0002"],
        ["export", "--model-id", "joint-profile-core-v1", "--as-of", "2023-11-30", "--out"],
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
        foreach (var question in s_questions)
        {
            var isExport = question[0] == "export";
            string[] onFolder = isExport ? [.. question, exports.File("folder.npy")] : question, onPostgres = isExport ? [.. question, exports.File("postgres.npy")] : question;
            Assert.Equal(
                (await workflow.Folder.RunAsync(onFolder)).Succeeded().Text.Replace("folder.npy", "", StringComparison.Ordinal),
                (await RunAsync(database, onPostgres)).Succeeded().Text.Replace("postgres.npy", "", StringComparison.Ordinal));
        }
        Assert.Equal(await File.ReadAllBytesAsync(exports.File("folder.npy"), Token), await File.ReadAllBytesAsync(exports.File("postgres.npy"), Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<GridOutput> RunAsync(string database, params string[] arguments) =>
        GridProcess.RunAsync(null, [.. arguments, "--postgres", database]);
}
