using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Hosting.Server;
using Prometheus.Grid.Synthetic;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid demo</c>: a made-up market, the whole workflow on it, and who is like whom.</summary>
internal sealed class DemoCommand : GridCommand
{
    private const string ProfileSpace = "joint-profile-core-v3", PortfolioSpace = "joint-portfolio-core-v3";

    // For whoever wants to compare; what they are made of is there already, but for the holdings.
    private const string EarlierProfileSpace = "joint-profile-core-v2", EarlierPortfolioSpace = "joint-portfolio-core-v2";
    private const int IssuersShown = 3, PortfoliosShown = 2, NeighboursShown = 5;

    private readonly Option<int?> _issuers = Flags.Positive("--issuers", "How many companies", 500);
    private readonly Option<int?> _portfolios = Flags.Positive("--portfolios", "How many funds", 60);
    private readonly Option<int?> _seed = Flags.NotNegative("--seed", "Another seed, another market", 7);

    public DemoCommand()
        : base("demo", "Write a made-up market into the data folder, build all vectors and show who is like whom",
            "grid demo", "grid demo --issuers 2000 --seed 8 --data ./another-market")
    {
        foreach (var option in (Option[])[_issuers, _portfolios, _seed])
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var choice = StoreChoice.From(context.Parsed).WithoutServer("writes a market");
        if (choice.Postgres is not null)
            throw new BadInputException("--postgres", "given", "a data folder for the demo (--data DIR)");
        var market = new SyntheticMarketOptions
        {
            Issuers = AtMost("--issuers", context.Get(_issuers)!.Value, SyntheticMarketOptions.MaxIssuers),
            Portfolios = AtMost("--portfolios", context.Get(_portfolios)!.Value, SyntheticMarketOptions.MaxPortfolios),
            Seed = (ulong)context.Get(_seed)!.Value,
        };
        bool written = await context.Messages.TrackAsync("market", progress => SyntheticMarket.WriteAsync(
            choice.Folder, market, new Fraction(progress), cancellationToken));
        context.Messages.Say(written ? $"wrote a {market} into {choice.Folder}" : $"{choice.Folder} holds this market already");

        var session = await context.OpenAsync(cancellationToken);
        foreach (var request in Backfills(session.Grid.Catalog, market.ReportDates))
        {
            var report = await BackfillCommand.RunAsync(session, request, context.Messages, cancellationToken);
            string skipped = string.Concat(report.SkippedByReason.Select(s => $", {s.Count} skipped ({s.Reason})"));
            context.Messages.Say($"{request.ModelId}: {report.Written} written, {report.Unchanged} unchanged{skipped}");
        }
        await PrintAsync(context, session, choice.Folder, market.ReportDates[^1], cancellationToken);
        return ExitCodes.Ok;
    }

    /// <summary>Every model that a space is made of, once, then the spaces; issuers first, since portfolios are made of them too.</summary>
    private static IEnumerable<BackfillRequest> Backfills(ModelCatalog catalog, IReadOnlyList<DateOnly> dates)
    {
        var range = new DateRange(dates[0], dates[^1]);
        string[] profiles = [EarlierProfileSpace, ProfileSpace], portfolios = [EarlierPortfolioSpace, PortfolioSpace];
        foreach (var branch in profiles.SelectMany(space => catalog.Space(space).Branches).DistinctBy(branch => branch.ModelId))
        {
            if (branch.Kind == BranchKind.Text)
                yield return new TextBackfill { ModelId = branch.ModelId, Dates = range };
            else
                foreach (var date in dates)
                    yield return new NumericBackfill { ModelId = branch.ModelId, Dates = DateRange.On(date) };
        }
        foreach (string space in profiles)
            yield return new JointProfileBackfill { ModelId = space, Dates = range };
        foreach (var branch in portfolios.SelectMany(space => catalog.Space(space).Branches).DistinctBy(branch => branch.ModelId))
            yield return new PortfolioBackfill { ModelId = branch.ModelId, Dates = range };
        foreach (string space in portfolios)
            yield return new JointPortfolioBackfill { ModelId = space, Dates = range };
    }

    private static async Task PrintAsync(CommandContext context, GridSession session, string folder, DateOnly asOf, CancellationToken cancellationToken)
    {
        var universe = await session.Store.Inputs.ReadUniverseAsync(cancellationToken);
        var styles = File.ReadLines(Path.Combine(folder, "portfolio_labels.csv")).Skip(1).Select(line => line.Split(',')).ToDictionary(c => c[0], c => c[1]);
        string Label(string id) => universe.Issuers.TryGetValue(id, out var issuer) ? $"{issuer.Name}, {issuer.Industry}" : styles[id];

        string firstIssuer = "";
        using (var rows = context.Rows(OutputFormat.Table, "target", "target_is", "neighbour", "neighbour_is", "cosine"))
        {
            foreach (var (space, count) in new[] { (ProfileSpace, IssuersShown), (PortfolioSpace, PortfoliosShown) })
            {
                await foreach (string target in SpreadAsync(session.Grid, space, asOf, count, cancellationToken))
                {
                    firstIssuer = firstIssuer.Length == 0 ? target : firstIssuer;
                    var answer = await session.Grid.FindSimilarAsync(
                        new SimilarityQuery { Target = new SimilarityTarget.Entity(target), AsOf = asOf, ModelId = space, TopK = NeighboursShown }, cancellationToken);
                    foreach (var hit in answer.Hits)
                        rows.Write(target, Label(target), hit.EntityId, Label(hit.EntityId), hit.Cosine);
                }
            }
        }
        context.Messages.Say($"next: grid find-similar-profiles --issuer-id {firstIssuer} --as-of {DateRange.Text(asOf)} --model-id {ProfileSpace}");
        context.Messages.Say($"or look at it: grid serve --data {folder}, then {GridServer.DefaultUrls}");
    }

    /// <summary>A few entities of the space, evenly through their ids.</summary>
    private static async IAsyncEnumerable<string> SpreadAsync(
        IEmbeddingGrid grid, string space, DateOnly asOf, int count, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ids = await grid.ListJointAsync(new JointListing(space, DateRange.On(asOf)), cancellationToken).Select(row => row.EntityId).ToListAsync(cancellationToken);
        for (int i = 0; i < Math.Min(count, ids.Count); i++)
            yield return ids[i * ids.Count / count];
    }

    private static int AtMost(string flag, int value, int most) =>
        value <= most ? value : throw new BadInputException(flag, value, $"at most {most}");

    private sealed class Fraction(IProgress<Step> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(new Step("market", value));
    }
}
