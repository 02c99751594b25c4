using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid backfill-joint-portfolios</c>: numeric vectors of portfolios, brought into their joint space.</summary>
internal sealed class BackfillJointPortfoliosCommand : BackfillCommand
{
    private readonly DateFlags _dates;
    private readonly Option<string?> _numeric = Flags.Text("--numeric-model-id", "Model of the numeric branch (the space's own unless said)");
    private readonly Option<string> _modelId = Flags.Text("--joint-model-id", "The joint model", "joint-portfolio-core-v1");
    private readonly Option<int?> _limit = Flags.Positive("--limit", "At most this many portfolios a date", 100);

    public BackfillJointPortfoliosCommand()
        : base("backfill-joint-portfolios", "Bring numeric vectors of portfolios into their joint space",
            "grid backfill-joint-portfolios --as-of 2023-11-30 --limit 500")
    {
        _dates = new DateFlags(this);
        foreach (var option in (Option[])[_numeric, _modelId, _limit])
            Options.Add(option);
    }

    protected override BackfillRequest Request(ParseResult parsed) => new JointPortfolioBackfill
    {
        ModelId = parsed.GetValue(_modelId)!,
        Dates = _dates.Of(parsed),
        Limit = parsed.GetValue(_limit),
        BranchModelIds = parsed.GetValue(_numeric) is { } numeric ? new Dictionary<string, string> { ["numeric"] = numeric } : [],
    };
}
