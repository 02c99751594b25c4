using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Analysis.Analogues;

/// <summary>
/// Finds past states of portfolios that resemble one now, and measures what followed. A state can be chosen when its horizon was over by the
/// as-of date, so nothing after that date is read at all, neither to choose nor to measure.
/// </summary>
/// <param name="grid">Finds states.</param>
/// <param name="store">Positions and prices.</param>
internal sealed class AnalogueFinder(IEmbeddingGrid grid, IGridStore store)
{
    /// <summary>Times the number of analogues: states that are drawn for comparison.</summary>
    private const int DrawnTimesTopK = 20;

    private readonly DailyReturns _returns = new(store.Inputs);

    /// <summary>Finds them.</summary>
    public async Task<AnaloguesAnswer> FindAsync(AnaloguesQuery query, CancellationToken cancellationToken)
    {
        query.Check();
        var space = grid.Catalog.Space(query.ModelId);
        if (space.Entity != EntityKind.Portfolio)
            throw new BadInputException(nameof(query.ModelId), query.ModelId, "a space of portfolios");
        // Before anything is said of history: a portfolio that is not there is the nearer error.
        await grid.GetJointAsync(new JointQuery(query.PortfolioId, query.AsOf, query.ModelId), cancellationToken);

        var trading = await store.Inputs.DatesAsync(InputTable.Prices, new DateRange(DateOnly.MinValue, query.AsOf), cancellationToken);
        var dates = await new SpaceReader(store).DatesAsync(space, new DateRange(DateOnly.MinValue, query.AsOf), cancellationToken);
        PastDate[] past = [.. dates.Select(date => PastDate.Of(date, trading, query.Horizon)).OfType<PastDate>()];
        var followed = await FollowedAsync(query, past, cancellationToken);
        int periods = Periods(past.Where(date => followed.Keys.Any(state => state.AsOf == date.AsOf)), query.Horizon);
        if (followed.Count < AnaloguesQuery.FewestTimesTopK * query.TopK || periods < AnaloguesQuery.FewestPeriods)
        {
            throw new BadInputException(
                nameof(query.AsOf),
                DateRange.Text(query.AsOf),
                $"a date with at least {AnaloguesQuery.FewestTimesTopK * query.TopK} states of portfolios before it, on {AnaloguesQuery.FewestPeriods} or more dates whose {query.Horizon} trading days do not overlap and were over by then; there are {followed.Count} on {periods}");
        }

        var analogues = await NearestAsync(query, past, followed, cancellationToken);
        return new AnaloguesAnswer(
            analogues,
            Summary([.. analogues.Select(state => (state.AsOf, state.Followed))]),
            Summary(Drawn(query, followed)),
            followed.Count,
            periods);
    }

    /// <summary>What followed each state that can be chosen.</summary>
    private async Task<SortedDictionary<State, Outcome>> FollowedAsync(AnaloguesQuery query, PastDate[] past, CancellationToken cancellationToken)
    {
        var followed = new SortedDictionary<State, Outcome>();
        foreach (var date in past)
        {
            var returns = await _returns.OfPortfoliosAsync(date.AsOf, date.Horizon, cancellationToken);
            await foreach (var row in grid.ListJointAsync(new JointListing(query.ModelId, DateRange.On(date.AsOf)), cancellationToken))
            {
                if (returns.TryGetValue(row.EntityId, out double[]? daily) && Outcomes.Of(daily) is { } outcome)
                    followed.Add(new State(date.AsOf, row.EntityId), outcome);
            }
        }
        return followed;
    }

    /// <summary>States in the order of their cosines, those passed over whose horizon overlaps with a nearer one of the same portfolio.</summary>
    private async Task<List<Analogue>> NearestAsync(AnaloguesQuery query, PastDate[] past, SortedDictionary<State, Outcome> followed, CancellationToken cancellationToken)
    {
        var places = past.ToDictionary(date => date.AsOf, date => date.Place);
        for (int asked = 4 * query.TopK; ; asked *= 4)
        {
            var answer = await grid.FindSimilarAsync(
                new SimilarityQuery
                {
                    Target = new SimilarityTarget.Entity(query.PortfolioId),
                    AsOf = query.AsOf,
                    Dates = new DateRange(past[0].AsOf, past[^1].AsOf),
                    ModelId = query.ModelId,
                    TopK = Math.Min(asked, SimilarityQuery.MaxTopK),
                },
                cancellationToken);
            var taken = new List<Analogue>();
            foreach (var hit in answer.Hits)
            {
                bool overlaps = taken.Exists(state => state.PortfolioId == hit.EntityId && Math.Abs(places[state.AsOf] - places[hit.AsOf]) < query.Horizon);
                if (!overlaps && followed.TryGetValue(new State(hit.AsOf, hit.EntityId), out var outcome))
                    taken.Add(new Analogue(hit.EntityId, hit.AsOf, hit.Cosine, outcome));
                if (taken.Count == query.TopK)
                    return taken;
            }
            if (answer.Hits.Count < asked)
                return taken;
        }
    }

    private static (DateOnly, Outcome)[] Drawn(AnaloguesQuery query, SortedDictionary<State, Outcome> followed)
    {
        var lots = new SplitMix64(SplitMix64.Mix(query.Seed));
        KeyValuePair<State, Outcome>[] all = [.. followed];
        int count = Math.Min(all.Length, DrawnTimesTopK * query.TopK);
        // The first places of a shuffle by Fisher and Yates.
        for (int i = 0; i < count; i++)
        {
            int j = i + lots.NextIndex(all.Length - i);
            (all[i], all[j]) = (all[j], all[i]);
        }
        return [.. all.Take(count).Select(state => (state.Key.AsOf, state.Value))];
    }

    private static OutcomeSummary Summary((DateOnly AsOf, Outcome Followed)[] states)
    {
        (double returned, double ofReturned) = Moments(outcome => outcome.Return);
        (double volatility, double ofVolatility) = Moments(outcome => outcome.Volatility);
        (double drawdown, double ofDrawdown) = Moments(outcome => outcome.WorstDrawdown);
        return new OutcomeSummary(
            states.Length,
            states.Select(state => state.AsOf).Distinct().Count(),
            new Outcome(returned, volatility, drawdown),
            new Outcome(ofReturned, ofVolatility, ofDrawdown));

        (double Mean, double Deviation) Moments(Func<Outcome, double> value)
        {
            double mean = states.Average(state => value(state.Followed));
            return (mean, Math.Sqrt(states.Sum(state => (value(state.Followed) - mean) * (value(state.Followed) - mean)) / Math.Max(1, states.Length - 1)));
        }
    }

    /// <summary>How many of the dates can be lived through one after the other.</summary>
    private static int Periods(IEnumerable<PastDate> past, int horizon)
    {
        int periods = 0, free = int.MinValue;
        foreach (var date in past)
        {
            if (date.Place < free)
                continue;
            periods++;
            free = date.Place + horizon;
        }
        return periods;
    }

    /// <summary>A state of a portfolio, by date and then by id.</summary>
    private readonly record struct State(DateOnly AsOf, string PortfolioId) : IComparable<State>
    {
        public int CompareTo(State other) => AsOf != other.AsOf ? AsOf.CompareTo(other.AsOf) : string.CompareOrdinal(PortfolioId, other.PortfolioId);
    }
}
