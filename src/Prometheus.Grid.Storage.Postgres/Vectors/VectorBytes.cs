using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>Vectors as the tables keep them: float32, little-endian, one after another.</summary>
internal static class VectorBytes
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

    /// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), which x64 and Arm64 compute in hardware at several gigabytes a second.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint state = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            state = BitOperations.Crc32C(state, value);
        return ~state;
    }
}
