using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Hosting;
using Prometheus.Grid.Hosting.Silos;

try
{
    var builder = WebApplication.CreateBuilder(args);
    var settings = SiloSettings.Read(builder.Configuration);
    await builder.AddGridSiloAsync(settings, waiting => Console.Error.WriteLine($"grid-silo: waiting: {waiting}"), CancellationToken.None);
    await using var app = builder.Build();
    app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
    app.MapHealthChecks("/health/ready");
    string silo = app.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToString();
    string store = app.Services.GetRequiredService<IGridStore>().Description;
    app.Lifetime.ApplicationStarted.Register(() => Console.Error.WriteLine($"grid-silo: ready as {silo} of cluster '{settings.ClusterId}' on {store}"));
    await app.RunAsync();
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
