using System.Runtime.InteropServices;

namespace Prometheus.Grid.Storage.Folder.Files;

/// <summary>
/// Files that appear whole or not at all, and stay after a power cut: written beside their place, flushed to the disk, renamed, and
/// the rename itself flushed.
/// </summary>
internal static partial class DurableFile
{
    /// <summary>Ends the name of a file that is still being written.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Writes <paramref name="content"/> to <paramref name="path"/>, replacing what is there.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + TemporarySuffix;
        try
        {
            WriteInPlace(temporary, content);
            Publish(temporary, path);
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Writes and flushes a file that no reader knows yet.</summary>
    public static void WriteInPlace(string path, ReadOnlySpan<byte> content)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        RandomAccess.Write(file, content, 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Renames a flushed file to its final name, which may exist, and flushes the folder.</summary>
    public static void Publish(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes a file that may not exist; a failure is left for the next vacuum.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            // Only leftovers are deleted this way, and no reader looks at them.
        }
    }

    /// <summary>Creates a folder and makes it durable, with the parents that had to be created.</summary>
    public static void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
            return;
        string? parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
            CreateDirectory(parent);
        Directory.CreateDirectory(path);
        if (!string.IsNullOrEmpty(parent))
            SyncDirectory(parent);
    }

    /// <summary>Makes renames and deletions in a folder durable. Windows does so by itself.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        // .NET opens no folders as files, so this is the one place that talks to libc.
        int descriptor = Open(path, 0);
        if (descriptor < 0)
            throw new IOException($"cannot open folder {path}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        try
        {
            if (Sync(descriptor) < 0)
                throw new IOException($"cannot flush folder {path}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
