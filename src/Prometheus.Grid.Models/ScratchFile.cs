namespace Prometheus.Grid.Models;

/// <summary>Room on the disk that is gone with its stream, also when the process is killed.</summary>
internal static class ScratchFile
{
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static FileStream Create(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Path.GetRandomFileName());
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 1 << 16, FileOptions.DeleteOnClose);
        // Windows deletes with the handle whatever becomes of the process; elsewhere a file without a name does.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return stream;
    }
}
