using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Npy;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>Writes one partition through a staging file that survives its process.</summary>
internal sealed class FolderPartitionWriter(PartitionFolder folder, int dimension, string origin, Staging staging, WriterLock writerLock, TimeProvider time) : IPartitionWriter
{
    private bool _isSpent;

    /// <inheritdoc/>
    public int CommittedChunks => staging.Chunks;

    /// <inheritdoc/>
    public Task CommitAsync(VectorBatch rows, IReadOnlyList<SkippedEntity> skipped, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isSpent, this);
        CheckRows(rows, dimension);
        if (rows.Count > 0 && staging.Headers.Count > 0 && string.CompareOrdinal(staging.Headers[^1].EntityId, rows.Headers[0].EntityId) >= 0)
            throw new ArgumentException($"'{rows.Headers[0].EntityId}' does not follow '{staging.Headers[^1].EntityId}' of the chunk before", nameof(rows));
        if (staging.Finished is not null)
            throw new InvalidOperationException($"{folder.Key} was completed under this fingerprint with {staging.Chunks} chunks; there can be no further one");
        return RunAsync(() => staging.Append(rows, skipped), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<(WriteOutcome Outcome, IReadOnlyList<SkippedEntity> Skipped)> CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isSpent, this);
        WriteOutcome outcome = default;
        using (await writerLock.EnterAsync(folder.Path, cancellationToken))
            await RunAsync(() => outcome = Complete(cancellationToken), cancellationToken);
        return (outcome, staging.Skipped);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_isSpent && staging.Chunks == 0 && staging.Finished is null)
            staging.Delete();
        staging.Dispose();
        writerLock.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Refuses rows that no partition may hold.</summary>
    public static void CheckRows(VectorBatch rows, int dimension)
    {
        if (rows.Dimension != dimension)
            throw new BadInputException("vector dimension", rows.Dimension, $"{dimension}, as the partition has");
        int bad = FloatChecks.IndexOfNonFinite(rows.Values.Span);
        if (bad >= 0)
            throw new BadInputException($"vector of '{rows.Headers[bad / dimension].EntityId}' value {bad % dimension}", rows.Values.Span[bad], "a finite float32");
    }

    /// <summary>Refuses a write that would leave rows of another recipe or length beside the new ones.</summary>
    public static void CheckCompatible(PartitionManifest before, RowMerge merge, PartitionKey key, int dimension, string origin)
    {
        if (merge.RemainingOldRows == 0)
            return;
        string remedy = $"for {merge.RemainingOldRows} other rows remain; write all rows of the date at once to change it";
        if (before.Live.Dimension != dimension)
            throw new BadInputException($"dimension of {key}", dimension, $"{before.Live.Dimension}, {remedy}");
        if (before.Live.Origin != origin)
            throw new BadInputException($"origin of {key}", origin, $"'{before.Live.Origin}', {remedy}");
    }

    /// <summary>True when the merge is not what is live already.</summary>
    public static bool IsChange(PartitionManifest? before, RowMerge merge, string origin) =>
        merge.Outcome.Written > 0 || (merge.Outcome.Unchanged > 0 && before!.Live.Origin != origin);

    private WriteOutcome Complete(CancellationToken cancellationToken)
    {
        if (staging.Finished is { } finished)
        {
            Finish();
            return new WriteOutcome(finished.Written, finished.Unchanged);
        }
        var before = folder.ReadManifest();
        var next = Prepare(before, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (IsChange(before, next.Merge, origin))
            Publish(before, next);
        Finish();
        return next.Merge.Outcome;
    }

    /// <summary>What the partition is about to become.</summary>
    /// <param name="Number">Of the generation.</param>
    /// <param name="Merge">Which rows it has.</param>
    /// <param name="Stored">The live rows; null where there are none.</param>
    /// <param name="Incoming">The staged rows, read back where there are live ones to merge them with.</param>
    private sealed record NextGeneration(int Number, RowMerge Merge, StoredRows? Stored, VectorBatch? Incoming);

    private NextGeneration Prepare(PartitionManifest? before, CancellationToken cancellationToken)
    {
        if (before is null)
            return new NextGeneration(1, RowMerge.First(staging.Headers, 1), null, null);
        int number = before.Live.Number + 1;
        var stored = folder.Read(before.Live, null, null, cancellationToken);
        var incoming = new VectorBatch(staging.Headers, staging.ReadValues(), dimension);
        var merge = RowMerge.Over(stored, incoming, number);
        CheckCompatible(before, merge, folder.Key, dimension, origin);
        return new NextGeneration(number, merge, stored, incoming);
    }

    private void Publish(PartitionManifest? before, NextGeneration next)
    {
        var outcome = next.Merge.Outcome;
        string rows = next.Merge.RemainingOldRows == 0 ? SealStaged() : WriteMerged(next);
        new Publisher(folder, time).Publish(
            before, rows, next.Merge, dimension, origin,
            sha256 => staging.NoteAdoption(new JournalAdoption(next.Number, sha256, outcome.Written, outcome.Unchanged)));
    }

    /// <summary>The staged rows are all that the generation has: their file becomes its file.</summary>
    private string SealStaged()
    {
        // From here on the rows may have another name; only the next writer can tell, from the journal.
        _isSpent = true;
        staging.Seal();
        return folder.StagingPath;
    }

    private string WriteMerged(NextGeneration next)
    {
        string temporary = folder.NpyPath(next.Number) + DurableFile.TemporarySuffix;
        Publisher.WriteRows(temporary, next.Merge, next.Stored, next.Incoming!);
        return temporary;
    }

    private void Finish()
    {
        staging.Delete();
        _isSpent = true;
    }

    private async Task RunAsync(Action work, CancellationToken cancellationToken)
    {
        try
        {
            // File calls block; they do so on a pool thread, not on the caller's.
            await Task.Run(work, cancellationToken);
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From($"cannot write {folder.Key} to {folder.Path}", error);
        }
    }
}
