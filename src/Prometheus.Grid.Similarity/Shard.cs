using Prometheus.Grid.Similarity.Kernels;
using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity;

/// <summary>Fills rows <paramref name="first"/>, first + 1, … into <paramref name="rows"/>, one after the other. Called from several threads.</summary>
public delegate void RowReader(int first, Span<float> rows);

/// <summary>
/// Rows by ordinal, ready for exact search: the vectors as given and, from the queries on that make them pay, codes a quarter their
/// size. Searches see the rows as they were when they started; writers take turns. Ordinals are small numbers, best 0, 1, 2, …: a table
/// of the largest is kept.
/// </summary>
public sealed class Shard
{
    /// <summary>Rows of a chunk of a shard that is built at once.</summary>
    internal const int BuiltRows = 1 << 14;

    /// <summary>Rows of the first chunk of a shard that grows row by row; later ones are as large as all before, up to <see cref="BuiltRows"/>.</summary>
    private const int FirstRows = ChunkStore.TileRows;

    private readonly Lock _writing = new();
    private readonly IReadOnlyList<int> _dims;
    private volatile Chunk[] _chunks;
    private long[] _places;

    /// <summary>An empty shard.</summary>
    public Shard(RowShape shape) : this(shape, shape.AllDims, [], [])
    {
    }

    private Shard(RowShape shape, IReadOnlyList<int> dims, Chunk[] chunks, long[] places)
    {
        (Shape, _dims, _chunks, _places) = (shape, dims, chunks, places);
    }

    /// <summary>What a row consists of.</summary>
    public RowShape Shape { get; }

    /// <summary>Rows that a search sees.</summary>
    public int Count => _chunks.Sum(chunk => chunk.LiveCount);

    /// <summary>Memory of rows, codes (made yet or not) and the table of ordinals, in bytes.</summary>
    public long Bytes => _chunks.Sum(chunk => chunk.Store.BytesWith(_dims)) + (long)_places.Length * sizeof(long);

    /// <summary>Bytes a row that the first look of a scan reads.</summary>
    internal double CodeBytesPerRow => _dims.Sum(dims => dims / 2.0 + 2 * sizeof(float));

    /// <summary>A shard of rows 0 to count − 1, read in parallel. Coordinates that no row uses are not coded.</summary>
    /// <exception cref="ArgumentException">A row holds NaN or infinity.</exception>
    public static Shard Build(RowShape shape, int count, RowReader read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Of(shape, count, (first, rows) => new ChunkStore(shape, RoundUp(rows), first, rows, read), cancellationToken);
    }

