using System.Diagnostics;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>What a run of the command left behind.</summary>
internal sealed record GridOutput(int ExitCode, string Text, string Errors)
{
    /// <summary>The lines of stdout without the header.</summary>
    public string[][] Rows => [.. Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))];

    public string Header => Text.Split('\n')[0];

    /// <summary>Fails with the messages of the command unless it succeeded.</summary>
    public GridOutput Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Errors}");
        return this;
    }
}

/// <summary>Runs <c>./grid</c> as its users do, in a process of its own.</summary>
internal static class GridProcess
{
    private static readonly string s_script = Path.Combine(TestData.RepositoryRoot, "grid");

    public static Process Start(string? dataFolder, params string[] arguments)
    {
        var start = new ProcessStartInfo(s_script, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The tests must not see the store of the person who runs them.
        foreach (var name in (string[])["GRID_DATA", "GRID_POSTGRES", "GRID_SERVER", "GRID_MODELS"])
            start.Environment.Remove(name);
        if (dataFolder is not null)
            start.Environment["GRID_DATA"] = dataFolder;
        return Process.Start(start)!;
    }

    public static async Task<GridOutput> RunAsync(string? dataFolder, params string[] arguments)
    {
        using var process = Start(dataFolder, arguments);
        var text = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new GridOutput(process.ExitCode, await text, await errors);
    }
}
