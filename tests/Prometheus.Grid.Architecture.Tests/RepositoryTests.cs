using System.Text.Json;
using System.Text.RegularExpressions;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Architecture.Tests;

/// <summary>Rules about the repository that a compiler does not see.</summary>
public sealed partial class RepositoryTests
{
    [Fact]
    public void The_solution_lists_every_project()
    {
        string solution = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "Prometheus.Grid.sln"));
        Assert.Empty(ProjectGraph.Read().Where(p => !solution.Contains($"{p.Name}.csproj", StringComparison.Ordinal)).Select(p => p.Name));
    }

    [Fact]
    public void Versions_of_packages_stand_in_one_place() =>
        Assert.Empty(
            Directory.EnumerateFiles(TestData.RepositoryRoot, "*.csproj", SearchOption.AllDirectories)
                .Where(file => VersionAttribute().IsMatch(File.ReadAllText(file)))
                .Select(file => Path.GetRelativePath(TestData.RepositoryRoot, file)));

    [Fact]
    public void Manifests_name_models_that_exist()
    {
        string models = Path.Combine(TestData.RepositoryRoot, "models");
        HashSet<string> known = [.. Directory.EnumerateFiles(models, "*.json").Select(file => Id(file))];
        foreach (string file in Directory.EnumerateFiles(models, "*.json").Concat(Directory.EnumerateFiles(Path.Combine(models, "spaces"), "*.json")))
            Assert.Equal(Path.GetFileNameWithoutExtension(file), Id(file));
        foreach (string space in Directory.EnumerateFiles(Path.Combine(models, "spaces"), "*.json"))
        {
            foreach (var branch in Root(space).GetProperty("branches").EnumerateArray())
                Assert.Contains(branch.GetProperty("model_id").GetString()!, known);
        }
    }

    private static string Id(string file) => Root(file).GetProperty("model_id").GetString()!;

    private static JsonElement Root(string file) => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;

    [GeneratedRegex("<PackageReference[^>]*\\sVersion=")]
    private static partial Regex VersionAttribute();
}
