using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Hosting;
using Prometheus.Grid.Hosting.Silos;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster;

/// <summary>The composition root: what one process can, a silo can, on both stores.</summary>
public sealed class SiloHostTests : IDisposable
{
    private static readonly DateOnly s_day = new(2023, 12, 29);

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-host-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_on_a_data_folder_runs_the_transformer_beside_the_data()
    {
        await WriteMarketAsync();
        var host = Host.CreateEmptyApplicationBuilder(null);
        int[] ports = SiloProcess.FreePorts(2);
        await host.AddGridSiloAsync(
            new SiloSettings { Data = _folder, SiloPort = ports[0], GatewayPort = ports[1] }, waiting => Assert.Fail(waiting), Token);
        var app = host.Build();
        await app.StartAsync(Token);
        var grid = app.Services.GetRequiredService<IEmbeddingGrid>();
        var vectors = await VectorsAsync(grid);
        await app.StopAsync(Token);
        await ((IAsyncDisposable)app).DisposeAsync();

        // The folder is closed, with its lock: another process may open it.
        await using var embedded = await EmbeddedHost.OpenAsync(null, _folder, new FolderStoreOptions(), null, Token);
        Assert.Equal(await VectorsAsync(embedded.Grid), vectors);
    }

    [Fact]
    public async Task Silos_on_Postgres_run_the_transformer_beside_their_data_folder()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await WriteMarketAsync();
        await using var cluster = await RealCluster.StartAsync(_folder, silos: 2, isDurable: false, Token, TimeSpan.FromMinutes(5), new() { ["Grid__Data"] = _folder });
        var vectors = await VectorsAsync(cluster.Grid);
        await using var embedded = await EmbeddedHost.OpenAsync(null, _folder, new FolderStoreOptions(), null, Token);
        Assert.Equal(await VectorsAsync(embedded.Grid), vectors);
    }

    [Fact]
    public async Task Silos_run_the_text_model_of_the_seed_with_its_weights()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        var model = await RealWeights.InstallAsync();
        await WriteMarketAsync();
        await using var cluster = await RealCluster.StartAsync(
            _folder, silos: 2, isDurable: false, Token, TimeSpan.FromMinutes(5), new() { ["GRID_MODELS"] = RealWeights.Folder });
        var vectors = await VectorsAsync(cluster.Grid, model.ModelId);
        var store = await FolderStore.OpenAsync(_folder, new FolderStoreOptions(), Token);
        await using var embedded = new EmbeddedGrid(store, ModelCatalog.Load(RealWeights.Folder), GridEncoders.Create(workers: 2), workers: 2);
        Assert.Equal(await VectorsAsync(embedded, model.ModelId), vectors);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task WriteMarketAsync()
    {
        var market = new SyntheticMarketOptions { Issuers = 20, Portfolios = 1, FirstDate = new DateOnly(2023, 12, 1), LastDate = s_day, ReportDates = [s_day] };
        await SyntheticMarket.WriteAsync(_folder, market, cancellationToken: Token);
        OwnTransformer.WriteTo(_folder);
    }

    /// <summary>The text vectors of all issuers by a transformer, a line each.</summary>
    private async Task<IReadOnlyList<string>> VectorsAsync(IEmbeddingGrid grid, string modelId = OwnTransformer.ModelId)
    {
        string[] issuers = [.. File.ReadLines(Path.Combine(_folder, "issuers.csv")).Skip(1).Select(line => line.Split(',')[0])];
        var report = await grid.BackfillAsync(new TextBackfill { ModelId = modelId, Dates = DateRange.On(s_day) }, null, Token);
        Assert.Equal(issuers.Length, report.Written + report.Unchanged);
        var lines = new List<string>();
        foreach (string issuer in issuers)
        {
            var state = await grid.GetStateAsync(new StateQuery(new EntityKey(EntityKind.Issuer, issuer), s_day), Token);
            lines.Add($"{issuer} {string.Join(' ', Assert.Single(state.Branches).Vector.ToArray())}");
        }
        return lines;
    }
}
