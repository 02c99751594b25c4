using Prometheus.Grid.Bench.Backfill;
using Prometheus.Grid.Bench.Similarity;

// One class a benchmark; each prints a table on stdout and writes JSON under benchmarks/results/.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
return args switch
{
    ["similarity", .. var flags] => SimilarityBenchmark.Run(flags),
    ["backfill", .. var flags] when flags.Contains("--postgres") => await PostgresBackfillBenchmark.RunAsync(flags, stop.Token),
    ["backfill", .. var flags] => await BackfillBenchmark.RunAsync(flags, stop.Token),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: ./bench similarity|backfill|backfill --postgres [--quick]");
    return 2;
}
