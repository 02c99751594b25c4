using Prometheus.Grid.Bench.Backfill;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
switch (args)
{
    case ["backfill", .. var rest]:
        return await BackfillBenchmark.RunAsync(rest, stop.Token);
    default:
        await Console.Error.WriteLineAsync("usage: ./bench backfill [--quick]");
        return 2;
}
