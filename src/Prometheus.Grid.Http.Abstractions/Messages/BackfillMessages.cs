using System.Text.Json.Serialization;

namespace Prometheus.Grid.Http.Messages;

/// <summary>Which of the backfills.</summary>
public enum BackfillKind
{
    /// <summary>Numeric vectors of instruments from their prices.</summary>
    Numeric,

    /// <summary>Text vectors of issuers from their profiles.</summary>
    Text,

    /// <summary>Joint vectors of issuers.</summary>
    JointProfiles,

    /// <summary>Numeric vectors of portfolios from their risk reports.</summary>
    Portfolios,

    /// <summary>Joint vectors of portfolios.</summary>
    JointPortfolios,
}

/// <summary>Asks for vectors of a model to be built.</summary>
/// <param name="Kind">Which backfill.</param>
/// <param name="ModelId">The model whose vectors are built.</param>
/// <param name="Start">The first date.</param>
/// <param name="End">The last date; with the first, one day.</param>
/// <param name="Limit">At most this many entities by date.</param>
/// <param name="WindowDays">Numeric: trading days in the window.</param>
/// <param name="MarketId">Numeric: instruments of this market.</param>
/// <param name="InstrumentIds">Numeric: these instruments.</param>
/// <param name="Offset">Numeric: passes over this many instruments first.</param>
/// <param name="IssuerIds">Joint profiles: only these issuers.</param>
/// <param name="PortfolioIds">Portfolios: only these.</param>
/// <param name="BranchModelIds">Joint: other models by branch name; an empty one leaves the branch out.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record BackfillMessage(
    BackfillKind Kind,
    string ModelId,
    DateOnly Start,
    DateOnly End,
    int? Limit = null,
    int? WindowDays = null,
    string? MarketId = null,
    IReadOnlyList<string>? InstrumentIds = null,
    int? Offset = null,
    IReadOnlyList<string>? IssuerIds = null,
    IReadOnlyList<string>? PortfolioIds = null,
    IReadOnlyDictionary<string, string>? BranchModelIds = null);

/// <summary>How a job stands.</summary>
public enum JobStatus
{
    /// <summary>It runs, or waits for its turn.</summary>
    Running,

    /// <summary>All is built.</summary>
    Succeeded,

    /// <summary>It ended with an error; what was committed stays.</summary>
    Failed,

    /// <summary>It was cancelled; what was committed stays.</summary>
    Cancelled,
}

/// <summary>A backfill under way or done.</summary>
/// <param name="BackfillId">Names it in addresses.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Progress">How far it has come; absent before its first chunk.</param>
/// <param name="Report">What it did, once it has succeeded.</param>
/// <param name="Problem">What went wrong, once it has failed.</param>
public sealed record BackfillJobMessage(
    string BackfillId,
    JobStatus Status,
    BackfillMessage Request,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt = null,
    BackfillProgressMessage? Progress = null,
    BackfillReportMessage? Report = null,
    ProblemMessage? Problem = null);

/// <summary>How far a backfill has come.</summary>
/// <param name="ModelId">Model being built.</param>
/// <param name="AsOfDate">Date being built.</param>
/// <param name="EntitiesDone">Entities of the date that are committed or passed over.</param>
/// <param name="EntitiesTotal">Entities of the date.</param>
/// <param name="DatesDone">Dates that are complete.</param>
/// <param name="DatesTotal">Dates of the request.</param>
public sealed record BackfillProgressMessage(string ModelId, DateOnly AsOfDate, int EntitiesDone, int EntitiesTotal, int DatesDone, int DatesTotal);

/// <summary>What a backfill did.</summary>
/// <param name="Written">Rows that are new or changed.</param>
/// <param name="Unchanged">Rows that were there already, bit for bit.</param>
/// <param name="Days">Date by date.</param>
/// <param name="Notes">What of the tables was not used; absent where everything was.</param>
public sealed record BackfillReportMessage(int Written, int Unchanged, IReadOnlyList<BackfillDayMessage> Days, IReadOnlyList<InputNoteMessage>? Notes = null);

/// <summary>Something in the tables that a backfill did not use, or used otherwise than it may be meant.</summary>
/// <param name="Table">The table, for example <c>prices_daily</c>.</param>
/// <param name="What">What and why.</param>
/// <param name="Count">How often: rows, values or, for a missing column, 1.</param>
/// <param name="Examples">The first few, with their places or ids; may be empty.</param>
public sealed record InputNoteMessage(string Table, string What, int Count, IReadOnlyList<string> Examples);

/// <summary>What a backfill did on one date.</summary>
/// <param name="AsOfDate">The date.</param>
/// <param name="Written">Rows that are new or changed.</param>
/// <param name="Unchanged">Rows that were there already.</param>
/// <param name="Resumed">Entities that an interrupted run had committed before.</param>
/// <param name="BeyondLimit">Entities that the limit left out.</param>
/// <param name="Skipped">Who got no row, and why.</param>
public sealed record BackfillDayMessage(DateOnly AsOfDate, int Written, int Unchanged, int Resumed, int BeyondLimit, IReadOnlyList<SkippedMessage> Skipped);

/// <summary>An entity that got no row.</summary>
/// <param name="EntityId">Who.</param>
/// <param name="Reason">Why, as a code.</param>
/// <param name="Detail">Why, in numbers.</param>
public sealed record SkippedMessage(string EntityId, string Reason, string Detail);

/// <summary>Backfills of this grid.</summary>
/// <param name="Backfills">Newest first.</param>
public sealed record BackfillsPage(IReadOnlyList<BackfillJobMessage> Backfills);
