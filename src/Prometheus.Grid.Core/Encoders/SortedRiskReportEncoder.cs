using System.Text;
using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Core.Encoders;

/// <summary>
/// The seed's portfolio vector (v1): the numbers of risk metrics, then of sector, then of factor exposures, each in the order of their
/// keys, as float32, cut or zero-padded. Reports with other keys put other meanings at a coordinate; v2 mends that.
/// </summary>
/// <param name="dimension">Length of the vectors.</param>
public sealed class SortedRiskReportEncoder(int dimension) : IVectorEncoder<RiskReport>
{
    /// <inheritdoc/>
    public int Dimension { get; } = dimension;

    /// <inheritdoc/>
    public SkipReason? Encode(RiskReport input, Span<float> vector)
    {
        vector.Clear();
        int next = 0;
        foreach (var section in (ReadOnlySpan<IReadOnlyDictionary<string, double>>)
            [input.RiskMetrics, input.ExposuresBySector, input.ExposuresByFactor])
        {
            foreach ((_, double value) in section.OrderBy(pair => pair.Key, CodePointOrder.Instance))
            {
                if (next < vector.Length)
                    vector[next] = (float)value;
                next++;
            }
        }
        return next == 0 ? new SkipReason("no numbers in report") : null;
    }

    /// <summary>Unicode code point order, as Python sorts; .NET's ordinal order compares UTF-16 units and differs above U+FFFF.</summary>
    private sealed class CodePointOrder : IComparer<string>
    {
        public static readonly CodePointOrder Instance = new();

        public int Compare(string? x, string? y)
        {
            // UTF-8 bytes sort as their code points do.
            return Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? ""));
        }
    }
}
