using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Runs a backfill: chunk by chunk, each read in one query, encoded on all cores and committed with its watermark. A killed run is taken up
/// after its last committed chunk, and ends in the same bytes as one that was never killed, whoever encoded its chunks.
/// </summary>
/// <param name="context">What it works with.</param>
/// <param name="others">Encodes the chunks of work that spreads; null has all of them encoded in this process.</param>
public sealed class BackfillJob(BackfillContext context, IChunkEncoder? others = null)
{
    /// <summary>Builds the vectors of every date that the request covers.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="progress">Told after each committed chunk; may be null.</param>
    /// <param name="cancellationToken">Ends the work after the chunk under way; what is committed stays.</param>
    /// <exception cref="NotFoundException">A model, instrument, issuer, portfolio or input of the date does not exist.</exception>
    /// <exception cref="BadInputException">A parameter is out of range.</exception>
    public async Task<BackfillReport> RunAsync(
        BackfillRequest request, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        var dates = await DatesAsync(request, cancellationToken);
        var days = new List<BackfillDay>(dates.Count);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        PlanAhead? ahead = null;
        try
        {
            while (days.Count < dates.Count)
            {
                var work = ahead is null
                    ? await ChunkedPlan.MakeAsync(context, request, dates[days.Count], cancellationToken)
                    : await ahead.TakeAsync(cancellationToken);
                // Fits cost most of a date and turn to those of the date before, which is planned by now: they need not wait for its commits.
                ahead = request is NumericBackfill && days.Count + 1 < dates.Count
                    ? PlanAhead.Begin(context, request, dates[days.Count + 1], stop.Token)
                    : null;
                days.Add(await RunPlanAsync(work, days.Count, dates.Count, progress, cancellationToken));
            }
        }
        finally
        {
            // After a failure the next date is still being planned, from inputs that the caller may close.
            await stop.CancelAsync();
            if (ahead is not null)
                await ahead.EndAsync();
        }
        return new BackfillReport(days);
    }

    /// <summary>The dates that a request covers, ascending.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public Task<IReadOnlyList<DateOnly>> DatesAsync(BackfillRequest request, CancellationToken cancellationToken)
    {
        if (request.Limit is < 1)
            throw new BadInputException(nameof(request.Limit), request.Limit, "a whole number of 1 or more");
        return context.PlannerFor(request).DatesAsync(cancellationToken);
    }

    /// <summary>Builds the vectors of one of the dates, so that a caller can remember each day when it is done.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="dates">All dates of the request, as <see cref="DatesAsync"/> gave them.</param>
    /// <param name="day">Which of them, from 0; those before count as done.</param>
    /// <param name="progress">Told after each committed chunk; may be null.</param>
    /// <param name="cancellationToken">Ends the work after the chunk under way; what is committed stays.</param>
    public async Task<BackfillDay> RunDayAsync(
        BackfillRequest request, IReadOnlyList<DateOnly> dates, int day, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        var work = await ChunkedPlan.MakeAsync(context, request, dates[day], cancellationToken);
        return await RunPlanAsync(work, day, dates.Count, progress, cancellationToken);
    }

    private async Task<BackfillDay> RunPlanAsync(
        ChunkedPlan work, int day, int days, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        var partition = work.Plan.Partition;
        var operation = GridOperation.BackfillDate(partition.ModelId);
        operation.Span?.SetTag("grid.date", DateRange.Text(partition.AsOf));
        return await operation.EndsWithAsync(CommitPlanAsync(work, day, days, progress, cancellationToken));
    }

    private async Task<BackfillDay> CommitPlanAsync(
        ChunkedPlan work, int day, int days, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        var plan = work.Plan;
        void Report(int chunks) => progress?.Report(new BackfillProgress(plan.Partition, work.EntitiesIn(chunks), plan.EntityIds.Count, day, days));
        await using var writer = await context.Store.Vectors.BeginAsync(
            plan.Partition, plan.Dimension, plan.Origin, work.Fingerprint, cancellationToken);
        int resumed = writer.CommittedChunks;
        Report(resumed);

        using var spread = plan.Spreads && others is not null ? new FallbackEncoder(others, work) : null;
        var encoder = spread ?? (IChunkEncoder)work;
        var pipeline = new ChunkPipeline(
            () => encoder.ChunksAhead,
            (chunk, token) => encoder.EncodeAsync(work.OrderOf(chunk), token),
            async (chunk, encoded) =>
            {
                await writer.CommitAsync(encoded.Rows, encoded.Skipped, cancellationToken);
                GridMetrics.ChunkCommitted(plan.Partition.ModelId, encoded.Rows.Count, encoded.Skipped.Count);
                Report(chunk + 1);
            });
        await pipeline.RunAsync(resumed, work.Count, cancellationToken);
        (var outcome, var skipped) = await writer.CompleteAsync(cancellationToken);
        GridMetrics.DateCompleted(plan.Partition.ModelId, plan.Partition.AsOf);
        return new BackfillDay(plan.Partition, outcome.Written, outcome.Unchanged, work.EntitiesIn(resumed), plan.BeyondLimit, [.. skipped, .. plan.PassedOver]);
    }
}
