namespace Prometheus.Grid.EndToEnd;

/// <summary>What is typed wrong is refused with exit code 2, before anything is read, in words that say what is allowed.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("backfill-numeric-embeddings", "a date is missing")]
    [InlineData("backfill-numeric-embeddings --as-of 2023-13-01", "--as-of is '2023-13-01'; allowed: a date as yyyy-MM-dd")]
    [InlineData("backfill-numeric-embeddings --as-of 30.11.2023", "--as-of is '30.11.2023'")]
    [InlineData("backfill-numeric-embeddings --as-of 2023-11-30 --limit 0", "--limit is '0'; allowed: a whole number of 1 or more")]
    [InlineData("backfill-numeric-embeddings --as-of 2023-11-30 --window-days -5", "--window-days is '-5'")]
    [InlineData("backfill-numeric-embeddings --as-of 2023-11-30 --offset -1", "--offset is '-1'; allowed: a whole number of 0 or more")]
    [InlineData("backfill-numeric-embeddings --start 2023-11-30", "--end is missing")]
    [InlineData("backfill-profile-text-embeddings --as-of 2023-11-30 --date-range 2023-01-01 2023-02-01", "dates are given in two ways")]
    [InlineData("backfill-joint-profiles --date-range 2023-02-01 2023-01-01", "--end is '2023-01-01'; allowed: a date on or after the start, 2023-02-01")]
    [InlineData("show-joint-profiles --as-of 2023-11-30 --start 2023-01-01 --end 2023-02-01", "dates are given in two ways")]
    [InlineData("show-joint-profiles --start 2023-02-01 --end 2023-01-01", "--end is '2023-01-01'")]
    [InlineData("show-joint-portfolios --as-of 2023-11-30 --limit -1", "--limit is '-1'")]
    [InlineData("find-similar-profiles --issuer-id X --as-of 2023-11-30 --top-k 0", "--top-k is '0'; allowed: a whole number of 1 or more")]
    [InlineData("find-similar-profiles --issuer-id X --as-of 2023-11-30 --top-k ten", "--top-k is 'ten'")]
    [InlineData("find-similar-profiles --issuer-id X --as-of 2023-11-30 --candidate-limit 0", "--candidate-limit is '0'")]
    [InlineData("find-similar-profiles --issuer-id X --as-of 2023-11-30 --weights text", "--weights is 'text'; allowed: branch=share pairs")]
    [InlineData("find-similar-profiles --issuer-id X --as-of 2023-11-30 --weights text=-1", "--weights is 'text=-1'")]
    [InlineData("find-similar-profiles --issuer-id X --as-of 2023-11-30 --weights text=NaN", "--weights is 'text=NaN'")]
    [InlineData("find-similar-profiles --issuer-id X --as-of 2023-11-30 --vector a.npy", "--issuer-id and --vector name several targets")]
    [InlineData("find-similar-profiles --issuer-id X", "--as-of is missing")]
    [InlineData("find-similar-profiles --as-of 2023-11-30", "a target is missing; give --issuer-id or --text or --vector")]
    [InlineData("find-similar-profiles --issuer-id X --start 2023-02-01 --end 2023-01-01", "--end is '2023-01-01'")]
    [InlineData("find-similar-portfolios --portfolio-id X --as-of 2023-11-30 --as-known yesterday", "--as-known is 'yesterday'")]
    [InlineData("history", "give one of --issuer-id and --portfolio-id")]
    [InlineData("history --issuer-id X --sort size", "size")]
    [InlineData("spaces list --format xml", "--format is 'xml'; allowed: csv, json or table")]
    [InlineData("find-similar-profile --issuer-id X", "there is no command 'find-similar-profile'; did you mean 'find-similar-profiles'?")]
    [InlineData("show-joint-profiles --as-off 2023-11-30", "there is no flag '--as-off'; did you mean '--as-of'?")]
    [InlineData("spaces list --data a --postgres b", "one of them")]
    [InlineData("demo --issuers 0", "--issuers is '0'")]
    [InlineData("demo --issuers 999999", "--issuers is '999999'; allowed: at most 456976")]
    [InlineData("migrate", "--postgres")]
    public async Task Refuses(string line, string message)
    {
        var output = await GridProcess.RunAsync(dataFolder: null, line.Split(' '));
        Assert.Contains(message, output.Errors, StringComparison.Ordinal);
        Assert.Equal(2, output.ExitCode);
        Assert.Empty(output.Text);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("find-similar-profiles --help")]
    [InlineData("find_similar_profiles --top_k 0 --help")]
    [InlineData("models fit text-lsa --help")]
    [InlineData("models fit text-classes --help")]
    public async Task Help_is_an_answer_with_examples(string line)
    {
        var output = (await GridProcess.RunAsync(null, line.Split(' '))).Succeeded();
        Assert.Contains("Examples:\n  grid ", output.Text, StringComparison.Ordinal);
        Assert.Empty(output.Errors);
    }

    [Theory]
    [InlineData("show_joint_profiles --as_of 2023-11-30 --limit 0")]
    [InlineData("show_joint_profiles --as_of=2023-11-30 --limit=0")]
    public async Task Underscores_are_hyphens(string line)
    {
        var output = await GridProcess.RunAsync(null, line.Split(' '));
        Assert.StartsWith("grid show-joint-profiles: --limit is '0'", output.Errors, StringComparison.Ordinal);
    }
}
