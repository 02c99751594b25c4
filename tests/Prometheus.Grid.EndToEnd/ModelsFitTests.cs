using System.IO.Compression;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary><c>grid models fit text-lsa</c>: a text model of the user's own, from corpus to neighbours.</summary>
public sealed class ModelsFitTests
{
    private const string Own = "text-lsa-mine-v1";

    [Fact]
    public async Task A_model_fitted_on_a_corpus_finds_neighbours_by_text()
    {
        using DataFolder folder = DataFolder.OfUsEquities(), again = DataFolder.OfUsEquities();
        foreach (var each in (DataFolder[])[folder, again])
        {
            await WriteCorpusAsync(each.File("corpus.csv"), documents: 3_000);
            var fitted = (await each.RunAsync("models", "fit", "text-lsa", "--corpus", each.File("corpus.csv"), "--model-id", Own, "--dimension", "32")).Succeeded();
            Assert.Equal([Own, "3000"], fitted.Rows.Single()[..2]);
        }
        string fit = Path.Combine("models", $"{Own}.fit");
        Assert.Equal(await File.ReadAllBytesAsync(folder.File(fit), Token), await File.ReadAllBytesAsync(again.File(fit), Token));

        (await folder.RunAsync("backfill-profile-text-embeddings", "--as-of", "2023-11-30", "--model-id", Own)).Succeeded();
        var judged = (await folder.RunAsync("evaluate", "--as-of", "2023-11-30", "--model-id", Own)).Succeeded();
        string[] sector = judged.Rows.Single(row => row[2] == "sector precision@10");
        // A tenth of the corpus and less than half of the coordinates of text-lsa-v1 still know a bank from a mine.
        Assert.InRange(double.Parse(sector[3], System.Globalization.CultureInfo.InvariantCulture), 0.55, 0.8);
    }

    [Fact]
    public async Task What_cannot_be_fitted_is_named_and_leaves_nothing()
    {
        using var folder = new DataFolder();
        await File.WriteAllTextAsync(folder.File("corpus.csv"), "text\nsteel works\n", Token);
        await File.WriteAllTextAsync(folder.File("untitled.csv"), "document\nsteel works\n", Token);
        foreach (var (corpus, model, named) in ((string, string, string)[])[
            ("corpus.csv", Own, "10"), ("untitled.csv", Own, "'text'"), ("corpus.csv", "text-lsa-v1", "--model-id"), ("absent.csv", Own, "absent.csv")])
        {
            var output = await folder.RunAsync("models", "fit", "text-lsa", "--corpus", folder.File(corpus), "--model-id", model);
            Assert.NotEqual(0, output.ExitCode);
            Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(folder.File("models")));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task WriteCorpusAsync(string file, int documents)
    {
        await using var compressed = new GZipStream(File.OpenRead(TestData.Path("corpus", "company_descriptions.csv.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(compressed);
        await using var writer = new StreamWriter(file);
        for (int line = 0; line <= documents; line++)
            await writer.WriteLineAsync(await reader.ReadLineAsync(Token));
    }
}
