using FsCheck;
using FsCheck.Fluent;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Tests.Fusion;

public sealed class BlockFusionTests
{
    private const int Length = 6;

    // Joint vectors are float32, so a cosine of them carries a relative error of about 2^-24 a value.
    private const double Float32Tolerance = 1e-6;

    private static readonly SpaceManifest s_space = new()
    {
        ModelId = "joint-test",
        JointType = "TEST",
        Entity = EntityKind.Issuer,
        Fusion = FusionKind.Blocks,
        Dimension = 20,
        Branches =
        [
            new BranchManifest("numeric", BranchKind.Numeric, "num-test", 0.5, true, Length),
            new BranchManifest("behaviour", BranchKind.Numeric, "num-other", 0.2, true, Length),
            new BranchManifest("text", BranchKind.Text, "text-test", 0.3, true, Length),
        ],
    };

    private static Arbitrary<float[]> Branch =>
        Gen.Choose(-1000, 1000).Select(i => i / 100f).ArrayOf(Length).Where(v => v.Any(x => x != 0)).ToArbitrary();

    private static Arbitrary<double[]> Shares =>
        Gen.Choose(1, 100).Select(i => (double)i).ArrayOf(3).Select(w => w.Select(x => x / w.Sum()).ToArray()).ToArbitrary();

    [Fact]
    public void The_joint_cosine_is_the_weighted_mean_of_branch_cosines() =>
        Prop.ForAll(Branch.Generator.ArrayOf(6).ToArbitrary(), Shares, (vectors, shares) =>
        {
            ReadOnlyMemory<float>[] q = [vectors[0], vectors[1], vectors[2]], c = [vectors[3], vectors[4], vectors[5]];
            double expected = Enumerable.Range(0, 3).Sum(j => shares[j] * Cosine(q[j].Span, c[j].Span));
            return Math.Abs(Cosine(Joint(q, shares), Joint(c, shares)) - expected) < Float32Tolerance;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_length_of_a_branch_does_not_matter() =>
        Prop.ForAll(Branch.Generator.ArrayOf(3).ToArbitrary(), Shares, (vectors, shares) =>
        {
            ReadOnlyMemory<float>[] once = [vectors[0], vectors[1], vectors[2]];
            ReadOnlyMemory<float>[] scaled = [vectors[0].Select(x => 8 * x).ToArray(), vectors[1], vectors[2]];
            return Joint(once, shares).AsSpan().SequenceEqual(Joint(scaled, shares));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_missing_required_branch_is_named() =>
        Assert.Equal("no text vector", BranchFusion.For(s_space).Fuse([new float[] { 1, 0, 0, 0, 0, 0 }, new float[] { 1, 0, 0, 0, 0, 0 }, default], [], new float[20])?.Code);

    [Fact]
    public void A_candidate_that_lacks_a_branch_scores_nothing_there()
    {
        ReadOnlyMemory<float> vector = new float[] { 1, 2, 3, 4, 5, 6 };
        double[] shares = [0.5, 0.25, 0.25];
        float[] joint = new float[20];
        BranchFusion.For(s_space).FuseAvailable([vector, default, vector], shares, joint);
        Assert.All(joint[Length..(2 * Length)], value => Assert.Equal(0, value));
        Assert.NotEqual(0, joint[0]);
    }

    private static float[] Joint(ReadOnlyMemory<float>[] branches, double[] shares)
    {
        float[] joint = new float[20];
        Assert.Null(BranchFusion.For(s_space).Fuse(branches, shares, joint));
        return joint;
    }

    private static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double dot = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
            (dot, xx, yy) = (dot + (double)x[i] * y[i], xx + (double)x[i] * x[i], yy + (double)y[i] * y[i]);
        return dot / Math.Sqrt(xx * yy);
    }
}
