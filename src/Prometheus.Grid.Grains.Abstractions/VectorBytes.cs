using System.Runtime.InteropServices;

namespace Prometheus.Grid.Grains;

/// <summary>
/// A vector on the wire: its float32 values, little-endian, as one run of bytes. Element by element, as arrays of float travel, 384 values
/// take 2.3 kB in place of 1.5 and twenty times the time.
/// </summary>
[GenerateSerializer, Immutable, Alias("grid.vector")]
public readonly struct VectorBytes(ReadOnlyMemory<float> values)
{
    [Id(0)]
    private readonly byte[] _bytes = MemoryMarshal.AsBytes(values.Span).ToArray();

    /// <summary>The values.</summary>
    public ReadOnlyMemory<float> Values => MemoryMarshal.Cast<byte, float>(_bytes).ToArray();
}
