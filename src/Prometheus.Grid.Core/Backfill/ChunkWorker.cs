using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Encodes chunks of backfills that other processes drive, from the same store and models. It plans each date for itself and keeps the
/// plan for the date's next chunks. Safe for concurrent callers.
/// </summary>
/// <param name="context">What it works with.</param>
public sealed class ChunkWorker(BackfillContext context) : IDisposable
{
    /// <summary>How many chunks it works on at once: one is read while another is computed. More would take memory and save no time.</summary>
    public const int AtOnce = 2;

    /// <summary>Dates that are under way at once, if every driver in a small cluster has one; more are planned again.</summary>
    private const int MostPlans = 8;

    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly LinkedList<ChunkedPlan> _plans = [];

    /// <summary>Encodes a chunk.</summary>
    /// <param name="order">Which chunk.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="GridFaultException">Inputs, entities or chunks are others here than where the order was given.</exception>
    public async Task<EncodedChunk> EncodeAsync(ChunkOrder order, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            var plan = Known(order.Fingerprint) ?? await PlanAsync(order, cancellationToken);
            return await plan.EncodeAsync(order, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private ChunkedPlan? Known(string fingerprint)
    {
        lock (_plans)
            return _plans.FirstOrDefault(plan => plan.Fingerprint == fingerprint);
    }

    /// <summary>Two chunks of a date that come at once may both plan it; that costs a few queries and no lock across them.</summary>
    private async Task<ChunkedPlan> PlanAsync(ChunkOrder order, CancellationToken cancellationToken)
    {
        var plan = await ChunkedPlan.MakeAsync(context, order.Request, order.AsOf, cancellationToken);
        if (plan.Fingerprint != order.Fingerprint)
        {
            throw new GridFaultException(
                $"inputs or models of {plan.Plan.Partition} are others here than where its backfill began; they changed meanwhile, or processes differ in settings", canRetry: true);
        }
        lock (_plans)
        {
            _plans.AddFirst(plan);
            if (_plans.Count > MostPlans)
                _plans.RemoveLast();
        }
        return plan;
    }
}
