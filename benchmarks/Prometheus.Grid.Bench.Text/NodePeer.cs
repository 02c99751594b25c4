using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Prometheus.Grid.Bench.Text;

/// <summary>onnxruntime-node on the same file and documents: batches of 32 in file order, its default threads.</summary>
internal static class NodePeer
{
    public sealed record Result(double DocumentsPerSecond, float[] Vectors);

    public static string HowToInstall(string folder) =>
        $"it needs node, and in {folder}: npm install onnxruntime-node@1.29.0 @huggingface/tokenizers@0.2.0";

    /// <summary>Runs the peer; null when node or its packages are missing.</summary>
    public static async Task<Result?> RunAsync(string folder, string data, string[] texts)
    {
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "onnxruntime-node")))
            return null;
        string script = Path.Combine(folder, "peer.mjs"), input = Path.Combine(folder, "texts.json"), output = Path.Combine(folder, "vectors.bin");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "peer.mjs"), script, overwrite: true);
        await File.WriteAllTextAsync(input, JsonSerializer.Serialize(texts));
        var start = new ProcessStartInfo("node", [script, Path.Combine(folder, "model.onnx"), Path.Combine(data, "minilm", "tokenizer.json"), input, output])
        {
            RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        string seconds = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        if (node.ExitCode != 0)
            throw new InvalidOperationException($"{script} ended with exit code {node.ExitCode}");
        float[] vectors = MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(output)).ToArray();
        return new Result(texts.Length / double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture), vectors);
    }
}
