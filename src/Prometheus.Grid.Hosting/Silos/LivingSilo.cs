using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using NpgsqlTypes;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Leaves a silo alone that runs at the address of one that is about to start.</summary>
internal static class LivingSilo
{
    private const string AtPort = "SELECT DISTINCT address FROM grid_silos WHERE cluster_id = @cluster AND port = @port AND status = @active";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Refuses to start where the table of members has an active silo at the same address and somebody answers there. One that crashed a moment ago is
    /// in the table too, but does not answer.
    /// </summary>
    /// <exception cref="GridFaultException">A silo runs there.</exception>
    public static async Task CheckAsync(string postgres, SiloSettings settings, CancellationToken cancellationToken)
    {
        foreach (var address in await MembersAsync(postgres, settings, cancellationToken))
        {
            bool isHere = settings.AdvertisedAddress is { } own ? own.Equals(address) : IsOfThisMachine(address);
            if (isHere && await AnswersAsync(new IPEndPoint(address, settings.SiloPort), cancellationToken))
                throw new GridFaultException(
                    $"a silo of cluster '{settings.ClusterId}' runs at {address}:{settings.SiloPort} already and is left alone; another one needs a Grid:SiloPort and a Grid:GatewayPort of its own");
        }
    }

    private static async Task<List<IPAddress>> MembersAsync(string postgres, SiloSettings settings, CancellationToken cancellationToken)
    {
        await using var source = MemberPool.Open(postgres);
        await using var command = source.CreateCommand(AtPort);
        command.Parameters.AddWithValue("cluster", NpgsqlDbType.Text, settings.ClusterId);
        command.Parameters.AddWithValue("port", NpgsqlDbType.Integer, settings.SiloPort);
        command.Parameters.AddWithValue("active", NpgsqlDbType.Integer, (int)SiloStatus.Active);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var members = new List<IPAddress>();
        while (await rows.ReadAsync(cancellationToken))
            members.Add(IPAddress.Parse(rows.GetString(0)));
        return members;
    }

    private static bool IsOfThisMachine(IPAddress address) => IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses).Any(known => known.Address.Equals(address));

    private static async Task<bool> AnswersAsync(IPEndPoint silo, CancellationToken cancellationToken)
    {
        using var socket = new Socket(silo.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        try
        {
            await socket.ConnectAsync(silo, deadline.Token);
            return true;
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
