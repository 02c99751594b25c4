namespace Prometheus.Grid.Core.Telemetry;

/// <summary>The holders of rows in this process: one, but for tests and tools that open several grids.</summary>
internal static class RowMemories
{
    private static readonly List<WeakReference<IRowMemory>> s_memories = [];

    public static void Add(IRowMemory memory)
    {
        lock (s_memories)
        {
            s_memories.RemoveAll(reference => !reference.TryGetTarget(out _));
            s_memories.Add(new WeakReference<IRowMemory>(memory));
        }
    }

    public static long Usage() => Alive().Sum(memory => memory.Held().Bytes);

    public static long Limit() => Alive().Sum(memory => memory.LimitBytes);

    public static long Rows() => Alive().Sum(memory => memory.Held().Rows);

    private static List<IRowMemory> Alive()
    {
        var alive = new List<IRowMemory>();
        lock (s_memories)
        {
            foreach (var reference in s_memories)
            {
                if (reference.TryGetTarget(out var memory))
                    alive.Add(memory);
            }
        }
        return alive;
    }
}
