using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Models;

/// <summary>The next bytes of another stream, at most so many; the other stays open.</summary>
internal sealed class Section(Stream inner, long length) : ReadOnlyStream
{
    private long _left = length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;
        return read;
    }
}

/// <summary>Another stream whose every read has the same time to bring something.</summary>
internal sealed class Watched(Stream inner, CancellationTokenSource stalled, TimeSpan limit) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        stalled.CancelAfter(limit);
        int read = await inner.ReadAsync(buffer, cancellationToken);
        stalled.CancelAfter(Timeout.InfiniteTimeSpan);
        return read;
    }
}
