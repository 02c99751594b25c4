using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Bench;
using Prometheus.Grid.Bench.Cluster;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Tests;

// Silos in processes of their own, a durable Postgres and a client, all on this machine; see docs/operating.md.
bool isHttp = args is ["http", ..];
string[] known = isHttp ? ["telemetry"] : ["puts", "reads", "search", "tls", "backfill", "cold"];
args = isHttp ? args[1..] : args;
bool isQuick = args.Contains("--quick");
string? chosen = args.SkipWhile(argument => argument != "--only").Skip(1).FirstOrDefault();
if (args.Except(["--quick", "--only", .. known]).Any() || args.Contains("--only") != known.Contains(chosen) || args.Length > (isQuick ? 1 : 0) + (chosen is null ? 0 : 2))
{
    Console.Error.WriteLine(isHttp ? "usage: ./bench http [--quick] [--only telemetry]" : $"usage: ./bench cluster [--quick] [--only {string.Join('|', known)}]");
    return 2;
}
if (PrivatePostgres.WhyNot is { } reason)
{
    Console.Error.WriteLine($"bench: {reason}");
    return 1;
}
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
var market = (isQuick ? 500 : 2_000, 261);
var figures = new List<Figure>();
(string Name, (int Issuers, int Weekdays) Market, Func<RealCluster, Task<IReadOnlyList<Figure>>> Run)[] parts =
[
    ("puts", market, cluster => PutBenchmark.RunAsync(cluster, isQuick, stop.Token)),
    ("reads", market, cluster => ReadBenchmark.RunAsync(cluster, isQuick, stop.Token)),
    ("search", market, cluster => SearchBenchmark.RunAsync(cluster, isQuick, stop.Token)),
    ("tls", market, cluster => TlsBenchmark.RunAsync(cluster, isQuick, stop.Token)),
    ("backfill", (BackfillBenchmark.Issuers, BackfillBenchmark.Weekdays), cluster => BackfillBenchmark.RunAsync(cluster, stop.Token)),
];
Console.WriteLine($"{"figure",-58} {"measured",12} {"promised",12}");
try
{
    if (isHttp)
    {
        figures.AddRange(await HttpBenchmark.RunAsync(isQuick, chosen is not null, stop.Token));
        foreach (var figure in figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Name,-58} {figure.Measured,12:0.##} {figure.Promised,12}"));
        parts = [];
    }
    else if (chosen is null or "cold")
    {
        figures.AddRange(await ColdBenchmark.RunAsync(
            isQuick, figure => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Name,-58} {figure.Measured,12:0.##} {figure.Promised,12}")), stop.Token));
    }
    foreach ((string name, (int issuers, int weekdays), var run) in parts.Where(part => chosen is null || chosen == part.Name))
    {
        string folder = await BenchMarket.WriteAsync(issuers, weekdays, stop.Token);
        await using var cluster = await RealCluster.StartAsync(folder, silos: 3, isDurable: true, stop.Token, settings: name == "backfill" ? BackfillBenchmark.Silo : null, serverSettings: name == "backfill" ? BackfillBenchmark.Server : null);
        foreach (var figure in await run(cluster))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Name,-58} {figure.Measured,12:0.##} {figure.Promised,12}"));
            figures.Add(figure);
        }
        long peak = cluster.Silos.Max(silo => silo.PeakBytes()) >> 20;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{$"{name}: most memory of a silo, MiB",-58} {peak,12}"));
    }
}
catch (GridException error)
{
    Console.Error.WriteLine($"bench: {error.Message}");
    return 1;
}
Directory.CreateDirectory(BenchFolders.Results);
string file = Path.Combine(BenchFolders.Results, isHttp ? "http.json" : "cluster.json");
await File.WriteAllTextAsync(file, JsonSerializer.Serialize(figures, BenchMarket.Json), stop.Token);
Console.WriteLine(file);
return 0;
