using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models.Tests;

/// <summary>A model file is installed whole or not at all, and every failure says what to do.</summary>
public sealed class ModelInstallerTests : IDisposable
{
    private static readonly byte[] s_content = RandomBytes(1_000_000, seed: 3);

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-models-").FullName;

    private ModelManifest Model => new()
    {
        ModelId = "text-made-v1",
        Kind = BranchKind.Text,
        Entity = EntityKind.Issuer,
        Encoder = "transformer",
        Files = [new ModelFile("model.onnx", s_content.Length, Sha256(s_content), "http://models.example/model.onnx")],
        Folder = _folder,
    };

    private string Installed => Path.Combine(_folder, "cache", "text-made-v1", "model.onnx");

    private string Partial => Installed + ".partial";

    [Fact]
    public async Task A_pull_installs_the_file_and_tells_its_progress()
    {
        var server = new Server(s_content);
        var progress = new Shares();
        Assert.True(await PullAsync(server, progress: progress));
        AssertInstalled();
        Assert.Equal(1, progress.Last);
        Assert.True(progress.Count > 1);
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_downloaded_again()
    {
        await PullAsync(new Server(s_content));
        var server = new Server(s_content);
        Assert.False(await PullAsync(server));
        Assert.Empty(server.RangeStarts);
    }

    [Fact]
    public async Task A_damaged_file_is_replaced()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Installed)!);
        await File.WriteAllBytesAsync(Installed, s_content[..500], TestContext.Current.CancellationToken);
        Assert.True(await PullAsync(new Server(s_content)));
        AssertInstalled();
    }

    [Fact]
    public async Task An_interrupted_pull_installs_nothing_and_the_next_goes_on_from_there()
    {
        var error = await FaultAsync(new Server(s_content) { BreakAfter = 300_000 });
        Assert.Contains("was interrupted after 300000 of 1000000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("the same command goes on from there", error.Message, StringComparison.Ordinal);
        Assert.True(error.CanRetry);
        Assert.False(File.Exists(Installed));

        var server = new Server(s_content);
        Assert.True(await PullAsync(server));
        Assert.Equal([300_000], server.RangeStarts);
        AssertInstalled();
    }

    [Fact]
    public async Task A_server_without_ranges_begins_again()
    {
        await FaultAsync(new Server(s_content) { BreakAfter = 300_000 });
        Assert.True(await PullAsync(new Server(s_content) { KnowsRanges = false }));
        AssertInstalled();
    }

    [Fact]
    public async Task What_was_left_of_another_file_does_not_count_against_this_one()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Installed)!);
        await File.WriteAllBytesAsync(Partial, RandomBytes(1000, seed: 4), TestContext.Current.CancellationToken);
        Assert.True(await PullAsync(new Server(s_content)));
        AssertInstalled();
    }

    [Fact]
    public async Task A_wrong_hash_installs_nothing_and_names_both()
    {
        byte[] other = RandomBytes(s_content.Length, seed: 5);
        var error = await FaultAsync(new Server(other));
        Assert.Contains($"has SHA-256 {Sha256(other)}, the manifest says {Sha256(s_content)}; nothing was installed", error.Message, StringComparison.Ordinal);
        Assert.False(error.CanRetry);
        AssertNothing();
    }

    [Fact]
    public async Task A_server_that_sends_too_much_is_cut_off()
    {
        var error = await FaultAsync(new Server(RandomBytes(50_000_000, seed: 6)));
        Assert.Contains("nothing was installed", error.Message, StringComparison.Ordinal);
        AssertNothing();
    }

    [Fact]
    public async Task Without_a_network_the_message_names_the_way_by_hand()
    {
        var error = await FaultAsync(new Server(s_content) { Unreachable = true });
        Assert.Contains("no connection to models.example", error.Message, StringComparison.Ordinal);
        Assert.Contains("grid models pull text-made-v1 --from FILE", error.Message, StringComparison.Ordinal);
        Assert.True(error.CanRetry);
        AssertNothing();
    }

    [Fact]
    public async Task A_refusal_names_its_status()
    {
        var error = await FaultAsync(new Server(s_content) { Status = HttpStatusCode.NotFound });
        Assert.Contains("answers 404", error.Message, StringComparison.Ordinal);
        Assert.False(error.CanRetry);
        AssertNothing();
    }

    [Fact]
    public async Task A_full_disk_leaves_nothing_and_says_what_is_needed()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full, the device without room");
        Directory.CreateDirectory(Path.GetDirectoryName(Installed)!);
        File.CreateSymbolicLink(Partial, "/dev/full");
        var error = await FaultAsync(new Server(s_content));
        Assert.Contains($"no space for {Installed}: 1000000 bytes are needed", error.Message, StringComparison.Ordinal);
        Assert.True(error.CanRetry);
        AssertNothing();
    }

    [Fact]
    public async Task A_file_larger_than_the_free_space_is_not_begun()
    {
        var huge = Model with { Files = [Model.Files[0] with { Size = long.MaxValue / 2 }] };
        var server = new Server(s_content);
        var error = await Assert.ThrowsAsync<GridFaultException>(() => PullAsync(server, huge));
        Assert.Contains("no space for", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.RangeStarts);
        AssertNothing();
    }

    [Fact]
    public async Task A_cancelled_pull_installs_nothing()
    {
        using var stop = new CancellationTokenSource();
        var server = new Server(s_content) { OnBytes = () => stop.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PullAsync(server, cancellationToken: stop.Token));
        Assert.False(File.Exists(Installed));
    }

    [Fact]
    public async Task A_file_of_the_users_own_is_installed_when_it_is_the_right_one()
    {
        string own = Path.Combine(_folder, "any name.bin");
        await File.WriteAllBytesAsync(own, s_content, TestContext.Current.CancellationToken);
        Assert.Equal(["model.onnx"], await ModelInstaller.InstallAsync(Model, own, TestContext.Current.CancellationToken));
        AssertInstalled();

        await File.WriteAllBytesAsync(own, s_content[..10], TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<BadInputException>(() => ModelInstaller.InstallAsync(Model, own, TestContext.Current.CancellationToken));
        Assert.Contains(own, error.Message, StringComparison.Ordinal);
        Assert.Contains("this one has 10 bytes", error.Message, StringComparison.Ordinal);
        AssertInstalled();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<bool> PullAsync(
        Server server, ModelManifest? model = null, IPullListener? progress = null, CancellationToken? cancellationToken = null)
    {
        using var client = new HttpClient(server);
        model ??= Model;
        var files = await new ModelInstaller(client).PullAsync(model, progress, cancellationToken ?? TestContext.Current.CancellationToken);
        return files.Single().Source is not null;
    }

    private async Task<GridFaultException> FaultAsync(Server server) => await Assert.ThrowsAsync<GridFaultException>(() => PullAsync(server));

    private void AssertInstalled()
    {
        Assert.Equal(s_content, File.ReadAllBytes(Installed));
        Assert.False(File.Exists(Partial));
    }

    private void AssertNothing() => Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(Installed)!));

    private static byte[] RandomBytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private sealed class Shares : IPullListener
    {
        public int Count { get; private set; }

        public double Last { get; private set; }

        public void Progressed(string what, double share) => (Count, Last) = (Count + 1, share);

        public void PassedOver(string reason) => Assert.Fail(reason);
    }

    /// <summary>A server of one file, with the faults of real ones.</summary>
    private sealed class Server(byte[] content) : HttpMessageHandler
    {
        public int? BreakAfter { get; init; }

        public bool KnowsRanges { get; init; } = true;

        public bool Unreachable { get; init; }

        public HttpStatusCode? Status { get; init; }

        public Action OnBytes { get; init; } = () => { };

        /// <summary>Where each request wanted to begin.</summary>
        public List<long> RangeStarts { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Unreachable)
                throw new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known");
            if (Status is { } status)
                return Task.FromResult(new HttpResponseMessage(status));
            long from = request.Headers.Range?.Ranges.Single().From ?? 0;
            RangeStarts.Add(from);
            bool isPart = KnowsRanges && from > 0;
            var body = new StreamContent(new Body(isPart ? content[(int)from..] : content, BreakAfter, OnBytes));
            body.Headers.ContentLength = isPart ? content.Length - from : content.Length;
            if (isPart)
                body.Headers.ContentRange = new ContentRangeHeaderValue(from, content.Length - 1, content.Length);
            return Task.FromResult(new HttpResponseMessage(isPart ? HttpStatusCode.PartialContent : HttpStatusCode.OK) { Content = body });
        }
    }

    /// <summary>Gives bytes in pieces and breaks off where it is told to.</summary>
    private sealed class Body(byte[] content, int? breakAfter, Action onBytes) : MemoryStream(content)
    {
        private const int Piece = 100_000;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Position >= breakAfter)
                throw new IOException("Connection reset by peer");
            onBytes();
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, Piece)], cancellationToken);
        }
    }
}
