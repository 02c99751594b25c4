using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Browser;

/// <summary><c>grid serve</c> in a process of its own, on a port that was free; ended with the test.</summary>
internal sealed partial class GridServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private GridServerProcess(Process process, string url) => (_process, Url) = (process, url);

    /// <summary>Where the page is, without a slash at its end.</summary>
    public string Url { get; }

    /// <summary>Starts a server and waits until it says where it is.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="more">Further arguments of <c>serve</c>.</param>
    public static async Task<GridServerProcess> StartAsync(string dataFolder, params string[] more)
    {
        var process = Start(["serve", "--data", dataFolder, "--urls", "http://127.0.0.1:0", .. more]);
        var said = new StringBuilder();
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Hear(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null)
                return;
            lock (said)
                said.AppendLine(line.Data);
            if (Serving().Match(line.Data) is { Success: true } match)
                ready.TrySetResult(match.Groups[1].Value);
        }
        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"grid serve ended: {said}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new GridServerProcess(process, await ready.Task.WaitAsync(s_patience));
        }
        catch
        {
            await EndAsync(process);
            throw;
        }
    }

    /// <summary>Runs a command to its end and gives what it printed.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var text = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"grid {arguments[0]}: exit code {process.ExitCode}: {await errors}");
        return await text;
    }

    public async ValueTask DisposeAsync() => await EndAsync(_process);

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    // The program as it was built beside this one: what ./grid does around it is tested end to end.
    private static Process Start(string[] arguments)
    {
        string output = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string program = Path.Combine(TestData.RepositoryRoot, "artifacts", "bin", "Prometheus.Grid.Cli", output, "grid.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in (string[])["GRID_DATA", "GRID_POSTGRES", "GRID_SERVER", "GRID_TEXT_DEVICE"])
            start.Environment.Remove(name);
        start.Environment["GRID_MODELS"] = Path.Combine(TestData.RepositoryRoot, "models");
        return Process.Start(start)!;
    }

    [GeneratedRegex(@"^serving at (http://[^;,\s]+)")]
    private static partial Regex Serving();
}
