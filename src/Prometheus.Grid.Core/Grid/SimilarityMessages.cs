namespace Prometheus.Grid.Core.Grid;

/// <summary>What neighbours are sought of.</summary>
public abstract record SimilarityTarget
{
    private SimilarityTarget()
    {
    }

    /// <summary>An entity as it was on the target date of the query; it is left out of its own answer on that date.</summary>
    /// <param name="EntityId">An issuer or portfolio of the space.</param>
    public sealed record Entity(string EntityId) : SimilarityTarget;

    /// <summary>A text, encoded by the model of the space's text branch; compared in that branch unless weights say more.</summary>
    /// <param name="Document">The text, not blank.</param>
    /// <param name="BesideEntityId">Takes the other branches from this entity on the target date; null leaves them out.</param>
    public sealed record Text(string Document, string? BesideEntityId = null) : SimilarityTarget;

    /// <summary>A joint vector of the caller's own.</summary>
    /// <param name="Values">As many finite values as the space has dimensions, not all zero.</param>
    public sealed record Vector(ReadOnlyMemory<float> Values) : SimilarityTarget;
}

/// <summary>Narrows the candidates. Labels compare without case; several filters must all hold; null or empty means no filter.</summary>
/// <param name="Sector">The issuer's sector.</param>
/// <param name="Industry">The issuer's industry.</param>
/// <param name="Country">The issuer's country.</param>
/// <param name="MarketId">The market of the representative instrument.</param>
/// <param name="Region">The region of the row.</param>
/// <param name="EntityIds">Only these.</param>
/// <param name="ExcludedIds">None of these; ids that the space does not hold are no error.</param>
/// <param name="ExcludedSectors">No issuer of these sectors; an empty string stands for issuers without one.</param>
public sealed record SimilarityFilter(
    string? Sector = null,
    string? Industry = null,
    string? Country = null,
    string? MarketId = null,
    string? Region = null,
    IReadOnlyCollection<string>? EntityIds = null,
    IReadOnlyCollection<string>? ExcludedIds = null,
    IReadOnlyCollection<string>? ExcludedSectors = null)
{
    /// <summary>Whether it leaves nothing out.</summary>
    public bool IsEmpty =>
        Sector is null && Industry is null && Country is null && MarketId is null && Region is null && EntityIds is null
        && ExcludedIds is null or { Count: 0 } && ExcludedSectors is null or { Count: 0 };
}

/// <summary>Asks for the nearest neighbours of a target by cosine.</summary>
public sealed record SimilarityQuery
{
    /// <summary>Whose neighbours.</summary>
    public required SimilarityTarget Target { get; init; }

    /// <summary>The date on which the target is taken, and on which candidates are sought unless <see cref="Dates"/> says otherwise.</summary>
    public required DateOnly AsOf { get; init; }

    /// <summary>The joint model whose space is searched.</summary>
    public required string ModelId { get; init; }

    /// <summary>Searches all these dates of the space; null searches <see cref="AsOf"/>.</summary>
    public DateRange? Dates { get; init; }

    /// <summary>How many neighbours, 1 to <see cref="MaxTopK"/>.</summary>
    public int TopK { get; init; } = 10;

    /// <summary>Looks only at the first this many candidates by date and id, as the seed did; null looks at all.</summary>
    public int? CandidateLimit { get; init; }

    /// <summary>Shares of the branches; null takes the stored joint vectors as they are.</summary>
    public BranchWeights? Weights { get; init; }

    /// <summary>Narrows the candidates; null for none.</summary>
    public SimilarityFilter? Filter { get; init; }

    /// <summary>Only neighbours of this cosine or more, −1 to 1; null for any.</summary>
    public double? MinCosine { get; init; }

    /// <summary>
    /// At most this many neighbours of a sector, at least 1, in a space of issuers: neighbours are taken in order, those of a sector that has its
    /// share are passed over, until <see cref="TopK"/> are found. Issuers without a sector count as one. Null for no such bound.
    /// </summary>
    public int? MaxPerSector { get; init; }

    /// <summary>Adds each branch's cosine and share of the score to every neighbour.</summary>
    public bool Explain { get; init; }

    /// <summary>Answers as the grid would have at this time; null for now.</summary>
    public DateTimeOffset? AsKnown { get; init; }

    /// <summary>Accepts an answer with shards missing, flagged as such.</summary>
    public bool AllowPartial { get; init; }

    /// <summary>The largest k that is served; a larger one is a listing, not a search.</summary>
    public const int MaxTopK = 100_000;
}

/// <summary>What a branch contributes to a neighbour's score.</summary>
/// <param name="Branch">Name of the branch in the space.</param>
/// <param name="Cosine">Cosine of target and neighbour in this branch alone; 0 when either lacks it.</param>
/// <param name="Share">Its part of the score; the shares of all branches add up to the score.</param>
public sealed record BranchShare(string Branch, double Cosine, double Share)
{
    /// <summary>Where the coordinates of the branch have names, such as classes: those that speak most for both, strongest first; at most three.</summary>
    public IReadOnlyList<string> Shared { get; init; } = [];
}

/// <summary>A neighbour.</summary>
/// <param name="Cosine">Cosine of target and neighbour; 0 when either is the zero vector.</param>
/// <param name="Euclidean">Euclidean distance of the vectors as compared.</param>
/// <param name="AsOf">The date of the neighbour's vector.</param>
/// <param name="EntityId">The neighbour.</param>
/// <param name="InstrumentId">Its representative instrument; empty for portfolios.</param>
/// <param name="Region">Its region; empty for portfolios.</param>
/// <param name="Source">What its vector was fused from.</param>
/// <param name="Explanation">A branch each, in the order of the space; empty unless asked for.</param>
public sealed record SimilarityHit(
    double Cosine,
    double Euclidean,
    DateOnly AsOf,
    string EntityId,
    string InstrumentId,
    string Region,
    string Source,
    IReadOnlyList<BranchShare> Explanation);

/// <summary>The nearest neighbours, ordered by cosine descending, distance ascending, date ascending, id ascending.</summary>
/// <param name="ModelId">The joint model that all vectors are of.</param>
/// <param name="Hits">Up to k neighbours; fewer only when there are no more candidates.</param>
/// <param name="Candidates">How many vectors were compared.</param>
/// <param name="MissingShards">Shards that did not answer; empty unless a partial answer was allowed.</param>
public sealed record SimilarityAnswer(
    string ModelId, IReadOnlyList<SimilarityHit> Hits, long Candidates, IReadOnlyList<string> MissingShards)
{
    /// <summary>True when some shard is missing, so a nearer neighbour may be too.</summary>
    public bool IsPartial => MissingShards.Count > 0;
}
