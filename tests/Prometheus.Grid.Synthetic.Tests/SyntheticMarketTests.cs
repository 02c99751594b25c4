using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Prometheus.Grid.Synthetic.Tests;

public sealed class SyntheticMarketTests
{
    private static readonly SyntheticMarketOptions Small = new() { Issuers = 150, Portfolios = 20 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Equal_options_write_equal_bytes()
    {
        using TemporaryFolder first = new(), second = new();
        Assert.True(await SyntheticMarket.WriteAsync(first.Path, Small, null, Token));
        Assert.True(await SyntheticMarket.WriteAsync(second.Path, Small, null, Token));
        string[] names = Names(first.Path);
        Assert.Equal(9, names.Length);
        Assert.Equal(names, Names(second.Path));
        foreach (string name in names)
            Assert.True(Bytes(first, name).SequenceEqual(Bytes(second, name)), name);
    }

    [Fact]
    public async Task Another_seed_writes_other_prices()
    {
        using TemporaryFolder first = new(), second = new();
        await SyntheticMarket.WriteAsync(first.Path, Small, null, Token);
        await SyntheticMarket.WriteAsync(second.Path, Small with { Seed = 8 }, null, Token);
        Assert.False(Bytes(first, "prices_daily.csv").SequenceEqual(Bytes(second, "prices_daily.csv")));
    }

    [Fact]
    public async Task The_same_market_is_not_written_twice()
    {
        using TemporaryFolder folder = new();
        await SyntheticMarket.WriteAsync(folder.Path, Small, null, Token);
        string prices = Path.Combine(folder.Path, "prices_daily.csv");
        File.SetLastWriteTimeUtc(prices, DateTime.UnixEpoch);
        Assert.False(await SyntheticMarket.WriteAsync(folder.Path, Small, null, Token));
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(prices));
    }

    [Fact]
    public async Task A_market_that_lacks_a_table_is_written_again()
    {
        using TemporaryFolder folder = new();
        await SyntheticMarket.WriteAsync(folder.Path, Small, null, Token);
        byte[] before = Bytes(folder, "profiles.csv");
        File.Delete(Path.Combine(folder.Path, "profiles.csv"));
        Assert.True(await SyntheticMarket.WriteAsync(folder.Path, Small, null, Token));
        Assert.True(before.SequenceEqual(Bytes(folder, "profiles.csv")));
    }

    [Theory]
    [InlineData("issuers.csv")]
    [InlineData("prices_daily.csv.gz")]
    public async Task Data_of_the_users_own_is_left_alone(string name)
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, name), "mine", Token);
        var error = await Assert.ThrowsAsync<SyntheticMarketException>(() => SyntheticMarket.WriteAsync(folder.Path, Small, null, Token));
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Equal([name], Names(folder.Path));
    }

    [Fact]
    public async Task Another_synthetic_market_is_left_alone()
    {
        using TemporaryFolder folder = new();
        await SyntheticMarket.WriteAsync(folder.Path, Small, null, Token);
        var error = await Assert.ThrowsAsync<SyntheticMarketException>(() => SyntheticMarket.WriteAsync(folder.Path, Small with { Seed = 8 }, null, Token));
        Assert.Contains("seed 7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_write_leaves_no_table()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource source = new();
        var stopHalfway = new Callback(_ => source.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SyntheticMarket.WriteAsync(folder.Path, Small, stopHalfway, source.Token));
        Assert.Equal(["synthetic-market.txt"], Names(folder.Path));
        Assert.True(await SyntheticMarket.WriteAsync(folder.Path, Small, null, Token));
    }

    [Fact]
    public void A_size_out_of_range_is_named()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new SyntheticMarketOptions { Issuers = 0 }.Check());
        Assert.Equal("Issuers", error.ParamName);
    }

    [Fact]
    public async Task Every_price_row_is_possible()
    {
        using TemporaryFolder folder = new();
        await SyntheticMarket.WriteAsync(folder.Path, Small, null, Token);
        var previous = ("", "");
        int rows = 0;
        foreach (string? line in File.ReadLines(Path.Combine(folder.Path, "prices_daily.csv")).Skip(1))
        {
            string[] cells = line.Split(',');
            Assert.Equal(9, cells.Length);
            double open = Number(cells[2]), high = Number(cells[3]), low = Number(cells[4]), close = Number(cells[5]);
            Assert.True(low > 0 && low <= Math.Min(open, close) && high >= Math.Max(open, close), line);
            Assert.True(Number(cells[6]) > 0 && long.Parse(cells[7], CultureInfo.InvariantCulture) > 0, line);
            var key = (cells[0], cells[1]);
            Assert.True(StringComparer.Ordinal.Compare(previous.Item1, key.Item1) is var order && (order < 0 || (order == 0
                && StringComparer.Ordinal.Compare(previous.Item2, key.Item2) < 0)), line);
            previous = key;
            rows++;
        }
        Assert.InRange(rows, 150 * 450, 150 * 660);
    }

    [Fact]
    public async Task Risk_reports_carry_the_same_numbers_for_every_portfolio()
    {
        using TemporaryFolder folder = new();
        await SyntheticMarket.WriteAsync(folder.Path, Small, null, Token);
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(folder.Path, "portfolio_risk_reports.csv"), Token);
        Assert.Equal((20 * 3) + 1, lines.Length);
        foreach (string? line in lines.Skip(1))
        {
            int start = line.IndexOf("\"{", StringComparison.Ordinal) + 1;
            string metrics = line[start..line.IndexOf("}\"", StringComparison.Ordinal)].Replace("\"\"", "\"", StringComparison.Ordinal) + "}";
            var values = JsonDocument.Parse(metrics).RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
            Assert.Equal(23, values.Count);
            Assert.InRange(values["vol_252d"], 0.005, 1);
            Assert.InRange(values["corr_mkt_252d"], -1, 1);
            Assert.InRange(values["avg_pairwise_corr_63d"], -0.2, 1);
            Assert.Equal(1 / values["hhi"], values["effective_n"], values["effective_n"] * 0.01);
        }
    }

    private static string[] Names(string folder) => [.. Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private static byte[] Bytes(TemporaryFolder folder, string name) => File.ReadAllBytes(Path.Combine(folder.Path, name));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed class Callback(Action<double> action) : IProgress<double>
    {
        public void Report(double value) => action(value);
    }
}
