using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>prices_daily behind its cache, which is built when it is missing, damaged, or made of another file.</summary>
internal sealed class PriceTable(InputFile source, string cacheFolder, BadRowPolicy badRows) : IDisposable
{
    // Times of files are as coarse as two seconds (FAT); a source changed so shortly before it was read may have changed again unseen.
    private static readonly long s_coarsestTicks = TimeSpan.FromSeconds(2).Ticks;

    private readonly string _path = Path.Combine(cacheFolder, badRows == BadRowPolicy.Skip ? "prices.skip.v2.bin" : "prices.v2.bin");
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly List<PriceCache> _opened = [];
    private FileStamp? _stamp;

    /// <summary>The prices as they were last read; null when nobody has asked for them.</summary>
    public PriceCache? Current => _opened is [.., var last] ? last : null;

    /// <summary>The prices as the file is now. Earlier caches stay mapped, since their series may still be in use.</summary>
    /// <exception cref="BadInputException">The file is missing, or one of its rows is refused.</exception>
    public async Task<PriceCache> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var stamp = source.Stamp();
            if (stamp is not null && stamp == _stamp)
                return _opened[^1];
            var cache = stamp is { } now ? await Task.Run(() => TryReuse(now, cancellationToken), cancellationToken) : null;
            if (cache is null)
            {
                await new PriceCacheBuilder(source, _path, badRows).BuildAsync(cancellationToken);
                cache = PriceCache.TryOpen(_path)
                    ?? throw new GridFaultException($"the price cache {_path} vanished after it was built; run the command again", canRetry: true);
            }
            _opened.Add(cache);
            _stamp = stamp;
            return cache;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _opened.ForEach(cache => cache.Dispose());
        _opened.Clear();
        _stamp = null;
        _gate.Dispose();
    }

    private PriceCache? TryReuse(FileStamp stamp, CancellationToken cancellationToken)
    {
        var cache = PriceCache.TryOpen(_path);
        if (cache is null || (cache.IsOf(stamp) && stamp.ModifiedTicks < cache.Header.VerifiedTicks - s_coarsestTicks))
            return cache;
        if (cache.HasNameAndLengthOf(stamp) && HasContentOf(cache, stamp, cancellationToken))
            return cache;
        cache.Dispose();
        return null;
    }

    // The file was touched, or written just before the cache was: compare what it holds, and remember the answer.
    private bool HasContentOf(PriceCache cache, FileStamp stamp, CancellationToken cancellationToken)
    {
        using var raw = source.OpenRaw(out var opened);
        var header = cache.Header;
        try
        {
            using var file = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            // Asks the file system for its time: the header, though the same, moves that of the cache file.
            PriceCacheWriter.WriteHeader(file, header);
            long begun = File.GetLastWriteTimeUtc(file).Ticks;
            if (opened != stamp || !ContentHash.Of(raw, cancellationToken).AsSpan().SequenceEqual(header.SourceHash))
                return false;
            header.SourceModifiedTicks = stamp.ModifiedTicks;
            header.VerifiedTicks = begun;
            PriceCacheWriter.WriteHeader(file, header);
            return true;
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From($"cannot check the price cache {_path}", error);
        }
    }
}
