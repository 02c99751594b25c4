using System.Net;
using System.Net.Sockets;

namespace Prometheus.Grid.Tests;

/// <summary>Which way bytes of a link go.</summary>
internal enum LinkWay
{
    /// <summary>From whoever connected to the server.</summary>
    Out,

    /// <summary>From the server to whoever connected.</summary>
    Back,
}

/// <summary>
/// A network between clients and a server: it stands before the server's address and forwards bytes, later, never, or until it breaks the link. What it holds
/// back arrives once the network is whole again, as what TCP sends again would, unless its sender has left meanwhile.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly DirectoryInfo? _folder;
    private readonly Func<Socket, int> _sourceOf;
    private readonly CancellationTokenSource _end = new();
    private readonly List<(Task Work, Socket Near)> _links = [];
    private readonly Task _accepting;
    private volatile Func<int, LinkWay, bool> _isCut = (_, _) => false;
    private volatile EndPoint _server;
    private TaskCompletionSource _changed = NewChange();
    private long _delayTicks;

    /// <summary>Listens.</summary>
    /// <param name="address">Where: TCP or a Unix socket.</param>
    /// <param name="server">Where to forward to.</param>
    /// <param name="sourceOf">Tells by an accepted connection who made it, for <see cref="Cut"/>; null calls everyone 0.</param>
    public FaultProxy(EndPoint address, EndPoint server, Func<Socket, int>? sourceOf = null)
    {
        _server = server;
        _sourceOf = sourceOf ?? (_ => 0);
        _listener = NewSocket(address);
        _listener.Bind(address);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Stands before a Postgres.</summary>
    public FaultProxy(PrivatePostgres server)
        : this(Directory.CreateTempSubdirectory("pp-"), server)
    {
    }

    private FaultProxy(DirectoryInfo folder, PrivatePostgres server)
        : this(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, PrivatePostgres.SocketName)), Of(server)) => _folder = folder;

    /// <summary>The host of connection strings through a proxy before a Postgres.</summary>
    public string PostgresHost => _folder!.FullName;

    /// <summary>Holds back every byte on the links there are and on new ones, and resets none: what one sees of a host that lost its network.</summary>
    public void Stall() => Cut((_, _) => true);

    /// <summary>Holds back the bytes of some sources, one way or both.</summary>
    public void Cut(Func<int, LinkWay, bool> isCut)
    {
        _isCut = isCut;
        Interlocked.Exchange(ref _changed, NewChange()).SetResult();
    }

    /// <summary>Forwards again.</summary>
    public void Heal() => Cut((_, _) => false);

    /// <summary>Lets each read of a link wait before it is forwarded.</summary>
    public void Delay(TimeSpan time) => Interlocked.Exchange(ref _delayTicks, time.Ticks);

    /// <summary>Forwards to another server from now on, and resets the links to the one before: an address that moves in a failover.</summary>
    public void MoveTo(PrivatePostgres server)
    {
        _server = Of(server);
        Drop();
    }

    /// <summary>Resets the links there are.</summary>
    public void Drop()
    {
        foreach (var near in Near())
        {
            // Closed with nothing to linger for, a socket sends a reset.
            near.LingerState = new LingerOption(enable: true, 0);
            near.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        await Task.WhenAll(_links.Select(link => link.Work));
        _listener.Dispose();
        _end.Dispose();
        _folder?.Delete(recursive: true);
    }

    private static UnixDomainSocketEndPoint Of(PrivatePostgres server) => new(server.Socket);

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Socket NewSocket(EndPoint address) => address is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private List<Socket> Near()
    {
        lock (_links)
            return [.. _links.Where(link => !link.Work.IsCompleted).Select(link => link.Near)];
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptAsync(_end.Token);
                lock (_links)
                {
                    _links.RemoveAll(link => link.Work.IsCompleted);
                    _links.Add((ForwardAsync(near), near));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        var server = _server;
        using Socket near = client, far = NewSocket(server);
        try
        {
            int source = _sourceOf(near);
            await far.ConnectAsync(server, _end.Token);
            await Task.WhenAll(PumpAsync(near, far, source, LinkWay.Out), PumpAsync(far, near, source, LinkWay.Back));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Nobody listens at the server, or the test ends: the client sees its link close.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, int source, LinkWay way)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is var count and > 0)
            {
                if (Interlocked.Read(ref _delayTicks) is var ticks and > 0)
                    await Task.Delay(TimeSpan.FromTicks(ticks), _end.Token);
                bool wasHeld = await HoldAsync(source, way);
                if (wasHeld && HasLeft(from))
                    break;
                await to.SendAsync(buffer.AsMemory(0, count), _end.Token);
            }
            await HoldAsync(source, way);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test, or of the link on one side: the other is to see it too.
            to.Dispose();
        }
    }

    private async Task<bool> HoldAsync(int source, LinkWay way)
    {
        bool wasHeld = false;
        while (true)
        {
            // Read before the question, so that no change falls between the two.
            var changed = Volatile.Read(ref _changed).Task;
            if (!_isCut(source, way))
                return wasHeld;
            wasHeld = true;
            await changed.WaitAsync(_end.Token);
        }
    }

    private static bool HasLeft(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
}
