using System.Diagnostics;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>What docs/cookbook.md shows is what its commands print.</summary>
public sealed class CookbookTests
{
    [Fact]
    public async Task The_page_shows_what_its_commands_print()
    {
        var start = new ProcessStartInfo(Path.Combine(TestData.RepositoryRoot, "eng", "cookbook"), ["--check"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var difference = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{await errors}\n{await difference}");
    }
}
