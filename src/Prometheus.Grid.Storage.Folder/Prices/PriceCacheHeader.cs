using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>The first 256 bytes of a price cache: what it was made of, and where its parts are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PriceCacheHeader
{
    /// <summary>Data begin here, on a page of their own.</summary>
    public const int DataOffset = 4096;

    /// <summary>"PGPRICE1" read as a little-endian number; another layout gets another digit.</summary>
    public const ulong ExpectedMagic = 0x3145_4349_5250_4750;

    public ulong Magic;

    /// <summary>CRC-32C of the header with this field zero.</summary>
    public uint Checksum;

    /// <summary>CRC-32C of everything from <see cref="IndexOffset"/> to the end.</summary>
    public uint DirectoryChecksum;

    public long SourceLength;
    public long SourceModifiedTicks;

    /// <summary>Time of the file system when the source was last known to have this content.</summary>
    public long VerifiedTicks;

    public long FileLength;
    public long IndexOffset;
    public long NamesOffset;
    public long DatesOffset;
    public long Rows;
    public int Instruments;
    public int Dates;
    public Hash SourceHash;
    public SourceNameText SourceName;

    /// <summary>SHA-256, as <see cref="ContentHash"/> computes it.</summary>
    [InlineArray(32)]
    public struct Hash
    {
        private byte _first;
    }

    /// <summary>File name of the source, padded with zeros.</summary>
    [InlineArray(32)]
    public struct SourceNameText
    {
        private byte _first;
    }

    /// <summary>The checksum that the header ought to have.</summary>
    public readonly uint ComputeChecksum()
    {
        var copy = this;
        copy.Checksum = 0;
        return Crc32C.Of(MemoryMarshal.AsBytes(new ReadOnlySpan<PriceCacheHeader>(in copy)));
    }
}

/// <summary>Where the columns of one instrument are.</summary>
/// <param name="Offset">Of its days; the columns of doubles follow, each on a multiple of 64 bytes.</param>
/// <param name="Count">Number of days.</param>
/// <param name="Checksum">CRC-32C of its columns, padding included.</param>
/// <param name="NameStart">Of its id within the names.</param>
/// <param name="NameLength">Of its id in bytes of UTF-8.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PriceCacheEntry(long Offset, int Count, uint Checksum, int NameStart, int NameLength)
{
    /// <summary>Days, then open, high, low, close, adjusted close and volume.</summary>
    public const int DoubleColumns = 6;

    /// <summary>Columns begin on cache lines, so that vector loads do not straddle two.</summary>
    public const int Alignment = 64;

    /// <summary>Bytes of the column of days.</summary>
    public long DaysLength => Align((long)Count * sizeof(int));

    /// <summary>Bytes of a column of doubles.</summary>
    public long ColumnLength => Align((long)Count * sizeof(double));

    /// <summary>Bytes of all columns.</summary>
    public long Length => DaysLength + DoubleColumns * ColumnLength;

    private static long Align(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
