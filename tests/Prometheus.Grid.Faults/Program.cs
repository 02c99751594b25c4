using Prometheus.Grid.Faults.Registry;
using Xunit.Runner.InProc.SystemConsole;

return args is [ReliabilityPage.Command, var results, var records, var page]
    ? await ReliabilityPage.WriteAsync(results, records, page)
    : await ConsoleRunner.Run(args);
