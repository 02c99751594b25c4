using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Parses prices_daily once and writes its columns to a cache file.</summary>
internal sealed class PriceCacheBuilder(
    InputFile source, string cachePath, BadRowPolicy badRows = BadRowPolicy.Refuse, int mostRowsInMemory = PriceSorter.DefaultRowsInMemory)
{
    private readonly TableNotes _notes = new(badRows, "prices_daily");

    /// <summary>Builds the file beside its place and renames it there: two processes may do so at once, and the last one wins with the same content.</summary>
    /// <exception cref="BadInputException">The source is missing, or one of its rows is refused.</exception>
    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{cachePath}.{Environment.ProcessId}-{Guid.NewGuid():N}{DurableFile.TemporarySuffix}");
        try
        {
            using var raw = source.OpenRaw(out var stamp);
            Directory.CreateDirectory(Path.GetDirectoryName(cachePath)!);
            using var building = await BuildLock.TakeAsync(cachePath, cancellationToken);
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                long begun = File.GetLastWriteTimeUtc(file).Ticks;
                // Both read the handle at offsets of their own, so neither moves the other.
                var hash = Task.Run(() => ContentHash.Of(raw, cancellationToken), cancellationToken);
                try
                {
                    using var blocks = await Task.Run(() => Open(raw, cancellationToken), cancellationToken);
                    using var sorter = new PriceSorter(temporary + ".rows", source.Path, blocks.Counts, mostRowsInMemory, _notes);
                    await ParseAsync(blocks, sorter, cancellationToken);
                    await Task.Run(async () => new PriceCacheWriter(file).Write(sorter, _notes, blocks.HasAdjustedClose, stamp, begun, await hash, cancellationToken), cancellationToken);
                }
                finally
                {
                    // The handle is closed behind this, and must not be while somebody reads it.
                    await hash.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                }
            }
            if (source.Stamp() != stamp)
                throw new GridFaultException($"{source.Path} changed while it was read; run the command again", canRetry: true);
            // Not flushed to the disk: what a power cut takes, a checksum finds, and the cache is built again.
            File.Move(temporary, cachePath, overwrite: true);
        }
        catch (Exception error)
        {
            DurableFile.TryDelete(temporary);
            if (!FileFault.IsFileError(error))
                throw;
            throw FileFault.From($"cannot build the price cache {cachePath}", error);
        }
    }

    private IPriceBlocks Open(SafeFileHandle raw, CancellationToken cancellationToken) => ColumnarFormats.Of(source.Path) is { } format
        ? new ColumnarPriceBlocks(raw, source.Path, format, _notes.SkipsBadRows, cancellationToken)
        : new TextPriceBlocks(raw, source.Path, _notes.SkipsBadRows);

    // Blocks are parsed on all cores and taken in their order, so the first bad row of the file is the one reported.
    private async Task ParseAsync(IPriceBlocks blocks, PriceSorter sorter, CancellationToken cancellationToken)
    {
        var underWay = new Queue<Task<PriceBlock>>();
        long row = blocks.FirstRow;
        if (!blocks.HasAdjustedClose)
            _notes.Note(AdjustedCloses.NoColumn, "");
        try
        {
            while (await Task.Run(blocks.Next, cancellationToken) is { } parse)
            {
                underWay.Enqueue(Task.Run(parse, cancellationToken));
                while (underWay.Count > 2 * Environment.ProcessorCount)
                    row = await TakeAsync(underWay.Dequeue(), row, blocks.Counts, sorter);
            }
            while (underWay.TryDequeue(out var task))
                row = await TakeAsync(task, row, blocks.Counts, sorter);
            if (sorter.Instruments.Count == 0)
                throw new BadInputException(source.Path, "a header without rows", "at least one row of prices");
        }
        finally
        {
            foreach (var task in underWay)
                _ = task.ContinueWith(static parsed => parsed.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    // The number of the row behind the block.
    private async Task<long> TakeAsync(Task<PriceBlock> task, long firstRow, string counts, PriceSorter sorter)
    {
        PriceBlock block;
        try
        {
            block = await task;
        }
        catch (BadRowException bad)
        {
            throw Refused(bad);
        }
        foreach (var bad in block.BadRows)
            _notes.Skips(firstRow + bad.Line, Refused(bad));
        sorter.Add(block, firstRow);
        return firstRow + block.Lines;

        BadInputException Refused(BadRowException bad) => new($"{source.Path} {counts} {firstRow + bad.Line}, {bad.Column}", bad.Value, bad.Allowed);
    }
}
