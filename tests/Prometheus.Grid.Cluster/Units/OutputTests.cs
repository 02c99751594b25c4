using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Units;

/// <summary>What a program carries is what it loads.</summary>
public sealed class OutputTests
{
    public static TheoryData<string> Folders => [SiloProcess.Binaries, SiloRun.ExampleFolder("Batch"), SiloRun.ExampleFolder("Neighbours")];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Programs_are_shipped_without_a_compiler(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*.dll").Select(path => Path.GetFileName(path))];
        Assert.Contains("Prometheus.Grid.Client.dll", files);
        // A silo has NuGet's client, which reads JSON with it; clients have not.
        Assert.Equal(folder == SiloProcess.Binaries, files.Contains("Newtonsoft.Json.dll"));
        Assert.DoesNotContain(files, name => name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) || name == "Humanizer.dll");
    }
}
