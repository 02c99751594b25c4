using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
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
    [JsonPropertyName("npy_crc32c")]
    public required uint NpyCrc32C { get; init; }

    /// <summary>SHA-256 of &lt;n&gt;.ids.csv.</summary>
    public required string IdsSha256 { get; init; }

    /// <summary>True when its files are gone and only number and time remain.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Vacuumed { get; init; }

    /// <summary>Equal for equal rows of one partition, also after the partition was deleted and built anew.</summary>
    [JsonIgnore]
    public string Version => string.Create(CultureInfo.InvariantCulture, $"{Number}-{NpySha256.AsSpan(0, 12)}-{IdsSha256.AsSpan(0, 12)}");
}

/// <summary>The content of current.json: the live generation, those before it, and a checksum of all that.</summary>
internal sealed record PartitionManifest
{
    private const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    public required Generation Live { get; init; }

    /// <summary>Superseded generations, ascending.</summary>
    public IReadOnlyList<Generation> Earlier { get; init; } = [];

    /// <summary>SHA-256 of this document as it is without its checksum.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>All generations, ascending.</summary>
    [JsonIgnore]
    public IEnumerable<Generation> All => Earlier.Append(Live);

    /// <summary>The generation that was live at a time, or null when there was none.</summary>
    /// <exception cref="NotFoundException">It was vacuumed.</exception>
    public Generation? At(PartitionKey key, DateTimeOffset? asKnown)
    {
        if (asKnown is not { } time || Live.KnownAt <= time)
            return Live;
        Generation? then = Earlier.LastOrDefault(generation => generation.KnownAt <= time);
        if (then is not { Vacuumed: true })
            return then;
        Generation kept = All.First(generation => !generation.Vacuumed && generation.Number > then.Number);
        throw new NotFoundException("state of", $"{key} as known at {time:O}", $"it was vacuumed; the oldest kept is known at {kept.KnownAt:O}");
    }

    /// <summary>When the values of a generation became known, whether vacuumed or not.</summary>
    public DateTimeOffset KnownAt(int number) => All.Last(generation => generation.Number <= number).KnownAt;

    /// <summary>Reads current.json; null when the partition does not exist.</summary>
    /// <exception cref="GridFaultException">It is damaged.</exception>
    public static PartitionManifest? Read(string path)
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
        try
        {
            PartitionManifest manifest = JsonSerializer.Deserialize(bytes, ManifestJson.Default.PartitionManifest)
                ?? throw StorageFault.Damaged(path, "it is empty");
            if (manifest.Format != CurrentFormat)
                throw new GridFaultException($"{path} has format {manifest.Format}; this version of grid reads format {CurrentFormat}");
            return manifest.Checksum == manifest.ComputeChecksum() ? manifest : throw StorageFault.Damaged(path, "its checksum does not match");
        }
        catch (JsonException error)
        {
            throw StorageFault.Damaged(path, error.Message);
        }
    }

    /// <summary>The bytes of current.json.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = ComputeChecksum() }, ManifestJson.Default.PartitionManifest);

    private string ComputeChecksum() => Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = "" }, ManifestJson.Default.PartitionManifest)));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PartitionManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
