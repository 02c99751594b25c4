using System.IO.Compression;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Tables;
using Prometheus.Grid.Storage.Folder.Prices;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

public sealed class PriceTableTests
{
    private const string Header = "instrument_id,trade_date,open,high,low,close,adjusted_close,volume,currency\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("A,2024-01-02,1,2,0.5,1.5,1.4,100,USD\n")]
    [InlineData("A,2024-01-02,1,2,0.5,1.5,1.4,100,USD")]
    [InlineData("A,2024-01-02,1,2,0.5,1.5,1.4,100,USD\r\n\r\n")]
    [InlineData("\"A\",\"2024-01-02\",\"1\",2,0.5,1.5,\"1.4\",100,\"US,\"\"D\n\"\r\n")]
    public async Task Line_ends_and_quotes_are_those_of_CSV(string row)
    {
        using var folder = new TestFolder().With("prices_daily.csv", Header + row);
        var prices = Assert.Single(await ReadAsync(folder, "A"));
        Assert.Equal(
            (1, 1.0, 2.0, 0.5, 1.5, 1.4, 100.0),
            (prices.Count, prices.Open.Span[0], prices.High.Span[0], prices.Low.Span[0], prices.Close.Span[0], prices.AdjustedClose.Span[0], prices.Volume.Span[0]));
    }

    [Fact]
    public async Task Columns_stand_in_any_order_and_further_ones_are_ignored()
    {
        using var folder = new TestFolder().With(
            "prices_daily.csv", "\uFEFFmetadata,volume,close,trade_date,instrument_id\n\"{\"\"a\"\": \"\"b,\nc\"\"}\",5,2.5,2024-01-02,A\n,6,3.5,2024-01-03,A\n");
        var prices = Assert.Single(await ReadAsync(folder, "A"));
        Assert.Equal([2.5, 3.5], prices.Close.ToArray());
        Assert.All(prices.AdjustedClose.ToArray(), close => Assert.Equal(double.NaN, close));
        Assert.Equal([2.5, 3.5], prices.ReturnCloses.ToArray());
        Assert.Equal([5.0, 6.0], prices.Volume.ToArray());
        Assert.True(double.IsNaN(prices.Open.Span[0]));
    }

