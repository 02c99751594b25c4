using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Memory;
using ParquetSharp;
using ParquetSharp.Arrow;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Columnar;

/// <summary>Some rows of a columnar file.</summary>
public sealed class ColumnarBlock : IDisposable
{
    private readonly RecordBatch _rows;

    internal ColumnarBlock(RecordBatch rows, IReadOnlyList<Cells> columns) => (_rows, Columns, Count) = (rows, columns, rows.Length);

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>The columns that were asked for, in the order of the question.</summary>
    public IReadOnlyList<Cells> Columns { get; }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}

/// <summary>
/// Reads a Parquet or Arrow file block by block. Strings, dates, numbers of any width, and lists of numbers are read however the file holds them:
/// as dictionaries, with offsets of 64 bits, compressed.
/// </summary>
public sealed class ColumnarReader : IDisposable
{
    private const int RowsOfBlock = 64 * 1024;

    private readonly string _path;
    private readonly ColumnarFormat _format;
    private readonly FileReader? _parquet;
    private readonly ArrowStreamReader? _arrow;
    private readonly Schema _schema;

    /// <summary>Opens a file and reads what it says of its columns.</summary>
    /// <param name="format">Its format.</param>
    /// <param name="file">The file, which can seek unless it is a stream of Arrow; stays its caller's.</param>
    /// <param name="path">For errors.</param>
    /// <exception cref="BadInputException">It is no whole file of the format.</exception>
    public ColumnarReader(ColumnarFormat format, Stream file, string path)
    {
        (_path, _format) = (path, format);
        try
        {
            if (format == ColumnarFormat.Parquet)
            {
                using var reading = ReaderProperties.GetDefaultReaderProperties();
                using var arrow = ArrowReaderProperties.GetDefault();
                arrow.UseThreads = true;
                arrow.BatchSize = RowsOfBlock;
                // Else the whole file would be read ahead.
                arrow.PreBuffer = false;
                _parquet = new FileReader(file, reading, arrow, leaveOpen: true);
                _schema = _parquet.Schema;
            }
            else
            {
                var codecs = new CompressionCodecFactory();
                _arrow = format == ColumnarFormat.Arrow
                    ? new ArrowFileReader(file, MemoryAllocator.Default.Value, codecs, leaveOpen: true)
                    : new ArrowStreamReader(file, MemoryAllocator.Default.Value, codecs, leaveOpen: true);
                // Of a stream without its beginning the library has none.
                _schema = _arrow.Schema ?? throw new InvalidDataException("no schema");
            }
        }
        catch (Exception error) when (IsOfFile(error))
        {
            throw Refused(error);
        }
        Columns = [.. _schema.FieldsList.Select(field => field.Name)];
    }

    /// <summary>The names of the columns, in the order of the file. A name may come twice.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>What the file says of itself beside its rows.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _schema.Metadata ?? new Dictionary<string, string>();

    /// <summary>The rows, in the order of the file; nothing is read of columns that are not asked for.</summary>
    /// <param name="columns">Columns by their places in <see cref="Columns"/>.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>Blocks, which their receiver disposes; other threads may read them.</returns>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public IEnumerable<ColumnarBlock> Blocks(IReadOnlyList<int> columns, CancellationToken cancellationToken)
    {
        using var stream = Opened(columns);
        int[] places = _parquet is null ? [.. columns] : Placed(columns);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Next(stream, columns, places, cancellationToken) is not { } block)
                yield break;
            yield return block;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parquet?.Dispose();
        _arrow?.Dispose();
    }

    private ColumnarBlock? Next(IArrowArrayStream? stream, IReadOnlyList<int> columns, int[] places, CancellationToken cancellationToken)
    {
        try
        {
            // Both read without waiting for anything but the file.
            var rows = stream is null
                ? _arrow!.ReadNextRecordBatch()
                : stream.ReadNextRecordBatchAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
            if (rows is null)
                return null;
            if (places.Any(place => rows.Column(place).Length != rows.Length))
                throw new InvalidDataException("a column is shorter than the file says");
            return new ColumnarBlock(rows, [.. places.Select((place, i) => Cells.Of(rows.Column(place), $"{_path} column {Columns[columns[i]]}"))]);
        }
        catch (Exception error) when (IsOfFile(error))
        {
            throw Refused(error);
        }
    }

    // A column of Parquet is as many as it has leaves.
    private IArrowArrayStream? Opened(IReadOnlyList<int> columns)
    {
        if (_parquet is null)
            return null;
        try
        {
            var root = _parquet.ParquetReader.FileMetaData.Schema;
            int[] leaves = [.. Enumerable.Range(0, root.NumColumns).Where(leaf => columns.Any(column => Columns[column] == TopOf(root, leaf)))];
            return _parquet.GetRecordBatchReader(null, leaves);
        }
        catch (Exception error) when (IsOfFile(error))
        {
            throw Refused(error);
        }
    }

    private static string TopOf(SchemaDescriptor schema, int leaf)
    {
        using var path = schema.Column(leaf).Path;
        return path.ToDotVector()[0];
    }

    // Columns of the stream stand in the order of the file.
    private static int[] Placed(IReadOnlyList<int> columns)
    {
        int[] ordered = [.. columns.Distinct().Order()];
        return [.. columns.Select(column => ordered.IndexOf(column))];
    }

    // Libraries of both formats report a damaged file by whatever they stumble over. A full memory is one of these: sizes are what the file says.
    private static bool IsOfFile(Exception error) => error is not (GridException or OperationCanceledException);

    private BadInputException Refused(Exception error) =>
        new(_path, error.Message, $"a whole {_format} file", error);
}
