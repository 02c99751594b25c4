using Prometheus.Grid.Core.Diagnosis;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Storage;

/// <summary>An entity that a backfill passed over.</summary>
/// <param name="EntityId">Who.</param>
/// <param name="Reason">Why.</param>
public readonly record struct SkippedEntity(string EntityId, SkipReason Reason);

/// <summary>What writing rows changed.</summary>
/// <param name="Written">Rows that are new or have other values than before.</param>
/// <param name="Unchanged">Rows that were there already, bit for bit.</param>
public readonly record struct WriteOutcome(int Written, int Unchanged);

/// <summary>
/// Where vectors live. Readers see a partition as it was before a write or after it, never between. A superseded row stays readable by
/// knowledge time until <see cref="VacuumAsync"/>.
/// </summary>
public interface IVectorStore
{
    /// <summary>Reads a partition, or some of its rows.</summary>
    /// <param name="key">Model and date.</param>
    /// <param name="entityIds">The rows wanted; null for all, empty for the origin and version alone. Ids without a row are left out.</param>
    /// <param name="asKnown">Reads what was known at that time; null for now.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>Null when the partition does not exist, or did not then.</returns>
    /// <exception cref="GridFaultException">The stored bytes are damaged; the message names the file or row.</exception>
    /// <exception cref="NotFoundException">What was known at <paramref name="asKnown"/> has been vacuumed: no answer rather than another one.</exception>
    Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken);

    /// <summary>What a holder of rows lacks: those of its buckets, without the ones that it has already where the store can tell.</summary>
    /// <param name="key">Model and date.</param>
    /// <param name="buckets">The entities that it holds.</param>
    /// <param name="since">The version of the rows that it holds, all of them; null for none.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>Null when the partition does not exist.</returns>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    async Task<VectorChanges?> ReadChangesAsync(PartitionKey key, EntityBuckets buckets, string? since, CancellationToken cancellationToken) =>
        await ReadAsync(key, null, null, cancellationToken) is { } whole
            ? new VectorChanges(whole with { Rows = buckets.Select(whole.Rows) }, AreAll: true)
            : null;

    /// <summary>What the store can do with buckets by themselves; null where it reads whole partitions.</summary>
    IBucketStore? Buckets => this as IBucketStore;

    /// <summary>
    /// The version that <see cref="ReadAsync"/> would return now, without reading the rows; null when the partition does not exist.
    /// Lets a cache of scans ask whether it is still true.
    /// </summary>
    Task<string?> VersionAsync(PartitionKey key, CancellationToken cancellationToken);

    /// <summary>Partitions without their rows, that is recipe and version, in the order of the question; one question where the store can.</summary>
    /// <returns>For each key what <see cref="ReadAsync"/> gives when no rows are wanted; null where the partition does not exist.</returns>
    async Task<IReadOnlyList<VectorPartition?>> HeadersAsync(IReadOnlyList<PartitionKey> keys, CancellationToken cancellationToken)
    {
        var headers = new VectorPartition?[keys.Count];
        for (int i = 0; i < headers.Length; i++)
            headers[i] = await ReadAsync(keys[i], [], null, cancellationToken);
        return headers;
    }

    /// <summary>Every partition that exists, ordered by kind, model and date.</summary>
    /// <param name="kind">Only of this kind, or null.</param>
    /// <param name="modelId">Only of this model, or null.</param>
    /// <param name="cancellationToken">Ends the listing early.</param>
    Task<IReadOnlyList<PartitionKey>> ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken);

    /// <summary>
    /// Begins to write rows of a partition chunk by chunk, or takes up where a killed writer with the same <paramref name="fingerprint"/>
    /// stopped after its last committed chunk.
    /// </summary>
    /// <param name="key">Model and date.</param>
    /// <param name="dimension">Length of the vectors.</param>
    /// <param name="origin">The recipe of the rows (<see cref="VectorPartition.Origin"/>).</param>
    /// <param name="fingerprint">Identifies the work: its inputs, parameters and chunking. Leftovers of another fingerprint are dropped.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <exception cref="GridFaultException">Another process writes to the store; the message names it.</exception>
    Task<IPartitionWriter> BeginAsync(
        PartitionKey key, int dimension, string origin, string fingerprint, CancellationToken cancellationToken);

    /// <summary>Writes rows at once and durably, for live updates; same rules as a writer that commits one chunk.</summary>
    Task<WriteOutcome> PutAsync(
        PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken);

    /// <summary>Puts into one or more partitions as <see cref="PutAsync"/>, in one transaction where the store can, else in their order.</summary>
    /// <param name="puts">The rows. In one partition no entity occurs twice, and all rows have one recipe and dimension.</param>
    /// <param name="cancellationToken">Ends the call early; all puts are then written or none, where they share a transaction.</param>
    /// <returns>What each put changed, in their order.</returns>
    async Task<IReadOnlyList<WriteOutcome>> PutTogetherAsync(IReadOnlyList<VectorPut> puts, CancellationToken cancellationToken)
    {
        var outcomes = new WriteOutcome[puts.Count];
        for (int i = 0; i < outcomes.Length; i++)
            outcomes[i] = await PutAsync(puts[i].Key, puts[i].Rows, puts[i].Origin, cancellationToken);
        return outcomes;
    }

    /// <summary>
    /// Puts as <see cref="PutTogetherAsync"/>, but nothing where one of their partitions holds rows of another recipe or dimension, or another partition is not
    /// as expected.
    /// </summary>
    /// <param name="puts">The rows. In one partition no entity occurs twice, and all rows have one recipe and dimension.</param>
    /// <param name="expected">Other partitions that the rows were made by.</param>
    /// <param name="cancellationToken">Ends the call early; all puts are then written or none, where they share a transaction.</param>
    /// <returns>What each put changed, in their order; null when nothing is written.</returns>
    async Task<IReadOnlyList<WriteOutcome>?> TryPutTogetherAsync(
        IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe> expected, CancellationToken cancellationToken)
    {
        var headers = await HeadersAsync([.. puts.Select(put => put.Key), .. expected.Select(recipe => recipe.Key)], cancellationToken);
        bool isOther = puts.Zip(headers).Any(pair => pair.Second is { } there && (there.Origin != pair.First.Origin || there.Rows.Dimension != pair.First.Rows.Dimension))
            || expected.Zip(headers.Skip(puts.Count)).Any(pair => pair.First.Origin != pair.Second?.Origin);
        return isOther ? null : await PutTogetherAsync(puts, cancellationToken);
    }

    /// <summary>Checks every stored partition against its checksums.</summary>
    /// <returns>One finding a partition.</returns>
    IAsyncEnumerable<StoreFinding> VerifyAsync(CancellationToken cancellationToken);

    /// <summary>Drops what was superseded before <paramref name="olderThan"/>, and leftovers of killed writers.</summary>
    Task<VacuumOutcome> VacuumAsync(DateTimeOffset olderThan, CancellationToken cancellationToken);
}

