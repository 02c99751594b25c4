using System.Security.Cryptography;
using Prometheus.Grid.Models;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Text.Onnx.Tests;

/// <summary>text-profile-v1 is all-MiniLM-L6-v2, whichever source its files came from.</summary>
public sealed class RealWeightsTests
{
    // The first numbers of the example sentence of the model's card, as sentence-transformers gives them.
    private const string Sentence = "This is an example sentence";
    private static readonly float[] s_begin = [0.0676569f, 0.0634959f, 0.0487131f, 0.0793050f, 0.0374480f, 0.0026528f, 0.0393750f, -0.0070984f];

    [Fact]
    public async Task The_example_sentence_of_the_models_card_gets_its_vector()
    {
        var encoder = await SmallModel.LoadAsync(await RealWeights.InstallAsync());
        float[] vector = (await SmallModel.EncodeAsync(encoder, [Sentence]))[0];
        Assert.Equal(384, vector.Length);
        Assert.All(s_begin.Zip(vector), pair => Assert.InRange(pair.Second, pair.First - 1e-6f, pair.First + 1e-6f));
        Assert.Equal(1, Math.Sqrt(vector.Sum(value => (double)value * value)), 1e-6);
    }

    [Fact]
    public async Task The_vocabulary_is_that_of_the_hub_but_for_its_line_ends()
    {
        var model = await RealWeights.InstallAsync();
        byte[] vocabulary = await File.ReadAllBytesAsync(ModelFiles.PathOf(model, "vocab.txt"), TestContext.Current.CancellationToken);
        byte[] lines = [.. vocabulary.Where(value => value != '\r')];
        Assert.Equal(model.Files.Single(file => file.Name == "vocab.txt").Sha256, Convert.ToHexStringLower(SHA256.HashData(lines)));
    }
}
