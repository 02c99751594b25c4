using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Universes;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid analogues</c>: past states of portfolios that resemble one now, and what followed.</summary>
internal sealed class AnaloguesCommand : GridCommand
{
    private static readonly string[] s_columns = ["row", "portfolio_id", "as_of_date", "states", "dates", "cosine", "return", "volatility", "worst_drawdown"];

    private readonly Option<string> _portfolioId = new("--portfolio-id") { Description = "The portfolio", HelpName = "PORTFOLIO_ID", Required = true };
    private readonly Option<DateOnly?> _asOf = Flags.Date("--as-of", "The date on which it is taken; nothing after it is read");
    private readonly Option<string> _modelId = new("--space", "--model-id") { Description = "The joint model of portfolios", HelpName = "MODEL_ID", DefaultValueFactory = _ => "joint-portfolio-core-v3" };
    private readonly Option<int?> _horizon = Flags.Positive("--horizon", "Trading days over which what followed is measured", 63);
    private readonly Option<int?> _topK = Flags.Positive("--top-k", "How many past states", 10);
    private readonly Option<int?> _seed = Flags.NotNegative("--seed", "Another seed draws other states for comparison", 1);
    private readonly Option<string?> _out = new("--out") { Description = OutFile.Description, HelpName = "FILE" };

    public AnaloguesCommand()
        : base("analogues", "Find past states of portfolios that resemble one now, and show what followed them",
            "grid analogues --portfolio-id PF_D_0001 --as-of 2023-11-30 --format table",
            "grid analogues --portfolio-id PF_D_0001 --as-of 2023-11-30 --horizon 21 --top-k 25")
    {
        _asOf.Required = true;
        foreach (var option in (Option[])[_portfolioId, _asOf, _modelId, _horizon, _topK, _seed, _out])
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string? path = context.Get(_out);
        OutFile.Check(path);
        var query = new AnaloguesQuery
        {
            PortfolioId = context.Get(_portfolioId)!,
            AsOf = context.Get(_asOf)!.Value,
            ModelId = context.Get(_modelId)!,
            Horizon = context.Get(_horizon)!.Value,
            TopK = context.Get(_topK)!.Value,
            Seed = (ulong)context.Get(_seed)!.Value,
        };
        query.Check();
        var session = await context.OpenAsync(cancellationToken);
        var answer = await session.Universe.AnaloguesAsync(query, cancellationToken);
        context.Messages.Say($"{answer.Eligible} past states whose {query.Horizon} trading days were over by {DateRange.Text(query.AsOf)}, in {answer.Periods} periods that do not overlap; states of one date live through the same market");
        await OutFile.WriteAsync(context, path, s_columns, Rows(answer));
        return ExitCodes.Ok;
    }

    private static IEnumerable<object?[]> Rows(AnaloguesAnswer answer)
    {
        foreach (var state in answer.Analogues)
            yield return ["analogue", state.PortfolioId, state.AsOf, null, null, state.Cosine, state.Followed.Return, state.Followed.Volatility, state.Followed.WorstDrawdown];
        foreach (var (name, summary) in ((string, OutcomeSummary)[])[("analogues", answer.OfAnalogues), ("random states", answer.OfRandom)])
        {
            yield return Row($"mean of {name}", summary.Mean);
            yield return Row($"spread of {name}", summary.Spread);

            object?[] Row(string row, Outcome outcome) => [row, null, null, summary.States, summary.Dates, null, outcome.Return, outcome.Volatility, outcome.WorstDrawdown];
        }
    }
}
