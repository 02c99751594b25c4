using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Processes;

/// <summary>What a silo process shows to the network and needs of its machine: three ports, TLS in front where it is configured, no privilege, no file of its own.</summary>
public sealed partial class ExposureTests : IDisposable
{
    // Everything below the root can only be read, but for a small memory disk at $0; then the process becomes the user that owns the folder $1, for good.
    private const string ReadOnlyUnprivileged =
        "owner=$(stat -c %u \"$1\") && shift && mount --make-rprivate / && mount -t tmpfs -o mode=1777 tmpfs \"$0\" && mount -o remount,bind,ro / && TMPDIR=$0 exec setpriv --reuid=$owner --regid=$owner --clear-groups --no-new-privs --bounding-set=-all -- \"$@\"";

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-exposure-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_listens_at_its_three_ports_of_this_machine_and_nowhere_else()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sockets of a process are read from /proc");
        int[] ports = SiloProcess.FreePorts(2);
        await WriteMarketAsync();
        await using var silo = await SiloProcess.StartAsync(
            null,
            new Dictionary<string, string> { ["Grid__Data"] = _folder, ["Grid__SiloPort"] = $"{ports[0]}", ["Grid__GatewayPort"] = $"{ports[1]}" },
            cancellationToken: Token);
        Assert.Equal(
            new[] { ports[0], ports[1], silo.Health.Port }.Order().Select(port => new IPEndPoint(IPAddress.Loopback, port).ToString()),
            Listening(silo.ProcessId).OrderBy(address => IPEndPoint.Parse(address).Port));
    }

    [Fact]
    public async Task With_a_certificate_the_API_is_encrypted_and_nothing_older_than_TLS_1_2_is_spoken()
    {
        await WriteMarketAsync();
        using var authority = new TestAuthority(_folder, "authority");
        (string certificate, string key) = authority.Issue("localhost");
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://localhost:{SiloProcess.FreePorts(1)[0]}"));
        await using var silo = await SiloProcess.StartAsync(
            null,
            new Dictionary<string, string>
            {
                ["Grid__Data"] = _folder,
                ["Urls"] = url.ToString(),
                ["Kestrel__Certificates__Default__Path"] = certificate,
                ["Kestrel__Certificates__Default__KeyPath"] = key,
            },
            cancellationToken: Token);
        using var root = X509CertificateLoader.LoadCertificateFromFile(authority.File);
        Assert.Equal("ready", await GetAsync(SslProtocols.Tls12 | SslProtocols.Tls13));
        Assert.IsType<AuthenticationException>((await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync((SslProtocols)192))).InnerException);
        using var plain = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetStringAsync(new UriBuilder(url) { Scheme = "http", Path = "/health/ready" }.Uri, Token));

        async Task<string> GetAsync(SslProtocols protocols)
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.Add(root);
            using var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { EnabledSslProtocols = protocols, CertificateChainPolicy = trust } };
            using var http = new HttpClient(handler);
            return await http.GetStringAsync(new Uri(url, "/health/ready"), Token);
        }
    }

    [Fact]
    public async Task A_silo_runs_without_privileges_on_a_read_only_file_system()
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        Assert.SkipUnless(Environment.UserName == "root", "only root may remount a file system");
        await using var server = await PrivatePostgres.StartAsync(cancellationToken: Token);
        string socket = Path.GetDirectoryName(server.Socket)!;
        string[] within = ["unshare", "--mount", "sh", "-c", ReadOnlyUnprivileged, _folder, socket];
        Assert.SkipUnless(
            await SucceedsAsync([.. within, "sh", "-c", "test -r \"$0\" && dotnet --list-runtimes", Path.Combine(SiloProcess.Binaries, "grid-silo.dll")]),
            "this machine has no unshare or setpriv, or its users cannot read the silo");

        string postgres = await server.CreateDatabaseAsync("cluster", cancellationToken: Token);
        await PostgresStore.MigrateAsync(postgres, isDryRun: false, Token);
        await using var silo = await SiloProcess.StartAsync(postgres, cancellationToken: Token, within: within);
        using var http = new HttpClient();
        Assert.Equal("ready", await http.GetStringAsync(new Uri(silo.Health, "/health/ready"), Token));
        string[] status = await File.ReadAllLinesAsync($"/proc/{silo.ProcessId}/status", Token);
        Assert.DoesNotContain("Uid:\t0\t", status);
        Assert.Contains("CapEff:\t0000000000000000", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains(await File.ReadAllLinesAsync($"/proc/{silo.ProcessId}/mountinfo", Token), line => Root().IsMatch(line));
        Assert.Equal(0, await silo.StopAsync(Token));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Addresses at which a process listens, over TCP of either version.</summary>
    private static IEnumerable<string> Listening(int process)
    {
        HashSet<string> sockets = [.. Directory.EnumerateFiles($"/proc/{process}/fd").Select(file => File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name ?? "")];
        foreach (string table in (string[])["tcp", "tcp6"])
        {
            foreach (string line in File.ReadLines($"/proc/{process}/net/{table}").Skip(1))
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words[3] != "0A" || !sockets.Contains($"socket:[{words[9]}]"))
                    continue;
                string[] local = words[1].Split(':');
                byte[] address = Convert.FromHexString(local[0]);
                for (int word = 0; word < address.Length; word += 4)
                    address.AsSpan(word, 4).Reverse();
                yield return new IPEndPoint(new IPAddress(address), int.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString();
            }
        }
    }

    private static async Task<bool> SucceedsAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "\"$@\" >/dev/null 2>&1", "sh", .. command]))!;
        await process.WaitForExitAsync(Token);
        return process.ExitCode == 0;
    }

    private async Task WriteMarketAsync()
    {
        var day = new DateOnly(2023, 11, 30);
        await SyntheticMarket.WriteAsync(
            _folder, new SyntheticMarketOptions { Issuers = 5, Portfolios = 1, FirstDate = new DateOnly(2023, 11, 20), LastDate = day, ReportDates = [day] }, cancellationToken: Token);
    }

    [GeneratedRegex("^[0-9]+ [0-9]+ [^ ]+ [^ ]+ / ro[, ]")]
    private static partial Regex Root();
}
