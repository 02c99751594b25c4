using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Fusion;

/// <summary>
/// Puts the branch vectors of one entity together into its joint vector. A fusion is linear in its branches once each is scaled by
/// <see cref="Scale"/>, which is what makes a score explainable: it splits into one term a branch.
/// </summary>
public abstract class BranchFusion
{
    private protected BranchFusion(SpaceManifest space) => Space = space;

    /// <summary>The space whose joint vectors these are.</summary>
    public SpaceManifest Space { get; }

    /// <summary>The fusion that a space asks for.</summary>
    public static BranchFusion For(SpaceManifest space) => space.Fusion switch
    {
        FusionKind.Average => new AverageFusion(space),
        FusionKind.Blocks => new BlockFusion(space),
        FusionKind.Identity => new IdentityFusion(space),
        _ => throw new ArgumentOutOfRangeException(nameof(space), space.Fusion, "unknown fusion"),
    };

    /// <summary>Writes the joint vector, or says what is missing.</summary>
    /// <param name="branches">A vector for each branch of the space, empty where the entity has none.</param>
    /// <param name="shares">Shares of the branches, summing to one, or empty for the space's own.</param>
    /// <param name="joint">Receives <see cref="SpaceManifest.Dimension"/> values.</param>
    /// <returns>Null when the vector was written.</returns>
    public SkipReason? Fuse(ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares, Span<float> joint)
    {
        for (int i = 0; i < branches.Length; i++)
        {
            bool counts = shares.IsEmpty ? Space.Branches[i].Required : shares[i] > 0;
            if (counts && branches[i].IsEmpty)
                return new SkipReason($"no {Space.Branches[i].Name} vector", $"{Space.Branches[i].ModelId} has none");
        }
        joint.Clear();
        return FuseComplete(branches, shares, joint);
    }

    /// <summary>
    /// Writes the joint vector of the branches that are there, those that are missing counting as zero: so a candidate that lacks a branch
    /// stays in a search, with nothing to score in that branch. All zero when none is there.
    /// </summary>
    /// <param name="branches">A vector for each branch of the space, empty where the entity has none.</param>
    /// <param name="shares">Shares of the branches, summing to one.</param>
    /// <param name="joint">Receives <see cref="SpaceManifest.Dimension"/> values.</param>
    public void FuseAvailable(ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares, Span<float> joint)
    {
        joint.Clear();
        FuseComplete(branches, shares, joint);
    }

    /// <summary>The number that branch <paramref name="index"/> is multiplied by on its way into the joint vector of an entity.</summary>
    /// <param name="index">The branch.</param>
    /// <param name="branches">The entity's branch vectors.</param>
    /// <param name="shares">Shares of the branches, or empty for the space's own.</param>
    public abstract double Scale(int index, ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares);

    /// <summary>True when two branches can meet in a coordinate, so that the product of different branches enters a score.</summary>
    public abstract bool BranchesOverlap { get; }

    private protected abstract SkipReason? FuseComplete(
        ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares, Span<float> joint);

    /// <summary>The shares in force, scaled to sum to one over the branches that are there.</summary>
    private protected double ShareOf(int index, ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares)
    {
        if (branches[index].IsEmpty)
            return 0;
        double present = 0;
        for (int i = 0; i < branches.Length; i++)
        {
            if (!branches[i].IsEmpty)
                present += shares.IsEmpty ? Space.Branches[i].Weight : shares[i];
        }
        return present == 0 ? 0 : (shares.IsEmpty ? Space.Branches[index].Weight : shares[index]) / present;
    }
}
