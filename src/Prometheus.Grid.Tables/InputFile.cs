using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>Tells whether a file may have changed without reading it.</summary>
/// <param name="Name">File name without folder.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedTicks">Time of the last change, in UTC ticks.</param>
internal readonly record struct FileStamp(string Name, long Length, long ModifiedTicks)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Length}:{ModifiedTicks}");
}

/// <summary>
/// A file with a table: an input table of a folder, or a file that the user names. It is text, gzipped where its name ends in .gz, unless its
/// name ends as those of columnar files do.
/// </summary>
internal sealed class InputFile
{
    private readonly Func<string?> _find;
    private readonly Func<GridException> _missing;
    private readonly string _named;

    /// <summary>An input table of a folder: NAME.csv, NAME.csv.gz or NAME.parquet, whichever exists.</summary>
    public InputFile(string folder, string table)
    {
        string plain = System.IO.Path.Combine(folder, table + ".csv");
        string[] forms = [plain, plain + ".gz", System.IO.Path.Combine(folder, table + ColumnarFormats.ParquetEnding)];
        _named = plain;
        _find = () => forms.Where(File.Exists).ToArray() switch
        {
            [] => null,
            [var single] => single,
            [var first, var second, ..] => throw new BadInputException(first, $"beside {System.IO.Path.GetFileName(second)}", "one of the two, so that it is clear which one counts"),
        };
        _missing = () => new BadInputException(plain, "missing", $"{table}.csv, {table}.csv.gz or {table}.parquet as docs/data-folder.md describes it{Instead(folder, table)}");
    }

    /// <summary>A file that the user names.</summary>
    public InputFile(string path)
    {
        _named = path;
        _find = () => File.Exists(path) ? path : null;
        _missing = () => new NotFoundException("file", path);
    }

    /// <summary>The path for messages: that of the plain file when neither exists.</summary>
    public string Path => _find() ?? _named;

    /// <summary>True when there is such a file.</summary>
    public bool Exists => _find() is not null;

    /// <summary>The stamp of the file as it is now; null when there is none.</summary>
    public FileStamp? Stamp()
    {
        if (_find() is not { } path)
            return null;
        using var file = OpenHandle(path);
        return StampOf(file, path);
    }

    /// <summary>Opens the file as it is on disk, compressed or not.</summary>
    /// <exception cref="GridException">There is no such file.</exception>
    public SafeFileHandle OpenRaw(out FileStamp stamp)
    {
        string path = _find() ?? throw _missing();
        var handle = OpenHandle(path);
        stamp = StampOf(handle, path);
        return handle;
    }

    /// <summary>The text of an open file. The handle stays its caller's, who may read it meanwhile and disposes it afterwards.</summary>
    /// <exception cref="BadInputException">It is an archive, and its name does not say so, or the other way round.</exception>
    public static Stream Text(SafeFileHandle raw, string path)
    {
        Span<byte> start = stackalloc byte[4];
        start = start[..RandomAccess.Read(raw, start, 0)];
        bool isGzip = start.StartsWith<byte>([0x1F, 0x8B]);
        if (start.StartsWith("PK\u0003\u0004"u8))
            throw new BadInputException(path, "a zip archive or a spreadsheet", "CSV text, or CSV text in a gzip file whose name ends in .gz");
        bool isNamedGzip = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        if (isGzip && !isNamedGzip)
            throw new BadInputException(path, "a gzip file", "CSV text; the name of a gzip file ends in .gz");
        if (isNamedGzip && !isGzip && start.Length > 0)
            throw new BadInputException(path, "not a gzip file", "a whole gzip file; without compression the name ends in .csv");
        return isNamedGzip ? new WholeGzip(raw, path) : new FileBytes(raw);
    }

    // Names that differ by case or by the kind of archive are what people look for longest.
    private static string Instead(string folder, string table)
    {
        string[] near = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Select(System.IO.Path.GetFileName).OfType<string>().Where(name => name.StartsWith(table + ".", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)]
            : [];
        return near.Length == 0 ? "" : $"; the folder has {string.Join(", ", near)}";
    }

    private static SafeFileHandle OpenHandle(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From($"cannot read {path}", error);
        }
    }

    // Asked of the open file, not of its path: that follows links and cannot be raced.
    private static FileStamp StampOf(SafeFileHandle file, string path) =>
        new(System.IO.Path.GetFileName(path), RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks);
}
