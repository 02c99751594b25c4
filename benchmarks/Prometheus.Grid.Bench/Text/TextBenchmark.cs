using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Models;
using Prometheus.Grid.Tests;
using Prometheus.Grid.Text.Onnx;

namespace Prometheus.Grid.Bench.Text;

/// <summary>
/// Documents a second of <c>text-profile-v1</c> and the time of one short query, beside onnxruntime-node on the same weights and documents: a
/// seeded sample of a corpus, in file order.
/// </summary>
internal static class TextBenchmark
{
    private const int Documents = 500, QuickDocuments = 50, Seed = 17, Queries = 51;
    private const string ModelId = "text-profile-v1", ShortQuery = "a regional bank that lends to small farms";

    public static async Task<int> RunAsync(bool isQuick, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("GRID_TESTDATA") is not { Length: > 0 } data
            || Path.Combine(data, "corpus", "company_descriptions.csv.gz") is var corpus && !File.Exists(corpus))
        {
            await Console.Error.WriteLineAsync(
                "bench text: GRID_TESTDATA must name a folder with corpus/company_descriptions.csv.gz (columns doc_id and text) and, for the peer, minilm/tokenizer.json");
            return 2;
        }
        var model = ModelCatalog.Load(Path.Combine(BenchFolders.Root, "models")).Model(ModelId);
        using (var client = ModelInstaller.CreateClient())
            await new ModelInstaller(client).PullAsync(model, null, cancellationToken);
        var registry = new EncoderRegistry();
        registry.AddTransformer();
        var encoder = await registry.TextAsync(new EncoderContext(model, DateOnly.MinValue, null, null!, null!, null!), cancellationToken);
        string[] texts = Sample(Corpus.Read(corpus), isQuick ? QuickDocuments : Documents);

        // Once to warm up both cores and the runtime's arena.
        await encoder.EncodeAsync(texts[..8], new float[8 * encoder.Dimension], cancellationToken);
        float[] vectors = new float[texts.Length * encoder.Dimension];
        double ours = texts.Length / await SecondsAsync(() => encoder.EncodeAsync(texts, vectors, cancellationToken));

        float[] query = new float[encoder.Dimension];
        double[] times = new double[Queries];
        for (int i = 0; i < Queries; i++)
            times[i] = 1000 * await SecondsAsync(() => encoder.EncodeAsync([ShortQuery], query, cancellationToken));
        Array.Sort(times);

        string folder = Directory.CreateDirectory(Path.Combine(BenchFolders.Data, "text")).FullName;
        var peer = await NodePeer.RunAsync(
            ModelFiles.PathOf(model, "model.onnx"), Path.Combine(data, "minilm", "tokenizer.json"), folder, texts, cancellationToken);
        var figures = new Dictionary<string, object?>
        {
            ["documents"] = texts.Length,
            ["sample_seed"] = Seed,
            ["processors"] = Environment.ProcessorCount,
            ["documents_per_second"] = ours,
            ["onnxruntime_node_documents_per_second"] = peer?.DocumentsPerSecond,
            ["onnxruntime_node_share_of_the_graph"] = peer?.GraphShare,
            ["ratio"] = ours / peer?.DocumentsPerSecond,
            ["largest_difference_to_onnxruntime_node"] = peer?.Vectors.Zip(vectors, (a, b) => Math.Abs(a - b)).Max(),
            ["query_p50_ms"] = times[Queries / 2],
            ["query_p90_ms"] = times[Queries * 9 / 10],
        };
        foreach ((string name, object? value) in figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-42} {value ?? "not run",14:0.########}"));
        if (peer is null)
            await Console.Error.WriteLineAsync($"the peer was not run: {NodePeer.HowToInstall}");
        Directory.CreateDirectory(BenchFolders.Results);
        await File.WriteAllTextAsync(Path.Combine(BenchFolders.Results, "text.json"), JsonSerializer.Serialize(figures), cancellationToken);
        return 0;
    }

    private static string[] Sample(List<string> texts, int count)
    {
        int[] order = [.. Enumerable.Range(0, texts.Count)];
        new Random(Seed).Shuffle(order);
        return [.. order.Take(count).Order().Select(i => texts[i])];
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
