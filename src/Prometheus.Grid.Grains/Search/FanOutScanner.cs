using System.Collections.Concurrent;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Grains.Messages;
using Prometheus.Grid.Grains.Placement;

namespace Prometheus.Grid.Grains.Search;

/// <summary>
/// Scans by asking every silo for the shards that belong to it, and merges what they answer. Shards that did not answer are asked again, where they
/// belong by then; one that stays silent is an error, or named as missing where the query accepts that.
/// </summary>
/// <param name="grains">Reaches the silos.</param>
/// <param name="homes">Where each shard belongs.</param>
/// <param name="options">How many shards, and how long they have.</param>
/// <param name="local">Scans a whole space in this silo.</param>
internal sealed class FanOutScanner(IGrainFactory grains, ShardHomes homes, GridOptions options, ICandidateScanner local) : ICandidateScanner
{
    private const int Attempts = 3;

    // To make a reference costs as much as to send a message through it.
    private readonly ConcurrentDictionary<SiloAddress, IShardHostGrain> _hosts = new();

    public async Task<ScanAnswer> ScanAsync(CandidateScan scan, CancellationToken cancellationToken)
    {
        // "The first n by id" is an order over all shards, and n rows are few: one silo looks at them by itself.
        if (scan.CandidateLimit is not null)
            return await local.ScanAsync(scan, cancellationToken);

        var message = MessageOf(scan);
        var answers = new List<ShardAnswer>();
        Exception? cause = null;
        int[] missing = [.. Enumerable.Range(0, options.Shards)];
        for (int attempt = 0; attempt < Attempts && missing.Length > 0; attempt++)
        {
            var now = homes.Now;
            var latest = now.Count == 0 ? [] : await Task.WhenAll(
                missing.GroupBy(bucket => now[bucket]).Select(buckets => AskAsync(buckets.Key, [.. buckets])));
            answers.AddRange(latest);
            missing = now.Count == 0 ? missing : [.. latest.SelectMany(answer => answer.Missing).Order()];
        }
        string[] silent = [.. missing.Select(bucket => new ShardKey(scan.Space.ModelId, bucket, options.Shards).ToString())];
        if (silent.Length > 0 && !scan.AllowPartial)
            throw new GridFaultException($"no answer from {string.Join(", ", silent)} in {Attempts} attempts: {WhyNot()}", canRetry: true, cause);
        var found = ShardAnswers.Merge(answers, scan.TopK);
        ShardAnswers.CheckNarrowed(found, scan.Filter);
        return new ScanAnswer(found.Best, found.Candidates, silent);

        string WhyNot() => answers.LastOrDefault(answer => answer.Reason is not null)?.Reason
            ?? (homes.Now.Count == 0 ? "no silo is active" : "the silos that were asked do not say why");

        async Task<ShardAnswer> AskAsync(SiloAddress silo, int[] buckets)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(options.ShardDeadline);
            try
            {
                return await HostOf(silo).ScanAsync(message, buckets, deadline.Token);
            }
            catch (Exception error) when (error is not GridException && !cancellationToken.IsCancellationRequested)
            {
                cause = error;
                return new ShardAnswer([], 0, buckets, $"silo {silo}: {error.Message}");
            }
        }
    }

    private IShardHostGrain HostOf(SiloAddress silo)
    {
        if (_hosts.Count > 4 * Math.Max(16, homes.Now.Count))
            _hosts.Clear(); // Silos that are gone.
        return _hosts.GetOrAdd(silo, address => grains.GetGrain<IShardHostGrain>(address.ToParsableString()));
    }

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
        Version = scan.Version,
    };
}
