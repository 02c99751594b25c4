using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Encoders;

/// <summary>
/// The seed's numeric window (v1): close, volume and log return of the last days, day by day, as float32, not normalised. Bit-exact with
/// the seed, its flaws included: the volume column is all of the norm.
/// </summary>
/// <param name="windowDays">Trading days in the window, at least 1.</param>
/// <param name="dimension">Cuts or zero-pads to this length; null keeps <paramref name="windowDays"/> × 3 values.</param>
public sealed class PriceWindowEncoder(int windowDays, int? dimension) : IPriceEncoder
{
    private const int FeaturesPerDay = 3;
    private const double RequiredShareOfWindow = 0.87;

    // Three calendar days for each trading day cover weekends, holidays and a long halt.
    private const int CalendarDaysPerTradingDay = 3;

    private readonly int _requiredRows = Math.Max(1, (int)Math.Floor(RequiredShareOfWindow * windowDays));

    /// <inheritdoc/>
    public int Dimension { get; } = dimension ?? windowDays * FeaturesPerDay;

    /// <inheritdoc/>
    public int LookbackCalendarDays => CalendarDaysPerTradingDay * windowDays;

    /// <inheritdoc/>
    public int MostDays => windowDays;

    /// <inheritdoc/>
    public SkipReason? Encode(PriceSeries input, Span<float> vector)
    {
        if (input.Count < _requiredRows)
            return new SkipReason("insufficient price rows", $"{input.Count} of the {_requiredRows} that a window of {windowDays} days needs");

        int days = Math.Min(input.Count, windowDays);
        var close = input.Close.Span[^days..];
        var volume = input.Volume.Span[^days..];
        vector.Clear();
        double previousClose = close[0];
        for (int day = 0; day < windowDays && day * FeaturesPerDay < vector.Length; day++)
        {
            // Days that are missing repeat the last one as float32, so the first repeated log return is a rounding error, not 0.
            double dayClose = day < days ? close[day] : (float)close[^1];
            double dayVolume = day < days ? volume[day] : (float)volume[^1];
            ReadOnlySpan<float> features = [(float)dayClose, (float)dayVolume, day == 0 ? 0f : (float)Math.Log(dayClose / previousClose)];
            var rest = vector[(day * FeaturesPerDay)..];
            features[..Math.Min(FeaturesPerDay, rest.Length)].CopyTo(rest);
            previousClose = dayClose;
        }
        return null;
    }
}
