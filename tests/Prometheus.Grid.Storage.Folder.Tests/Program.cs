using Prometheus.Grid.Storage.Folder.Tests;
using Xunit.Runner.InProc.SystemConsole;

return args is [ChildProcess.Marker, .. var work] ? await ChildProcess.RunAsync(work) : await ConsoleRunner.Run(args);
