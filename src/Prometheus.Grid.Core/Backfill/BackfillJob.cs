using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Runs a backfill: chunk by chunk, each read in one query, encoded on all cores and committed with its watermark. A killed run is taken up
/// after its last committed chunk, and ends in the same bytes as one that was never killed.
/// </summary>
/// <param name="context">What it works with.</param>
/// <param name="onCompleted">Told of each partition once it is current, before the next begins; may be null.</param>
public sealed class BackfillJob(BackfillContext context, Action<PartitionKey>? onCompleted = null)
{
    /// <summary>
    /// Entities in a chunk. Large enough that one commit (a few fsyncs) costs less than a twentieth of encoding it, small enough that a
    /// kill loses a tenth of a second of work.
    /// </summary>
    public const int ChunkSize = 1024;

    /// <summary>Builds the vectors of every date that the request covers.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="progress">Told after each committed chunk; may be null.</param>
    /// <param name="cancellationToken">Ends the work after the chunk under way; what is committed stays.</param>
    /// <exception cref="NotFoundException">A model, instrument, issuer, portfolio or input of the date does not exist.</exception>
    /// <exception cref="BadInputException">A parameter is out of range.</exception>
    public async Task<BackfillReport> RunAsync(
        BackfillRequest request, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<DateOnly> dates = await DatesAsync(request, cancellationToken);
        var days = new List<BackfillDay>(dates.Count);
        while (days.Count < dates.Count)
            days.Add(await RunDayAsync(request, dates, days.Count, progress, cancellationToken));
        return new BackfillReport(days);
    }

    /// <summary>The dates that a request covers, ascending.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public Task<IReadOnlyList<DateOnly>> DatesAsync(BackfillRequest request, CancellationToken cancellationToken)
    {
        if (request.Limit is < 1)
            throw new BadInputException("--limit", request.Limit, "a whole number of 1 or more");
        return PlannerFor(request).DatesAsync(cancellationToken);
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
        BackfillPlan plan = await PlannerFor(request).PlanAsync(dates[day], cancellationToken);
        BackfillDay done = await RunPlanAsync(
            plan,
            entities => progress?.Report(new BackfillProgress(plan.Partition, entities, plan.EntityIds.Count, day, dates.Count)),
            cancellationToken);
        onCompleted?.Invoke(plan.Partition);
        return done;
    }

    private IBackfillPlanner PlannerFor(BackfillRequest request) => request switch
    {
        NumericBackfill numeric => new NumericPlanner(numeric, context),
        TextBackfill text => new TextPlanner(text, context),
        JointProfileBackfill joint => new JointPlanner(joint, context),
        PortfolioBackfill portfolio => new PortfolioPlanner(portfolio, context),
        JointPortfolioBackfill joint => new JointPlanner(joint, context),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.GetType().Name, "unknown backfill"),
    };

    private async Task<BackfillDay> RunPlanAsync(BackfillPlan plan, Action<int> report, CancellationToken cancellationToken)
    {
        string[][] chunks = [.. plan.EntityIds.Chunk(ChunkSize)];
        await using IPartitionWriter writer = await context.Store.Vectors.BeginAsync(
            plan.Partition, plan.Dimension, plan.Origin, Fingerprint(plan), cancellationToken);

        int resumed = Math.Min(writer.CommittedChunks * ChunkSize, plan.EntityIds.Count);
        report(resumed);
        await CommitChunksAsync(plan, chunks, writer, report, cancellationToken);
        (WriteOutcome outcome, IReadOnlyList<SkippedEntity> skipped) = await writer.CompleteAsync(cancellationToken);
        return new BackfillDay(plan.Partition, outcome.Written, outcome.Unchanged, resumed, plan.BeyondLimit, skipped);
    }

    /// <summary>One chunk is encoded while the one before is committed; commits stay in order.</summary>
    private static async Task CommitChunksAsync(
        BackfillPlan plan, string[][] chunks, IPartitionWriter writer, Action<int> report, CancellationToken cancellationToken)
    {
        Task<EncodedChunk>? next = null;
        try
        {
            for (int chunk = writer.CommittedChunks; chunk < chunks.Length; chunk++)
            {
                EncodedChunk encoded = await (next ?? Encode(chunk));
                next = chunk + 1 < chunks.Length ? Encode(chunk + 1) : null;
                await writer.CommitAsync(encoded.Rows, encoded.Skipped, cancellationToken);
                report(Math.Min((chunk + 1) * ChunkSize, plan.EntityIds.Count));
            }
        }
        finally
        {
            // After a failed commit the next chunk is still being encoded from inputs that the caller may close.
            if (next is not null)
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task<EncodedChunk> Encode(int chunk) => Task.Run(() => plan.EncodeAsync(chunks[chunk], cancellationToken), cancellationToken);
    }

    /// <summary>Identifies the work: the same partition from the same inputs for the same entities in the same chunks.</summary>
    private static string Fingerprint(BackfillPlan plan)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(
            $"{plan.Partition.Kind}\0{plan.Partition}\0{plan.Dimension}\0{plan.Origin}\0{plan.InputVersion}\0{ChunkSize}"));
        foreach (string id in plan.EntityIds)
            hash.AppendData(Encoding.UTF8.GetBytes($"\0{id}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
