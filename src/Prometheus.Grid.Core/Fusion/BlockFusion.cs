using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Fusion;

/// <summary>
/// Ours (v2): each branch, scaled to unit length and by the root of its share, in a block of its own. Hence ⟨q, c⟩ = Σ w_j cos_j: the joint
/// cosine is the weighted mean of the branch cosines, and other weights need other factors but no other vectors.
/// </summary>
public sealed class BlockFusion : BranchFusion
{
    internal BlockFusion(SpaceManifest space)
        : base(space)
    {
    }

    /// <inheritdoc/>
    public override bool BranchesOverlap => false;

    /// <summary>First coordinate and length of a branch's block.</summary>
    public (int Start, int Length) Block(int index)
    {
        int start = 0;
        for (int i = 0; i < index; i++)
            start += Space.Branches[i].Dimensions!.Value;
        return (start, Space.Branches[index].Dimensions!.Value);
    }

    /// <inheritdoc/>
    public override double Scale(int index, ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares)
    {
        if (branches[index].IsEmpty)
            return 0;
        double norm = Norm(branches[index].Span[..Block(index).Length]);
        return norm == 0 ? 0 : Math.Sqrt(ShareOf(index, branches, shares)) / norm;
    }

    private protected override SkipReason? FuseComplete(
        ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares, Span<float> joint)
    {
        for (int i = 0; i < branches.Length; i++)
        {
            double scale = Scale(i, branches, shares);
            if (scale == 0)
                continue;
            (int start, int length) = Block(i);
            var branch = branches[i].Span[..length];
            var block = joint.Slice(start, length);
            for (int value = 0; value < length; value++)
                block[value] = (float)(scale * branch[value]);
        }
        return null;
    }

    private static double Norm(ReadOnlySpan<float> values)
    {
        double squares = 0;
        foreach (float value in values)
            squares += (double)value * value;
        return Math.Sqrt(squares);
    }
}
