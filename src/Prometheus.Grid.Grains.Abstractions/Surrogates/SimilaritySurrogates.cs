using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Surrogates;

[GenerateSerializer, Alias("grid.filter")]
internal struct SimilarityFilterSurrogate
{
    [Id(0)] public string? Sector;
    [Id(1)] public string? Industry;
    [Id(2)] public string? Country;
    [Id(3)] public string? MarketId;
    [Id(4)] public string? Region;
    [Id(5)] public string[]? EntityIds;
    [Id(6)] public string[]? ExcludedIds;
    [Id(7)] public string[]? ExcludedSectors;
}

[RegisterConverter]
internal sealed class SimilarityFilterConverter : IConverter<SimilarityFilter, SimilarityFilterSurrogate>
{
    public SimilarityFilter ConvertFromSurrogate(in SimilarityFilterSurrogate s) =>
        new(s.Sector, s.Industry, s.Country, s.MarketId, s.Region, s.EntityIds, s.ExcludedIds, s.ExcludedSectors);

    public SimilarityFilterSurrogate ConvertToSurrogate(in SimilarityFilter v) => new()
    {
        Sector = v.Sector,
        Industry = v.Industry,
        Country = v.Country,
        MarketId = v.MarketId,
        Region = v.Region,
        EntityIds = v.EntityIds is null ? null : [.. v.EntityIds],
        ExcludedIds = v.ExcludedIds is null ? null : [.. v.ExcludedIds],
        ExcludedSectors = v.ExcludedSectors is null ? null : [.. v.ExcludedSectors],
    };
}

/// <summary>Exactly one of entity, document and vector is the target.</summary>
[GenerateSerializer, Alias("grid.similarity-query")]
internal struct SimilarityQuerySurrogate
{
    [Id(0)] public string? EntityId;
    [Id(1)] public string? Document;
    [Id(2)] public string? BesideEntityId;
    [Id(3)] public VectorBytes? Vector;
    [Id(4)] public DateOnly AsOf;
    [Id(5)] public string ModelId;
    [Id(6)] public DateRange? Dates;
    [Id(7)] public int TopK;
    [Id(8)] public int? CandidateLimit;
    [Id(9)] public BranchWeights? Weights;
    [Id(10)] public SimilarityFilter? Filter;
    [Id(11)] public bool Explain;
    [Id(12)] public DateTimeOffset? AsKnown;
    [Id(13)] public bool AllowPartial;
    [Id(14)] public double? MinCosine;
    [Id(15)] public int? MaxPerSector;
}

[RegisterConverter]
internal sealed class SimilarityQueryConverter : IConverter<SimilarityQuery, SimilarityQuerySurrogate>
{
    public SimilarityQuery ConvertFromSurrogate(in SimilarityQuerySurrogate s) => new()
    {
        Target = s.Vector is { } vector ? new SimilarityTarget.Vector(vector.Values)
            : s.Document is { } document ? new SimilarityTarget.Text(document, s.BesideEntityId)
            : new SimilarityTarget.Entity(s.EntityId!),
        AsOf = s.AsOf,
        ModelId = s.ModelId,
        Dates = s.Dates,
        TopK = s.TopK,
        CandidateLimit = s.CandidateLimit,
        Weights = s.Weights,
        Filter = s.Filter,
        Explain = s.Explain,
        AsKnown = s.AsKnown,
        AllowPartial = s.AllowPartial,
        MinCosine = s.MinCosine,
        MaxPerSector = s.MaxPerSector,
    };

    public SimilarityQuerySurrogate ConvertToSurrogate(in SimilarityQuery v) => new()
    {
        EntityId = (v.Target as SimilarityTarget.Entity)?.EntityId,
        Document = (v.Target as SimilarityTarget.Text)?.Document,
        BesideEntityId = (v.Target as SimilarityTarget.Text)?.BesideEntityId,
        Vector = v.Target is SimilarityTarget.Vector vector ? new VectorBytes(vector.Values) : null,
        AsOf = v.AsOf,
        ModelId = v.ModelId,
        Dates = v.Dates,
        TopK = v.TopK,
        CandidateLimit = v.CandidateLimit,
        Weights = v.Weights,
        Filter = v.Filter,
        Explain = v.Explain,
        AsKnown = v.AsKnown,
        AllowPartial = v.AllowPartial,
        MinCosine = v.MinCosine,
        MaxPerSector = v.MaxPerSector,
    };
}

