using System.Diagnostics.Metrics;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Tests;
using Prometheus.Grid.Tests.Otlp;

namespace Prometheus.Grid.Cluster.Watching;

/// <summary>What an operator sees of members that work: as a collector receives it, from processes, over the wire.</summary>
public sealed class ObservedTests(ObservedCluster cluster) : IClassFixture<ObservedCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_search_over_HTTP_is_one_tree_from_the_request_through_the_grains_of_both_silos_to_SQL()
    {
        Skip();
        await cluster.Sink.WaitAsync(IsWhole, Token);
        var spans = cluster.Sink.SpansOf(ObservedCluster.TraceId);
        var byId = spans.ToDictionary(span => span.SpanId);

        var request = Assert.Single(spans, span => span.ParentId == ObservedCluster.CallerSpanId);
        Assert.Equal("POST /v1/spaces/{model_id}/search", request.Name);
        var search = Assert.Single(spans, span => span.Name == "search");
        Assert.Equal("joint-profile-core-v1", search.Tags["grid.space.id"]);
        Assert.Equal(
            ["POST /v1/spaces/{model_id}/search", "ISearchGrain/FindSimilarAsync", "ISearchGrain/FindSimilarAsync", "search"], PathTo(search, byId));
        // Each silo scans the shards that live in it, asked by the search.
        var scans = spans.Where(span => span.Name == "scan").ToArray();
        Assert.Equal(cluster.Silos.Count, scans.Select(span => span.Instance).Distinct().Count());
        Assert.All(scans, scan => Assert.Contains("IShardHostGrain/ScanAsync", PathTo(scan, byId).SkipWhile(name => name != "search")));
        var database = spans.Where(span => span.Source == "Npgsql").ToArray();
        Assert.All(database, span => Assert.Equal("POST /v1/spaces/{model_id}/search", PathTo(span, byId)[0]));
        Assert.All(database, span => Assert.Equal("grid", span.Tags["db.npgsql.data_source"]));
        var statements = database.Where(span => !span.Name.StartsWith("CONNECT", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(statements);
        Assert.All(statements, statement => Assert.NotEmpty(statement.Tags["db.query.text"]));
        // Each silo reads the rows of its shards itself.
        var reads = statements.Where(statement => PathTo(statement, byId).Contains("IShardHostGrain/ScanAsync")).ToArray();
        Assert.Equal(cluster.Silos.Count, reads.Select(read => read.Instance).Distinct().Count());
    }

    [Fact]
    public async Task Every_instrument_is_in_the_page_about_them_and_is_measured_where_the_work_is()
    {
        Skip();
        var instruments = Instruments();
        await cluster.Sink.WaitAsync(() => instruments.IsSubsetOf(cluster.Sink.Metrics.Select(metric => metric.Name)), Token);
        foreach (string meter in (string[])["Microsoft.Orleans", "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting"])
            await cluster.Sink.WaitAsync(() => cluster.Sink.Metrics.Any(metric => metric.Meter == meter), Token);
    }

    [Fact]
    public async Task Dashboard_and_alerts_ask_for_series_and_labels_that_members_send()
    {
        Skip();
        foreach (string file in WatchingFiles.All)
        {
            var (series, labels) = WatchingFiles.Named(file);
            Assert.NotEmpty(series);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
            patience.CancelAfter(TimeSpan.FromSeconds(10));
            try
            {
                await cluster.Sink.WaitAsync(() => series.IsSubsetOf(Series()), patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{file} asks for {string.Join(", ", series.Except(Series()))}, which no member sends; they send {string.Join(", ", Series().Order())}");
            }
            var known = cluster.Sink.Metrics.SelectMany(metric => metric.Labels).Select(PrometheusNames.Label).ToHashSet();
            Assert.Empty(labels.Except(known).Except(WatchingFiles.LabelsOfPrometheus));
        }
    }

    [Fact]
    public async Task Lines_of_logs_arrive_with_what_they_speak_of()
    {
        Skip();
        await cluster.Sink.WaitAsync(() => cluster.Sink.Logs.Any(log => log.Tags.GetValueOrDefault("Host") == "elsewhere.example"), Token);
        Assert.Contains(cluster.Sink.Logs, log => log.Text.StartsWith("refused a request for host elsewhere.example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_span_metric_or_line_of_a_log_holds_a_password_or_a_connection_string()
    {
        Skip();
        await cluster.Sink.WaitAsync(IsWhole, Token);
        await cluster.Sink.WaitAsync(() => cluster.Sink.Metrics.Any(metric => metric.Meter == "Npgsql") && cluster.Sink.Logs.Count > 0, Token);
        Assert.True(cluster.Sink.Holds("postgresql"));
        foreach (string secret in (string[])[ConnectionForms.Password, "Password", "Host=", "Username=", "Database="])
            Assert.False(cluster.Sink.Holds(secret), $"'{secret}' left with telemetry");
    }

    private static void Skip() => Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");

    /// <summary>Spans arrive when they have ended, so a request's comes last of its process; other processes send when they like.</summary>
    private bool IsWhole()
    {
        var spans = cluster.Sink.SpansOf(ObservedCluster.TraceId);
        var ids = spans.Select(span => span.SpanId).Append(ObservedCluster.CallerSpanId).ToHashSet();
        return spans.Any(span => span.ParentId == ObservedCluster.CallerSpanId)
            && spans.All(span => ids.Contains(span.ParentId))
            && spans.Where(span => span.Name == "scan").Select(span => span.Instance).Distinct().Count() == cluster.Silos.Count;
    }

    private static string[] PathTo(OtlpSpan span, Dictionary<string, OtlpSpan> byId)
    {
        var path = new List<string>();
        var at = span;
        do
            path.Insert(0, at.Name);
        while (byId.TryGetValue(at.ParentId, out at));
        return [.. path];
    }

    private HashSet<string> Series() => [.. cluster.Sink.Metrics.SelectMany(metric => PrometheusNames.Of(metric.Name, metric.Unit, metric.Kind))];

    private static HashSet<string> Instruments()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => names.Add(instrument.Meter.Name == GridMetrics.MeterName ? instrument.Name : "") };
        listener.Start();
        names.Remove("");
        return names;
    }
}
