using System.Globalization;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>CPU time as Linux counts it.</summary>
internal static class CpuTime
{
    // USER_HZ, in which /proc counts; 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of a process and of all that descend from it, those that ended included.</summary>
    public static double OfTree(int processId)
    {
        var children = Processes().ToLookup(process => process.Parent, process => (process.Id, process.Own, process.Ended));
        var root = children.SelectMany(group => group).First(process => process.Id == processId);
        return Sum(root);

        double Sum((int Id, double Own, double Ended) process) => process.Own + process.Ended + children[process.Id].Sum(Sum);
    }

    private static IEnumerable<(int Id, int Parent, double Own, double Ended)> Processes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || Read(folder) is not { } stat)
                continue;
            // The name, in brackets, may hold anything; the state is the first field behind it (proc(5)).
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double Seconds(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture) / TicksPerSecond;
            yield return (id, int.Parse(fields[1], CultureInfo.InvariantCulture), Seconds(11) + Seconds(12), Seconds(13) + Seconds(14));
        }
    }

    /// <summary>Null when the process has just ended.</summary>
    private static string? Read(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "stat"));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
