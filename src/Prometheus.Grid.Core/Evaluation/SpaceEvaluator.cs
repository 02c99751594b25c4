using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Evaluation;

/// <summary>
/// Judges models by the ten nearest neighbours of every entity: do they share labels that no model has seen, and do the next 63 trading
/// days treat them alike? Issuers are judged by the returns of their representative instrument, portfolios by those of their positions.
/// </summary>
/// <param name="store">Vectors and the user's tables.</param>
/// <param name="catalog">Models and spaces.</param>
/// <param name="workers">Cores to use.</param>
public sealed class SpaceEvaluator(IGridStore store, ModelCatalog catalog, int workers)
{
    /// <summary>Neighbours by which an entity is judged.</summary>
    public const int Neighbours = 10;

    private const double TradingDaysPerYear = 252;

    private readonly ForwardReturns _forward = new(store.Inputs);
    private readonly MarketReturns _ofMarkets = new(store.Inputs);
    private readonly DailyReturns _returns = new(store.Inputs);

    /// <summary>Judges models on their dates. Of several, those that cannot be judged are named with the reason.</summary>
    /// <exception cref="NotFoundException">A model has no vectors then, or no date has vectors of all.</exception>
    /// <exception cref="BadInputException">
    /// Issuers are to be compared with portfolios; or prices do not reach far enough or fewer than twelve entities can be judged, on the one date or on all of them.
    /// </exception>
    public async Task<EvaluationReport> EvaluateAsync(EvaluationQuery query, CancellationToken cancellationToken)
    {
        if (query.ModelIds.Count == 0 || query.ModelIds.Distinct(StringComparer.Ordinal).Count() < query.ModelIds.Count)
            throw new BadInputException(nameof(EvaluationFigure.ModelId), string.Join(' ', query.ModelIds), "at least one model, each once");
        if (query.ModelIds.Select(id => EntityOf(id) == EntityKind.Portfolio).Distinct().Count() > 1)
            throw new BadInputException(nameof(EvaluationFigure.ModelId), string.Join(' ', query.ModelIds), "models of issuers, or models of portfolios");

        var figures = new List<EvaluationFigure>();
        var leftOut = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (dates, unjudged) = await DatesAsync(query, cancellationToken);
        BadInputException? first = null;
        int judgedDates = 0;
        foreach (var asOf in dates)
        {
            try
            {
                var leftOutThen = new SortedDictionary<string, int>(StringComparer.Ordinal);
                figures.AddRange(await OnAsync(asOf, query, leftOutThen, cancellationToken));
                foreach (var (reason, entities) in leftOutThen)
                    Count(leftOut, reason, entities);
                judgedDates++;
            }
            catch (BadInputException error) when (error.Field == nameof(EvaluationFigure.AsOf))
            {
                first ??= error;
                unjudged.Add(new UnjudgedDate(asOf, $"it takes {error.Allowed}"));
            }
        }
        if (judgedDates == 0 && first is not null)
            throw first;
        if (judgedDates > 1)
            figures.AddRange(Means(figures));
        return new EvaluationReport(query.ModelIds, figures, [.. leftOut.Select(reason => (reason.Key, reason.Value))]) { Unjudged = [.. unjudged.OrderBy(date => date.AsOf)] };
    }

    private async Task<List<EvaluationFigure>> OnAsync(DateOnly asOf, EvaluationQuery query, SortedDictionary<string, int> leftOut, CancellationToken cancellationToken)
    {
        var judged = new List<Judged>();
        foreach (string modelId in query.ModelIds)
            judged.Add(await JudgedAsync(modelId, asOf, leftOut, cancellationToken));
        return [.. Compared(asOf, Common(judged, leftOut), query, cancellationToken)];
    }

    /// <summary>The entities of a model that can be judged.</summary>
    /// <param name="Rows">Their vectors.</param>
    /// <param name="Ids">For each row the issuer or portfolio.</param>
    /// <param name="Returns">For each row the returns of the horizon.</param>
    /// <param name="Issuers">For each row the issuer, or null when these are portfolios.</param>
    /// <param name="Reason">Why others were left out.</param>
    private sealed record Judged(VectorBatch Rows, string[] Ids, double[][] Returns, Issuer[]? Issuers, string Reason)
    {
        /// <summary>Some of them, in the order of their ids, under which their rows go from then on.</summary>
        public Judged Only(SortedSet<string> ids)
        {
            int[] kept = [.. Enumerable.Range(0, Ids.Length).Where(i => ids.Contains(Ids[i])).OrderBy(i => Ids[i], StringComparer.Ordinal)];
            return new Judged(
                Select(Rows, kept, i => new RowHeader(Ids[i])), [.. kept.Select(i => Ids[i])], [.. kept.Select(i => Returns[i])],
                Issuers is { } of ? [.. kept.Select(i => of[i])] : null, Reason);
        }
    }

