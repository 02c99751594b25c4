using System.Security.Cryptography;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Encoders.Text;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fits;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Encoders;

public sealed class ClassTextEncoderTests
{
    private static readonly DateOnly s_asOf = new(2023, 11, 30);

    [Fact]
    public async Task The_shipped_model_scores_the_class_of_a_business_highest_and_knows_its_name()
    {
        float[][] vectors = await EncodeAsync(
            "Operates regional banks that take deposits and make commercial loans and residential mortgages.",
            "A bank holding company offering savings accounts, mortgage lending and business loans.",
            "Discovers and develops antibody drugs for oncology, with clinical trials in patients with solid tumors.");
        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(v => (double)v * v), 1e-5));
        Assert.InRange(V2.Cosine(vectors[0], vectors[1]), 0.7, 1);
        Assert.InRange(V2.Cosine(vectors[0], vectors[2]), -1, 0.2);

        var names = Catalogs.Shipped.Model("text-classes-v1").Coordinates;
        Assert.Equal(vectors[0].Length, names.Count);
        Assert.Contains("industry: Banks", Strongest(vectors[0]));
        Assert.Contains("industry: Biotechnology", Strongest(vectors[2]));

        IEnumerable<string> Strongest(float[] vector) => vector.Index().OrderByDescending(pair => pair.Item).Take(5).Select(pair => names[pair.Index]);
    }

    [Fact]
    public async Task The_shipped_fit_says_what_it_learned_from_and_has_the_classes_of_its_manifest()
    {
        var manifest = Catalogs.Shipped.Model("text-classes-v1");
        byte[] content = await File.ReadAllBytesAsync(Path.Combine(manifest.Folder, manifest.Files[0].Name), TestContext.Current.CancellationToken);
        Assert.InRange(content.Length, 1, 8 << 20);
        var fit = FitFile.Read(content, "the fit");
        Assert.Equal(manifest.Coordinates, fit.Lines("classes"));
        string[] learnedFrom = fit.Lines("learned_from");
        Assert.Contains("documents: 26636", learnedFrom);
        Assert.Equal(2, learnedFrom.Count(line => line.Contains("SHA-256", StringComparison.Ordinal)));
        Assert.Equal(3, learnedFrom.Count(line => line.Contains("cross-validation", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_document_does_not_depend_on_its_neighbours_and_one_without_known_words_is_zero()
    {
        const string document = "Refines crude oil and sells gasoline.";
        float[] alone = (await EncodeAsync(document))[0];
        float[][] beside = await EncodeAsync("Qqqqzz xxyyzzq", document, "Designs semiconductors.");
        Assert.Equal(alone, beside[1]);
        Assert.All(beside[0], value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task What_stands_early_counts_more()
    {
        // Between the two stand as many words as no business has, so only their order tells the documents apart.
        string between = string.Concat(Enumerable.Repeat(" zzqx", 90));
        float[][] vectors = await EncodeAsync($"Commercial bank. {between} Antibody drugs.", $"Antibody drugs. {between} Commercial bank.");
        var names = Catalogs.Shipped.Model("text-classes-v1").Coordinates;
        (int bank, int drugs) = (names.ToList().IndexOf("industry: Banks"), names.ToList().IndexOf("industry: Biotechnology"));
        Assert.InRange(vectors[0][bank] - vectors[1][bank], 0.05, 1);
        Assert.InRange(vectors[1][drugs] - vectors[0][drugs], 0.05, 1);
    }

    [Fact]
    public async Task Characters_that_nobody_sees_change_nothing()
    {
        float[][] vectors = await EncodeAsync("Commercial banking and mortgages.", "Com\u00ADmer\u00ADcial bank\u200Bing and mort\u2060gages\uFEFF.");
        Assert.Equal(vectors[0], vectors[1]);
    }

    [Fact]
    public async Task A_taxonomy_of_ones_own_is_learned_and_told_by_pairs_where_words_do_not()
    {
        // Both colours have the same words; only which of them stand side by side tells one from the other.
        var fitted = Fit(Taxonomy(240), workers: 2);
        Assert.Equal(["colour: blue", "colour: red", "size: large", "size: small"], fitted.Classes);
        Assert.Contains("colour precision@10 in 3-fold cross-validation: 1.0000", fitted.LearnedFrom);
        Assert.Contains("size precision@10 in 3-fold cross-validation: 1.0000", fitted.LearnedFrom);
        string folder = Directory.CreateTempSubdirectory("grid-classes-").FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "own.fit"), fitted.File, TestContext.Current.CancellationToken);
        var own = Catalogs.Shipped.Model("text-classes-v1") with
        {
            Dimension = 4,
            Folder = folder,
            Files = [new ModelFile("own.fit", fitted.File.Length, Convert.ToHexStringLower(SHA256.HashData(fitted.File)))],
        };
        float[][] vectors = await EncodeAsync(own, "alpha beta gamma delta", "beta alpha delta gamma");
        Directory.Delete(folder, recursive: true);
        float[] blue = vectors[0], red = vectors[1];
        Assert.True(blue[0] > 0 && blue[1] < 0 && red[1] > 0 && red[0] < 0, $"{string.Join(' ', blue)} | {string.Join(' ', red)}");
    }

    [Fact]
    public void The_number_of_cores_changes_no_bit_and_progress_ends_at_one()
    {
        var corpus = Taxonomy(240);
        var seen = new Seen();
        byte[] one = ClassFit.Fit(corpus, s_asOf, 1, seen, TestContext.Current.CancellationToken).File;
        Assert.Equal(1, seen.Values[^1]);
        Assert.Equal(seen.Values.Order(), seen.Values);
        Assert.Equal(one, Fit(corpus, workers: 5).File);
    }

    [Fact]
    public void A_class_that_some_documents_lack_teaches_only_with_the_others()
    {
        var corpus = Taxonomy(240);
        string[] colours = [.. corpus.Labels[0].Select((label, d) => d % 3 == 0 && d % 2 == 0 ? "" : label)];
        var fitted = Fit(corpus with { Labels = [colours, corpus.Labels[1]] }, workers: 2);
        Assert.Equal(["colour: blue", "colour: red", "size: large", "size: small"], fitted.Classes);
    }

    [Fact]
    public void What_cannot_teach_is_refused_with_its_size()
    {
        Assert.Equal("Classes", Assert.Throws<BadInputException>(() => Fit(Taxonomy(60), 1)).Field);
        var corpus = Taxonomy(240);
        string[] same = [.. corpus.Documents.Select(_ => "one")], many = [.. corpus.Documents.Select((_, d) => $"c{d}")];
        Assert.Equal("Classes", Assert.Throws<BadInputException>(() => Fit(corpus with { Columns = ["all"], Labels = [same] }, 1)).Field);
        Assert.Equal("Classes", Assert.Throws<BadInputException>(() => Fit(corpus with { Labels = [many, many] }, 1)).Field);
        string[] unlike = [.. corpus.Documents.Select((_, d) => $"word{d}")];
        Assert.Equal("Corpus", Assert.Throws<BadInputException>(() => Fit(corpus with { Documents = unlike }, 1)).Field);
    }

    private static FittedClasses Fit(LabelledCorpus corpus, int workers) =>
        ClassFit.Fit(corpus, s_asOf, workers, null, TestContext.Current.CancellationToken);

    /// <summary>Documents whose colour is in the order of their words and whose size is a word.</summary>
    private static LabelledCorpus Taxonomy(int documents)
    {
        static bool IsBlue(int d) => d % 2 == 0;
        static bool IsLarge(int d) => d / 2 % 2 == 0;
        return new LabelledCorpus(
            [.. Enumerable.Range(0, documents).Select(d => $"{(IsBlue(d) ? "alpha beta gamma delta" : "beta alpha delta gamma")} {(IsLarge(d) ? "giant" : "tiny")} w{d % 7}")],
            ["colour", "size"],
            [[.. Enumerable.Range(0, documents).Select(d => IsBlue(d) ? "blue" : "red")], [.. Enumerable.Range(0, documents).Select(d => IsLarge(d) ? "large" : "small")]],
            ["corpus: made up"]);
    }

    private static Task<float[][]> EncodeAsync(params string[] documents) => EncodeAsync(Catalogs.Shipped.Model("text-classes-v1"), documents);

    private static async Task<float[][]> EncodeAsync(ModelManifest model, params string[] documents)
    {
        var store = new MemoryStore();
        var encoder = await EncoderRegistry.BuiltIn(2).TextAsync(
            new EncoderContext(model, s_asOf, null, store, store, store), TestContext.Current.CancellationToken);
        float[] values = new float[documents.Length * encoder.Dimension];
        await encoder.EncodeAsync(documents, values, TestContext.Current.CancellationToken);
        return [.. values.Chunk(encoder.Dimension)];
    }

    private sealed class Seen : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
