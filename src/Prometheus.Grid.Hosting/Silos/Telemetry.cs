using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Sends the meters and traces of Orleans and the grid to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; off without it.</summary>
internal static class Telemetry
{
    public static void AddTelemetry(this IHostApplicationBuilder host, SiloSettings settings)
    {
        if (string.IsNullOrEmpty(host.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        host.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                settings.ClusterId, serviceInstanceId: $"{settings.Address ?? Environment.MachineName}:{settings.SiloPort}"))
            .WithMetrics(metrics => metrics.AddMeter("Microsoft.Orleans", "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting").AddOtlpExporter())
            .WithTracing(traces => traces
                .AddSource("Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application", "Prometheus.Grid", "Npgsql").AddOtlpExporter());
    }
}
