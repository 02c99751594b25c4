using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>
/// Sends metrics, traces and logs to the collector that <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names; without it nothing listens, and nothing is spent. Everything
/// else that OpenTelemetry reads from the environment counts too.
/// </summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", Sampler = "OTEL_TRACES_SAMPLER", ServiceName = "OTEL_SERVICE_NAME";

    /// <summary>
    /// One request in a hundred is traced unless its caller says which are: a search has a dozen spans and takes half a millisecond, so all of them would cost
    /// more than the searches (docs/observing.md has the figure).
    /// </summary>
    private const double TracedShare = 0.01;

    private static readonly string[] s_meters =
    [
        "Microsoft.Orleans", "Npgsql", "System.Runtime",
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting",
    ];

    private static readonly string[] s_sources =
        ["Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Lifecycle", "Microsoft.Orleans.Storage"];

    /// <summary>Whether telemetry is asked for.</summary>
    public static bool IsOn(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[Endpoint]);

    public static void AddTelemetry(this IHostApplicationBuilder host, SiloSettings settings)
    {
        if (!IsOn(host.Configuration))
            return;
        host.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                host.Configuration[ServiceName] ?? "prometheus-grid",
                serviceNamespace: settings.ClusterId,
                serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3),
                serviceInstanceId: $"{settings.Address ?? Environment.MachineName}:{settings.SiloPort}"))
            .WithMetrics(metrics => metrics.AddMeter([GridMetrics.MeterName, .. s_meters]))
            .WithTracing(traces =>
            {
                traces.AddSource([GridActivity.SourceName, .. s_sources]).AddNpgsql()
                    .AddAspNetCoreInstrumentation(requests => requests.Filter = context => IsWorthTracing(context.Request.Path));
                if (string.IsNullOrEmpty(host.Configuration[Sampler]))
                    traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(TracedShare)));
            })
            .WithLogging(null, logs => logs.IncludeFormattedMessage = true)
            .UseOtlpExporter();
        host.Services.AddHostedService<LatestDates>();
    }

    // A load balancer's looks and the files of the page are the same every time.
    private static bool IsWorthTracing(PathString path) => path.StartsWithSegments("/v1", StringComparison.Ordinal);
}
