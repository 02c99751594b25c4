using System.Globalization;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Parses prices_daily once and writes its columns to a cache file.</summary>
internal sealed class PriceCacheBuilder(
    InputFile source, string cachePath, BadRowPolicy badRows = BadRowPolicy.Refuse, int mostRowsInMemory = PriceSorter.DefaultRowsInMemory)
{
    private readonly TableNotes _notes = new(badRows, "prices_daily");
    private bool _hasAdjusted;

    /// <summary>Builds the file beside its place and renames it there: two processes may do so at once, and the last one wins with the same content.</summary>
    /// <exception cref="BadInputException">The source is missing, or one of its rows is refused.</exception>
    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{cachePath}.{Environment.ProcessId}-{Guid.NewGuid():N}{DurableFile.TemporarySuffix}");
        try
        {
            using var raw = source.OpenRaw(out var stamp);
            await using var text = InputFile.Text(raw, source.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(cachePath)!);
            using var building = await BuildLock.TakeAsync(cachePath, cancellationToken);
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                long begun = File.GetLastWriteTimeUtc(file).Ticks;
                // Both read the handle at offsets of their own, so neither moves the other.
                var hash = Task.Run(() => ContentHash.Of(raw, cancellationToken), cancellationToken);
                try
                {
                    using var sorter = new PriceSorter(temporary + ".rows", source.Path, mostRowsInMemory, _notes);
                    await ParseAsync(text, sorter, cancellationToken);
                    await Task.Run(async () => new PriceCacheWriter(file).Write(sorter, _notes, _hasAdjusted, stamp, begun, await hash, cancellationToken), cancellationToken);
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

    // Blocks are parsed on all cores and taken in their order, so the first bad row of the file is the one reported.
    private async Task ParseAsync(Stream text, PriceSorter sorter, CancellationToken cancellationToken)
    {
        var blocks = new RowBlocks(text, source.Path);
        PriceField[]? fields = null;
        string[] names = [];
        var underWay = new Queue<Task<PriceBlock>>();
        long line = 1;
        try
        {
            while (await Task.Run(blocks.Next, cancellationToken) is { } next)
            {
                var block = next;
                if (fields is null)
                {
                    CheckEncoding(block.Text);
                    (names, fields, int length, int lines) = PriceColumns.Parse(block.Text, source.Path);
                    block = block with { Start = block.Start + length, Length = block.Length - length };
                    line += lines;
                    _hasAdjusted = fields.Contains(PriceField.AdjustedClose);
                    if (!_hasAdjusted)
                        _notes.Note(AdjustedCloses.NoColumn, "");
                }
                underWay.Enqueue(Task.Run(() => Parse(block, names, fields), cancellationToken));
                while (underWay.Count > 2 * Environment.ProcessorCount)
                    line = Take(sorter, await ParsedAsync(underWay.Dequeue(), line), line);
            }
            while (underWay.TryDequeue(out var task))
                line = Take(sorter, await ParsedAsync(task, line), line);
            if (fields is null)
                throw new BadInputException($"{source.Path} line 1, header", "", "a header with the columns instrument_id, trade_date, close, volume");
            if (sorter.Instruments.Count == 0)
                throw new BadInputException(source.Path, "a header without rows", "at least one row of prices");
        }
        finally
        {
            foreach (var task in underWay)
                _ = task.ContinueWith(static parsed => parsed.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private void CheckEncoding(ReadOnlySpan<byte> text)
    {
        try
        {
            TextRules.Check(text, []);
        }
        catch (BadRowException bad)
        {
            throw Refused(bad, 1);
        }
    }

    private PriceBlock Parse(RowBlock block, string[] names, PriceField[] fields)
    {
        try
        {
            return PriceBlock.Parse(block.Text, names, fields, _notes.SkipsBadRows);
        }
        finally
        {
            block.Return();
        }
    }

    private async Task<PriceBlock> ParsedAsync(Task<PriceBlock> task, long firstLine)
    {
        try
        {
            return await task;
        }
        catch (BadRowException bad)
        {
            throw Refused(bad, firstLine);
        }
    }

    private BadInputException Refused(BadRowException bad, long firstLine) =>
        new($"{source.Path} line {firstLine + bad.Line}, {bad.Column}", bad.Value, bad.Allowed);

    private long Take(PriceSorter sorter, PriceBlock block, long firstLine)
    {
        foreach (var bad in block.BadRows)
            _notes.Skips(firstLine + bad.Line, Refused(bad, firstLine));
        sorter.Add(block, firstLine);
        return firstLine + block.Lines;
    }
}
