using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>Asks for vectors of a model to be built. Each subtype is one of the seed's backfill commands.</summary>
public abstract record BackfillRequest
{
    private protected BackfillRequest()
    {
    }

    /// <summary>The model whose vectors are built.</summary>
    public required string ModelId { get; init; }

    /// <summary>
    /// The dates. One day builds for that day; a longer range builds for every date on which its inputs have rows.
    /// </summary>
    public required DateRange Dates { get; init; }

    /// <summary>At most this many entities by date, at least 1; null for all.</summary>
    public int? Limit { get; init; }
}

/// <summary>Numeric vectors of instruments from their prices.</summary>
public sealed record NumericBackfill : BackfillRequest
{
    /// <summary>Trading days in the window, 1 to 10,000; null takes the model's own.</summary>
    public int? WindowDays { get; init; }

    /// <summary>Active equities of this market; null for those of every market, unless instruments are named.</summary>
    public string? MarketId { get; init; }

    /// <summary>Named instruments, taken first; repeats are dropped.</summary>
    public IReadOnlyList<string> InstrumentIds { get; init; } = [];

    /// <summary>Passes over this many instruments of the market first, 0 or more.</summary>
    public int Offset { get; init; }
}

/// <summary>Text vectors of issuers from their profiles of the date.</summary>
public sealed record TextBackfill : BackfillRequest;

/// <summary>Joint vectors of issuers from their numeric and text vectors.</summary>
public sealed record JointProfileBackfill : BackfillRequest
{
    /// <summary>Only these issuers; empty for all that have a text vector on the date.</summary>
    public IReadOnlyList<string> IssuerIds { get; init; } = [];

    /// <summary>Other models than the space's own by branch name; an empty model id leaves the branch out.</summary>
    public IReadOnlyDictionary<string, string> BranchModelIds { get; init; } = new Dictionary<string, string>();
}

/// <summary>Numeric vectors of portfolios from their risk reports of the date.</summary>
public sealed record PortfolioBackfill : BackfillRequest
{
    /// <summary>Only these portfolios; empty for all that have a report on the date.</summary>
    public IReadOnlyList<string> PortfolioIds { get; init; } = [];
}

/// <summary>Joint vectors of portfolios from their numeric vectors.</summary>
public sealed record JointPortfolioBackfill : BackfillRequest
{
    /// <summary>Other models than the space's own by branch name.</summary>
    public IReadOnlyDictionary<string, string> BranchModelIds { get; init; } = new Dictionary<string, string>();
}

/// <summary>How far a backfill has come.</summary>
/// <param name="Partition">Model and date being built.</param>
/// <param name="EntitiesDone">Entities of this partition that are committed or passed over.</param>
/// <param name="EntitiesTotal">Entities of this partition.</param>
/// <param name="DatesDone">Dates that are complete.</param>
/// <param name="DatesTotal">Dates of the request.</param>
public readonly record struct BackfillProgress(PartitionKey Partition, int EntitiesDone, int EntitiesTotal, int DatesDone, int DatesTotal);

/// <summary>What a backfill did on one date.</summary>
/// <param name="Partition">Model and date.</param>
/// <param name="Written">Rows that are new or changed.</param>
/// <param name="Unchanged">Rows that were there already, bit for bit.</param>
/// <param name="Resumed">Entities that a killed run had committed before and that were not computed again.</param>
/// <param name="BeyondLimit">Entities that the limit of the request left out.</param>
/// <param name="Skipped">Entities that got no row, and why.</param>
public sealed record BackfillDay(
    PartitionKey Partition, int Written, int Unchanged, int Resumed, int BeyondLimit, IReadOnlyList<SkippedEntity> Skipped);

/// <summary>What a backfill did, date by date.</summary>
/// <param name="Days">One entry a date, ascending.</param>
public sealed record BackfillReport(IReadOnlyList<BackfillDay> Days)
{
    /// <summary>Rows that are new or changed.</summary>
    public int Written => Days.Sum(day => day.Written);

    /// <summary>Rows that were there already, bit for bit.</summary>
    public int Unchanged => Days.Sum(day => day.Unchanged);

    /// <summary>Entities that got no row, counted by reason, most frequent first.</summary>
    public IReadOnlyList<(string Reason, int Count)> SkippedByReason =>
        [.. Days.SelectMany(day => day.Skipped)
            .GroupBy(skip => skip.Reason.Code, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Count()))
            .OrderByDescending(reason => reason.Item2).ThenBy(reason => reason.Key, StringComparer.Ordinal)];
}
