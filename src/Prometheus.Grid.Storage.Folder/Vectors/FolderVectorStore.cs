using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>Vectors as .npy files, one folder a partition; docs/data-folder.md describes them.</summary>
internal sealed class FolderVectorStore(FolderLayout layout, TimeProvider time) : IVectorStore
{
    // A few kilobytes each.
    private const int MostManifests = 1024;

    private readonly CheckedGenerations _checked = new();
    private readonly ConcurrentDictionary<string, PartitionManifest> _manifests = new();

    /// <inheritdoc/>
    public Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        var folder = Folder(key);
        return RunAsync($"cannot read {key}", () => Read(folder, entityIds, asKnown, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<string?> VersionAsync(PartitionKey key, CancellationToken cancellationToken)
    {
        var folder = Folder(key);
        return RunAsync($"cannot read {key}", () => Manifest(folder)?.Live.Version, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartitionKey>> ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<PartitionKey>>(
            $"cannot list {layout.Vectors}",
            () => [.. Folders().Where(folder => kind is null || folder.Key.Kind == kind)
                .Where(folder => modelId is null || folder.Key.ModelId == modelId)
                .Where(folder => File.Exists(folder.CurrentPath))
                .Select(folder => folder.Key)],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IPartitionWriter> BeginAsync(
        PartitionKey key, int dimension, string origin, string fingerprint, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        var folder = Folder(key);
        return RunAsync<IPartitionWriter>(
            $"cannot begin to write {key}",
            () =>
            {
                var writerLock = WriterLock.Take(layout.Root);
                try
                {
                    var staging = Staging.Open(folder, dimension, origin, fingerprint);
                    return new FolderPartitionWriter(folder, dimension, origin, staging, writerLock, time);
                }
                catch
                {
                    writerLock.Dispose();
                    throw;
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<WriteOutcome> PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken)
    {
        var folder = Folder(key);
        FolderPartitionWriter.CheckRows(rows, rows.Dimension);
        using var writerLock = WriterLock.Take(layout.Root);
        using (await writerLock.EnterAsync(folder.Path, cancellationToken))
            return await RunAsync($"cannot write {key}", () => Put(folder, rows, origin, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreFinding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var folder in await RunAsync($"cannot list {layout.Vectors}", () => Folders().ToList(), cancellationToken))
        {
            if (await Task.Run(() => PartitionCheck.Run(folder, cancellationToken), cancellationToken) is { } finding)
                yield return finding;
        }
    }

    /// <inheritdoc/>
    public async Task<VacuumOutcome> VacuumAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        using var writerLock = WriterLock.Take(layout.Root);
        var total = new VacuumOutcome(0, 0);
        foreach (var folder in await RunAsync($"cannot list {layout.Vectors}", () => Folders().ToList(), cancellationToken))
        {
            using var turn = await writerLock.EnterAsync(folder.Path, cancellationToken);
            var one = await RunAsync($"cannot vacuum {folder.Key}", () => PartitionVacuum.Run(folder, olderThan), cancellationToken);
            total = new VacuumOutcome(total.Superseded + one.Superseded, total.Bytes + one.Bytes);
        }
        return total;
    }

    private VectorPartition? Read(
        PartitionFolder folder, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Manifest(folder) is not { } manifest || manifest.At(folder.Key, asKnown) is not { } generation)
                return null;
            try
            {
                var rows = folder.Read(generation, entityIds, _checked, cancellationToken);
                var knownAt = rows.Since.Length == 0 ? generation.KnownAt : manifest.KnownAt(rows.Since.Max());
                return new VectorPartition(folder.Key, rows.Batch, generation.Origin, knownAt, generation.Version);
            }
            catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
            {
                // Between current.json and its files a writer may have moved on and a vacuum swept up; then current.json says so.
                if (folder.ReadManifest()?.Checksum == manifest.Checksum)
                    throw StorageFault.Damaged(folder.NpyPath(generation.Number), "it or its .ids.csv is missing");
            }
        }
    }

    /// <summary>What current.json says now. Every search asks; mostly it says what it said before.</summary>
    private PartitionManifest? Manifest(PartitionFolder folder)
    {
        string path = folder.CurrentPath;
        var manifest = PartitionManifest.Read(path, _manifests.GetValueOrDefault(path));
        if (_manifests.Count > MostManifests)
            _manifests.Clear();
        if (manifest is not null)
            _manifests[path] = manifest;
        return manifest;
    }

    private WriteOutcome Put(PartitionFolder folder, VectorBatch rows, string origin, CancellationToken cancellationToken)
    {
        var before = folder.ReadManifest();
        int number = (before?.Live.Number ?? 0) + 1;
        var stored = before is null ? null : folder.Read(before.Live, null, null, cancellationToken);
        var merge = stored is null ? RowMerge.First(rows.Headers, number) : RowMerge.Over(stored, rows, number);
        if (before is not null)
            FolderPartitionWriter.CheckCompatible(before, merge, folder.Key, rows.Dimension, origin);
        cancellationToken.ThrowIfCancellationRequested();
        if (FolderPartitionWriter.IsChange(before, merge, origin))
        {
            DurableFile.CreateDirectory(folder.Path);
            Staging.Restore(folder, number);
            string temporary = folder.NpyPath(number) + DurableFile.TemporarySuffix;
            Publisher.WriteRows(temporary, merge, stored, rows);
            new Publisher(folder, time).Publish(before, temporary, merge, rows.Dimension, origin);
        }
        return merge.Outcome;
    }

    private PartitionFolder Folder(PartitionKey key) => new(key, layout.Partition(key));

    /// <summary>Every folder that is named like a partition, by kind, model and date.</summary>
    private IEnumerable<PartitionFolder> Folders()
    {
        foreach (var kind in Enum.GetValues<BranchKind>())
        {
            foreach (string model in Children(Path.Combine(layout.Vectors, kind.ToString().ToLowerInvariant())))
            {
                foreach (string date in Children(model))
                {
                    if (DateOnly.TryParseExact(Path.GetFileName(date), DateRange.Format, out var asOf))
                        yield return new PartitionFolder(new PartitionKey(kind, Path.GetFileName(model), asOf), date);
                }
            }
        }
    }

    private static IEnumerable<string> Children(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal) : [];

    private static async Task<T> RunAsync<T>(string failure, Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            // File calls block; they do so on a pool thread, not on the caller's.
            return await Task.Run(work, cancellationToken);
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From(failure, error);
        }
    }
}
