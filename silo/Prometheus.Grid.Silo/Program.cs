using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Hosting;
using Prometheus.Grid.Hosting.Server;

try
{
    await using var server = await GridServer.BuildAsync(
        args, null, settings => settings, http => http, waiting => Console.Error.WriteLine($"grid-silo: waiting: {waiting}"), CancellationToken.None);
    server.Lifetime.ApplicationStarted.Register(() => Console.Error.WriteLine($"grid-silo: ready as {GridServer.Describe(server)}"));
    await server.RunAsync();
    return 0;
}
catch (GridException error)
{
    await Console.Error.WriteLineAsync($"grid-silo: {error.Message}");
    return error.Kind switch { ErrorKind.BadInput => 2, ErrorKind.NotFound => 3, _ => 1 };
}
catch (Exception error)
{
    await Console.Error.WriteLineAsync(FaultReport.Write("grid-silo", error));
    return 1;
}
