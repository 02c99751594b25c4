using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity.Rows;

/// <summary>
/// Memory of up to <see cref="Capacity"/> rows: the vectors as the caller gave them and, once they pay, their codes. A row is written once,
/// before a <see cref="Chunk"/> shows it.
/// </summary>
internal sealed unsafe class ChunkStore
{
    /// <summary>Rows that a scan bounds at once: one word of a bitmap, four blocks of high nibbles.</summary>
    public const int TileRows = 64;

    /// <summary>
    /// Queries that compare the vectors themselves before codes are made: coding a row costs about as much, and a command that asks one
    /// question is over before it would have paid.
    /// </summary>
    public const int UncodedQueries = 16;

    // One of them: memory of our own, or the caller's.
    private readonly AlignedBuffer? _own;
    private readonly PinnedRows? _given;
    private readonly float* _rows;
    private readonly int[]? _ordinals;
    private readonly int _firstOrdinal;
    private int _readRows;
    private volatile ChunkCodes? _codes;
    private int _queries, _isCoding;

    /// <summary>Rows with ordinals firstOrdinal, firstOrdinal + 1, …, read at once and coded later.</summary>
    /// <exception cref="ArgumentException">A row holds NaN or infinity.</exception>
    public ChunkStore(RowShape shape, int capacity, int firstOrdinal, int count, RowReader read) : this(shape, capacity)
    {
        (_firstOrdinal, _readRows) = (firstOrdinal, count);
        // By tiles: a reader is handed what a span can hold, and a source that decodes as it goes works from its cache.
        for (int row = 0; row < count; row += TileRows)
        {
            int rows = Math.Min(TileRows, count - row);
            read(firstOrdinal + row, new Span<float>(Row(row), rows * shape.Dimensions));
            for (int r = row; r < row + rows; r++) LookAt(r);
        }
    }

    /// <summary>Room for rows with ordinals firstOrdinal, firstOrdinal + 1, … that are written one after the other, and coded later.</summary>
    public ChunkStore(RowShape shape, int capacity, int firstOrdinal) : this(shape, capacity) => _firstOrdinal = firstOrdinal;

    /// <summary>Rows with ordinals firstOrdinal, firstOrdinal + 1, …, used where they are and coded later.</summary>
    /// <exception cref="ArgumentException">A row holds NaN or infinity.</exception>
    public ChunkStore(RowShape shape, int capacity, int firstOrdinal, ReadOnlyMemory<float> rows)
    {
        (Shape, Capacity, UsedDims) = (shape, capacity, new int[shape.Parts.Count]);
        _given = new PinnedRows(rows);
        _rows = _given.Pointer;
        (_firstOrdinal, _readRows) = (firstOrdinal, rows.Length / shape.Dimensions);
        for (int row = 0; row < _readRows; row++) LookAt(row);
    }

    /// <summary>Room for rows that come one by one with ordinals of their own, and are coded as they come.</summary>
    public ChunkStore(RowShape shape, IReadOnlyList<int> dims, int capacity) : this(shape, capacity)
    {
        _ordinals = new int[capacity];
        _codes = new ChunkCodes(shape, dims, capacity);
    }

    private ChunkStore(RowShape shape, int capacity)
    {
        (Shape, Capacity) = (shape, capacity);
        _own = new AlignedBuffer((long)capacity * shape.Dimensions * sizeof(float));
        _rows = (float*)_own.Pointer;
        UsedDims = new int[shape.Parts.Count];
    }

    public RowShape Shape { get; }

    public int Capacity { get; }

    /// <summary>True when rows cannot bring ordinals of their own.</summary>
    public bool HasFixedOrdinals => _ordinals is null;

    /// <summary>Coordinates of each part up to the last that is not zero in all rows that were read.</summary>
    public int[] UsedDims { get; }

    public float* Row(int row) => _rows + (long)row * Shape.Dimensions;

    public int OrdinalOf(int row) => _ordinals is null ? _firstOrdinal + row : _ordinals[row];

    /// <summary>Memory in bytes, with codes whether they are made yet or not.</summary>
    public long BytesWith(IReadOnlyList<int> dims) => (_own?.Bytes ?? _given!.Bytes) + ChunkCodes.BytesOf(Shape, dims, Capacity) + (_ordinals?.Length ?? 0) * sizeof(int);

    /// <summary>Rows 64·tile to 64·tile + 63 whose ordinals are in a set, as bits, out of those in <paramref name="candidates"/>.</summary>
    public ulong Within(OrdinalSet set, int tile, ulong candidates)
    {
        if (_ordinals is null && (_firstOrdinal & 63) == 0) return candidates & set.WordAt(_firstOrdinal / 64 + tile);
        ulong kept = 0UL;
        for (ulong bits = candidates; bits != 0; bits &= bits - 1)
        {
            int row = tile * TileRows + System.Numerics.BitOperations.TrailingZeroCount(bits);
            if (set.Contains(OrdinalOf(row))) kept |= bits & (~bits + 1);
        }
        return kept;
    }

    /// <summary>Counts queries that are about to scan these rows.</summary>
    public void Expect(int queries)
    {
        if (_codes is null) Interlocked.Add(ref _queries, queries);
    }

    /// <summary>The codes; null while they do not pay yet or another thread is making them: the vectors are there in either case.</summary>
    /// <param name="dims">Coordinates to code of each part.</param>
    public ChunkCodes? Codes(IReadOnlyList<int> dims)
    {
        if (_codes is null && Volatile.Read(ref _queries) > UncodedQueries) Encode(dims);
        return _codes;
    }

    /// <summary>Makes the codes, unless they are there or being made.</summary>
    public void Encode(IReadOnlyList<int> dims)
    {
        if (_codes is not null || Interlocked.Exchange(ref _isCoding, 1) != 0) return;
        var codes = new ChunkCodes(Shape, dims, Capacity);
        codes.Encode(this, 0, _readRows);
        _codes = codes;
    }

    /// <summary>Rows that were read at once.</summary>
    public int ReadRows => _readRows;

    /// <summary>Takes the row behind the last one, which its writer has finished.</summary>
    /// <exception cref="ArgumentException">It holds NaN or infinity.</exception>
    public void Take() => LookAt(_readRows++);

    /// <summary>Writes one row and its codes into a store of rows that come one by one.</summary>
    public void Write(int row, int ordinal, ReadOnlySpan<float> vector)
    {
        vector.CopyTo(new Span<float>(Row(row), Shape.Dimensions));
        _ordinals![row] = ordinal;
        _codes!.Encode(this, row, 1);
    }

    /// <summary>Refuses a row that is not finite, and notes which coordinates it uses.</summary>
    private void LookAt(int row)
    {
        if (!double.IsFinite(Exact.NormSquared(new ReadOnlySpan<float>(Row(row), Shape.Dimensions))))
            throw new ArgumentException($"row {OrdinalOf(row)} holds a value that is not finite; allowed are finite numbers.");
        float* part = Row(row);
        for (int j = 0; j < UsedDims.Length; part += Shape.Parts[j++])
        {
            var unused = new ReadOnlySpan<int>(part + UsedDims[j], Shape.Parts[j] - UsedDims[j]);
            UsedDims[j] += unused.LastIndexOfAnyExcept(0) + 1;
        }
    }
}
