using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Vectors as the tables keep them: float32, little-endian, one after another.</summary>
internal static class VectorCodec
{
    /// <summary>The bytes of a vector.</summary>
    public static void Write(ReadOnlySpan<float> vector, Span<byte> bytes)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(vector).CopyTo(bytes);
            return;
        }
        for (int i = 0; i < vector.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], vector[i]);
    }

    /// <summary>The vector of bytes, and whether all its values are finite.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, Span<float> vector)
    {
        bool isFinite = true;
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(vector);
        }
        else
        {
            for (int i = 0; i < vector.Length; i++)
                vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }
        foreach (float value in vector)
            isFinite &= float.IsFinite(value);
        return isFinite;
    }
}
