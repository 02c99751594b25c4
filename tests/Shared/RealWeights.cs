using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Models;

namespace Prometheus.Grid.Tests;

/// <summary>
/// The weights of <c>text-profile-v1</c>, fetched once for all test programs as <c>grid models pull</c> fetches them; a test that needs them is
/// skipped, with the reason, where no source can be reached.
/// </summary>
internal static class RealWeights
{
    public const string ModelId = "text-profile-v1";

    private static readonly Lazy<Task<string?>> s_failure = new(PullAsync);

    /// <summary>The product's manifests, with the weights in their cache: for GRID_MODELS.</summary>
    public static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "artifacts", "test", "models");

    /// <summary>The model with its files installed; skips the test where they cannot be had.</summary>
    public static async Task<ModelManifest> InstallAsync()
    {
        string? failure = await s_failure.Value;
        Assert.SkipWhen(failure is not null, $"the weights of {ModelId} cannot be had: {failure}");
        return ModelCatalog.Load(Folder).Model(ModelId);
    }

    /// <summary>Null, or why the weights are not there.</summary>
    private static async Task<string?> PullAsync()
    {
        string shipped = Path.Combine(TestData.RepositoryRoot, "models"), cache = Path.Combine(shipped, "cache");
        foreach (string file in Directory.EnumerateFiles(shipped, "*", SearchOption.AllDirectories).Where(file => !file.StartsWith(cache, StringComparison.Ordinal)))
        {
            string copy = Path.Combine(Folder, Path.GetRelativePath(shipped, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
        using var client = ModelInstaller.CreateClient();
        try
        {
            await new ModelInstaller(client).PullAsync(ModelCatalog.Load(Folder).Model(ModelId), null, CancellationToken.None);
            return null;
        }
        catch (GridFaultException error)
        {
            return error.Message;
        }
    }
}
