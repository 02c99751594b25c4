using System.Text.Json;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Translation;

/// <summary>Searches and their answers, from the domain to messages and back.</summary>
public static class Searches
{
    /// <summary>The query that a request asks.</summary>
    /// <exception cref="BadInputException">The target is not one thing, a range is reversed, or weights are refused.</exception>
    public static SimilarityQuery ToQuery(this SearchRequest request, string modelId) => new()
    {
        Target = request.Target.ToTarget(),
        AsOf = request.AsOfDate,
        ModelId = modelId,
        Dates = request.Dates is { } dates ? new DateRange(dates.Start, dates.End) : null,
        TopK = request.TopK,
        CandidateLimit = request.CandidateLimit,
        Weights = request.Weights is { } weights ? new BranchWeights(weights) : null,
        Filter = request.Filter is { } filter
            ? new SimilarityFilter(filter.Sector, filter.Industry, filter.Country, filter.MarketId, filter.Region, filter.EntityIds, filter.ExcludedIds, filter.ExcludedSectors)
            : null,
        MinCosine = request.MinCosine,
        MaxPerSector = request.MaxPerSector,
        Explain = request.Explain,
        AsKnown = request.AsKnown,
        AllowPartial = request.AllowPartial,
    };

    /// <summary>The request that asks a query.</summary>
    public static SearchRequest ToRequest(this SimilarityQuery query) => new(
        query.Target switch
        {
            SimilarityTarget.Entity entity => new TargetMessage(EntityId: entity.EntityId),
            SimilarityTarget.Text text => new TargetMessage(Text: text.Document, BesideEntityId: text.BesideEntityId),
            SimilarityTarget.Vector vector => new TargetMessage(Vector: vector.Values.ToArray()),
            _ => throw new ArgumentOutOfRangeException(nameof(query), query.Target, "unknown target"),
        },
        query.AsOf,
        query.Dates is { } dates ? new DatesMessage(dates.Start, dates.End) : null,
        query.TopK,
        query.CandidateLimit,
        query.Weights?.Shares,
        query.Filter is { } filter
            ? new FilterMessage(
                filter.Sector, filter.Industry, filter.Country, filter.MarketId, filter.Region, ListOf(filter.EntityIds), ListOf(filter.ExcludedIds), ListOf(filter.ExcludedSectors))
            : null,
        query.MinCosine,
        query.MaxPerSector,
        query.Explain,
        query.AsKnown,
        query.AllowPartial);

    /// <summary>The message of an answer, with the labels that a page shows beside ids.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="labels">Name, sector and country of an entity; empty where there are none.</param>
    public static SearchResponse ToMessage(this SimilarityAnswer answer, Func<string, (string Name, string Sector, string Country)> labels)
    {
        var hits = new HitMessage[answer.Hits.Count];
        for (int i = 0; i < hits.Length; i++)
        {
            var hit = answer.Hits[i];
            var (name, sector, country) = labels(hit.EntityId);
            hits[i] = new HitMessage(
                i + 1, hit.EntityId, name, sector, country, hit.InstrumentId, hit.Region, hit.Source, hit.AsOf, hit.Cosine, hit.Euclidean,
                hit.Explanation.Count == 0
                    ? null
                    : [.. hit.Explanation.Select(share => new BranchShareMessage(share.Branch, share.Cosine, share.Share, share.Shared.Count == 0 ? null : share.Shared))]);
        }
        return new SearchResponse(answer.ModelId, !answer.IsPartial, answer.IsPartial, answer.Candidates, answer.MissingShards, hits);
    }

    /// <summary>The answer that a message tells of.</summary>
    public static SimilarityAnswer ToAnswer(this SearchResponse message) => new(
        message.ModelId,
        [.. message.Hits.Select(hit => new SimilarityHit(
            hit.Cosine, hit.Euclidean, hit.AsOfDate, hit.EntityId, hit.InstrumentId, hit.Region, hit.Source,
            [.. (hit.Explanation ?? []).Select(share => new BranchShare(share.Branch, share.Cosine, share.Share) { Shared = share.Shared ?? [] })]))],
        message.Candidates,
        message.MissingShards);

    private static string[]? ListOf(IReadOnlyCollection<string>? texts) => texts is null ? null : [.. texts];

    private static SimilarityTarget ToTarget(this TargetMessage target) => target switch
    {
        { EntityId: { } id, Text: null, BesideEntityId: null, Vector: null } => new SimilarityTarget.Entity(id),
        { EntityId: null, Text: { } text, Vector: null } => new SimilarityTarget.Text(text, target.BesideEntityId),
        { EntityId: null, Text: null, BesideEntityId: null, Vector: { } vector } => new SimilarityTarget.Vector(vector),
        _ => throw new BadInputException(
            JsonNamingPolicy.SnakeCaseLower.ConvertName(nameof(SearchRequest.Target)), "none or several", "one of entity_id, vector and text, and beside_entity_id with a text only"),
    };
}
