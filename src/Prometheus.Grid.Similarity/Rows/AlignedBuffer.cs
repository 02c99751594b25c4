using System.Runtime.InteropServices;

namespace Prometheus.Grid.Similarity.Rows;

/// <summary>
/// Memory outside the managed heap, aligned to its huge pages where large and to a cache line otherwise. Freed by its
/// finalizer, so a scan that still reads a replaced chunk keeps the memory by keeping the object.
/// </summary>
internal sealed unsafe partial class AlignedBuffer
{
    private const nuint HugePage = 2 << 20;
    private const int AdviseHugePages = 14;

    private readonly void* _memory;

    public AlignedBuffer(long bytes)
    {
        Bytes = bytes;
        bool large = (nuint)bytes >= HugePage;
        _memory = NativeMemory.AlignedAlloc((nuint)bytes, large ? HugePage : 64);
        // A scan walks hundreds of megabytes: huge pages spare it most page walks.
        // Whole ones only: the rest of the last would be memory that nobody asked for, a third of what the codes of a chunk take.
        if (large && OperatingSystem.IsLinux()) _ = MemoryAdvise(_memory, (nuint)bytes / HugePage * HugePage, AdviseHugePages);
        GC.AddMemoryPressure(bytes);
    }

    ~AlignedBuffer()
    {
        NativeMemory.AlignedFree(_memory);
        GC.RemoveMemoryPressure(Bytes);
    }

    public long Bytes { get; }

    public byte* Pointer => (byte*)_memory;

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemoryAdvise(void* address, nuint length, int advice);
}
