using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Client;

/// <summary>
/// Encrypts the connections of a cluster and lets in only those who show a certificate of it: silos to each other, and clients and silos to each other. All
/// of a cluster have it or none. Whoever is let in is trusted with everything, so the authority should sign for this cluster alone, or <see cref="Name"/>
/// tell its certificates from others.
/// </summary>
public sealed record ClusterTls
{
    /// <summary>PEM file with the certificate of this silo or client, followed by those between it and the authority. Read again when it changes.</summary>
    public required string Certificate { get; init; }

    /// <summary>PEM file with the private key of <see cref="Certificate"/>, without a password.</summary>
    public required string Key { get; init; }

    /// <summary>PEM file with the certificates of those whose signature is trusted; nobody else's is, of the machine's neither.</summary>
    public required string Authority { get; init; }

    /// <summary>The DNS name that every certificate of the cluster has; null for the cluster's id.</summary>
    public string? Name { get; init; }

    /// <summary>What a member is called in errors, for hosts whose users know it by another name.</summary>
    internal Func<string, string> Called { get; init; } = member => $"{nameof(ClusterTls)}.{member}";

    /// <summary>What GRID_TLS_CERTIFICATE, GRID_TLS_KEY, GRID_TLS_AUTHORITY and GRID_TLS_NAME say.</summary>
    /// <returns>Null where none of the first three is set.</returns>
    /// <exception cref="BadInputException">One of the first three is missing; it is named.</exception>
    public static ClusterTls? FromEnvironment() => Read(
        Environment.GetEnvironmentVariable, member => $"GRID_TLS_{member.ToUpperInvariant()}");

    /// <summary>Settings of a host, all or none.</summary>
    /// <param name="read">The value of a setting, by what the host's users call it.</param>
    /// <param name="called">What they call a member, here and in errors.</param>
    /// <returns>Null where certificate, key and authority are not set.</returns>
    /// <exception cref="BadInputException">One is missing beside others.</exception>
    public static ClusterTls? Read(Func<string, string?> read, Func<string, string> called)
    {
        string[] members = [nameof(Certificate), nameof(Key), nameof(Authority)];
        string?[] values = [.. members.Select(member => read(called(member)) is { Length: > 0 } value ? value : null)];
        if (Array.TrueForAll(values, value => value is null))
            return null;
        for (int i = 0; i < members.Length; i++)
        {
            if (values[i] is null)
                throw new BadInputException(called(members[i]), "", $"a PEM file, since {string.Join(", ", members.Where((_, j) => values[j] is not null).Select(called))} is set: TLS needs all of {string.Join(", ", members.Select(called))}");
        }
        return new ClusterTls
        {
            Certificate = values[0]!,
            Key = values[1]!,
            Authority = values[2]!,
            Name = read(called(nameof(Name))) is { Length: > 0 } name ? name : null,
            Called = called,
        };
    }
}
