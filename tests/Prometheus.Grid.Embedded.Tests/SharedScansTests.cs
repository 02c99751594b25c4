using System.Globalization;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Tests;

/// <summary>Searches that are made together answer what each answers alone.</summary>
public sealed class SharedScansTests : IDisposable
{
    private const int Rows = 700, Dimension = 24;
    private static readonly DateOnly s_date = new(2024, 1, 2);
    private readonly ScanScheduler _scans = new(2);
    private readonly RowSet _some;
    private readonly RowSet _others;

    public SharedScansTests() => (_some, _others) = (RowsOf(seed: 1), RowsOf(seed: 2));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _scans.Dispose();

    [Fact]
    public async Task Searches_that_wait_together_answer_what_each_answers_alone()
    {
        var queue = new SharedScans(_scans);
        // Of the same rows, of others, and with factors; of several lengths.
        CandidateRows[] asked = [.. Enumerable.Range(0, 150).Select(i => Of(i % 3 == 2 ? _others : _some, target: i, topK: 1 + (i % 20), factor: i % 5 == 0 ? 0.5 : null))];
        var answers = await AskTogetherAsync(queue, asked, _ => Cancellation);
        for (int i = 0; i < asked.Length; i++)
            Assert.Equal(await new SharedScans(_scans).SearchAsync(asked[i], Cancellation), await answers[i]);
    }

    [Fact]
    public async Task Who_has_gone_ends_nobody_elses_search()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await gone.CancelAsync();
        var queue = new SharedScans(_scans);
        CandidateRows[] asked = [.. Enumerable.Range(0, 40).Select(i => Of(_some, target: i, topK: 5))];
        var answers = await AskTogetherAsync(queue, asked, i => i % 2 == 0 ? gone.Token : Cancellation);
        for (int i = 0; i < asked.Length; i++)
        {
            if (i % 2 == 0)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answers[i]);
            else
                Assert.Equal(5, (await answers[i]).Count);
        }
    }

    [Fact]
    public async Task A_target_that_cannot_be_searched_for_fails_alone()
    {
        var queue = new SharedScans(_scans);
        var bad = new CandidateRows(Scan(new SearchTarget(Enumerable.Repeat(float.NaN, Dimension).ToArray(), null, null, s_date), topK: 5));
        bad.Add([(_some, null)]);
        CandidateRows[] asked = [Of(_some, target: 1, topK: 5), bad, Of(_some, target: 2, topK: 5)];
        var answers = await AskTogetherAsync(queue, asked, _ => Cancellation);
        Assert.Equal(5, (await answers[0]).Count);
        Assert.Contains("not finite", (await Assert.ThrowsAsync<ArgumentException>(() => answers[1])).Message, StringComparison.Ordinal);
        Assert.Equal(5, (await answers[2]).Count);
    }

    /// <summary>All of them wait before the first is made: somebody else has the threads.</summary>
    private async Task<Task<IReadOnlyList<ScannedCandidate>>[]> AskTogetherAsync(
        SharedScans queue, CandidateRows[] asked, Func<int, CancellationToken> cancellation)
    {
        IDisposable[] passes = [await _scans.PassAsync(Cancellation), await _scans.PassAsync(Cancellation)];
        Task<IReadOnlyList<ScannedCandidate>>[] answers = [.. asked.Select((rows, i) => queue.SearchAsync(rows, cancellation(i)))];
        foreach (var pass in passes)
            pass.Dispose();
        return answers;
    }

    private static CandidateRows Of(RowSet rows, int target, int topK, double? factor = null)
    {
        float[] vector = new float[Dimension];
        rows.Shard.TryGetRow(target, vector);
        var candidates = new CandidateRows(Scan(new SearchTarget(vector, null, rows.Headers[target].EntityId, s_date), topK));
        candidates.Add([(rows, factor is { } scale ? [scale] : null)]);
        return candidates;
    }

    private static CandidateScan Scan(SearchTarget target, int topK) => new()
    {
        Space = new SpaceManifest
        {
            ModelId = "joint-test",
            JointType = "TEST",
            Entity = EntityKind.Issuer,
            Fusion = FusionKind.Identity,
            Dimension = Dimension,
            Branches = [new BranchManifest("text", BranchKind.Text, "t", 1, true)],
        },
        Dates = [s_date],
        Target = target,
        Shares = [],
        TopK = topK,
    };

    private static RowSet RowsOf(int seed)
    {
        var random = new Random(seed);
        // Many are equal, so that ties decide.
        float[] values = [.. Enumerable.Range(0, Rows * Dimension).Select(i => (float)random.Next(-1, 2))];
        for (int row = 0; row < Rows; row++)
            values[row * Dimension] = 1;
        RowHeader[] headers = [.. Enumerable.Range(0, Rows).Select(i => new RowHeader(string.Create(CultureInfo.InvariantCulture, $"I{i:D4}")))];
        return new RowSet(s_date, headers, Shard.Over(new RowShape(Dimension), values, CancellationToken.None));
    }
}
