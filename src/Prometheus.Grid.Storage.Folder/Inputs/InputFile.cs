using System.Globalization;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>Tells whether a file may have changed without reading it.</summary>
/// <param name="Name">File name without folder.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedTicks">Time of the last change, in UTC ticks.</param>
internal readonly record struct FileStamp(string Name, long Length, long ModifiedTicks)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Length}:{ModifiedTicks}");
}

/// <summary>An input table of the data folder: NAME.csv or NAME.csv.gz, whichever exists.</summary>
internal sealed class InputFile(string folder, string table)
{
    // Small tables are read to their end at once; large reads spare system calls.
    private const int BufferSize = 128 * 1024;

    // Unless told so, .NET takes an archive that was cut off for one that ended (documented with GZipStream); a short table is the last
    // thing to accept in silence. The switch holds for the whole process and is off only for compatibility.
    static InputFile() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>The path for messages: that of the plain file when neither exists.</summary>
    public string Path => Find() ?? Plain;

    private string Plain => System.IO.Path.Combine(folder, table + ".csv");

    private string Compressed => Plain + ".gz";

    /// <summary>True when there is such a table.</summary>
    public bool Exists => Find() is not null;

    /// <summary>The stamp of the file as it is now; null when there is none.</summary>
    public FileStamp? Stamp()
    {
        if (Find() is not { } path)
            return null;
        using var file = OpenHandle(path);
        return StampOf(file, path);
    }

    /// <summary>Opens the file as it is on disk, compressed or not.</summary>
    /// <exception cref="BadInputException">There is no such file.</exception>
    public FileStream OpenRaw(out FileStamp stamp)
    {
        string path = Find()
            ?? throw new BadInputException(Plain, "missing", $"{table}.csv or {table}.csv.gz as docs/data-folder.md describes it");
        var handle = OpenHandle(path);
        stamp = StampOf(handle, path);
        return new FileStream(handle, FileAccess.Read, BufferSize);
    }

    /// <summary>The text of a raw file.</summary>
    public static Stream Decompress(FileStream raw) =>
        raw.Name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw;

    private string? Find()
    {
        bool plain = File.Exists(Plain), compressed = File.Exists(Compressed);
        if (plain && compressed)
            throw new BadInputException(Plain, "both plain and .gz", "one of the two, so that it is clear which one counts");
        return plain ? Plain : compressed ? Compressed : null;
    }

    private static SafeFileHandle OpenHandle(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (Exception error) when (StorageFault.IsFileError(error))
        {
            throw StorageFault.From($"cannot read {path}", error);
        }
    }

    // Asked of the open file, not of its path: that follows links and cannot be raced.
    private static FileStamp StampOf(SafeFileHandle file, string path) =>
        new(System.IO.Path.GetFileName(path), RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks);
}
