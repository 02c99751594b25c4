using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Evaluation;

/// <summary>
/// Judges a model by the ten nearest neighbours of every entity: do they share labels that no model has seen, and do the next 63 trading
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

    /// <summary>Judges a model on its dates.</summary>
    /// <exception cref="NotFoundException">The model has no vectors then.</exception>
    /// <exception cref="BadInputException">Prices do not reach far enough, or fewer than twelve entities can be judged.</exception>
    public async Task<EvaluationReport> EvaluateAsync(EvaluationQuery query, CancellationToken cancellationToken)
    {
        SpaceManifest? space = catalog.Spaces.FirstOrDefault(space => space.ModelId == query.ModelId);
        var kind = space is null ? catalog.Model(query.ModelId).Kind : BranchKind.Joint;
        var entity = space?.Entity ?? catalog.Model(query.ModelId).Entity;
        var keys = await store.Vectors.ListAsync(kind, query.ModelId, cancellationToken);
        PartitionKey[] chosen = [.. keys.Where(key => query.Dates.Contains(key.AsOf)).OrderBy(key => key.AsOf)];
        if (chosen.Length == 0)
            throw new NotFoundException("vectors of", $"{query.ModelId} from {DateRange.Text(query.Dates.Start)} to {DateRange.Text(query.Dates.End)}", "build them first");

        var figures = new List<EvaluationFigure>();
        var leftOut = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var key in chosen)
        {
            var partition = await store.Vectors.ReadAsync(key, null, null, cancellationToken)
                ?? throw new NotFoundException("vectors of", key.ToString());
            var judged = entity == EntityKind.Portfolio
                ? await PortfoliosAsync(partition, cancellationToken)
                : await IssuersAsync(partition, entity, cancellationToken);
            if (partition.Rows.Count - judged.Rows.Count is var without and > 0)
                leftOut[judged.Reason] = leftOut.GetValueOrDefault(judged.Reason) + without;
            figures.AddRange(Figures(key.AsOf, judged, query, cancellationToken));
        }
        if (chosen.Length > 1)
            figures.AddRange(Means(figures));
        return new EvaluationReport(query.ModelId, figures, [.. leftOut.OrderBy(reason => reason.Key, StringComparer.Ordinal).Select(r => (r.Key, r.Value))]);
    }

    /// <summary>The entities that can be judged.</summary>
    /// <param name="Rows">Their vectors.</param>
    /// <param name="Returns">For each row the returns of the horizon.</param>
    /// <param name="Issuers">For each row the issuer, or null when these are portfolios.</param>
    /// <param name="Reason">Why others were left out.</param>
    private sealed record Judged(VectorBatch Rows, double[][] Returns, Issuer[]? Issuers, string Reason);

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
        double[][] returns = await _forward.OfInstrumentsAsync([.. owners.OfType<Instrument>().Select(i => i.InstrumentId)], calendar, cancellationToken);
        int next = 0;
        double[]?[] ofRow = [.. owners.Select(owner => owner is null ? null : returns[next++])];
        int[] kept = [.. Enumerable.Range(0, owners.Length).Where(i => ofRow[i] is { } r && Moves(r) && universe.Issuers.ContainsKey(owners[i]!.IssuerId))];
        return new Judged(
            Select(partition.Rows, kept),
            [.. kept.Select(i => ofRow[i]!)],
            [.. kept.Select(i => universe.Issuers[owners[i]!.IssuerId])],
            $"no price on each of the {ForwardReturns.HorizonDays} days after the date");
    }

    private async Task<Judged> PortfoliosAsync(VectorPartition partition, CancellationToken cancellationToken)
    {
        int[] calendar = await _forward.CalendarAsync(partition.Key.AsOf, cancellationToken);
        var earned = await _forward.OfPortfoliosAsync(partition.Key.AsOf, calendar, cancellationToken);
        var headers = partition.Rows.Headers;
        int[] kept = [.. Enumerable.Range(0, headers.Count).Where(i => earned.TryGetValue(headers[i].EntityId, out double[]? r) && Moves(r))];
        return new Judged(Select(partition.Rows, kept), [.. kept.Select(i => earned[headers[i].EntityId])], null, "no positions on the date");
    }

    private List<EvaluationFigure> Figures(DateOnly asOf, Judged judged, EvaluationQuery query, CancellationToken cancellationToken)
    {
        int count = judged.Rows.Count;
        if (count < Neighbours + 2)
            throw new BadInputException(nameof(EvaluationFigure.AsOf), DateRange.Text(asOf), $"a date on which at least {Neighbours + 2} entities can be judged; there are {count}: {judged.Reason}");
        int[][] near = Neighbourhoods.Of(judged.Rows, Neighbours, workers, cancellationToken);
        double[] volatility = [.. judged.Returns.Select(Volatility)];
        PairMetric[] pairs = [.. LabelMetrics(judged, query, new PairFigures(near)), .. ReturnMetrics(judged, volatility, new PairFigures(near))];
        List<EvaluationFigure> figures =
        [
            .. pairs.Select(metric => new EvaluationFigure(
                asOf, metric.Name, metric.Figure.Value, metric.Figure.StandardError, metric.Figure.AllPairs, EvaluationBaseline.RandomPair, metric.MoreIsBetter, count)),
        ];
        if (judged.Issuers is { } issuers)
        {
            var sectorPeers = SectorPeers(issuers);
            figures.Add(Peers("return R² of peers", judged.Returns));
            figures.Add(Peers("volatility R² of peers", [.. volatility.Select(value => new[] { value })]));

            EvaluationFigure Peers(string metric, double[][] series)
            {
                var fit = PeerPrediction.Of(series, near);
                double bySector = PeerPrediction.Of(series, sectorPeers).RSquared;
                return new EvaluationFigure(asOf, metric, fit.RSquared, fit.StandardError, bySector, EvaluationBaseline.SectorMean, true, count);
            }
        }
        return figures;
    }

    /// <summary>A figure over neighbours that is held against that over all pairs.</summary>
    private sealed record PairMetric(string Name, PairFigures.Figure Figure, bool MoreIsBetter = true);

    /// <summary>Do neighbours share labels?</summary>
    private static IEnumerable<PairMetric> LabelMetrics(Judged judged, EvaluationQuery query, PairFigures pairs)
    {
        if (judged.Issuers is { } issuers)
        {
            yield return new PairMetric($"sector precision@{Neighbours}", pairs.Precision([.. issuers.Select(issuer => issuer.Sector)]));
            yield return new PairMetric($"industry precision@{Neighbours}", pairs.Precision([.. issuers.Select(issuer => issuer.Industry)]));
        }
        if (query.Labels is { } labels)
        {
            string[] own = [.. judged.Rows.Headers.Select(row => labels.GetValueOrDefault(row.EntityId)
                ?? throw new BadInputException(nameof(query.Labels), row.EntityId, "a label for every entity that is judged"))];
            yield return new PairMetric($"{query.LabelName} precision@{Neighbours}", pairs.Precision(own));
        }
    }

    /// <summary>Do the days after the date treat neighbours alike?</summary>
    private static IEnumerable<PairMetric> ReturnMetrics(Judged judged, double[] volatility, PairFigures pairs)
    {
        yield return new PairMetric("next-63d return correlation", pairs.Correlation([.. judged.Returns.Select(Standardised)]));
        yield return new PairMetric("next-63d volatility gap", pairs.Gap(volatility), MoreIsBetter: false);
    }

    private static EvaluationFigure[] Means(List<EvaluationFigure> figures) => figures
        .GroupBy(figure => figure.Metric, StringComparer.Ordinal)
        .Select(group => group.First() with
        {
            AsOf = null,
            Value = group.Average(f => f.Value),
            // Dates are taken as independent, as entities are.
            StandardError = Math.Sqrt(group.Sum(f => f.StandardError * f.StandardError)) / group.Count(),
            Baseline = group.Average(f => f.Baseline),
            Entities = group.Sum(f => f.Entities),
        })
        .ToArray();

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

    private static VectorBatch Select(VectorBatch rows, int[] kept)
    {
        float[] values = new float[kept.Length * rows.Dimension];
        for (int i = 0; i < kept.Length; i++)
            rows.Row(kept[i]).Span.CopyTo(values.AsSpan(i * rows.Dimension));
        return new VectorBatch([.. kept.Select(i => rows.Headers[i])], values, rows.Dimension);
    }
}
