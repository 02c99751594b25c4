using System.Text.Json.Serialization;

namespace Prometheus.Grid.Http.Messages;

/// <summary>Asks for the nearest neighbours of a target.</summary>
/// <param name="Target">Whose neighbours.</param>
/// <param name="AsOfDate">The date on which the target is taken, and on which neighbours are sought unless <paramref name="Dates"/> says otherwise.</param>
/// <param name="Dates">Searches all these dates of the space.</param>
/// <param name="TopK">How many neighbours.</param>
/// <param name="CandidateLimit">Looks only at the first this many candidates by date and id.</param>
/// <param name="Weights">Shares by branch; they are scaled to sum to one.</param>
/// <param name="Filter">Narrows who is a candidate.</param>
/// <param name="MinCosine">Only neighbours of this cosine or more, -1 to 1.</param>
/// <param name="MaxPerSector">At most this many neighbours of a sector, in a space of issuers.</param>
/// <param name="Explain">Adds each branch's cosine and share of the score.</param>
/// <param name="AsKnown">Answers as the grid would have at this time.</param>
/// <param name="AllowPartial">Accepts an answer with shards missing, flagged as such.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SearchRequest(
    TargetMessage Target,
    DateOnly AsOfDate,
    DatesMessage? Dates = null,
    int TopK = 10,
    int? CandidateLimit = null,
    IReadOnlyDictionary<string, double>? Weights = null,
    FilterMessage? Filter = null,
    double? MinCosine = null,
    int? MaxPerSector = null,
    bool Explain = false,
    DateTimeOffset? AsKnown = null,
    bool AllowPartial = false);

/// <summary>What neighbours are sought of: one of an entity, a text and a vector.</summary>
/// <param name="EntityId">An issuer or portfolio of the space.</param>
/// <param name="Text">A text, encoded by the space's text model.</param>
/// <param name="BesideEntityId">With a text: takes the other branches from this entity.</param>
/// <param name="Vector">A vector of the caller's own, as long as the space has dimensions.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TargetMessage(string? EntityId = null, string? Text = null, string? BesideEntityId = null, float[]? Vector = null);

/// <summary>A range of dates, both included.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">The last.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DatesMessage(DateOnly Start, DateOnly End);

/// <summary>Narrows the candidates; several must all hold. Labels compare without case.</summary>
/// <param name="Sector">Of this sector.</param>
/// <param name="Industry">Of this industry.</param>
/// <param name="Country">Of this country.</param>
/// <param name="MarketId">Of this market.</param>
/// <param name="Region">Of this region.</param>
/// <param name="EntityIds">Only these.</param>
/// <param name="ExcludedIds">None of these.</param>
/// <param name="ExcludedSectors">No issuer of these sectors; an empty text stands for issuers without one.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FilterMessage(
    string? Sector = null,
    string? Industry = null,
    string? Country = null,
    string? MarketId = null,
    string? Region = null,
    IReadOnlyList<string>? EntityIds = null,
    IReadOnlyList<string>? ExcludedIds = null,
    IReadOnlyList<string>? ExcludedSectors = null);

/// <summary>The nearest neighbours: cosine descending, distance ascending, date ascending, id ascending.</summary>
/// <param name="ModelId">The joint model that all vectors are of.</param>
/// <param name="Exact">Whether no nearer neighbour can be missing: true unless the answer is partial.</param>
/// <param name="IsPartial">Whether shards are missing.</param>
/// <param name="Candidates">How many vectors were compared.</param>
/// <param name="MissingShards">Those that did not answer; empty unless a partial answer was allowed.</param>
/// <param name="Hits">Up to k neighbours; fewer only when there are no more candidates.</param>
public sealed record SearchResponse(
    string ModelId, bool Exact, bool IsPartial, long Candidates, IReadOnlyList<string> MissingShards, IReadOnlyList<HitMessage> Hits);

/// <summary>A neighbour; labels are empty where the tables have none.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="EntityId">Who.</param>
/// <param name="Name">Display name.</param>
/// <param name="Sector">Sector.</param>
/// <param name="Country">Country.</param>
/// <param name="InstrumentId">Its representative instrument; empty for portfolios.</param>
/// <param name="Region">Its region; empty for portfolios.</param>
/// <param name="Source">What its vector was fused from.</param>
/// <param name="AsOfDate">The date of its vector.</param>
/// <param name="Cosine">Cosine of target and neighbour.</param>
/// <param name="Euclidean">Euclidean distance of the vectors as compared.</param>
/// <param name="Explanation">A branch each; absent unless asked for.</param>
public sealed record HitMessage(
    int Rank,
    string EntityId,
    string Name,
    string Sector,
    string Country,
    string InstrumentId,
    string Region,
    string Source,
    DateOnly AsOfDate,
    double Cosine,
    double Euclidean,
    IReadOnlyList<BranchShareMessage>? Explanation = null);

/// <summary>What a branch contributes to a score.</summary>
/// <param name="Branch">Its name.</param>
/// <param name="Cosine">Cosine in this branch alone.</param>
/// <param name="Share">Its part of the score; the shares of all branches add up to it.</param>
/// <param name="Shared">Where coordinates have names, such as classes: the strongest that both share.</param>
public sealed record BranchShareMessage(string Branch, double Cosine, double Share, IReadOnlyList<string>? Shared = null);

/// <summary>Many searches of one space in one request.</summary>
/// <param name="Searches">At most as many as the server's limit.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SearchesRequest(IReadOnlyList<SearchRequest> Searches);

/// <summary>Their answers.</summary>
/// <param name="Answers">In the order of the searches.</param>
public sealed record SearchesResponse(IReadOnlyList<SearchOutcome> Answers);

/// <summary>What became of one search.</summary>
/// <param name="Answer">Its answer.</param>
/// <param name="Problem">Or what is wrong with it.</param>
public sealed record SearchOutcome(SearchResponse? Answer = null, ProblemMessage? Problem = null);
