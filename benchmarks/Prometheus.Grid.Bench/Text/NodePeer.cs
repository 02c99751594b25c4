using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Prometheus.Grid.Bench.Text;

/// <summary>
/// onnxruntime-node on the same file and documents: batches of 32 in file order, its default threads. Its packages are in a folder outside the
/// repository that GRID_NODE_PEER names.
/// </summary>
internal static class NodePeer
{
    /// <param name="DocumentsPerSecond">Tokenising, the graph and pooling.</param>
    /// <param name="GraphShare">Share of the graph in that time, 0 to 1.</param>
    /// <param name="Vectors">One behind the other.</param>
    public sealed record Result(double DocumentsPerSecond, double GraphShare, float[] Vectors);

    public const string HowToInstall =
        "it needs node, and a folder outside the repository, named by GRID_NODE_PEER, in which this was run: "
        + "ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.29.0 @huggingface/tokenizers@0.2.0";

    /// <summary>Runs the peer; null when its packages or the tokenizer are missing.</summary>
    /// <param name="graph">model.onnx.</param>
    /// <param name="tokenizer">tokenizer.json of the same model.</param>
    /// <param name="folder">For what goes there and back.</param>
    /// <param name="texts">The documents.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Result?> RunAsync(string graph, string tokenizer, string folder, string[] texts, CancellationToken cancellationToken)
    {
        if (!File.Exists(tokenizer) || Environment.GetEnvironmentVariable("GRID_NODE_PEER") is not { Length: > 0 } packages
            || !Directory.Exists(Path.Combine(packages, "node_modules", "onnxruntime-node")))
            return null;
        // Node looks for packages beside the script.
        string script = Path.Combine(packages, "peer.mjs"), input = Path.Combine(folder, "texts.json"), output = Path.Combine(folder, "vectors.bin");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "peer.mjs"), script, overwrite: true);
        await File.WriteAllTextAsync(input, JsonSerializer.Serialize(texts), cancellationToken);
        var start = new ProcessStartInfo("node", [script, graph, tokenizer, input, output])
        {
            RedirectStandardOutput = true,
        };
        using var node = Process.Start(start)!;
        string printed = await node.StandardOutput.ReadToEndAsync(cancellationToken);
        await node.WaitForExitAsync(cancellationToken);
        if (node.ExitCode != 0)
            throw new InvalidOperationException($"{script} ended with exit code {node.ExitCode}");
        float[] vectors = MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(output, cancellationToken)).ToArray();
        double[] seconds = [.. printed.Split(' ').Select(s => double.Parse(s, System.Globalization.CultureInfo.InvariantCulture))];
        return new Result(texts.Length / seconds[0], seconds[1] / seconds[0], vectors);
    }
}
