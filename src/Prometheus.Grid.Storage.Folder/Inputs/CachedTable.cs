using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>A table kept in memory until its file changes.</summary>
internal sealed class CachedTable<T>(string folder, string table, BadRowPolicy badRows, Func<InputFile, TableNotes, CancellationToken, T> load) : IDisposable
    where T : class
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private (FileStamp? Stamp, T Table)? _loaded;

    /// <summary>The file behind the table.</summary>
    public InputFile File { get; } = new(folder, table);

    /// <summary>What of the table as it was last read is not used.</summary>
    public IReadOnlyList<InputNote> Notes { get; private set; } = [];

    /// <summary>The table as it was last read; null when it has not been.</summary>
    public T? Current => _loaded?.Table;

    /// <summary>The table as the file is now.</summary>
    public async Task<T> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            // Taken before the read: a change during the read shows as another stamp afterwards.
            var stamp = File.Stamp();
            if (_loaded is { } loaded && loaded.Stamp == stamp)
                return loaded.Table;
            _loaded = null;
            var notes = new TableNotes(badRows, table);
            var rows = await Task.Run(() => load(File, notes, cancellationToken), cancellationToken);
            _loaded = (stamp, rows);
            Notes = notes.Notes;
            return rows;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
