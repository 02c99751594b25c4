using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Grains.Messages;
using Prometheus.Grid.Grains.Search;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Units;

public sealed class ShardAnswersTests
{
    [Fact]
    public void Why_a_shard_is_missing_is_not_lost_on_the_way()
    {
        ShardAnswer[] parts = [new([], 3, []), new([], 0, [4], "joint-profile-core-v1/4/16: the disk is full"), new([], 2, [])];
        var whole = ShardAnswers.Merge(parts, topK: 5);
        Assert.Equal((5L, "joint-profile-core-v1/4/16: the disk is full"), (whole.Candidates, whole.Reason));
        Assert.Equal([4], whole.Missing);
    }

    [Fact]
    public void A_silo_that_does_not_know_the_filter_is_found_out()
    {
        var catalog = ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models"));
        var filter = new CandidateFilter(new SimilarityFilter(ExcludedIds: ["ISS_B"]), catalog.Space("joint-profile-core-v2"), new Universe([], [], []));
        ShardAnswers.CheckNarrowed(Answer("ISS_A"), filter);
        ShardAnswers.CheckNarrowed(Answer("ISS_B"), null);
        Assert.Contains("ISS_B", Assert.Throws<GridFaultException>(() => ShardAnswers.CheckNarrowed(Answer("ISS_B"), filter)).Message, StringComparison.Ordinal);

        static ShardAnswer Answer(string id) => new([new ScannedCandidate(1, 0, new DateOnly(2023, 12, 29), new RowHeader(id))], 1, []);
    }
}
