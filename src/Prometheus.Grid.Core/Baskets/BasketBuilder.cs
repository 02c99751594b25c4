using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Core.Baskets;

/// <summary>Weighs the neighbours of a search as a basket, and says how it moved with its target.</summary>
/// <param name="grid">The grid that answered the search.</param>
/// <param name="inputs">The user's tables.</param>
public sealed class BasketBuilder(IEmbeddingGrid grid, IGridInputs inputs)
{
    /// <summary>Trading days of the sample: a year.</summary>
    public const int SampleDays = 252;

    /// <summary>On fewer days than a month a correlation says nothing.</summary>
    public const int FewestDays = 21;

    // 252 trading days are 365 days but for holidays; half as many again hold them under any.
    private const int CalendarDays = 550;

    private readonly DailyReturns _returns = new(inputs);

    /// <summary>Weighs the neighbours.</summary>
    /// <param name="query">What was asked.</param>
    /// <param name="answer">What was answered.</param>
    /// <param name="weighting">How to weigh.</param>
    /// <param name="cancellationToken">Ends the reads early.</param>
    /// <exception cref="BadInputException">The search was over a history, found nothing, or nobody of positive cosine where weights are by similarity.</exception>
    public async Task<Basket> OfAsync(SimilarityQuery query, SimilarityAnswer answer, BasketWeighting weighting, CancellationToken cancellationToken)
    {
        if (query.Dates is not null)
            throw new BadInputException("Basket", weighting, "only for a search of one date: in a history an entity may be its own neighbour");
        double[] weights = WeightsOf(answer.Hits, weighting);
        if (query.Target is not SimilarityTarget.Entity { EntityId: { } target })
            return new Basket(weights, null, 0);

        var days = await inputs.DatesAsync(InputTable.Prices, new DateRange(query.AsOf.AddDays(-CalendarDays), query.AsOf), cancellationToken);
        int[] calendar = [.. days.TakeLast(SampleDays + 1).Select(day => day.DayNumber)];
        if (calendar.Length < 2)
            return new Basket(weights, null, 0);
        double[]?[] returns = grid.Catalog.Space(query.ModelId).Entity == EntityKind.Portfolio
            ? await OfPortfoliosAsync(query, answer, target, calendar, cancellationToken)
            : await OfIssuersAsync(query, answer, target, calendar, cancellationToken);
        return Correlated(weights, returns[0], returns[1..]);
    }

    private static double[] WeightsOf(IReadOnlyList<SimilarityHit> hits, BasketWeighting weighting)
    {
        if (hits.Count == 0)
            throw new BadInputException("Basket", weighting, "only where there are neighbours; the search found none");
        if (weighting == BasketWeighting.Equal)
            return [.. hits.Select(_ => 1.0 / hits.Count)];
        double sum = hits.Sum(hit => Math.Max(0, hit.Cosine));
        return sum > 0
            ? [.. hits.Select(hit => Math.Max(0, hit.Cosine) / sum)]
            : throw new BadInputException("Basket", weighting, "equal: no neighbour has a positive cosine");
    }

    private async Task<double[]?[]> OfIssuersAsync(SimilarityQuery query, SimilarityAnswer answer, string target, int[] calendar, CancellationToken cancellationToken)
    {
        var row = await grid.GetJointAsync(new JointQuery(target, query.AsOf, query.ModelId, AsKnown: query.AsKnown), cancellationToken);
        return await _returns.OfInstrumentsAsync([row.InstrumentId, .. answer.Hits.Select(hit => hit.InstrumentId)], calendar, cancellationToken);
    }

    private async Task<double[]?[]> OfPortfoliosAsync(SimilarityQuery query, SimilarityAnswer answer, string target, int[] calendar, CancellationToken cancellationToken)
    {
        var earned = await _returns.OfPortfoliosAsync(query.AsOf, calendar, cancellationToken);
        return [earned.GetValueOrDefault(target), .. answer.Hits.Select(hit => earned.GetValueOrDefault(hit.EntityId))];
    }

    /// <summary>A basket of constant weights; on a day on which a member has no return the others stand for it.</summary>
    private static Basket Correlated(double[] weights, double[]? target, double[]?[] members)
    {
        var pairs = new List<(double Target, double Basket)>();
        for (int t = 0; t < target?.Length; t++)
        {
            double earned = 0, weight = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                if (weights[i] > 0 && members[i] is { } own && double.IsFinite(own[t]))
                    (earned, weight) = (earned + (weights[i] * (Math.Exp(own[t]) - 1)), weight + weights[i]);
            }
            if (weight > 0 && double.IsFinite(target[t]))
                pairs.Add((Math.Exp(target[t]) - 1, earned / weight));
        }
        return new Basket(weights, pairs.Count < FewestDays ? null : Pearson.Correlation([.. pairs.Select(p => p.Target)], [.. pairs.Select(p => p.Basket)]), pairs.Count);
    }
}
