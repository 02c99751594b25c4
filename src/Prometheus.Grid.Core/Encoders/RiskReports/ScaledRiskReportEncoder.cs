using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Core.Encoders.RiskReports;

/// <summary>
/// <c>num-portfolio-core-v2</c>: each key of the report at its own place, in robust standard deviations from the median portfolio, cut at
/// ± <paramref name="clip"/>. A value that a report lacks is 0, the median.
/// </summary>
/// <param name="scaler">Places and scales.</param>
/// <param name="dimension">Length of the vectors.</param>
/// <param name="clip">Cuts scaled values; chosen on real data (docs/models.md).</param>
internal sealed class ScaledRiskReportEncoder(RiskScaler scaler, int dimension, double clip) : IVectorEncoder<RiskReport>
{
    public int Dimension => dimension;

    public bool IsFitted => true;

    public SkipReason? Encode(RiskReport input, Span<float> vector)
    {
        vector.Clear();
        int known = 0;
        for (int place = 0; place < scaler.Keys.Count; place++)
        {
            var key = scaler.Keys[place];
            if (RiskScaler.ValueOf(input, key.Section, key.Key) is not { } value)
                continue;
            known += RiskScaler.Map(input, key.Section).ContainsKey(key.Key) ? 1 : 0;
            double scaled = Math.Clamp((value - key.Centre) / key.Scale, -clip, clip);
            vector[place] = (float)(Math.Sqrt(Share(key.Section)) * scaled);
        }
        return known == 0 ? new SkipReason("no numbers in report") : null;
    }

    // Sectors are many and overlap with nothing but themselves, factors are few: equal votes a key would let the sectors speak twice
    // (style precision 0.931 with equal shares, 0.937 with these).
    private static double Share(RiskSection section) => section switch
    {
        RiskSection.Sectors => 0.5,
        RiskSection.Factors => 2,
        _ => 1,
    };
}
