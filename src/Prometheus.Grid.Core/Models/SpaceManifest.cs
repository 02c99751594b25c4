using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Models;

/// <summary>How the branches of a joint vector are put together.</summary>
public enum FusionKind
{
    /// <summary>The seed's: numeric branches averaged with text, in float32. One coordinate mixes all branches.</summary>
    Average,

    /// <summary>Unit branch blocks side by side, each scaled by √weight: the joint cosine is the weighted mean of branch cosines.</summary>
    Blocks,

    /// <summary>One branch, unchanged.</summary>
    Identity,
}

/// <summary>Which instrument's numeric vectors enter the joint vector of an issuer.</summary>
public enum InstrumentRule
{
    /// <summary>The seed's: the ordinally smallest id, of any class and status.</summary>
    SmallestId,

    /// <summary>The equity that has vectors on the date and trades most (docs/models.md has the rule).</summary>
    MostTradedEquity,
}

/// <summary>One branch of a space.</summary>
/// <param name="Name">How users name it in <c>--weights</c>, for example <c>text</c>.</param>
/// <param name="Kind">Numeric or text.</param>
/// <param name="ModelId">The model whose vectors enter unless a run names another.</param>
/// <param name="Weight">Its default share; shares of a space are normalised to sum to one over the branches present.</param>
/// <param name="Required">Whether an entity without it has no joint vector.</param>
/// <param name="Dimensions">For <see cref="FusionKind.Blocks"/>: how many leading coordinates of the branch vector enter.</param>
public sealed record BranchManifest(string Name, BranchKind Kind, string ModelId, double Weight, bool Required, int? Dimensions = null)
{
    internal static BranchManifest Read(ManifestObject json) => new(
        json.Text("name"),
        (BranchKind)json.Choice("kind", "numeric", "text"),
        json.Text("model_id"),
        json.Number("weight"),
        json.Flag("required"),
        json.Count("dimensions", otherwise: null));
}


/// <summary>
/// A joint space as data: which entities live in it, which branches are fused and how. One space holds the vectors of one joint
/// model; several may share a joint type, and their vectors never meet in one search.
/// </summary>
public sealed record SpaceManifest
{
    /// <summary>The joint model whose vectors fill the space, for example <c>joint-profile-core-v1</c>.</summary>
    public required string ModelId { get; init; }

    /// <summary>The seed's name of the space, for example <c>PROFILE_CORE_V0</c>.</summary>
    public required string JointType { get; init; }

    /// <summary>Who lives in it.</summary>
    public required EntityKind Entity { get; init; }

    /// <summary>How branches are put together.</summary>
    public required FusionKind Fusion { get; init; }

    /// <summary>The branches, in block order.</summary>
    public required IReadOnlyList<BranchManifest> Branches { get; init; }

    /// <summary>Length of its vectors.</summary>
    public required int Dimension { get; init; }

    /// <summary>Which instrument stands for an issuer.</summary>
    public InstrumentRule Instrument { get; init; }

    /// <summary>What the <c>source</c> column of its rows says.</summary>
    public string Source { get; init; } = "";

    /// <summary>One sentence for <c>grid spaces list</c>.</summary>
    public string Description { get; init; } = "";

    internal static SpaceManifest Read(ManifestObject json) => new()
    {
        ModelId = json.Text("model_id"),
        JointType = json.Text("joint_type"),
        Entity = json.Entity(),
        Fusion = (FusionKind)json.Choice("fusion", "average", "blocks", "identity"),
        Branches = json.List("branches", BranchManifest.Read),
        Dimension = json.Count("dimension", otherwise: 384) ?? 384,
        Instrument = json.OptionalText("instrument") is null ? InstrumentRule.SmallestId : (InstrumentRule)json.Choice("instrument", "smallest_id", "most_traded_equity"),
        Source = json.Text("source", ""),
        Description = json.Text("description", ""),
    };

    /// <summary>The branch of this name.</summary>
    /// <exception cref="BadInputException">The space has no such branch.</exception>
    public BranchManifest Branch(string name) =>
        Branches.FirstOrDefault(branch => branch.Name == name)
        ?? throw new BadInputException("Weights", name, $"branches of {ModelId}: {string.Join(", ", Branches.Select(b => b.Name))}");

    /// <summary>The same space with other models behind its branches.</summary>
    /// <param name="modelIds">Model by branch name; an empty model id removes the branch.</param>
    /// <exception cref="BadInputException">A branch is unknown, or a required one would be removed.</exception>
    public SpaceManifest WithBranchModels(IReadOnlyDictionary<string, string> modelIds)
    {
        foreach ((string name, string modelId) in modelIds)
        {
            if (Branch(name).Required && modelId.Length == 0)
                throw new BadInputException($"model of branch {name}", "", $"a model id; {ModelId} has no vector without this branch");
        }
        return this with
        {
            Branches =
            [
                .. Branches
                    .Where(b => modelIds.GetValueOrDefault(b.Name, b.ModelId).Length > 0)
                    .Select(b => b with { ModelId = modelIds.GetValueOrDefault(b.Name, b.ModelId) }),
            ],
        };
    }
}
