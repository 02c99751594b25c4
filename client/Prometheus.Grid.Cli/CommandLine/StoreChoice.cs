using System.CommandLine;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>Which grid a command talks to: a folder or a database. A flag beats an environment variable, a database beats a folder.</summary>
/// <param name="Postgres">Connection string, or null for the folder.</param>
/// <param name="Folder">The data folder.</param>
internal sealed record StoreChoice(string? Postgres, string Folder)
{
    public static StoreChoice From(ParseResult parsed)
    {
        string? data = parsed.GetValue(GlobalFlags.Data);
        string? postgres = parsed.GetValue(GlobalFlags.Postgres);
        string? server = parsed.GetValue(GlobalFlags.Server);
        if ((data is null ? 0 : 1) + (postgres is null ? 0 : 1) + (server is null ? 0 : 1) > 1)
            throw new BadInputException("--data, --postgres and --server", "more than one", "one of them");
        if (data is null && postgres is null)
            server ??= Variable("GRID_SERVER");
        if (server is not null)
            throw new BadInputException("--server", server, "nothing yet: this version works on a data folder or a database, not through a server");
        if (data is null)
            postgres ??= Variable("GRID_POSTGRES");
        return new StoreChoice(postgres, data ?? Variable("GRID_DATA") ?? "grid-data");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
