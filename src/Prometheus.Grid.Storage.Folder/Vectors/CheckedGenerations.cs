using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>
/// Generations whose every byte this process has checked, with whose rows they hold: a few rows are then read by themselves. A server asks for one row a
/// search, and to read and check all of 10,000 issuers for it would take ten times as long as the search.
/// </summary>
internal sealed class CheckedGenerations
{
    // About 150 MB of headers; the newest generation is kept however large it is.
    private const long MostRows = 1_000_000;
    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _recent = new();
    private long _rows;

    /// <summary>The headers of a generation, if its file is the one that was checked; null when it has to be read whole.</summary>
    public (RowHeader[] Headers, int[] Since)? Find(string npyPath, Generation generation)
    {
        Entry? known = null;
        lock (_lock)
        {
            for (var node = _recent.First; node is not null && known is null; node = node.Next)
            {
                if (node.Value.NpyPath != npyPath || node.Value.Crc32C != generation.NpyCrc32C)
                    continue;
                known = node.Value;
                _recent.Remove(node);
                _recent.AddFirst(node);
            }
        }
        return known is not null && known.Stamp == StampOf(npyPath) ? (known.Headers, known.Since) : null;
    }

    /// <summary>When and how large the file is, before it is read for <see cref="Keep"/>.</summary>
    public static (long Length, long WrittenTicks) StampOf(string npyPath)
    {
        var file = new FileInfo(npyPath);
        return file.Exists ? (file.Length, file.LastWriteTimeUtc.Ticks) : (-1, 0);
    }

    /// <summary>Remembers a generation that was read whole.</summary>
    public void Keep(string npyPath, Generation generation, (long, long) stamp, RowHeader[] headers, int[] since)
    {
        lock (_lock)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.NpyPath != npyPath)
                    continue;
                _rows -= node.Value.Headers.Length;
                _recent.Remove(node);
                break;
            }
            _recent.AddFirst(new Entry(npyPath, generation.NpyCrc32C, stamp, headers, since));
            _rows += headers.Length;
            while (_rows > MostRows && _recent.Count > 1)
            {
                _rows -= _recent.Last!.Value.Headers.Length;
                _recent.RemoveLast();
            }
        }
    }

    private sealed record Entry(string NpyPath, uint Crc32C, (long Length, long WrittenTicks) Stamp, RowHeader[] Headers, int[] Since);
}
