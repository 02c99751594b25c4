// The nightly batch of a date: GRID_POSTGRES=… dotnet run -- 2023-11-30. Killed or run twice, it goes on where it was and writes nothing twice.
using System.Globalization;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;

if (args is not [var date] || !DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var asOf))
{
    Console.Error.WriteLine("usage: batch DATE");
    return 2;
}
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
var day = DateRange.On(asOf);
var texts = new Dictionary<string, string> { ["text"] = "text-hash-v1" };
// A step runs its backfills at once, in whichever silos have room; joint vectors need the branches of the step before.
BackfillRequest[][] steps =
[
    [
        new NumericBackfill { ModelId = "num-profile-core-v1", Dates = day },
        new NumericBackfill { ModelId = "num-regime-core-v1", Dates = day },
        new TextBackfill { ModelId = "text-hash-v1", Dates = day },
        new PortfolioBackfill { ModelId = "num-portfolio-core-v1", Dates = day },
    ],
    [
        new JointProfileBackfill { ModelId = "joint-profile-core-v1", Dates = day, BranchModelIds = texts },
        new JointPortfolioBackfill { ModelId = "joint-portfolio-core-v1", Dates = day },
    ],
];
try
{
    var connection = new ClusterConnection { Postgres = Environment.GetEnvironmentVariable("GRID_POSTGRES"), Tls = ClusterTls.FromEnvironment(), OnWaiting = Console.Error.WriteLine };
    await using var grid = await connection.OpenAsync(stop.Token);
    foreach (var step in steps)
    {
        var reports = await Task.WhenAll(step.Select(request => grid.BackfillAsync(request, null, stop.Token)));
        foreach ((var request, var report) in step.Zip(reports))
            Console.WriteLine($"{request.ModelId}: {report.Written} written, {report.Unchanged} unchanged, {report.Days.Sum(done => done.Skipped.Count)} skipped");
    }
    return 0;
}
catch (Exception error)
{
    // One line for whoever reads the night's log; the rest of it with GRID_VERBOSE=1.
    Console.Error.WriteLine(Environment.GetEnvironmentVariable("GRID_VERBOSE") is null ? error.Message : error.ToString());
    return error is GridFaultException { CanRetry: true } ? 75 : 1; // 75: try again later, as sysexits.h has it.
}
