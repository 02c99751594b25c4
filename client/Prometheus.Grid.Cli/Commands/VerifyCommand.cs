using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid verify</c>: every stored partition against its checksums.</summary>
internal sealed class VerifyCommand() : GridCommand("verify", "Check every stored partition against its checksums", "grid verify --format table")
{
    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var session = await context.OpenAsync(cancellationToken);
        int checkedCount = 0, damaged = 0;
        using (var rows = context.Rows("kind", "model_id", "as_of_date", "rows", "result"))
        {
            await foreach (var finding in session.Store.Vectors.VerifyAsync(cancellationToken))
            {
                checkedCount++;
                damaged += finding.Problem is null ? 0 : 1;
                rows.Write(finding.Key.Kind.ToString().ToLowerInvariant(), finding.Key.ModelId, finding.Key.AsOf, finding.Rows, finding.Problem ?? "ok");
            }
        }
        context.Messages.Say($"{checkedCount} partitions checked, {damaged} damaged");
        return damaged == 0 ? ExitCodes.Ok : ExitCodes.Of(ErrorKind.Fault);
    }
}
