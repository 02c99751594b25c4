using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity;

/// <summary>How the parts of a row make one vector.</summary>
public enum PartFusion
{
    /// <summary>Parts stand side by side; a factor scales its part. A row has as many coordinates as all parts together.</summary>
    SideBySide,

    /// <summary>Parts are of one length and are added, each times its factor.</summary>
    Sum,
}

/// <summary>
/// What a row of a shard consists of. A query names a factor f_j a part and meets the fused row ⊕ f_j·x_j
/// (<see cref="PartFusion.SideBySide"/>) or Σ f_j·x_j (<see cref="PartFusion.Sum"/>), so weights change without a rebuild.
/// </summary>
public sealed class RowShape
{
    /// <summary>Rows of one part.</summary>
    /// <param name="dimensions">Coordinates of a row, 1 to 32,768.</param>
    public RowShape(int dimensions) : this(PartFusion.SideBySide, dimensions)
    {
    }

    /// <summary>Rows of several parts, stored one after the other.</summary>
    /// <param name="fusion">How they become one vector.</param>
    /// <param name="parts">Coordinates of each part, 1 to 32,768; all the same for <see cref="PartFusion.Sum"/>.</param>
    public RowShape(PartFusion fusion, params int[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Length is 0 or > MaxParts) throw new ArgumentException($"parts: {parts.Length} parts; allowed are 1 to {MaxParts}.", nameof(parts));
        foreach (int dimensions in parts)
        {
            if (dimensions is < 1 or > MaxDimensions)
                throw new ArgumentException($"parts: {dimensions} coordinates; allowed are 1 to {MaxDimensions}.", nameof(parts));
            if (fusion == PartFusion.Sum && dimensions != parts[0])
                throw new ArgumentException($"parts: {dimensions} and {parts[0]} coordinates; parts that are added have the same.", nameof(parts));
        }
        Fusion = fusion;
        Parts = [.. parts];
        Dimensions = parts.Sum();
        FusedDimensions = fusion == PartFusion.Sum ? parts[0] : Dimensions;
        AllDims = CodedDims(parts);
    }

    /// <summary>Upper limit of parts in a row.</summary>
    public const int MaxParts = 16;

    /// <summary>Upper limit of coordinates in a part: 255·127·32,768 still fits the 32-bit sums of the scan.</summary>
    public const int MaxDimensions = 32_768;

    /// <summary>How parts become one vector.</summary>
    public PartFusion Fusion { get; }

    /// <summary>Coordinates of each part.</summary>
    public IReadOnlyList<int> Parts { get; }

    /// <summary>Coordinates of a stored row: all parts one after the other.</summary>
    public int Dimensions { get; }

    /// <summary>Coordinates of a fused row, and so of a query.</summary>
    public int FusedDimensions { get; }

    /// <summary>Coordinates to code of each part where nothing is known of the rows.</summary>
    internal IReadOnlyList<int> AllDims { get; }

    /// <summary>Whether rows of another shape consist of the same parts: what is ready for one is ready for the other.</summary>
    internal bool HasPartsOf(RowShape other) => ReferenceEquals(this, other) || (Fusion == other.Fusion && Parts.SequenceEqual(other.Parts));

    /// <summary>Used coordinates of each part, filled up to what is coded at a time.</summary>
    internal static IReadOnlyList<int> CodedDims(IEnumerable<int> used) =>
        [.. used.Select(dims => Math.Max(1, (dims + PartCodes.DimsStep - 1) / PartCodes.DimsStep) * PartCodes.DimsStep)];
}
