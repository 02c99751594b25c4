using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>What <see cref="IArtifactStore"/> promises.</summary>
public abstract class ArtifactsConformance : StoreConformance
{
    private const string Model = "num-test-v2";

    [Fact]
    public async Task An_artifact_is_read_as_it_was_written_also_after_a_restart()
    {
        byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];
        await (await OpenAsync()).Artifacts.WriteAsync(Model, Date("2024-03-01"), "fit.bin", content, Token);
        var read = await (await OpenAsync()).Artifacts.ReadAsync(Model, Date("2024-03-01"), "fit.bin", Token);
        Assert.Equal(content, read!.Value.ToArray());
    }

    [Fact]
    public async Task An_artifact_may_be_empty_and_is_replaced_by_the_next()
    {
        var artifacts = (await OpenAsync()).Artifacts;
        await artifacts.WriteAsync(Model, Date("2024-03-01"), "fit", new byte[] { 1, 2, 3 }, Token);
        await artifacts.WriteAsync(Model, Date("2024-03-01"), "fit", ReadOnlyMemory<byte>.Empty, Token);
        var read = await artifacts.ReadAsync(Model, Date("2024-03-01"), "fit", Token);
        Assert.Equal(0, read!.Value.Length);
    }

    [Fact]
    public async Task What_was_not_written_is_null()
    {
        var artifacts = (await OpenAsync()).Artifacts;
        await artifacts.WriteAsync(Model, Date("2024-03-01"), "fit", new byte[] { 1 }, Token);
        Assert.Null(await artifacts.ReadAsync(Model, Date("2024-03-02"), "fit", Token));
        Assert.Null(await artifacts.ReadAsync(Model, Date("2024-03-01"), "other", Token));
        Assert.Null(await artifacts.ReadAsync("num-other-v2", Date("2024-03-01"), "fit", Token));
    }

    [Fact]
    public async Task Dates_are_those_of_the_name_in_order()
    {
        var artifacts = (await OpenAsync()).Artifacts;
        foreach (string date in new[] { "2024-03-01", "2022-01-01", "2023-01-01" })
            await artifacts.WriteAsync(Model, Date(date), "fit", new byte[] { 1 }, Token);
        await artifacts.WriteAsync(Model, Date("2021-01-01"), "other", new byte[] { 1 }, Token);
        Assert.Equal([Date("2022-01-01"), Date("2023-01-01"), Date("2024-03-01")], await artifacts.DatesAsync(Model, "fit", Token));
        Assert.Empty(await artifacts.DatesAsync("num-other-v2", "fit", Token));
    }

    [Fact]
    public async Task Artifacts_of_a_model_are_listed_and_deleted_one_by_one()
    {
        var artifacts = (await OpenAsync()).Artifacts;
        foreach ((string date, string name) in new[] { ("2024-03-01", "b"), ("2024-03-01", "a"), ("2022-01-01", "c") })
            await artifacts.WriteAsync(Model, Date(date), name, new byte[] { 1 }, Token);
        await artifacts.DeleteAsync(Model, Date("2024-03-01"), "a", Token);
        await artifacts.DeleteAsync(Model, Date("2024-03-01"), "never", Token);
        Assert.Equal(
            [new ArtifactName(Date("2022-01-01"), "c"), new ArtifactName(Date("2024-03-01"), "b")],
            await (await OpenAsync()).Artifacts.ListAsync(Model, Token));
        Assert.Null(await artifacts.ReadAsync(Model, Date("2024-03-01"), "a", Token));
        Assert.Empty(await artifacts.ListAsync("num-other-v2", Token));
    }

    [Fact]
    public async Task A_damaged_artifact_is_a_fault()
    {
        var artifacts = (await OpenAsync()).Artifacts;
        await artifacts.WriteAsync(Model, Date("2024-03-01"), "fit", new byte[] { 1, 2, 3 }, Token);
        await Fixture.DamageArtifactAsync(Model, Date("2024-03-01"), "fit");
        await Assert.ThrowsAsync<GridFaultException>(() => artifacts.ReadAsync(Model, Date("2024-03-01"), "fit", Token));
    }
}
