using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Tests.Onnx;

namespace Prometheus.Grid.Text.Onnx.Tests;

/// <summary>Vectors are those of onnxruntime-node on the same file, whatever shares a batch with a document.</summary>
public sealed class EncoderTests(SmallModel small) : IClassFixture<SmallModel>
{
    /// <summary>Largest difference of a coordinate of a unit vector.</summary>
    private const float Tolerance = 1e-5f;

    private static readonly Reference s_reference = Reference.Read();
    private static readonly string[] s_texts = [.. s_reference.Embeddings.Select(e => e.Text)];

    [Fact]
    public void The_model_is_the_one_of_the_reference() =>
        Assert.Equal(s_reference.SmallModel, Convert.ToHexStringLower(SHA256.HashData(SmallModel.Shape.ToBytes(SmallModel.Seed))));

    [Fact]
    public async Task Vectors_equal_those_of_onnxruntime_node_in_batches_and_one_by_one()
    {
        var encoder = await SmallModel.LoadAsync(small.Manifest);
        float[][] together = await SmallModel.EncodeAsync(encoder, s_texts);
        for (int i = 0; i < s_texts.Length; i++)
        {
            AssertNear(s_reference.Embeddings[i].Vector, together[i]);
            AssertNear(s_reference.Embeddings[i].Vector, (await SmallModel.EncodeAsync(encoder, [s_texts[i]]))[0]);
        }
    }

    [Fact]
    public async Task Order_and_number_of_threads_change_no_bit()
    {
        string[] shuffled = [.. s_texts];
        new Random(11).Shuffle(shuffled);
        float[][] one = await SmallModel.EncodeAsync(await SmallModel.LoadAsync(small.Manifest, new TransformerOptions { Workers = 1 }), s_texts);
        float[][] four = await SmallModel.EncodeAsync(await SmallModel.LoadAsync(small.Manifest, new TransformerOptions { Workers = 4 }), shuffled);
        Assert.Equal(
            s_texts.Zip(one).ToDictionary(p => p.First, p => Bits(p.Second)),
            shuffled.Zip(four).ToDictionary(p => p.First, p => Bits(p.Second)));
    }

    [Fact]
    public async Task Padding_has_no_influence()
    {
        var padded = new TransformerOptions { Workers = 1, PaddingAllowed = 1, TokenBudget = 100_000 };
        float[][] vectors = await SmallModel.EncodeAsync(await SmallModel.LoadAsync(small.Manifest, padded), s_texts);
        Assert.All(s_reference.Embeddings.Zip(vectors), pair => AssertNear(pair.First.Vector, pair.Second));
    }

    [Fact]
    public async Task A_half_precision_output_is_widened()
    {
        var half = SmallModel.Install("half", (SmallModel.Shape with { OutputType = OnnxType.Half }).ToBytes(SmallModel.Seed), """{ "max_tokens": 48 }""");
        float[][] vectors = await SmallModel.EncodeAsync(await SmallModel.LoadAsync(half), s_texts);
        // Float16 has 11 bits; token vectors are of the order of 1, and means and norms average the rounding out.
        Assert.All(s_reference.Embeddings.Zip(vectors), pair => AssertNear(pair.First.Vector, pair.Second, 1e-3f));
        Assert.NotEqual(s_reference.Embeddings[0].Vector, vectors[0]);
    }

    [Fact]
    public async Task A_graph_without_token_types_and_with_another_output_name_works()
    {
        var shape = SmallModel.Shape with { HasTokenTypes = false, OutputName = "vectors" };
        var manifest = SmallModel.Install("named", shape.ToBytes(SmallModel.Seed), """{ "max_tokens": 48, "output": "vectors" }""");
        float[] vector = (await SmallModel.EncodeAsync(await SmallModel.LoadAsync(manifest), ["gold bank"]))[0];
        Assert.Equal(1, Norm(vector), 6);
    }

    [Fact]
    public async Task Cls_pooling_takes_the_first_token()
    {
        var cls = await LoadAsync("cls", """{ "max_tokens": 48, "pooling": "cls", "normalise": false }""");
        var mean = await LoadAsync("mean", """{ "max_tokens": 48, "normalise": false }""");
        // Of an empty text only [CLS] and [SEP] are left, so their mean is half the first vector and half the second.
        float[] first = (await SmallModel.EncodeAsync(cls, ["\u0001"]))[0], both = (await SmallModel.EncodeAsync(mean, ["\u0001"]))[0];
        Assert.NotEqual(first, both);
        Assert.NotEqual(1, Norm(first), 2);
    }

    [Fact]
    public async Task A_prefix_is_put_before_every_text()
    {
        var prefixed = await LoadAsync("prefixed", """{ "max_tokens": 48, "prefix": "the company " }""");
        var plain = await SmallModel.LoadAsync(small.Manifest);
        Assert.Equal(
            (await SmallModel.EncodeAsync(plain, ["the company sells gold"]))[0],
            (await SmallModel.EncodeAsync(prefixed, ["sells gold"]))[0]);
    }

    [Fact]
    public async Task What_is_cut_off_has_no_influence()
    {
        var encoder = await SmallModel.LoadAsync(small.Manifest);
        string fits = string.Join(' ', Enumerable.Repeat("gold bank", 23));
        Assert.Equal((await SmallModel.EncodeAsync(encoder, [fits]))[0], (await SmallModel.EncodeAsync(encoder, [fits + " oil software"]))[0]);
    }

    [Fact]
    public async Task Windows_average_by_their_numbers_of_tokens()
    {
        // 6 tokens a window, 2 of them shared: a text of 9 has the windows 0-5 and 4-8.
        var windows = await LoadAsync("windows", """{ "max_tokens": 8, "long_documents": "windows", "window_overlap": 2, "normalise": false }""");
        string[] words = "the of and in bank gold software oil company".Split(' ');
        float[][] parts = await SmallModel.EncodeAsync(windows, [string.Join(' ', words[..6]), string.Join(' ', words[4..])]);
        float[] whole = (await SmallModel.EncodeAsync(windows, [string.Join(' ', words)]))[0];
        float[] expected = [.. parts[0].Zip(parts[1], (a, b) => (8 * a + 7 * b) / 15)];
        AssertNear(expected, whole);
    }

    [Fact]
    public async Task A_cancelled_run_ends()
    {
        var encoder = await SmallModel.LoadAsync(small.Manifest);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => encoder.EncodeAsync(s_texts, new float[s_texts.Length * encoder.Dimension], new CancellationToken(canceled: true)));
    }

    private static Task<ITextEncoder> LoadAsync(string modelId, string parameters) =>
        SmallModel.LoadAsync(SmallModel.Install(modelId, SmallModel.Shape.ToBytes(SmallModel.Seed), parameters));

    private static void AssertNear(float[] expected, float[] actual, float tolerance = Tolerance) =>
        Assert.InRange(expected.Zip(actual, (e, a) => MathF.Abs(e - a)).Max(), 0, tolerance);

    private static string Bits(float[] vector) => Convert.ToHexString(MemoryMarshal.AsBytes<float>(vector));

    private static double Norm(float[] vector) => Math.Sqrt(vector.Sum(v => (double)v * v));
}
