using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Prometheus.Grid.Cli.Commands;
using Prometheus.Grid.Cli.Exchange;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Inputs;
using Prometheus.Grid.Storage.Folder.Npy;
using Prometheus.Grid.Storage.Folder.Prices;

namespace Prometheus.Grid.Tables.Tests;

/// <summary>
/// Spoils sound files of every way in, at random from fixed seeds: each outcome is all the rows that a reference reader finds, or an error that
/// names the file and, where rows can be told apart, the line. GRID_FUZZ_TRIALS makes it longer (a million takes about an hour a core).
/// </summary>
public sealed class FuzzTests
{
    private const int DefaultTrials = 24_000;

    private static readonly (string Name, string Text)[] s_ways =
    [
        ("prices_daily.csv", Samples.Prices), ("markets.csv", Samples.Markets), ("issuers.csv", Samples.Issuers), ("instruments.csv", Samples.Instruments),
        ("profiles.csv", Samples.Profiles), ("portfolio_risk_reports.csv", Samples.Reports), ("portfolio_positions.csv", Samples.Positions),
        ("vectors.csv", Samples.Vectors), ("vectors.jsonl", Samples.VectorLines), ("ids.ids.csv", Samples.Vectors[..Samples.Vectors.IndexOf('\n')]), ("labels.csv", Samples.Labels), ("corpus.csv", Samples.Corpus), ("classes.csv", Samples.Classes), ("vectors.npy", ""),
    ];

    /// <summary>The tables of a folder, whose bad rows may be passed over.</summary>
    private const int Tables = 7;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_spoiled_file_is_read_whole_or_refused_by_name()
    {
        int trials = int.Parse(Environment.GetEnvironmentVariable("GRID_FUZZ_TRIALS") ?? $"{DefaultTrials}", CultureInfo.InvariantCulture);
        int workers = Environment.ProcessorCount;
        int[] read = new int[workers];
        await Parallel.ForAsync(0, workers, Token, async (worker, _) =>
        {
            using var folder = new TemporaryFolder();
            for (int trial = worker; trial < trials; trial += workers)
                read[worker] += await TryAsync(folder, trial) ? 1 : 0;
        });
        // Neither outcome may be the only one, or the test would show nothing.
        Assert.InRange(read.Sum(), trials / 50, trials - (trials / 50));
    }

