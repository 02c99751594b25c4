using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>
/// Keeps the ports of a silo from when its settings are read until Orleans listens on them. Orleans lets others share its ports, so a silo that is
/// started twice would join the cluster under the address of the first, which the cluster then takes for dead, and lose its own when it gets no
/// further. The claim listens without sharing, so the second start fails here; only then does it let Orleans, and nobody else, in beside it.
/// </summary>
internal sealed class PortClaims : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly List<Socket> _claims = [];

    /// <summary>Claims a port.</summary>
    /// <param name="setting">The setting that names it.</param>
    /// <param name="address">The address to listen on.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <returns>The port.</returns>
    /// <exception cref="BadInputException">Somebody listens there, or nobody can.</exception>
    public int Claim(string setting, IPAddress address, int port)
    {
        var claim = Listen(setting, address, port);
        _claims.Add(claim);
        claim.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        return ((IPEndPoint)claim.LocalEndPoint!).Port;
    }

    /// <summary>Refuses addresses for HTTP on which somebody listens already, before the silo joins; the server claims them itself, but after it.</summary>
    /// <param name="urls">As in the setting <c>Urls</c>, separated by semicolons; null for none.</param>
    /// <exception cref="BadInputException">An address is none, or taken.</exception>
    public static void CheckHttp(string? urls)
    {
        foreach (string url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            BindingAddress address;
            try
            {
                address = BindingAddress.Parse(url);
            }
            catch (FormatException error)
            {
                throw new BadInputException("Urls", url, "addresses such as http://127.0.0.1:5075", error);
            }
            if (!address.IsUnixPipe && !address.IsNamedPipe)
                Listen("Urls", IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip : address.Host == "localhost" ? IPAddress.Loopback : IPAddress.Any, address.Port).Dispose();
        }
    }

    /// <summary>Orleans' listeners are bound one stage earlier, and the table of members is not touched before the next.</summary>
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(PortClaims),
        ServiceLifecycleStage.RuntimeInitialize,
        _ =>
        {
            Dispose();
            return Task.CompletedTask;
        });

    public void Dispose()
    {
        foreach (var claim in _claims)
            claim.Dispose();
        _claims.Clear();
    }

    private static Socket Listen(string setting, IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw error.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => new BadInputException(
                    "Grid:Address", address, "an address of this machine; where it is reached under another one, Grid:ListenOnAllAddresses as well", error),
                SocketError.AddressAlreadyInUse => new BadInputException(setting, port, "a port that no other program uses", error),
                _ => new BadInputException(setting, $"{address}:{port}", $"an address and a port that can be listened on ({error.Message})", error),
            };
        }
    }
}
