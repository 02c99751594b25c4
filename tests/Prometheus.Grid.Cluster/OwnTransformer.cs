using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Prometheus.Grid.Hosting;
using Prometheus.Grid.Tests.Onnx;

namespace Prometheus.Grid.Cluster;

/// <summary>A small transformer of the user's own, beside the data.</summary>
internal static class OwnTransformer
{
    public const string ModelId = "text-own-v1";
    private const int Dimension = 32, MaxTokens = 48, Seed = 20240229;

    // Special tokens, and every small letter and digit alone and as the rest of a word: no word of a profile is unknown.
    private static readonly string[] s_vocabulary =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
        .. "abcdefghijklmnopqrstuvwxyz0123456789.,-'".Select(c => c.ToString()),
        .. "abcdefghijklmnopqrstuvwxyz0123456789".Select(c => $"##{c}"),
    ];

    /// <summary>Writes the model where hosts look for it.</summary>
    public static void WriteTo(string dataFolder)
    {
        string folder = Directory.CreateDirectory(GridModels.FolderOf(dataFolder)).FullName;
        byte[] graph = new BertModel(s_vocabulary.Length, Dimension, Layers: 2, Heads: 4, Positions: MaxTokens).ToBytes(Seed);
        byte[] vocabulary = Encoding.UTF8.GetBytes(string.Join('\n', s_vocabulary) + "\n");
        File.WriteAllBytes(Path.Combine(folder, "own.onnx"), graph);
        File.WriteAllBytes(Path.Combine(folder, "own.txt"), vocabulary);
        File.WriteAllText(Path.Combine(folder, $"{ModelId}.json"), JsonSerializer.Serialize(new
        {
            model_id = ModelId,
            kind = "text",
            entity = "issuer",
            encoder = "transformer",
            dimension = Dimension,
            parameters = new { pooling = "mean", max_tokens = MaxTokens },
            files = new[] { Described("own.onnx", graph), Described("own.txt", vocabulary) },
            description = "A transformer of the user's own.",
            provenance = "Made by a test.",
        }));
    }

    private static object Described(string name, byte[] content) =>
        new { name, size = content.Length, sha256 = Convert.ToHexStringLower(SHA256.HashData(content)) };
}
