using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Grains;
using Prometheus.Grid.Grains.Messages;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Units;

/// <summary>Silos and clients of different versions meet in one cluster, so what travels between them may grow and must not change.</summary>
public sealed class WireTests
{
    private static readonly DateOnly s_day = new(2023, 12, 29);
    private static readonly DateTimeOffset s_time = new(2024, 1, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly Serializer s_serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    [Fact]
    public void Aliases_and_member_ids_are_those_of_the_list()
    {
        string file = Path.Combine(TestData.RepositoryRoot, "tests", "Prometheus.Grid.Cluster", "Units", "Wire.txt");
        // A difference that is meant (a new message, a new member with a new id) is copied into the list.
        Assert.Equal(File.ReadLines(file), Described());
    }

    [Fact]
    public void Puts_of_a_group_arrive_as_they_were_sent()
    {
        PartitionKey branch = new(BranchKind.Numeric, "num-portfolio-core-v1", s_day), joint = new(BranchKind.Joint, "joint-portfolio-core-v1", s_day);
        VectorPut[][] puts =
        [
            .. Enumerable.Range(0, 3).Select(i => (VectorPut[])
            [
                new(branch, new VectorBatch([new RowHeader($"PF_{i}")], new float[] { i, 0.1f }, 2), "put"),
                new(joint, new VectorBatch([new RowHeader($"PF_{i}", "I", "US", "num")], new float[] { i, 0.2f, 0.3f }, 3), "numeric=a"),
            ]),
        ];
        PartitionRecipe[] expected = [new(joint with { ModelId = "joint-portfolio-core-v2" }, "numeric=b"), new(joint with { ModelId = "joint-portfolio-core-v3" }, null)];
        var arrived = Travel(PutGroup.Of(puts, expected));
        Assert.Equal(expected, arrived.Expected());
        Assert.Null(Travel(PutGroup.Of(puts, null)).Expected());
        Assert.Equal(puts.SelectMany(put => put).Select(Text), arrived.ToPuts().SelectMany(put => put).Select(Text));

        static string Text(VectorPut put) => $"{put.Key} {put.Origin} {put.Rows.Headers.Single()} {string.Join(' ', put.Rows.Values.ToArray())}";
    }

    [Fact]
    public void Queries_arrive_as_they_were_sent()
    {
        var text = new SimilarityQuery
        {
            Target = new SimilarityTarget.Text("chips", "ISS_1"),
            AsOf = s_day,
            ModelId = "joint-profile-core-v1",
            Dates = new DateRange(s_day.AddDays(-9), s_day),
            TopK = 7,
            CandidateLimit = 11,
            Weights = BranchWeights.Parse("text=0.7,numeric=0.2,behaviour=0.1"),
            Filter = new SimilarityFilter("a", "b", "c", "d", "e", ["f"], ["g"], ["h"]),
            Explain = true,
            AsKnown = s_time,
            AllowPartial = true,
            MinCosine = 0.1 + 0.2,
            MaxPerSector = 3,
        };
        var arrived = Travel(text);
        // By the last bit: scores are compared byte for byte with those of other hosts.
        Assert.Equal(text.Weights!.Shares, arrived.Weights!.Shares);
        Assert.Equal(text.Filter!.EntityIds, arrived.Filter!.EntityIds);
        Assert.Equal(["g", "h"], [.. arrived.Filter.ExcludedIds!, .. arrived.Filter.ExcludedSectors!]);
        Assert.Equal(text, arrived with { Weights = text.Weights, Filter = text.Filter });
        Assert.Equal(new SimilarityTarget.Entity("ISS_2"), Travel(text with { Target = new SimilarityTarget.Entity("ISS_2") }).Target);
        var vector = (SimilarityTarget.Vector)Travel(text with { Target = new SimilarityTarget.Vector(new float[] { 1, float.Epsilon, -0f }) }).Target;
        Assert.Equal([1, float.Epsilon, -0f], vector.Values.ToArray());
        Assert.Equal(new StateQuery(new EntityKey(EntityKind.Portfolio, "PF"), s_day, s_time), Travel(new StateQuery(new EntityKey(EntityKind.Portfolio, "PF"), s_day, s_time)));
        Assert.Equal(new JointListing("m", DateRange.On(s_day), "e", 3, s_time), Travel(new JointListing("m", DateRange.On(s_day), "e", 3, s_time)));
        Assert.Equal(new HistoryQuery("e", "m", DateRange.On(s_day)), Travel(new HistoryQuery("e", "m", DateRange.On(s_day))));
        Assert.Equal(new JointQuery("e", s_day, "m", null, s_time), Travel(new JointQuery("e", s_day, "m", null, s_time)));
    }

    [Fact]
    public void Answers_arrive_as_they_were_sent()
    {
        var hit = new SimilarityHit(0.1 + 0.2, 1.5, s_day, "e", "i", "r", "s", [new BranchShare("text", 0.25, 0.75)]);
        var answer = Travel(new SimilarityAnswer("m", [hit], 5_000_000_000, ["joint/3/16"]));
        Assert.Equal(("m", 5_000_000_000, "joint/3/16"), (answer.ModelId, answer.Candidates, answer.MissingShards[0]));
        Assert.Equal(hit.Explanation, answer.Hits[0].Explanation);
        Assert.Equal(["Banks"], Travel(new BranchShare("classes", 1, 1) { Shared = ["Banks"] }).Shared);
        Assert.Equal(hit, answer.Hits[0] with { Explanation = hit.Explanation });
        var joint = Travel(new JointRow(s_day, "e", "i", "r", "s", "m", new float[] { 1, 2 }));
        Assert.Equal((s_day, "e", "i", "r", "s", "m"), (joint.AsOf, joint.EntityId, joint.InstrumentId, joint.Region, joint.Source, joint.ModelId));
        Assert.Equal([1, 2], joint.Vector.ToArray());
        var state = Travel(new EntitySnapshot(new EntityKey(EntityKind.Issuer, "e"), [new BranchVector("m", s_day, s_time, new float[] { 3 })]));
        Assert.Equal(("m", s_day, s_time, 3f), (state.Branches[0].ModelId, state.Branches[0].AsOf, state.Branches[0].KnownAt, state.Branches[0].Vector.Span[0]));
        Assert.Equal(new HistoryPoint(s_day, 1, null, 3, null, null), Travel(new HistoryPoint(s_day, 1, null, 3, null, null)));
        var receipt = Travel(new PutReceipt(true, ["m"]));
        Assert.True(receipt.Changed);
        Assert.Equal(["m"], receipt.JointModelIds);
        var scanned = new ScannedCandidate(0.5, 0.25, s_day, new RowHeader("e", "i", "r", "s"));
        var part = Travel(new ShardAnswer([scanned], 9, [3]));
        Assert.Equal((scanned, 9, 3), (part.Best[0], part.Candidates, part.Missing[0]));
        var holdings = Travel(new HoldingsProfile("PF", "m", s_day, new float[] { 4 }, 0.5, ["I"]));
        Assert.Equal(("PF", "m", s_day, 4f, 0.5, "I"), (holdings.PortfolioId, holdings.ModelId, holdings.AsOf, holdings.Vector.Span[0], holdings.CoveredWeight, holdings.Missing[0]));
    }

    [Fact]
    public void Backfills_arrive_as_they_were_sent()
    {
        var day = DateRange.On(s_day);
        var numeric = (NumericBackfill)Travel<BackfillRequest>(
            new NumericBackfill { ModelId = "m", Dates = day, Limit = 3, WindowDays = 63, MarketId = "US_EQ", InstrumentIds = ["I"], Offset = 2 });
        Assert.Equal(("m", day, 3, 63, "US_EQ", "I", 2),
            (numeric.ModelId, numeric.Dates, numeric.Limit!.Value, numeric.WindowDays!.Value, numeric.MarketId, numeric.InstrumentIds[0], numeric.Offset));
        Assert.Equal(new TextBackfill { ModelId = "m", Dates = day, Limit = 1 }, Travel<BackfillRequest>(new TextBackfill { ModelId = "m", Dates = day, Limit = 1 }));
        var branches = new Dictionary<string, string> { ["text"] = "t" };
        var profiles = (JointProfileBackfill)Travel<BackfillRequest>(new JointProfileBackfill { ModelId = "m", Dates = day, IssuerIds = ["E"], BranchModelIds = branches });
        Assert.Equal(("E", "t"), (profiles.IssuerIds[0], profiles.BranchModelIds["text"]));
        Assert.Equal(["PF"], ((PortfolioBackfill)Travel<BackfillRequest>(new PortfolioBackfill { ModelId = "m", Dates = day, PortfolioIds = ["PF"] })).PortfolioIds);
        Assert.Equal(branches, ((JointPortfolioBackfill)Travel<BackfillRequest>(new JointPortfolioBackfill { ModelId = "m", Dates = day, BranchModelIds = branches })).BranchModelIds);

        var progress = new BackfillProgress(new PartitionKey(BranchKind.Text, "m", s_day), 1, 2, 3, 4);
        var done = new BackfillDay(progress.Partition, 1, 2, 3, 4, [new SkippedEntity("e", new SkipReason("c", "d"))]);
        var status = Travel(new BackfillStatus(progress, new BackfillReport([done])));
        Assert.Equal(progress, status.Progress);
        Assert.Equal(done.Skipped, status.Report!.Days[0].Skipped);
        Assert.Equal(done, status.Report.Days[0] with { Skipped = done.Skipped });
    }

    [Fact]
    public void Chunks_arrive_as_they_were_sent_and_their_vectors_as_bytes()
    {
        var order = new ChunkOrder(new TextBackfill { ModelId = "m", Dates = DateRange.On(s_day) }, s_day, 3, "f");
        Assert.Equal(order, Travel(order));
        RowHeader[] headers = [new("e", "i", "r", "s"), new("f")];
        var chunk = Travel(new EncodedChunk(new VectorBatch(headers, new float[] { 1, float.Epsilon, -0f, 4 }, 2), [new SkippedEntity("g", new SkipReason("c", "d"))]));
        Assert.Equal(headers, chunk.Rows.Headers);
        Assert.Equal((2, "1 1E-45 -0 4"), (chunk.Rows.Dimension, string.Join(' ', chunk.Rows.Values.ToArray())));
        Assert.Equal([new SkippedEntity("g", new SkipReason("c", "d"))], chunk.Skipped);
        var large = new EncodedChunk(new VectorBatch([.. Enumerable.Range(0, 1024).Select(i => new RowHeader($"I{i:D6}"))], new float[1024 * 384], 384), []);
        Assert.InRange(s_serializer.SerializeToArray(large).Length, 1024 * 384 * 4, 1024 * (384 * 4 + 20));
    }

    [Fact]
    public void Errors_arrive_as_the_kind_that_they_are()
    {
        var bad = (BadInputException)Travel<Exception>(new BadInputException("TopK", 0, "1 or more"));
        Assert.Equal(("TopK", "1 or more", "TopK is '0'; allowed: 1 or more"), (bad.Field, bad.Allowed, bad.Message));
        var missing = (NotFoundException)Travel<Exception>(new NotFoundException("issuer", "ISS", "try another"));
        Assert.Equal(("issuer", "ISS", "issuer 'ISS' not found: try another"), (missing.What, missing.Key, missing.Message));
        var fault = (GridFaultException)Travel<Exception>(new GridFaultException("broken", canRetry: true));
        Assert.Equal(("broken", true), (fault.Message, fault.CanRetry));
    }

    [Fact]
    public void A_vector_travels_as_its_bytes() => Assert.InRange(s_serializer.SerializeToArray(new VectorBytes(new float[384])).Length, 1536, 1560);

    private static T Travel<T>(T message) => s_serializer.Deserialize<T>(s_serializer.SerializeToArray(message))!;

    private static IEnumerable<string> Described() =>
        from type in typeof(ShardKey).Assembly.GetTypes().Concat(typeof(SiloGrid).Assembly.GetTypes())
        where type.GetCustomAttribute<GenerateSerializerAttribute>() is not null && type.Namespace!.StartsWith("Prometheus", StringComparison.Ordinal)
        let alias = type.GetCustomAttribute<AliasAttribute>()?.Alias ?? $"NO ALIAS: {type}"
        orderby alias
        from line in (string[])[alias, .. Members(type)]
        select line;

    private static IEnumerable<string> Members(Type type) =>
        from member in type.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let id = member.GetCustomAttribute<IdAttribute>()?.Id
        where id is not null
        orderby id
        select $"  {id} {member.Name} {(member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType)}";
}
