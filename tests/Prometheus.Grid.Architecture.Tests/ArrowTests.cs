namespace Prometheus.Grid.Architecture.Tests;

/// <summary>The rooms of the house and who may know whom. A reference that is not listed here is a change of architecture.</summary>
public sealed class ArrowTests
{
    private const string P = "Prometheus.Grid.";

    /// <summary>For each room under src and client: the rooms it may reference.</summary>
    private static readonly Dictionary<string, string[]> s_mayKnow = new(StringComparer.Ordinal)
    {
        [P + "Numerics"] = [],
        [P + "Core"] = [P + "Numerics"],
        [P + "Similarity"] = [P + "Numerics"],
        [P + "Graphs"] = [P + "Numerics"],
        [P + "Synthetic"] = [P + "Numerics"],
        [P + "Columnar"] = [P + "Core"],
        [P + "Tables"] = [P + "Core", P + "Columnar"],
        [P + "Storage.Folder"] = [P + "Core", P + "Columnar", P + "Tables"],
        [P + "Storage.Postgres"] = [P + "Core", P + "Tables"],
        [P + "Embedded"] = [P + "Core", P + "Similarity"],
        [P + "Analysis"] = [P + "Core", P + "Graphs", P + "Numerics", P + "Similarity"],
        [P + "Models"] = [P + "Core"],
        [P + "Text.Onnx"] = [P + "Core", P + "Models"],
        [P + "Grains.Abstractions"] = [P + "Core"],
        [P + "Grains"] = [P + "Core", P + "Numerics", P + "Similarity", P + "Embedded", P + "Grains.Abstractions"],
        [P + "Http.Abstractions"] = [P + "Core"],
        [P + "Http"] = [P + "Columnar", P + "Core", P + "Embedded", P + "Http.Abstractions"],
        [P + "Client"] = [P + "Core", P + "Grains.Abstractions"],
        [P + "Client.Http"] = [P + "Core", P + "Http.Abstractions"],
        [P + "Examples.Batch"] = [P + "Client"],
        [P + "Examples.Neighbours"] = [P + "Client"],
    };

    /// <summary>Hosts, and the root that they share, put the rooms together, so they may know all of src and client, but no test.</summary>
    private static readonly string[] s_hosts = [P + "Cli", P + "Silo", P + "Hosting"];

    /// <summary>The domain and the numbers stay usable in any process.</summary>
    private static readonly Dictionary<string, string[]> s_mayUse = new(StringComparer.Ordinal)
    {
        [P + "Numerics"] = [],
        [P + "Core"] = [],
        [P + "Graphs"] = [],
        [P + "Analysis"] = [],
        [P + "Similarity"] = ["System.Numerics.Tensors"],
        [P + "Embedded"] = [],
        [P + "Columnar"] = ["Apache.Arrow", "Apache.Arrow.Compression", "ParquetSharp"],
        [P + "Tables"] = [],
        [P + "Storage.Folder"] = [],
        [P + "Storage.Postgres"] = ["Npgsql", "Polly.Core"],
        [P + "Grains.Abstractions"] = ["Microsoft.Orleans.Sdk"],
        [P + "Grains"] = ["Microsoft.Orleans.Runtime", "Microsoft.Orleans.Sdk"],
        [P + "Client"] = ["Microsoft.Orleans.Client", "Microsoft.Orleans.Clustering.AdoNet", "Microsoft.Orleans.Connections.Security", "Npgsql", "Polly.Core"],
        [P + "Http"] = ["Microsoft.AspNetCore.OpenApi"],
        [P + "Http.Abstractions"] = [],
        [P + "Client.Http"] = ["Polly.Core"],
        [P + "Models"] = ["NuGet.Protocol"],
        [P + "Text.Onnx"] = ["Microsoft.ML.OnnxRuntime", "Microsoft.ML.Tokenizers", "System.Numerics.Tensors"],
    };

    public static TheoryData<string> Rooms => [.. ProjectGraph.Read().Where(p => p.Folder is "src" or "client" or "silo").Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_knows_only_the_rooms_below_it(string room)
    {
        var project = ProjectGraph.Read().Single(p => p.Name == room);
        if (s_hosts.Contains(room))
        {
            Assert.DoesNotContain(project.Projects, reference => reference.Contains("Tests", StringComparison.Ordinal));
            return;
        }
        Assert.True(s_mayKnow.TryGetValue(room, out string[]? allowed), $"{room} is a new room: say in {nameof(ArrowTests)} whom it may know");
        Assert.Empty(project.Projects.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void An_inner_room_uses_only_the_packages_it_is_for(string room)
    {
        var project = ProjectGraph.Read().Single(p => p.Name == room);
        if (s_mayUse.TryGetValue(room, out string[]? allowed))
            Assert.Empty(project.Packages.Except(allowed));
    }

    [Fact]
    public void Nothing_references_a_test_or_a_benchmark() =>
        Assert.DoesNotContain(
            ProjectGraph.Read().SelectMany(p => p.Projects),
            name => name.EndsWith("Tests", StringComparison.Ordinal) || name.EndsWith("Bench", StringComparison.Ordinal));

    [Fact]
    public void Every_room_has_tests()
    {
        var projects = ProjectGraph.Read();
        string[] tested = [.. projects.Where(p => p.Folder == "tests").SelectMany(p => p.Projects).Distinct(StringComparer.Ordinal)];
        Assert.Empty(projects.Where(p => p.Folder is "src" or "client" or "silo").Select(p => p.Name).Except(tested));
    }
}
