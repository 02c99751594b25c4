using System.Xml.Linq;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Architecture.Tests;

/// <summary>A project as its file says: what it is called, which projects and packages it references.</summary>
/// <param name="Name">Name of the file without its ending.</param>
/// <param name="Folder">Its folder at the top of the repository.</param>
/// <param name="Projects">The projects that it references.</param>
/// <param name="Packages">The packages that it references.</param>
internal sealed record Project(string Name, string Folder, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages);

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
        var project = XDocument.Load(file);
        string[] Includes(string element) => [.. project.Descendants(element).Select(e => e.Attribute("Include")!.Value)];
        return new Project(
            Path.GetFileNameWithoutExtension(file),
            Path.GetRelativePath(TestData.RepositoryRoot, file).Split(Path.DirectorySeparatorChar)[0],
            [.. Includes("ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))],
            Includes("PackageReference"));
    }
}
