using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.EndToEnd;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>
/// A space is computed again with another numeric model, and killed in between: it answers from the old model until it answers from the new, and never from both.
/// What older schemas and files become is for the tests of each store.
/// </summary>
[Trait(Scenario.Trait, "11")]
public sealed class ModelSwitchTests
{
    private const string Day = "2024-06-28", Space = "joint-profile-core-v1";
    private static readonly PartitionKey s_key = new(BranchKind.Joint, Space, new DateOnly(2024, 6, 28));
    private static readonly string[] s_models = ["num-profile-core-v1", "num-stab-core-v1"];
    private static readonly string[] s_points = ["after-stage-append", "after-journal", "before-rename-npy", "after-rename-npy", "before-current", "after-current"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Killed_at_any_moment_mixes_no_models() => FaultRun.RunAsync(11, "", async run =>
    {
        using var folder = await DataFolder.OfSyntheticAsync(issuers: 100, portfolios: 1, weekdays: 200);
        (await folder.RunAsync("backfill-profile-text-embeddings", "--as-of", Day, "--model-id", "text-hash-v1")).Succeeded();
        foreach (string numeric in (string[])[s_models[0], s_models[1], "num-regime-core-v1"])
            (await folder.RunAsync("backfill-numeric-embeddings", "--as-of", Day, "--model-id", numeric)).Succeeded();
        var known = new Dictionary<string, (string Origin, float[] Values)>(StringComparer.Ordinal);
        foreach (string numeric in s_models)
        {
            (await folder.RunAsync(Switch(numeric))).Succeeded();
            known[numeric] = await ReadAsync(folder.Path);
        }
        Assert.NotEqual(known[s_models[0]].Origin, known[s_models[1]].Origin);

        (string from, string to) = (s_models[1], s_models[0]);
        for (int i = 0; i < FaultRun.Length(s_points.Length, 20 * s_points.Length); i++)
        {
            run.Trial();
            string point = s_points[i % s_points.Length];
            var died = await GridProcess.OutputAsync(GridProcess.StartWith(folder.Path, "GRID_CRASH_AT", point, Switch(to)));
            Assert.Equal(137, died.ExitCode);
            run.Inject("switches killed at a named point");
            var seen = await ReadAsync(folder.Path);
            var expected = point == "after-current" ? known[to] : known[from];
            Assert.Equal(expected.Origin, seen.Origin);
            Assert.Equal(expected.Values, seen.Values);
            run.Hold("spaces of one model, to the last bit");
            (await folder.RunAsync(Switch(to))).Succeeded();
            seen = await ReadAsync(folder.Path);
            Assert.Equal(known[to].Origin, seen.Origin);
            Assert.Equal(known[to].Values, seen.Values);
            (from, to) = (to, from);
        }
        (await folder.RunAsync("verify")).Succeeded();
    });

    private static string[] Switch(string numeric) =>
        ["backfill-joint-profiles", "--as-of", Day, "--joint-model-id", Space, "--text-model-id", "text-hash-v1", "--numeric-profile-model-id", numeric];

    private static async Task<(string Origin, float[] Values)> ReadAsync(string folder)
    {
        await using var store = await FolderStore.OpenAsync(folder, new FolderStoreOptions(), Token);
        var partition = (await store.Vectors.ReadAsync(s_key, null, null, Token))!;
        return (partition.Origin, partition.Rows.Values.ToArray());
    }
}
