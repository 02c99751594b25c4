using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>Wherever a bit of what the grid has written turns over, a check of everything names that file and no other.</summary>
public sealed class FlippedByteTests
{
    // All positions of small files; of larger ones the ends of every part and seeded ones between.
    private const int MostPositions = 600, Seed = 20261127;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Files => ["current.json", "1.npy", "1.ids.csv", "2.npy", "2.ids.csv", "fit.bin", "prices.v2.bin"];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task It_is_found_and_named(string name)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.File("prices_daily.csv"), "instrument_id,trade_date,close,volume\nA,2023-01-02,10,100\nA,2023-01-03,11,100\nB,2023-01-03,12,100\n", Token);
        await using (var writer = await folder.OpenAsync())
        {
            await writer.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(0, 1), "o", Token);
            await writer.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(1, 1), "o", Token);
            await writer.Artifacts.WriteAsync("num-fit-v1", new DateOnly(2024, 1, 2), "fit.bin", new byte[100], Token);
            await writer.Inputs.DatesAsync(InputTable.Prices, new DateRange(new DateOnly(2023, 1, 2), new DateOnly(2023, 2, 1)), Token);
        }
        Assert.Empty(await ProblemsAsync(folder));

        string path = Directory.GetFiles(folder.Path, name, SearchOption.AllDirectories).Single();
        byte[] bytes = await File.ReadAllBytesAsync(path, Token);
        var random = new Random(Seed);
        int[] positions = bytes.Length <= MostPositions
            ? [.. Enumerable.Range(0, bytes.Length)]
            : [.. Enumerable.Range(0, 300), .. Enumerable.Range(bytes.Length - 100, 100), .. Enumerable.Range(0, 200).Select(_ => random.Next(bytes.Length))];
        foreach (int position in positions)
        {
            byte[] damaged = [.. bytes];
            damaged[position] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(path, damaged, Token);
            string problem = Assert.Single(await ProblemsAsync(folder));
            Assert.True(problem.Contains(path, StringComparison.Ordinal), $"byte {position}: {problem}");
        }
        await File.WriteAllBytesAsync(path, bytes, Token);
        Assert.Empty(await ProblemsAsync(folder));
    }

    private static async Task<List<string>> ProblemsAsync(TestFolder folder)
    {
        await using var store = await folder.OpenAsync();
        List<string> problems = [];
        await foreach (var finding in store.Vectors.VerifyAsync(Token))
        {
            if (finding.Problem is { } problem)
                problems.Add(problem);
        }
        await foreach (var finding in store.VerifyKeptAsync(Token))
        {
            if (finding.Problem is { } problem)
                problems.Add(problem);
        }
        return problems;
    }
}
