using System.Globalization;
using System.Text;

namespace Prometheus.Grid.Synthetic;

/// <summary>
/// A made-up stock market that looks like one: shares that move with the market, their region, sector, industry and style; late
/// listings, halts, splits and dividends; business texts in the words of the industry; funds with a style and risk reports.
/// It is written as the CSV files of a data folder.
/// </summary>
public static class SyntheticMarket
{
    /// <summary>Names the market that a folder holds. It is written before the tables, so that half a market is told from a user's own data.</summary>
    private const string Label = "synthetic-market.txt";

    private static readonly string[] Tables =
    [
        "markets.csv", "issuers.csv", "instruments.csv", "prices_daily.csv", "profiles.csv", "portfolio_positions.csv",
        "portfolio_risk_reports.csv", "portfolio_labels.csv",
    ];

    /// <summary>Writes the market into a folder, which is created when missing.</summary>
    /// <param name="progress">Told the part that is done, 0 … 1.</param>
    /// <returns>False when the folder held this very market already and nothing was written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="SyntheticMarketException">The folder holds other data, which is left alone.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static async Task<bool> WriteAsync(
        string folder, SyntheticMarketOptions options, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Check();
        Directory.CreateDirectory(folder);
        if (await IsWrittenAsync(folder, options, cancellationToken))
            return false;

        await File.WriteAllTextAsync(Path.Combine(folder, Label), options + "\n", cancellationToken);
        var axis = TradingCalendar.Weekdays(options.FirstDate, options.LastDate);
        var companies = Enumerable.Range(0, options.Issuers).Select(i => Company.Draw(options, i, axis.Length))
            .OrderBy(c => c.IssuerId, StringComparer.Ordinal).ToArray();
        using var files = new PendingFiles(folder);
        await CompanyTables.WriteAsync(files, companies, cancellationToken);
        var drawn = await PriceTable.WriteAsync(files, options, companies, axis, progress, cancellationToken);
        await ProfileTable.WriteAsync(files, options, drawn, axis, cancellationToken);
        await PortfolioTables.WriteAsync(files, options, drawn, axis, cancellationToken);
        files.Commit();
        return true;
    }

    /// <summary>Formats a date as the tables do.</summary>
    internal static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Number of weekdays of the axis up to and including a date.</summary>
    internal static int CountUntil(DateOnly[] axis, DateOnly date)
    {
        int place = Array.BinarySearch(axis, date);
        return place >= 0 ? place + 1 : ~place;
    }

    private static async Task<bool> IsWrittenAsync(string folder, SyntheticMarketOptions options, CancellationToken cancellationToken)
    {
        string[] present = Tables.Where(t => File.Exists(Path.Combine(folder, t)) || File.Exists(Path.Combine(folder, t + ".gz"))).ToArray();
        string label = Path.Combine(folder, Label);
        if (!File.Exists(label))
            return present.Length == 0 ? false : throw new SyntheticMarketException(
                $"{folder} holds data of its own ({present[0]}); choose an empty folder for a synthetic market");
        string held = (await File.ReadAllTextAsync(label, Encoding.UTF8, cancellationToken)).Trim();
        if (held == options.ToString())
            return present.Length == Tables.Length;
        throw new SyntheticMarketException($"{folder} holds another {held}; choose another folder, or delete this one");
    }
}

/// <summary>A folder holds data that a synthetic market must not replace.</summary>
public sealed class SyntheticMarketException(string message) : Exception(message);
