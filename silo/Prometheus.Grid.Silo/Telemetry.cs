using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Prometheus.Grid.Silo;

/// <summary>Sends the meters and traces of Orleans and the grid to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; off without it.</summary>
internal sealed class Telemetry(IConfiguration configuration, SiloSettings settings) : IHostedService, IDisposable
{
    private MeterProvider? _meters;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return Task.CompletedTask;
        var resource = ResourceBuilder.CreateDefault().AddService(settings.ClusterId, serviceInstanceId: $"{settings.Address ?? Environment.MachineName}:{settings.SiloPort}");
        _meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter("Microsoft.Orleans", "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting")
            .AddOtlpExporter()
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource("Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application", "Prometheus.Grid", "Npgsql")
            .AddOtlpExporter()
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _meters?.ForceFlush(1_000);
        _traces?.ForceFlush(1_000);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _meters?.Dispose();
        _traces?.Dispose();
    }
}
