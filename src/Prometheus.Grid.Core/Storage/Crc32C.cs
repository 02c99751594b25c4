using System.Buffers.Binary;
using System.Numerics;

namespace Prometheus.Grid.Core.Storage;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by which stores know damaged rows. x64 and Arm64 compute it in hardware at several gigabytes a second;
/// System.IO.Hashing has the other polynomial only.
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>, going on from that of the bytes before.</summary>
    /// <param name="bytes">What to sum, of any length.</param>
    /// <param name="before">The checksum of what comes before; 0 at the beginning.</param>
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
