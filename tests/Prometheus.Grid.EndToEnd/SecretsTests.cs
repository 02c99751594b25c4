using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The command does not repeat a connection string, in whatever form somebody types it.</summary>
public sealed class SecretsTests
{
    public static TheoryData<string> Forms => [.. ConnectionForms.All];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_connection_string_is_not_repeated(string form)
    {
        foreach (string command in (string[])["verify", "doctor"])
            Keeps(await GridProcess.RunAsync(null, command, "--postgres", form));
        // Forgotten quotes make several arguments of it.
        var split = await GridProcess.RunAsync(null, ["verify", "--postgres", .. form.Split(' ')]);
        Keeps(split);
        Assert.Equal(form.Contains("Port=1;", StringComparison.Ordinal) ? 1 : 2, split.ExitCode);
    }

    private static void Keeps(GridOutput output) => Assert.DoesNotContain(ConnectionForms.Password, output.Text + output.Errors, StringComparison.Ordinal);
}
