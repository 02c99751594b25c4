using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid verify</c>: every stored partition against its checksums; with <c>--deep</c> all else that the grid has written too, and how to get back what is damaged.</summary>
internal sealed class VerifyCommand : GridCommand
{
    private static readonly string[] s_columns = ["kind", "model_id", "as_of_date", "rows", "result"];

    private readonly Option<bool> _deep = new("--deep") { Description = "Check fits of models and caches too, and say how to build again what is damaged" };

    public VerifyCommand()
        : base("verify", "Check every stored partition against its checksums", "grid verify --format table", "grid verify --deep") => Options.Add(_deep);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var session = await context.OpenAsync(cancellationToken);
        bool isDeep = context.Get(_deep);
        var rebuild = new Rebuild(session.Grid.Catalog, StoreChoice.From(context.Parsed));
        int partitions = 0, kept = 0, damaged = 0;
        using (var rows = context.Rows([.. s_columns, .. isDeep ? (string[])["rebuild"] : []]))
        {
            await foreach (var finding in session.Store.Vectors.VerifyAsync(cancellationToken))
            {
                partitions++;
                Write(rows, KindOf(finding.Key.Kind), finding.Key.ModelId, finding.Key.AsOf, finding.Rows, finding.Problem, rebuild.Of(finding.Key));
            }
            await foreach (var finding in isDeep ? session.Store.VerifyKeptAsync(cancellationToken) : AsyncEnumerable.Empty<KeptFinding>())
            {
                kept++;
                Write(rows, finding.Kind.ToString().ToLowerInvariant(), finding.ModelId, finding.AsOf, null, finding.Problem, rebuild.Of(finding));
            }
        }
        context.Messages.Say($"{partitions} partitions{(isDeep ? $" and {kept} fits and caches" : "")} checked, {damaged} damaged");
        return damaged == 0 ? ExitCodes.Ok : ExitCodes.Of(ErrorKind.Fault);

        void Write(RowWriter rows, string kind, string? modelId, DateOnly? asOf, int? count, string? problem, string how)
        {
            damaged += problem is null ? 0 : 1;
            object?[] cells = [kind, modelId, asOf, count, problem ?? "ok"];
            rows.Write(isDeep ? [.. cells, problem is null ? "" : how] : cells);
        }
    }

    private static string KindOf(BranchKind kind) => kind.ToString().ToLowerInvariant();
}
