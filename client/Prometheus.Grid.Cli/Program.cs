using Prometheus.Grid.Cli.CommandLine;

return await GridCommandLine.RunAsync(args);
