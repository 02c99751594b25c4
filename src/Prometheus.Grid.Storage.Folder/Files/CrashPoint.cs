using System.Diagnostics;

namespace Prometheus.Grid.Storage.Folder.Files;

/// <summary>
/// Named moments at which fault tests kill the process, as <c>kill -9</c> would: set <c>GRID_CRASH_AT</c> to a name, or to
/// <c>name:n</c> for the n-th time that the moment comes. Costs one comparison with null when the variable is not set.
/// </summary>
internal static class CrashPoint
{
    public const string AfterStageAppend = "after-stage-append";
    public const string AfterJournal = "after-journal";
    public const string BeforeRenameNpy = "before-rename-npy";
    public const string AfterRenameNpy = "after-rename-npy";
    public const string BeforeCurrent = "before-current";
    public const string AfterCurrent = "after-current";

    /// <summary>Every point, in the order in which a write passes them.</summary>
    public static readonly string[] All = [AfterStageAppend, AfterJournal, BeforeRenameNpy, AfterRenameNpy, BeforeCurrent, AfterCurrent];

    private static readonly string[]? s_wanted = Environment.GetEnvironmentVariable("GRID_CRASH_AT")?.Split(':');
    private static int s_remaining = s_wanted is [_, var count] ? int.Parse(count, null) : 1;

    /// <summary>Ends the process here and now when the test asked for it.</summary>
    public static void Reach(string point)
    {
        if (s_wanted is null || s_wanted[0] != point || Interlocked.Decrement(ref s_remaining) > 0)
            return;
        using var self = Process.GetCurrentProcess();
        self.Kill();
        self.WaitForExit();
    }
}
