using System.Net;
using Microsoft.Extensions.Configuration;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Postgres.Connections;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Settings of a silo: the section <c>Grid</c> of appsettings.json, or environment variables such as <c>Grid__Postgres</c>.</summary>
public sealed record SiloSettings
{
    /// <summary>Connection string of the cluster's Postgres: members, grain state, tables and vectors. Null is a trial on one machine.</summary>
    public string? Postgres { get; init; }

    /// <summary>The data folder of a trial.</summary>
    public string Data { get; init; } = "grid-data";

    /// <summary>Silos of one id find each other.</summary>
    public string ClusterId { get; init; } = "grid";

    /// <summary>The address at which other silos reach this one; null for that of the machine. In Kubernetes the pod's.</summary>
    public string? Address { get; init; }

    /// <summary>Listens on every address of the machine, not on <see cref="Address"/> alone; what containers need.</summary>
    public bool ListenOnAllAddresses { get; init; }

    /// <summary>
    /// The address that it listens on where that is another one than <see cref="Address"/>: behind a translation of addresses. Null listens on
    /// <see cref="Address"/>.
    /// </summary>
    public string? ListenAddress { get; init; }

    /// <summary>Creates or upgrades the schema at start; silos that start at once do it once. False expects <c>grid migrate</c>.</summary>
    public bool Migrate { get; init; }

    /// <summary>The port between silos, 0 to 65,535; 0 takes one that is free.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>The port for clients, 0 to 65,535; 0 takes one that is free.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>Buckets of a space; the same in all silos, and for ever.</summary>
    public int Shards { get; init; } = 16;

    /// <summary>Cores for scans and backfills; null for all.</summary>
    public int? Workers { get; init; }

    /// <summary>Entities in a chunk of a backfill, 1 to 65,536; the same in all silos, which share a backfill by chunks.</summary>
    public int ChunkSize { get; init; } = 1024;

    /// <summary>Memory for shards in MiB; null for a quarter of the machine's or container's.</summary>
    public int? ShardMemoryMiB { get; init; }

    /// <summary>Folder in which the silo keeps the rows of its shards over a restart; null for none. Silos of one cluster on one machine may share it.</summary>
    public string? Snapshots { get; init; }

    /// <summary>How much the files in <see cref="Snapshots"/> may take, in MiB; null for as much as the machine's or container's memory.</summary>
    public int? SnapshotsMiB { get; init; }

    /// <summary>Folder of models of the user's own beside the shipped ones, or null.</summary>
    public string? Models { get; init; }

    /// <summary>Seconds that a silo which is asked to stop has to finish calls and hand over its grains.</summary>
    public int DrainSeconds { get; init; } = 30;

    /// <summary>
    /// Seconds that a silo may take to answer a probe, 1 to 60. One that misses three is taken for dead, so a silo may stand still for three times
    /// as long: raise it where machines are overbooked, at the price of calls that wait longer for a silo which is lost in silence.
    /// </summary>
    public int ProbeSeconds { get; init; } = 2;

    /// <summary>Seconds that a silo which starts waits for a Postgres that does not answer yet, 0 or more.</summary>
    public int WaitForPostgresSeconds { get; init; } = 60;

    /// <summary>PEM file with the certificate that this silo shows to silos and clients, and asks of them; with it go <see cref="TlsKey"/> and <see cref="TlsAuthority"/>. Null leaves connections as they are.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>PEM file with the private key of <see cref="TlsCertificate"/>, without a password.</summary>
    public string? TlsKey { get; init; }

    /// <summary>PEM file with the certificates of those who sign for the cluster.</summary>
    public string? TlsAuthority { get; init; }

    /// <summary>The DNS name that every certificate of the cluster has; null for <see cref="ClusterId"/>.</summary>
    public string? TlsName { get; init; }

    /// <summary>The certificates of this silo, read and checked; null for none.</summary>
    /// <exception cref="BadInputException">A setting is missing beside others, or its file cannot be used.</exception>
    internal ClusterCertificates? LoadCertificates() =>
        ClusterTls.Read(
            name => name switch
            {
                $"Grid:{nameof(TlsCertificate)}" => TlsCertificate,
                $"Grid:{nameof(TlsKey)}" => TlsKey,
                $"Grid:{nameof(TlsAuthority)}" => TlsAuthority,
                _ => TlsName,
            },
            member => $"Grid:Tls{member}") is { } tls ? ClusterCertificates.Load(tls, ClusterId) : null;

