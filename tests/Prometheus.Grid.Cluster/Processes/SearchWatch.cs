using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cluster.Processes;

/// <summary>Searchers over rows that do not change: a full answer is the known one, a partial one says so and names what is missing.</summary>
internal sealed class SearchWatch
{
    private const int Rows = 200, TopK = 10;
    private const string Joint = "joint-portfolio-core-v1";
    private static readonly DateOnly s_day = new(2022, 12, 30);

    private readonly IEmbeddingGrid _grid;
    private readonly Dictionary<string, string[]> _answers = new(StringComparer.Ordinal);
    private int _full, _partial, _faults;

    private SearchWatch(IEmbeddingGrid grid) => _grid = grid;

    /// <summary>What came so far, as text.</summary>
    public string Counts => $"{_full} full answers, {_partial} partial, {_faults} faults that a retry can help";

    /// <summary>Puts the rows, and computes every answer by a plain scan in double.</summary>
    public static async Task<SearchWatch> PrepareAsync(IEmbeddingGrid grid, CancellationToken cancellationToken)
    {
        var random = new Random(7);
        (string Id, float[] Vector)[] rows =
        [
            .. Enumerable.Range(0, Rows).Select(i => ($"PF_S{i:D3}", (float[])[.. Enumerable.Range(0, 384).Select(_ => (float)(random.NextDouble() - 0.5))])),
        ];
        await Task.WhenAll(rows.Select(row => grid.PutBranchAsync(
            new BranchPut(new EntityKey(EntityKind.Portfolio, row.Id), "num-portfolio-core-v1", s_day, row.Vector), cancellationToken)));
        var watch = new SearchWatch(grid);
        foreach ((string id, float[] vector) in rows)
            watch._answers[id] = [.. rows.Where(row => row.Id != id).OrderByDescending(row => Cosine(vector, row.Vector)).Take(TopK).Select(row => row.Id)];
        return watch;
    }

    /// <summary>Searches until told to stop; every other query accepts a partial answer.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, 2).Select(searcher => Task.Run(
        async () =>
        {
            for (int i = searcher; !stop.IsCancellationRequested; i++)
                await TryAsync($"PF_S{i % Rows:D3}", allowPartial: i % 2 == 0, CancellationToken.None);
        },
        CancellationToken.None)));

    /// <summary>Twenty full answers, which take every shard.</summary>
    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; i < Rows; i += 10)
        {
            while (!await TryAsync($"PF_S{i:D3}", allowPartial: false, cancellationToken))
            {
            }
        }
    }

    private async Task<bool> TryAsync(string target, bool allowPartial, CancellationToken cancellationToken)
    {
        SimilarityAnswer answer;
        try
        {
            answer = await _grid.FindSimilarAsync(
                new SimilarityQuery { Target = new SimilarityTarget.Entity(target), AsOf = s_day, ModelId = Joint, TopK = TopK, AllowPartial = allowPartial },
                cancellationToken);
        }
        catch (GridFaultException fault) when (fault.CanRetry)
        {
            Interlocked.Increment(ref _faults);
            return false;
        }
        string[] ids = [.. answer.Hits.Select(hit => hit.EntityId)];
        if (answer.IsPartial)
        {
            Assert.True(allowPartial);
            // What is there keeps its place: the known answer without the rows of the missing shards begins it.
            string[] known = [.. _answers[target].Where(ids.Contains)];
            Assert.Equal(known, ids[..known.Length]);
            Interlocked.Increment(ref _partial);
            return false;
        }
        Assert.Equal(_answers[target], ids);
        Assert.Equal(Rows - 1, answer.Candidates);
        Interlocked.Increment(ref _full);
        return true;
    }

    private static double Cosine(float[] x, float[] y)
    {
        double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
            (xy, xx, yy) = (xy + ((double)x[i] * y[i]), xx + ((double)x[i] * x[i]), yy + ((double)y[i] * y[i]));
        return xy / Math.Sqrt(xx * yy);
    }
}
