using Prometheus.Grid.Conformance.Grids;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Cluster;

/// <summary>One backfill keeps all silos busy.</summary>
public sealed class BackfillsSpreadTests(ClusterOfThree fixture) : IClassFixture<ClusterOfThree>
{
    [Theory]
    [InlineData("num-spread-core-v1", true)]
    [InlineData("num-profile-core-v2", false)] // Fitted in the silo that drives it, which then encodes as well.
    public async Task Every_silo_encodes_chunks_of_one_date(string modelId, bool spreads)
    {
        fixture.ChunksBySilo.Clear();
        var request = new NumericBackfill { ModelId = modelId, Dates = DateRange.On(GridFixture.LastDay) };
        var report = await fixture.Grid.BackfillAsync(request, null, TestContext.Current.CancellationToken);
        int entities = report.Written + report.Days[0].Skipped.Count;
        Assert.Equal(spreads ? (entities + ClusterOfThree.ChunkSize - 1) / ClusterOfThree.ChunkSize : 0, fixture.ChunksBySilo.Values.Sum());
        Assert.Equal(spreads ? 3 : 0, fixture.ChunksBySilo.Count);
    }
}
