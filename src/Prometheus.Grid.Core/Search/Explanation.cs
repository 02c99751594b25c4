using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Core.Search;

/// <summary>
/// Splits a score into one term a branch. A joint vector is Σ s_j v_j (each v_j in its place), so ⟨q, c⟩ / (‖q‖‖c‖) is a sum over the
/// branches j of the candidate of s_j ⟨q, c_j⟩ / (‖q‖‖c‖): the shares add up to the score whatever the fusion.
/// </summary>
internal static class Explanation
{
    private const int MostShared = 3;

    /// <param name="fusion">The fusion of the space.</param>
    /// <param name="target">The target, with its branches.</param>
    /// <param name="candidate">The branches of the candidate.</param>
    /// <param name="shares">Shares of the branches, or empty for the space's own.</param>
    /// <param name="candidateJoint">The vector that the target was compared with.</param>
    /// <param name="names">For each branch what its coordinates stand for; empty where they have no names.</param>
    public static BranchShare[] Of(
        BranchFusion fusion,
        SearchTarget target,
        ReadOnlyMemory<float>[] candidate,
        double[] shares,
        ReadOnlySpan<float> candidateJoint,
        IReadOnlyList<string>[] names)
    {
        var targetJoint = target.Joint.Span;
        ReadOnlyMemory<float>[] targetBranches = [.. target.Branches!];
        double norms = Math.Sqrt(Products.Dot(targetJoint, targetJoint) * Products.Dot(candidateJoint, candidateJoint));
        var explanation = new BranchShare[candidate.Length];
        for (int j = 0; j < candidate.Length; j++)
        {
            int length = fusion is BlockFusion blocks ? blocks.Block(j).Length : int.MaxValue;
            ReadOnlySpan<float> q = Leading(targetBranches[j], length), c = Leading(candidate[j], length);
            bool both = !q.IsEmpty && !c.IsEmpty;
            double cosine = both ? Products.Cosine(q, c) : 0;
            double product = fusion.BranchesOverlap
                ? (c.IsEmpty ? 0 : Products.Dot(targetJoint, c))
                : (both ? fusion.Scale(j, targetBranches, shares) * Products.Dot(q, c) : 0);
            explanation[j] = new BranchShare(
                fusion.Space.Branches[j].Name, cosine, norms == 0 ? 0 : fusion.Scale(j, candidate, shares) * product / norms)
            {
                Shared = both ? Shared(q, c, names[j]) : [],
            };
        }
        return explanation;
    }

    /// <summary>The named coordinates that speak for both and add most to their cosine, strongest first.</summary>
    private static string[] Shared(ReadOnlySpan<float> q, ReadOnlySpan<float> c, IReadOnlyList<string> names)
    {
        var products = new List<(float Product, string Name)>();
        for (int i = 0; i < Math.Min(names.Count, Math.Min(q.Length, c.Length)); i++)
        {
            if (q[i] > 0 && c[i] > 0)
                products.Add((q[i] * c[i], names[i]));
        }
        return [.. products.OrderByDescending(pair => pair.Product).Take(MostShared).Select(pair => pair.Name)];
    }

    private static ReadOnlySpan<float> Leading(ReadOnlyMemory<float> branch, int length) => branch.Span[..Math.Min(length, branch.Length)];
}