[GenerateSerializer, Alias("grid.branch-share")]
internal struct BranchShareSurrogate
{
    [Id(0)] public string Branch;
    [Id(1)] public double Cosine;
    [Id(2)] public double Share;
    [Id(3)] public string[] Shared;
}

[RegisterConverter]
internal sealed class BranchShareConverter : IConverter<BranchShare, BranchShareSurrogate>
{
    public BranchShare ConvertFromSurrogate(in BranchShareSurrogate s) => new(s.Branch, s.Cosine, s.Share) { Shared = s.Shared is { Length: > 0 } shared ? shared : [] };

    public BranchShareSurrogate ConvertToSurrogate(in BranchShare v) => new() { Branch = v.Branch, Cosine = v.Cosine, Share = v.Share, Shared = [.. v.Shared] };
}

[GenerateSerializer, Alias("grid.similarity-hit")]
internal struct SimilarityHitSurrogate
{
    [Id(0)] public double Cosine;
    [Id(1)] public double Euclidean;
    [Id(2)] public DateOnly AsOf;
    [Id(3)] public string EntityId;
    [Id(4)] public string InstrumentId;
    [Id(5)] public string Region;
    [Id(6)] public string Source;
    [Id(7)] public BranchShare[] Explanation;
}

[RegisterConverter]
internal sealed class SimilarityHitConverter : IConverter<SimilarityHit, SimilarityHitSurrogate>
{
    public SimilarityHit ConvertFromSurrogate(in SimilarityHitSurrogate s) =>
        new(s.Cosine, s.Euclidean, s.AsOf, s.EntityId, s.InstrumentId, s.Region, s.Source, s.Explanation);

    public SimilarityHitSurrogate ConvertToSurrogate(in SimilarityHit v) => new()
    {
        Cosine = v.Cosine,
        Euclidean = v.Euclidean,
        AsOf = v.AsOf,
        EntityId = v.EntityId,
        InstrumentId = v.InstrumentId,
        Region = v.Region,
        Source = v.Source,
        Explanation = [.. v.Explanation],
    };
}

[GenerateSerializer, Alias("grid.similarity-answer")]
internal struct SimilarityAnswerSurrogate
{
    [Id(0)] public string ModelId;
    [Id(1)] public SimilarityHit[] Hits;
    [Id(2)] public long Candidates;
    [Id(3)] public string[] MissingShards;
}

[RegisterConverter]
internal sealed class SimilarityAnswerConverter : IConverter<SimilarityAnswer, SimilarityAnswerSurrogate>
{
    public SimilarityAnswer ConvertFromSurrogate(in SimilarityAnswerSurrogate s) => new(s.ModelId, s.Hits, s.Candidates, s.MissingShards);

    public SimilarityAnswerSurrogate ConvertToSurrogate(in SimilarityAnswer v) =>
        new() { ModelId = v.ModelId, Hits = [.. v.Hits], Candidates = v.Candidates, MissingShards = [.. v.MissingShards] };
}

[GenerateSerializer, Alias("grid.scanned-candidate")]
internal struct ScannedCandidateSurrogate
{
    [Id(0)] public double Cosine;
    [Id(1)] public double Euclidean;
    [Id(2)] public DateOnly AsOf;
    [Id(3)] public string EntityId;
    [Id(4)] public string InstrumentId;
    [Id(5)] public string Region;
    [Id(6)] public string Source;
}

[RegisterConverter]
internal sealed class ScannedCandidateConverter : IConverter<ScannedCandidate, ScannedCandidateSurrogate>
{
    public ScannedCandidate ConvertFromSurrogate(in ScannedCandidateSurrogate s) =>
        new(s.Cosine, s.Euclidean, s.AsOf, new RowHeader(s.EntityId, s.InstrumentId, s.Region, s.Source));

    public ScannedCandidateSurrogate ConvertToSurrogate(in ScannedCandidate v) => new()
    {
        Cosine = v.Cosine,
        Euclidean = v.Euclidean,
        AsOf = v.AsOf,
        EntityId = v.Header.EntityId,
        InstrumentId = v.Header.InstrumentId,
        Region = v.Header.Region,
        Source = v.Header.Source,
    };
}
