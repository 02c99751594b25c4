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
    public void The_embedded_filter_lists_every_project_that_builds_without_the_cluster_packages()
    {
        string filter = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "Prometheus.Grid.Embedded.slnf"));
        string[] listed =
        [
            .. JsonDocument.Parse(filter).RootElement.GetProperty("solution").GetProperty("projects").EnumerateArray()
                .Select(path => Path.GetFileNameWithoutExtension(path.GetString()!.Replace('\\', '/'))),
        ];
        IReadOnlyList<Project> projects = ProjectGraph.Read();
        HashSet<string> clustered = [.. projects.Where(p => p.Packages.Any(IsClusterPackage)).Select(p => p.Name)];
        while (projects.Any(p => p.Projects.Except(p.OptionalProjects).Any(clustered.Contains) && clustered.Add(p.Name)))
        {
        }
        Assert.Equal(projects.Select(p => p.Name).Where(name => !clustered.Contains(name)).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
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
            foreach (JsonElement branch in Root(space).GetProperty("branches").EnumerateArray())
                Assert.Contains(branch.GetProperty("model_id").GetString()!, known);
        }
    }

    private static string Id(string file) => Root(file).GetProperty("model_id").GetString()!;

    private static JsonElement Root(string file) => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;

    private static bool IsClusterPackage(string package) =>
        package.StartsWith("Microsoft.Orleans", StringComparison.Ordinal) || package.StartsWith("Microsoft.ML.", StringComparison.Ordinal);

    [GeneratedRegex("<PackageReference[^>]*\\sVersion=")]
    private static partial Regex VersionAttribute();
}