/// <summary>What a check of one partition found.</summary>
/// <param name="Key">The partition.</param>
/// <param name="Rows">How many rows it holds.</param>
/// <param name="Problem">What is wrong, naming file or row; null when it is as it was written.</param>
public readonly record struct StoreFinding(PartitionKey Key, int Rows, string? Problem);

/// <summary>What a vacuum dropped.</summary>
/// <param name="Superseded">Superseded versions of partitions or rows.</param>
/// <param name="Bytes">Bytes freed, as far as the store can tell.</param>
public readonly record struct VacuumOutcome(int Superseded, long Bytes);

/// <summary>
/// Writes one partition. Chunks are committed durably in order, and readers see all of them at once on completion. Disposing without
/// completing keeps what is committed for the next writer of the same fingerprint.
/// </summary>
public interface IPartitionWriter : IAsyncDisposable
{
    /// <summary>Chunks that an earlier writer of this fingerprint has committed; the caller goes on behind them.</summary>
    int CommittedChunks { get; }

    /// <summary>Commits the next chunk: rows, passed-over entities and watermark, all or nothing.</summary>
    /// <param name="rows">Rows that follow those of the chunks before; may be empty.</param>
    /// <param name="skipped">Entities of the chunk that got no row.</param>
    /// <param name="cancellationToken">Ends the call early; the chunk is then committed or not, never in part.</param>
    Task CommitAsync(VectorBatch rows, IReadOnlyList<SkippedEntity> skipped, CancellationToken cancellationToken);

