using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>What the network says of a silo's port.</summary>
internal enum SiloDoor
{
    /// <summary>Somebody listens: the silo, even one that stands still, or whoever has its port now.</summary>
    Open,

    /// <summary>The machine answers that nobody listens there.</summary>
    Closed,

    /// <summary>Nobody answers: the machine is gone, or the way to it.</summary>
    Silent,
}

/// <summary>Knocks at the ports of silos.</summary>
internal static class SiloDoors
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>Tries to connect, for a second.</summary>
    public static async Task<SiloDoor> KnockAsync(IPEndPoint silo, CancellationToken cancellationToken)
    {
        using var socket = new Socket(silo.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        try
        {
            await socket.ConnectAsync(silo, deadline.Token);
            return SiloDoor.Open;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.ConnectionRefused ? SiloDoor.Closed : SiloDoor.Silent;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SiloDoor.Silent;
        }
    }

    /// <summary>True for an address of this machine, of whose ports its own network knows for sure who listens.</summary>
    public static bool IsOfThisMachine(IPAddress address) => IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses).Any(known => known.Address.Equals(address));
}
