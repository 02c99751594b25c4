using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Prometheus.Grid.Tests;
using Prometheus.Grid.Tests.Onnx;

namespace Prometheus.Grid.EndToEnd;

/// <summary>
/// The product's manifests with <c>text-profile-v1</c> describing a model of two layers with random weights, which is in <see cref="Source"/>,
/// ready to be installed. The real one is a download.
/// </summary>
public sealed class TransformerFixture : IAsyncLifetime
{
    public const string ModelId = "text-profile-v1";
    private const int Seed = 20240229;

    // As long vectors as the real one makes, for the spaces have room for those.
    private static readonly BertModel s_small = new(SmallVocabulary.Tokens.Length, Hidden: 384, Layers: 2, Heads: 12, Positions: 512);

    private DirectoryInfo? _root;

    /// <summary>Folder of the manifests, for GRID_MODELS.</summary>
    public string Models => Path.Combine(Source, "models");

    /// <summary>Holds model.onnx and vocab.txt.</summary>
    public string Source => _root!.FullName;

    /// <summary>Where the installed graph is.</summary>
    public string InstalledGraph => Path.Combine(Models, "cache", ModelId, "model.onnx");

    public async ValueTask InitializeAsync()
    {
        _root = Directory.CreateTempSubdirectory("grid-transformer-");
        var shipped = new DirectoryInfo(Path.Combine(TestData.RepositoryRoot, "models"));
        foreach (var file in shipped.GetFiles("*", SearchOption.AllDirectories).Where(f => !f.FullName.Contains("/cache/", StringComparison.Ordinal)))
        {
            string copy = Path.Combine(Models, Path.GetRelativePath(shipped.FullName, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            file.CopyTo(copy);
        }
        await File.WriteAllBytesAsync(Path.Combine(Source, "model.onnx"), s_small.ToBytes(Seed));
        await File.WriteAllBytesAsync(Path.Combine(Source, "vocab.txt"), SmallVocabulary.ToBytes());

        string path = Path.Combine(Models, $"{ModelId}.json");
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        foreach (var file in manifest["files"]!.AsArray())
        {
            byte[] content = await File.ReadAllBytesAsync(Path.Combine(Source, (string)file!["name"]!));
            file["size"] = content.Length;
            file["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content));
            // Port 9 discards; nobody listens there.
            file["url"] = $"http://127.0.0.1:9/{(string)file["name"]!}";
        }
        await File.WriteAllTextAsync(path, manifest.ToJsonString());
    }

    public ValueTask DisposeAsync()
    {
        _root?.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Installs the model from disk.</summary>
    public async Task InstallAsync() =>
        (await RunAsync("models", "pull", ModelId, "--from", Path.Combine(Source, "model.onnx"), "--from", Path.Combine(Source, "vocab.txt"))).Succeeded();

    internal Task<GridOutput> RunAsync(params string[] arguments) => GridProcess.RunWithModelsAsync(Path.GetTempPath(), Models, arguments);
}
