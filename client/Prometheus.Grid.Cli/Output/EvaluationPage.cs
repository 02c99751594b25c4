using System.Globalization;
using System.Net;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Evaluation;

namespace Prometheus.Grid.Cli.Output;

/// <summary>An evaluation as one HTML page without scripts: a chart for each metric, and the figures as a table below.</summary>
internal static class EvaluationPage
{
    private const int ChartWidth = 640, LabelWidth = 110, BarHeight = 14, RowHeight = 44, TopMargin = 8;

    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; background: #fff }
        h1 { font-size: 1.5rem } h2 { font-size: 1.05rem; margin: 2rem 0 .25rem } p { margin: .25rem 0 1rem; color: #52606d }
        svg { width: 100%; height: auto } text { font: 12px system-ui, sans-serif; fill: #1c2733 }
        .model { fill: #1f6feb } .baseline { fill: #c9d1d9 } .error { stroke: #1c2733; stroke-width: 1.5 } .axis { stroke: #8b949e }
        table { border-collapse: collapse; width: 100%; margin-top: 2rem } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee4 }
        td.number { text-align: right; font-variant-numeric: tabular-nums }
        @media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } text { fill: #e6edf3 } p { color: #9da7b1 }
          .baseline { fill: #484f58 } .error { stroke: #e6edf3 } th, td { border-color: #30363d } }
        """;

    public static string Of(EvaluationReport report)
    {
        var page = new StringBuilder();
        string title = WebUtility.HtmlEncode($"{string.Join(", ", report.ModelIds)}: how good are the neighbours?");
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{Style}\n</style>\n<h1>{title}</h1>\n");
        page.Append("<p>Each entity is judged by its ten nearest neighbours. Blue is a model, with one standard error to either side; grey is what it is held against.</p>\n");
        foreach (var metric in report.Figures.GroupBy(figure => (figure.ModelId, figure.Metric)))
            AppendChart(page, report.ModelIds.Count > 1 ? $"{metric.Key.ModelId}: {metric.Key.Metric}" : metric.Key.Metric, [.. metric]);
        AppendTable(page, report);
        foreach (var (reason, count) in report.LeftOut)
            page.Append(CultureInfo.InvariantCulture, $"<p>{count} left out: {WebUtility.HtmlEncode(reason)}</p>\n");
        return page.Append("</html>\n").ToString();
    }

    private static void AppendChart(StringBuilder page, string metric, EvaluationFigure[] figures)
    {
        double high = Math.Max(1e-9, figures.Max(f => Math.Max(f.Value + f.StandardError, f.Baseline)));
        double low = Math.Min(0, figures.Min(f => Math.Min(f.Value - f.StandardError, f.Baseline)));
        // Room for a number behind the longest bar.
        double X(double value) => LabelWidth + ((value - low) / (high - low) * (ChartWidth - LabelWidth - 60));
        int height = TopMargin + (figures.Length * RowHeight);

        page.Append(CultureInfo.InvariantCulture, $"<h2>{WebUtility.HtmlEncode(metric)}</h2>\n<p>{(figures[0].MoreIsBetter ? "Longer" : "Shorter")} is better; grey is {Name(figures[0].BaselineIs)}.</p>\n");
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {ChartWidth} {height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(metric)}\">\n");
        foreach (var (row, figure) in figures.Index())
        {
            int y = TopMargin + (row * RowHeight);
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{y + 20}\">{When(figure)}</text>\n");
            AppendBar(page, "model", X(0), X(figure.Value), y, figure.Value);
            AppendBar(page, "baseline", X(0), X(figure.Baseline), y + BarHeight + 2, figure.Baseline);
            page.Append(CultureInfo.InvariantCulture, $"<line class=\"error\" x1=\"{X(figure.Value - figure.StandardError):F1}\" x2=\"{X(figure.Value + figure.StandardError):F1}\" y1=\"{y + (BarHeight / 2)}\" y2=\"{y + (BarHeight / 2)}\"/>\n");
        }
        page.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{X(0):F1}\" x2=\"{X(0):F1}\" y1=\"0\" y2=\"{height}\"/>\n</svg>\n");
    }

    private static void AppendBar(StringBuilder page, string style, double zero, double end, int y, double value)
    {
        page.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{Math.Min(zero, end):F1}\" y=\"{y}\" width=\"{Math.Abs(end - zero):F1}\" height=\"{BarHeight}\"/>\n");
        page.Append(CultureInfo.InvariantCulture, $"<text x=\"{Math.Max(zero, end) + 12:F1}\" y=\"{y + 11}\">{value:F3}</text>\n");
    }

    private static void AppendTable(StringBuilder page, EvaluationReport report)
    {
        bool isComparison = report.ModelIds.Count > 1;
        string compared = isComparison ? $"<th>above {WebUtility.HtmlEncode(report.ModelIds[0])}<th>standard error of that" : "";
        page.Append(CultureInfo.InvariantCulture, $"<table>\n<tr><th>date<th>model<th>metric<th>value<th>standard error<th>held against<th>entities{compared}</tr>\n");
        foreach (var figure in report.Figures)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{When(figure)}<td>{WebUtility.HtmlEncode(figure.ModelId)}<td>{WebUtility.HtmlEncode(figure.Metric)}<td class=\"number\">{figure.Value:F4}<td class=\"number\">{figure.StandardError:F4}<td class=\"number\">{figure.Baseline:F4}<td class=\"number\">{figure.Entities}");
            if (isComparison)
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{figure.Difference:F4}<td class=\"number\">{figure.DifferenceError:F4}");
            page.Append("</tr>\n");
        }
        page.Append("</table>\n");
    }

    private static string When(EvaluationFigure figure) => figure.AsOf is { } date ? DateRange.Text(date) : "mean";

    private static string Name(EvaluationBaseline baseline) => baseline == EvaluationBaseline.RandomPair ? "all pairs" : "the mean of the sector";
}
