using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// The branch vectors of a date's joint rows, kept apart so that any shares can be searched without fusing a row anew. Rows that have the
/// same branches share a shard, because shares are scaled to sum to one over the branches that are there.
/// </summary>
internal static class BranchRows
{
    /// <param name="fusion">The fusion of the space.</param>
    /// <param name="joint">The joint rows.</param>
    /// <param name="branches">For each branch a vector for each row, empty where there is none.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static IReadOnlyList<RowSet> Of(
        BranchFusion fusion, VectorPartition joint, ReadOnlyMemory<float>[][] branches, CancellationToken cancellationToken)
    {
        var shape = ShapeOf(fusion);
        return [.. Enumerable.Range(0, joint.Rows.Count)
            .GroupBy(row => PresentIn(branches, row))
            .OrderBy(group => group.Key)
            .Select(group => ToRowSet(fusion, shape, joint, branches, [.. group], group.Key, cancellationToken))];
    }

    /// <summary>What each branch is multiplied by, in rows that have the branches <paramref name="present"/>, under the shares of a scan.</summary>
    public static double[] Factors(CandidateScan scan, SpaceManifest fused, int present)
    {
        // By name: rows of another date may have been fused from fewer branches.
        double[] shares = [.. fused.Branches.Select(branch => ShareOf(scan, branch.Name))];
        double sum = shares.Where((_, branch) => IsIn(present, branch)).Sum();
        return [.. shares.Select((share, branch) => !IsIn(present, branch) || share == 0
            ? 0
            : fused.Fusion == FusionKind.Blocks ? Math.Sqrt(share / sum) : share / sum)];
    }

    /// <summary>Puts a row together as a search does: its parts, each times its factor, side by side or added up.</summary>
    /// <param name="shape">What the row consists of.</param>
    /// <param name="factors">A factor each part.</param>
    /// <param name="row">The parts, <see cref="RowShape.Dimensions"/> numbers.</param>
    /// <param name="fused">Receives <see cref="RowShape.FusedDimensions"/> numbers; all zero before.</param>
    public static void Fuse(RowShape shape, double[] factors, ReadOnlySpan<float> row, Span<float> fused)
    {
        for (int part = 0; part < factors.Length; part++)
        {
            int length = shape.Parts[part];
            for (int d = 0; d < length; d++)
                fused[d] += (float)(factors[part] * row[d]);
            row = row[length..];
            if (shape.Fusion == PartFusion.SideBySide)
                fused = fused[length..];
        }
    }

    private static double ShareOf(CandidateScan scan, string branch)
    {
        for (int i = 0; i < scan.Space.Branches.Count; i++)
        {
            if (scan.Space.Branches[i].Name == branch)
                return scan.Shares[i];
        }
        return 0;
    }

    private static bool IsIn(int present, int branch) => (present >> branch & 1) != 0;

    private static RowShape ShapeOf(BranchFusion fusion) => fusion is BlockFusion blocks
        ? new RowShape(PartFusion.SideBySide, [.. Enumerable.Range(0, fusion.Space.Branches.Count).Select(branch => blocks.Block(branch).Length)])
        : new RowShape(PartFusion.Sum, [.. fusion.Space.Branches.Select(_ => fusion.Space.Dimension)]);

    private static int PresentIn(ReadOnlyMemory<float>[][] branches, int row)
    {
        int present = 0;
        for (int branch = 0; branch < branches.Length; branch++)
            present |= branches[branch][row].IsEmpty ? 0 : 1 << branch;
        return present;
    }

    private static RowSet ToRowSet(
        BranchFusion fusion, RowShape shape, VectorPartition joint, ReadOnlyMemory<float>[][] branches, int[] rows, int present, CancellationToken cancellationToken)
    {
        void Read(int first, Span<float> target)
        {
            target.Clear();
            for (int i = first; !target.IsEmpty; i++)
            {
                for (int branch = 0; branch < branches.Length; branch++)
                {
                    int length = shape.Parts[branch];
                    CopyPart(fusion, branches[branch][rows[i]].Span, target[..length]);
                    target = target[length..];
                }
            }
        }

        return new RowSet(
            joint.Key.AsOf, [.. rows.Select(row => joint.Rows.Headers[row])], Shard.Build(shape, rows.Length, Read, cancellationToken), present);
    }

    /// <summary>Blocks are of unit length before they are weighted; branches that are added keep theirs.</summary>
    private static void CopyPart(BranchFusion fusion, ReadOnlySpan<float> branch, Span<float> part)
    {
        if (branch.IsEmpty)
            return;
        branch = branch[..part.Length];
        double norm = fusion.BranchesOverlap ? 1 : Math.Sqrt(Products.Dot(branch, branch));
        for (int i = 0; norm > 0 && i < part.Length; i++)
            part[i] = (float)(branch[i] / norm);
    }
}
