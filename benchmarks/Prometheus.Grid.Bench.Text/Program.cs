using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Bench;
using Prometheus.Grid.Bench.Text;
using Prometheus.Grid.Tests;

// ./bench text [--quick]: documents a second and the time of one short query, beside onnxruntime-node on the same file and the same
// documents: a seeded sample of the corpus, in file order. The model has MiniLM's shape and random weights.
const int Documents = 500, QuickDocuments = 50, Seed = 17, Queries = 51;
const string ShortQuery = "a regional bank that lends to small farms";

string data = Environment.GetEnvironmentVariable("GRID_TESTDATA") ?? Path.Combine(BenchFolders.Root, "..", "shared", "data");
string corpus = Path.Combine(data, "corpus", "company_descriptions.csv.gz"), vocabulary = Path.Combine(data, "minilm", "vocab.txt");
if (!File.Exists(corpus) || !File.Exists(vocabulary))
{
    await Console.Error.WriteLineAsync($"bench text: no corpus and vocabulary at {data}; set GRID_TESTDATA to the folder of the reference data");
    return 1;
}

string folder = Path.Combine(BenchFolders.Data, "text");
var model = FullSizeModel.Install(folder, vocabulary);
string[] texts = Sample(Corpus.Read(corpus), args.Contains("--quick") ? QuickDocuments : Documents, Seed);
var encoder = await model.LoadAsync();

// Once to warm up both cores and the runtime's arena.
await encoder.EncodeAsync(texts[..8], new float[8 * encoder.Dimension], default);
float[] vectors = new float[texts.Length * encoder.Dimension];
double ours = texts.Length / await SecondsAsync(() => encoder.EncodeAsync(texts, vectors, default));

float[] query = new float[encoder.Dimension];
double[] times = new double[Queries];
for (int i = 0; i < Queries; i++)
    times[i] = 1000 * await SecondsAsync(() => encoder.EncodeAsync([ShortQuery], query, default));
Array.Sort(times);

var peer = await NodePeer.RunAsync(folder, data, texts);
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
await File.WriteAllTextAsync(Path.Combine(BenchFolders.Results, "text.json"), JsonSerializer.Serialize(figures));
return 0;

static string[] Sample(List<string> texts, int count, int seed)
{
    int[] order = [.. Enumerable.Range(0, texts.Count)];
    new Random(seed).Shuffle(order);
    return [.. order.Take(count).Order().Select(i => texts[i])];
}

static async Task<double> SecondsAsync(Func<Task> work)
{
    long start = Stopwatch.GetTimestamp();
    await work();
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}
