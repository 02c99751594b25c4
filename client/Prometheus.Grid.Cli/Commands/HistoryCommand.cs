using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid history</c>: how an issuer or portfolio moved through its space.</summary>
internal sealed class HistoryCommand : GridCommand
{
    private readonly Option<string?> _issuerId = Flags.Text("--issuer-id", "This issuer");
    private readonly Option<string?> _portfolioId = Flags.Text("--portfolio-id", "This portfolio");
    private readonly Option<string?> _modelId = Flags.Text("--model-id", "The joint model (joint-profile-core-v1 or joint-portfolio-core-v1 unless said)");
    private readonly Option<DateOnly?> _start = Flags.Date("--start", "From this date on");
    private readonly Option<DateOnly?> _end = Flags.Date("--end", "Up to this date");
    private readonly Option<string> _sort = new("--sort") { Description = "Order of the rows: date, or move for the largest moves first", HelpName = "date|move", DefaultValueFactory = _ => "date" };

    public HistoryCommand()
        : base("history", "Show how an issuer or portfolio moved from date to date",
            "grid history --portfolio-id PF_D_0001 --format table", "grid history --issuer-id ISS_AAPL --sort move")
    {
        _sort.AcceptOnlyFromAmong("date", "move");
        foreach (var option in (Option[])[_issuerId, _portfolioId, _modelId, _start, _end, _sort])
            Options.Add(option);
        Validators.Add(result =>
        {
            if ((result.GetResult(_issuerId) is null) == (result.GetResult(_portfolioId) is null))
                result.AddError("give one of --issuer-id and --portfolio-id");
        });
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string? issuerId = context.Get(_issuerId);
        string modelId = context.Get(_modelId) ?? (issuerId is null ? "joint-portfolio-core-v1" : "joint-profile-core-v1");
        DateOnly? start = context.Get(_start), end = context.Get(_end);
        var dates = start is null && end is null ? (DateRange?)null : new DateRange(start ?? DateOnly.MinValue, end ?? DateOnly.MaxValue);
        var session = await context.OpenAsync(cancellationToken);
        var points = await session.Grid.HistoryAsync(new HistoryQuery(issuerId ?? context.Get(_portfolioId)!, modelId, dates), cancellationToken);
        if (context.Get(_sort) == "move")
            // The first date has no move; it comes last.
            points = [.. points.OrderBy(p => p.CosineToPrevious ?? double.PositiveInfinity).ThenBy(p => p.AsOf)];
        using var rows = context.Rows("as_of_date", "l2_norm", "cosine_to_previous", "cosine_to_first", "nearest", "nearest_cosine");
        foreach (var point in points)
            rows.Write(point.AsOf, point.Norm, point.CosineToPrevious, point.CosineToFirst, point.Nearest, point.NearestCosine);
        return ExitCodes.Ok;
    }
}
