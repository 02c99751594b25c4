using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Postgres;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid migrate</c>: the Postgres schema, created, upgraded, or added to a database of the seed.</summary>
internal sealed class MigrateCommand : GridCommand
{
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Do it all, report it and roll it back" };

    public MigrateCommand()
        : base("migrate", "Create or upgrade the Postgres schema; opens a database of the seed as it is",
            "grid migrate --postgres 'Host=localhost;Database=grid;Username=me' --dry-run") =>
        Options.Add(_dryRun);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string connection = StoreChoice.From(context.Parsed).WithoutServer("changes a database").Postgres
            ?? throw new BadInputException("--postgres", "", "a connection string (or GRID_POSTGRES); a data folder needs no migration");
        var report = await PostgresStore.MigrateAsync(connection, context.Get(_dryRun), cancellationToken);
        using (var rows = context.Rows("step"))
            foreach (string step in report.Steps)
                rows.Write(step);
        context.Messages.Say(
            report.Steps.Count == 0 ? $"nothing to do: the schema is at version {report.ToVersion}"
            : context.Get(_dryRun) ? $"would go from version {report.FromVersion} to {report.ToVersion}; nothing was changed"
            : $"went from version {report.FromVersion} to {report.ToVersion}");
        return ExitCodes.Ok;
    }
}
