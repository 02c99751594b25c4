using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Encoders.RiskReports;

/// <summary>Makes <see cref="HoldingsEncoder"/> ready for a date from the positions of that date and the stored issuer vectors of that date.</summary>
internal static class HoldingsFactory
{
    // Below this share of gross exposure the vector would describe another portfolio.
    private const double LeastCoveredShare = 0.5;

    public static async Task<IVectorEncoder<RiskReport>> CreateAsync(EncoderContext context, CancellationToken cancellationToken)
    {
        int dimension = context.Model.Dimension
            ?? throw new BadInputException($"models/{context.Model.ModelId}.json dimension", "null", "the length of the issuer vectors that enter");
        var key = new PartitionKey(BranchKind.Joint, context.Model.TextParameter("issuer_model_id"), context.AsOf);
        var issuers = await context.Vectors.ReadAsync(key, null, null, cancellationToken);
        if (issuers is not null && issuers.Rows.Dimension < dimension)
            throw new BadInputException($"models/{context.Model.ModelId}.json dimension", dimension, $"at most {issuers.Rows.Dimension}, the length of {key.ModelId}");
        var universe = await context.Inputs.ReadUniverseAsync(cancellationToken);
        var positions = await context.Inputs.PositionsAsync(context.AsOf, portfolioIds: null, cancellationToken);

        var issuerOf = universe.Instruments.ToDictionary(i => i.InstrumentId, i => i.IssuerId, StringComparer.Ordinal);
        var sums = new Dictionary<string, (float[], SkipReason?)>(StringComparer.Ordinal);
        foreach (var portfolio in positions.GroupBy(position => position.PortfolioId, StringComparer.Ordinal))
            sums.Add(portfolio.Key, Sum(portfolio, issuers?.Rows, issuerOf, dimension));
        string version = $"{await context.Inputs.VersionAsync(InputTable.Positions, cancellationToken)};{issuers?.Version}";
        return new HoldingsEncoder(sums, dimension, version);
    }

    private static (float[] Sum, SkipReason? Reason) Sum(
        IEnumerable<Position> positions, VectorBatch? issuers, Dictionary<string, string> issuerOf, int dimension)
    {
        double[] sum = new double[dimension];
        double gross = 0, covered = 0;
        foreach (var position in positions)
        {
            gross += Math.Abs(position.Weight);
            int row = issuers is not null && issuerOf.TryGetValue(position.InstrumentId, out string? issuerId) ? issuers.IndexOf(issuerId) : -1;
            if (row < 0)
                continue;
            covered += Math.Abs(position.Weight);
            var vector = issuers!.Row(row).Span;
            for (int c = 0; c < dimension; c++)
                sum[c] += position.Weight * vector[c];
        }
        SkipReason? reason = covered > 0 && covered >= LeastCoveredShare * gross
            ? null
            : new SkipReason("holdings without vectors", FormattableString.Invariant($"{covered:0.00} of a gross exposure of {gross:0.00} have one"));
        return ([.. sum.Select(value => (float)value)], reason);
    }
}
