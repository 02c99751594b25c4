using System.Runtime.InteropServices;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Diagnosis;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Models;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid doctor</c>: what is installed, reachable and missing, one line each, with what to do. A fault of a server or database ends it with 1.</summary>
internal sealed class DoctorCommand() : GridCommand("doctor", "Say what is installed, reachable and missing, and what to do", "grid doctor --format table", "grid doctor --server http://127.0.0.1:5075", "grid doctor --postgres 'Host=db;Database=grid;Username=grid'")
{
    private static readonly string[] s_tables = ["markets", "issuers", "instruments", "prices_daily", "profiles", "portfolio_risk_reports", "portfolio_positions"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var choice = StoreChoice.From(context.Parsed);
        using var rows = context.Rows(Output.OutputFormat.Table, "what", "state", "detail", "do");
        rows.Write("runtime", "ok", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}", "");
        rows.Write("processor", "ok", $"{Environment.ProcessorCount} cores, similarity kernel {Searcher.KernelName}", "");
        if (choice.Server is { } server)
            return await OfServerAsync(context, server, rows, cancellationToken);
        bool isWell = true;
        if (choice.Postgres is null)
            Folder(rows, choice.Folder);
        try
        {
            isWell = Write(rows, await (await context.OpenAsync(cancellationToken)).DiagnoseAsync(cancellationToken));
        }
        catch (GridException error)
        {
            // A folder that is not there yet is how everybody begins; a database that was named is not.
            isWell = choice.Postgres is null;
            rows.Write("store", isWell ? "missing" : "fault", error.Message, isWell ? "grid demo, or --data DIR" : "start Postgres, correct the connection string, or grid migrate");
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
        return isWell ? ExitCodes.Ok : ExitCodes.Of(ErrorKind.Fault);
    }

    private static async Task<int> OfServerAsync(CommandContext context, Uri server, Output.RowWriter rows, CancellationToken cancellationToken)
    {
        var catalog = await context.CatalogAsync(cancellationToken);
        rows.Write("server", "ok", $"{server} with {catalog.Spaces.Count} spaces and {catalog.Models.Count} models", "");
        try
        {
            return Write(rows, await (await context.OpenAsync(cancellationToken)).DiagnoseAsync(cancellationToken)) ? ExitCodes.Ok : ExitCodes.Of(ErrorKind.Fault);
        }
        catch (BadInputException error)
        {
            rows.Write("diagnosis", "missing", error.Message, "a key of the role write in GRID_API_KEY");
            return ExitCodes.Ok;
        }
    }

    /// <returns>Whether nothing is a fault.</returns>
    private static bool Write(Output.RowWriter rows, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
            rows.Write(finding.What, finding.State.ToString().ToLowerInvariant(), finding.Detail, finding.Do);
        return findings.All(finding => finding.State != FindingState.Fault);
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
    }
}
