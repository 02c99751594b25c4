using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fits;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Core.Encoders.RiskReports;

/// <summary>The three maps of a risk report.</summary>
internal enum RiskSection
{
    RiskMetrics,
    Sectors,
    Factors,
}

/// <summary>A key of the reports: where its value goes and how it is scaled.</summary>
/// <param name="Section">Its map.</param>
/// <param name="Key">Its name there.</param>
/// <param name="Centre">Subtracted from values: their median.</param>
/// <param name="Scale">Values are divided by it: their mean absolute deviation from the median, as a standard deviation.</param>
internal sealed record RiskKey(RiskSection Section, string Key, double Centre, double Scale);

/// <summary>
/// Gives every key of the risk reports one place for ever, with centre and scale fixed when it is first seen. Later dates add keys behind
/// the known ones, so vectors of all dates and of portfolios with different keys share their coordinates and units.
/// </summary>
internal sealed class RiskScaler
{
    // Mean absolute deviation of a normal variable times this is its standard deviation. Unlike the interquartile range it still sees the
    // few portfolios that make a key worth having (style precision 0.93 against 0.91), and unlike the standard deviation it is not ruled
    // by them.
    private const double NormalDeviationsPerMean = 1.2533;

    // With fewer reports the median is one of them and a deviation from it means little, so values are taken from zero.
    private const int FewestReportsForCentre = 10;

    private readonly Dictionary<(RiskSection, string), int> _places;

    private RiskScaler(DateOnly asOf, IReadOnlyList<RiskKey> keys)
    {
        AsOf = asOf;
        Keys = keys;
        _places = keys.Index().ToDictionary(pair => (pair.Item.Section, pair.Item.Key), pair => pair.Index);
    }

    /// <summary>The date whose reports added the last keys.</summary>
    public DateOnly AsOf { get; }

    /// <summary>Keys by place.</summary>
    public IReadOnlyList<RiskKey> Keys { get; }

    /// <summary>A scaler that knows nothing.</summary>
    public static RiskScaler Empty { get; } = new(DateOnly.MinValue, []);

    /// <summary>The place of a key, or -1.</summary>
    public int PlaceOf(RiskSection section, string key) => _places.GetValueOrDefault((section, key), -1);

    /// <summary>The map of a report that holds a section.</summary>
    public static IReadOnlyDictionary<string, double> Map(RiskReport report, RiskSection section) => section switch
    {
        RiskSection.RiskMetrics => report.RiskMetrics,
        RiskSection.Sectors => report.ExposuresBySector,
        _ => report.ExposuresByFactor,
    };

    /// <summary>The scaler with the keys that <paramref name="reports"/> add; the same one when they add none.</summary>
    /// <param name="reports">All reports of <paramref name="asOf"/>.</param>
    /// <param name="asOf">Their date.</param>
    /// <param name="mostKeys">Places there are.</param>
    /// <exception cref="BadInputException">The reports have more keys than there are places.</exception>
    public RiskScaler Extended(IReadOnlyList<RiskReport> reports, DateOnly asOf, int mostKeys)
    {
        var added = new List<RiskKey>();
        foreach (var section in Enum.GetValues<RiskSection>())
        {
            IEnumerable<string> unknown = reports
                .SelectMany(report => Map(report, section).Keys)
                .Distinct(StringComparer.Ordinal)
                .Where(key => PlaceOf(section, key) < 0)
                .Order(StringComparer.Ordinal);
            foreach (string key in unknown)
                added.Add(Fit(section, key, reports));
        }
        if (Keys.Count + added.Count > mostKeys)
            throw new BadInputException("portfolio_risk_reports keys", Keys.Count + added.Count, $"at most {mostKeys} different keys over all dates");
        return added.Count == 0 ? this : new RiskScaler(asOf, [.. Keys, .. added]);
    }

    /// <summary>The value of a key in a report. A sector that a report does not list is held at 0; another missing key has no value.</summary>
    public static double? ValueOf(RiskReport report, RiskSection section, string key) =>
        Map(report, section).TryGetValue(key, out double value) ? value : section == RiskSection.Sectors ? 0 : null;

    public byte[] ToBytes() => new FitFile(AsOf)
        .Add<int>("sections", [.. Keys.Select(key => (int)key.Section)])
        .Add("keys", Keys.Select(key => Uri.EscapeDataString(key.Key)))
        .Add<double>("centres", [.. Keys.Select(key => key.Centre)])
        .Add<double>("scales", [.. Keys.Select(key => key.Scale)])
        .ToBytes();

    public static RiskScaler Read(ReadOnlySpan<byte> content, string what)
    {
        var fit = FitFile.Read(content, what);
        int[] sections = fit.Get<int>("sections");
        string[] keys = fit.Lines("keys");
        double[] centres = fit.Get<double>("centres"), scales = fit.Get<double>("scales");
        return new RiskScaler(
            fit.AsOf,
            [.. sections.Select((section, i) => new RiskKey((RiskSection)section, Uri.UnescapeDataString(keys[i]), centres[i], scales[i]))]);
    }

    private static RiskKey Fit(RiskSection section, string key, IReadOnlyList<RiskReport> reports)
    {
        double[] values = [.. reports.Select(report => ValueOf(report, section, key)).OfType<double>()];
        double centre = values.Length < FewestReportsForCentre ? 0 : Median.Of(values);
        double scale = NormalDeviationsPerMean * values.Average(value => Math.Abs(value - centre));
        // A constant tells no portfolios apart today; should it move tomorrow, its own size is the only unit there is.
        double fallback = Math.Abs(centre) > 0 ? Math.Abs(centre) : 1;
        return new RiskKey(section, key, centre, scale > 1e-9 * fallback ? scale : fallback);
    }
}
