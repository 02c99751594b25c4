using System.Reflection;
using System.Globalization;
using System.Text.Json;

namespace Prometheus.Grid.Faults.Registry;

/// <summary>Every fault has its test, and the page says what runs have recorded.</summary>
public sealed class RegistryTests
{
    private static readonly FaultResult s_result = new(
        5, "", 7, new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero), "abc1234", "a machine", 130, 2,
        new Dictionary<string, long> { ["two-way partitions"] = 1 }, new Dictionary<string, long> { ["full answers"] = 12_345 }, 3.25, new Dictionary<string, string>(), null);

    [Fact]
    public void Every_scenario_has_a_test()
    {
        var tested = typeof(RegistryTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).SelectMany(method => Traits(method).Concat(Traits(type))));
        Assert.Equal(Scenario.All.Select(scenario => scenario.Number), tested.Distinct().Order());
    }

    [Fact]
    public void The_page_says_what_was_found()
    {
        string page = ReliabilityPage.Text([s_result]);
        Assert.Contains("| 5 | partition between silos | 2 | 1 two-way partitions | 12,345 full answers | 3.3 s | 7, 2026-11-27, abc1234 |", page, StringComparison.Ordinal);
        Assert.Contains("**failed**: a row / is lost", ReliabilityPage.Text([s_result with { Failure = "a row /\nis lost" }]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_of_one_scenario_leaves_the_rows_of_others()
    {
        string folder = Directory.CreateTempSubdirectory("grid-page-").FullName;
        string records = Path.Combine(folder, "records.json"), page = Path.Combine(folder, "page.md");
        await WriteAsync(s_result with { Scenario = 3, Commit = "older" });
        Assert.Equal(0, await ReliabilityPage.WriteAsync(folder, records, page));
        File.Delete(Path.Combine(folder, "3.long.json"));
        await WriteAsync(s_result with { Commit = "newer" });
        await ReliabilityPage.WriteAsync(folder, records, page);
        string text = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains("older", text, StringComparison.Ordinal);
        Assert.Contains("newer", text, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);

        Task WriteAsync(FaultResult result) =>
            File.WriteAllTextAsync(Path.Combine(folder, $"{result.Scenario}.long.json"), JsonSerializer.Serialize(result, FaultResult.Json), TestContext.Current.CancellationToken);
    }

    private static IEnumerable<int> Traits(MemberInfo member) => member.GetCustomAttributes<TraitAttribute>()
        .Where(trait => trait.Name == Scenario.Trait).Select(trait => int.Parse(trait.Value, CultureInfo.InvariantCulture));
}