    private static async Task<bool> TryAsync(TemporaryFolder folder, int trial)
    {
        var random = new Random(trial);
        (string name, string sound) = s_ways[trial % s_ways.Length];
        var policy = trial % s_ways.Length < Tables && random.Next(3) == 0 ? BadRowPolicy.Skip : BadRowPolicy.Refuse;
        byte[] text = Spoiler.Spoil(random, name == "vectors.npy" ? Samples.Npy : Samples.Utf8(name == "ids.ids.csv" ? Samples.Ids : sound));
        bool isPacked = name.EndsWith(".csv", StringComparison.Ordinal) && !name.EndsWith(".ids.csv", StringComparison.Ordinal) && name != "vectors.csv" && random.Next(4) == 0;
        byte[] content = isPacked ? Samples.Gzip(text) : text;
        bool isArchiveSpoiled = isPacked && random.Next(2) == 0;
        if (isArchiveSpoiled)
            content = Spoiler.Spoil(random, content);
        string path = folder.With(isPacked ? name + ".gz" : name, content);
        try
        {
            int rows = await ReadAsync(folder, name, path, policy);
            int expected = name switch
            {
                "vectors.jsonl" => Lines(text),
                "vectors.npy" => 2,
                _ => (ReferenceCsv.Parse(text) ?? throw new InvalidOperationException("the reference refuses it")).Count - 1,
            };
            Assert.True(rows == expected, $"trial {trial}: {rows} rows of {expected} in {name}");
            return true;
        }
        catch (Exception error) when (error is BadInputException || (error is not Xunit.Sdk.XunitException && Report(trial, name, error)))
        {
            Assert.Contains(Path.GetFileName(path).Replace("ids.ids.csv", "ids", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
            Assert.Contains("; allowed: ", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(error.Message, char.IsControl);
            Assert.True(isPacked || name is "ids.ids.csv" or "vectors.npy" || error.Message.Contains(" line ", StringComparison.Ordinal) || error.Message.Contains("without rows", StringComparison.Ordinal), error.Message);
            return false;
        }
    }

    private static bool Report(int trial, string name, Exception error) => throw new InvalidOperationException($"trial {trial}, {name}: {error}", error);

    private static int Lines(byte[] text) => Encoding.UTF8.GetString(text).TrimStart('\uFEFF').Split('\n').Count(line => line.Trim(' ', '\t', '\r').Length > 0);

    /// <summary>Reads a file by its way in, and counts the rows that came of it or are said to be passed over.</summary>
    private static async Task<int> ReadAsync(TemporaryFolder folder, string name, string path, BadRowPolicy policy)
    {
        var notes = new TableNotes(policy, name);
        int rows = await ReadAsync(folder, name, path, policy, notes);
        return rows + notes.Notes.Where(note => note.What.StartsWith("bad rows passed over", StringComparison.Ordinal)).Sum(note => note.Count);
    }

    private static async Task<int> ReadAsync(TemporaryFolder folder, string name, string path, BadRowPolicy policy, TableNotes notes)
    {
        var file = new InputFile(path);
        switch (name)
        {
            case "prices_daily.csv":
                string cache = Path.Combine(folder.Path, "cache", "prices.bin");
                await new PriceCacheBuilder(file, cache, policy).BuildAsync(Token);
                using (var prices = PriceCache.TryOpen(cache)!)
                    return prices.RowCounts.Sum(row => row.Rows) + prices.Notes.Where(note => note.What.StartsWith("bad rows passed over", StringComparison.Ordinal)).Sum(note => note.Count);
            case "markets.csv":
                return ReferenceTables.Markets(file, notes, Token).Count;
            case "issuers.csv":
                return ReferenceTables.Issuers(file, notes, Token).Count;
            case "instruments.csv":
                return ReferenceTables.Instruments(file, notes, Token).Count;
            case "profiles.csv":
                var profiles = DatedTables.Profiles(file, notes, Token);
                return profiles.Dates.Sum(date => profiles.On(date).Count);
            case "portfolio_risk_reports.csv":
                var reports = DatedTables.RiskReports(file, notes, Token);
                return reports.Dates.Sum(date => reports.On(date).Count);
            case "portfolio_positions.csv":
                var positions = DatedTables.Positions(file, notes, Token);
                return positions.Dates.Sum(date => positions.On(date).Count);
            case "ids.ids.csv":
                string npy = Path.Combine(folder.Path, "ids.npy");
                await NpyFile.WriteAsync(npy, new float[] { 1, 2, 3, 4 }, 2, Token);
                return (await VectorExchange.ReadAsync(npy, notes, Token)).Count;
            case "labels.csv":
                return EvaluateCommand.Labels(path, Token).Labels.Count;
            case "classes.csv":
                return ModelsFitClassesCommand.Classes(path, Token).Classes.Count;
            case "vectors.npy":
                folder.With("vectors.ids.csv", Samples.Utf8(Samples.Ids));
                var records = await VectorExchange.ReadAsync(path, notes, Token);
                byte[] values = (await File.ReadAllBytesAsync(path, Token))[^(2 * sizeof(float) * records[0].Vector.Length)..];
                // No reference reads the header here: where it is accepted, the values are the last bytes of the file.
                Assert.Equal(values, records.SelectMany(record => MemoryMarshal.AsBytes(record.Vector.Span).ToArray()));
                return records.Count;
            case "corpus.csv":
                using (var corpus = new TableReader(file, ["text"]))
                    return corpus.Rows(row => row.Text("text"), Token).Count();
            default:
                return (await VectorExchange.ReadAsync(path, notes, Token)).Count;
        }
    }
}
