using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Prometheus.Grid.Tests;

/// <summary>A file system of a few megabytes, for tests of a disk that fills up.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Mounts one, or skips the test where that is not allowed.</summary>
    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        string path = Directory.CreateTempSubdirectory("grid-small-disk-").FullName;
        if (OperatingSystem.IsLinux() && await RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", path) == 0)
            return new SmallDisk(path);
        Directory.Delete(path);
        Xunit.Assert.Skip("mounting a small file system needs Linux and root");
        throw new UnreachableException();
    }

    /// <summary>Takes a megabyte away, to be given back.</summary>
    public Task TakeMegabyteAsync() => File.WriteAllBytesAsync(Ballast, new byte[1 << 20], Xunit.TestContext.Current.CancellationToken);

    /// <summary>Gives the megabyte back.</summary>
    public void GiveBack() => File.Delete(Ballast);

    public void Dispose()
    {
        using var unmount = Process.Start("umount", [Path]);
        unmount.WaitForExit();
        Directory.Delete(Path);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(Xunit.TestContext.Current.CancellationToken);
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            return -1;
        }
    }
}
