using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>Answers similarity queries exactly: resolves the target, scans the candidates of each date, explains the winners.</summary>
internal sealed class SimilaritySearch(IGridStore store, SpaceReader spaces, ModelCatalog catalog, EncoderRegistry encoders)
{
    private readonly TargetResolver _targets = new(store, spaces, catalog, encoders);

    public async Task<SimilarityAnswer> FindAsync(SimilarityQuery query, CancellationToken cancellationToken)
    {
        if (query.TopK is < 1 or > SimilarityQuery.MaxTopK)
            throw new BadInputException("--top-k", query.TopK, $"a whole number from 1 to {SimilarityQuery.MaxTopK}");
        if (query.CandidateLimit is < 1)
            throw new BadInputException("--candidate-limit", query.CandidateLimit, "a whole number of 1 or more");

        SpaceManifest space = await spaces.AsFusedAsync(catalog.Space(query.ModelId), query.AsOf, query.AsKnown, cancellationToken);
        double[] shares = SharesOf(query, space);
        SearchTarget target = await _targets.ResolveAsync(query, space, shares, cancellationToken);
        CandidateFilter? filter = query.Filter is null
            ? null
            : new CandidateFilter(query.Filter, space, await store.Inputs.ReadUniverseAsync(cancellationToken));

        var best = new TopHits(query.TopK);
        int left = query.CandidateLimit ?? int.MaxValue;
        foreach (DateOnly date in await DatesAsync(query, space, cancellationToken))
        {
            VectorPartition candidates = await spaces.JointAsync(space, date, null, query.AsKnown, cancellationToken);
            ReadOnlyMemory<float> vectors = shares.Length == 0
                ? candidates.Rows.Values
                : await RefuseAsync(space, candidates, shares, query.AsKnown, cancellationToken);
            for (int row = 0; row < candidates.Rows.Count && left > 0; row++)
            {
                RowHeader header = candidates.Rows.Headers[row];
                if ((date == query.AsOf && header.EntityId == target.EntityId) || filter?.Accepts(header) == false)
                    continue;
                left--;
                best.Offer(target.Joint.Span, vectors.Slice(row * space.Dimension, space.Dimension), date, header);
            }
        }
        IReadOnlyList<Candidate> winners = best.Ordered();
        var hits = new SimilarityHit[winners.Count];
        for (int i = 0; i < hits.Length; i++)
            hits[i] = winners[i].ToHit(query.Explain ? await ExplainAsync(query, space, target, shares, winners[i], cancellationToken) : []);
        return new SimilarityAnswer(space.ModelId, hits, best.Offered, []);
    }

    /// <summary>A text alone is compared in the text branch; everything else in the space as it is, unless weights are given.</summary>
    private static double[] SharesOf(SimilarityQuery query, SpaceManifest space)
    {
        if (query.Weights is { } weights)
            return weights.For(space);
        return query.Target is SimilarityTarget.Text { BesideEntityId: null }
            ? [.. space.Branches.Select(branch => branch.Kind == BranchKind.Text ? 1.0 : 0.0)]
            : [];
    }

    private async Task<IReadOnlyList<DateOnly>> DatesAsync(SimilarityQuery query, SpaceManifest space, CancellationToken cancellationToken)
    {
        if (query.Dates is null)
            return [query.AsOf];
        IReadOnlyList<DateOnly> dates = await spaces.DatesAsync(space, query.Dates, cancellationToken);
        return dates.Count > 0
            ? dates
            : throw new NotFoundException(
                "joint vectors", $"{space.ModelId} from {DateRange.Text(query.Dates.Value.Start)} to {DateRange.Text(query.Dates.Value.End)}", "no date of the range has any");
    }

    /// <summary>Fuses the candidates anew with the shares of the query.</summary>
    private async Task<ReadOnlyMemory<float>> RefuseAsync(
        SpaceManifest space, VectorPartition candidates, double[] shares, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        SpaceManifest fused = JointOrigin.Apply(space, candidates.Origin);
        ReadOnlyMemory<float>[][] branches = await spaces.BranchesAsync(
            fused, candidates.Key.AsOf, candidates.Rows.Headers, allRows: true, asKnown, cancellationToken);
        BranchFusion fusion = BranchFusion.For(fused);
        var joint = new float[candidates.Rows.Count * space.Dimension];
        var row = new ReadOnlyMemory<float>[branches.Length];
        for (int i = 0; i < candidates.Rows.Count; i++)
        {
            for (int b = 0; b < branches.Length; b++)
                row[b] = branches[b][i];
            fusion.FuseAvailable(row, shares, joint.AsSpan(i * space.Dimension, space.Dimension));
        }
        return joint;
    }

    private async Task<IReadOnlyList<BranchShare>> ExplainAsync(
        SimilarityQuery query, SpaceManifest space, SearchTarget target, double[] shares, Candidate winner, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<float>[][] branches = await spaces.BranchesAsync(
            space, winner.AsOf, [winner.Header], allRows: false, query.AsKnown, cancellationToken);
        return Explanation.Of(
            BranchFusion.For(space), target.Branches!, [.. branches.Select(branch => branch[0])], shares, target.Joint.Span, winner.Vector.Span);
    }
}
