using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Prometheus.Grid.Similarity.Kernels;

/// <summary>Asks for memory ahead of time, where the hardware's own prefetcher finds no stride or finds it too late.</summary>
internal static unsafe class Prefetch
{
    /// <summary>Asks for the cache lines of some bytes; nothing where the processor takes no such hint from .NET.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(byte* start, int bytes)
    {
        if (!Sse.IsSupported) return;
        for (byte* line = start; line < start + bytes; line += 64) Sse.Prefetch0(line);
    }
}
