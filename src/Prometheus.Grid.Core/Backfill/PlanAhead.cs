using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>The plan of a range's next date, made while the date before is encoded and committed.</summary>
internal sealed class PlanAhead
{
    private readonly BackfillContext _context;
    private readonly BackfillRequest _request;
    private readonly DateOnly _asOf;
    private readonly Task<(string Version, ChunkedPlan Work)> _plan;

    private PlanAhead(BackfillContext context, BackfillRequest request, DateOnly asOf, CancellationToken cancellationToken)
    {
        (_context, _request, _asOf) = (context, request, asOf);
        _plan = Task.Run(
            async () =>
            {
                string version = await VersionAsync(cancellationToken);
                return (version, await ChunkedPlan.MakeAsync(_context, _request, _asOf, cancellationToken));
            },
            cancellationToken);
    }

    /// <summary>Begins to plan a date from its prices.</summary>
    public static PlanAhead Begin(BackfillContext context, BackfillRequest request, DateOnly asOf, CancellationToken cancellationToken) =>
        new(context, request, asOf, cancellationToken);

    /// <summary>The plan; made again when it failed or prices changed since it was begun, so that a date sees what was corrected before its turn.</summary>
    public async Task<ChunkedPlan> TakeAsync(CancellationToken cancellationToken)
    {
        await EndAsync();
        if (_plan.IsCompletedSuccessfully)
        {
            (string version, var work) = await _plan;
            if (version == await VersionAsync(cancellationToken))
                return work;
        }
        return await ChunkedPlan.MakeAsync(_context, _request, _asOf, cancellationToken);
    }

    /// <summary>Waits until nothing of it runs any more, whatever became of it.</summary>
    public async Task EndAsync() => await ((Task)_plan).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Task<string> VersionAsync(CancellationToken cancellationToken) => _context.Store.Inputs.VersionAsync(InputTable.Prices, cancellationToken);
}
