using System.Xml.Linq;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Architecture.Tests;

/// <summary>A project as its file says: what it is called, which projects and packages it references.</summary>
/// <param name="Name">Name of the file without its ending.</param>
/// <param name="Folder">Its folder at the top of the repository.</param>
/// <param name="Projects">The projects that it references.</param>
/// <param name="Packages">The packages that it references.</param>
/// <param name="OptionalProjects">Those of <paramref name="Projects"/> that it builds without, since they stand under a condition.</param>
internal sealed record Project(
    string Name, string Folder, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages, IReadOnlyList<string> OptionalProjects);

/// <summary>Reads the project files of the repository.</summary>
internal static class ProjectGraph
{
    private static readonly string[] s_folders = ["src", "silo", "client", "tests", "benchmarks"];

    public static IReadOnlyList<Project> Read() =>
    [
        .. s_folders
            .Select(room => Path.Combine(TestData.RepositoryRoot, room))
            .Where(Directory.Exists)
            .SelectMany(room => Directory.EnumerateFiles(room, "*.csproj", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .Select(Read),
    ];

    private static Project Read(string file)
    {
        XDocument project = XDocument.Load(file);
        string[] Includes(string element) => [.. project.Descendants(element).Select(e => e.Attribute("Include")!.Value)];
        bool IsConditional(XElement element) => element.AncestorsAndSelf().Any(e => e.Attribute("Condition") is not null);
        string NameOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
        return new Project(
            Path.GetFileNameWithoutExtension(file),
            Path.GetRelativePath(TestData.RepositoryRoot, file).Split(Path.DirectorySeparatorChar)[0],
            [.. Includes("ProjectReference").Select(NameOf)],
            Includes("PackageReference"),
            [.. project.Descendants("ProjectReference").Where(IsConditional).Select(e => NameOf(e.Attribute("Include")!.Value))]);
    }
}
