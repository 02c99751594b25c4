using System.Text.Json;
using System.Text.RegularExpressions;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Watching;

/// <summary>The dashboard and the alert rules of deploy/, and what their queries name.</summary>
internal static partial class WatchingFiles
{
    /// <summary>Labels that Prometheus itself puts on series: by scraping, by histograms, by the resource of who sent them.</summary>
    public static IReadOnlyList<string> LabelsOfPrometheus { get; } = ["le", "job", "instance"];

    /// <summary>The files, below the root of the repository.</summary>
    public static IReadOnlyList<string> All { get; } = ["deploy/grafana/grid.json", "deploy/prometheus/alerts.yaml"];

    /// <summary>The series and labels that the queries of a file name.</summary>
    public static (HashSet<string> Series, HashSet<string> Labels) Named(string file)
    {
        var series = new HashSet<string>(StringComparer.Ordinal);
        var labels = new HashSet<string>(StringComparer.Ordinal);
        foreach (string query in Queries(file))
        {
            foreach (Match group in Grouping().Matches(query))
                labels.UnionWith(group.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            foreach (Match matchers in Matchers().Matches(query))
                labels.UnionWith(Matcher().Matches(matchers.Value).Select(one => one.Groups[1].Value));
            string bare = Matchers().Replace(Grouping().Replace(query, " "), "");
            series.UnionWith(Name().Matches(Duration().Replace(bare, "")).Select(name => name.Value).Where(name => !s_words.Contains(name)));
        }
        return (series, labels);
    }

    /// <summary>The queries of a file.</summary>
    public static IReadOnlyList<string> Queries(string file)
    {
        string text = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, file));
        return file.EndsWith(".json", StringComparison.Ordinal)
            ? [.. Strings(JsonDocument.Parse(text).RootElement)]
            : [.. Expression().Matches(text).Select(match => match.Groups[1].Value)];
    }

    private static readonly string[] s_words =
    [
        "sum", "rate", "increase", "histogram_quantile", "max", "min", "avg", "count", "time", "by", "without", "and", "or", "unless", "on", "ignoring", "group_left",
        "clamp_min", "topk", "absent", "delta", "deriv", "bool", "offset",
    ];

    /// <summary>What is under the name <c>expr</c>, wherever it is.</summary>
    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member is { Name: "expr", Value.ValueKind: JsonValueKind.String } ? [member.Value.GetString()!] : Strings(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        _ => [],
    };

    [GeneratedRegex(@"^\s*expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Matchers();

    [GeneratedRegex("([a-z_]+)\\s*(?:=~|!~|!=|=)")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Duration();

    [GeneratedRegex(@"[a-z_][a-z0-9_]*", RegexOptions.IgnoreCase)]
    private static partial Regex Name();
}
