using System.Globalization;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Tables.Tests;
using TableSamples = Prometheus.Grid.Tables.Tests.Samples;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>
/// Spoils sound tables at random, from fixed seeds, and imports them: each outcome is all the rows that a reference reader finds, or an error that
/// names file and line. GRID_FUZZ_TRIALS makes it longer.
/// </summary>
public sealed class ImportFuzzTests(ServerFixture server)
{
    private static readonly (string Table, string Text)[] s_ways =
    [
        ("prices_daily", TableSamples.Prices), ("markets", TableSamples.Markets), ("issuers", TableSamples.Issuers), ("instruments", TableSamples.Instruments),
        ("profiles", TableSamples.Profiles), ("portfolio_risk_reports", TableSamples.Reports), ("portfolio_positions", TableSamples.Positions),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_spoiled_table_is_loaded_whole_or_refused_by_name()
    {
        int trials = int.Parse(Environment.GetEnvironmentVariable("GRID_FUZZ_TRIALS") ?? "400", CultureInfo.InvariantCulture);
        (var store, _) = await server.OpenAsync();
        await using var _store = store;
        string folder = Directory.CreateTempSubdirectory("grid-import-fuzz-").FullName;
        int loaded = 0;
        try
        {
            for (int trial = 0; trial < trials; trial++)
            {
                (string table, string sound) = s_ways[trial % s_ways.Length];
                byte[] text = Spoiler.Spoil(new Random(trial), TableSamples.Utf8(sound));
                string path = Path.Combine(folder, table + ".csv");
                await File.WriteAllBytesAsync(path, text, Token);
                try
                {
                    var import = Assert.Single(await store.ImportTablesAsync(folder, Token));
                    int? expected = ReferenceCsv.Parse(text)?.Count - 1;
                    Assert.True(import.Rows == expected, $"trial {trial}: {import.Rows} rows of {expected} in {table}");
                    loaded++;
                }
                catch (BadInputException error)
                {
                    Assert.Contains(table + ".csv", error.Message, StringComparison.Ordinal);
                    Assert.Contains(" line ", error.Message, StringComparison.Ordinal);
                }
                File.Delete(path);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        Assert.InRange(loaded, trials / 50, trials - (trials / 50));
    }
}
