using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus.Grid.Analysis;
using Prometheus.Grid.Client;
using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Cluster;
using Prometheus.Grid.Conformance.Grids;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Hosting.Server;
using Prometheus.Grid.Http.Jobs;

namespace Prometheus.Grid.Http.Tests;

/// <summary>What <c>grid serve</c> runs, on a data folder, asked through the HTTP client.</summary>
public sealed class ServerOnFolder : GridFixture
{
    private WebApplication? _server;

    protected override async Task<IEmbeddingGrid> OpenAsync(string folder, ModelCatalog catalog, TimeProvider time)
    {
        var token = TestContext.Current.CancellationToken;
        _server = await GridServer.BuildAsync(
            [], "http://127.0.0.1:0", settings => settings with { Data = folder, SiloPort = 0, GatewayPort = 0, Time = time }, http => http, waiting => Assert.Fail(waiting), token);
        await _server.StartAsync(token);
        return await HttpGrid.OpenAsync(new Uri(_server.Urls.Single()), new HttpGridOptions { PageSize = 7 }, token);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await base.DisposeAsync();
    }
}

/// <summary>The API in front of a cluster of three silos.</summary>
public sealed class ServerOfThree : ClusterOfThree
{
    private WebApplication? _server;

    protected override async Task<IEmbeddingGrid> OverAsync(ClusterGrid grid, IGridStore store)
    {
        var token = TestContext.Current.CancellationToken;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
        builder.Services.AddSingleton<IEmbeddingGrid>(grid).AddSingleton(store).AddSingleton(store.Inputs).AddSingleton<IBackfillRunner>(new ClusterBackfills(grid))
            .AddSingleton<IUniverseAnswers>(new UniverseAnswers(grid, store, EncoderRegistry.BuiltIn(workers: 2), workers: 2));
        builder.Services.AddHealthChecks().AddCheck("ready", () => HealthCheckResult.Healthy());
        builder.AddGridHttp(new GridHttpOptions());
        _server = builder.Build();
        _server.UseGridHttp();
        await _server.StartAsync(token);
        return await HttpGrid.OpenAsync(new Uri(_server.Urls.Single()), null, token);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await base.DisposeAsync();
    }
}

/// <summary>A server is a grid: the suite of every grid, asked over HTTP.</summary>
public sealed class ServerOnFolderTests(ServerOnFolder fixture) : GridConformance<ServerOnFolder>(fixture);

/// <inheritdoc cref="ServerOnFolderTests"/>
public sealed class ServerOfThreeTests(ServerOfThree fixture) : GridConformance<ServerOfThree>(fixture);
