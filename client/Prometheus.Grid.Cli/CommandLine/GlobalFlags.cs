using System.CommandLine;
using Prometheus.Grid.Cli.Output;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>The flags that every command takes, before or after its name.</summary>
internal static class GlobalFlags
{
    public static readonly Option<string?> Data = Text("--data", "DIR", "The data folder (or GRID_DATA; ./grid-data unless said)");
    public static readonly Option<string?> Postgres = Text("--postgres", "CONNSTRING", "Use this Postgres database as the store (or GRID_POSTGRES)");
    public static readonly Option<string?> Server = Text("--server", "URL", "Send the command to a running grid (or GRID_SERVER)");

    public static readonly Option<OutputFormat> Format = new("--format")
    {
        Description = "How rows are printed (csv unless said)",
        HelpName = "csv|json|table",
        Recursive = true,
        CustomParser = result => result.Tokens[0].Value switch
        {
            "csv" => OutputFormat.Csv,
            "json" => OutputFormat.Json,
            "table" => OutputFormat.Table,
            var other => result.Refuse<OutputFormat>("--format", other, "csv, json or table"),
        },
    };

    public static readonly Option<bool> Quiet = new("--quiet") { Description = "No progress and no messages but errors", Recursive = true };

    public static void AddTo(RootCommand root)
    {
        foreach (var option in (Option[])[Data, Postgres, Server, Format, Quiet])
            root.Options.Add(option);
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value, Recursive = true };
}
