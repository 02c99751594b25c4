using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>The work of one model on one date, ready to run chunk by chunk.</summary>
/// <param name="Partition">What is built.</param>
/// <param name="Dimension">Length of the vectors.</param>
/// <param name="Origin">The recipe of the rows.</param>
/// <param name="InputVersion">Changes when the inputs may have changed.</param>
/// <param name="EntityIds">Whose vectors, ascending ordinally.</param>
/// <param name="BeyondLimit">Entities that the limit of the request left out.</param>
/// <param name="Spreads">
/// Whether other processes may encode chunks of it: not when planning reads what encoding needs, which each of them would have to do again,
/// and not when chunks build on one another.
/// </param>
/// <param name="EncodeAsync">Reads the inputs of a chunk in one query and encodes them.</param>
internal sealed record BackfillPlan(
    PartitionKey Partition,
    int Dimension,
    string Origin,
    string InputVersion,
    IReadOnlyList<string> EntityIds,
    int BeyondLimit,
    bool Spreads,
    Func<IReadOnlyList<string>, CancellationToken, Task<EncodedChunk>> EncodeAsync)
{
    /// <summary>Entities that the model is not for, and why; they are counted and named beside those that got no vector.</summary>
    public IReadOnlyList<SkippedEntity> PassedOver { get; init; } = [];
}

/// <summary>Turns a request into the dates that it covers and a plan for each.</summary>
internal interface IBackfillPlanner
{
    Task<IReadOnlyList<DateOnly>> DatesAsync(CancellationToken cancellationToken);

    Task<BackfillPlan> PlanAsync(DateOnly asOf, CancellationToken cancellationToken);
}
