using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Npy;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>Turns rows into the next live generation of a partition. Whoever calls holds the partition for writing.</summary>
internal sealed class Publisher(PartitionFolder folder, TimeProvider time)
{
    private const int HashSize = 1024 * 1024;

    /// <summary>Makes a finished .npy beside the partition live, with its ids.</summary>
    /// <param name="before">current.json as it is, or null.</param>
    /// <param name="npyPath">A whole .npy, not yet flushed; renamed, not copied.</param>
    /// <param name="merge">What the partition becomes.</param>
    /// <param name="dimension">Length of the vectors.</param>
    /// <param name="origin">Recipe of the rows.</param>
    /// <param name="beforeRename">Told the SHA-256 of the .npy when it is about to be renamed.</param>
    public void Publish(
        PartitionManifest? before, string npyPath, RowMerge merge, int dimension, string origin, Action<string>? beforeRename = null)
    {
        int number = (before?.Live.Number ?? 0) + 1;
        (string npySha256, uint npyCrc32C) = FlushAndHash(npyPath);
        byte[] ids = IdsFile.Write(merge.Headers, CollectionsMarshal.AsSpan(merge.Since));
        string idsTemporary = folder.IdsPath(number) + DurableFile.TemporarySuffix;
        DurableFile.WriteInPlace(idsTemporary, ids);
        beforeRename?.Invoke(npySha256);

        CrashPoint.Reach(CrashPoint.BeforeRenameNpy);
        File.Move(npyPath, folder.NpyPath(number), overwrite: true);
        CrashPoint.Reach(CrashPoint.AfterRenameNpy);
        DurableFile.Publish(idsTemporary, folder.IdsPath(number));

        var live = new Generation
        {
            Number = number,
            KnownAt = Now(before?.Live.KnownAt),
            Rows = merge.Headers.Count,
            Dimension = dimension,
            Origin = origin,
            NpySha256 = npySha256,
            NpyCrc32C = npyCrc32C,
            IdsSha256 = Convert.ToHexStringLower(SHA256.HashData(ids)),
        };
        byte[] current = new PartitionManifest { Live = live, Earlier = before is null ? [] : [.. before.All] }.ToBytes();
        CrashPoint.Reach(CrashPoint.BeforeCurrent);
        DurableFile.Write(folder.CurrentPath, current);
        CrashPoint.Reach(CrashPoint.AfterCurrent);
    }

    /// <summary>Writes a merge to a .npy of its own, not flushed.</summary>
    public static void WriteRows(string path, RowMerge merge, StoredRows? stored, VectorBatch incoming)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        Span<byte> header = stackalloc byte[NpyHeader.WrittenLength];
        NpyHeader.Write(header, merge.Headers.Count, incoming.Dimension);
        RandomAccess.Write(file, header, 0);
        int rowLength = incoming.Dimension * sizeof(float);
        byte[] buffer = new byte[Math.Max(1, HashSize / rowLength) * rowLength];
        long offset = header.Length;
        int filled = 0;
        for (int i = 0; i < merge.Headers.Count; i++)
        {
            MemoryMarshal.AsBytes(merge.Row(i, stored, incoming).Span).CopyTo(buffer.AsSpan(filled));
            filled += rowLength;
            if (filled < buffer.Length && i < merge.Headers.Count - 1)
                continue;
            RandomAccess.Write(file, buffer.AsSpan(0, filled), offset);
            offset += filled;
            filled = 0;
        }
    }

    // Knowledge time never runs backwards within a partition and is never twice the same, whatever the clock does: what was known at a time stays so.
    private DateTimeOffset Now(DateTimeOffset? last)
    {
        var now = time.GetUtcNow().ToUniversalTime();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        return last >= now ? last.Value.AddMicroseconds(1) : now;
    }

    // The disk writes while the processor hashes.
    private static (string Sha256, uint Crc32C) FlushAndHash(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var flush = Task.Run(() => RandomAccess.FlushToDisk(file));
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        uint crc32C = 0;
        byte[] buffer = new byte[HashSize];
        long length = RandomAccess.GetLength(file);
        for (long offset = 0; offset < length; offset += HashSize)
        {
            var block = buffer.AsSpan(0, (int)Math.Min(HashSize, length - offset));
            PartitionFolder.ReadExactly(file, block, offset, path);
            sha256.AppendData(block);
            crc32C = Crc32C.Of(block, crc32C);
        }
        flush.GetAwaiter().GetResult();
        return (Convert.ToHexStringLower(sha256.GetHashAndReset()), crc32C);
    }
}
