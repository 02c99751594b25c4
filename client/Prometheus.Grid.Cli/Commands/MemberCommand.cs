using System.CommandLine;
using Microsoft.Extensions.Hosting;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Hosting.Server;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid serve</c>: a silo, the HTTP API and the web page in one process.</summary>
internal sealed class ServeCommand() : MemberCommand(
    "serve", "Serve the grid: HTTP API, OpenAPI at /openapi/v1.json and the web page at /", serve: true,
    "grid serve --data grid-data",
    "grid serve --urls http://0.0.0.0:5075 --api-key-file keys.txt",
    "grid serve --postgres 'Host=db;Database=grid;Username=grid' --migrate");

/// <summary><c>grid silo</c>: a member of a cluster that answers no HTTP but health checks.</summary>
internal sealed class SiloCommand() : MemberCommand(
    "silo", "Be a member of a cluster without HTTP API and page; health checks alone", serve: false,
    "grid silo --postgres 'Host=db;Database=grid;Username=grid' --urls http://127.0.0.1:5076");

/// <summary>What the members of a grid share: where they listen, which cluster they belong to.</summary>
internal abstract class MemberCommand : GridCommand
{
    private readonly bool _serve;
    private readonly Option<string> _urls = Flags.Text("--urls", "Where it listens, separated by semicolons; beyond this machine only with keys", GridServer.DefaultUrls);
    private readonly Option<string?> _apiKeyFile = new("--api-key-file") { Description = "Ask for the keys of this file (grid api-key makes them)", HelpName = "FILE" };
    private readonly Option<string[]> _corsOrigins = Flags.Repeatable("--cors-origin", "Pages of this origin may call the API; may be repeated");
    private readonly Option<string> _clusterId = Flags.Text("--cluster-id", "Silos of one id on one database find each other", "grid");
    private readonly Option<int?> _siloPort = Flags.NotNegative("--silo-port", "The port between silos; 0 takes one that is free (11111 with --postgres, else 0)");
    private readonly Option<int?> _gatewayPort = Flags.NotNegative("--gateway-port", "The port for Orleans clients; 0 takes one that is free (30000 with --postgres, else 0)");
    private readonly Option<bool> _migrate = new("--migrate") { Description = "Create or upgrade the schema of the database first" };

    protected MemberCommand(string name, string description, bool serve, params string[] examples)
        : base(name, description, examples)
    {
        _serve = serve;
        foreach (var option in (Option[])[_urls, .. serve ? (Option[])[_apiKeyFile, _corsOrigins] : [], _clusterId, _siloPort, _gatewayPort, _migrate])
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var choice = StoreChoice.From(context.Parsed).WithoutServer("is a server itself");
        bool isMember = choice.Postgres is not null;
        await using var server = await GridServer.BuildAsync(
            [],
            context.Get(_urls),
            settings => settings with
            {
                Postgres = choice.Postgres ?? settings.Postgres,
                Data = choice.Folder,
                ClusterId = context.Get(_clusterId)!,
                SiloPort = context.Get(_siloPort) ?? (isMember ? settings.SiloPort : 0),
                GatewayPort = context.Get(_gatewayPort) ?? (isMember ? settings.GatewayPort : 0),
                Migrate = context.Get(_migrate) || settings.Migrate,
            },
            http => http with
            {
                Serve = _serve,
                ApiKeyFile = context.Get(_apiKeyFile) ?? http.ApiKeyFile,
                CorsOrigins = context.Get(_corsOrigins) is { Length: > 0 } named ? named : http.CorsOrigins,
            },
            waiting => context.Messages.Say($"waiting: {waiting}"),
            cancellationToken);
        await server.StartAsync(cancellationToken);
        context.Messages.Say($"{(_serve ? "serving" : "health checks")} at {GridServer.Describe(server)}; Ctrl+C ends it");
        // The host hears signals too; a token that ends the wait would end it before the server has drained.
        await using var stop = cancellationToken.Register(server.Lifetime.StopApplication);
        await server.WaitForShutdownAsync(CancellationToken.None);
        return ExitCodes.Ok;
    }
}
