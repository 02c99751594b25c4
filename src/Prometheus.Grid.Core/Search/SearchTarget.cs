namespace Prometheus.Grid.Core.Search;

/// <summary>A resolved target.</summary>
/// <param name="Joint">The vector that candidates are compared with.</param>
/// <param name="Branches">Its branch vectors in the order of the space, empty where there is none; null when they were not asked for.</param>
/// <param name="EntityId">The entity whose row on <paramref name="AsOf"/> is left out, or null.</param>
/// <param name="AsOf">The date of the target.</param>
public sealed record SearchTarget(ReadOnlyMemory<float> Joint, IReadOnlyList<ReadOnlyMemory<float>>? Branches, string? EntityId, DateOnly AsOf);
