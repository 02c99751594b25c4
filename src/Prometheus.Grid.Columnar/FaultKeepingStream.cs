using System.Runtime.ExceptionServices;

namespace Prometheus.Grid.Columnar;

/// <summary>
/// A stream for native code to write to, which reports what a stream throws by its message alone: keeps the error itself, so that its caller
/// can tell a full disk from other faults.
/// </summary>
/// <param name="stream">Stays its caller's.</param>
internal sealed class FaultKeepingStream(Stream stream) : Stream
{
    private ExceptionDispatchInfo? _fault;
    private bool _isClosed;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => stream.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>Takes no more: what is still written goes nowhere.</summary>
    public void Stop() => _isClosed = true;

    /// <summary>Does something that writes here; throws what the stream threw meanwhile.</summary>
    public void Run(Action write)
    {
        try
        {
            write();
        }
        catch (Exception) when (_fault is not null)
        {
            _fault.Throw();
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_isClosed)
            return;
        try
        {
            stream.Write(buffer);
        }
        catch (Exception error)
        {
            _fault = ExceptionDispatchInfo.Capture(error);
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
        try
        {
            stream.Flush();
        }
        catch (Exception error)
        {
            _fault = ExceptionDispatchInfo.Capture(error);
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