    /// <summary>Makes the partition current and drops the watermark. A partition that would not change is left as it is.</summary>
    /// <returns>Counts over all chunks, those of earlier writers included, and everyone passed over.</returns>
    /// <exception cref="BadInputException">Rows of another origin or dimension would remain beside the new ones.</exception>
    Task<(WriteOutcome Outcome, IReadOnlyList<SkippedEntity> Skipped)> CompleteAsync(CancellationToken cancellationToken);
}

/// <summary>Names an artifact of a model.</summary>
/// <param name="AsOf">Its date.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ArtifactName(DateOnly AsOf, string Name);

/// <summary>Keeps fits and other small files of models: named, dated, checksummed.</summary>
public interface IArtifactStore
{
    /// <summary>Reads an artifact, or null when there is none.</summary>
    /// <exception cref="GridFaultException">Its content does not match its checksum.</exception>
    Task<ReadOnlyMemory<byte>?> ReadAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken);

    /// <summary>Writes an artifact atomically; an artifact of the same name is replaced.</summary>
    Task WriteAsync(string modelId, DateOnly asOf, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The dates on which <paramref name="modelId"/> has artifacts of this name, ascending.</summary>
    Task<IReadOnlyList<DateOnly>> DatesAsync(string modelId, string name, CancellationToken cancellationToken);

    /// <summary>All artifacts of <paramref name="modelId"/>, by date and then by name.</summary>
    Task<IReadOnlyList<ArtifactName>> ListAsync(string modelId, CancellationToken cancellationToken);

    /// <summary>Deletes an artifact; one that is not there is deleted already.</summary>
    Task DeleteAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken);
}

/// <summary>A whole store: the user's tables and the grid's vectors.</summary>
public interface IGridStore : IAsyncDisposable
{
    /// <summary>One line that tells a user which store this is.</summary>
    string Description { get; }

    /// <summary>The user's tables.</summary>
    IGridInputs Inputs { get; }

    /// <summary>The vectors.</summary>
    IVectorStore Vectors { get; }

    /// <summary>The fits.</summary>
    IArtifactStore Artifacts { get; }

    /// <summary>Checks every byte of what is kept beside the partitions, which <see cref="IVectorStore.VerifyAsync"/> checks: fits of models, and caches of the user's tables.</summary>
    /// <returns>One finding a file or row, by kind, model, date and name.</returns>
    IAsyncEnumerable<KeptFinding> VerifyKeptAsync(CancellationToken cancellationToken);

    /// <summary>Looks at what an operator would look for in a store of this kind: room, settings, who else is there.</summary>
    /// <param name="cancellationToken">Ends the look early.</param>
    Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([]);
}

/// <summary>What is kept beside the partitions of a store.</summary>
public enum KeptKind
{
    /// <summary>A fit or another small file of a model.</summary>
    Artifact,

    /// <summary>A copy of a user's table in another form, which is made again when it is missing.</summary>
    Cache,
}

/// <summary>What a check of something beside the partitions found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="ModelId">Whose it is; null for a cache.</param>
/// <param name="AsOf">Its date; null for a cache.</param>
/// <param name="Name">Its name, of a cache the path of its file.</param>
/// <param name="Problem">What is wrong; null when it is as it was written.</param>
public readonly record struct KeptFinding(KeptKind Kind, string? ModelId, DateOnly? AsOf, string Name, string? Problem);
