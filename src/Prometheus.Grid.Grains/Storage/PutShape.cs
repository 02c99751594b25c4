using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Storage;

/// <summary>Partitions, recipes and dimensions of puts, by value: puts of one shape can share a transaction without one being refused for another's sake.</summary>
/// <param name="puts">The puts, in the order of their call.</param>
/// <param name="expected">What else must be so that they are written; null where they are to be written anyway.</param>
internal readonly struct PutShape(IReadOnlyList<VectorPut> puts, IReadOnlyList<PartitionRecipe>? expected) : IEquatable<PutShape>
{
    private readonly IReadOnlyList<VectorPut> _puts = puts;

    /// <summary>What else must be so that the puts are written; null where they are to be written anyway.</summary>
    public IReadOnlyList<PartitionRecipe>? Expected { get; } = expected;

    public bool Equals(PutShape other)
    {
        if (_puts.Count != other._puts.Count || (Expected is null) != (other.Expected is null) || (Expected is not null && !Expected.SequenceEqual(other.Expected!)))
            return false;
        for (int i = 0; i < _puts.Count; i++)
        {
            if (_puts[i].Key != other._puts[i].Key || _puts[i].Rows.Dimension != other._puts[i].Rows.Dimension
                || !string.Equals(_puts[i].Origin, other._puts[i].Origin, StringComparison.Ordinal))
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => obj is PutShape other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var put in _puts)
            hash.Add(put.Key);
        return hash.ToHashCode();
    }
}
