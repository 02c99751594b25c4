using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains.Search;

/// <summary>
/// Scans by asking every shard of the space, and merges what they answer. A shard that cannot be reached is asked again, since its grain
/// comes back in another silo; one that stays silent is an error, or named as missing where the query accepts that.
/// </summary>
/// <param name="grains">Reaches the shards.</param>
/// <param name="options">How many shards, and how long they have.</param>
/// <param name="local">Scans a whole space in this silo.</param>
internal sealed class FanOutScanner(IGrainFactory grains, GridOptions options, ICandidateScanner local) : ICandidateScanner
{
    private const int Attempts = 3;

    public async Task<ScanAnswer> ScanAsync(CandidateScan scan, CancellationToken cancellationToken)
    {
        // "The first n by id" is an order over all shards, and n rows are few: one silo looks at them by itself.
        if (scan.CandidateLimit is not null)
            return await local.ScanAsync(scan, cancellationToken);

        ShardScan message = MessageOf(scan);
        ShardKey[] shards = [.. Enumerable.Range(0, options.Shards).Select(bucket => new ShardKey(scan.Space.ModelId, bucket, options.Shards))];
        ShardAnswer?[] answers = await Task.WhenAll(shards.Select(shard => AskAsync(shard, message, scan.AllowPartial, cancellationToken)));
        return new ScanAnswer(
            [.. answers.SelectMany(answer => answer?.Best ?? []).Order(ScannedCandidate.BestFirst).Take(scan.TopK)],
            answers.Sum(answer => answer?.Candidates ?? 0),
            [.. shards.Where((_, i) => answers[i] is null).Select(shard => shard.ToString())]);
    }

    /// <summary>The answer of a shard; null when there is none and a partial answer will do.</summary>
    private async Task<ShardAnswer?> AskAsync(ShardKey shard, ShardScan message, bool allowPartial, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(options.ShardDeadline);
            try
            {
                return await grains.GetGrain<ISimilarityShardGrain>(shard.ToString()).ScanAsync(message, deadline.Token);
            }
            catch (Exception error) when (error is not GridException and not OperationCanceledException || IsOverdue(error, cancellationToken))
            {
                if (attempt < Attempts)
                    continue;
                if (allowPartial)
                    return null;
                throw new GridFaultException($"shard {shard} did not answer {Attempts} times: {error.Message}", canRetry: true, error);
            }
        }
    }

    private static bool IsOverdue(Exception error, CancellationToken cancellationToken) =>
        error is OperationCanceledException && !cancellationToken.IsCancellationRequested;

    private static ShardScan MessageOf(CandidateScan scan) => new()
    {
        ModelId = scan.Space.ModelId,
        Origin = JointOrigin.Of(scan.Space),
        Dates = [.. scan.Dates],
        Target = new VectorBytes(scan.Target.Joint),
        TargetEntityId = scan.Target.EntityId,
        TargetAsOf = scan.Target.AsOf,
        Shares = [.. scan.Shares],
        Filter = scan.Filter?.Filter,
        TopK = scan.TopK,
        AsKnown = scan.AsKnown,
    };
}
