using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Client;

/// <summary>The certificates of one end of a cluster's connections: whom it trusts, and what it shows.</summary>
public sealed class ClusterCertificates
{
    private readonly ClusterTls _settings;
    private readonly string _name;
    private readonly X509Certificate2Collection _authority = [];
    private readonly Lock _gate = new();
    private Pair _own;

    private ClusterCertificates(ClusterTls settings, string name)
    {
        _settings = settings;
        _name = name;
        Read(nameof(settings.Authority), settings.Authority, pem => _authority.ImportFromPem(pem));
        if (_authority.Count == 0)
            throw Refused(nameof(settings.Authority), settings.Authority, "a PEM file with certificates");
        string certificate = Read(nameof(settings.Certificate), settings.Certificate, _ => { }), key = Read(nameof(settings.Key), settings.Key, _ => { });
        _own = Parse(certificate, key);
        CheckOwn(_own);
    }

    /// <summary>The certificate that is shown from now on: that of the files, which are replaced when it is renewed.</summary>
    public X509Certificate2 Certificate => Own.TargetCertificate;

    private SslStreamCertificateContext Own
    {
        get
        {
            lock (_gate)
            {
                try
                {
                    string certificate = File.ReadAllText(_settings.Certificate), key = File.ReadAllText(_settings.Key);
                    if (certificate != _own.CertificatePem || key != _own.KeyPem)
                        _own = Parse(certificate, key);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException or BadInputException)
                {
                    // Half replaced, perhaps. What was shown so far is as good as it was; the next connection looks again.
                }
                return _own.Context;
            }
        }
    }

    /// <summary>Reads and checks the files, so that what no connection would accept is said at once, and by name.</summary>
    /// <param name="settings">The files.</param>
    /// <param name="clusterId">The cluster's id, the name in its certificates unless the settings say another.</param>
    /// <exception cref="BadInputException">A file cannot be read or used, or the certificate would be refused by others of the cluster.</exception>
    public static ClusterCertificates Load(ClusterTls settings, string clusterId)
    {
        string name = settings.Name ?? clusterId;
        if (Uri.CheckHostName(name) != UriHostNameType.Dns)
            throw new BadInputException(settings.Called(nameof(settings.Name)), name, "a DNS name such as grid, which all certificates of the cluster have; unless set it is the cluster's id");
        return new ClusterCertificates(settings, name);
    }

    /// <summary>Makes Orleans encrypt, show the certificate and ask for one, as either end.</summary>
    /// <param name="options">Of UseTls, for a silo or a client.</param>
    public void Apply(TlsOptions options)
    {
        options.LocalCertificate = Certificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, errors) =>
            (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None && certificate.MatchesHostname(_name);
        options.OnAuthenticateAsServer = (_, connection) =>
        {
            var ssl = (SslServerAuthenticationOptions)connection.SslServerAuthenticationOptions;
            (ssl.ServerCertificate, ssl.ServerCertificateSelectionCallback, ssl.ServerCertificateContext, ssl.CertificateChainPolicy) = (null, null, Own, Trust());
        };
        options.OnAuthenticateAsClient = (_, connection) =>
        {
            connection.TargetHost = _name;
            var ssl = (SslClientAuthenticationOptions)connection.SslClientAuthenticationOptions;
            (ssl.ClientCertificates, ssl.LocalCertificateSelectionCallback, ssl.ClientCertificateContext, ssl.CertificateChainPolicy) = (null, null, Own, Trust());
        };
    }

    /// <summary>Nobody but the authority is trusted, and nothing is fetched from an address that a stranger's certificate names.</summary>
    private X509ChainPolicy Trust()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authority);
        return policy;
    }

    private Pair Parse(string certificatePem, string keyPem)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificatePem);
        }
        catch (CryptographicException error)
        {
            throw Refused(nameof(_settings.Certificate), _settings.Certificate, "a PEM file with a certificate", error);
        }
        if (chain.Count == 0)
            throw Refused(nameof(_settings.Certificate), _settings.Certificate, "a PEM file with a certificate");
        chain.RemoveAt(0);
        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            // By way of PKCS #12, because not every system takes a key that was only ever in memory.
            var certificate = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), password: null);
            return new Pair(certificatePem, keyPem, SslStreamCertificateContext.Create(certificate, chain, offline: true));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw Refused(nameof(_settings.Key), _settings.Key, $"a PEM file with the private key of {_settings.Called(nameof(_settings.Certificate))}, without a password", error);
        }
    }

    private void CheckOwn(Pair own)
    {
        var certificate = own.Context.TargetCertificate;
        foreach (string use in (string[])["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"])
        {
            using var chain = new X509Chain { ChainPolicy = Trust() };
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(use));
            chain.ChainPolicy.ExtraStore.AddRange(own.Context.IntermediateCertificates.ToArray());
            if (!chain.Build(certificate))
                throw Refused(
                    nameof(_settings.Certificate), _settings.Certificate,
                    $"a certificate for servers and clients that {_settings.Called(nameof(_settings.Authority))} signed and that is valid now ({string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct())})");
        }
        if (!certificate.MatchesHostname(_name))
            throw Refused(nameof(_settings.Certificate), _settings.Certificate, $"a certificate with the DNS name '{_name}' ({_settings.Called(nameof(_settings.Name))}, unless set the cluster's id)");
    }

    private string Read(string member, string path, Action<string> use)
    {
        try
        {
            string pem = File.ReadAllText(path);
            use(pem);
            return pem;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Refused(member, path, $"a PEM file that can be read ({error.Message.TrimEnd('.')})", error);
        }
    }

    private BadInputException Refused(string member, string path, string allowed, Exception? cause = null) => new(_settings.Called(member), path, allowed, cause);

    private sealed record Pair(string CertificatePem, string KeyPem, SslStreamCertificateContext Context);
}