    /// <summary>
    /// A shard of rows that stand one after the other and are used where they are: nobody may change them any more. It needs no memory for
    /// them, where <see cref="Build(RowShape, int, RowReader, CancellationToken)"/> copies.
    /// </summary>
    /// <inheritdoc cref="Build(RowShape, int, RowReader, CancellationToken)"/>
    public static Shard Over(RowShape shape, ReadOnlyMemory<float> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shape);
        CheckLength(shape, rows);
        int dimensions = shape.Dimensions;
        return Of(shape, rows.Length / dimensions, (first, count) => new ChunkStore(shape, RoundUp(count), first, rows.Slice(first * dimensions, count * dimensions)), cancellationToken);
    }

    /// <summary>A shard of chunks whose rows have the ordinals 0, 1, 2, … one chunk after the other.</summary>
    internal static Shard Of(RowShape shape, IReadOnlyList<ChunkStore> stores)
    {
        long[] places = new long[stores.Sum(store => store.ReadRows)];
        int ordinal = 0;
        for (int i = 0; i < stores.Count; i++)
        {
            for (int row = 0; row < stores[i].ReadRows; row++) places[ordinal++] = Place(i, row);
        }
        return new Shard(shape, DimsOf(shape, stores), [.. stores.Select(store => Chunk.Full(store, store.ReadRows))], places);
    }

    private static IReadOnlyList<int> DimsOf(RowShape shape, IReadOnlyList<ChunkStore> stores) => RowShape.CodedDims(
        shape.Parts.Select((_, part) => stores.Count == 0 ? shape.Parts[part] : stores.Max(store => store.UsedDims[part])));

    private static Shard Of(RowShape shape, int count, Func<int, int, ChunkStore> store, CancellationToken cancellationToken)
    {
        var chunks = new Chunk[(count + BuiltRows - 1) / BuiltRows];
        long[] places = new long[count];
        InParallel(chunks.Length, i =>
        {
            int first = i * BuiltRows;
            int rows = Math.Min(BuiltRows, count - first);
            chunks[i] = Chunk.Full(store(first, rows), rows);
            for (int row = 0; row < rows; row++) places[first + row] = Place(i, row);
        }, cancellationToken);
        return new Shard(shape, DimsOf(shape, [.. chunks.Select(chunk => chunk.Store)]), chunks, places);
    }

    /// <summary>A shard of rows that stand one after the other.</summary>
    /// <inheritdoc cref="Build(RowShape, int, RowReader, CancellationToken)"/>
    public static Shard Build(RowShape shape, ReadOnlyMemory<float> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shape);
        CheckLength(shape, rows);
        return Build(shape, rows.Length / shape.Dimensions, (first, target) => rows.Span.Slice(first * shape.Dimensions, target.Length).CopyTo(target), cancellationToken);
    }

    private static void CheckLength(RowShape shape, ReadOnlyMemory<float> rows)
    {
        if (rows.Length % shape.Dimensions != 0)
            throw new ArgumentException($"rows: {rows.Length} numbers; allowed is a multiple of {shape.Dimensions}.", nameof(rows));
    }

    /// <summary>
    /// Makes the codes of all rows now, in parallel. Without this a search makes them, as soon as enough queries have asked for the same
    /// rows; answers are the same.
    /// </summary>
    public void Encode(CancellationToken cancellationToken = default) => Encode(inParallel: true, cancellationToken);

    /// <summary>Makes the codes of all rows now; see <see cref="Encode(CancellationToken)"/>.</summary>
    /// <param name="inParallel">On several threads, or on this one alone.</param>
    /// <param name="cancellationToken">Ends the work between two chunks.</param>
    public void Encode(bool inParallel, CancellationToken cancellationToken = default)
    {
        var chunks = _chunks;
        if (!inParallel)
        {
            foreach (var chunk in chunks)
            {
                cancellationToken.ThrowIfCancellationRequested();
                chunk.Store.Encode(_dims);
            }
            return;
        }
        InParallel(chunks.Length, i => chunks[i].Store.Encode(_dims), cancellationToken);
    }

    /// <summary>Adds a row, or replaces the one of this ordinal; the next search sees it.</summary>
    /// <exception cref="ArgumentException">The row has another length than the shape, or holds NaN or infinity.</exception>
    public void Put(int ordinal, ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        if (row.Length != Shape.Dimensions) throw new ArgumentException($"row: {row.Length} numbers; the shard's rows have {Shape.Dimensions}.", nameof(row));
        if (!double.IsFinite(Exact.NormSquared(row))) throw new ArgumentException("row: holds a value that is not finite; allowed are finite numbers.", nameof(row));
        lock (_writing)
        {
            var chunks = new List<Chunk>(_chunks);
            TakeOut(chunks, ordinal);
            Append(chunks, ordinal, row);
            Publish(chunks);
        }
    }

    /// <summary>Takes a row out; false when there is none.</summary>
    public bool Remove(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        lock (_writing)
        {
            var chunks = new List<Chunk>(_chunks);
            if (!TakeOut(chunks, ordinal)) return false;
            Publish(chunks);
            return true;
        }
    }

    /// <summary>Copies a row as it was given; false when there is none of this ordinal.</summary>
    /// <param name="ordinal">The row.</param>
    /// <param name="row">Receives <see cref="RowShape.Dimensions"/> numbers.</param>
    public unsafe bool TryGetRow(int ordinal, Span<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        lock (_writing)
        {
            if (ordinal >= _places.Length || _places[ordinal] == 0) return false;
            var (index, position) = PlaceOf(_places[ordinal]);
            var store = _chunks[index].Store;
            new ReadOnlySpan<float>(store.Row(position), Shape.Dimensions).CopyTo(row);
            GC.KeepAlive(store);
            return true;
        }
    }

    /// <summary>The rows as they are now, whatever is written later.</summary>
    public FrozenRows Freeze() => new(Shape, _chunks);

    internal ShardSnapshot Snapshot() => new(Shape, _dims, _chunks);

    private bool TakeOut(List<Chunk> chunks, int ordinal)
    {
        if (ordinal >= _places.Length || _places[ordinal] == 0) return false;
        var (index, row) = PlaceOf(_places[ordinal]);
        chunks[index] = chunks[index].Without(row);
        _places[ordinal] = 0;
        return true;
    }

    private unsafe void Append(List<Chunk> chunks, int ordinal, ReadOnlySpan<float> row)
    {
        int last = chunks.Count - 1;
        if (last < 0 || chunks[last].Count == chunks[last].Store.Capacity || chunks[last].Store.HasFixedOrdinals)
        {
            int capacity = Math.Clamp(RoundUp(chunks.Sum(chunk => chunk.Count)), FirstRows, BuiltRows);
            chunks.Add(new Chunk(new ChunkStore(Shape, _dims, capacity), 0, new ulong[capacity / ChunkStore.TileRows]));
            last++;
        }
        var target = chunks[last];
        target.Store.Write(target.Count, ordinal, row);
        chunks[last] = target.Appended();
        if (ordinal >= _places.Length) Array.Resize(ref _places, Math.Max(ordinal + 1, (int)Math.Min(2L * _places.Length, Array.MaxLength)));
        _places[ordinal] = Place(last, target.Count);
    }

    /// <summary>
    /// Shows the chunks to searches. A full chunk that is more than half dead is given up and its rows appended anew, so that
    /// updates for ever cost no more than twice the memory.
    /// </summary>
    private unsafe void Publish(List<Chunk> chunks)
    {
        for (int i = 0; i < chunks.Count; i++)
        {
            var chunk = chunks[i];
            if (chunk.Count < chunk.Store.Capacity && i == chunks.Count - 1 || 2 * chunk.LiveCount >= chunk.Count) continue;
            chunks.RemoveAt(i);
            for (int ordinal = 0; ordinal < _places.Length; ordinal++)
            {
                if (_places[ordinal] != 0 && PlaceOf(_places[ordinal]).Chunk > i) _places[ordinal] -= Place(1, 0) - Place(0, 0);
            }
            for (int row = 0; row < chunk.Count; row++)
            {
                if (chunk.IsLive(row)) Append(chunks, chunk.Store.OrdinalOf(row), new ReadOnlySpan<float>(chunk.Store.Row(row), Shape.Dimensions));
            }
            break;
        }
        _chunks = [.. chunks];
    }

    private static long Place(int chunk, int row) => ((long)chunk << 32 | (uint)row) + 1;

    private static (int Chunk, int Row) PlaceOf(long place) => ((int)(place - 1 >> 32), (int)(place - 1));

    private static int RoundUp(int rows) => (rows + ChunkStore.TileRows - 1) / ChunkStore.TileRows * ChunkStore.TileRows;

    private static void InParallel(int count, Action<int> body, CancellationToken cancellationToken)
    {
        if (count == 1)
        {
            // Spares a command that reads one small partition the start of the parallel library.
            cancellationToken.ThrowIfCancellationRequested();
            body(0);
            return;
        }
        try
        {
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, body);
        }
        catch (AggregateException failures) when (failures.InnerExceptions.Count > 0)
        {
            // The caller gets the error of a row and not that of a thread.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }
}

/// <summary>The rows of a shard at one moment, and how many coordinates of each part are coded.</summary>
internal readonly record struct ShardSnapshot(RowShape Shape, IReadOnlyList<int> Dims, Chunk[] Chunks);
