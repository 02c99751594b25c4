using System.Buffers.Binary;
using System.Numerics;

namespace Prometheus.Grid.Storage.Folder.Files;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), which x64 and Arm64 compute in hardware at several gigabytes a second.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>, going on from that of the bytes before.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        uint state = ~before;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            state = BitOperations.Crc32C(state, value);
        return ~state;
    }
}
