namespace Prometheus.Grid.Embedded.Search;

/// <summary>A resolved target.</summary>
/// <param name="Joint">The vector that candidates are compared with.</param>
/// <param name="Branches">Its branch vectors in the order of the space, empty where there is none; null when it has no known branches.</param>
/// <param name="EntityId">The entity to leave out on the target's date, or null.</param>
internal sealed record SearchTarget(ReadOnlyMemory<float> Joint, ReadOnlyMemory<float>[]? Branches, string? EntityId);
