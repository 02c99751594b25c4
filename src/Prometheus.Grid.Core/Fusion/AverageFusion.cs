using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Fusion;

/// <summary>
/// The seed's fusion (v1): the mean of the numeric branches that exist, averaged with the text branch, all in float32. Other shares give
/// the plain weighted sum of the branches.
/// </summary>
public sealed class AverageFusion : BranchFusion
{
    internal AverageFusion(SpaceManifest space)
        : base(space)
    {
    }

    /// <inheritdoc/>
    public override bool BranchesOverlap => true;

    /// <inheritdoc/>
    public override double Scale(int index, ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares)
    {
        if (!shares.IsEmpty)
            return ShareOf(index, branches, shares);
        if (branches[index].IsEmpty)
            return 0;
        // The seed's two halves do not depend on how many numeric branches there are.
        return Space.Branches[index].Kind == BranchKind.Text ? 0.5 : 0.5 / NumericBranches(branches);
    }

    private protected override SkipReason? FuseComplete(
        ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares, Span<float> joint) =>
        shares.IsEmpty ? FuseAsSeed(branches, joint) : FuseWeighted(branches, shares, joint);

    private SkipReason? FuseAsSeed(ReadOnlySpan<ReadOnlyMemory<float>> branches, Span<float> joint)
    {
        int numericBranches = NumericBranches(branches);
        if (numericBranches == 0)
            return new SkipReason("no numeric vector", "neither a profile nor a behaviour vector");
        for (int i = 0; i < branches.Length; i++)
        {
            if (Space.Branches[i].Kind == BranchKind.Numeric && !branches[i].IsEmpty)
                Add(branches[i].Span, 1f, joint);
        }
        foreach (ref float value in joint)
            value = 0.5f * (value / numericBranches);
        for (int i = 0; i < branches.Length; i++)
        {
            if (Space.Branches[i].Kind == BranchKind.Text)
                Add(branches[i].Span, 0.5f, joint);
        }
        return null;
    }

    private SkipReason? FuseWeighted(ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares, Span<float> joint)
    {
        double[] sums = new double[joint.Length];
        for (int i = 0; i < branches.Length; i++)
        {
            double share = ShareOf(i, branches, shares);
            var branch = branches[i].Span;
            for (int value = 0; share > 0 && value < sums.Length; value++)
                sums[value] += share * branch[value];
        }
        for (int value = 0; value < joint.Length; value++)
            joint[value] = (float)sums[value];
        return null;
    }

    private int NumericBranches(ReadOnlySpan<ReadOnlyMemory<float>> branches)
    {
        int count = 0;
        for (int i = 0; i < branches.Length; i++)
            count += Space.Branches[i].Kind == BranchKind.Numeric && !branches[i].IsEmpty ? 1 : 0;
        return count;
    }

    private static void Add(ReadOnlySpan<float> branch, float factor, Span<float> joint)
    {
        for (int value = 0; value < joint.Length; value++)
            joint[value] += factor * branch[value];
    }
}
