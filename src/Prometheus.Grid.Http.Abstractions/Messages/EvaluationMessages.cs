using System.Text.Json.Serialization;
using Prometheus.Grid.Core.Evaluation;

namespace Prometheus.Grid.Http.Messages;

/// <summary>Asks how good the neighbours of models are.</summary>
/// <param name="ModelIds">Joint models or models of a branch, each once; the others are held against the first.</param>
/// <param name="Start">The first date.</param>
/// <param name="End">The last date; with the first, one day that must have vectors.</param>
/// <param name="Labels">Labels of the caller's own by entity id.</param>
/// <param name="LabelName">What they are.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EvaluationRequest(
    IReadOnlyList<string> ModelIds, DateOnly Start, DateOnly End, IReadOnlyDictionary<string, string>? Labels = null, string LabelName = "label");

/// <summary>How good models are.</summary>
/// <param name="ModelIds">In the order of the question.</param>
/// <param name="Figures">By date, metric and model; with several dates the means come last.</param>
/// <param name="LeftOut">Who could not be judged, by reason.</param>
/// <param name="Unjudged">Dates of the range that could not be judged; absent where all were.</param>
public sealed record EvaluationMessage(
    IReadOnlyList<string> ModelIds, IReadOnlyList<FigureMessage> Figures, IReadOnlyList<CountMessage> LeftOut, IReadOnlyList<UnjudgedDateMessage>? Unjudged = null);

/// <summary>A date on which models could not be judged.</summary>
/// <param name="AsOfDate">The date.</param>
/// <param name="Reason">Why not.</param>
public sealed record UnjudgedDateMessage(DateOnly AsOfDate, string Reason);

/// <summary>One figure of one model.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="Value">The figure for the ten nearest neighbours.</param>
/// <param name="StandardError">Its standard error over entities.</param>
/// <param name="Baseline">What the baseline reaches.</param>
/// <param name="BaselineIs">What it is held against.</param>
/// <param name="MoreIsBetter">False for a gap.</param>
/// <param name="Entities">How many were judged.</param>
/// <param name="Difference">How far it is above the first model's.</param>
/// <param name="DifferenceError">The standard error of the difference.</param>
/// <param name="AsOfDate">The date; absent for the mean over the dates.</param>
public sealed record FigureMessage(
    string ModelId,
    string Metric,
    double Value,
    double StandardError,
    double Baseline,
    EvaluationBaseline BaselineIs,
    bool MoreIsBetter,
    int Entities,
    double Difference,
    double DifferenceError,
    DateOnly? AsOfDate = null);

/// <summary>How many, and why.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many.</param>
public sealed record CountMessage(string Reason, int Count);
