using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Core.Search;

/// <summary>Answers similarity queries: checks the query, resolves its target, has the candidates scanned, explains the winners.</summary>
/// <param name="store">Inputs and vectors.</param>
/// <param name="catalog">Models and spaces.</param>
/// <param name="encoders">For targets that are texts.</param>
/// <param name="scanner">Compares target and candidates.</param>
public sealed class SimilaritySearch(IGridStore store, ModelCatalog catalog, EncoderRegistry encoders, ICandidateScanner scanner)
{
    private readonly SpaceReader _spaces = new(store);
    private readonly TargetResolver _targets = new(store, catalog, encoders);

    /// <summary>The exact top k.</summary>
    /// <exception cref="BadInputException">A parameter is out of range, or does not fit the space.</exception>
    /// <exception cref="NotFoundException">The target has no vector, or the space none on the dates.</exception>
    public async Task<SimilarityAnswer> FindAsync(SimilarityQuery query, CancellationToken cancellationToken)
    {
        var operation = GridOperation.Search(query.Target switch
        {
            SimilarityTarget.Text => "text",
            SimilarityTarget.Vector => "vector",
            _ => "entity",
        });
        if (operation.Span is { IsAllDataRequested: true } span)
        {
            span.SetTag("grid.space.id", query.ModelId).SetTag("grid.date", DateRange.Text(query.AsOf)).SetTag("grid.search.top_k", query.TopK);
            if (query.Target is SimilarityTarget.Entity { EntityId: var id })
                span.SetTag("grid.entity.id", id);
        }
        return await operation.EndsWithAsync(AnswerAsync(query, cancellationToken));
    }

    private async Task<SimilarityAnswer> AnswerAsync(SimilarityQuery query, CancellationToken cancellationToken)
    {
        if (query.TopK is < 1 or > SimilarityQuery.MaxTopK)
            throw new BadInputException(nameof(query.TopK), query.TopK, $"a whole number from 1 to {SimilarityQuery.MaxTopK}");
        if (query.CandidateLimit is < 1)
            throw new BadInputException(nameof(query.CandidateLimit), query.CandidateLimit, "a whole number of 1 or more");
        if (query.MinCosine is { } least && !(least is >= -1 and <= 1))
            throw new BadInputException(nameof(query.MinCosine), least, "a number from -1 to 1");
        if (query.MaxPerSector is < 1)
            throw new BadInputException(nameof(query.MaxPerSector), query.MaxPerSector, "a whole number of 1 or more");

        // Recipe, version and the target's row in one question: each costs a trip to the store.
        var declared = catalog.Space(query.ModelId);
        if (query.MaxPerSector is not null && declared.Entity != EntityKind.Issuer)
            throw new BadInputException(nameof(query.MaxPerSector), query.MaxPerSector, $"only in spaces of issuers; {declared.ModelId} holds {declared.Entity.ToString().ToLowerInvariant()}s");
        var stored = await store.Vectors.ReadAsync(
            new PartitionKey(BranchKind.Joint, declared.ModelId, query.AsOf), TargetResolver.RowOf(query.Target), query.AsKnown, cancellationToken);
        var space = stored is null ? declared : JointOrigin.Apply(declared, stored.Origin);
        double[] shares = SharesOf(query, space);
        var filter = query.Filter is null or { IsEmpty: true }
            ? null
            : new CandidateFilter(query.Filter, space, await store.Inputs.ReadUniverseAsync(cancellationToken));
        var target = await _targets.ResolveAsync(query, space, shares, stored, cancellationToken);
        var scan = new CandidateScan
        {
            Space = space,
            Dates = await DatesAsync(query, space, cancellationToken),
            Target = target,
            Shares = shares,
            Filter = filter,
            TopK = query.TopK,
            CandidateLimit = query.CandidateLimit,
            AsKnown = query.AsKnown,
            Version = query.AsKnown is null ? stored?.Version : null,
            AllowPartial = query.AllowPartial,
        };
        var answer = query.MaxPerSector is { } most
            ? await new SectorBound(scanner, space, await store.Inputs.ReadUniverseAsync(cancellationToken), most).ScanAsync(scan, cancellationToken)
            : await scanner.ScanAsync(scan, cancellationToken);
        // The order is by cosine first, so those that are near enough stand before all others.
        if (query.MinCosine is { } near)
            answer = answer with { Best = [.. answer.Best.TakeWhile(hit => hit.Cosine >= near)] };
        var explanations = query.Explain
            ? await ExplainAsync(space, target, shares, answer.Best, query.AsKnown, cancellationToken)
            : [];
        return new SimilarityAnswer(
            space.ModelId,
            [.. answer.Best.Select(hit => new SimilarityHit(
                hit.Cosine, hit.Euclidean, hit.AsOf, hit.Header.EntityId, hit.Header.InstrumentId, hit.Header.Region, hit.Header.Source,
                explanations.GetValueOrDefault(hit) ?? []))],
            answer.Candidates,
            answer.MissingShards);
    }

