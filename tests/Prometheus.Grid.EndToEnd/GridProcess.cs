using System.Diagnostics;
using System.Text.Json;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>What a run of the command left behind.</summary>
internal sealed record GridOutput(int ExitCode, string Text, string Errors)
{
    /// <summary>The lines of stdout without the header.</summary>
    public string[][] Rows => [.. Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))];

    /// <summary>The rows of <c>--format json</c>: their cells as text, whatever stands in them.</summary>
    public string[][] JsonRows
    {
        get
        {
            using var rows = JsonDocument.Parse(Text);
            return [.. rows.RootElement.EnumerateArray().Select(row => row.EnumerateObject().Select(cell => cell.Value.ToString()).ToArray())];
        }
    }

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

    public static Process Start(string? dataFolder, params string[] arguments) => Start(s_script, dataFolder, null, arguments);

    /// <summary>Starts the command with a variable of its environment set.</summary>
    public static Process StartWith(string dataFolder, string variable, string value, params string[] arguments) =>
        Start(s_script, dataFolder, null, arguments, null, (variable, value));

    public static Task<GridOutput> RunAsync(string? dataFolder, params string[] arguments) => OutputAsync(Start(dataFolder, arguments));

    /// <summary>Runs the command with other model manifests than those of the product.</summary>
    /// <param name="dataFolder">The data folder, or null.</param>
    /// <param name="models">Folder of the manifests; null for the product's own.</param>
    /// <param name="arguments">What is typed.</param>
    public static Task<GridOutput> RunWithModelsAsync(string? dataFolder, string? models, params string[] arguments) =>
        OutputAsync(Start(s_script, dataFolder, models, arguments));

    /// <summary>Runs the command with a key of a server.</summary>
    public static Task<GridOutput> RunWithKeyAsync(string key, params string[] arguments) => OutputAsync(Start(s_script, null, null, arguments, key));

    private static Process Start(string program, string? dataFolder, string? models, string[] arguments, string? key = null, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The tests must not see the store of the person who runs them.
        foreach (string own in (string[])["GRID_DATA", "GRID_POSTGRES", "GRID_SERVER", "GRID_API_KEY", "GRID_MODELS", "GRID_TEXT_DEVICE"])
            start.Environment.Remove(own);
        if (dataFolder is not null)
            start.Environment["GRID_DATA"] = dataFolder;
        if (models is not null)
            start.Environment["GRID_MODELS"] = models;
        if (key is not null)
            start.Environment["GRID_API_KEY"] = key;
        if (variable is var (name, value))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits for a program that was started, with its output redirected, and gives what it left behind.</summary>
    public static async Task<GridOutput> OutputAsync(Process started)
    {
        using var process = started;
        var text = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new GridOutput(process.ExitCode, await text, await errors);
    }
}
