namespace Prometheus.Grid.Core.Evaluation;

/// <summary>Asks how good the neighbours of models are. Several models are judged on the entities and dates that all of them have.</summary>
/// <param name="ModelIds">Joint models or models of a branch, each once; the others are held against the first.</param>
/// <param name="Dates">One day, which must have vectors, or a range, of which every date with vectors counts.</param>
/// <param name="Labels">Labels of the user's own by entity id; precision is reported for them as for sectors.</param>
/// <param name="LabelName">What the labels are, for example <c>style</c>.</param>
public sealed record EvaluationQuery(
    IReadOnlyList<string> ModelIds, DateRange Dates, IReadOnlyDictionary<string, string>? Labels = null, string LabelName = "label");

/// <summary>What a figure is held against.</summary>
public enum EvaluationBaseline
{
    /// <summary>The same figure over all pairs of different entities.</summary>
    RandomPair,

    /// <summary>The mean of the other issuers of the same sector in the place of the neighbours' mean.</summary>
    SectorMean,
}

/// <summary>One figure of one model on one date.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="AsOf">The date, or null for the mean over the dates.</param>
/// <param name="Metric">What is measured, for example <c>sector precision@10</c>.</param>
/// <param name="Value">The figure for the ten nearest neighbours.</param>
/// <param name="StandardError">Its standard error over entities, taken as independent.</param>
/// <param name="Baseline">The figure that <paramref name="BaselineIs"/> reaches.</param>
/// <param name="BaselineIs">What it is held against.</param>
/// <param name="MoreIsBetter">False for a gap.</param>
/// <param name="Entities">How many entities were judged.</param>
/// <param name="Difference">How far the figure is above that of the first model; 0 for the first itself.</param>
/// <param name="DifferenceError">The standard error of that difference, over the same entities; 0 for the first itself.</param>
public sealed record EvaluationFigure(
    string ModelId,
    DateOnly? AsOf,
    string Metric,
    double Value,
    double StandardError,
    double Baseline,
    EvaluationBaseline BaselineIs,
    bool MoreIsBetter,
    int Entities,
    double Difference = 0,
    double DifferenceError = 0);

/// <summary>How good models are.</summary>
/// <param name="ModelIds">The models, in the order of the query.</param>
/// <param name="Figures">By date, metric and model; with several dates the means come last.</param>
/// <param name="LeftOut">Entities that could not be judged, by reason, over all dates and models.</param>
public sealed record EvaluationReport(
    IReadOnlyList<string> ModelIds, IReadOnlyList<EvaluationFigure> Figures, IReadOnlyList<(string Reason, int Count)> LeftOut)
{
    /// <summary>Dates of the range that could not be judged; ascending.</summary>
    public IReadOnlyList<UnjudgedDate> Unjudged { get; init; } = [];
}

/// <summary>A date on which models could not be judged.</summary>
/// <param name="AsOf">The date.</param>
/// <param name="Reason">Why not.</param>
public sealed record UnjudgedDate(DateOnly AsOf, string Reason);
