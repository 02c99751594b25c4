using System.Globalization;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Conformance.Grids;

/// <summary>A backfill over a range of dates leaves byte for byte what its dates leave one by one, on either store, also after a price of the past was corrected.</summary>
public sealed class RangeOfDatesTests(SharedPostgres server) : IAsyncLifetime
{
    private static readonly DateOnly s_first = new(2023, 12, 11), s_last = new(2023, 12, 20);
    private static readonly ModelCatalog s_catalog = ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models"));

    private readonly string _market = Directory.CreateTempSubdirectory("grid-range-").FullName, _oneByOne = Directory.CreateTempSubdirectory("grid-range-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Cases => new(
        from model in (string[])["num-profile-core-v1", "num-regime-core-v2", "num-profile-core-v2"]
        from isPostgres in (bool[])[false, true]
        select (model, isPostgres));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_range_has_the_bytes_of_its_dates_one_by_one(string modelId, bool isPostgres)
    {
        // What the range is held to: each date a run of a process that knows of no other date.
        await BackfillOneByOneAsync(modelId);
        string? database = isPostgres ? await server.CreateDatabaseAsync(connection => PostgresStore.MigrateAsync(connection, isDryRun: false, Token)) : null;
        await BackfillAsync(await OpenRangeAsync(database), modelId, new DateRange(s_first, s_last), workers: 2);
        var before = await BytesAsync(await OpenRangeAsync(database), modelId);
        Assert.True(before.Count >= 8, $"{before.Count} dates");
        await AssertSameAsync(modelId, before);

        CorrectAPrice(_market);
        CorrectAPrice(_oneByOne);
        await BackfillOneByOneAsync(modelId);
        await BackfillAsync(await OpenRangeAsync(database), modelId, new DateRange(s_first, s_last), workers: 2);
        var after = await BytesAsync(await OpenRangeAsync(database), modelId);
        await AssertSameAsync(modelId, after);
        Assert.NotEqual(before[s_last], after[s_last]);
    }

    public async ValueTask InitializeAsync()
    {
        var market = new SyntheticMarketOptions { Issuers = 40, Portfolios = 0, FirstDate = new DateOnly(2023, 1, 2), LastDate = s_last, ReportDates = [s_last] };
        await SyntheticMarket.WriteAsync(_market, market, cancellationToken: Token);
        foreach (string table in Directory.GetFiles(_market))
            File.Copy(table, Path.Combine(_oneByOne, Path.GetFileName(table)));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_market, recursive: true);
        Directory.Delete(_oneByOne, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<IGridStore> OpenRangeAsync(string? database)
    {
        if (database is null)
            return await FolderStore.OpenAsync(_market, null, Token);
        var store = await PostgresStore.OpenAsync(database, s_catalog, null, Token);
        await store.ImportTablesAsync(_market, Token);
        return store;
    }

    private async Task BackfillOneByOneAsync(string modelId)
    {
        for (var day = s_first; day <= s_last; day = day.AddDays(1))
        {
            // A range has the days of trading only.
            if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
                await BackfillAsync(await FolderStore.OpenAsync(_oneByOne, null, Token), modelId, DateRange.On(day), workers: 1);
        }
    }

    private static async Task BackfillAsync(IGridStore store, string modelId, DateRange dates, int workers)
    {
        await using var grid = new EmbeddedGrid(store, s_catalog, EncoderRegistry.BuiltIn(workers), workers);
        await grid.BackfillAsync(new NumericBackfill { ModelId = modelId, Dates = dates }, null, Token);
    }

    private async Task AssertSameAsync(string modelId, SortedDictionary<DateOnly, byte[]> actual)
    {
        var expected = await BytesAsync(await FolderStore.OpenAsync(_oneByOne, null, Token), modelId);
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (day, bytes) in expected)
            Assert.True(bytes.AsSpan().SequenceEqual(actual[day]), $"{modelId} on {DateRange.Text(day)}");
    }

    /// <summary>Ids and vectors of every date.</summary>
    private static async Task<SortedDictionary<DateOnly, byte[]>> BytesAsync(IGridStore store, string modelId)
    {
        await using var owned = store;
        var bytes = new SortedDictionary<DateOnly, byte[]>();
        foreach (var key in await store.Vectors.ListAsync(BranchKind.Numeric, modelId, Token))
        {
            var rows = (await store.Vectors.ReadAsync(key, null, null, Token))!.Rows;
            using var date = new MemoryStream();
            using var writer = new BinaryWriter(date);
            for (int i = 0; i < rows.Count; i++)
            {
                writer.Write(rows.Headers[i].EntityId);
                foreach (float value in rows.Row(i).Span)
                    writer.Write(value);
            }
            bytes[key.AsOf] = date.ToArray();
        }
        return bytes;
    }

    /// <summary>The prices of one instrument on one day of autumn, a fifth higher.</summary>
    private static void CorrectAPrice(string folder)
    {
        string path = Path.Combine(folder, "prices_daily.csv");
        string[] lines = File.ReadAllLines(path), columns = lines[0].Split(',');
        int at = Array.FindIndex(lines, line => line.Contains(",2023-10-1", StringComparison.Ordinal));
        string[] cells = lines[at].Split(',');
        foreach (string column in (string[])["open", "high", "low", "close", "adjusted_close"])
        {
            int i = Array.IndexOf(columns, column);
            if (i >= 0 && cells[i].Length > 0)
                cells[i] = (double.Parse(cells[i], CultureInfo.InvariantCulture) * 1.2).ToString("F4", CultureInfo.InvariantCulture);
        }
        lines[at] = string.Join(',', cells);
        File.WriteAllLines(path, lines);
    }
}