    /// <summary>The clock of the store on a data folder; tests move it.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Logs errors with their stacks, not in a line each.</summary>
    public bool Verbose { get; init; }

    /// <summary>
    /// <see cref="Postgres"/> with what a silo needs: sessions that the server ends when the silo stands still within a transaction, since it
    /// holds the lock of a partition then; statements that the server plans once; and, where the string does not size it, a pool that leaves
    /// connections to others.
    /// </summary>
    /// <exception cref="BadInputException">It is no connection string.</exception>
    public string? PostgresConnection
    {
        get
        {
            if (Postgres is null)
                return null;
            var connection = ConnectionText.Read(Postgres, "Grid:Postgres");
            if (!connection.ShouldSerialize("Maximum Pool Size"))
                connection.MaxPoolSize = 20;
            if (!connection.ShouldSerialize("Max Auto Prepare"))
                connection.MaxAutoPrepare = 64;
            // Nothing that a session was told outlives its use, and to have it reset takes as long as a small query.
            connection.NoResetOnClose = true;
            connection.Options = $"{connection.Options} -c idle_in_transaction_session_timeout=10s".TrimStart();
            return connection.ConnectionString;
        }
    }

    /// <summary>Where a silo listens for others: without an address of its own, wherever the machine is reached.</summary>
    internal IPAddress ListeningAddress =>
        ListenOnAllAddresses ? IPAddress.Any
        : ListenAddress is null ? AdvertisedAddress ?? (Postgres is null ? IPAddress.Loopback : IPAddress.Any)
        : Parse(nameof(ListenAddress), ListenAddress);

    /// <summary>Reads the section <c>Grid</c>.</summary>
    /// <exception cref="BadInputException">A setting is unknown or cannot be read; it is named.</exception>
    public static SiloSettings Read(IConfiguration configuration) => SettingsSection.Read<SiloSettings>(configuration, "Grid", "silo");

    /// <summary>Refuses settings that no silo can run with, before anything is started.</summary>
    /// <returns>These settings.</returns>
    /// <exception cref="BadInputException">One cannot be used; it is named.</exception>
    public SiloSettings Checked()
    {
        if (string.IsNullOrWhiteSpace(ClusterId))
            throw new BadInputException($"Grid:{nameof(ClusterId)}", ClusterId, "a name that the silos and clients of a cluster share, such as grid");
        Check(nameof(SiloPort), SiloPort, 0, IPEndPoint.MaxPort);
        Check(nameof(GatewayPort), GatewayPort, 0, IPEndPoint.MaxPort);
        if (SiloPort == GatewayPort && SiloPort != 0)
            throw new BadInputException($"Grid:{nameof(GatewayPort)}", GatewayPort, $"another port than Grid:{nameof(SiloPort)}");
        _ = AdvertisedAddress;
        _ = ListeningAddress;
        if (ListenAddress is not null && (Address is null || ListenOnAllAddresses))
            throw new BadInputException(
                $"Grid:{nameof(ListenAddress)}", ListenAddress, $"nothing without Grid:{nameof(Address)}, or with Grid:{nameof(ListenOnAllAddresses)}");
        Check(nameof(Shards), Shards, 1, 1024);
        Check(nameof(Workers), Workers ?? 1, 1, 1024);
        Check(nameof(ChunkSize), ChunkSize, 1, 65_536);
        Check(nameof(ShardMemoryMiB), ShardMemoryMiB ?? 1, 1, int.MaxValue);
        Check(nameof(SnapshotsMiB), SnapshotsMiB ?? 1, 1, int.MaxValue);
        Check(nameof(DrainSeconds), DrainSeconds, 0, 3600);
        Check(nameof(ProbeSeconds), ProbeSeconds, 1, 60);
        Check(nameof(WaitForPostgresSeconds), WaitForPostgresSeconds, 0, 86_400);
        return this;

        static void Check(string name, int value, int least, int most)
        {
            if (value < least || value > most)
                throw new BadInputException($"Grid:{name}", value, $"a whole number from {least} to {most}");
        }
    }

    /// <summary>The advertised address as an object.</summary>
    /// <exception cref="BadInputException">It is no IP address.</exception>
    public IPAddress? AdvertisedAddress => Address is null ? null : Parse(nameof(Address), Address);

    private static IPAddress Parse(string name, string text) => IPAddress.TryParse(text, out var address)
        ? address
        : throw new BadInputException($"Grid:{name}", text, "an IP address of this machine, for example 10.0.0.7");
}
