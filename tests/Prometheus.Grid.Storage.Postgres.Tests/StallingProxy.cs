using System.Net.Sockets;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Storage.Postgres.Tests;

/// <summary>
/// Stands between clients and a server's socket. Once stalled it forwards nothing more on the links it has and on new ones, and resets none:
/// what a client sees of a host that lost its network.
/// </summary>
internal sealed class StallingProxy : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pp-");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _links = [];
    private readonly string _server;
    private readonly Task _accepting;
    private volatile bool _isStalled;

    public StallingProxy(PrivatePostgres server)
    {
        _server = server.Socket;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, PrivatePostgres.SocketName)));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The host of connection strings through this proxy.</summary>
    public string Host => _folder.FullName;

    /// <summary>Stops to forward.</summary>
    public void Stall() => _isStalled = true;

    /// <summary>Forwards on links that are made from now on; those that were stalled stay so.</summary>
    public void Heal() => _isStalled = false;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        await Task.WhenAll(_links);
        _listener.Dispose();
        _end.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _links.Add(ForwardAsync(await _listener.AcceptAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using Socket near = client, far = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await far.ConnectAsync(new UnixDomainSocketEndPoint(_server), _end.Token);
        await Task.WhenAll(PumpAsync(near, far), PumpAsync(far, near));
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is var count and > 0)
            {
                if (_isStalled)
                    await Task.Delay(Timeout.Infinite, _end.Token);
                await to.SendAsync(buffer.AsMemory(0, count), _end.Token);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The end of the test, or of the link on one side.
        }
    }
}
