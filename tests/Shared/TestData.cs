namespace Prometheus.Grid.Tests;

/// <summary>
/// What tests read: tests/data of the repository, and the larger real data of a folder that GRID_TESTDATA names. A test that needs the latter is
/// skipped, with the reason, where it is not.
/// </summary>
internal static class TestData
{
    private const string Variable = "GRID_TESTDATA";

    /// <summary>Why there is no real data; null where there is.</summary>
    public static string? WhyNot { get; } = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => $"real data: {Variable} names no folder",
        var folder when !Directory.Exists(folder) => $"real data: {Variable} names {folder}, which does not exist",
        _ => null,
    };

    /// <summary>Path of a file or folder of the real data. Skips the test without it, so a fixture asks only where <see cref="WhyNot"/> is null.</summary>
    public static string Path(params string[] parts)
    {
        Xunit.Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        string path = System.IO.Path.Combine([Environment.GetEnvironmentVariable(Variable)!, .. parts]);
        Xunit.Assert.True(File.Exists(path) || Directory.Exists(path), $"the real data lacks {path}");
        return path;
    }

    /// <summary>Path of a file or folder of tests/data.</summary>
    public static string InRepository(params string[] parts) => System.IO.Path.Combine([RepositoryRoot, "tests", "data", .. parts]);

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
