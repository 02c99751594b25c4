namespace Prometheus.Grid.Bench;

/// <summary>Where benchmarks find the repository and keep their data and results.</summary>
internal static class BenchFolders
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>Generated inputs; safe to delete.</summary>
    public static string Data => Path.Combine(Root, "artifacts", "bench");

    /// <summary>Results as JSON, one file a benchmark.</summary>
    public static string Results => Path.Combine(Root, "benchmarks", "results");

    private static string Find(DirectoryInfo? folder) =>
        folder is null ? throw new DirectoryNotFoundException("no Prometheus.Grid.sln above the benchmark")
        : File.Exists(Path.Combine(folder.FullName, "Prometheus.Grid.sln")) ? folder.FullName
        : Find(folder.Parent);
}
