using Apache.Arrow;
using Apache.Arrow.Ipc;
using ParquetSharp;
using ParquetSharp.Arrow;

namespace Prometheus.Grid.Columnar;

/// <summary>
/// Writes a table to a Parquet or Arrow file or a stream of Arrow, row by row, with no more than a block in memory. The same rows make the same bytes. Blocks become
/// the row groups of a Parquet file and the record batches of an Arrow file. One thread at a time; one that writes behind owns the stream until <see cref="Complete"/> or
/// <see cref="Dispose"/> has returned, and holds two blocks.
/// </summary>
public sealed class ColumnarWriter : IDisposable
{
    // Large enough that what a block costs beside its rows does not count, small enough to stay out of a budget for memory.
    private const int BlockBytes = 16 << 20;
    private const int MostRows = 128 * 1024;

    // Encoders that take a page at a time find it in the second-level cache.
    private const int PageBytes = 256 * 1024;

    private readonly Schema _schema;
    private readonly int _rowsOfBlock;
    private readonly IBlockFile _file;

    // A block's cells stay in their builders until it is written: while one set is on its way into the file, the other is filled.
    private ColumnBuilder[] _filling;
    private ColumnBuilder[]? _spare;
    private Task _underWay = Task.CompletedTask;
    private int _rows;

    /// <summary>Begins a file.</summary>
    /// <param name="format">Its format.</param>
    /// <param name="file">Where it goes; stays its caller's, who may use it after <see cref="Complete"/>.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="metadata">What the file says of itself beside its rows.</param>
    /// <param name="writesBehind">
    /// Whether a block is encoded and written on another thread while the next is filled. What the stream throws then comes from a later <see cref="Write"/> or from <see cref="Complete"/>.
    /// </param>
    public ColumnarWriter(ColumnarFormat format, Stream file, IReadOnlyList<Column> columns, IReadOnlyDictionary<string, string> metadata, bool writesBehind = false)
    {
        _rowsOfBlock = Math.Clamp(BlockBytes / columns.Sum(column => column.Width), 1, MostRows);
        _filling = BuildersOf(columns, _rowsOfBlock);
        _spare = writesBehind ? BuildersOf(columns, _rowsOfBlock) : null;
        _schema = new Schema(columns.Select(column => column.ToField()), metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal));
        _file = format == ColumnarFormat.Parquet ? new ParquetBlocks(file, _schema, columns) : new ArrowBlocks(format == ColumnarFormat.Arrow ? new ArrowFileWriter(file, _schema, leaveOpen: true) : new ArrowStreamWriter(file, _schema, leaveOpen: true));
    }

    /// <summary>Adds a row.</summary>
    /// <param name="cells">
    /// A cell a column: a string, <see cref="DateOnly"/>, <see cref="int"/>, <see cref="double"/> or <see cref="ReadOnlyMemory{T}"/> of
    /// <see cref="float"/> as the column is of, or null where there is none.
    /// </param>
    /// <exception cref="ArgumentException">There are more or fewer cells than columns.</exception>
    public void Write(params ReadOnlySpan<object?> cells)
    {
        if (cells.Length != _filling.Length)
            throw new ArgumentException($"{cells.Length} cells under {_filling.Length} columns", nameof(cells));
        for (int i = 0; i < cells.Length; i++)
            _filling[i].Add(cells[i]);
        if (++_rows == _rowsOfBlock)
            WriteBlock();
    }

    /// <summary>Writes what is left and the end of the file. A file without it is no whole one.</summary>
    public void Complete()
    {
        if (_rows > 0)
            WriteBlock();
        _underWay.GetAwaiter().GetResult();
        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Whoever disposes of a writer without completing it is on the way out with an error; how the last block fared is no longer asked.
        Task.WaitAny(_underWay);
        _file.Dispose();
    }

    private static ColumnBuilder[] BuildersOf(IReadOnlyList<Column> columns, int rows) => [.. columns.Select(column => ColumnBuilder.Of(column, rows))];

    private void WriteBlock()
    {
        // The block before has left its builders, and what its writing threw is thrown here.
        _underWay.GetAwaiter().GetResult();
        var block = new RecordBatch(_schema, _filling.Select(builder => builder.Take()), _rows);
        _rows = 0;
        if (_spare is null)
        {
            WriteToFile(block);
            return;
        }
        (_filling, _spare) = (_spare, _filling);
        _underWay = Task.Run(() => WriteToFile(block));
    }

    private void WriteToFile(RecordBatch block)
    {
        using (block)
            _file.Write(block);
    }

    private interface IBlockFile : IDisposable
    {
        void Write(RecordBatch block);

        void Complete();
    }

    private sealed class ArrowBlocks(ArrowStreamWriter writer) : IBlockFile
    {
        private bool _isBegun;

        public void Write(RecordBatch block)
        {
            writer.WriteRecordBatch(block);
            _isBegun = true;
        }

        public void Complete()
        {
            if (!_isBegun)
                writer.WriteStart();
            writer.WriteEnd();
        }

        public void Dispose() => writer.Dispose();
    }

    private sealed class ParquetBlocks : IBlockFile
    {
        private readonly FaultKeepingStream _stream;
        private readonly FileWriter _writer;

        public ParquetBlocks(Stream file, Schema schema, IReadOnlyList<Column> columns)
        {
            _stream = new FaultKeepingStream(file);
            using var properties = PropertiesOf(columns);
            using var arrow = new ArrowWriterPropertiesBuilder();
            // Parquet's lists have no size of their own; with the schema of Arrow beside it, Arrow's readers know it.
            using var arrowProperties = arrow.StoreSchema().Build();
            _writer = new FileWriter(_stream, schema, properties, arrowProperties, leaveOpen: true);
        }

        public void Write(RecordBatch block) => _stream.Run(() => _writer.WriteRecordBatch(block, block.Length));

        public void Complete() => _stream.Run(_writer.Close);

        // The library would give a file that is not complete an end on its disposal.
        public void Dispose()
        {
            _stream.Stop();
            _writer.Dispose();
        }

        private static WriterProperties PropertiesOf(IReadOnlyList<Column> columns)
        {
            using var builder = new WriterPropertiesBuilder();
            builder.Compression(Compression.Snappy).DataPagesize(PageBytes);
            foreach (var column in columns.Where(column => column.Kind == CellKind.Vector))
            {
                // Hardly two numbers of a vector are equal, so neither a dictionary nor a compressor finds anything; nobody filters by their range.
                string leaf = $"{column.Name}.list.element";
                builder.Compression(leaf, Compression.Uncompressed).DisableDictionary(leaf).DisableStatistics(leaf);
            }
            return builder.Build();
        }
    }
}
