using System.Text.Json;
using System.Text.Json.Serialization;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Models;

/// <summary>What a model turns into vectors; also the first folder level of stored vectors.</summary>
public enum BranchKind
{
    /// <summary>Prices of an instrument, or the risk report of a portfolio.</summary>
    Numeric,

    /// <summary>The business text of an issuer.</summary>
    Text,

    /// <summary>Vectors of other models, fused.</summary>
    Joint,
}

/// <summary>
/// A model as data: which encoder computes it, with which parameters, into how many dimensions. Changing what is computed means a new
/// <see cref="ModelId"/>, so vectors of one id are always comparable.
/// </summary>
public sealed record ModelManifest
{
    /// <summary>Identity, for example <c>num-profile-core-v1</c>; lower-case letters, digits and hyphens.</summary>
    public required string ModelId { get; init; }

    /// <summary>What it turns into vectors.</summary>
    public required BranchKind Kind { get; init; }

    /// <summary>Whose vectors these are.</summary>
    public required EntityKind Entity { get; init; }

    /// <summary>Name of the encoder in the <c>EncoderRegistry</c>.</summary>
    public required string Encoder { get; init; }

    /// <summary>Length of the vectors, or null when a parameter of the run decides it.</summary>
    public int? Dimension { get; init; }

    /// <summary>One sentence for <c>grid models list</c>.</summary>
    public string Description { get; init; } = "";

    /// <summary>The encoder's parameters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Parameters { get; init; }

    /// <summary>Files it needs, as their first source has them: the product itself, or the URL that a file names.</summary>
    public IReadOnlyList<ModelFile> Files { get; init; } = [];

    /// <summary>Where else the files are, in the order in which they are tried.</summary>
    public IReadOnlyList<ModelPackage> Packages { get; init; } = [];

    /// <summary>What each coordinate stands for, such as a class; empty when coordinates mean nothing by themselves.</summary>
    public IReadOnlyList<string> Coordinates { get; init; } = [];

    /// <summary>Where its data came from, and under which licence; empty when nothing is fitted.</summary>
    public string Provenance { get; init; } = "";

    /// <summary>The folder the manifest was read from; files are relative to it.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = "";

    internal static ModelManifest Read(ManifestObject json) => new()
    {
        ModelId = json.Text("model_id"),
        Kind = (BranchKind)json.Choice("kind", "numeric", "text", "joint"),
        Entity = json.Entity(),
        Encoder = json.Text("encoder"),
        Dimension = json.Count("dimension", otherwise: 384),
        Description = json.Text("description", ""),
        Parameters = json.Any("parameters"),
        Files = json.List("files", ModelFile.Read),
        Packages = json.List("packages", ModelPackage.Read),
        Coordinates = json.Texts("coordinates"),
        Provenance = json.Text("provenance", ""),
    };

    /// <summary>A file as each of its sources has it, the first one first.</summary>
    public IEnumerable<ModelFile> VersionsOf(string fileName) =>
        Files.Concat(Packages.SelectMany(package => package.Files)).Where(file => file.Name == fileName);

    /// <summary>A whole-number parameter.</summary>
    /// <exception cref="BadInputException">The manifest lacks it and there is no default, or it is not a positive whole number.</exception>
    public int Int32Parameter(string name, int? otherwise = null)
    {
        if (Parameters.ValueKind != JsonValueKind.Object || !Parameters.TryGetProperty(name, out var value))
            return otherwise ?? throw new BadInputException($"models/{ModelId}.json parameters.{name}", "missing", "a positive whole number");
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number > 0
            ? number
            : throw new BadInputException($"models/{ModelId}.json parameters.{name}", value, "a positive whole number");
    }

    /// <summary>A number parameter.</summary>
    /// <exception cref="BadInputException">It is there but not a number.</exception>
    public double DoubleParameter(string name, double otherwise)
    {
        if (Parameters.ValueKind != JsonValueKind.Object || !Parameters.TryGetProperty(name, out var value))
            return otherwise;
        return value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : throw new BadInputException($"models/{ModelId}.json parameters.{name}", value, "a number");
    }

    /// <summary>A text parameter.</summary>
    /// <exception cref="BadInputException">The manifest lacks it, or it is no text.</exception>
    public string TextParameter(string name) =>
        Parameters.ValueKind == JsonValueKind.Object && Parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new BadInputException($"models/{ModelId}.json parameters.{name}", "missing", "a text");
}
