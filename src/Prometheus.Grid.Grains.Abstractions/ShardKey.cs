using System.Globalization;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains;

/// <summary>Which bucket of which space a shard is, as the key of its grain: <c>joint-profile-core-v1/3/16</c>.</summary>
/// <param name="ModelId">The joint model of the space.</param>
/// <param name="Bucket">0 to <paramref name="Of"/> − 1.</param>
/// <param name="Of">How many buckets the space has.</param>
public readonly record struct ShardKey(string ModelId, int Bucket, int Of)
{
    /// <summary>The entities of this shard.</summary>
    public EntityBuckets Entities => new(Of, [Bucket]);

    /// <summary>Reads the key of a grain.</summary>
    /// <exception cref="FormatException">The text is no such key.</exception>
    public static ShardKey Parse(string text) =>
        text.Split('/') is [{ Length: > 0 } modelId, var bucket, var of]
        && int.TryParse(bucket, NumberStyles.None, CultureInfo.InvariantCulture, out int b)
        && int.TryParse(of, NumberStyles.None, CultureInfo.InvariantCulture, out int n)
        && b < n
            ? new ShardKey(modelId, b, n)
            : throw new FormatException($"'{text}' is no key of a shard; one looks like joint-profile-core-v1/3/16");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ModelId}/{Bucket}/{Of}");
}
