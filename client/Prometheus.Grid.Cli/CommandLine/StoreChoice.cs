using System.CommandLine;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>Which grid a command talks to: a folder, a database or a server. A flag beats an environment variable, a server a database, and both a folder.</summary>
/// <param name="Postgres">Connection string, or null.</param>
/// <param name="Folder">The data folder.</param>
/// <param name="Server">Address of a running grid, or null.</param>
internal sealed record StoreChoice(string? Postgres, string Folder, Uri? Server)
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
        if (data is null && server is null)
            postgres ??= Variable("GRID_POSTGRES");
        return new StoreChoice(postgres, data ?? Variable("GRID_DATA") ?? "grid-data", server is null ? null : Address(server));
    }

    /// <summary>Refuses a server, for commands that work on a folder or database itself.</summary>
    /// <exception cref="BadInputException">A server is chosen.</exception>
    public StoreChoice WithoutServer(string why) =>
        Server is null ? this : throw new BadInputException("--server", Server, $"--data DIR or --postgres CONNSTRING for this command, which {why}");

    private static Uri Address(string server) =>
        Uri.TryCreate(server, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new BadInputException("--server", server, "an address such as http://127.0.0.1:5075");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
