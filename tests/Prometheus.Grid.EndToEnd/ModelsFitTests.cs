using System.Globalization;
using System.IO.Compression;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary><c>grid models fit text-lsa</c>: a text model of the user's own, from corpus to neighbours.</summary>
public sealed class ModelsFitTests
{
    private const string Own = "text-lsa-mine-v1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_fitted_on_a_corpus_finds_neighbours_by_text()
    {
        using DataFolder folder = new(), again = new(), others = await DataFolder.OfSyntheticAsync(issuers: 1_500, weekdays: 5);
        await SyntheticMarket.WriteAsync(folder.Path, new SyntheticMarketOptions { Issuers = 400, Portfolios = 0, Seed = 8 }, null, Token);
        string[] texts = [.. others.Descriptions().Select(profile => profile.Text)];
        foreach (var each in (DataFolder[])[folder, again])
        {
            await File.WriteAllLinesAsync(each.File("corpus.csv"), ["doc_id,text", .. texts.Select((text, i) => string.Create(CultureInfo.InvariantCulture, $"{i},\"{text}\""))], Token);
            await FitAsync(each, texts.Length);
        }
        string fit = Path.Combine("models", $"{Own}.fit");
        Assert.Equal(await File.ReadAllBytesAsync(folder.File(fit), Token), await File.ReadAllBytesAsync(again.File(fit), Token));
        // Of eleven sectors chance would find the right one once in ten; it does 0.68 times.
        Assert.InRange(await SectorPrecisionAsync(folder, "2023-12-29"), 0.6, 1);
    }

    [Fact]
    public async Task A_tenth_of_the_real_corpus_knows_a_bank_from_a_mine()
    {
        using var folder = DataFolder.OfUsEquities();
        await WriteRealCorpusAsync(folder.File("corpus.csv"), documents: 3_000);
        await FitAsync(folder, 3_000);
        // text-lsa-v1 has ten times the corpus and more than twice the coordinates.
        Assert.InRange(await SectorPrecisionAsync(folder, "2023-11-30"), 0.55, 0.8);
    }

    [Fact]
    public async Task What_cannot_be_fitted_is_named_and_leaves_nothing()
    {
        using var folder = new DataFolder();
        await File.WriteAllTextAsync(folder.File("corpus.csv"), "text\nsteel works\n", Token);
        await File.WriteAllTextAsync(folder.File("untitled.csv"), "document\nsteel works\n", Token);
        foreach (var (corpus, model, named) in ((string, string, string)[])[
            ("corpus.csv", Own, "10"), ("untitled.csv", Own, "column text"), ("corpus.csv", "text-lsa-v1", "--model-id"), ("absent.csv", Own, "absent.csv")])
        {
            var output = await folder.RunAsync("models", "fit", "text-lsa", "--corpus", folder.File(corpus), "--model-id", model);
            Assert.NotEqual(0, output.ExitCode);
            Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(folder.File("models")));
    }

    private static async Task FitAsync(DataFolder folder, int documents)
    {
        var fitted = (await folder.RunAsync("models", "fit", "text-lsa", "--corpus", folder.File("corpus.csv"), "--model-id", Own, "--dimension", "32")).Succeeded();
        Assert.Equal([Own, documents.ToString(CultureInfo.InvariantCulture)], fitted.Rows.Single()[..2]);
    }

    private static async Task<double> SectorPrecisionAsync(DataFolder folder, string asOf)
    {
        (await folder.RunAsync("backfill-profile-text-embeddings", "--as-of", asOf, "--model-id", Own)).Succeeded();
        var judged = (await folder.RunAsync("evaluate", "--as-of", asOf, "--model-id", Own)).Succeeded();
        return double.Parse(judged.Rows.Single(row => row[2] == "sector precision@10")[3], CultureInfo.InvariantCulture);
    }

    private static async Task WriteRealCorpusAsync(string file, int documents)
    {
        await using var compressed = new GZipStream(File.OpenRead(TestData.Path("corpus", "company_descriptions.csv.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(compressed);
        await using var writer = new StreamWriter(file);
        for (int line = 0; line <= documents; line++)
            await writer.WriteLineAsync(await reader.ReadLineAsync(Token));
    }
}
