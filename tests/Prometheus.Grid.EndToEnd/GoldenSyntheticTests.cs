using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>What the v1 models make of tests/data/golden-synthetic: vectors to the last bit, neighbours in their order with all printed digits; on either store.</summary>
public sealed class GoldenSyntheticTests(SharedPostgres server)
{
    private const string AsOf = "2024-03-31";

    private static readonly string[][] s_workflow =
    [
        ["backfill_numeric_embeddings", "--as-of", AsOf, "--window-days", "126", "--model-id", "num-profile-core-v1"],
        ["backfill_numeric_embeddings", "--as-of", AsOf, "--window-days", "63", "--model-id", "num-regime-core-v1"],
        ["backfill_profile_text_embeddings", "--as-of", AsOf, "--model-id", "text-hash-v1"],
        ["backfill_joint_profiles", "--as-of", AsOf, "--text-model-id", "text-hash-v1"],
        ["backfill_numeric_portfolio_embeddings", "--as-of", AsOf],
        ["backfill_joint_portfolios", "--as-of", AsOf],
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Vectors_and_neighbours_are_those_of_the_rules(bool onPostgres)
    {
        using var folder = new DataFolder();
        foreach (string table in Golden.Tables)
            File.Copy(table, folder.File(Path.GetFileName(table)));
        var store = await StoreUnderTest.CreateAsync(folder, onPostgres ? server : null);
        foreach (string[] command in s_workflow)
            (await store.RunAsync(command)).Succeeded();
        foreach (string model in (string[])["num-profile-core-v1", "num-regime-core-v1", "text-hash-v1", "joint-profile-core-v1", "num-portfolio-core-v1"])
            await CheckVectorsAsync(store, folder, model);
        await CheckNeighboursAsync(store, "find_similar_profiles", "--issuer-id", "profiles");
        await CheckNeighboursAsync(store, "find_similar_portfolios", "--portfolio-id", "portfolios");
    }

    private static async Task CheckVectorsAsync(StoreUnderTest store, DataFolder folder, string model)
    {
        string file = folder.File($"{model}.npy");
        (await store.RunAsync("export", "--model-id", model, "--as-of", AsOf, "--out", file)).Succeeded();
        byte[] content = File.ReadAllBytes(file);
        // The header of version 1.0: a magic of 8 bytes, the length of the rest, a dictionary.
        int header = 10 + BinaryPrimitives.ReadUInt16LittleEndian(content.AsSpan(8));
        string[] ids = [.. File.ReadLines(Path.ChangeExtension(file, ".ids.csv")).Skip(1).Select(line => line.Split(',')[0])];
        var vectors = Golden.Vectors(model).Where(row => row.Value is not null).ToDictionary(row => row.Key, row => row.Value!, StringComparer.Ordinal);
        Assert.Equal(vectors.Keys.Order(StringComparer.Ordinal), ids);
        for (int i = 0; i < ids.Length; i++)
        {
            byte[] vector = vectors[ids[i]];
            var actual = content.AsSpan(header + (i * vector.Length), vector.Length);
            Assert.True(actual.SequenceEqual(vector), $"{model} of {ids[i]}: {Describe(vector, actual)}");
        }
        Assert.Equal(content.Length, header + vectors.Values.Sum(vector => vector.Length));
    }

    private static string Describe(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        ReadOnlySpan<float> e = MemoryMarshal.Cast<byte, float>(expected), a = MemoryMarshal.Cast<byte, float>(actual);
        for (int i = 0; i < e.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(e[i]) != BitConverter.SingleToInt32Bits(a[i]))
                return $"value {i} is {a[i]:R}, expected {e[i]:R}";
        }
        return "equal";
    }

    private static async Task CheckNeighboursAsync(StoreUnderTest store, string command, string option, string of)
    {
        var targets = Golden.Neighbours(of);
        Assert.True(targets.Count > 10, $"{targets.Count} targets");
        foreach (var target in targets)
        {
            Golden.Neighbour[] expected = [.. target];
            var output = (await store.RunAsync(command, option, target.Key, "--as-of", AsOf, "--top-k", $"{expected.Length}")).Succeeded();
            Assert.Equal(
                expected.Select(neighbour => string.Create(CultureInfo.InvariantCulture, $"{neighbour.Cosine:F6} {neighbour.Euclidean:F6} {neighbour.EntityId}")),
                output.Rows.Select(row => $"{row[0]} {row[1]} {row[2]}"));
        }
    }
}
