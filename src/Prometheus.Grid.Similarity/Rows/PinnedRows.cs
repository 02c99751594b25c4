using System.Buffers;

namespace Prometheus.Grid.Similarity.Rows;

/// <summary>Vectors in memory that the caller has filled and leaves as it is: held in its place for as long as somebody may read it.</summary>
internal sealed unsafe class PinnedRows
{
    // Not readonly: unpinning changes it.
    private MemoryHandle _handle;

    public PinnedRows(ReadOnlyMemory<float> rows)
    {
        _handle = rows.Pin();
        Bytes = (long)rows.Length * sizeof(float);
    }

    ~PinnedRows() => _handle.Dispose();

    public float* Pointer => (float*)_handle.Pointer;

    public long Bytes { get; }
}
