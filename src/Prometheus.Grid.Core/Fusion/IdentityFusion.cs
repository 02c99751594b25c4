using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Fusion;

/// <summary>The joint vector is the vector of the only branch, unchanged.</summary>
public sealed class IdentityFusion : BranchFusion
{
    internal IdentityFusion(SpaceManifest space)
        : base(space)
    {
    }

    /// <inheritdoc/>
    public override bool BranchesOverlap => false;

    /// <inheritdoc/>
    public override double Scale(int index, ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares) =>
        branches[index].IsEmpty ? 0 : 1;

    private protected override SkipReason? FuseComplete(
        ReadOnlySpan<ReadOnlyMemory<float>> branches, ReadOnlySpan<double> shares, Span<float> joint)
    {
        branches[0].Span.CopyTo(joint); // An empty branch leaves the zeros that joint holds.
        return null;
    }
}
