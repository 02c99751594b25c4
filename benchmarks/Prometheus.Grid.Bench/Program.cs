using Prometheus.Grid.Bench;

return await BenchCommandLine.RunAsync(args);
