using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>How a machine runs transformers. Nothing here changes a vector beyond the last digits, so none of it is part of a model.</summary>
public sealed record TransformerOptions
{
    /// <summary>
    /// Runs at once, each on one thread; at least 1. Two threads inside one run took three times as long as two runs beside each other,
    /// since every one of its small operators waits for the slower thread.
    /// </summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. A GPU needs the package Microsoft.ML.OnnxRuntime.Gpu in the place of Microsoft.ML.OnnxRuntime.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Most tokens in a batch, padding included, at least 1; a document longer than that is a batch of its own.</summary>
    public int TokenBudget { get; init; } = 1024;

    /// <summary>
    /// Share of a batch that may be padding, 0 to 1. None on a CPU: a run costs by the token there, so padding is paid for in full.
    /// A GPU prefers fuller batches.
    /// </summary>
    public double PaddingAllowed { get; init; }

    /// <summary>The number of the CUDA device, or null for the CPU.</summary>
    /// <exception cref="BadInputException">The device is none of the three spellings.</exception>
    internal int? CudaDevice => Device switch
    {
        "cpu" => null,
        "cuda" => 0,
        _ when Device.StartsWith("cuda:", StringComparison.Ordinal) && byte.TryParse(Device.AsSpan(5), out byte number) => number,
        _ => throw new BadInputException("device", Device, "cpu, cuda or cuda:N"),
    };
}
