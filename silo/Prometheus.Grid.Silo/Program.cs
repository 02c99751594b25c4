using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Silo;
using Prometheus.Grid.Storage.Folder;

try
{
    var builder = WebApplication.CreateBuilder(args);
    var settings = (builder.Configuration.GetSection("Grid").Get<SiloSettings>() ?? new SiloSettings()).Checked();
    string[] folders = [Path.Combine(AppContext.BaseDirectory, "models"), .. settings.Models is { } own ? new[] { own } : []];
    var catalog = ModelCatalog.Load(folders);
    var fence = new WriteFence(settings.ClusterId);
    await using IGridStore store = settings.PostgresConnection is { } postgres
        ? await PostgresStart.OpenAsync(settings, postgres, catalog, fence)
        : await FolderStore.OpenAsync(settings.Data, null, CancellationToken.None);

    builder.Services.AddSingleton(settings).AddSingleton(catalog).AddSingleton(store);
    builder.Services.AddSingleton(EncoderRegistry.BuiltIn(settings.Workers ?? Environment.ProcessorCount));
    builder.Services.AddHostedService<Telemetry>();
    builder.Services.AddHealthChecks().AddCheck<Readiness>("ready");
    builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(settings.DrainSeconds));
    builder.UseGridSilo(settings);

    await using var app = builder.Build();
    app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
    app.MapHealthChecks("/health/ready");
    fence.Silo = app.Services.GetRequiredService<ILocalSiloDetails>();
    app.Lifetime.ApplicationStarted.Register(() => Console.Error.WriteLine($"grid-silo: ready as {fence.Silo.SiloAddress} of cluster '{settings.ClusterId}' on {store.Description}"));
    await app.RunAsync();
    return 0;
}
catch (GridException error)
{
    await Console.Error.WriteLineAsync($"grid-silo: {error.Message}");
    return error.Kind switch { ErrorKind.BadInput => 2, ErrorKind.NotFound => 3, _ => 1 };
}
