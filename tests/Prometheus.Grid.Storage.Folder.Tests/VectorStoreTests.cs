using System.Text.Json;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

public sealed class VectorStoreTests
{
    private static readonly PartitionKey s_key = new(BranchKind.Numeric, "num-test-v1", new DateOnly(2024, 3, 1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_of_vacuumed_generations_does_not_grow_for_ever()
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        await store.Vectors.PutAsync(s_key, Batch(("A", 1), ("B", 1)), "o", Token);
        await store.Vectors.PutAsync(s_key, Batch(("A", 2)), "o", Token);
        for (int value = 3; value < 30; value++)
            await store.Vectors.PutAsync(s_key, Batch(("C", value)), "o", Token);
        var known = (await store.Vectors.ReadAsync(s_key, ["A"], null, Token))!.KnownAt;

        Assert.Equal(28, (await store.Vectors.VacuumAsync(DateTimeOffset.MaxValue, Token)).Superseded);
        using var current = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Partition(folder), "current.json"), Token));
        int[] kept = [.. current.RootElement.GetProperty("earlier").EnumerateArray().Select(generation => generation.GetProperty("number").GetInt32())];
        Assert.Equal([1, 2], kept);
        Assert.Equal(known, (await store.Vectors.ReadAsync(s_key, ["A"], null, Token))!.KnownAt);
        await Assert.ThrowsAsync<NotFoundException>(() => store.Vectors.ReadAsync(s_key, null, known, Token));
    }

    [Fact]
    public async Task A_vacuum_spares_what_is_not_the_stores()
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        await store.Vectors.PutAsync(s_key, Batch(("A", 1)), "o", Token);
        string notes = Path.Combine(Partition(folder), "notes.txt"), orphan = Path.Combine(Partition(folder), "7.npy.tmp");
        await File.WriteAllTextAsync(notes, "mine", Token);
        await File.WriteAllTextAsync(orphan, "left by a killed writer", Token);
        Assert.Equal(new VacuumOutcome(0, 23), await store.Vectors.VacuumAsync(DateTimeOffset.MaxValue, Token));
        Assert.True(File.Exists(notes));
        Assert.False(File.Exists(orphan));
    }

    private static string Partition(TestFolder folder) => Path.Combine(folder.Path, "vectors", "numeric", "num-test-v1", "2024-03-01");

    private static VectorBatch Batch(params (string Id, float Value)[] rows) => new(
        [.. rows.Select(row => new RowHeader(row.Id))], rows.SelectMany(row => new[] { row.Value, row.Value }).ToArray(), 2);
}
