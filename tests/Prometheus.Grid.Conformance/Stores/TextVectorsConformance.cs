using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>A store remembers the vectors of texts from date to date: what has not changed is not encoded again.</summary>
public abstract class TextVectorsConformance : StoreConformance
{
    private const string Model = "text-profile-v1", FirstDay = "2023-06-30", SecondDay = "2023-09-29", ThirdDay = "2023-12-29";

    // The entries of one artifact; one more begins a second.
    private const int BlockSize = 1024;

    [Fact]
    public async Task Only_changed_profiles_are_encoded_on_the_next_date()
    {
        var encoder = new CountingEncoder("one");
        await Fixture.SeedAsync(Profiles(
            (FirstDay, ["banks", "mines", "software"]), (SecondDay, ["banks", "mines and smelts", "software"]), (ThirdDay, ["banks", "mines", "software"])));
        Assert.Equal(3, await EncodedAsync(encoder, FirstDay));
        Assert.Equal(1, await EncodedAsync(encoder, SecondDay));
        Assert.Equal(0, await EncodedAsync(encoder, ThirdDay));
        await AssertVectorsAsync(SecondDay, "banks", "mines and smelts", "software");
        await AssertVectorsAsync(ThirdDay, "banks", "mines", "software");
    }

    [Fact]
    public async Task Issuers_with_one_text_are_encoded_once()
    {
        await Fixture.SeedAsync(Profiles((FirstDay, ["a fund", "a fund", "a bank"])));
        Assert.Equal(2, await EncodedAsync(new CountingEncoder("one"), FirstDay));
        await AssertVectorsAsync(FirstDay, "a fund", "a fund", "a bank");
    }

    [Fact]
    public async Task Another_computation_remembers_nothing_of_this_one()
    {
        await Fixture.SeedAsync(Profiles((FirstDay, ["banks", "mines"]), (SecondDay, ["banks", "mines"])));
        Assert.Equal(2, await EncodedAsync(new CountingEncoder("one"), FirstDay));
        Assert.Equal(2, await EncodedAsync(new CountingEncoder("two"), SecondDay));
    }

    [Fact]
    public async Task What_is_damaged_is_encoded_again_and_kept()
    {
        var encoder = new CountingEncoder("one");
        await Fixture.SeedAsync(Profiles((FirstDay, ["banks", "mines"]), (SecondDay, ["banks", "mines"]), (ThirdDay, ["banks", "mines"])));
        Assert.Equal(2, await EncodedAsync(encoder, FirstDay));
        await Fixture.DamageArtifactAsync(Model, Date(FirstDay), "text-vectors-0");
        Assert.Equal(2, await EncodedAsync(encoder, SecondDay));
        Assert.Equal(0, await EncodedAsync(encoder, ThirdDay));
        await AssertVectorsAsync(ThirdDay, "banks", "mines");
    }

    [Fact]
    public async Task More_than_one_block_is_remembered()
    {
        var encoder = new CountingEncoder("one");
        string[] texts = [.. Enumerable.Range(0, BlockSize + 1).Select(i => string.Create(CultureInfo.InvariantCulture, $"company {i}"))];
        await Fixture.SeedAsync(Profiles((FirstDay, texts), (SecondDay, texts)));
        Assert.Equal(texts.Length, await EncodedAsync(encoder, FirstDay));
        Assert.Equal(0, await EncodedAsync(encoder, SecondDay));
        await AssertVectorsAsync(SecondDay, texts);
        var artifacts = (await OpenAsync()).Artifacts;
        Assert.Equal([Date(FirstDay)], await artifacts.DatesAsync(Model, "text-vectors-1", Token));
    }

    /// <summary>Backfills a date in a grid of its own, as another run of the command would, and returns how many texts that encoded.</summary>
    private async Task<int> EncodedAsync(CountingEncoder encoder, string day)
    {
        int before = encoder.Documents;
        var encoders = EncoderRegistry.BuiltIn(workers: 2);
        encoders.AddText("transformer", (_, _) => Task.FromResult<ITextEncoder>(encoder));
        var grid = new EmbeddedGrid(await OpenAsync(), ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models")), encoders, workers: 2);
        var report = await grid.BackfillAsync(new TextBackfill { ModelId = Model, Dates = DateRange.On(Date(day)) }, null, Token);
        Assert.Empty(Assert.Single(report.Days).Skipped);
        return encoder.Documents - before;
    }

    private async Task AssertVectorsAsync(string day, params string[] texts)
    {
        var stored = await (await OpenAsync()).Vectors.ReadAsync(new PartitionKey(BranchKind.Text, Model, Date(day)), null, null, Token);
        for (int i = 0; i < texts.Length; i++)
            Assert.Equal(CountingEncoder.VectorOf(texts[i]), stored!.Rows.Row(i).ToArray());
    }

    private static InputTables Profiles(params (string Day, string[] Texts)[] days) => new()
    {
        Issuers = [.. days[0].Texts.Select((_, i) => new Issuer(Id(i), "CORPORATION", Id(i), "", "", ""))],
        Profiles = [.. days.SelectMany(day => day.Texts.Select((text, i) =>
            new ProfileInput(Id(i), day.Day, JsonSerializer.Serialize(new Dictionary<string, string> { ["business_description"] = text }))))],
    };

    private static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"ISS_{i:D5}");

    /// <summary>Stands in for a transformer: a vector that follows from the text alone, and a count of the texts.</summary>
    private sealed class CountingEncoder(string fingerprint) : ITextEncoder
    {
        public int Documents { get; private set; }

        public int Dimension => 384;

        public string Fingerprint { get; } = fingerprint;

        public static float[] VectorOf(string text) =>
            [.. Enumerable.Range(0, 12).SelectMany(i => SHA256.HashData(Encoding.UTF8.GetBytes($"{i}{text}"))).Select(b => (float)b)];

        public Task EncodeAsync(IReadOnlyList<string> documents, Memory<float> vectors, CancellationToken cancellationToken)
        {
            Documents += documents.Count;
            for (int d = 0; d < documents.Count; d++)
                VectorOf(documents[d]).CopyTo(vectors[(d * Dimension)..]);
            return Task.CompletedTask;
        }
    }
}
