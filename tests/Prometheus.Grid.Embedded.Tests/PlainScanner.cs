using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Embedded.Tests;

/// <summary>The reference of every scanner: compares each candidate in double, one after the other, with nothing kept between scans.</summary>
internal sealed class PlainScanner(IGridStore store) : ICandidateScanner
{
    /// <summary>Written here a second time on purpose: a reference that took the order of the scanners could not find it wrong.</summary>
    private static readonly Comparison<ScannedCandidate> s_bestFirst = (x, y) =>
    {
        int order = y.Cosine.CompareTo(x.Cosine);
        order = order != 0 ? order : x.Euclidean.CompareTo(y.Euclidean);
        order = order != 0 ? order : x.AsOf.CompareTo(y.AsOf);
        return order != 0 ? order : string.CompareOrdinal(x.Header.EntityId, y.Header.EntityId);
    };

    private readonly SpaceReader _spaces = new(store);

    public async Task<ScanAnswer> ScanAsync(CandidateScan scan, CancellationToken cancellationToken)
    {
        IComparer<ScannedCandidate> worstFirst = Comparer<ScannedCandidate>.Create((x, y) => s_bestFirst(y, x));
        var kept = new PriorityQueue<ScannedCandidate, ScannedCandidate>(worstFirst);
        long compared = 0;
        foreach (var date in scan.Dates)
        {
            var candidates = await _spaces.JointAsync(scan.Space, date, null, scan.AsKnown, cancellationToken);
            var vectors = scan.Shares.Count == 0
                ? candidates.Rows.Values
                : await FuseAsync(scan, candidates, cancellationToken);
            for (int row = 0; row < candidates.Rows.Count && compared < (scan.CandidateLimit ?? long.MaxValue); row++)
            {
                var header = candidates.Rows.Headers[row];
                if ((date == scan.Target.AsOf && header.EntityId == scan.Target.EntityId) || scan.Filter?.Accepts(header) == false)
                    continue;
                compared++;
                var vector = vectors.Span.Slice(row * scan.Space.Dimension, scan.Space.Dimension);
                var candidate = new ScannedCandidate(
                    Products.Cosine(scan.Target.Joint.Span, vector), Products.Distance(scan.Target.Joint.Span, vector), date, header);
                if (kept.Count < scan.TopK)
                    kept.Enqueue(candidate, candidate);
                else
                    kept.EnqueueDequeue(candidate, candidate);
            }
        }
        return new ScanAnswer([.. kept.UnorderedItems.Select(item => item.Element).Order(Comparer<ScannedCandidate>.Create(s_bestFirst))], compared, []);
    }

    /// <summary>Fuses the candidates anew with the shares of the query.</summary>
    private async Task<ReadOnlyMemory<float>> FuseAsync(CandidateScan scan, VectorPartition candidates, CancellationToken cancellationToken)
    {
        var fused = JointOrigin.Apply(scan.Space, candidates.Origin);
        var branches = await _spaces.BranchesAsync(
            fused, candidates.Key.AsOf, candidates.Rows.Headers, allRows: true, scan.AsKnown, cancellationToken);
        var fusion = BranchFusion.For(fused);
        double[] shares = [.. scan.Shares];
        float[] joint = new float[candidates.Rows.Count * scan.Space.Dimension];
        var row = new ReadOnlyMemory<float>[branches.Length];
        for (int i = 0; i < candidates.Rows.Count; i++)
        {
            for (int b = 0; b < branches.Length; b++)
                row[b] = branches[b][i];
            fusion.FuseAvailable(row, shares, joint.AsSpan(i * scan.Space.Dimension, scan.Space.Dimension));
        }
        return joint;
    }
}
