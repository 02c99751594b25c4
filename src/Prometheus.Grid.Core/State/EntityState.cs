using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.State;

/// <summary>
/// What an entity is to the grid: the latest vector of each of its models, and the fusion over them. Not thread-safe; its owner (a
/// dictionary's lock, a grain's turn) orders the calls.
/// </summary>
public abstract class EntityState
{
    private readonly SortedDictionary<string, BranchVector> _latest = new(StringComparer.Ordinal);

    private protected EntityState(EntityKey key) => Key = key;

    /// <summary>Who this is.</summary>
    public EntityKey Key { get; }

    /// <summary>The latest vector of each model, by model id.</summary>
    public IReadOnlyCollection<BranchVector> Branches => _latest.Values;

    /// <summary>The state as a message.</summary>
    public EntitySnapshot Snapshot() => new(Key, [.. _latest.Values]);

    /// <summary>
    /// Takes a vector unless a later one of its model is there: later by the date that it describes, then by the time it became known.
    /// The order in which vectors arrive does not matter.
    /// </summary>
    /// <returns>True when the state changed.</returns>
    public bool Apply(BranchVector vector)
    {
        if (_latest.TryGetValue(vector.ModelId, out var known)
            && (vector.AsOf, vector.KnownAt).CompareTo((known.AsOf, known.KnownAt)) <= 0)
        {
            return false;
        }
        _latest[vector.ModelId] = vector;
        return true;
    }

    /// <summary>Fuses the branches of a space from the vectors that describe <paramref name="asOf"/>.</summary>
    /// <param name="space">The space, with the models of its branches.</param>
    /// <param name="asOf">Vectors of other dates do not take part.</param>
    /// <param name="weights">Shares of the branches; null for the space's own.</param>
    /// <param name="joint">The joint vector, when there is one.</param>
    /// <returns>Null when the vector was fused, else what is missing.</returns>
    public SkipReason? TryFuse(SpaceManifest space, DateOnly asOf, BranchWeights? weights, out float[]? joint)
    {
        ReadOnlyMemory<float>[] branches =
        [
            .. space.Branches.Select(branch =>
                _latest.TryGetValue(branch.ModelId, out var vector) && vector.AsOf == asOf ? vector.Vector : default),
        ];
        joint = new float[space.Dimension];
        var missing = BranchFusion.For(space).Fuse(branches, weights?.For(space) ?? [], joint);
        if (missing is not null)
            joint = null;
        return missing;
    }
}

/// <summary>An issuer: numeric and behaviour vectors of its representative instrument, and the text vectors of its own.</summary>
/// <param name="issuerId">The issuer.</param>
/// <param name="instrumentId">The instrument that stands for it; empty when it has none.</param>
public sealed class IssuerState(string issuerId, string instrumentId) : EntityState(new EntityKey(EntityKind.Issuer, issuerId))
{
    /// <summary>The instrument whose prices speak for the issuer.</summary>
    public string InstrumentId { get; } = instrumentId;
}

/// <summary>A portfolio: the vectors of its risk reports.</summary>
/// <param name="portfolioId">The portfolio.</param>
public sealed class PortfolioState(string portfolioId) : EntityState(new EntityKey(EntityKind.Portfolio, portfolioId));
