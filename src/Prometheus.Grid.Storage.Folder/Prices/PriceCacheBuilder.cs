using System.Globalization;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Inputs;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Parses prices_daily once and writes its columns to a cache file.</summary>
internal sealed class PriceCacheBuilder(InputFile source, string cachePath, int mostRowsInMemory = PriceSorter.DefaultRowsInMemory)
{
    /// <summary>Builds the file beside its place and renames it there: two processes may do so at once, and the last one wins with the same content.</summary>
    /// <exception cref="BadInputException">The source is missing, or one of its rows is refused.</exception>
    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{cachePath}.{Environment.ProcessId}-{Guid.NewGuid():N}{DurableFile.TemporarySuffix}");
        try
        {
            await using var raw = source.OpenRaw(out var stamp);
            await using var text = InputFile.Decompress(raw);
            Directory.CreateDirectory(Path.GetDirectoryName(cachePath)!);
            DropLeftovers();
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                long begun = File.GetLastWriteTimeUtc(file).Ticks;
                var hash = Task.Run(() => ContentHash.Of(raw.SafeFileHandle, cancellationToken), cancellationToken);
                using var sorter = new PriceSorter(temporary + ".rows", source.Path, mostRowsInMemory);
                await ParseAsync(text, sorter, cancellationToken);
                await Task.Run(async () => new PriceCacheWriter(file).Write(sorter, stamp, begun, await hash, cancellationToken), cancellationToken);
            }
            if (source.Stamp() != stamp)
                throw new GridFaultException($"{source.Path} changed while it was read; run the command again", canRetry: true);
            // Not flushed to the disk: what a power cut takes, a checksum finds, and the cache is built again.
            File.Move(temporary, cachePath, overwrite: true);
        }
        catch (Exception error)
        {
            DurableFile.TryDelete(temporary);
            if (!StorageFault.IsFileError(error))
                throw;
            throw StorageFault.From($"cannot build the price cache {cachePath}", error);
        }
    }

    // A builder holds its file for itself; one that can be opened so belongs to a process that was killed.
    private void DropLeftovers()
    {
        string pattern = $"{Path.GetFileName(cachePath)}.*{DurableFile.TemporarySuffix}";
        foreach (string leftover in Directory.EnumerateFiles(Path.GetDirectoryName(cachePath)!, pattern))
        {
            try
            {
                File.OpenHandle(leftover, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                DurableFile.TryDelete(leftover);
            }
            catch (IOException)
            {
                // Somebody is building.
            }
        }
    }

    // Blocks are parsed on all cores and taken in their order, so the first bad row of the file is the one reported.
    private async Task ParseAsync(Stream text, PriceSorter sorter, CancellationToken cancellationToken)
    {
        var blocks = new LineBlocks(text, source.Path);
        PriceField[]? fields = null;
        var underWay = new Queue<Task<PriceBlock>>();
        long line = 1;
        try
        {
            while (await Task.Run(() => Next(blocks), cancellationToken) is { } next)
            {
                var block = next;
                if (fields is null)
                {
                    int header = block.Text.IndexOf((byte)'\n') + 1;
                    header = header == 0 ? block.Length : header;
                    fields = PriceColumns.Parse(block.Text[..header], source.Path);
                    block = block with { Start = header, Length = block.Length - header };
                    line = 2;
                }
                underWay.Enqueue(Task.Run(() => Parse(block, fields), cancellationToken));
                while (underWay.Count > 2 * Environment.ProcessorCount)
                    line = Take(sorter, await ParsedAsync(underWay.Dequeue(), line), line);
            }
            while (underWay.TryDequeue(out var task))
                line = Take(sorter, await ParsedAsync(task, line), line);
            if (fields is null)
                throw new BadInputException($"{source.Path} line 1, header", "", "a header with the columns instrument_id, trade_date, close, volume");
        }
        finally
        {
            foreach (var task in underWay)
                _ = task.ContinueWith(static parsed => parsed.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private LineBlock? Next(LineBlocks blocks)
    {
        try
        {
            return blocks.Next();
        }
        catch (InvalidDataException error)
        {
            throw new BadInputException(source.Path, error.Message, "a whole gzip file", error);
        }
    }

    private static PriceBlock Parse(LineBlock block, PriceField[] fields)
    {
        try
        {
            return PriceBlock.Parse(block.Text, fields);
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
        catch (BadPriceRowException bad)
        {
            throw new BadInputException($"{source.Path} line {firstLine + bad.Line}, {bad.Column}", bad.Value, bad.Allowed);
        }
    }

    private static long Take(PriceSorter sorter, PriceBlock block, long firstLine)
    {
        sorter.Add(block, firstLine);
        return firstLine + block.Lines;
    }
}
