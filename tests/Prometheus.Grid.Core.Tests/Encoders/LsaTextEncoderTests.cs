using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Encoders.Text;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Encoders;

public sealed class LsaTextEncoderTests
{
    private static readonly DateOnly s_asOf = new(2023, 11, 30);

    [Fact]
    public async Task The_shipped_model_puts_alike_businesses_together()
    {
        float[][] vectors = await EncodeAsync(
            "Operates regional banks that take deposits and make commercial loans and residential mortgages.",
            "A bank holding company offering savings accounts, mortgage lending and business loans.",
            "Discovers and develops antibody drugs for oncology, with clinical trials in patients with solid tumors.");
        Assert.Equal(80, vectors[0].Length);
        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(v => (double)v * v), 1e-5));
        Assert.InRange(V2.Cosine(vectors[0], vectors[1]), 0.7, 1);
        Assert.InRange(V2.Cosine(vectors[0], vectors[2]), -1, 0.3);
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
    public void Case_and_the_number_of_cores_do_not_change_a_bit()
    {
        string[] corpus = Corpus(200);
        byte[] one = LsaFit.Fit(corpus, 8, 1, TestContext.Current.CancellationToken).File;
        Assert.Equal(one, LsaFit.Fit(corpus, 8, 5, TestContext.Current.CancellationToken).File);
        Assert.Equal(one, LsaFit.Fit([.. corpus.Select(d => d.ToUpperInvariant())], 8, 2, TestContext.Current.CancellationToken).File);
    }

    [Fact]
    public void A_corpus_that_is_too_small_is_refused_with_its_size()
    {
        var error = Assert.Throws<BadInputException>(() => LsaFit.Fit(Corpus(20), 64, 1, TestContext.Current.CancellationToken));
        Assert.Equal("Corpus", error.Field);
        Assert.Throws<BadInputException>(() => LsaFit.Fit(Corpus(20), 1, 1, TestContext.Current.CancellationToken));
    }

    private static async Task<float[][]> EncodeAsync(params string[] documents)
    {
        var encoder = await EncoderRegistry.BuiltIn(2).TextAsync(
            V2.Context(new MemoryStore(), "text-lsa-v1", s_asOf), TestContext.Current.CancellationToken);
        float[] values = new float[documents.Length * encoder.Dimension];
        await encoder.EncodeAsync(documents, values, TestContext.Current.CancellationToken);
        return [.. values.Chunk(encoder.Dimension)];
    }

    private static string[] Corpus(int documents)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, documents).Select(d => string.Join(' ', Enumerable.Range(0, 30).Select(_ => $"w{d % 4}x{random.Next(12)}")))];
    }
}
