using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Tests;
using Instrument = System.Diagnostics.Metrics.Instrument;

namespace Prometheus.Grid.Core.Tests.Telemetry;

/// <summary>The instruments: what they are called, what they cost while nobody listens, and what they say when somebody does.</summary>
public sealed partial class GridMetricsTests
{
    [Fact]
    public void Names_and_units_are_those_of_the_conventions_and_of_the_page_about_them()
    {
        string page = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "observing.md"));
        var instruments = Instruments();
        Assert.Equal(
            instruments.Select(instrument => instrument.Name).Order(StringComparer.Ordinal),
            InstrumentOfPage().Matches(page).Select(match => match.Groups[1].Value).Where(name => instruments.Exists(one => one.Name == name) || IsOfTable(page, name)).Distinct().Order(StringComparer.Ordinal));
        Assert.All(instruments, instrument =>
        {
            Assert.Matches("^grid(\\.[a-z_]+)+$", instrument.Name);
            Assert.NotEmpty(instrument.Description!);
            Assert.Matches(instrument.Name.EndsWith(".duration", StringComparison.Ordinal) ? "^s$" : "^(s|By|\\{[a-z]+\\})$", instrument.Unit);
        });
    }

    [Fact]
    public void Measurements_that_nobody_listens_to_allocate_nothing()
    {
        var fault = new GridFaultException("a fault");
        Measure(fault); // Compiled, and its tables made.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Measure(fault);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Errors_are_told_apart_by_kind()
    {
        var seen = new ConcurrentQueue<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "grid.errors")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => seen.Enqueue($"{count} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}"));
        listener.Start();
        Exception[] errors =
        [
            new BadInputException("TopK", 0, "1 or more"), new NotFoundException("issuer", "X"), new GridFaultException("a fault"), new OperationCanceledException(),
            new InvalidOperationException(),
        ];
        foreach (var error in errors)
            Assert.Same(error, await Assert.ThrowsAnyAsync<Exception>(() => GridOperation.Of("a test").EndsWithAsync(Task.FromException<int>(error))));
        Assert.Equal(1, await GridOperation.Of("a test").EndsWithAsync(Task.FromResult(1)));
        Assert.Equal(
            ["1 a test bad_input", "1 a test not_found", "1 a test fault", "1 a test cancelled", "1 a test unexpected"], seen.Where(line => line.Contains("a test", StringComparison.Ordinal)));
    }

    private static void Measure(Exception fault)
    {
        GridOperation.Search("entity").Succeeded();
        GridOperation.Put(EntityKind.Issuer).Succeeded();
        GridOperation.Of("get state").Failed(fault);
        GridMetrics.Scanned(Stopwatch.GetTimestamp(), 1, 100, 10);
        GridMetrics.Looked("shard_rows", isHit: true);
        GridMetrics.PutTogether(3);
        GridMetrics.ChunkCommitted("num-profile-core-v1", 1_024, 0);
        GridMetrics.ChunkEncoded(Stopwatch.GetTimestamp(), "num-profile-core-v1");
        Assert.Null(GridActivity.Start("a span"));
        Assert.Null(GridActivity.Caller);
    }

    /// <summary>What stands in the first column of the table, beside what does as a label.</summary>
    private static bool IsOfTable(string page, string name) =>
        page.Split('\n').Any(line => line.StartsWith("| `grid.", StringComparison.Ordinal) && line.Split('|')[1].Contains($"`{name}`", StringComparison.Ordinal));

    private static List<Instrument> Instruments()
    {
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == GridMetrics.MeterName)
                instruments.Add(instrument);
        };
        listener.Start();
        return instruments;
    }

    [GeneratedRegex("`(grid\\.[a-z_.]+)`")]
    private static partial Regex InstrumentOfPage();
}
