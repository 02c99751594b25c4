using System.Text.RegularExpressions;
using Prometheus.Grid.Hosting.Silos;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Units;

/// <summary>The files of deploy/ against the program that they deploy.</summary>
public sealed partial class DeployTests
{
    [Theory]
    [InlineData("compose.yaml", "stop_grace_period: ([0-9]+)s")]
    [InlineData("kubernetes/silo.yaml", "terminationGracePeriodSeconds: ([0-9]+)")]
    public void Files_name_settings_that_exist_and_wait_longer_than_a_silo_drains(string file, string grace)
    {
        string text = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "deploy", file));
        string[] settings = [.. typeof(SiloSettings).GetProperties().Select(property => property.Name)];
        string[] named = [.. Setting().Matches(text).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, settings));
        int drain = int.Parse(Drain().Match(text).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        int patience = int.Parse(Regex.Match(text, grace).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(new SiloSettings().DrainSeconds, drain);
        Assert.True(patience > drain, $"{file}: grace of {patience} s for a drain of {drain} s");
    }

    [Fact]
    public void Ports_of_the_image_are_those_of_the_silo()
    {
        string dockerfile = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "deploy", "Dockerfile"));
        Assert.Contains($"EXPOSE {new SiloSettings().SiloPort} {new SiloSettings().GatewayPort} 5075", dockerfile, StringComparison.Ordinal);
    }

    [GeneratedRegex("Grid__([A-Za-z]+)")]
    private static partial Regex Setting();

    [GeneratedRegex("Grid__DrainSeconds(?:: |, value: )\"([0-9]+)\"")]
    private static partial Regex Drain();
}
