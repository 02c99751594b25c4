using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;
using Prometheus.Grid.Storage.Folder.Npy;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>Rows of one generation with the generation in which each got its value.</summary>
internal sealed record StoredRows(VectorBatch Batch, int[] Since);

/// <summary>The folder of one partition: the files of its generations and how they are read.</summary>
internal sealed class PartitionFolder(PartitionKey key, string path)
{
    // Large enough to make system calls cheap, small enough for the checksum to find the bytes still in the second-level cache.
    private const int ReadSize = 512 * 1024;

    public PartitionKey Key { get; } = key;

    public string Path { get; } = path;

    public string CurrentPath => System.IO.Path.Combine(Path, "current.json");

    public string StagingPath => System.IO.Path.Combine(Path, "staging.npy");

    public string JournalPath => System.IO.Path.Combine(Path, "staging.journal");

    public string NpyPath(int generation) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{generation}.npy"));

    public string IdsPath(int generation) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{generation}.ids.csv"));

    /// <summary>What current.json says; null when the partition does not exist.</summary>
    public PartitionManifest? ReadManifest() => PartitionManifest.Read(CurrentPath);

    /// <summary>
    /// Reads a generation, or some of its rows, and checks every byte of it, unless this process has done so before and the file is still that one; of no rows
    /// it reads nothing.
    /// </summary>
    /// <param name="generation">Which.</param>
    /// <param name="wanted">The entities wanted; null for all.</param>
    /// <param name="known">What this process has checked; null to check all.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <exception cref="GridFaultException">A file is not as it was written.</exception>
    /// <exception cref="FileNotFoundException">A file is gone: it was vacuumed meanwhile, or somebody deleted it.</exception>
    public StoredRows Read(Generation generation, IReadOnlyCollection<string>? wanted, CheckedGenerations? known, CancellationToken cancellationToken)
    {
        if (wanted is { Count: 0 })
            return new StoredRows(new VectorBatch([], Array.Empty<float>(), generation.Dimension), []);
        string path = NpyPath(generation.Number);
        var isChecked = wanted is null ? null : known?.Find(path, generation);
        var stamp = isChecked is null ? CheckedGenerations.StampOf(path) : default;
        (var headers, int[] since) = isChecked ?? ReadIds(generation);
        int[]? rows = wanted is null ? null : Rows(headers, wanted);
        float[] values = isChecked is null ? ReadValues(generation, rows, cancellationToken) : ReadRows(generation, rows!);
        if (isChecked is null)
            known?.Keep(path, generation, stamp, headers, since);
        if (rows is not null)
        {
            headers = Array.ConvertAll(rows, row => headers[row]);
            since = Array.ConvertAll(rows, row => since[row]);
        }
        int bad = FloatChecks.IndexOfNonFinite(values);
        if (bad >= 0)
            throw StorageFault.Damaged(path, $"the vector of '{headers[bad / generation.Dimension].EntityId}' holds {values[bad]}");
        return new StoredRows(new VectorBatch(headers, values, generation.Dimension), since);
    }

    /// <summary>Reads whose rows a generation holds.</summary>
    public (RowHeader[] Headers, int[] Since) ReadIds(Generation generation)
    {
        string idsPath = IdsPath(generation.Number);
        byte[] bytes = File.ReadAllBytes(idsPath);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != generation.IdsSha256)
            throw StorageFault.Damaged(idsPath, "its checksum does not match");
        return IdsFile.Parse(bytes, generation.Rows, idsPath);
    }

    private static int[] Rows(RowHeader[] headers, IReadOnlyCollection<string> wanted)
    {
        var rows = new SortedSet<int>();
        foreach (string id in wanted)
        {
            int row = Array.BinarySearch(headers, new RowHeader(id), ById);
            if (row >= 0)
                rows.Add(row);
        }
        return [.. rows];
    }

    private static readonly Comparer<RowHeader> ById = Comparer<RowHeader>.Create((a, b) => string.CompareOrdinal(a.EntityId, b.EntityId));

    private float[] ReadValues(Generation generation, int[]? rows, CancellationToken cancellationToken)
    {
        string path = NpyPath(generation.Number);
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        Span<byte> header = stackalloc byte[NpyHeader.WrittenLength];
        NpyHeader.Write(header, generation.Rows, generation.Dimension);
        long rowLength = (long)generation.Dimension * sizeof(float);
        long length = RandomAccess.GetLength(file);
        if (length != header.Length + generation.Rows * rowLength)
            throw StorageFault.Damaged(path, $"it has {length} bytes instead of {header.Length + generation.Rows * rowLength}");
        Span<byte> actualHeader = stackalloc byte[NpyHeader.WrittenLength];
        ReadExactly(file, actualHeader, 0, path);
        if (!actualHeader.SequenceEqual(header))
            throw StorageFault.Damaged(path, $"its header is not that of {generation.Rows} × {generation.Dimension} float32");

        float[] values = GC.AllocateUninitializedArray<float>(checked((rows?.Length ?? generation.Rows) * generation.Dimension));
        var target = MemoryMarshal.AsBytes(values.AsSpan());
        uint checksum = Crc32C.Of(actualHeader);
        int rowsAtOnce = (int)Math.Max(1, ReadSize / rowLength);
        byte[] buffer = rows is null ? [] : new byte[rowsAtOnce * rowLength];
        int next = 0;
        for (int first = 0; first < generation.Rows; first += rowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int size = (int)(Math.Min(rowsAtOnce, generation.Rows - first) * rowLength);
            var block = rows is null ? target.Slice((int)(first * rowLength), size) : buffer.AsSpan(0, size);
            ReadExactly(file, block, header.Length + first * rowLength, path);
            checksum = Crc32C.Of(block, checksum);
            for (; rows is not null && next < rows.Length && rows[next] < first + rowsAtOnce; next++)
                block.Slice((int)((rows[next] - first) * rowLength), (int)rowLength).CopyTo(target[(int)(next * rowLength)..]);
        }
        return checksum == generation.NpyCrc32C ? values : throw StorageFault.Damaged(path, "its checksum does not match");
    }

    private float[] ReadRows(Generation generation, int[] rows)
    {
        string path = NpyPath(generation.Number);
        using var file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        float[] values = GC.AllocateUninitializedArray<float>(checked(rows.Length * generation.Dimension));
        var target = MemoryMarshal.AsBytes(values.AsSpan());
        int rowLength = generation.Dimension * sizeof(float);
        for (int i = 0; i < rows.Length; i++)
            ReadExactly(file, target.Slice(i * rowLength, rowLength), NpyHeader.WrittenLength + ((long)rows[i] * rowLength), path);
        return values;
    }

    /// <summary>Fills <paramref name="destination"/> from a file.</summary>
    public static void ReadExactly(SafeFileHandle file, Span<byte> destination, long offset, string path)
    {
        while (destination.Length > 0)
        {
            int count = RandomAccess.Read(file, destination, offset);
            if (count == 0)
                throw StorageFault.Damaged(path, $"it ends at byte {offset}");
            destination = destination[count..];
            offset += count;
        }
    }
}