    [Theory]
    [InlineData("A,2024-13-02,,,,1,,1,USD", "trade_date", "2024-13-02")]
    [InlineData("A,2024-01-02,,,,,,1,USD", "close", "''")]
    [InlineData("A,2024-01-02,,,,nan,,1,USD", "close", "nan")]
    [InlineData("A,2024-01-02,,,,1e999,,1,USD", "close", "1e999")]
    [InlineData("A,2024-01-02,0,,,1,,1,USD", "open", "'0'")]
    [InlineData("A,2024-01-02,,-1,,1,,1,USD", "high", "-1")]
    [InlineData("A,2024-01-02,,,x,1,,1,USD", "low", "'x'")]
    [InlineData("A,2024-01-02,,,,1,-0,1,USD", "adjusted_close", "-0")]
    [InlineData("A,2024-01-02,,,,1,,,USD", "volume", "''")]
    [InlineData("A,2024-01-02,,,,1,,-5,USD", "volume", "-5")]
    [InlineData(",2024-01-02,,,,1,,1,USD", "instrument_id", "''")]
    [InlineData("A,2024-01-02,,,,1,,1", "row", "8 fields")]
    [InlineData("A,2024-01-02,,,,1,,1,USD,x", "row", "10 fields")]
    [InlineData("A,2024-01-02,,,,1,,1,\"US\"D", "row", "US")]
    [InlineData("B,2024-01-01,,,,1,,1,USD", "instrument_id, trade_date", "B, 2024-01-01")]
    public async Task A_bad_row_is_refused_with_file_line_column_and_value(string row, string column, string value)
    {
        using var folder = new TestFolder().With("prices_daily.csv", Header + "B,2024-01-01,,,,1,,1,USD\nB,2024-01-02,,,,1,,1,USD\n" + row + "\n");
        var error = await Assert.ThrowsAsync<BadInputException>(() => ReadAsync(folder, "A"));
        Assert.Contains($"prices_daily.csv line 4, {column}", error.Message, StringComparison.Ordinal);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
        Assert.Contains("allowed: ", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.File(".cache"), "prices*"));
    }

    [Theory]
    [InlineData("", "instrument_id")]
    [InlineData("instrument_id,trade_date,close\n", "volume")]
    [InlineData("instrument_id,trade_date,close,volume,close\n", "close")]
    public async Task A_header_without_the_required_columns_is_refused(string text, string column)
    {
        using var folder = new TestFolder().With("prices_daily.csv", text);
        var error = await Assert.ThrowsAsync<BadInputException>(() => ReadAsync(folder, "A"));
        Assert.Contains("line 1, header", error.Message, StringComparison.Ordinal);
        Assert.Contains(column, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_table_is_named()
    {
        using var folder = new TestFolder();
        Assert.Contains("prices_daily.csv", (await Assert.ThrowsAsync<BadInputException>(() => ReadAsync(folder, "A"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_bad_row_of_many_blocks_is_the_one_reported()
    {
        using var folder = new TestFolder();
        await WriteAsync(folder, Rows(60_000, seed: 1), bad: [30_000, 59_000, 100]);
        for (int run = 0; run < 3; run++)
        {
            var error = await Assert.ThrowsAsync<BadInputException>(() => ReadAsync(folder, "A"));
            Assert.Contains("prices_daily.csv line 102, close", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true, false, PriceSorter.DefaultRowsInMemory)]
    [InlineData(false, false, PriceSorter.DefaultRowsInMemory)]
    [InlineData(false, false, 7_000)]
    [InlineData(true, false, 7_000)]
    [InlineData(false, true, 7_000)]
    public async Task Rows_in_any_order_and_any_memory_give_the_same_cache(bool sorted, bool compressed, int rowsInMemory)
    {
        using var folder = new TestFolder();
        var rows = Rows(50_000, seed: 2);
        if (sorted)
            rows.Sort();
        await WriteAsync(folder, rows);
        if (compressed)
        {
            await using (GZipStream target = new(File.Create(folder.File("prices_daily.csv.gz")), CompressionLevel.Fastest))
                await target.WriteAsync(await File.ReadAllBytesAsync(folder.File("prices_daily.csv"), Token), Token);
            File.Delete(folder.File("prices_daily.csv"));
        }
        string path = folder.File("cache.bin");
        await new PriceCacheBuilder(new InputFile(folder.Path, "prices_daily"), path, mostRowsInMemory: rowsInMemory).BuildAsync(Token);
        using var cache = PriceCache.TryOpen(path)!;
        foreach (var expected in rows.GroupBy(row => row.Id))
        {
            var series = cache.Series(expected.Key);
            Assert.Equal(expected.OrderBy(row => row.Day).Select(row => (row.Day, row.Close)), series.Days.ToArray().Zip(series.Close.ToArray()));
        }
        Assert.Equal(rows.Select(row => row.Day).Distinct().Order(), cache.Dates.Select(date => date.DayNumber));
        Assert.Single(Directory.EnumerateFiles(folder.Path, "cache.bin*"));
    }

    [Fact]
    public async Task Series_are_aligned_views_of_the_file()
    {
        using var folder = new TestFolder().With("prices_daily.csv", Header + "A,2024-01-02,1,2,0.5,1.5,1.4,100,USD\nA,2024-01-03,1,2,0.5,2.5,1.4,100,USD\n");
        await using var store = await folder.OpenAsync();
        PriceSeries one = (await store.Inputs.PricesAsync(["A"], All, Token))[0], two = (await store.Inputs.PricesAsync(["A"], All, Token))[0];
        unsafe
        {
            using System.Buffers.MemoryHandle close = one.Close.Pin(), again = two.Close.Pin(), days = one.Days.Pin();
            Assert.Equal(0, (long)close.Pointer % 64);
            Assert.Equal(0, (long)days.Pointer % 64);
            Assert.True(close.Pointer == again.Pointer, "a second read copied the column");
        }
    }

    [Fact]
    public async Task The_cache_is_kept_until_its_source_changes()
    {
        using var folder = new TestFolder().With("prices_daily.csv", Header + "A,2024-01-02,,,,1.5,,1,USD\n");
        Assert.Equal(1.5, await CloseAsync(folder));
        string cache = folder.File(Path.Combine(".cache", "prices.v2.bin"));
        await using var built = File.OpenRead(cache);
        File.SetLastWriteTimeUtc(folder.File("prices_daily.csv"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await ReadAsync(folder, "A");
        byte[] content = new byte[built.Length];
        await built.ReadExactlyAsync(content, Token);
        // The header was written anew in its place, so this is still the file that was opened before.
        Assert.Equal(content, await File.ReadAllBytesAsync(cache, Token));

        // Another content of the same length and, as a restored copy may have, of the same time.
        folder.With("prices_daily.csv", Header + "A,2024-01-02,,,,2.5,,1,USD\n");
        Assert.Equal(2.5, await CloseAsync(folder));
    }

    [Fact]
    public async Task A_change_is_seen_by_an_open_store_and_earlier_series_stay_valid()
    {
        using var folder = new TestFolder().With("prices_daily.csv", Header + "A,2024-01-02,,,,1.5,,1,USD\n");
        await using var store = await folder.OpenAsync();
        var before = (await store.Inputs.PricesAsync(["A"], All, Token))[0];
        folder.With("prices_daily.csv", Header + "A,2024-01-02,,,,3.25,,1,USD\n");
        var after = (await store.Inputs.PricesAsync(["A"], All, Token))[0];
        Assert.Equal((1.5, 3.25), (before.Close.Span[0], after.Close.Span[0]));
    }

    [Fact]
    public async Task A_damaged_cache_is_built_anew()
    {
        using var folder = new TestFolder().With("prices_daily.csv", Header + "A,2024-01-02,,,,1.5,,1,USD\n");
        await ReadAsync(folder, "A");
        string path = folder.File(Path.Combine(".cache", "prices.v2.bin"));
        byte[] sound = await File.ReadAllBytesAsync(path, Token);
        foreach (int at in new[] { 3, 60, 100, sound.Length - 1, sound.Length - 20 })
        {
            byte[] damaged = [.. sound];
            damaged[at] ^= 4;
            await ReplaceAsync(path, damaged);
            Assert.Equal(1.5, await CloseAsync(folder));
        }
        await ReplaceAsync(path, sound[..^1]);
        Assert.Equal(1.5, await CloseAsync(folder));

        byte[] wrong = [.. sound];
        wrong[PriceCacheHeader.DataOffset + 70] ^= 4;
        await ReplaceAsync(path, wrong);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => ReadAsync(folder, "A"));
        Assert.True(error.CanRetry);
        Assert.Equal(1.5, await CloseAsync(folder));
    }

    [Fact]
    public async Task Stores_that_build_at_once_do_not_disturb_each_other()
    {
        using var folder = new TestFolder();
        await WriteAsync(folder, Rows(20_000, seed: 3));
        var read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReadAsync(folder, "I3")));
        Assert.All(read, prices => Assert.Equal(read[0][0].Close.ToArray(), prices[0].Close.ToArray()));
        Assert.Equal("prices.v2.bin", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(folder.File(".cache"), "prices*"))));
    }

    [Fact]
    public async Task A_cut_off_archive_is_refused()
    {
        using var folder = new TestFolder();
        await WriteAsync(folder, Rows(5_000, seed: 4));
        using var bytes = new MemoryStream();
        await using (var target = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
            await target.WriteAsync(await File.ReadAllBytesAsync(folder.File("prices_daily.csv"), Token), Token);
        File.Delete(folder.File("prices_daily.csv"));
        foreach (byte[] broken in new[] { bytes.ToArray()[..^100], bytes.ToArray()[..^4], [1, 2, 3, .. bytes.ToArray()] })
        {
            await File.WriteAllBytesAsync(folder.File("prices_daily.csv.gz"), broken, Token);
            Assert.Contains("prices_daily.csv.gz", (await Assert.ThrowsAsync<BadInputException>(() => ReadAsync(folder, "A"))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Plain_and_compressed_at_once_are_refused()
    {
        using var folder = new TestFolder().With("prices_daily.csv", Header).With("prices_daily.csv.gz", "");
        Assert.Contains("one of the two", (await Assert.ThrowsAsync<BadInputException>(() => ReadAsync(folder, "A"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_but_bad_input_comes_of_mutated_text()
    {
        var random = new Random(11);
        byte[] sound = Encoding.UTF8.GetBytes(Header + "A,2024-01-02,1,2,0.5,1.5,1.4,100,USD\n\"B\",2024-01-03,1,2,0.5,1.5,1.4,100,\"U\"\"S\"\n");
        (string[] names, var fields, _, _) = PriceColumns.Parse(Encoding.UTF8.GetBytes(Header), "x");
        byte[] interesting = [.. "\",\n\r.-0eE\0"u8, 0xFF, 0x80];
        for (int trial = 0; trial < 100_000; trial++)
        {
            byte[] text = sound[Header.Length..];
            for (int edit = random.Next(1, 6); edit > 0; edit--)
                text[random.Next(text.Length)] = interesting[random.Next(interesting.Length)];
            try
            {
                using var block = PriceBlock.Parse(text, names, fields);
                Assert.InRange(block.Count, 0, block.Lines + 1);
            }
            catch (BadRowException bad)
            {
                Assert.InRange(bad.Line, 0, text.Count(value => value == (byte)'\n'));
            }
        }
    }

    private static DateRange All => new(DateOnly.MinValue, DateOnly.MaxValue);

    private static async Task<IReadOnlyList<PriceSeries>> ReadAsync(TestFolder folder, string instrument)
    {
        await using var store = await folder.OpenAsync();
        var prices = await store.Inputs.PricesAsync([instrument], All, Token);
        // The views end with the store.
        return [.. prices.Select(series => series with
        {
            Days = series.Days.ToArray(), Open = series.Open.ToArray(), High = series.High.ToArray(), Low = series.Low.ToArray(),
            Close = series.Close.ToArray(), AdjustedClose = series.AdjustedClose.ToArray(), Volume = series.Volume.ToArray(),
        })];
    }

    private static async Task<double> CloseAsync(TestFolder folder) => Assert.Single((await ReadAsync(folder, "A"))[0].Close.ToArray());

    // Distinct keys in random order.
    private static List<(string Id, int Day, double Close)> Rows(int count, int seed)
    {
        var random = new Random(seed);
        var keys = new HashSet<(int, int)>();
        while (keys.Count < count)
            keys.Add((random.Next(40), 738_000 + random.Next(4_000)));
        return [.. keys.Select(key => ($"I{key.Item1}", key.Item2, Math.Round(random.NextDouble() * 100 + 1, 6)))];
    }

    private static Task WriteAsync(TestFolder folder, List<(string Id, int Day, double Close)> rows, params int[] bad)
    {
        var text = new StringBuilder(Header);
        for (int i = 0; i < rows.Count; i++)
        {
            (string id, int day, double close) = rows[i];
            text.Append(null, $"{id},{DateRange.Text(DateOnly.FromDayNumber(day))},,,,{(bad.Contains(i) ? -1 : close)},,5,USD\n");
        }
        return File.WriteAllTextAsync(folder.File("prices_daily.csv"), text.ToString(), Token);
    }

    // As another process would: readers keep what they have mapped.
    private static async Task ReplaceAsync(string path, byte[] bytes)
    {
        await File.WriteAllBytesAsync(path + ".new", bytes, Token);
        File.Move(path + ".new", path, overwrite: true);
    }
}
