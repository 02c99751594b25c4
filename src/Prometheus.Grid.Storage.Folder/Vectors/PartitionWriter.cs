using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Npy;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>Writes one partition through a staging file that survives its process.</summary>
internal sealed class PartitionWriter(PartitionFolder folder, int dimension, string origin, Staging staging, WriterLock writerLock, TimeProvider time) : IPartitionWriter
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
        int number = (before?.Live.Number ?? 0) + 1;
        RowMerge merge;
        StoredRows? stored = null;
        VectorBatch? incoming = null;
        if (before is null)
        {
            merge = RowMerge.First(staging.Headers, number);
        }
        else
        {
            stored = folder.Read(before.Live, null, cancellationToken);
            incoming = new VectorBatch(staging.Headers, staging.ReadValues(), dimension);
            merge = RowMerge.Over(stored, incoming, number);
            CheckCompatible(before, merge, folder.Key, dimension, origin);
        }
        cancellationToken.ThrowIfCancellationRequested();

        if (IsChange(before, merge, origin))
        {
            var publisher = new Publisher(folder, time);
            if (merge.RemainingOldRows == 0)
            {
                // From here on the rows may have another name; only the next writer can tell, from the journal.
                _isSpent = true;
                staging.Seal();
                publisher.Publish(before, folder.StagingPath, merge, dimension, origin, Note);
            }
            else
            {
                string temporary = folder.NpyPath(number) + DurableFile.TemporarySuffix;
                Publisher.WriteRows(temporary, merge, stored, incoming!);
                publisher.Publish(before, temporary, merge, dimension, origin, Note);
            }
        }
        Finish();
        return merge.Outcome;

        void Note(string sha256) =>
            staging.NoteAdoption(new JournalAdoption(number, sha256, merge.Outcome.Written, merge.Outcome.Unchanged));
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
