using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid backfill-numeric-portfolio-embeddings</c>: risk reports of portfolios.</summary>
internal sealed class BackfillPortfoliosCommand : BackfillCommand
{
    private readonly DateFlags _dates;
    private readonly Option<string[]> _portfolioIds = Flags.Repeatable("--portfolio-id", "This portfolio; may be repeated (all unless said)");
    private readonly Option<int?> _limit = Flags.Positive("--limit", "At most this many portfolios a date", 100);
    private readonly Option<string> _modelId = Flags.Text("--model-id", "The portfolio model", "num-portfolio-core-v1");

    public BackfillPortfoliosCommand()
        : base("backfill-numeric-portfolio-embeddings", "Build numeric vectors of portfolios from their risk reports",
            "grid backfill-numeric-portfolio-embeddings --as-of 2023-11-30 --limit 500")
    {
        _dates = new DateFlags(this);
        foreach (var option in (Option[])[_portfolioIds, _limit, _modelId])
            Options.Add(option);
    }

    protected override BackfillRequest Request(ParseResult parsed) => new PortfolioBackfill
    {
        ModelId = parsed.GetValue(_modelId)!,
        Dates = _dates.Of(parsed),
        Limit = parsed.GetValue(_limit),
        PortfolioIds = parsed.GetValue(_portfolioIds)!,
    };
}
