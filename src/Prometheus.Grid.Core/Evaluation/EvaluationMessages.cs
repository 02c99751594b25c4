namespace Prometheus.Grid.Core.Evaluation;

/// <summary>Asks how good the neighbours of a model are.</summary>
/// <param name="ModelId">A joint model or the model of a branch.</param>
/// <param name="Dates">One day, which must have vectors, or a range, of which every date with vectors counts.</param>
/// <param name="Labels">Labels of the user's own by entity id; precision is reported for them as for sectors.</param>
/// <param name="LabelName">What the labels are, for example <c>style</c>.</param>
public sealed record EvaluationQuery(
    string ModelId, DateRange Dates, IReadOnlyDictionary<string, string>? Labels = null, string LabelName = "label");

/// <summary>What a figure is held against.</summary>
public enum EvaluationBaseline
{
    /// <summary>The same figure over all pairs of different entities.</summary>
    RandomPair,

    /// <summary>The mean of the other issuers of the same sector in the place of the neighbours' mean.</summary>
    SectorMean,
}

/// <summary>One figure of one date.</summary>
/// <param name="AsOf">The date, or null for the mean over the dates.</param>
/// <param name="Metric">What is measured, for example <c>sector precision@10</c>.</param>
/// <param name="Value">The figure for the ten nearest neighbours.</param>
/// <param name="StandardError">Its standard error over entities, taken as independent.</param>
/// <param name="Baseline">The figure that <paramref name="BaselineIs"/> reaches.</param>
/// <param name="BaselineIs">What it is held against.</param>
/// <param name="MoreIsBetter">False for a gap.</param>
/// <param name="Entities">How many entities were judged.</param>
public sealed record EvaluationFigure(
    DateOnly? AsOf,
    string Metric,
    double Value,
    double StandardError,
    double Baseline,
    EvaluationBaseline BaselineIs,
    bool MoreIsBetter,
    int Entities);

/// <summary>How good a model is.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="Figures">By date and metric; with several dates the means come last.</param>
/// <param name="LeftOut">Entities that could not be judged, by reason, over all dates.</param>
public sealed record EvaluationReport(
    string ModelId, IReadOnlyList<EvaluationFigure> Figures, IReadOnlyList<(string Reason, int Count)> LeftOut);
