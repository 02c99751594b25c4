using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Tests;
using Prometheus.Grid.Tests.Onnx;

namespace Prometheus.Grid.Text.Onnx.Tests;

/// <summary>A model of MiniLM's shape on real documents, some cut at 512 tokens: its vectors are those of onnxruntime-node, however they are batched.</summary>
public sealed class FullSizeTests
{
    private const float Tolerance = 1e-5f;

    [Fact]
    public async Task Vectors_of_the_corpus_equal_those_of_onnxruntime_node_together_and_one_by_one()
    {
        var reference = Reference.Read();
        var model = Install(reference.FullSizeModel);
        var corpus = Corpus.Read(TestData.Path("corpus", "company_descriptions.csv.gz"));
        string[] texts = [.. reference.FullSize.Select(embedding => corpus[embedding.Document])];
        var encoder = await SmallModel.LoadAsync(model);
        // Every text three times: those of one length share a batch.
        float[][] together = await SmallModel.EncodeAsync(encoder, [.. texts, .. texts, .. texts]);
        for (int i = 0; i < texts.Length; i++)
        {
            float[] expected = MemoryMarshal.Cast<byte, float>(reference.FullSize[i].Vector).ToArray();
            float[] alone = (await SmallModel.EncodeAsync(encoder, [texts[i]]))[0];
            AssertNear(expected, alone);
            // What shares its batch changes not even the last bit, so an answer does not depend on what was in the store before.
            Assert.All([i, i + texts.Length, i + 2 * texts.Length], copy => Assert.Equal(alone, together[copy]));
        }
    }

    /// <summary>Writes the model into the folder <c>full</c> beside the test program, where the reference is computed from it.</summary>
    private static ModelManifest Install(string sha256)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "full");
        Directory.CreateDirectory(folder);
        byte[] graph = BertModel.MiniLm.ToBytes(SmallModel.Seed);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(graph)));
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), graph);
        byte[] vocabulary = File.ReadAllBytes(TestData.Path("minilm", "vocab.txt"));
        File.WriteAllBytes(Path.Combine(folder, "vocab.txt"), vocabulary);
        return new ModelManifest
        {
            ModelId = "full",
            Kind = BranchKind.Text,
            Entity = EntityKind.Issuer,
            Encoder = TransformerRegistration.EncoderName,
            Dimension = BertModel.MiniLm.Hidden,
            Parameters = JsonDocument.Parse("""{ "max_tokens": 512 }""").RootElement,
            Files = [new ModelFile("model.onnx", graph.Length, sha256), new ModelFile("vocab.txt", vocabulary.Length, Convert.ToHexStringLower(SHA256.HashData(vocabulary)))],
            Folder = folder,
        };
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int d = 0; d < actual.Length; d++)
            Assert.InRange(actual[d], expected[d] - Tolerance, expected[d] + Tolerance);
    }
}
