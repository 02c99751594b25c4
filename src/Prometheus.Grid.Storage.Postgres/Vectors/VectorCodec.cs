using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Vectors as the tables keep them: float32, little-endian, one after another.</summary>
internal static class VectorCodec
{
    private const int Infinity = 0x7F800000;

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
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(vector);
        }
        else
        {
            for (int i = 0; i < vector.Length; i++)
                vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }
        return AreFinite(MemoryMarshal.Cast<float, int>(vector));
    }

    // Infinity and NaN are the numbers whose exponent has all bits set, and so those that are largest without their sign.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AreFinite(ReadOnlySpan<int> bits)
    {
        var most = Vector256<int>.Zero;
        int i = 0;
        for (; i <= bits.Length - Vector256<int>.Count; i += Vector256<int>.Count)
            most = Vector256.Max(most, Vector256.Create(bits[i..]) & Vector256.Create(int.MaxValue));
        bool areFinite = Vector256.LessThanAll(most, Vector256.Create(Infinity));
        for (; i < bits.Length; i++)
            areFinite &= (bits[i] & int.MaxValue) < Infinity;
        return areFinite;
    }
}
