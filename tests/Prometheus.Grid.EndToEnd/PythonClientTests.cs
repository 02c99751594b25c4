using System.Diagnostics;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The Python client's own tests, which start <c>./grid serve</c> on a demo folder; its example is one of them.</summary>
public sealed class PythonClientTests
{
    // Nothing is left in the tree, and a warning about a socket or process that is left open is an error.
    private static readonly string[] s_options = ["-B", "-W", "error"];

    [Fact]
    public async Task The_python_client_passes_its_tests_against_this_grid()
    {
        string? python = await PythonWithNumpyAsync();
        Assert.SkipWhen(python is null, "the Python client: no python3 with numpy on the PATH");
        var output = await RunAsync(python!, [.. s_options, "-m", "unittest"]);
        Assert.True(output.ExitCode == 0, $"{python} -m unittest in client/python: {output.Errors}");
        Assert.Matches(@"Ran [1-9]\d+ tests", output.Errors);
    }

    /// <summary>The first python3 of the PATH that has numpy: the first of all is often a bare one of a version manager.</summary>
    private static async Task<string?> PythonWithNumpyAsync()
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            string python = Path.Combine(folder, OperatingSystem.IsWindows() ? "python.exe" : "python3");
            if (File.Exists(python) && (await RunAsync(python, ["-c", "import numpy"])).ExitCode == 0)
                return python;
        }
        return null;
    }

    private static async Task<GridOutput> RunAsync(string python, string[] arguments)
    {
        var start = new ProcessStartInfo(python, arguments)
        {
            WorkingDirectory = Path.Combine(TestData.RepositoryRoot, "client", "python"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("GRID_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["GRID_COMMAND"] = Path.Combine(TestData.RepositoryRoot, "grid");
        return await GridProcess.OutputAsync(Process.Start(start)!);
    }
}
