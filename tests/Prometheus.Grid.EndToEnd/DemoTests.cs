namespace Prometheus.Grid.EndToEnd;

public sealed class DemoTests
{
    private static readonly string[] s_small = ["demo", "--issuers", "80", "--portfolios", "16", "--format", "csv"];

    [Fact]
    public async Task The_demo_shows_who_is_like_whom_and_repeats_itself()
    {
        using DataFolder first = new(), second = new();
        var output = (await first.RunAsync(s_small)).Succeeded();
        Assert.Equal("target,target_is,neighbour,neighbour_is,cosine", output.Header);
        Assert.Equal((3 + 2) * 5, output.Rows.Length);
        Assert.Contains("next: grid find-similar-profiles --issuer-id ISS_", output.Errors, StringComparison.Ordinal);
        Assert.Equal(output.Text, (await second.RunAsync(s_small)).Succeeded().Text);
        Assert.Equal(first.LivePartitions(), second.LivePartitions());

        var again = (await first.RunAsync(s_small)).Succeeded();
        Assert.Equal(output.Text, again.Text);
        Assert.DoesNotMatch("[1-9][0-9]* written", again.Errors);
    }

    [Fact]
    public async Task The_demo_leaves_data_of_the_users_own_alone()
    {
        using var folder = new DataFolder();
        await File.WriteAllTextAsync(folder.File("issuers.csv"), "issuer_id\n", TestContext.Current.CancellationToken);
        var output = await folder.RunAsync(s_small);
        Assert.Equal(2, output.ExitCode);
        Assert.Contains("holds data of its own (issuers.csv)", output.Errors, StringComparison.Ordinal);
        Assert.Equal(["issuers.csv"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Quiet_prints_the_rows_and_nothing_else()
    {
        using var folder = new DataFolder();
        var output = (await folder.RunAsync([.. s_small, "--quiet"])).Succeeded();
        Assert.Empty(output.Errors);
        Assert.NotEmpty(output.Rows);
    }
}
