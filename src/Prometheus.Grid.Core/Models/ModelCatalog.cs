using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Models;

/// <summary>
/// All models and spaces that a grid knows, read from manifest files: <c>*.json</c> of the model folders and <c>spaces/*.json</c> below
/// them. A later folder overrides nothing: a repeated id is an error, since one id means one computation.
/// </summary>
public sealed class ModelCatalog
{
    private readonly SortedDictionary<string, ModelManifest> _models = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SpaceManifest> _spaces = new(StringComparer.Ordinal);

    /// <summary>Models in ordinal order of their ids; joint models are in <see cref="Spaces"/>.</summary>
    public IReadOnlyCollection<ModelManifest> Models => _models.Values;

    /// <summary>Spaces in ordinal order of their joint model ids.</summary>
    public IReadOnlyCollection<SpaceManifest> Spaces => _spaces.Values;

    /// <summary>Reads the manifests of all <paramref name="folders"/> that exist.</summary>
    /// <exception cref="BadInputException">A manifest is not what the format asks for, or an id occurs twice.</exception>
    public static ModelCatalog Load(params IEnumerable<string> folders)
    {
        var catalog = new ModelCatalog();
        foreach (string folder in folders.Where(Directory.Exists))
        {
            foreach (string file in ManifestFiles(folder))
                catalog.Add(ManifestObject.Read(file, ModelManifest.Read) with { Folder = folder }, file);
            string spaces = Path.Combine(folder, "spaces");
            foreach (string file in Directory.Exists(spaces) ? ManifestFiles(spaces) : [])
                catalog.Add(ManifestObject.Read(file, SpaceManifest.Read), file);
        }
        return catalog;
    }

    /// <summary>Writes all manifests as one text, for clients of a grid elsewhere.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Manifests([.. Models], [.. Spaces]), Manifests.Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="BadInputException">The text is no such catalog.</exception>
    public static ModelCatalog FromJson(string json)
    {
        var catalog = new ModelCatalog();
        ManifestObject.Parse("catalog", System.Text.Encoding.UTF8.GetBytes(json), manifests =>
        {
            foreach (var model in manifests.List("models", ModelManifest.Read))
                catalog.Add(model, "catalog");
            foreach (var space in manifests.List("spaces", SpaceManifest.Read))
                catalog.Add(space, "catalog");
            return catalog;
        });
        return catalog;
    }

    /// <summary>The model of this id.</summary>
    /// <exception cref="NotFoundException">No manifest has it.</exception>
    public ModelManifest Model(string modelId) =>
        TryModel(modelId, out var model) ? model : throw Unknown("model", modelId, _models.Keys);

    /// <summary>The model of this id, which must be of one kind and for one sort of entity.</summary>
    /// <exception cref="NotFoundException">No manifest has the id.</exception>
    /// <exception cref="BadInputException">It is a model of another kind.</exception>
    public ModelManifest Model(string modelId, BranchKind kind, EntityKind entity)
    {
        var model = Model(modelId);
        if (model.Kind == kind && model.Entity == entity)
            return model;
        var fitting = _models.Values.Where(m => m.Kind == kind && m.Entity == entity).Select(m => m.ModelId);
        throw new BadInputException("ModelId", modelId, $"a {Lower(kind)} model of {Lower(entity)}s: {string.Join(", ", fitting)}");
    }

    /// <summary>The space of this joint model.</summary>
    /// <exception cref="NotFoundException">No manifest has it.</exception>
    public SpaceManifest Space(string jointModelId) =>
        _spaces.TryGetValue(jointModelId, out var space) ? space : throw Unknown("joint model", jointModelId, _spaces.Keys);

    /// <summary>The space of this joint model, which must hold one sort of entity.</summary>
    /// <exception cref="NotFoundException">No manifest has it.</exception>
    /// <exception cref="BadInputException">Its entities are of another kind.</exception>
    public SpaceManifest Space(string jointModelId, EntityKind entity)
    {
        var space = Space(jointModelId);
        if (space.Entity == entity)
            return space;
        var fitting = _spaces.Values.Where(s => s.Entity == entity).Select(s => s.ModelId);
        throw new BadInputException("ModelId", jointModelId, $"a joint model of {Lower(entity)}s: {string.Join(", ", fitting)}");
    }

    private bool TryModel(string modelId, [NotNullWhen(true)] out ModelManifest? model)
    {
        if (_models.TryGetValue(modelId, out model))
            return true;
        // The seed encodes any num-*-core-v1 the same way; only the window tells them apart, and the run names it.
        bool isSeedWindow = modelId.StartsWith("num-", StringComparison.Ordinal) && modelId.EndsWith("-core-v1", StringComparison.Ordinal);
        if (isSeedWindow && IsWellFormed(modelId) && _models.TryGetValue("num-profile-core-v1", out var window))
            model = window with { ModelId = modelId, Description = "Price window of the seed under a name of the user's own." };
        return model is not null;
    }

    private void Add(ModelManifest model, string file)
    {
        CheckId(model.ModelId, $"{file} model_id");
        if (!_models.TryAdd(model.ModelId, model))
            throw new BadInputException($"{file} model_id", model.ModelId, "an id that no other manifest has");
    }

    private void Add(SpaceManifest space, string file)
    {
        CheckId(space.ModelId, $"{file} model_id");
        if (space.Branches.Count == 0 || space.Branches.Any(b => !(b.Weight > 0) || b.Kind == BranchKind.Joint))
            throw new BadInputException($"{file} branches", space.Branches.Count, "one or more numeric or text branches with weights above 0");
        if (space.Fusion == FusionKind.Blocks && space.Branches.Sum(b => b.Dimensions ?? space.Dimension + 1) > space.Dimension)
            throw new BadInputException($"{file} branches", "dimensions", $"dimensions in each branch that add up to at most {space.Dimension}");
        if (!_spaces.TryAdd(space.ModelId, space))
            throw new BadInputException($"{file} model_id", space.ModelId, "an id that no other space has");
    }

    /// <summary>Refuses an id that cannot name a model.</summary>
    /// <param name="id">The id.</param>
    /// <param name="field">Names the flag or manifest in the error.</param>
    /// <exception cref="BadInputException">The id is not 1 to 64 lower-case letters, digits and hyphens.</exception>
    public static void CheckId(string id, string field)
    {
        if (!IsWellFormed(id))
            throw new BadInputException(field, id, "1 to 64 lower-case letters, digits and hyphens");
    }

    // Ids become folder names, so they must not be able to leave the data folder.
    private static bool IsWellFormed(string id) =>
        id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static NotFoundException Unknown(string what, string id, IEnumerable<string> known) =>
        new(what, id, $"known are {string.Join(", ", known)}");

    private static IEnumerable<string> ManifestFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal);

    private static string Lower(Enum value) => value.ToString().ToLowerInvariant();

    private sealed record Manifests(IReadOnlyList<ModelManifest> Models, IReadOnlyList<SpaceManifest> Spaces)
    {
        public static JsonSerializerOptions Json { get; } = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        };
    }
}
