using Microsoft.Win32.SafeHandles;

namespace Prometheus.Grid.Tables;

/// <summary>
/// The bytes of an open file, read at offsets of its own: the handle has no position that two readers could move. Others may read the same
/// handle on other threads meanwhile.
/// </summary>
/// <param name="file">Open for reading; its owner disposes it after this.</param>
/// <param name="bytewise">From here on one byte a read, so that whoever stops reading is known to have taken no more than it needed.</param>
/// <param name="behind">Bytes that follow the file as if they were part of it.</param>
internal sealed class FileBytes(SafeFileHandle file, long bytewise = long.MaxValue, byte[]? behind = null) : ReadOnlyStream
{
    private readonly byte[] _behind = behind ?? [];
    private long _at;
    private int _atBehind;

    /// <summary>True when the bytes behind the file have been read as well.</summary>
    public bool IsExhausted => _atBehind == _behind.Length;

    /// <inheritdoc/>
    public override bool CanSeek => _behind.Length == 0;

    /// <inheritdoc/>
    public override long Length => RandomAccess.GetLength(file);

    /// <inheritdoc/>
    public override long Position
    {
        get => _at;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        long most = _at < bytewise ? bytewise - _at : 1;
        int count = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, most)], _at);
        _at += count;
        if (count > 0 || buffer.IsEmpty || IsExhausted)
            return count;
        buffer[0] = _behind[_atBehind++];
        return 1;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        if (!CanSeek)
            throw new NotSupportedException();
        long target = offset + (origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? _at : Length);
        return target >= 0 ? _at = target : throw new IOException($"a place before the file: {target}");
    }
}