    /// <summary>A text alone is compared in the text branches, weighed as in the space; everything else in the space as it is, unless weights are given.</summary>
    private static double[] SharesOf(SimilarityQuery query, SpaceManifest space)
    {
        if (query.Weights is { } weights)
            return weights.For(space);
        if (query.Target is not SimilarityTarget.Text { BesideEntityId: null })
            return [];
        double texts = space.Branches.Where(branch => branch.Kind == BranchKind.Text).Sum(branch => branch.Weight);
        return [.. space.Branches.Select(branch => branch.Kind == BranchKind.Text ? branch.Weight / texts : 0.0)];
    }

    private async Task<IReadOnlyList<DateOnly>> DatesAsync(SimilarityQuery query, SpaceManifest space, CancellationToken cancellationToken)
    {
        if (query.Dates is not { } range)
            return [query.AsOf];
        var dates = await _spaces.DatesAsync(space, range, cancellationToken);
        return dates.Count > 0
            ? dates
            : throw new NotFoundException(
                "joint vectors", $"{space.ModelId} from {DateRange.Text(range.Start)} to {DateRange.Text(range.End)}", "no date of the range has any");
    }

    /// <summary>Splits the scores of the winners by branch; reads their rows once a date.</summary>
    private async Task<Dictionary<ScannedCandidate, BranchShare[]>> ExplainAsync(
        SpaceManifest space,
        SearchTarget target,
        double[] shares,
        IReadOnlyList<ScannedCandidate> winners,
        DateTimeOffset? asKnown,
        CancellationToken cancellationToken)
    {
        var fusion = BranchFusion.For(space);
        var names = space.Branches.Select(branch => catalog.Models.FirstOrDefault(model => model.ModelId == branch.ModelId)?.Coordinates ?? []).ToArray();
        var explanations = new Dictionary<ScannedCandidate, BranchShare[]>(winners.Count);
        foreach (var day in winners.GroupBy(winner => winner.AsOf))
        {
            ScannedCandidate[] hits = [.. day];
            RowHeader[] headers = [.. hits.Select(hit => hit.Header)];
            var branches = await _spaces.BranchesAsync(space, day.Key, headers, allRows: false, asKnown, cancellationToken);
            var joint = await _spaces.JointAsync(space, day.Key, [.. headers.Select(h => h.EntityId)], asKnown, cancellationToken);
            for (int i = 0; i < hits.Length; i++)
            {
                ReadOnlyMemory<float>[] candidate = [.. branches.Select(branch => branch[i])];
                var compared = joint.Rows.Row(joint.Rows.IndexOf(headers[i].EntityId));
                if (shares.Length > 0)
                {
                    float[] fused = new float[space.Dimension];
                    fusion.FuseAvailable(candidate, shares, fused);
                    compared = fused;
                }
                explanations[hits[i]] = Explanation.Of(fusion, target, candidate, shares, compared.Span, names);
            }
        }
        return explanations;
    }
}
