using System.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>What a running command has at hand: its flags, the grid, and where to print.</summary>
internal sealed class CommandContext(ParseResult parsed) : IAsyncDisposable
{
    // Not flushed before the command has succeeded (or the buffer is full), so that an error leaves no half table behind.
    private readonly StreamWriter _output = new(Console.OpenStandardOutput(), bufferSize: 1 << 16) { AutoFlush = false };
    private GridSession? _session;

    public ParseResult Parsed { get; } = parsed;

    /// <summary>Messages and progress, on stderr.</summary>
    public Messages Messages { get; } = new(parsed.GetValue(GlobalFlags.Quiet));

    public T? Get<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>The grid and its store, opened on first use.</summary>
    /// <param name="create">Creates the data folder when it is missing.</param>
    /// <param name="device">Where transformers run; null leaves it to GRID_TEXT_DEVICE.</param>
    /// <param name="badRows">What is done with bad rows of a folder's tables.</param>
    public async Task<GridSession> OpenAsync(CancellationToken cancellationToken, bool create = false, string? device = null, BadRowPolicy badRows = BadRowPolicy.Refuse) =>
        _session ??= await GridSession.OpenAsync(StoreChoice.From(Parsed), create, device, badRows, cancellationToken);

    /// <summary>The models and spaces of the grid, without opening a folder or database for them.</summary>
    public async Task<ModelCatalog> CatalogAsync(CancellationToken cancellationToken) =>
        StoreChoice.From(Parsed) is { Server: null } choice ? GridSession.LoadCatalog(choice) : (await OpenAsync(cancellationToken)).Grid.Catalog;

    /// <summary>A table on stdout in the chosen format; dispose it to end the table.</summary>
    public RowWriter Rows(params string[] columns) => RowWriter.Create(Parsed.GetValue(GlobalFlags.Format), _output, columns);

    /// <summary>The same, with another format than CSV when the user has not chosen one.</summary>
    public RowWriter Rows(OutputFormat unlessSaid, params string[] columns) =>
        RowWriter.Create(Parsed.GetResult(GlobalFlags.Format) is { Implicit: false } ? Parsed.GetValue(GlobalFlags.Format) : unlessSaid, _output, columns);

    /// <summary>Sends what was printed on its way; called when the command has succeeded.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
            await _session.DisposeAsync();
    }
}
