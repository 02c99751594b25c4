using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Prometheus.Grid.Http.Data;
using Prometheus.Grid.Http.Endpoints;
using Prometheus.Grid.Http.Errors;
using Prometheus.Grid.Http.Jobs;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.OpenApi;
using Prometheus.Grid.Http.Pages;
using Prometheus.Grid.Http.Security;

namespace Prometheus.Grid.Http;

/// <summary>Serves a grid over HTTP: the API under /v1, its OpenAPI document, the web page at /, and health checks.</summary>
public static class GridHttp
{
    /// <summary>
    /// Adds what the API works with. The host registers <see cref="Core.Grid.IEmbeddingGrid"/>, <see cref="Core.Storage.IGridStore"/>,
    /// <see cref="Core.Storage.IGridInputs"/> (which may keep the reference tables for a while: every answer shows names), <see cref="Core.Universes.IUniverseAnswers"/>,
    /// <see cref="IBackfillRunner"/>, <see cref="IDiagnosis"/> and the health check <c>ready</c>.
    /// </summary>
    /// <param name="host">The host under construction.</param>
    /// <param name="options">What the server allows.</param>
    public static void AddGridHttp(this IHostApplicationBuilder host, GridHttpOptions options)
    {
        var services = host.Services;
        services.AddSingleton(options).AddSingleton<DateIndex>().AddSingleton<MapCache>().AddSingleton<PageFiles>();
        if (options.Serve)
            services.AddSingleton<BackfillJobs>().AddHostedService(provider => provider.GetRequiredService<BackfillJobs>());
        services.TryAddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(json => GridJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            kestrel.AddServerHeader = false;
        });
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, ProblemResponse.ContentType, "text/csv"];
        });
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.CorsOrigins]).AllowAnyHeader().AllowAnyMethod()));
        services.AddWorkLimits(options);
        services.AddGridOpenApi();
    }

    /// <summary>Puts the API, the page and the health checks into the pipeline of <paramref name="app"/>.</summary>
    /// <exception cref="Core.Errors.GridException">The file of keys is missing or broken.</exception>
    public static void UseGridHttp(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<GridHttpOptions>();
        if (!options.Serve)
        {
            app.MapHealth();
            return;
        }
        var page = app.Services.GetRequiredService<PageFiles>();
        app.UseMiddleware<RequestIds>();
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<ErrorBoundary>();
        if (options.CorsOrigins.Count > 0)
            app.UseCors();
        app.UseMiddleware<Gate>(new KeyRing(options.ApiKeyFile is { } file ? ApiKeys.Load(file) : null));
        app.UseResponseCompression();
        app.UseWhen(context => page.Has(context.Request), branch => branch.Run(page.WriteAsync));
        app.UseRouting();
        app.UseMiddleware<RoleCheck>();
        app.UseMiddleware<Deadlines>();
        app.UseRateLimiter();
        app.MapHealth();
        app.MapGridOpenApi();
        var v1 = app.MapGroup("/v1").ChecksModelIds();
        v1.MapCatalog();
        v1.MapDiagnosis();
        v1.MapIssuers();
        v1.MapPortfolios();
        v1.MapStates();
        v1.MapVectors();
        v1.MapSearches();
        v1.MapStudies();
        v1.MapUniverses();
        v1.MapTables();
        v1.MapPuts();
        v1.MapBackfills();
    }

    private static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WithoutDetails });
    }

    // Why it is not ready is the operator's business, who has the log.
    private static Task WithoutDetails(HttpContext context, Microsoft.Extensions.Diagnostics.HealthChecks.HealthReport report) =>
        context.Response.WriteAsync(report.Status == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy ? "ready" : "not ready", context.RequestAborted);
}
