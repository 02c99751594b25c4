using System.Runtime.InteropServices;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Models;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid doctor</c>: what is installed, reachable and missing, one line each, with what to do.</summary>
internal sealed class DoctorCommand() : GridCommand("doctor", "Say what is installed, reachable and missing, and what to do", "grid doctor --format table")
{
    private static readonly string[] s_tables = ["markets", "issuers", "instruments", "prices_daily", "profiles", "portfolio_risk_reports", "portfolio_positions"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var choice = StoreChoice.From(context.Parsed);
        using var rows = context.Rows(Output.OutputFormat.Table, "what", "state", "detail", "do");
        rows.Write("runtime", "ok", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}", "");
        rows.Write("processor", "ok", $"{Environment.ProcessorCount} cores, similarity kernel {Searcher.KernelName}", "");
        if (choice.Server is { } server)
        {
            var catalog = await context.CatalogAsync(cancellationToken);
            rows.Write("server", "ok", $"{server} with {catalog.Spaces.Count} spaces and {catalog.Models.Count} models", "");
            return ExitCodes.Ok;
        }
        Folder(rows, choice.Folder);
        try
        {
            await context.OpenAsync(cancellationToken);
            rows.Write("store", "ok", (await context.OpenAsync(cancellationToken)).Store.Description, "");
        }
        catch (GridException error)
        {
            rows.Write("store", "missing", error.Message, "grid demo, or --data DIR");
        }
        foreach (var model in GridSession.LoadCatalog(choice).Models)
        {
            foreach (var file in model.Files)
            {
                string? problem = await ModelFiles.ProblemAsync(model, file.Name, cancellationToken);
                string path = ModelFiles.PathOf(model, file.Name);
                rows.Write(
                    $"{model.ModelId} {file.Name}",
                    problem is null ? "ok" : File.Exists(path) ? "damaged" : "missing",
                    problem is null ? path : $"{path} {problem}",
                    problem is null ? "" : ModelFiles.IsFetched(model, file.Name) ? $"grid models pull {model.ModelId}" : "take it from a fresh copy of the product");
            }
        }
        return ExitCodes.Ok;
    }

    private static void Folder(Output.RowWriter rows, string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string table in s_tables)
        {
            var file = new[] { $"{table}.csv", $"{table}.csv.gz" }.Select(f => new FileInfo(Path.Combine(folder, f))).FirstOrDefault(f => f.Exists);
            rows.Write(table, file is null ? "missing" : "ok", file is null ? "" : $"{file.Name}, {file.Length} bytes", file is null ? $"put {table}.csv into {folder}" : "");
        }
        var drive = new DriveInfo(Path.GetFullPath(folder));
        rows.Write("disk", "ok", $"{drive.AvailableFreeSpace >> 20} MB free", "");
    }
}
