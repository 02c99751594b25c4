using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Core.Encoders.RiskReports;

/// <summary>
/// <c>num-holdings-core-v2</c>: what a portfolio holds, as the sum of the joint vectors of its issuers times their signed weights. Two
/// portfolios are close when they hold issuers that move alike, behave alike and do alike, whether or not they share a single name.
/// </summary>
/// <param name="vectors">By portfolio the sum, or why there is none.</param>
/// <param name="dimension">Length of the vectors.</param>
/// <param name="version">Of positions and issuer vectors.</param>
internal sealed class HoldingsEncoder(
    IReadOnlyDictionary<string, (float[] Sum, SkipReason? Reason)> vectors, int dimension, string version) : IVectorEncoder<RiskReport>
{
    public int Dimension => dimension;

    public string Version => version;

    public bool IsFitted => true;

    public SkipReason? Encode(RiskReport input, Span<float> vector)
    {
        if (!vectors.TryGetValue(input.PortfolioId, out var found))
            return new SkipReason("no positions");
        found.Sum.CopyTo(vector);
        return found.Reason;
    }
}
