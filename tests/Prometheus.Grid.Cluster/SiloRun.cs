using System.Diagnostics;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster;

/// <summary>A program that is expected to end by itself, and what it left behind.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">All it wrote.</param>
internal sealed record SiloRun(int ExitCode, string Output)
{
    /// <summary>The lines that it wrote.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs a silo that cannot start.</summary>
    /// <param name="settings">Settings as environment variables; ports are free ones unless said.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static Task<SiloRun> StartAsync(Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        settings.TryAdd("Grid__SiloPort", "0");
        settings.TryAdd("Grid__GatewayPort", "0");
        settings.TryAdd("Urls", "http://127.0.0.1:0");
        return RunAsync(Path.Combine(SiloProcess.Binaries, "grid-silo.dll"), [], settings, cancellationToken);
    }

    /// <summary>Runs an example.</summary>
    /// <param name="name">Batch or Neighbours.</param>
    /// <param name="postgres">Connection string of the cluster.</param>
    /// <param name="arguments">What is typed.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <param name="variables">Further environment variables, or null.</param>
    public static Task<SiloRun> ExampleAsync(
        string name, string postgres, string[] arguments, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? variables = null) =>
        RunAsync(
            Path.Combine(ExampleFolder(name), $"Prometheus.Grid.Examples.{name}.dll"), arguments,
            new(variables ?? new Dictionary<string, string>()) { ["GRID_POSTGRES"] = postgres }, cancellationToken);

    /// <summary>Runs the command <c>grid</c>.</summary>
    public static Task<SiloRun> GridAsync(string[] arguments, CancellationToken cancellationToken) => RunAsync(
        Path.Combine(SiloProcess.Binaries.Replace("Grid.Silo", "Grid.Cli", StringComparison.Ordinal), "grid.dll"), arguments,
        new() { ["GRID_MODELS"] = Path.Combine(SiloProcess.Binaries, "models") }, cancellationToken);

    /// <summary>Where an example was built.</summary>
    public static string ExampleFolder(string name) => SiloProcess.Binaries.Replace("Grid.Silo", $"Grid.Examples.{name}", StringComparison.Ordinal);

    private static async Task<SiloRun> RunAsync(string program, string[] arguments, Dictionary<string, string> variables, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var killing = cancellationToken.Register(() => process.Kill());
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new SiloRun(process.ExitCode, output + await errors);
    }
}