    private EntityKind EntityOf(string modelId) =>
        catalog.Spaces.FirstOrDefault(space => space.ModelId == modelId)?.Entity ?? catalog.Model(modelId).Entity;

    private PartitionKey KeyOf(string modelId, DateOnly asOf) =>
        new(catalog.Spaces.Any(space => space.ModelId == modelId) ? BranchKind.Joint : catalog.Model(modelId).Kind, modelId, asOf);

    /// <summary>The dates of the query on which every model has vectors, and those on which only some have.</summary>
    private async Task<(IReadOnlyList<DateOnly> Common, List<UnjudgedDate> Others)> DatesAsync(EvaluationQuery query, CancellationToken cancellationToken)
    {
        var datesOf = new List<HashSet<DateOnly>>();
        foreach (string modelId in query.ModelIds)
        {
            var keys = await store.Vectors.ListAsync(KeyOf(modelId, query.Dates.Start).Kind, modelId, cancellationToken);
            HashSet<DateOnly> own = [.. keys.Select(key => key.AsOf).Where(query.Dates.Contains)];
            if (own.Count == 0)
                throw new NotFoundException("vectors of", $"{modelId} from {DateRange.Text(query.Dates.Start)} to {DateRange.Text(query.Dates.End)}", "build them first");
            datesOf.Add(own);
        }
        var common = new List<DateOnly>();
        var others = new List<UnjudgedDate>();
        foreach (var date in datesOf.SelectMany(own => own).Distinct().Order())
        {
            string[] missing = [.. query.ModelIds.Where((_, i) => !datesOf[i].Contains(date))];
            if (missing.Length == 0)
                common.Add(date);
            else
                others.Add(new UnjudgedDate(date, $"no vectors of {string.Join(" and ", missing)}"));
        }
        return common.Count > 0
            ? (common, others)
            : throw new NotFoundException("a date with vectors of", string.Join(" and ", query.ModelIds), "build them on the same dates first");
    }

    private async Task<Judged> JudgedAsync(string modelId, DateOnly asOf, SortedDictionary<string, int> leftOut, CancellationToken cancellationToken)
    {
        var key = KeyOf(modelId, asOf);
        var partition = await store.Vectors.ReadAsync(key, null, null, cancellationToken) ?? throw new NotFoundException("vectors of", key.ToString());
        var entity = EntityOf(modelId);
        var judged = entity == EntityKind.Portfolio
            ? await PortfoliosAsync(partition, cancellationToken)
            : await IssuersAsync(partition, entity, cancellationToken);
        Count(leftOut, judged.Reason, partition.Rows.Count - judged.Rows.Count);
        return judged;
    }

    /// <summary>Leaves those that all models have, in one order.</summary>
    private static Judged[] Common(List<Judged> judged, SortedDictionary<string, int> leftOut)
    {
        if (judged.Count == 1)
            return [.. judged];
        var ids = new SortedSet<string>(judged[0].Ids, StringComparer.Ordinal);
        foreach (var other in judged.Skip(1))
            ids.IntersectWith(other.Ids);
        foreach (var each in judged)
            Count(leftOut, "no vector of another model that is judged beside", each.Ids.Length - ids.Count);
        return [.. judged.Select(each => each.Only(ids))];
    }

    private static void Count(SortedDictionary<string, int> leftOut, string reason, int entities)
    {
        if (entities > 0)
            leftOut[reason] = leftOut.GetValueOrDefault(reason) + entities;
    }

