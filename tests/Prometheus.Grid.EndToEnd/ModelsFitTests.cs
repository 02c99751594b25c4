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
    public async Task A_taxonomy_of_ones_own_becomes_a_model_with_named_coordinates()
    {
        using DataFolder folder = new(), again = new();
        foreach (var each in (DataFolder[])[folder, again])
        {
            await File.WriteAllLinesAsync(each.File("corpus.csv"), ["doc_id,text", .. Enumerable.Range(0, 300).Select(d => $"D{d},{(d % 2 == 0 ? "steel mill" : "bank loans")} w{d % 7}")], Token);
            await File.WriteAllLinesAsync(each.File("classes.csv"), ["doc_id,trade", .. Enumerable.Range(0, 240).Select(d => $"D{d},{(d % 2 == 0 ? "heavy" : "light")}")], Token);
            var fitted = (await each.RunAsync(
                "models", "fit", "text-classes", "--corpus", each.File("corpus.csv"), "--classes", each.File("classes.csv"), "--model-id", Own, "--as-of", "2024-01-31")).Succeeded();
            Assert.Equal([Own, "240"], fitted.Rows.Single()[..2]);
            Assert.Contains("trade precision@10 in 3-fold cross-validation: 1.0000", fitted.Errors, StringComparison.Ordinal);
        }
        string fit = Path.Combine("models", $"{Own}.fit");
        Assert.Equal(await File.ReadAllBytesAsync(folder.File(fit), Token), await File.ReadAllBytesAsync(again.File(fit), Token));
        var shown = (await folder.RunAsync("models", "show", Own)).Succeeded();
        Assert.Contains("trade: heavy", shown.Text, StringComparison.Ordinal);
        Assert.Contains("SHA-256", shown.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("doc_id,trade\nD1,a\nD1,b\n", "D1")]
    [InlineData("doc_id,trade\nD9,a\n", "D9")]
    [InlineData("doc_id\nD1\n", "at least one column of classes")]
    [InlineData("id,trade\nD1,a\n", "doc_id")]
    [InlineData("doc_id,trade\nD1,a\nD2,b\n", "--classes")]
    public async Task Classes_that_do_not_fit_the_corpus_are_named(string classes, string named)
    {
        using var folder = new DataFolder();
        await File.WriteAllTextAsync(folder.File("corpus.csv"), "doc_id,text\nD1,steel\nD2,bank\n", Token);
        await File.WriteAllTextAsync(folder.File("classes.csv"), classes, Token);
        var output = await folder.RunAsync("models", "fit", "text-classes", "--corpus", folder.File("corpus.csv"), "--classes", folder.File("classes.csv"), "--model-id", Own);
        Assert.Equal(2, output.ExitCode);
        Assert.Contains(named, output.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("models")));
    }

    [Fact]
    public async Task What_cannot_be_fitted_is_named_and_leaves_nothing()
    {
        using var folder = new DataFolder();
        await File.WriteAllTextAsync(folder.File("corpus.csv"), "text\nsteel works\n", Token);
        await File.WriteAllTextAsync(folder.File("untitled.csv"), "document\nsteel works\n", Token);
        foreach (var (corpus, model, named) in ((string, string, string)[])[
            ("corpus.csv", Own, "10"), ("untitled.csv", Own, "text, written so"), ("corpus.csv", "text-lsa-v1", "--model-id"), ("absent.csv", Own, "absent.csv")])
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
