using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Text.Onnx;

namespace Prometheus.Grid.Hosting;

/// <summary>What the models of a host compute with.</summary>
public static class GridEncoders
{
    // cpu, or cuda and cuda:N with the GPU package in the place of the other one (docs/text.md).
    private const string DeviceVariable = "GRID_TEXT_DEVICE";

    /// <summary>All encoders of the product, transformers among them; those load nothing before their first document.</summary>
    /// <param name="workers">Cores to use, at least 1.</param>
    /// <param name="textDevice"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; null leaves it to GRID_TEXT_DEVICE, and that to the processor.</param>
    /// <exception cref="BadInputException">The device is none of the three spellings.</exception>
    public static EncoderRegistry Create(int workers, string? textDevice = null)
    {
        textDevice ??= Environment.GetEnvironmentVariable(DeviceVariable);
        var encoders = EncoderRegistry.BuiltIn(workers);
        encoders.AddTransformer(new TransformerOptions { Workers = workers, Device = string.IsNullOrEmpty(textDevice) ? "cpu" : textDevice });
        return encoders;
    }
}
