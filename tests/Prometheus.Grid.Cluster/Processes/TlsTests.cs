using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Embedded;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Processes;

/// <summary>Silo processes that ask for certificates: they answer each other and a client that has one, and nobody else.</summary>
public sealed class TlsTests(TlsTests.ClusterWithCertificates certificates) : IClassFixture<TlsTests.ClusterWithCertificates>
{
    private const string Space = "joint-portfolio-core-v1";
    private static readonly DateOnly s_day = new(2023, 11, 30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void NeedPostgres() => Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");

    private RealCluster Cluster => certificates.Cluster;

    public static TheoryData<string, string> Strangers
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string column in (string[])["port", "gateway_port"])
            {
                foreach (string shows in (string[])["nothing", "a certificate of another authority", "a certificate of another cluster", "an expired certificate"])
                    all.Add(column, shows);
            }
            return all;
        }
    }

    [Fact]
    public async Task A_cluster_with_certificates_answers_as_one_process_does()
    {
        NeedPostgres();
        var query = new SimilarityQuery { Target = new SimilarityTarget.Entity("PF_000001"), AsOf = s_day, ModelId = Space, TopK = 10 };
        await using var embedded = new EmbeddedGrid(
            await PostgresStore.OpenAsync(Cluster.Postgres, RealCluster.Models, null, Token), RealCluster.Models, EncoderRegistry.BuiltIn(workers: 2), workers: 2);
        string[] expected = Answer(await embedded.FindSimilarAsync(query, Token));
        Assert.Equal(10, expected.Length);
        Assert.Equal(expected, Answer(await Cluster.Grid.FindSimilarAsync(query, Token)));

        // A program that takes its certificate from the environment.
        var tls = certificates.Tls;
        var run = await SiloRun.ExampleAsync("Neighbours", Cluster.Postgres, ["PF_000001", "2023-11-30", Space], Token, new Dictionary<string, string>
        {
            ["GRID_TLS_CERTIFICATE"] = tls.Certificate,
            ["GRID_TLS_KEY"] = tls.Key,
            ["GRID_TLS_AUTHORITY"] = tls.Authority,
        });
        // On a machine that is busy it says what it waits for as well.
        Assert.Equal(
            expected.Select(line => line.Split(' ')[0]),
            run.Lines.Where(line => !line.StartsWith("waiting for ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]));
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused_and_told_what_it_lacks()
    {
        NeedPostgres();
        var client = new ClusterConnection { Postgres = Cluster.Postgres, ConnectFor = TimeSpan.FromSeconds(1) };
        var error = await Assert.ThrowsAsync<GridFaultException>(() => client.OpenAsync(Token));
        Assert.Contains("if its silos have certificates, this client needs one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_without_a_certificate_does_not_become_a_member()
    {
        NeedPostgres();
        var refused = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Watch(string line)
        {
            if (line.Contains("ping", StringComparison.OrdinalIgnoreCase) || line.Contains("connectivity", StringComparison.OrdinalIgnoreCase))
                refused.TrySetResult(line);
        }

        using var given = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var starting = SiloProcess.StartAsync(Cluster.Postgres, new Dictionary<string, string> { ["Grid__DrainSeconds"] = "0" }, Watch, cancellationToken: given.Token);
        var first = await Task.WhenAny(starting, refused.Task);
        Assert.Same(refused.Task, first);
        await using var source = NpgsqlDataSource.Create(Cluster.Postgres);
        await using var members = source.CreateCommand("SELECT count(*) FROM grid_silos WHERE status = 3");
        Assert.Equal(2L, await members.ExecuteScalarAsync(Token));
    }

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task Whoever_shows_no_certificate_of_the_cluster_is_hung_up_on(string port, string shows)
    {
        NeedPostgres();
        var (certificate, key) = shows switch
        {
            "a certificate of another authority" => certificates.Other.Issue("grid"),
            "a certificate of another cluster" => certificates.Authority.Issue("grid2"),
            "an expired certificate" => certificates.Authority.Issue("grid", days: -1),
            _ => ("", ""),
        };
        Assert.True(await IsHungUpOnAsync(await PortAsync(port), certificate, key));
    }

    [Fact]
    public async Task No_address_in_a_strangers_certificate_is_visited()
    {
        NeedPostgres();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var (certificate, key) = certificates.Other.Issue("grid", issuers: new Uri($"http://{listener.LocalEndpoint}/authority.cer"));
        Assert.True(await IsHungUpOnAsync(await PortAsync("gateway_port"), certificate, key));
        Assert.False(listener.Pending());
    }

    private static string[] Answer(SimilarityAnswer answer) => [.. answer.Hits.Select(hit => $"{hit.EntityId} {hit.Cosine:R}")];

    private async Task<int> PortAsync(string column)
    {
        await using var source = NpgsqlDataSource.Create(Cluster.Postgres);
        await using var find = source.CreateCommand($"SELECT {column} FROM grid_silos WHERE status = 3 LIMIT 1");
        return (int)(await find.ExecuteScalarAsync(Token))!;
    }

    /// <summary>Whether the other end closes a connection that waits to be spoken to. One that is let in waits for ever, and the test with it.</summary>
    private async Task<bool> IsHungUpOnAsync(int port, string certificate, string key)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        await using var ssl = new SslStream(socket.GetStream());
        using var own = certificate.Length == 0 ? null : X509Certificate2.CreateFromPemFile(certificate, key);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(certificates.Authority.File);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(authority);
        bool isOfCluster = false;
        try
        {
            await ssl.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "grid",
                    ApplicationProtocols = [new SslApplicationProtocol("Orleans1")],
                    ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, offline: true),
                    CertificateChainPolicy = trust,
                    RemoteCertificateValidationCallback = (_, _, _, errors) => isOfCluster = errors == SslPolicyErrors.None,
                },
                Token);
            return await ssl.ReadAsync(new byte[1], Token) == 0;
        }
        catch (Exception error) when (isOfCluster && (error is IOException or AuthenticationException))
        {
            return true;
        }
    }

    /// <summary>Two silos with certificates, and a client that has one too.</summary>
    public sealed class ClusterWithCertificates : IAsyncLifetime
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("grid-tls-").FullName;
        private RealCluster? _cluster;

        public ClusterWithCertificates()
        {
            Authority = new TestAuthority(_folder, "authority");
            Other = new TestAuthority(_folder, "other");
            (string certificate, string key) = Authority.Issue("grid");
            Tls = new ClusterTls { Certificate = certificate, Key = key, Authority = Authority.File };
        }

        public TestAuthority Authority { get; }

        public TestAuthority Other { get; }

        public ClusterTls Tls { get; }

        public RealCluster Cluster => _cluster!;

        public async ValueTask InitializeAsync()
        {
            // A fixture that throws fails its tests, so it is they who skip.
            if (PrivatePostgres.WhyNot is not null)
                return;
            string tables = Directory.CreateDirectory(Path.Combine(_folder, "tables")).FullName;
            var market = new SyntheticMarketOptions { Issuers = 20, Portfolios = 30, FirstDate = new DateOnly(2023, 11, 1), LastDate = s_day, ReportDates = [s_day] };
            await SyntheticMarket.WriteAsync(tables, market, cancellationToken: Token);
            _cluster = await RealCluster.StartAsync(tables, silos: 2, isDurable: false, Token, TimeSpan.FromMinutes(5), new() { ["Grid__ProbeSeconds"] = "30" }, tls: Tls);
            var day = DateRange.On(s_day);
            await _cluster.Grid.BackfillAsync(new PortfolioBackfill { ModelId = "num-portfolio-core-v1", Dates = day }, null, Token);
            await _cluster.Grid.BackfillAsync(new JointPortfolioBackfill { ModelId = Space, Dates = day }, null, Token);
        }

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
                await _cluster.DisposeAsync();
            Authority.Dispose();
            Other.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
