using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Encoders;

public sealed class ScaledRiskReportEncoderTests
{
    private const string ModelId = "num-portfolio-core-v2";

    private static readonly DateOnly s_first = new(2023, 6, 30), s_second = new(2023, 9, 29);

    [Fact]
    public async Task A_key_keeps_its_place_and_its_unit_when_later_reports_bring_others()
    {
        var store = new MemoryStore();
        store.Reports.AddRange(Enumerable.Range(0, 20).Select(i => Report(i, s_first, ("vol", 0.1 + 0.01 * i), ("beta", 1 + 0.05 * i))));
        store.Reports.AddRange(Enumerable.Range(0, 20).Select(i => Report(i, s_second, ("aaa_new", i), ("beta", 1 + 0.05 * i), ("vol", 0.1 + 0.01 * i))));
        float[][] first = await EncodeAsync(store, s_first), second = await EncodeAsync(store, s_second);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(first[i][..2], second[i][..2]);
            Assert.All(second[i][3..], value => Assert.Equal(0, value));
        }
        Assert.Equal(2, store.Files.Count);
        Assert.Contains(second, vector => vector[2] > 0);
    }

    [Fact]
    public async Task Reports_of_later_dates_do_not_change_a_vector()
    {
        MemoryStore alone = new(), both = new();
        foreach (var store in new[] { alone, both })
            store.Reports.AddRange(Enumerable.Range(0, 20).Select(i => Report(i, s_first, ("vol", 0.1 + 0.01 * i))));
        both.Reports.AddRange(Enumerable.Range(0, 20).Select(i => Report(i, s_second, ("vol", 900.0 * i), ("other", i))));
        await EncodeAsync(both, s_second);
        Assert.Equal(await EncodeAsync(alone, s_first), await EncodeAsync(both, s_first));
    }

    [Fact]
    public async Task An_unlisted_sector_is_held_at_zero_and_an_unlisted_metric_is_the_median()
    {
        var store = new MemoryStore();
        for (int i = 0; i < 21; i++)
        {
            store.Reports.Add(new RiskReport(
                $"PF{i:00}", s_first,
                i == 20 ? new Dictionary<string, double>() : new Dictionary<string, double> { ["vol"] = 0.1 + 0.01 * i },
                i == 20 ? new Dictionary<string, double>() : new Dictionary<string, double> { ["Energy"] = 0.5 + 0.01 * i },
                new Dictionary<string, double> { ["beta"] = i }));
        }
        float[] last = (await EncodeAsync(store, s_first))[20];
        Assert.Equal(0, last[0]);
        Assert.True(last[1] < -1, $"an exposure of 0 against a median of 0.6 is far below it, got {last[1]}");
    }

    [Fact]
    public async Task Far_out_values_are_cut_and_a_report_without_numbers_is_skipped()
    {
        var store = new MemoryStore();
        store.Reports.AddRange(Enumerable.Range(0, 20).Select(i => Report(i, s_first, ("vol", i == 19 ? 1e9 : 0.1 + 0.01 * i))));
        Assert.Equal(5, (await EncodeAsync(store, s_first))[19][0]);
        var encoder = await EncoderAsync(store, s_first);
        Assert.Equal("no numbers in report", encoder.Encode(Report(30, s_first), new float[encoder.Dimension])?.Code);
    }

    [Fact]
    public async Task Holdings_are_the_weighted_sum_of_issuer_vectors_when_most_of_them_are_known()
    {
        var store = new MemoryStore();
        string[] instruments = ["A", "B", "C"];
        foreach (string id in instruments)
        {
            store.Issuers.Add(new Issuer($"ISS_{id}", "", id, "", "", ""));
            store.Instruments.Add(new Instrument(id, $"ISS_{id}", "", "EQUITY", id, "", "", "ACTIVE"));
        }
        float[] Axis(int axis) => [.. Enumerable.Range(0, 384).Select(c => c == axis ? 1f : 0f)];
        store.Add(new PartitionKey(BranchKind.Joint, "joint-profile-core-v2", s_first), [("ISS_A", Axis(0)), ("ISS_B", Axis(1))]);
        store.Positions.AddRange([new("PF00", s_first, "A", 0.75), new("PF00", s_first, "B", -0.25), new("PF01", s_first, "A", 0.2), new("PF01", s_first, "C", 0.8)]);
        var encoder = await EncoderRegistry.BuiltIn(1).RiskReportAsync(
            V2.Context(store, "num-holdings-core-v2", s_first), TestContext.Current.CancellationToken);

        float[] vector = new float[encoder.Dimension];
        Assert.Null(encoder.Encode(Report(0, s_first), vector));
        Assert.Equal([0.75f, -0.25f, 0f], vector[..3]);
        Assert.Equal(new SkipReason("holdings without vectors", "0.20 of a gross exposure of 1.00 have one"), encoder.Encode(Report(1, s_first), vector));
        Assert.Equal("no positions", encoder.Encode(Report(2, s_first), vector)?.Code);
    }

    private static RiskReport Report(int number, DateOnly asOf, params (string Key, double Value)[] metrics) => new(
        $"PF{number:00}", asOf, metrics.ToDictionary(m => m.Key, m => m.Value), new Dictionary<string, double>(), new Dictionary<string, double>());

    private static Task<IVectorEncoder<RiskReport>> EncoderAsync(MemoryStore store, DateOnly asOf) =>
        EncoderRegistry.BuiltIn(1).RiskReportAsync(V2.Context(store, ModelId, asOf), TestContext.Current.CancellationToken);

    private static async Task<float[][]> EncodeAsync(MemoryStore store, DateOnly asOf)
    {
        var encoder = await EncoderAsync(store, asOf);
        return [.. store.Reports.Where(r => r.AsOf == asOf).Select(report =>
        {
            float[] vector = new float[encoder.Dimension];
            Assert.Null(encoder.Encode(report, vector));
            return vector;
        })];
    }
}
