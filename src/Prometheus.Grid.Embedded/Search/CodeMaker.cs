using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// Makes the codes of rows that were read, one shard after the other, on a thread that gives way to all others of the machine: searches compare the vectors until the
/// codes are there, and make them by themselves where they need them sooner.
/// </summary>
internal static partial class CodeMaker
{
    private const uint ThisThread = 0;
    private const int OfThread = 0, Lowest = 19;

    private static readonly BlockingCollection<WeakReference<Shard>> s_waiting = Open();

    /// <summary>Has the codes of a shard made, unless it is gone by then.</summary>
    public static void Offer(Shard shard) => s_waiting.Add(new WeakReference<Shard>(shard));

    private static BlockingCollection<WeakReference<Shard>> Open()
    {
        var waiting = new BlockingCollection<WeakReference<Shard>>();
        new Thread(() => Work(waiting)) { IsBackground = true, Name = "similarity codes" }.Start();
        return waiting;
    }

    private static void Work(BlockingCollection<WeakReference<Shard>> all)
    {
        // .NET does not pass priorities on to Linux.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(OfThread, ThisThread, Lowest);
        foreach (var waiting in all.GetConsumingEnumerable())
        {
            if (waiting.TryGetTarget(out var shard))
                shard.Encode(inParallel: false);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, uint who, int priority);
}
