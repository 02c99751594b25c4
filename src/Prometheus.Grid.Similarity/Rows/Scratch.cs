using System.Runtime.InteropServices;

namespace Prometheus.Grid.Similarity.Rows;

/// <summary>Aligned memory for the length of a call.</summary>
internal sealed unsafe class Scratch(long bytes) : IDisposable
{
    public byte* Pointer { get; private set; } = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 64), 64);

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        GC.SuppressFinalize(this);
    }

    ~Scratch() => NativeMemory.AlignedFree(Pointer);
}
