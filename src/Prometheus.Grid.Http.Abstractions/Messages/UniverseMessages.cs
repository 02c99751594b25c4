namespace Prometheus.Grid.Http.Messages;

/// <summary>The groups of a space on a date.</summary>
/// <param name="ModelId">The joint model.</param>
/// <param name="AsOfDate">The date.</param>
/// <param name="Modularity">How much better than by chance the groups hold together.</param>
/// <param name="Edges">Pairs of entities that are among each other's nearest.</param>
/// <param name="Groups">By id.</param>
/// <param name="Members">By entity id.</param>
public sealed record GroupsMessage(
    string ModelId, DateOnly AsOfDate, double Modularity, int Edges, IReadOnlyList<GroupMessage> Groups, IReadOnlyList<GroupMemberMessage> Members);

/// <summary>A group.</summary>
/// <param name="GroupId">From 1.</param>
/// <param name="Size">How many members.</param>
/// <param name="Words">What tells it from the rest, strongest first.</param>
public sealed record GroupMessage(int GroupId, int Size, IReadOnlyList<string> Words);

/// <summary>An entity in its group.</summary>
/// <param name="EntityId">The entity.</param>
/// <param name="GroupId">Its group.</param>
/// <param name="Centrality">Mean cosine to the other members; absent for one that is alone.</param>
public sealed record GroupMemberMessage(string EntityId, int GroupId, double? Centrality = null);

/// <summary>What changed in a space between two dates.</summary>
/// <param name="ModelId">The joint model.</param>
/// <param name="FromDate">The earlier date.</param>
/// <param name="ToDate">The later date.</param>
/// <param name="UniverseMove">Length of the mean difference of all unit vectors: what moved everybody.</param>
/// <param name="TypicalMove">The median of the entities' own moves.</param>
/// <param name="Changes">Entities that are there on both dates, the largest move first.</param>
/// <param name="Appeared">Entities of the later date only.</param>
/// <param name="Gone">Entities of the earlier date only.</param>
public sealed record ChangesMessage(
    string ModelId,
    DateOnly FromDate,
    DateOnly ToDate,
    double UniverseMove,
    double TypicalMove,
    IReadOnlyList<ChangeMessage> Changes,
    IReadOnlyList<string> Appeared,
    IReadOnlyList<string> Gone);

/// <summary>What changed for one entity.</summary>
/// <param name="EntityId">The entity.</param>
/// <param name="Cosine">Cosine of its vectors of the two dates.</param>
/// <param name="Move">Length of its own move, less what moved everybody.</param>
/// <param name="Entered">Nearest neighbours on the later date only.</param>
/// <param name="Left">Nearest neighbours on the earlier date only.</param>
/// <param name="Kept">How many are neighbours on both.</param>
/// <param name="TimesTypical">Its move over the median move; absent when that is 0.</param>
public sealed record ChangeMessage(
    string EntityId, double Cosine, double Move, IReadOnlyList<string> Entered, IReadOnlyList<string> Left, int Kept, double? TimesTypical = null);

/// <summary>Past states of portfolios that resemble one now, and what followed them.</summary>
/// <param name="ModelId">The joint model.</param>
/// <param name="PortfolioId">The portfolio.</param>
/// <param name="AsOfDate">The date on which it is taken; nothing after it was read.</param>
/// <param name="Horizon">Trading days over which what followed is measured.</param>
/// <param name="Analogues">Nearest first.</param>
/// <param name="OfAnalogues">What followed them, together.</param>
/// <param name="OfRandom">What followed past states that were drawn by lot.</param>
/// <param name="Eligible">How many past states could have been chosen.</param>
/// <param name="Periods">Over how many dates whose horizons do not overlap.</param>
public sealed record AnaloguesMessage(
    string ModelId,
    string PortfolioId,
    DateOnly AsOfDate,
    int Horizon,
    IReadOnlyList<AnalogueMessage> Analogues,
    OutcomesMessage OfAnalogues,
    OutcomesMessage OfRandom,
    int Eligible,
    int Periods);

/// <summary>A past state that resembles the portfolio.</summary>
/// <param name="PortfolioId">Whose state.</param>
/// <param name="AsOfDate">When.</param>
/// <param name="Cosine">Cosine to the portfolio now.</param>
/// <param name="Followed">What followed.</param>
public sealed record AnalogueMessage(string PortfolioId, DateOnly AsOfDate, double Cosine, OutcomeMessage Followed);

/// <summary>Outcomes together.</summary>
/// <param name="States">How many states.</param>
/// <param name="Dates">On how many dates these were.</param>
/// <param name="Mean">Means.</param>
/// <param name="Spread">Standard deviations over the states.</param>
public sealed record OutcomesMessage(int States, int Dates, OutcomeMessage Mean, OutcomeMessage Spread);

/// <summary>What followed a state, its positions held still.</summary>
/// <param name="TotalReturn">Total return, for example 0.05.</param>
/// <param name="Volatility">Standard deviation of daily log returns, a year.</param>
/// <param name="WorstDrawdown">The deepest fall from a high.</param>
public sealed record OutcomeMessage(double TotalReturn, double Volatility, double WorstDrawdown);
