using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.Json;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>First entry of a journal: which work the staged rows belong to.</summary>
internal sealed record JournalBegin(int Format, string Fingerprint, int Dimension, string Origin);

/// <summary>A committed chunk.</summary>
/// <param name="Rows">Entity, instrument, region and source of each row.</param>
/// <param name="Skipped">Entity, code and detail of each entity without a row.</param>
/// <param name="Crc32C">CRC-32C of the chunk's values in staging.npy.</param>
internal sealed record JournalChunk(IReadOnlyList<string[]> Rows, IReadOnlyList<string[]> Skipped, uint Crc32C);

/// <summary>Last entry: the staged rows are about to become a generation.</summary>
internal sealed record JournalAdoption(int Generation, string NpySha256, int Written, int Unchanged);

/// <summary>One line of a journal; exactly one part is there.</summary>
internal sealed record JournalEntry(JournalBegin? Begin = null, JournalChunk? Chunk = null, JournalAdoption? Adoption = null);

/// <summary>An entry and where it ends in the file.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="End">The byte behind its line: how long the journal is with this entry as its last.</param>
internal readonly record struct PlacedEntry(JournalEntry Entry, long End);

/// <summary>
/// An append-only log of the chunks of one unfinished write, a line each: CRC-32C, blank, JSON. A line that is cut off or does not match
/// its checksum, and all behind it, was never committed.
/// </summary>
internal sealed class StagingJournal : IDisposable
{
    public const int CurrentFormat = 1;

    // Eight hexadecimal digits and a blank.
    private const int ChecksumLength = 9;

    private readonly SafeFileHandle _file;

    private StagingJournal(SafeFileHandle file) => _file = file;

    /// <summary>Bytes of the committed entries.</summary>
    public long Length { get; private set; }

    /// <summary>Opens or creates a journal for this process alone and reads the entries that are whole.</summary>
    public static StagingJournal Open(string path, out List<PlacedEntry> entries)
    {
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            entries = Read(file, path);
            return new StagingJournal(file) { Length = entries.Count == 0 ? 0 : entries[^1].End };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends an entry; the caller flushes.</summary>
    public void Append(JournalEntry entry)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry);
        byte[] line = [.. Encoding.ASCII.GetBytes(Crc32C.Of(json).ToString("x8", CultureInfo.InvariantCulture)), (byte)' ', .. json, (byte)'\n'];
        RandomAccess.Write(_file, line, Length);
        Length += line.Length;
    }

    /// <summary>Forgets everything behind <paramref name="length"/>.</summary>
    public void Truncate(long length)
    {
        RandomAccess.SetLength(_file, length);
        Length = length;
    }

    /// <summary>Waits until the entries are on the disk.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_file);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static List<PlacedEntry> Read(SafeFileHandle file, string path)
    {
        byte[] bytes = new byte[RandomAccess.GetLength(file)];
        PartitionFolder.ReadExactly(file, bytes, 0, path);
        List<PlacedEntry> entries = [];
        for (int start = 0; ;)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            if (length < ChecksumLength || Parse(bytes.AsSpan(start, length)) is not { } entry)
                return entries;
            start += length + 1;
            entries.Add(new PlacedEntry(entry, start));
        }
    }

    private static JournalEntry? Parse(ReadOnlySpan<byte> line)
    {
        var json = line[ChecksumLength..];
        bool isWhole = uint.TryParse(line[..(ChecksumLength - 1)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint checksum)
            && checksum == Crc32C.Of(json);
        return isWhole ? JsonSerializer.Deserialize(json, JournalJson.Default.JournalEntry) : null;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
