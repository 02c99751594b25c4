using System.Globalization;
using System.Text;
using Prometheus.Grid.Core.Evaluation;

namespace Prometheus.Grid.Cli.Output;

/// <summary>One metric as bars: a group a date, in it a bar a model and one for what all are held against, everything on one scale.</summary>
internal static class EvaluationChart
{
    private const int ChartWidth = 820, BarHeight = 14, RowHeight = 20, HeadingHeight = 30, TopMargin = 0;

    // Of a figure behind the longest bar, and of its difference to the first model.
    private const int FigureWidth = 52, DifferenceWidth = 112;

    private const int LongestLabel = 36;

    /// <summary>Appends heading, explanation and picture.</summary>
    /// <param name="page">The page so far.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="figures">Its figures, dates and models in the order of the report.</param>
    /// <param name="models">All models; differences are to the first.</param>
    public static void Append(StringBuilder page, string metric, EvaluationFigure[] figures, IReadOnlyList<string> models)
    {
        var groups = figures.GroupBy(figure => figure.AsOf).Select(group => group.ToArray()).ToArray();
        string baseline = EvaluationPage.Name(figures[0].BaselineIs);
        double labelWidth = 14 + (6.6 * Math.Max(baseline.Length, models.Max(model => Math.Min(model.Length, LongestLabel))));
        double room = ChartWidth - labelWidth - FigureWidth - (models.Count > 1 ? DifferenceWidth : 0);
        double high = Math.Max(1e-9, figures.Max(figure => Math.Max(figure.Value + figure.StandardError, figure.Baseline)));
        double low = Math.Min(0, figures.Min(figure => Math.Min(figure.Value - figure.StandardError, figure.Baseline)));
        double X(double value) => labelWidth + ((value - low) / (high - low) * room);
        int height = TopMargin + groups.Sum(group => HeadingHeight + ((group.Length + 1) * RowHeight));

        page.Append(CultureInfo.InvariantCulture, $"<h2>{EvaluationPage.Html(metric)}</h2>\n<p>{(figures[0].MoreIsBetter ? "Longer" : "Shorter")} is better.</p>\n");
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {ChartWidth} {height}\" role=\"img\" aria-label=\"{EvaluationPage.Html(metric)}\">\n");
        int y = TopMargin;
        foreach (var group in groups)
        {
            page.Append(CultureInfo.InvariantCulture, $"<text class=\"when\" x=\"0\" y=\"{y + 21}\">{EvaluationPage.When(group[0].AsOf)}</text>\n");
            y += HeadingHeight;
            int top = y;
            foreach (var figure in group)
            {
                string difference = figure.ModelId == models[0] ? "" : string.Create(CultureInfo.InvariantCulture, $"{figure.Difference:+0.000;−0.000} ± {figure.DifferenceError:F3}");
                AppendBar(page, "model", figure.ModelId, X(0), X(figure.Value), X(figure.Value + figure.StandardError), y, figure.Value, difference);
                page.Append(CultureInfo.InvariantCulture, $"<line class=\"error\" x1=\"{X(figure.Value - figure.StandardError):F1}\" x2=\"{X(figure.Value + figure.StandardError):F1}\" y1=\"{y + (BarHeight / 2)}\" y2=\"{y + (BarHeight / 2)}\"/>\n");
                y += RowHeight;
            }
            AppendBar(page, "baseline", baseline, X(0), X(group[0].Baseline), X(group[0].Baseline), y, group[0].Baseline, "");
            y += RowHeight;
            page.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{X(0):F1}\" x2=\"{X(0):F1}\" y1=\"{top - 3}\" y2=\"{y - 3}\"/>\n");
        }
        page.Append("</svg>\n");
    }

    private static void AppendBar(StringBuilder page, string style, string label, double zero, double end, double errorEnd, int y, double value, string difference)
    {
        string shown = label.Length <= LongestLabel ? label : label[..(LongestLabel - 1)] + "…";
        page.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{y + 11}\">{EvaluationPage.Html(shown)}<title>{EvaluationPage.Html(label)}</title></text>\n");
        page.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{Math.Min(zero, end):F1}\" y=\"{y}\" width=\"{Math.Abs(end - zero):F1}\" height=\"{BarHeight}\"/>\n");
        page.Append(CultureInfo.InvariantCulture, $"<text x=\"{Math.Max(zero, errorEnd) + 8:F1}\" y=\"{y + 11}\">{value:F3}");
        if (difference.Length > 0)
            page.Append(CultureInfo.InvariantCulture, $"<tspan class=\"beside\" dx=\"10\">{difference}</tspan>");
        page.Append("</text>\n");
    }
}
