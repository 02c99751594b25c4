using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Snapshots;

/// <summary>
/// A folder in which a silo keeps the rows of its shards over a restart, a file a bucket. Files are written beside everything else and appear whole or not at all. They
/// are a cache: one that is lost, damaged or of another database is read again from the store, and those that were used least recently go when the folder is full.
/// Several processes may share a folder.
/// </summary>
public sealed class SnapshotFolder : IAsyncDisposable
{
    /// <summary>What the names of the files end with.</summary>
    public const string Extension = ".rows";

    private const string Unfinished = ".unfinished";

    /// <summary>Whoever writes a file that old was killed.</summary>
    private static readonly TimeSpan s_abandoned = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly long _budgetBytes;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly Dictionary<string, Action> _waiting = [];
    private readonly CancellationTokenSource _closing = new();
    private Task _writing = Task.CompletedTask;
    private TaskCompletionSource? _resumed;
    private int _pauses;

    /// <summary>Opens a folder, which is made where it is not there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="budgetBytes">How much the files may take together.</param>
    /// <param name="time">Says how old files are.</param>
    /// <param name="log">Told in one line what is lost and why.</param>
    public SnapshotFolder(string folder, long budgetBytes, TimeProvider time, Action<string> log)
    {
        (_folder, _budgetBytes, _time, _log) = (folder, budgetBytes, time, log);
        Try($"cannot tidy up the snapshots in {folder}", () =>
        {
            Directory.CreateDirectory(folder);
            foreach (var left in new DirectoryInfo(folder).EnumerateFiles($"*{Unfinished}").Where(file => Now - file.LastWriteTimeUtc > s_abandoned))
                left.Delete();
        });
    }

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Completes when nothing waits to be written.</summary>
    public Task WrittenAsync()
    {
        lock (_waiting)
            return _writing;
    }

    /// <summary>Reads a snapshot.</summary>
    /// <param name="key">Whose rows.</param>
    /// <param name="sink">Gets them; what it has got means nothing where there is no version.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>The version of the rows; null when there is no snapshot of them that is whole.</returns>
    public string? Read(SnapshotKey key, IRowSink sink, CancellationToken cancellationToken)
    {
        string path = Path.Combine(_folder, key.FileName);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            string? version = SnapshotFile.Read(file, key, sink, cancellationToken);
            if (version is null)
                Discard(path, "it is of another database");
            else
                File.SetLastWriteTimeUtc(path, Now.UtcDateTime);
            return version;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        // Whatever damage makes of lengths and numbers, before a checksum or behind it, there is nothing to be had from the file.
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Discard(path, error.Message);
            return null;
        }
    }

    /// <summary>Has rows written, soon; what waits of the same key is left out.</summary>
    internal void Offer(SnapshotKey key, string version, IReadOnlyList<RowHeader> headers, FrozenRows rows)
    {
        lock (_waiting)
        {
            _waiting[key.FileName] = () => Write(key, version, headers, rows);
            if (_writing.IsCompleted)
                _writing = Task.Factory.StartNew(WriteAllAsync, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default).Unwrap();
        }
    }

    /// <summary>Nothing is written until what this returns is disposed: somebody waits for what the processors and the disk do meanwhile.</summary>
    internal IDisposable Pause()
    {
        lock (_waiting)
        {
            if (_pauses++ == 0)
                _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        return new Pausing(this);
    }

    /// <summary>Ends what is being written; it leaves nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await WrittenAsync();
        _closing.Dispose();
    }

    private async Task WriteAllAsync()
    {
        while (true)
        {
            Action? write = null;
            Task? resumed;
            lock (_waiting)
            {
                resumed = _resumed?.Task;
                if (_closing.IsCancellationRequested || (resumed is null && _waiting.Count == 0))
                    return;
                if (resumed is null)
                {
                    var next = _waiting.First();
                    _waiting.Remove(next.Key);
                    write = next.Value;
                }
            }
            if (resumed is not null)
                await resumed.WaitAsync(_closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            write?.Invoke();
        }
    }

    private void Write(SnapshotKey key, string version, IReadOnlyList<RowHeader> headers, FrozenRows rows)
    {
        string path = Path.Combine(_folder, key.FileName), unfinished = $"{path}.{Guid.NewGuid():N}{Unfinished}";
        Try($"cannot keep the snapshot {path}", () =>
        {
            try
            {
                long bytes;
                using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
                {
                    SnapshotFile.Write(file, key, version, headers, rows, _closing.Token);
                    bytes = file.Length;
                    file.Flush(flushToDisk: true);
                }
                if (MakeRoom(bytes, path))
                    File.Move(unfinished, path, overwrite: true);
            }
            finally
            {
                File.Delete(unfinished);
            }
        });
    }

    /// <summary>Deletes what was used least recently, until there is room; false when there is none at all.</summary>
    private bool MakeRoom(long bytes, string path)
    {
        if (bytes > _budgetBytes)
            return false;
        FileInfo[] others = [.. new DirectoryInfo(_folder).EnumerateFiles($"*{Extension}").Where(file => file.FullName != Path.GetFullPath(path)).OrderBy(file => file.LastWriteTimeUtc)];
        long taken = others.Sum(file => file.Length) + bytes;
        foreach (var file in others)
        {
            if (taken <= _budgetBytes)
                break;
            taken -= file.Length;
            file.Delete();
        }
        return true;
    }

    private void Discard(string path, string why)
    {
        _log($"the snapshot {path} is of no use, {why}: its rows are read from the store again");
        Try($"cannot delete the snapshot {path}", () => File.Delete(path));
    }

    /// <summary>A disk that is full or a folder that is gone costs time at the next start, and nothing else.</summary>
    private void Try(string doing, Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log($"{doing}: {error.Message}");
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private void Resume()
    {
        lock (_waiting)
        {
            if (--_pauses > 0)
                return;
            _resumed!.SetResult();
            _resumed = null;
        }
    }

    private sealed class Pausing(SnapshotFolder folder) : IDisposable
    {
        private SnapshotFolder? _folder = folder;

        public void Dispose() => Interlocked.Exchange(ref _folder, null)?.Resume();
    }
}
