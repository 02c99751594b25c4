using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Prometheus.Grid.Tests;

/// <summary>An authority of one's own and the certificates that it signs, as PEM files in a folder.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1", ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly string _folder;
    private readonly X509Certificate2 _own;
    private int _issued;

    /// <summary>Makes an authority.</summary>
    /// <param name="folder">Where its files go.</param>
    /// <param name="name">Its name, and that of its file.</param>
    public TestAuthority(string folder, string name)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _own = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-10), TimeProvider.System.GetUtcNow().AddDays(10));
        File = Path.Combine(folder, $"{name}.pem");
        System.IO.File.WriteAllText(File, _own.ExportCertificatePem());
    }

    /// <summary>The certificate of the authority.</summary>
    public string File { get; }

    /// <summary>Signs a certificate for servers and clients.</summary>
    /// <param name="dnsName">The name in it.</param>
    /// <param name="days">How long it is valid from now; a negative number is one that has expired.</param>
    /// <param name="use">What it may be used for; null for both ends of a connection.</param>
    /// <param name="issuers">Where it says that the certificate of its signer can be fetched; null for nowhere.</param>
    /// <returns>The files of certificate and key.</returns>
    public (string Certificate, string Key) Issue(string dnsName, double days = 5, string? use = null, Uri? issuers = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. (use is null ? [ServerUse, ClientUse] : (string[])[use]).Select(oid => new Oid(oid))], critical: true));
        if (issuers is not null)
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuers.ToString()]));
        using var certificate = request.Create(
            _own, TimeProvider.System.GetUtcNow().AddDays(-8), TimeProvider.System.GetUtcNow().AddDays(days), [1, (byte)Interlocked.Increment(ref _issued)]);
        string file = Path.Combine(_folder, $"{Path.GetFileNameWithoutExtension(File)}-{_issued}");
        System.IO.File.WriteAllText($"{file}.pem", certificate.ExportCertificatePem());
        System.IO.File.WriteAllText($"{file}.key", key.ExportPkcs8PrivateKeyPem());
        return ($"{file}.pem", $"{file}.key");
    }

    /// <inheritdoc/>
    public void Dispose() => _own.Dispose();
}
