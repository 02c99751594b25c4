using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Npgsql;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Processes;

/// <summary>Three silo processes, a client and Postgres against one process on a folder, over a made-up market, and over 587 real issuers and 306 portfolios.</summary>
public sealed class ProcessesTests
{
    private static readonly DateOnly s_day = new(2023, 11, 30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IEnumerable<BackfillRequest> Workflow
    {
        get
        {
            var day = DateRange.On(s_day);
            yield return new NumericBackfill { ModelId = "num-profile-core-v1", Dates = day };
            yield return new NumericBackfill { ModelId = "num-regime-core-v1", Dates = day };
            yield return new TextBackfill { ModelId = "text-hash-v1", Dates = day };
            yield return new JointProfileBackfill
            {
                ModelId = "joint-profile-core-v1",
                Dates = day,
                BranchModelIds = new Dictionary<string, string> { ["text"] = "text-hash-v1" },
            };
            yield return new PortfolioBackfill { ModelId = "num-portfolio-core-v1", Dates = day };
            yield return new JointPortfolioBackfill { ModelId = "joint-portfolio-core-v1", Dates = day };
        }
    }

    [Fact]
    public async Task Real_issuers_have_the_same_vectors_and_neighbours_to_the_last_bit() =>
        await AssertSameAsync(TestData.Path("us-equities"), portfolios: 306, chunkSize: 128);

    [Fact]
    public async Task Made_up_issuers_have_the_same_vectors_and_neighbours_to_the_last_bit()
    {
        const int Portfolios = 30;
        string tables = Directory.CreateTempSubdirectory("grid-market-").FullName;
        var market = new SyntheticMarketOptions { Issuers = 150, Portfolios = Portfolios, FirstDate = new DateOnly(2023, 1, 2), LastDate = s_day, ReportDates = [s_day] };
        await SyntheticMarket.WriteAsync(tables, market, cancellationToken: Token);
        await AssertSameAsync(tables, Portfolios, chunkSize: 32);
        Directory.Delete(tables, recursive: true);
    }

    private static async Task AssertSameAsync(string tables, int portfolios, int chunkSize)
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var cluster = await RealCluster.StartAsync(
            tables, silos: 3, isDurable: false, Token, TimeSpan.FromMinutes(5), new() { ["Grid__ProbeSeconds"] = "30", ["Grid__ChunkSize"] = chunkSize.ToString(CultureInfo.InvariantCulture) });
        using var folder = new LinkedFolder(tables);
        var store = await FolderStore.OpenAsync(folder.Path, null, Token);
        await using var embedded = new EmbeddedGrid(store, RealCluster.Models, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        foreach (var request in Workflow)
        {
            var expected = await embedded.BackfillAsync(request, null, Token);
            Assert.True(expected.Written >= portfolios, $"{expected.Written} written");
            var report = await cluster.Grid.BackfillAsync(request, null, Token);
            Assert.Equal((expected.Written, expected.Unchanged, Skipped(expected)), (report.Written, report.Unchanged, Skipped(report)));
        }
        foreach (string modelId in (string[])["joint-profile-core-v1", "joint-portfolio-core-v1"])
        {
            var rows = await ListAsync(embedded, modelId);
            Assert.Equal(rows.Select(Written), (await ListAsync(cluster.Grid, modelId)).Select(Written));
            SimilarityQuery[] queries = [.. rows.Select((row, i) => Query(modelId, row.EntityId, i))];
            foreach (var together in queries.Chunk(16))
            {
                string[] answers = await Task.WhenAll(together.Select(query => AnswerAsync(cluster.Grid, query)));
                for (int i = 0; i < together.Length; i++)
                    Assert.Equal(await AnswerAsync(embedded, together[i]), answers[i]);
            }
        }
        string issuer = (await ListAsync(embedded, "joint-profile-core-v1"))[0].EntityId;
        await ExamplesAsync(cluster, issuer, portfolios, await embedded.FindSimilarAsync(Query("joint-profile-core-v1", issuer, 1) with { TopK = 10 }, Token));
        await EndsInOrderAsync(cluster);
    }

    /// <summary>Plain queries, and every tenth with weights or an explanation.</summary>
    private static SimilarityQuery Query(string modelId, string entityId, int i)
    {
        var query = new SimilarityQuery { Target = new SimilarityTarget.Entity(entityId), AsOf = s_day, ModelId = modelId, TopK = 20 };
        bool isOfIssuers = modelId.Contains("profile", StringComparison.Ordinal);
        return (i % 10, isOfIssuers) switch
        {
            (0, true) => query with { Weights = BranchWeights.Parse("text=0.7,numeric=0.2,behaviour=0.1") },
            (1, _) => query with { Explain = true },
            (2, true) => query with { Filter = new SimilarityFilter(Sector: "Energy") },
            _ => query,
        };
    }

    /// <summary>The example programs say what the grid says, and the batch that has nothing left to do writes nothing.</summary>
    private static async Task ExamplesAsync(RealCluster cluster, string issuer, int portfolios, SimilarityAnswer expected)
    {
        string neighbours = await ExampleAsync(cluster, "Neighbours", issuer, "2023-11-30", "joint-profile-core-v1");
        Assert.Equal(expected.Hits.Select(hit => hit.EntityId), neighbours.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[1]));
        string batch = await ExampleAsync(cluster, "Batch", "2023-11-30");
        Assert.All(batch.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(": 0 written", line, StringComparison.Ordinal));
        Assert.Contains($"joint-portfolio-core-v1: 0 written, {portfolios} unchanged", batch, StringComparison.Ordinal);
    }

