using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Hosting.Silos;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Units;

/// <summary>The files of certificates, before anything listens: what others of the cluster would refuse is said at the start, by the name of its setting.</summary>
public sealed class CertificatesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-tls-").FullName;
    private readonly TestAuthority _authority, _other;

    public CertificatesTests()
    {
        _authority = new TestAuthority(_folder, "authority");
        _other = new TestAuthority(_folder, "other");
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "no key", "Grid:TlsKey is ''; allowed: a PEM file, since Grid:TlsCertificate, Grid:TlsAuthority is set" },
        { "no certificate", "Grid:TlsCertificate is ''; allowed: a PEM file, since Grid:TlsKey, Grid:TlsAuthority is set" },
        { "no authority", "Grid:TlsAuthority is ''; allowed: a PEM file, since Grid:TlsCertificate, Grid:TlsKey is set" },
        { "certificate is nowhere", "allowed: a PEM file that can be read (Could not find" },
        { "certificate is a key", "allowed: a PEM file with a certificate" },
        { "certificate of another authority", "allowed: a certificate for servers and clients that Grid:TlsAuthority signed and that is valid now (" },
        { "certificate has expired", "valid now (NotTimeValid)" },
        { "certificate for servers alone", "valid now (NotValidForUsage)" },
        { "certificate of another cluster", "allowed: a certificate with the DNS name 'grid' (Grid:TlsName, unless set the cluster's id)" },
        { "key of another certificate", "allowed: a PEM file with the private key of Grid:TlsCertificate, without a password" },
        { "authority is a key", "allowed: a PEM file with certificates" },
        { "name is none", "Grid:TlsName is 'the grid'; allowed: a DNS name such as grid" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_file_that_cannot_be_used_is_named(string mistake, string says)
    {
        (string certificate, string key) = _authority.Issue("grid");
        var right = new SiloSettings { TlsCertificate = certificate, TlsKey = key, TlsAuthority = _authority.File };
        Assert.Equal("CN=grid", right.LoadCertificates()!.Certificate.Subject);
        var pairs = new Dictionary<string, (string Certificate, string Key)>
        {
            ["certificate of another authority"] = _other.Issue("grid"),
            ["certificate has expired"] = _authority.Issue("grid", days: -1),
            ["certificate for servers alone"] = _authority.Issue("grid", use: "1.3.6.1.5.5.7.3.1"),
            ["certificate of another cluster"] = _authority.Issue("grid2"),
        };
        var settings = mistake switch
        {
            "no key" => right with { TlsKey = null },
            "no certificate" => right with { TlsCertificate = "" },
            "no authority" => right with { TlsAuthority = null },
            "certificate is nowhere" => right with { TlsCertificate = Path.Combine(_folder, "nowhere.pem") },
            "certificate is a key" => right with { TlsCertificate = key },
            "key of another certificate" => right with { TlsKey = _authority.Issue("grid").Key },
            "authority is a key" => right with { TlsAuthority = key },
            "name is none" => right with { TlsName = "the grid" },
            _ => right with { TlsCertificate = pairs[mistake].Certificate, TlsKey = pairs[mistake].Key },
        };
        var error = Assert.Throws<BadInputException>(settings.LoadCertificates);
        Assert.StartsWith("Grid:Tls", error.Field, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_calls_its_files_by_the_names_of_the_environment()
    {
        var error = Assert.Throws<BadInputException>(() => ClusterTls.Read(name => name == "GRID_TLS_KEY" ? "x" : null, member => $"GRID_TLS_{member.ToUpperInvariant()}"));
        Assert.StartsWith("GRID_TLS_CERTIFICATE is ''; allowed: a PEM file, since GRID_TLS_KEY is set", error.Message, StringComparison.Ordinal);
        Assert.Null(ClusterTls.Read(_ => null, member => member));
    }

    [Fact]
    public void A_renewed_certificate_is_shown_without_a_restart_once_both_of_its_files_are_there()
    {
        (string certificate, string key) = _authority.Issue("grid");
        var own = new SiloSettings { TlsCertificate = certificate, TlsKey = key, TlsAuthority = _authority.File }.LoadCertificates()!;
        string first = own.Certificate.Thumbprint;
        (string renewed, string renewedKey) = _authority.Issue("grid");
        File.Copy(renewed, certificate, overwrite: true);
        Assert.Equal(first, own.Certificate.Thumbprint);
        File.Copy(renewedKey, key, overwrite: true);
        string second = own.Certificate.Thumbprint;
        Assert.NotEqual(first, second);
        File.Delete(key);
        Assert.Equal(second, own.Certificate.Thumbprint);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
