using System.Globalization;
using System.Net;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Evaluation;

namespace Prometheus.Grid.Cli.Output;

/// <summary>An evaluation as one HTML page without scripts: a chart for each metric, and the figures as a table below.</summary>
internal static class EvaluationPage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; background: #fff }
        h1 { font-size: 1.5rem } h2 { font-size: 1.05rem; margin: 2rem 0 .25rem } p { margin: .25rem 0 .5rem; color: #52606d }
        svg { display: block; width: 100%; height: auto } text { font: 12px system-ui, sans-serif; fill: #1c2733 } .when { font-weight: 600 } .beside { fill: #52606d }
        .model { fill: #1f6feb } .baseline { fill: #c9d1d9 } .error { stroke: #1c2733; stroke-width: 1.5 } .axis { stroke: #8b949e }
        .wide { overflow-x: auto; margin-top: 2rem } table { border-collapse: collapse; width: 100%; font-size: 13px }
        th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee4; white-space: nowrap } th { white-space: normal; vertical-align: bottom }
        .number { text-align: right; font-variant-numeric: tabular-nums }
        @media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } text { fill: #e6edf3 } p { color: #9da7b1 } .beside { fill: #9da7b1 }
          .model { fill: #4c8dff } .baseline { fill: #484f58 } .error { stroke: #e6edf3 } th, td { border-color: #30363d } }
        """;

    public static string Of(EvaluationReport report)
    {
        var page = new StringBuilder();
        string title = Html(report.ModelIds.Count == 1 ? $"{report.ModelIds[0]}: how good are the neighbours?" : $"{report.ModelIds.Count} models: how good are their neighbours?");
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{Style}\n</style>\n<h1>{title}</h1>\n");
        page.Append("<p>Each entity is judged by its ten nearest neighbours. Blue is a model, with one standard error to either side; grey is what it is held against.");
        if (report.ModelIds.Count > 1)
            page.Append(CultureInfo.InvariantCulture, $" Behind a figure stands how far it is above that of {Html(report.ModelIds[0])}, ± the standard error of that difference.");
        page.Append("</p>\n");
        foreach (var metric in report.Figures.GroupBy(figure => figure.Metric))
            EvaluationChart.Append(page, metric.Key, [.. metric], report.ModelIds);
        AppendTable(page, report);
        foreach (var (reason, count) in report.LeftOut)
            page.Append(CultureInfo.InvariantCulture, $"<p>{count} left out: {Html(reason)}</p>\n");
        foreach (var date in report.Unjudged)
            page.Append(CultureInfo.InvariantCulture, $"<p>{DateRange.Text(date.AsOf)} not judged: {Html(date.Reason)}</p>\n");
        return page.Append("</html>\n").ToString();
    }

    /// <summary>The date of a figure, or that it is the mean of all.</summary>
    internal static string When(DateOnly? asOf) => asOf is { } date ? DateRange.Text(date) : "mean of the dates";

    /// <summary>What a figure is held against, in words.</summary>
    internal static string Name(EvaluationBaseline baseline) => baseline == EvaluationBaseline.RandomPair ? "all pairs" : "mean of the sector";

    internal static string Html(string text) => WebUtility.HtmlEncode(text);

    private static void AppendTable(StringBuilder page, EvaluationReport report)
    {
        bool isComparison = report.ModelIds.Count > 1;
        string compared = isComparison ? $"<th class=\"number\">above {Html(report.ModelIds[0])}<th class=\"number\">standard error of that" : "";
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"wide\"><table>\n<tr><th>date<th>model<th>metric<th class=\"number\">value<th class=\"number\">standard error<th class=\"number\">held against<th class=\"number\">entities{compared}</tr>\n");
        foreach (var figure in report.Figures)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{When(figure.AsOf)}<td>{Html(figure.ModelId)}<td>{Html(figure.Metric)}<td class=\"number\">{figure.Value:F4}<td class=\"number\">{figure.StandardError:F4}<td class=\"number\">{figure.Baseline:F4}<td class=\"number\">{figure.Entities}");
            if (isComparison)
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{figure.Difference:F4}<td class=\"number\">{figure.DifferenceError:F4}");
            page.Append("</tr>\n");
        }
        page.Append("</table></div>\n");
    }
}
