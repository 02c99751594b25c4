namespace Prometheus.Grid.Tests;

/// <summary>Finds the reference data beside the repository; a test that needs it is skipped, with the reason, where it is missing.</summary>
internal static class TestData
{
    /// <summary>Path of a file or folder of the reference data.</summary>
    public static string Path(params string[] parts)
    {
        string root = Environment.GetEnvironmentVariable("GRID_TESTDATA") ?? System.IO.Path.Combine(RepositoryRoot, "..", "shared", "data");
        Assert.SkipUnless(Directory.Exists(root), $"reference data not found at {root}; set GRID_TESTDATA to its folder");
        string path = System.IO.Path.Combine([root, .. parts]);
        Assert.True(File.Exists(path) || Directory.Exists(path), $"the reference data lacks {path}");
        return path;
    }

    /// <summary>The folder that holds the solution.</summary>
    public static string RepositoryRoot { get; } = FindRoot(AppContext.BaseDirectory);

    private static string FindRoot(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Prometheus.Grid.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"no Prometheus.Grid.sln above {start}");
    }
}
