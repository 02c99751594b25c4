using System.Globalization;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Bench.Cluster;

/// <summary>
/// Holds a process to a share of a core, by a cgroup of its own under the folder that GRID_CGROUP names. On a machine with few cores a silo
/// stands for a machine that way, and Postgres and the client keep room.
/// </summary>
internal sealed class CpuShare : IDisposable
{
    private const string Variable = "GRID_CGROUP";
    private const int PeriodMicroseconds = 20_000;

    private readonly string _folder;
    private readonly bool _isFirstVersion;

    private CpuShare(string folder, bool isFirstVersion)
    {
        _folder = folder;
        _isFirstVersion = isFirstVersion;
    }

    private static string? Parent => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>Whether there is a folder to hold processes by.</summary>
    /// <exception cref="BadInputException">The folder is no cgroup with the cpu controller, or may not be written.</exception>
    public static bool IsPossible()
    {
        if (Parent is null)
            return false;
        using var trial = Of(null);
        return true;
    }

    /// <summary>Puts a process into a group of its own, which holds it to nothing until <see cref="Hold"/>.</summary>
    /// <exception cref="BadInputException">The folder is no cgroup with the cpu controller, or may not be written.</exception>
    public static CpuShare Of(int processId) => Of((int?)processId);

    private static CpuShare Of(int? processId)
    {
        string folder = Path.Combine(Parent!, $"grid-bench-{Text(processId ?? 0)}");
        try
        {
            if (!File.Exists(Path.Combine(Parent!, "cgroup.procs")))
                throw Refused("it has no cgroup.procs");
            Directory.CreateDirectory(folder);
            bool isFirst = File.Exists(Path.Combine(folder, "cpu.cfs_quota_us"));
            if (!isFirst && !File.Exists(Path.Combine(folder, "cpu.max")))
            {
                Directory.Delete(folder);
                throw Refused("it has no cpu controller; in version 2 write +cpu to its cgroup.subtree_control");
            }
            var share = new CpuShare(folder, isFirst);
            if (processId is { } id)
                share.Write("cgroup.procs", Text(id));
            return share;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(error.Message);
        }
    }

    /// <summary>Holds the process to so many cores.</summary>
    public void Hold(double cores)
    {
        int quota = (int)(cores * PeriodMicroseconds);
        if (_isFirstVersion)
        {
            Write("cpu.cfs_period_us", Text(PeriodMicroseconds));
            Write("cpu.cfs_quota_us", Text(quota));
        }
        else
        {
            Write("cpu.max", $"{Text(quota)} {Text(PeriodMicroseconds)}");
        }
    }

    /// <summary>Lets the process go; its group goes with it.</summary>
    public void Dispose()
    {
        foreach (string process in File.ReadLines(Path.Combine(_folder, "cgroup.procs")).ToArray())
            File.WriteAllText(Path.Combine(Parent!, "cgroup.procs"), process);
        Directory.Delete(_folder);
    }

    private static BadInputException Refused(string why) =>
        new(Variable, Parent, $"a writable folder of a Linux cgroup with the cpu controller, version 1 or 2 ({why})");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Write(string file, string value) => File.WriteAllText(Path.Combine(_folder, file), value);
}
