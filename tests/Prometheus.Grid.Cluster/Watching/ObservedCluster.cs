using System.Net.Http.Json;
using System.Text.Json;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;
using Prometheus.Grid.Tests.Otlp;

namespace Prometheus.Grid.Cluster.Watching;

/// <summary>Two members on Postgres that tell a collector of all they do, and one of everything done: a backfill, a put, searches that answer and one that cannot.</summary>
public sealed class ObservedCluster : IAsyncLifetime
{
    /// <summary>The trace that the search was sent in.</summary>
    public const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    /// <summary>The span of whoever sent it.</summary>
    public const string CallerSpanId = "b7ad6b7169203331";

    private const string Space = "joint-profile-core-v1";
    private static readonly DateOnly s_day = new(2023, 11, 30);
    private readonly string _tables = Directory.CreateTempSubdirectory("grid-observed-").FullName;
    private PrivatePostgres? _server;

    public OtlpSink Sink { get; } = new();

    public List<SiloProcess> Silos { get; } = [];

    public string Postgres { get; private set; } = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (PrivatePostgres.WhyNot is not null)
            return;
        var market = new SyntheticMarketOptions { Issuers = 40, Portfolios = 2, FirstDate = new DateOnly(2023, 6, 1), LastDate = s_day, ReportDates = [s_day] };
        await SyntheticMarket.WriteAsync(_tables, market, cancellationToken: Token);
        _server = await PrivatePostgres.StartAsync(cancellationToken: Token);
        string database = await _server.CreateDatabaseAsync("observed", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using (var store = await PostgresStore.OpenAsync(database, RealCluster.Models, null, Token))
            await store.ImportTablesAsync(_tables, Token);
        // The server asks for no password, and it goes wherever the connection string goes.
        Postgres = $"{database};Password={ConnectionForms.Password}";
        Silos.AddRange(await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => SiloProcess.StartAsync(Postgres, Sink.Settings, cancellationToken: Token))));

        await using (var grid = await new ClusterConnection { Postgres = Postgres }.OpenAsync(Token))
            await FillAsync(grid);
        using var http = new HttpClient { BaseAddress = Silos[0].Health };
        string entity = $"ISS_{await FirstIssuerAsync()}";
        // The first search reads the shards, so there is everything in its tree that a search can need.
        Assert.True((await SearchAsync(http, entity, traced: true)).IsSuccessStatusCode);
        Assert.True((await SearchAsync(http, entity, traced: false)).IsSuccessStatusCode);
        Assert.False((await SearchAsync(http, "ISS_NOBODY", traced: false)).IsSuccessStatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/v1/spaces") { Headers = { Host = "elsewhere.example" } };
        Assert.False((await http.SendAsync(foreign, Token)).IsSuccessStatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
            await silo.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await Sink.DisposeAsync();
        Directory.Delete(_tables, recursive: true);
    }

    private static async Task FillAsync(ClusterGrid grid)
    {
        var day = DateRange.On(s_day);
        BackfillRequest[] workflow =
        [
            new NumericBackfill { ModelId = "num-profile-core-v1", Dates = day },
            new TextBackfill { ModelId = "text-hash-v1", Dates = day },
            new JointProfileBackfill { ModelId = Space, Dates = day, BranchModelIds = new Dictionary<string, string> { ["text"] = "text-hash-v1" } },
        ];
        foreach (var request in workflow)
            await grid.BackfillAsync(request, null, Token);
        JointRow? first = null;
        await foreach (var row in grid.ListJointAsync(new JointListing(Space, day) { Limit = 1 }, Token))
            first = row;
        var issuer = new EntityKey(EntityKind.Issuer, first!.EntityId);
        var state = await grid.GetStateAsync(new StateQuery(issuer, s_day), Token);
        var text = state.Branches.Single(branch => branch.ModelId == "text-hash-v1");
        await grid.PutBranchAsync(new BranchPut(issuer, text.ModelId, s_day, (float[])[.. text.Vector.ToArray().Select(value => 2 * value)]), Token);
    }

    private async Task<string> FirstIssuerAsync() =>
        (await File.ReadAllLinesAsync(Path.Combine(_tables, "issuers.csv"), Token))[1].Split(',')[0]["ISS_".Length..];

    private static Task<HttpResponseMessage> SearchAsync(HttpClient http, string entity, bool traced)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/spaces/{Space}/search")
        {
            Content = JsonContent.Create(new { target = new { entity_id = entity }, as_of_date = s_day }, options: JsonSerializerOptions.Web),
        };
        request.Headers.Add("traceparent", $"00-{(traced ? TraceId : "1af7651916cd43dd8448eb211c80319c")}-{CallerSpanId}-{(traced ? "01" : "00")}");
        return http.SendAsync(request, Token);
    }
}
