using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Numerics;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.State;

/// <summary>
/// Decides which instrument stands for an issuer in a space on a date. <see cref="InstrumentRule.SmallestId"/> is the seed's.
/// <see cref="InstrumentRule.MostTradedEquity"/> takes of the issuer's equities the one that has most of the space's vectors on the date; among
/// equals the one with the larger median of close × volume over the 63 trading days up to it; then an active one; then the smallest id. It looks
/// at nothing after the date, and the spelling of ids decides only between lines that trade exactly alike.
/// </summary>
/// <param name="inputs">The user's tables.</param>
public sealed class IssuerInstruments(IGridInputs inputs)
{
    private const int TradedDays = 63;

    // 63 trading days take about 92 calendar days; a month more covers halts.
    private const int CalendarDays = 122;

    /// <summary>The instruments of issuers.</summary>
    /// <param name="rule">The space's rule.</param>
    /// <param name="universe">The reference tables.</param>
    /// <param name="issuerIds">Whose; null for all.</param>
    /// <param name="asOf">The date.</param>
    /// <param name="vectors">How many vectors of the space an instrument has on the date.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>By issuer; issuers without an instrument are left out.</returns>
    public async Task<IReadOnlyDictionary<string, Instrument>> ChooseAsync(
        InstrumentRule rule, Universe universe, IReadOnlyCollection<string>? issuerIds, DateOnly asOf, Func<string, int> vectors, CancellationToken cancellationToken)
    {
        var wanted = issuerIds?.ToHashSet(StringComparer.Ordinal);
        var chosen = new Dictionary<string, Instrument>(StringComparer.Ordinal);
        var contested = new Dictionary<string, Instrument[]>(StringComparer.Ordinal);
        foreach (var issuer in universe.Instruments.Where(i => wanted?.Contains(i.IssuerId) != false).GroupBy(i => i.IssuerId, StringComparer.Ordinal))
        {
            Instrument[] equities = rule == InstrumentRule.SmallestId ? [] : [.. issuer.Where(i => i.WasListedEquity)];
            int most = equities.Length == 0 ? 0 : equities.Max(i => vectors(i.InstrumentId));
            Instrument[] best = [.. equities.Where(i => vectors(i.InstrumentId) == most)];
            chosen[issuer.Key] = best.Length == 0 ? issuer.First() : best[0];
            if (best.Length > 1)
                contested[issuer.Key] = best;
        }
        if (contested.Count == 0)
            return chosen;
        string[] ids = [.. contested.Values.SelectMany(lines => lines).Select(line => line.InstrumentId)];
        var window = new DateRange(asOf.AddDays(-Math.Min(CalendarDays, asOf.DayNumber)), asOf);
        var traded = (await inputs.PricesAsync(ids, window, cancellationToken)).ToDictionary(series => series.InstrumentId, TradedValue, StringComparer.Ordinal);
        foreach ((string issuerId, var lines) in contested)
        {
            chosen[issuerId] = lines
                .OrderByDescending(line => traded[line.InstrumentId])
                .ThenByDescending(line => line.IsActiveEquity)
                .ThenBy(line => line.InstrumentId, StringComparer.Ordinal)
                .First();
        }
        return chosen;
    }

    private static double TradedValue(PriceSeries series)
    {
        int days = Math.Min(TradedDays, series.Count);
        if (days == 0)
            return 0;
        double[] values = new double[days];
        for (int i = 0; i < days; i++)
            values[i] = series.Close.Span[^(days - i)] * series.Volume.Span[^(days - i)];
        return Median.Of(values);
    }
}
