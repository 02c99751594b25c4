using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Search;

/// <summary>Reads the stored vectors of spaces: the joint rows of a date, and the branch rows behind them.</summary>
/// <param name="store">Where they are.</param>
public sealed class SpaceReader(IGridStore store)
{
    /// <summary>The dates in the range on which the space has vectors, ascending.</summary>
    public async Task<IReadOnlyList<DateOnly>> DatesAsync(SpaceManifest space, DateRange? range, CancellationToken cancellationToken)
    {
        var keys = await store.Vectors.ListAsync(BranchKind.Joint, space.ModelId, cancellationToken);
        return [.. keys.Select(key => key.AsOf).Where(date => range is null || range.Value.Contains(date)).Order()];
    }

    /// <summary>The joint rows of a date, or those of some entities.</summary>
    /// <exception cref="NotFoundException">The space has no vectors on the date.</exception>
    public async Task<VectorPartition> JointAsync(
        SpaceManifest space, DateOnly asOf, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        PartitionKey key = new(BranchKind.Joint, space.ModelId, asOf);
        return await store.Vectors.ReadAsync(key, entityIds, asKnown, cancellationToken) ?? throw await NoVectorsAsync(space, asOf, asKnown, cancellationToken);
    }

    /// <summary>What to say when a space has no vectors on a date: on which it has some.</summary>
    public async Task<NotFoundException> NoVectorsAsync(SpaceManifest space, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        var dates = await DatesAsync(space, null, cancellationToken);
        PartitionKey key = new(BranchKind.Joint, space.ModelId, asOf);
        if (asKnown is { } then && dates.Contains(asOf) && await FirstKnownAsync(key, then, cancellationToken) is { } first)
            return new NotFoundException("joint vectors", key.ToString(), $"vectors of that date exist, but the first became known at {first.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}; as known before that there are none");
        string hint = dates.Count == 0
            ? "the model has no vectors yet; backfill it first"
            : $"it has {dates.Count} dates from {DateRange.Text(dates[0])} to {DateRange.Text(dates[^1])}";
        string[] others = [.. (await store.Vectors.ListAsync(BranchKind.Joint, null, cancellationToken)).Where(other => other.AsOf == asOf && other.ModelId != space.ModelId).Select(other => other.ModelId)];
        if (others.Length > 0)
            hint += $"; on that date there are vectors of {string.Join(", ", others)}";
        return new NotFoundException("joint vectors", key.ToString(), hint);
    }

    /// <summary>When a partition first became known, to the second, by halving the time since <paramref name="unknown"/>; null when it is not there.</summary>
    private async Task<DateTimeOffset?> FirstKnownAsync(PartitionKey key, DateTimeOffset unknown, CancellationToken cancellationToken)
    {
        if (await store.Vectors.ReadAsync(key, [], null, cancellationToken) is not { } current)
            return null;
        var known = current.KnownAt;
        while (known - unknown > TimeSpan.FromSeconds(1))
        {
            var middle = unknown + ((known - unknown) / 2);
            if (await store.Vectors.ReadAsync(key, [], middle, cancellationToken) is { } earlier)
                known = earlier.KnownAt < middle ? earlier.KnownAt : middle;
            else
                unknown = middle;
        }
        return known;
    }

    /// <summary>The space with the branch models that its rows of a date were fused from.</summary>
    public async Task<SpaceManifest> AsFusedAsync(
        SpaceManifest space, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        PartitionKey key = new(BranchKind.Joint, space.ModelId, asOf);
        var header = await store.Vectors.ReadAsync(key, [], asKnown, cancellationToken);
        return header is null ? space : JointOrigin.Apply(space, header.Origin);
    }

    /// <summary>
    /// The branch vectors of joint rows: for each branch of <paramref name="fused"/> a vector for each row, empty where there is none.
    /// </summary>
    /// <param name="fused">The space, with the branch models to read.</param>
    /// <param name="asOf">The date of the rows.</param>
    /// <param name="rows">The joint rows.</param>
    /// <param name="allRows">True when <paramref name="rows"/> are (nearly) all rows of the date: partitions are then read whole.</param>
    /// <param name="asKnown">What was known at this time; null for now.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    public async Task<ReadOnlyMemory<float>[][]> BranchesAsync(
        SpaceManifest fused,
        DateOnly asOf,
        IReadOnlyList<RowHeader> rows,
        bool allRows,
        DateTimeOffset? asKnown,
        CancellationToken cancellationToken)
    {
        var vectors = new ReadOnlyMemory<float>[fused.Branches.Count][];
        for (int b = 0; b < vectors.Length; b++)
        {
            var branch = fused.Branches[b];
            bool ofInstruments = BranchOwner.Of(fused, branch) == EntityKind.Instrument;
            string[] owners = [.. rows.Select(row => ofInstruments ? row.InstrumentId : row.EntityId)];
            var partition = await store.Vectors.ReadAsync(
                new PartitionKey(branch.Kind, branch.ModelId, asOf), allRows ? null : owners, asKnown, cancellationToken);
            vectors[b] = new ReadOnlyMemory<float>[rows.Count];
            for (int row = 0; partition is not null && row < rows.Count; row++)
            {
                if (partition.Rows.IndexOf(owners[row]) is var index and >= 0)
                    vectors[b][row] = partition.Rows.Row(index);
            }
        }
        return vectors;
    }

    internal static NotFoundException NoVector(SpaceManifest space, string entityId, DateOnly asOf) =>
        new(space.Entity.ToString().ToLowerInvariant(), entityId, $"it has no {space.ModelId} vector as of {DateRange.Text(asOf)}");
}