    private async Task<Judged> IssuersAsync(VectorPartition partition, EntityKind entity, CancellationToken cancellationToken)
    {
        int[] calendar = await _forward.CalendarAsync(partition.Key.AsOf, cancellationToken);
        var universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
        var instruments = universe.Instruments.ToDictionary(i => i.InstrumentId, StringComparer.Ordinal);
        // An issuer counts once: by its first instrument that has a vector, or by the one that its joint vector was fused from.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Instrument?[] owners =
        [
            .. partition.Rows.Headers.Select(row => entity == EntityKind.Instrument
                ? instruments.GetValueOrDefault(row.EntityId) is { } i && seen.Add(i.IssuerId) ? i : null
                : instruments.GetValueOrDefault(row.InstrumentId) ?? universe.RepresentativeOf(row.EntityId)),
        ];
        double[][] returns = await _ofMarkets.OfInstrumentsAsync([.. owners.OfType<Instrument>()], calendar, cancellationToken);
        int next = 0;
        double[]?[] ofRow = [.. owners.Select(owner => owner is null ? null : returns[next++])];
        int[] kept = [.. Enumerable.Range(0, owners.Length).Where(i => ofRow[i] is { } r && Moves(r) && universe.Issuers.ContainsKey(owners[i]!.IssuerId))];
        return new Judged(
            Select(partition.Rows, kept, i => partition.Rows.Headers[i]),
            [.. kept.Select(i => owners[i]!.IssuerId)],
            [.. kept.Select(i => ofRow[i]!)],
            [.. kept.Select(i => universe.Issuers[owners[i]!.IssuerId])],
            $"no price on each day of the {ForwardReturns.HorizonDays} after the date on which its market trades");
    }

    private async Task<Judged> PortfoliosAsync(VectorPartition partition, CancellationToken cancellationToken)
    {
        int[] calendar = await _forward.CalendarAsync(partition.Key.AsOf, cancellationToken);
        var earned = await _returns.OfPortfoliosAsync(partition.Key.AsOf, calendar, cancellationToken);
        var headers = partition.Rows.Headers;
        int[] kept = [.. Enumerable.Range(0, headers.Count).Where(i => earned.TryGetValue(headers[i].EntityId, out double[]? r) && Moves(r))];
        return new Judged(
            Select(partition.Rows, kept, i => headers[i]), [.. kept.Select(i => headers[i].EntityId)], [.. kept.Select(i => earned[headers[i].EntityId])], null, "no positions on the date");
    }

    /// <summary>The figures of one date, by metric and then by model, each beside that of the first model.</summary>
    private IEnumerable<EvaluationFigure> Compared(DateOnly asOf, Judged[] judged, EvaluationQuery query, CancellationToken cancellationToken)
    {
        Measured[][] measured = [.. judged.Select(each => Measure(asOf, each, query, cancellationToken).ToArray())];
        string[] ids = judged[0].Ids;
        for (int metric = 0; metric < measured[0].Length; metric++)
        {
            var first = measured[0][metric];
            for (int model = 0; model < measured.Length; model++)
            {
                var own = measured[model][metric];
                (double difference, double error) = own.Of.Over(first.Of);
                yield return new EvaluationFigure(
                    query.ModelIds[model], asOf, own.Metric, own.Of.Value, own.Of.StandardError, own.Baseline, own.BaselineIs, own.MoreIsBetter, ids.Length, difference, error);
            }
        }
    }

    private sealed record Measured(string Metric, Estimate Of, double Baseline, EvaluationBaseline BaselineIs, bool MoreIsBetter)
    {
        /// <summary>A figure over neighbours that is held against that over all pairs.</summary>
        public static Measured Pairs(string metric, PairFigures.Figure figure, bool moreIsBetter = true) =>
            new(metric, figure.OfNeighbours, figure.OfAllPairs, EvaluationBaseline.RandomPair, moreIsBetter);
    }

    private List<Measured> Measure(DateOnly asOf, Judged judged, EvaluationQuery query, CancellationToken cancellationToken)
    {
        int count = judged.Rows.Count;
        if (count < Neighbours + 2)
            throw new BadInputException(nameof(EvaluationFigure.AsOf), DateRange.Text(asOf), $"a date on which at least {Neighbours + 2} entities can be judged; there are {count}: {judged.Reason}");
        int[][] near = Neighbourhoods.Of(judged.Rows, Neighbours, workers, cancellationToken);
        double[] volatility = [.. judged.Returns.Select(Volatility)];
        List<Measured> measured = [.. LabelMetrics(judged, query, new PairFigures(near)), .. ReturnMetrics(judged, volatility, new PairFigures(near))];
        if (judged.Issuers is { } issuers)
        {
            var sectorPeers = SectorPeers(issuers);
            measured.Add(Peers("return R² of peers", judged.Returns));
            measured.Add(Peers("volatility R² of peers", [.. volatility.Select(value => new[] { value })]));

            Measured Peers(string metric, double[][] series) =>
                new(metric, PeerPrediction.Of(series, near), PeerPrediction.Of(series, sectorPeers).Value, EvaluationBaseline.SectorMean, true);
        }
        return measured;
    }

