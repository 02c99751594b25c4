using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Text.Onnx;

namespace Prometheus.Grid.Cli;

/// <summary>Compiled in where the packages of the transformer encoder can be restored (WithTransformer in the project file).</summary>
internal sealed partial class GridSession
{
    static partial void AddTransformer(EncoderRegistry encoders, int workers, string device) =>
        encoders.AddTransformer(new TransformerOptions { Workers = workers, Device = device });
}