    private static async Task<string> ExampleAsync(RealCluster cluster, string name, params string[] arguments)
    {
        string program = Path.Combine(SiloProcess.Binaries.Replace("Grid.Silo", $"Grid.Examples.{name}", StringComparison.Ordinal), $"Prometheus.Grid.Examples.{name}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true };
        start.Environment["GRID_POSTGRES"] = cluster.Postgres;
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    /// <summary>A silo that is asked to stop says so to its cluster, and one that is gone leaves no trace for ever.</summary>
    private static async Task EndsInOrderAsync(RealCluster cluster)
    {
        using var http = new HttpClient();
        await using var source = NpgsqlDataSource.Create(cluster.Postgres);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(cluster.Silos[0].Health, "/health/live"), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(cluster.Silos[0].Health, "/health/ready"), Token)).StatusCode);
        Assert.Equal(3L, await SilosAsync("status = 3"));
        Assert.Equal(0, await cluster.Silos[0].StopAsync(Token));
        Assert.Equal(2L, await SilosAsync("status = 3"));
        Assert.Equal(1L, await SilosAsync("status = 6"));

        await using (var find = source.CreateCommand("SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'CleanupDefunctSiloEntriesKey'"))
        await using (var cleanUp = source.CreateCommand((string)(await find.ExecuteScalarAsync(Token))!))
        {
            // What the silos do once an hour for members that ended a day ago, as if they all had.
            cleanUp.Parameters.AddWithValue("DeploymentId", "grid");
            cleanUp.Parameters.AddWithValue("IAmAliveTime", DateTime.UtcNow.AddDays(1));
            Assert.Equal(1, await cleanUp.ExecuteNonQueryAsync(Token));
        }
        Assert.Equal(2L, await SilosAsync("status = 3"));
        await using var states = source.CreateCommand("SELECT count(*) FROM grid_grain_states");
        Assert.Equal(0L, await states.ExecuteScalarAsync(Token));

        async Task<object?> SilosAsync(string condition)
        {
            await using var count = source.CreateCommand($"SELECT count(*) FROM grid_silos WHERE {condition}");
            return await count.ExecuteScalarAsync(Token);
        }
    }

    private static string Skipped(BackfillReport report) => string.Join('\n', report.Days.SelectMany(day => day.Skipped));

    private static async Task<List<JointRow>> ListAsync(IEmbeddingGrid grid, string modelId)
    {
        var rows = new List<JointRow>();
        await foreach (var row in grid.ListJointAsync(new JointListing(modelId, DateRange.On(s_day)), Token))
            rows.Add(row);
        return rows;
    }

    /// <summary>A row with every bit of its vector, but one: jsonb, in which Postgres keeps risk reports, has no negative zero.</summary>
    private static string Written(JointRow row)
    {
        float[] values = [.. row.Vector.ToArray().Select(value => value + 0f)];
        string bits = Convert.ToHexString(MemoryMarshal.AsBytes<float>(values));
        return $"{row.AsOf} {row.EntityId} {row.InstrumentId} {row.Region} {row.Source} {row.ModelId} {bits}";
    }

    /// <summary>An answer as text; numbers in the form that tells every bit.</summary>
    private static async Task<string> AnswerAsync(IEmbeddingGrid grid, SimilarityQuery query)
    {
        var answer = await grid.FindSimilarAsync(query, Token);
        return string.Join('\n', answer.Hits.Select(hit =>
            $"{hit.Cosine:R} {hit.Euclidean:R} {hit.AsOf} {hit.EntityId} {hit.InstrumentId} {hit.Region} {hit.Source} {string.Join(' ', hit.Explanation.Select(share => $"{share.Branch} {share.Cosine:R} {share.Share:R}"))}"))
            + $"\n{answer.Candidates} {answer.MissingShards.Count}";
    }

    /// <summary>A folder of one's own over somebody else's tables.</summary>
    private sealed class LinkedFolder : IDisposable
    {
        public LinkedFolder(string tables)
        {
            foreach (string file in Directory.EnumerateFiles(tables))
                File.CreateSymbolicLink(System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)), System.IO.Path.GetFullPath(file));
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("grid-linked-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
