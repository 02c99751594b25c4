using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Grains.Messages;

/// <summary>How far a backfill is.</summary>
/// <param name="Progress">The last committed chunk; null before the first.</param>
/// <param name="Report">What was done, once it is done.</param>
[GenerateSerializer, Immutable, Alias("grid.backfill-status")]
public sealed record BackfillStatus([property: Id(0)] BackfillProgress? Progress, [property: Id(1)] BackfillReport? Report);
