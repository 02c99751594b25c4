using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid vacuum</c>: drops what newer vectors have replaced.</summary>
internal sealed class VacuumCommand : GridCommand
{
    private readonly Option<DateTimeOffset?> _olderThan = Flags.Time("--older-than", "Keep what was replaced at or after this time (drop all of it unless said)");

    public VacuumCommand()
        : base("vacuum", "Drop superseded vectors; searches with --as-known cannot look behind it", "grid vacuum", "grid vacuum --older-than 2024-01-01T00:00:00Z") =>
        Options.Add(_olderThan);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var session = await context.OpenAsync(cancellationToken);
        var outcome = await session.Store.Vectors.VacuumAsync(context.Get(_olderThan) ?? DateTimeOffset.MaxValue, cancellationToken);
        using var rows = context.Rows("superseded_dropped", "bytes_freed");
        rows.Write(outcome.Superseded, outcome.Bytes);
        return ExitCodes.Ok;
    }
}
