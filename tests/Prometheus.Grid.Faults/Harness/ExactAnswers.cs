using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>
/// Rows that do not change, and for each its neighbours by a plain scan in double: what every search for one has to say, whatever happens to the machines.
/// </summary>
internal sealed class ExactAnswers
{
    /// <summary>How many rows.</summary>
    public const int Rows = 200;

    private const int TopK = 10;
    private const string Joint = "joint-portfolio-core-v1";
    private static readonly DateOnly s_day = new(2022, 12, 30);

    private readonly Dictionary<string, string[]> _answers = new(StringComparer.Ordinal);

    /// <summary>Puts the rows and computes the answers.</summary>
    public static async Task<ExactAnswers> PutAsync(IEmbeddingGrid grid, CancellationToken cancellationToken)
    {
        var random = new Random(7);
        (string Id, float[] Vector)[] rows =
        [
            .. Enumerable.Range(0, Rows).Select(i => (Id(i), (float[])[.. Enumerable.Range(0, 384).Select(_ => (float)(random.NextDouble() - 0.5))])),
        ];
        await Task.WhenAll(rows.Select(row => grid.PutBranchAsync(
            new BranchPut(new EntityKey(EntityKind.Portfolio, row.Id), "num-portfolio-core-v1", s_day, row.Vector), cancellationToken)));
        var answers = new ExactAnswers();
        foreach ((string id, float[] vector) in rows)
            answers._answers[id] = [.. rows.Where(row => row.Id != id).OrderByDescending(row => Cosine(vector, row.Vector)).Take(TopK).Select(row => row.Id)];
        return answers;
    }

    /// <summary>The search for a row.</summary>
    /// <param name="row">Its number; numbers beyond the last begin anew.</param>
    /// <param name="allowPartial">Whether a partial answer will do.</param>
    public static SimilarityQuery Query(int row, bool allowPartial) =>
        new() { Target = new SimilarityTarget.Entity(Id(row % Rows)), AsOf = s_day, ModelId = Joint, TopK = TopK, AllowPartial = allowPartial };

    /// <summary>Fails where an answer is neither the known one nor an honest part of it.</summary>
    /// <returns>True for a full answer.</returns>
    public bool Check(SimilarityQuery query, SimilarityAnswer answer)
    {
        string[] known = _answers[((SimilarityTarget.Entity)query.Target).EntityId];
        string[] ids = [.. answer.Hits.Select(hit => hit.EntityId)];
        if (answer.IsPartial)
        {
            Assert.True(query.AllowPartial);
            // What is there keeps its place: the known answer without the rows of the missing shards begins it.
            string[] left = [.. known.Where(ids.Contains)];
            Assert.Equal(left, ids[..left.Length]);
            return false;
        }
        Assert.Equal(known, ids);
        Assert.Equal(Rows - 1, answer.Candidates);
        return true;
    }

    private static string Id(int row) => $"PF_S{row:D3}";

    private static double Cosine(float[] x, float[] y)
    {
        double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
            (xy, xx, yy) = (xy + ((double)x[i] * y[i]), xx + ((double)x[i] * x[i]), yy + ((double)y[i] * y[i]));
        return xy / Math.Sqrt(xx * yy);
    }
}
