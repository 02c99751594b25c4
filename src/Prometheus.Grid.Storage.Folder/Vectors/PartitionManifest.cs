using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>One state of a partition: what was written when, with checksums of its two files.</summary>
internal sealed record Generation
{
    /// <summary>1 for the first; names the files.</summary>
    public required int Number { get; init; }

    /// <summary>When it became known, in whole microseconds as Postgres keeps time.</summary>
    public required DateTimeOffset KnownAt { get; init; }

    public required int Rows { get; init; }

    public required int Dimension { get; init; }

    public required string Origin { get; init; }

    /// <summary>SHA-256 of &lt;n&gt;.npy, lower-case hexadecimal, for people and `grid verify`.</summary>
    public required string NpySha256 { get; init; }

    /// <summary>CRC-32C of &lt;n&gt;.npy, checked on every read.</summary>
    public required uint NpyCrc32C { get; init; }

    /// <summary>SHA-256 of &lt;n&gt;.ids.csv.</summary>
    public required string IdsSha256 { get; init; }

    /// <summary>True when its files are gone and only number and time remain.</summary>
    public bool Vacuumed { get; init; }

    /// <summary>Equal for equal rows of one partition, also after the partition was deleted and built anew.</summary>
    public string Version => string.Create(CultureInfo.InvariantCulture, $"{Number}-{NpySha256.AsSpan(0, 12)}-{IdsSha256.AsSpan(0, 12)}");

    /// <summary>Reads a generation of current.json.</summary>
    /// <exception cref="InvalidOperationException">A field has another type.</exception>
    /// <exception cref="FormatException">A field is out of range.</exception>
    /// <exception cref="KeyNotFoundException">A field is missing.</exception>
    public static Generation Read(JsonElement generation) => new()
    {
        Number = generation.GetProperty("number").GetInt32(),
        KnownAt = generation.GetProperty("known_at").GetDateTimeOffset(),
        Rows = generation.GetProperty("rows").GetInt32(),
        Dimension = generation.GetProperty("dimension").GetInt32(),
        Origin = Text(generation, "origin"),
        NpySha256 = Text(generation, "npy_sha256"),
        NpyCrc32C = generation.GetProperty("npy_crc32c").GetUInt32(),
        IdsSha256 = Text(generation, "ids_sha256"),
        Vacuumed = generation.TryGetProperty("vacuumed", out var vacuumed) && vacuumed.GetBoolean(),
    };

    /// <summary>Writes it as an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("number", Number);
        json.WriteString("known_at", KnownAt);
        json.WriteNumber("rows", Rows);
        json.WriteNumber("dimension", Dimension);
        json.WriteString("origin", Origin);
        json.WriteString("npy_sha256", NpySha256);
        json.WriteNumber("npy_crc32c", NpyCrc32C);
        json.WriteString("ids_sha256", IdsSha256);
        if (Vacuumed)
            json.WriteBoolean("vacuumed", true);
        json.WriteEndObject();
    }

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");
}

/// <summary>
/// The content of current.json: the live generation, those before it, and a checksum of all that. Read and written field by field, because
/// a serializer is compiled anew in every process: that took 0.07 s of a search that takes 0.4.
/// </summary>
internal sealed record PartitionManifest
{
    private const int CurrentFormat = 1;

    // The bytes that it was read from.
    private byte[] _source = [];

    public int Format { get; init; } = CurrentFormat;

    public required Generation Live { get; init; }

    /// <summary>Superseded generations, ascending.</summary>
    public IReadOnlyList<Generation> Earlier { get; init; } = [];

    /// <summary>SHA-256 of this document as it is without its checksum.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>All generations, ascending.</summary>
    public IEnumerable<Generation> All => Earlier.Append(Live);

    /// <summary>The generation that was live at a time, or null when there was none.</summary>
    /// <exception cref="NotFoundException">It was vacuumed.</exception>
    public Generation? At(PartitionKey key, DateTimeOffset? asKnown)
    {
        if (asKnown is not { } time || Live.KnownAt <= time)
            return Live;
        var then = Earlier.LastOrDefault(generation => generation.KnownAt <= time);
        if (then is not { Vacuumed: true })
            return then;
        var kept = All.First(generation => !generation.Vacuumed && generation.Number > then.Number);
        throw new NotFoundException("state of", $"{key} as known at {time:O}", $"it was vacuumed; the oldest kept is known at {kept.KnownAt:O}");
    }

    /// <summary>When the values of a generation became known, whether vacuumed or not.</summary>
    public DateTimeOffset KnownAt(int number) => All.Last(generation => generation.Number <= number).KnownAt;

    /// <summary>Reads current.json; null when the partition does not exist.</summary>
    /// <exception cref="GridFaultException">It is damaged.</exception>
    /// <param name="path">The file.</param>
    /// <param name="known">What it said before: one that has not changed is not parsed and checked again.</param>
    public static PartitionManifest? Read(string path, PartitionManifest? known = null)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        if (known is not null && bytes.AsSpan().SequenceEqual(known._source))
            return known;
        try
        {
            var manifest = Parse(bytes);
            if (manifest.Format != CurrentFormat)
                throw new GridFaultException($"{path} has format {manifest.Format}; this version of grid reads format {CurrentFormat}");
            return manifest.Checksum == manifest.ComputeChecksum() ? manifest : throw StorageFault.Damaged(path, "its checksum does not match");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw StorageFault.Damaged(path, error.Message);
        }
    }

    /// <summary>The bytes of current.json.</summary>
    public byte[] ToBytes() => Write(ComputeChecksum());

    private static PartitionManifest Parse(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        var root = document.RootElement;
        return new PartitionManifest
        {
            _source = bytes,
            Format = root.GetProperty("format").GetInt32(),
            Live = Generation.Read(root.GetProperty("live")),
            Earlier = [.. root.GetProperty("earlier").EnumerateArray().Select(Generation.Read)],
            Checksum = root.GetProperty("checksum").GetString() ?? "",
        };
    }

    private string ComputeChecksum() => Convert.ToHexStringLower(SHA256.HashData(Write(checksum: "")));

    private byte[] Write(string checksum)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WritePropertyName("live");
            Live.Write(json);
            json.WriteStartArray("earlier");
            foreach (var generation in Earlier)
                generation.Write(json);
            json.WriteEndArray();
            json.WriteString("checksum", checksum);
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }
}
