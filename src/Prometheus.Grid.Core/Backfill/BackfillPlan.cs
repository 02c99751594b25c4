using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>The vectors of one chunk of entities, and who got none.</summary>
internal sealed record EncodedChunk(VectorBatch Rows, IReadOnlyList<SkippedEntity> Skipped);

/// <summary>The work of one model on one date, ready to run chunk by chunk.</summary>
/// <param name="Partition">What is built.</param>
/// <param name="Dimension">Length of the vectors.</param>
/// <param name="Origin">The recipe of the rows.</param>
/// <param name="InputVersion">Changes when the inputs may have changed.</param>
/// <param name="EntityIds">Whose vectors, ascending ordinally.</param>
/// <param name="BeyondLimit">Entities that the limit of the request left out.</param>
/// <param name="EncodeAsync">Reads the inputs of a chunk in one query and encodes them.</param>
internal sealed record BackfillPlan(
    PartitionKey Partition,
    int Dimension,
    string Origin,
    string InputVersion,
    IReadOnlyList<string> EntityIds,
    int BeyondLimit,
    Func<IReadOnlyList<string>, CancellationToken, Task<EncodedChunk>> EncodeAsync);

/// <summary>Turns a request into the dates that it covers and a plan for each.</summary>
internal interface IBackfillPlanner
{
    Task<IReadOnlyList<DateOnly>> DatesAsync(CancellationToken cancellationToken);

    Task<BackfillPlan> PlanAsync(DateOnly asOf, CancellationToken cancellationToken);
}
