using Microsoft.Win32.SafeHandles;

namespace Prometheus.Grid.Tables;

/// <summary>
/// The bytes of an open file, read at offsets of its own: the handle has no position that two readers could move. Others may read the same
/// handle on other threads meanwhile.
/// </summary>
/// <param name="file">Open for reading; its owner disposes it after this.</param>
/// <param name="bytewise">From here on one byte a read, so that whoever stops reading is known to have taken no more than it needed.</param>
internal sealed class FileBytes(SafeFileHandle file, long bytewise = long.MaxValue) : Stream
{
    private long _at;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => RandomAccess.GetLength(file);

    /// <inheritdoc/>
    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        long most = _at < bytewise ? bytewise - _at : 1;
        int count = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, most)], _at);
        _at += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
