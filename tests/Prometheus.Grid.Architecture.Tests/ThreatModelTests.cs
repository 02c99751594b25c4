using System.Text.RegularExpressions;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Architecture.Tests;

/// <summary>docs/security.md promises a test for each threat: it is there, under that name, and it is one.</summary>
public sealed partial class ThreatModelTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "security.md"));

    /// <summary>Rows of the tables whose last column is called <c>tried by</c>.</summary>
    public static TheoryData<string> Threats
    {
        get
        {
            var rows = new TheoryData<string>();
            bool isTable = false;
            foreach (string line in s_page.Split('\n'))
            {
                if (line.EndsWith("| tried by |", StringComparison.Ordinal))
                    isTable = true;
                else if (!line.StartsWith('|'))
                    isTable = false;
                else if (isTable && !line.StartsWith("|---", StringComparison.Ordinal))
                    rows.Add(line);
            }
            return rows;
        }
    }

    [Fact]
    public void There_are_threats() => Assert.True(Threats.Count > 40, $"{Threats.Count} rows");

    [Theory]
    [MemberData(nameof(Threats))]
    public void Each_is_tried_by_tests_that_exist(string row)
    {
        string cell = row.TrimEnd('|', ' ').Split('|')[^1];
        var named = TestName().Matches(cell);
        Assert.True(named.Count > 0, row);
        foreach (Match test in named)
        {
            string pattern = $@"\[(Fact|Theory)\](\s*(\[[^\n]*\]|///[^\n]*|//[^\n]*))*\s*public (async )?(Task|void) {test.Groups[2].Value}\(";
            Assert.True(
                Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot, "tests"), $"{test.Groups[1].Value}.cs", SearchOption.AllDirectories)
                    .Any(file => Regex.IsMatch(File.ReadAllText(file), pattern)),
                $"no test {test.Value}");
        }
    }

    [GeneratedRegex(@"`([A-Z][A-Za-z]*Tests)\.([A-Z][A-Za-z0-9_]*)`")]
    private static partial Regex TestName();
}