    /// <summary>Do neighbours share labels?</summary>
    private static IEnumerable<Measured> LabelMetrics(Judged judged, EvaluationQuery query, PairFigures pairs)
    {
        if (judged.Issuers is { } issuers)
        {
            yield return Measured.Pairs($"sector precision@{Neighbours}", pairs.Precision([.. issuers.Select(issuer => issuer.Sector)]));
            yield return Measured.Pairs($"industry precision@{Neighbours}", pairs.Precision([.. issuers.Select(issuer => issuer.Industry)]));
        }
        if (query.Labels is { } labels)
        {
            string[] own = [.. judged.Rows.Headers.Select(row => labels.GetValueOrDefault(row.EntityId)
                ?? throw new BadInputException(nameof(query.Labels), row.EntityId, "a label for every entity that is judged"))];
            yield return Measured.Pairs($"{query.LabelName} precision@{Neighbours}", pairs.Precision(own));
        }
    }

    /// <summary>Do the days after the date treat neighbours alike?</summary>
    private static IEnumerable<Measured> ReturnMetrics(Judged judged, double[] volatility, PairFigures pairs)
    {
        yield return Measured.Pairs("next-63d return correlation", pairs.Correlation([.. judged.Returns.Select(Standardised)]));
        yield return Measured.Pairs("next-63d volatility gap", pairs.Gap(volatility), moreIsBetter: false);
    }

    private static EvaluationFigure[] Means(List<EvaluationFigure> figures) => figures
        .GroupBy(figure => (figure.Metric, figure.ModelId))
        .Select(group => group.First() with
        {
            AsOf = null,
            Value = group.Average(f => f.Value),
            StandardError = ErrorOfMean(group.Select(f => f.StandardError)),
            Baseline = group.Average(f => f.Baseline),
            Entities = group.Sum(f => f.Entities),
            Difference = group.Average(f => f.Difference),
            DifferenceError = ErrorOfMean(group.Select(f => f.DifferenceError)),
        })
        .ToArray();

    /// <summary>Dates are taken as independent, as entities are.</summary>
    private static double ErrorOfMean(IEnumerable<double> errors)
    {
        double[] all = [.. errors];
        return Math.Sqrt(all.Sum(error => error * error)) / all.Length;
    }

    private static IReadOnlyList<int>[] SectorPeers(Issuer[] issuers)
    {
        var members = Enumerable.Range(0, issuers.Length).ToLookup(i => issuers[i].Sector, StringComparer.Ordinal);
        return [.. issuers.Select((issuer, i) => members[issuer.Sector].Where(j => j != i).ToArray())];
    }

    private static bool Moves(double[] returns) => Array.TrueForAll(returns, double.IsFinite) && Array.Exists(returns, r => r != returns[0]);

    private static double Volatility(double[] returns)
    {
        double mean = returns.Average();
        return Math.Sqrt(TradingDaysPerYear * returns.Sum(r => (r - mean) * (r - mean)) / (returns.Length - 1));
    }

    /// <summary>Sum 0 and squared sum 1, so that the product of two rows is their correlation.</summary>
    private static double[] Standardised(double[] returns)
    {
        double mean = returns.Average(), norm = Math.Sqrt(returns.Sum(r => (r - mean) * (r - mean)));
        return [.. returns.Select(r => (r - mean) / norm)];
    }

    private static VectorBatch Select(VectorBatch rows, int[] kept, Func<int, RowHeader> header)
    {
        float[] values = new float[kept.Length * rows.Dimension];
        for (int i = 0; i < kept.Length; i++)
            rows.Row(kept[i]).Span.CopyTo(values.AsSpan(i * rows.Dimension));
        return new VectorBatch([.. kept.Select(header)], values, rows.Dimension);
    }
}
