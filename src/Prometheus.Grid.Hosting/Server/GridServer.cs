using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Hosting.Silos;
using Prometheus.Grid.Http;
using Prometheus.Grid.Http.Jobs;

namespace Prometheus.Grid.Hosting.Server;

/// <summary>A member of the grid with the HTTP API and the web page: what <c>grid serve</c> and the container run.</summary>
public static class GridServer
{
    /// <summary>Where a server listens unless it is told otherwise.</summary>
    public const string DefaultUrls = "http://127.0.0.1:5075";

    /// <summary>Builds the server; nothing listens before it is started.</summary>
    /// <param name="arguments">Settings as <c>--Section:Name=value</c>, beside appsettings.json and the environment.</param>
    /// <param name="urls">Where it listens, separated by semicolons; null leaves it to the setting <c>Urls</c>, and that to <see cref="DefaultUrls"/>.</param>
    /// <param name="change">Changes the settings of the silo that were read.</param>
    /// <param name="changeHttp">Changes what the API allows by the section <c>Http</c> of the settings, such as <c>Http__MaxPage</c> in the environment.</param>
    /// <param name="onWaiting">Told what the start waits for.</param>
    /// <param name="cancellationToken">Ends the start early.</param>
    /// <exception cref="GridException">A setting cannot be used, or the store cannot be opened.</exception>
    public static async Task<WebApplication> BuildAsync(
        string[] arguments, string? urls, Func<SiloSettings, SiloSettings> change, Func<GridHttpOptions, GridHttpOptions> changeHttp,
        Action<string> onWaiting, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft.Orleans", LogLevel.Warning)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning)
            // Recommends the collector of servers; how memory is collected is for whoever deploys to say (DOTNET_gcServer).
            .AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
            // Its first look takes the age of the machine for the time that it waited.
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        var http = changeHttp(SettingsSection.Read<GridHttpOptions>(builder.Configuration, "Http", "server")).Checked();
        urls ??= builder.Configuration["Urls"] ?? DefaultUrls;
        CheckReach(urls, http);
        builder.Configuration["Urls"] = urls;
        var settings = change(SiloSettings.Read(builder.Configuration));
        await builder.AddGridSiloAsync(settings, onWaiting, cancellationToken);
        builder.Services.AddSingleton<IBackfillRunner, ClusterBackfills>().AddSingleton<IDiagnosis, ServerDiagnosis>();
        builder.AddGridHttp(http);
        var app = builder.Build();
        try
        {
            app.UseGridHttp();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        return app;
    }

    /// <summary>What a server says of itself once it is ready: where the page is, and which silo it is on which store.</summary>
    public static string Describe(WebApplication app)
    {
        var settings = app.Services.GetRequiredService<SiloSettings>();
        return $"{string.Join(", ", app.Urls)}; silo {app.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress} of cluster '{settings.ClusterId}' on {app.Services.GetRequiredService<IGridStore>().Description}";
    }

    // Whoever reaches a server without keys may change what it stores.
    private static void CheckReach(string urls, GridHttpOptions http)
    {
        if (http.ApiKeyFile is not null || !http.Serve)
            return;
        foreach (string url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsOfThisMachine(url))
                throw new BadInputException(
                    "Urls", url, "an address of this machine alone, such as http://127.0.0.1:5075; to be reached from elsewhere a server needs keys: grid api-key --name NAME --role read --file keys.txt makes one, --api-key-file keys.txt (Http:ApiKeyFile) asks for it");
        }
    }

    private static bool IsOfThisMachine(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.IsUnixPipe || address.IsNamedPipe || address.Host == "localhost"
                || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException error)
        {
            throw new BadInputException("Urls", url, "addresses such as http://127.0.0.1:5075", error);
        }
    }
}
