using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Client.Http;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Diagnosis;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Embedded.Maps;
using Prometheus.Grid.Hosting;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Cli;

/// <summary>The grid that a command works on: one in this process over a folder or database, or one behind a server.</summary>
internal sealed class GridSession : IAsyncDisposable
{
    // Not a flag: whoever lists the processes of the machine would see it.
    private const string ApiKeyVariable = "GRID_API_KEY";

    private readonly EmbeddedHost? _host;
    private readonly HttpGrid? _server;
    private readonly StoreChoice _choice;
    private IReadOnlyList<InputNote> _notes = [];

    private GridSession(EmbeddedHost? host, HttpGrid? server, StoreChoice choice) => (_host, _server, _choice) = (host, server, choice);

    /// <summary>For what a grid does not do: checking, vacuuming, moving vectors in and out.</summary>
    /// <exception cref="BadInputException">The grid is behind a server, which gives nobody its store.</exception>
    public IGridStore Store => _host?.Store ?? throw NoStore();

    public IEmbeddingGrid Grid => (IEmbeddingGrid?)_server ?? _host!.Grid;

    /// <summary>Answers about whole spaces.</summary>
    /// <exception cref="BadInputException">The grid is behind a server.</exception>
    public IUniverseAnswers Universe => _host?.Universe ?? throw NoStore();

    public static async Task<GridSession> OpenAsync(StoreChoice choice, bool create, string? device, BadRowPolicy badRows, CancellationToken cancellationToken)
    {
        if (choice.Server is { } server)
        {
            if (device is not null)
                throw new BadInputException("--device", device, "nothing with --server: it says itself where its models run");
            if (badRows != BadRowPolicy.Refuse)
                throw new BadInputException("--bad-rows", badRows, "refuse with --server, whose tables are its own");
            var options = new HttpGridOptions { ApiKey = Environment.GetEnvironmentVariable(ApiKeyVariable) is { Length: > 0 } key ? key : null };
            return new GridSession(null, await HttpGrid.OpenAsync(server, options, cancellationToken), choice);
        }
        var host = await EmbeddedHost.OpenAsync(choice.Postgres, choice.Folder, new FolderStoreOptions { Create = create, BadRows = badRows }, device, cancellationToken);
        return new GridSession(host, null, choice);
    }

    /// <summary>The models that come with the product, and those that the user has put beside the data.</summary>
    public static ModelCatalog LoadCatalog(StoreChoice choice) => GridModels.Load(choice.Folder);

    /// <summary>How the grid is: its server, or its store.</summary>
    public async Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken)
    {
        if (_server is null)
            return await StoreDiagnosis.OfAsync(Store, cancellationToken);
        var before = TimeProvider.System.GetUtcNow();
        var answer = await _server.DiagnoseAsync(cancellationToken);
        return
        [
            StoreDiagnosis.Clock("the server", before, answer.Time, TimeProvider.System.GetUtcNow()),
            .. answer.Findings.Select(finding => new Finding(finding.What, finding.State, finding.Detail, finding.Do)),
        ];
    }

    /// <summary>Runs a backfill; <see cref="NotesAsync"/> then says what it did not use.</summary>
    public async Task<BackfillReport> BackfillAsync(BackfillRequest request, IProgress<BackfillProgress> progress, CancellationToken cancellationToken)
    {
        if (_server is null)
            return await Grid.BackfillAsync(request, progress, cancellationToken);
        (var report, _notes) = await _server.RunBackfillAsync(request, progress, cancellationToken);
        return report;
    }

    /// <summary>What was passed over in the tables: of a server, in those of the last backfill.</summary>
    public Task<IReadOnlyList<InputNote>> NotesAsync(CancellationToken cancellationToken) =>
        _host is null ? Task.FromResult(_notes) : _host.Store.Inputs.NotesAsync(cancellationToken);

    /// <summary>How good the neighbours of models are.</summary>
    public Task<EvaluationReport> EvaluateAsync(EvaluationQuery query, CancellationToken cancellationToken) =>
        _server?.EvaluateAsync(query, cancellationToken) ?? new SpaceEvaluator(Store, Grid.Catalog, Environment.ProcessorCount).EvaluateAsync(query, cancellationToken);

    /// <summary>A space on a date in two dimensions, with what stands beside each point.</summary>
    public async Task<(PlaneMap Map, IReadOnlyList<string> Names, IReadOnlyList<string> Sectors)> MapAsync(MapQuery query, CancellationToken cancellationToken)
    {
        if (_server is not null)
        {
            var drawn = await _server.MapAsync(query.ModelId, query.AsOf, query.Method.ToString().ToLowerInvariant(), query.Neighbours, cancellationToken);
            return (new PlaneMap(drawn.EntityIds, drawn.X, drawn.Y, drawn.Neighbours, drawn.Distances ?? [], drawn.Trustworthiness), drawn.Names, drawn.Sectors);
        }
        var map = await SpaceMapper.DrawAsync(Grid, query, cancellationToken);
        var universe = await Store.Inputs.ReadUniverseAsync(cancellationToken);
        var issuers = map.EntityIds.Select(id => universe.Issuers.GetValueOrDefault(id)).ToList();
        return (map, [.. issuers.Select(issuer => issuer?.Name ?? "")], [.. issuers.Select(issuer => issuer?.Sector ?? "")]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_host is not null)
            await _host.DisposeAsync();
    }

    private BadInputException NoStore() => new("--server", _choice.Server, "--data DIR or --postgres CONNSTRING for this command, which works on the store itself");
}
