using Prometheus.Grid.Cluster.Fakes;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Grains.Storage;

namespace Prometheus.Grid.Cluster.Units;

public sealed class SharedVectorsTests : IAsyncDisposable
{
    private static readonly PartitionKey s_key = new(BranchKind.Numeric, "num-portfolio-core-v1", new DateOnly(2023, 12, 29));

    private readonly TableStore _tables = new();
    private readonly SharedVectors _vectors;

    public SharedVectorsTests() => _vectors = new SharedVectors(_tables, grains: null);

    public ValueTask DisposeAsync() => _tables.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Puts_that_come_together_share_transactions_and_each_learns_its_own_outcome()
    {
        await _tables.PutAsync(s_key, TableStore.Rows(("PF_0", [0, 1])), "put", Token);
        Task<WriteOutcome>[] puts = [.. Enumerable.Range(0, 100).Select(i => PutAsync($"PF_{i}", i))];
        var outcomes = await Task.WhenAll(puts);
        Assert.Equal(new WriteOutcome(0, 1), outcomes[0]);
        Assert.All(outcomes[1..], outcome => Assert.Equal(new WriteOutcome(1, 0), outcome));
        Assert.InRange(_tables.Asked.Count(question => question.StartsWith("put", StringComparison.Ordinal)) - 1, 1, 99);
        Assert.Equal(100, (await _tables.ReadAsync(s_key, null, null, Token))!.Rows.Count);
    }

    [Fact]
    public async Task Puts_of_one_entity_keep_their_order()
    {
        Task<WriteOutcome>[] puts = [.. Enumerable.Range(0, 50).Select(i => PutAsync("PF_A", i))];
        await Task.WhenAll(puts);
        var partition = await _tables.ReadAsync(s_key, null, null, Token);
        Assert.Equal([49, 1], partition!.Rows.Values.ToArray());
    }

    [Fact]
    public async Task Rows_that_are_wanted_together_are_read_together_and_told_apart()
    {
        for (int i = 0; i < 50; i++)
            await _tables.PutAsync(s_key, TableStore.Rows(($"PF_{i}", [i, 1])), "put", Token);
        var rows = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => _vectors.ReadRowAsync(s_key, $"PF_{i}", Token)));
        for (int i = 0; i < 60; i++)
            Assert.Equal(i < 50 ? [i, 1] : [], rows[i]!.Rows.Values.ToArray());
        Assert.InRange(_tables.Asked.Count(question => question.StartsWith("read", StringComparison.Ordinal)), 1, 59);
    }

    private Task<WriteOutcome> PutAsync(string id, float value) => _vectors.PutAsync(s_key, TableStore.Rows((id, [value, 1])), "put", Token);
}
