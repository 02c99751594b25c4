using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Npy;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>
/// The rows of an unfinished write: values in staging.npy behind an empty header, everything else in the journal. A killed writer's
/// chunks are found again by the next one; a chunk counts only if its values still match the checksum in the journal, so values and
/// journal need no order between their flushes.
/// </summary>
internal sealed class Staging : IDisposable
{
    private readonly PartitionFolder _folder;
    private readonly int _dimension;
    private readonly StagingJournal _journal;
    private SafeFileHandle? _values;

    private Staging(PartitionFolder folder, int dimension, StagingJournal journal)
    {
        _folder = folder;
        _dimension = dimension;
        _journal = journal;
    }

    /// <summary>Committed chunks.</summary>
    public int Chunks { get; private set; }

    /// <summary>Rows of the committed chunks.</summary>
    public List<RowHeader> Headers { get; } = [];

    /// <summary>Passed-over entities of the committed chunks.</summary>
    public List<SkippedEntity> Skipped { get; } = [];

    /// <summary>Set when an earlier writer made these rows live and died before it could clean up.</summary>
    public JournalAdoption? Finished { get; private set; }

    private long ValuesLength => NpyHeader.WrittenLength + (long)Headers.Count * _dimension * sizeof(float);

    /// <summary>Takes up what a writer of the same fingerprint left, or starts anew.</summary>
    public static Staging Open(PartitionFolder folder, int dimension, string origin, string fingerprint)
    {
        DurableFile.CreateDirectory(folder.Path);
        var begin = new JournalBegin(StagingJournal.CurrentFormat, fingerprint, dimension, origin);
        var journal = StagingJournal.Open(folder.JournalPath, out var entries);
        var staging = new Staging(folder, dimension, journal);
        try
        {
            if (entries.Count > 0 && entries[0].Entry.Begin == begin)
            {
                staging.Resume(entries);
            }
            else
            {
                journal.Truncate(0);
                DurableFile.TryDelete(folder.StagingPath);
                journal.Append(new JournalEntry(begin));
            }
            if (staging.Finished is null)
                staging._values ??= File.OpenHandle(folder.StagingPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            DurableFile.SyncDirectory(folder.Path);
            return staging;
        }
        catch
        {
            staging.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Gives the rows back to a journal whose writer died between renaming staging.npy and replacing current.json. Called before
    /// anything is written under the number of a new generation.
    /// </summary>
    public static void Restore(PartitionFolder folder, int nextGeneration)
    {
        if (File.Exists(folder.JournalPath) && !File.Exists(folder.StagingPath) && File.Exists(folder.NpyPath(nextGeneration)))
            File.Move(folder.NpyPath(nextGeneration), folder.StagingPath);
    }

    /// <summary>Commits a chunk: on the disk when this returns, forgotten when it throws.</summary>
    public void Append(VectorBatch rows, IReadOnlyList<SkippedEntity> skipped)
    {
        long valuesBefore = ValuesLength, journalBefore = _journal.Length;
        var bytes = MemoryMarshal.AsBytes(rows.Values.Span);
        try
        {
            RandomAccess.Write(_values!, bytes, valuesBefore);
            CrashPoint.Reach(CrashPoint.AfterStageAppend);
            _journal.Append(new JournalEntry(Chunk: new JournalChunk(
                [.. rows.Headers.Select(row => new[] { row.EntityId, row.InstrumentId, row.Region, row.Source })],
                [.. skipped.Select(skip => new[] { skip.EntityId, skip.Reason.Code, skip.Reason.Detail })],
                Crc32C.Of(bytes))));
            Flush();
            CrashPoint.Reach(CrashPoint.AfterJournal);
        }
        catch (Exception error) when (StorageFault.IsFileError(error))
        {
            _journal.Truncate(journalBefore);
            RandomAccess.SetLength(_values!, valuesBefore);
            throw;
        }
        Add(rows.Headers, skipped);
    }

    /// <summary>The staged values, read back.</summary>
    public float[] ReadValues()
    {
        float[] values = GC.AllocateUninitializedArray<float>(checked(Headers.Count * _dimension));
        PartitionFolder.ReadExactly(_values!, MemoryMarshal.AsBytes(values.AsSpan()), NpyHeader.WrittenLength, _folder.StagingPath);
        return values;
    }

    /// <summary>Fills in the header and closes the file: staging.npy is now a whole .npy, but not flushed.</summary>
    public void Seal()
    {
        Span<byte> header = stackalloc byte[NpyHeader.WrittenLength];
        NpyHeader.Write(header, Headers.Count, _dimension);
        RandomAccess.Write(_values!, header, 0);
        RandomAccess.SetLength(_values!, ValuesLength);
        _values!.Dispose();
        _values = null;
    }

    /// <summary>Notes that staging.npy is about to be renamed, and what that changes.</summary>
    public void NoteAdoption(JournalAdoption adoption)
    {
        _journal.Append(new JournalEntry(Adoption: adoption));
        _journal.Flush();
    }

    /// <summary>Removes all traces.</summary>
    public void Delete()
    {
        Dispose();
        DurableFile.TryDelete(_folder.StagingPath);
        // The journal goes last: while it exists, a leftover staging.npy is explained.
        DurableFile.TryDelete(_folder.JournalPath);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values?.Dispose();
        _values = null;
        _journal.Dispose();
    }

    private void Resume(List<PlacedEntry> entries)
    {
        var live = _folder.ReadManifest()?.Live;
        var adoption = entries[^1].Entry.Adoption;
        if (adoption is not null && live?.Number == adoption.Generation && live.NpySha256 == adoption.NpySha256)
        {
            Finished = adoption;
            foreach (var entry in entries)
                Add(entry.Entry.Chunk);
            return;
        }
        Restore(_folder, (live?.Number ?? 0) + 1);
        _values = File.OpenHandle(_folder.StagingPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        TakeIntactChunks(entries);
    }

    /// <summary>Takes the chunks whose values are still there, and cuts values and journal off behind the last of them.</summary>
    private void TakeIntactChunks(List<PlacedEntry> entries)
    {
        long length = RandomAccess.GetLength(_values!);
        long end = entries[0].End;
        foreach (var next in entries.Skip(1))
        {
            if (next.Entry.Chunk is not { } chunk || !IsIntact(chunk, length))
                break;
            Add(chunk);
            end = next.End;
        }
        _journal.Truncate(end);
        RandomAccess.SetLength(_values!, Math.Min(length, ValuesLength));
    }

    private bool IsIntact(JournalChunk chunk, long length)
    {
        long start = ValuesLength, size = (long)chunk.Rows.Count * _dimension * sizeof(float);
        if (start + size > length)
            return false;
        byte[] bytes = new byte[size];
        PartitionFolder.ReadExactly(_values!, bytes, start, _folder.StagingPath);
        return Crc32C.Of(bytes) == chunk.Crc32C;
    }

    private void Flush()
    {
        // Two flushes at once share one commit of the file system's own journal: about half the wait of one after the other.
        var values = Task.Run(() => RandomAccess.FlushToDisk(_values!));
        _journal.Flush();
        values.GetAwaiter().GetResult();
    }

    private void Add(JournalChunk? chunk)
    {
        if (chunk is null)
            return;
        Add(
            [.. chunk.Rows.Select(row => new RowHeader(row[0], row[1], row[2], row[3]))],
            [.. chunk.Skipped.Select(skip => new SkippedEntity(skip[0], new SkipReason(skip[1], skip[2])))]);
    }

    private void Add(IReadOnlyList<RowHeader> headers, IReadOnlyList<SkippedEntity> skipped)
    {
        Chunks++;
        Headers.AddRange(headers);
        Skipped.AddRange(skipped);
    }
}
