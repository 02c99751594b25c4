using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Prometheus.Grid.Hosting.Silos;
using Prometheus.Grid.Http;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Units;

/// <summary>The files of deploy/ against the program that they deploy.</summary>
public sealed partial class DeployTests
{
    [Theory]
    [InlineData("compose.yaml", "stop_grace_period: ([0-9]+)s")]
    [InlineData("kubernetes/silo.yaml", "terminationGracePeriodSeconds: ([0-9]+)")]
    [InlineData("systemd/grid-silo.service", "TimeoutStopSec=([0-9]+)")]
    [InlineData("systemd/grid-serve.service", "TimeoutStopSec=([0-9]+)")]
    public void Files_wait_longer_than_a_silo_drains(string file, string grace)
    {
        string text = Read(file) + (file.StartsWith("systemd/", StringComparison.Ordinal) ? Read("systemd/silo.env") : "");
        int drain = int.Parse(Drain().Match(text).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        int patience = int.Parse(Regex.Match(text, grace).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Assert.Equal(new SiloSettings().DrainSeconds, drain);
        Assert.True(patience > drain, $"{file}: grace of {patience} s for a drain of {drain} s");
    }

    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("kubernetes/silo.yaml")]
    [InlineData("systemd/grid-silo.service")]
    [InlineData("systemd/grid-serve.service")]
    [InlineData("systemd/silo.env")]
    public void Files_name_settings_that_exist(string file)
    {
        string[] settings = [.. Names<SiloSettings>("Grid"), .. Names<GridHttpOptions>("Http")];
        string[] named = [.. Setting().Matches(Read(file)).Select(match => match.Value)];
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, settings));

        static IEnumerable<string> Names<T>(string section) => typeof(T).GetProperties().Where(property => property.CanWrite).Select(property => $"{section}__{property.Name}");
    }

    [Fact]
    public void Ports_are_those_of_the_silo_everywhere()
    {
        int silo = new SiloSettings().SiloPort, gateway = new SiloSettings().GatewayPort;
        Assert.Contains($"EXPOSE {silo} {gateway} 5075", Read("Dockerfile"), StringComparison.Ordinal);
        string kubernetes = Read("kubernetes/silo.yaml");
        Assert.Contains($"{{ name: silo, containerPort: {silo} }}", kubernetes, StringComparison.Ordinal);
        Assert.Contains($"{{ name: gateway, containerPort: {gateway} }}", kubernetes, StringComparison.Ordinal);
        Assert.Contains("{ name: http, containerPort: 5075 }", kubernetes, StringComparison.Ordinal);
        Assert.Contains($"Grid__SiloPort={silo}\nGrid__GatewayPort={gateway}\n", Read("systemd/silo.env"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_and_the_manifests_run_an_unprivileged_user_on_a_read_only_file_system()
    {
        string user = User().Match(Read("Dockerfile")).Groups[1].Value;
        string kubernetes = Read("kubernetes/silo.yaml"), compose = Read("compose.yaml");
        Assert.NotEqual("0", user);
        foreach (string line in (string[])["runAsNonRoot: true", $"runAsUser: {user}", "seccompProfile: { type: RuntimeDefault }", "allowPrivilegeEscalation: false", "readOnlyRootFilesystem: true", "capabilities: { drop: [ALL] }", "automountServiceAccountToken: false", "mountPath: /tmp"])
            Assert.Contains(line, kubernetes, StringComparison.Ordinal);
        string silo = compose[..compose.IndexOf("\nservices:", StringComparison.Ordinal)];
        foreach (string line in (string[])["read_only: true", "tmpfs: [/tmp]", "cap_drop: [ALL]", "no-new-privileges:true"])
            Assert.Contains(line, silo, StringComparison.Ordinal);
        // Reachable from this machine alone.
        Assert.All(Published().Matches(compose), match => Assert.StartsWith("127.0.0.1:", match.Groups[1].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_file_that_a_manifest_mounts_is_one_that_a_setting_names()
    {
        string kubernetes = Read("kubernetes/silo.yaml"), unit = Read("systemd/grid-silo.service");
        string[] mounted = [.. MountPath().Matches(kubernetes).Select(match => match.Groups[1].Value)];
        Assert.All(MountedFile().Matches(kubernetes).Select(match => match.Groups[1].Value), file => Assert.Contains(Path.GetDirectoryName(file)!, mounted));
        string[] credentials = [.. Credential().Matches(unit).Select(match => match.Groups[1].Value)];
        string[] used = [.. CredentialUse().Matches(unit).Select(match => match.Groups[1].Value)];
        Assert.Equal(credentials.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("grid-silo.service")]
    [InlineData("grid-serve.service")]
    public async Task Units_are_read_by_systemd_and_leave_little_open(string unit)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "no systemd-analyze");
        string file = Path.Combine(TestData.RepositoryRoot, "deploy", "systemd", unit);
        // The program is installed elsewhere; everything else that it says is a mistake.
        Assert.All((await AnalyzeAsync("verify", file)).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith("is not executable: No such file or directory", line, StringComparison.Ordinal));
        string security = await AnalyzeAsync("security", "--offline=yes", "--no-pager", file);
        double exposure = double.Parse(Exposure().Match(security).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Assert.True(exposure <= 2, security);
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "deploy", file));

    private static async Task<string> AnalyzeAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output + await errors;
    }

    [GeneratedRegex("(Grid|Http)__[A-Za-z]+")]
    private static partial Regex Setting();

    [GeneratedRegex("Grid__DrainSeconds(?:: |, value: |=)\"?([0-9]+)\"?")]
    private static partial Regex Drain();

    [GeneratedRegex("^USER ([0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex User();

    [GeneratedRegex("^ +- \"([0-9.:]+)\"$", RegexOptions.Multiline)]
    private static partial Regex Published();

    [GeneratedRegex("mountPath: ([^,} ]+)")]
    private static partial Regex MountPath();

    [GeneratedRegex("value: (/[^ }]+) }")]
    private static partial Regex MountedFile();

    [GeneratedRegex("^LoadCredential=([^:]+):", RegexOptions.Multiline)]
    private static partial Regex Credential();

    [GeneratedRegex("=%d/([^ \n]+)")]
    private static partial Regex CredentialUse();

    [GeneratedRegex("Overall exposure level for [^:]+: ([0-9.]+)")]
    private static partial Regex Exposure();
}
