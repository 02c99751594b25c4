using System.Buffers;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>A piece of a mapped file as memory. Valid as long as the mapping, which the store keeps until it is disposed.</summary>
internal sealed unsafe class MappedMemory<T>(byte* start, int length) : MemoryManager<T>
    where T : unmanaged
{
    /// <inheritdoc/>
    public override Span<T> GetSpan() => new(start, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length, nameof(elementIndex));
        return new MemoryHandle((T*)start + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
