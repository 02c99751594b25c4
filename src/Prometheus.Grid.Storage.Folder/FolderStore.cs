using System.Runtime.CompilerServices;
using Prometheus.Grid.Core.Diagnosis;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Artifacts;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Inputs;
using Prometheus.Grid.Storage.Folder.Prices;
using Prometheus.Grid.Storage.Folder.Vectors;

namespace Prometheus.Grid.Storage.Folder;

/// <summary>How a data folder is opened.</summary>
public sealed record FolderStoreOptions
{
    /// <summary>Creates the folder when it does not exist, for a store that gets only vectors.</summary>
    public bool Create { get; init; }

    /// <summary>The clock that knowledge times are read from.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What is done with a row of an input table that has a bad value.</summary>
    public BadRowPolicy BadRows { get; init; }
}

/// <summary>
/// The embedded store: a data folder with the user's tables as CSV and the grid's vectors as .npy. Any number of processes may read it while
/// one writes. docs/data-folder.md describes its files and what they guarantee.
/// </summary>
public sealed class FolderStore : IGridStore
{
    private readonly FolderLayout _layout;
    private readonly FolderInputs _inputs;
    private readonly FolderArtifactStore _artifacts;

    private FolderStore(FolderLayout layout, FolderStoreOptions options)
    {
        _layout = layout;
        Description = $"data folder {layout.Root}";
        Inputs = _inputs = new FolderInputs(layout, options.BadRows);
        Vectors = new FolderVectorStore(layout, options.Time);
        _artifacts = new FolderArtifactStore(layout);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public IGridInputs Inputs { get; }

    /// <inheritdoc/>
    public IVectorStore Vectors { get; }

    /// <inheritdoc/>
    public IArtifactStore Artifacts => _artifacts;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<Finding>>([StoreDiagnosis.Disk("disk", _layout.Root)]);
    }

    /// <summary>Opens a data folder. Nothing is read or locked yet.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">How to open it; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <exception cref="BadInputException">There is no such folder.</exception>
    public static Task<FolderStore> OpenAsync(string path, FolderStoreOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new FolderStoreOptions();
        if (options.Create)
        {
            try
            {
                Directory.CreateDirectory(path);
            }
            catch (Exception error) when (FileFault.IsFileError(error))
            {
                throw FileFault.From($"cannot create data folder {path}", error);
            }
        }
        if (!Directory.Exists(path))
        {
            throw new BadInputException(
                "data folder", path, "a folder with the tables of docs/data-folder.md (--data DIR or GRID_DATA); `grid demo` makes one to try");
        }
        return Task.FromResult(new FolderStore(new FolderLayout(path), options));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeptFinding> VerifyKeptAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var finding in _artifacts.VerifyAsync(cancellationToken))
            yield return finding;
        string[] caches = Directory.Exists(_layout.Cache) ? Directory.GetFiles(_layout.Cache, "*.bin") : [];
        foreach (string path in caches.Order(StringComparer.Ordinal))
        {
            string? problem = await Task.Run(() => PriceCache.Problem(path, cancellationToken), cancellationToken);
            yield return new KeptFinding(KeptKind.Cache, null, null, path, problem);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _inputs.Dispose();
        return ValueTask.CompletedTask;
    }
}
