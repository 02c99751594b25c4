namespace Prometheus.Grid.Similarity;

/// <summary>
/// Memory of up to <see cref="Capacity"/> rows: the vectors as the caller gave them and the codes of their parts. A row is
/// written once, before a <see cref="Chunk"/> shows it.
/// </summary>
internal sealed unsafe class ChunkStore
{
    /// <summary>Rows that a scan bounds at once: one word of a bitmap, four blocks of the head plane.</summary>
    public const int TileRows = 64;

    private readonly AlignedBuffer _rows;
    private readonly AlignedBuffer? _products;
    private readonly int[]? _ordinals;
    private readonly int _firstOrdinal;

    /// <summary>Room for rows with ordinals firstOrdinal, firstOrdinal + 1, …; negative when each row brings its own.</summary>
    public ChunkStore(RowShape shape, IReadOnlyList<Basis> bases, int capacity, int firstOrdinal = -1)
    {
        Shape = shape;
        Capacity = capacity;
        _firstOrdinal = firstOrdinal;
        _rows = new AlignedBuffer((long)capacity * shape.Dimensions * sizeof(float));
        Parts = new PartCodes[bases.Count];
        for (var j = 0; j < Parts.Length; j++) Parts[j] = new PartCodes(bases[j], capacity, bases.Count > 1);
        ProductCount = shape.Fusion == PartFusion.Sum ? Parts.Length * (Parts.Length - 1) / 2 : 0;
        if (ProductCount > 0) _products = new AlignedBuffer((long)capacity * ProductCount * sizeof(float));
        if (firstOrdinal < 0) _ordinals = new int[capacity];
    }

    public RowShape Shape { get; }

    public int Capacity { get; }

    public PartCodes[] Parts { get; }

    /// <summary>Products ⟨c_i, c_j⟩, i below j, that a row stores so that the norm of any sum of its parts is known.</summary>
    public int ProductCount { get; }

    public long Bytes => _rows.Bytes + Parts.Sum(part => part.Bytes) + (_products?.Bytes ?? 0) + (_ordinals?.Length ?? 0) * sizeof(int);

    public float* Row(int row) => (float*)_rows.Pointer + (long)row * Shape.Dimensions;

    public float* Products(int row) => (float*)_products!.Pointer + (long)row * ProductCount;

    public int OrdinalOf(int row) => _ordinals is null ? _firstOrdinal + row : _ordinals[row];

    /// <summary>Rows 64·tile to 64·tile + 63 whose ordinals are in a set, as bits, out of those in <paramref name="candidates"/>.</summary>
    public ulong Within(OrdinalSet set, int tile, ulong candidates)
    {
        if (_ordinals is null && (_firstOrdinal & 63) == 0) return candidates & set.WordAt(_firstOrdinal / 64 + tile);
        var kept = 0UL;
        for (var bits = candidates; bits != 0; bits &= bits - 1)
        {
            var row = tile * TileRows + System.Numerics.BitOperations.TrailingZeroCount(bits);
            if (set.Contains(OrdinalOf(row))) kept |= bits & (~bits + 1);
        }
        return kept;
    }

    /// <summary>True when rows cannot bring ordinals of their own.</summary>
    public bool HasFixedOrdinals => _ordinals is null;

    /// <summary>Reads rows in, without their codes.</summary>
    public void Read(int count, RowReader read)
    {
        // By tiles: a reader is handed what a span can hold, and a source that decodes as it goes works from its cache.
        for (var row = 0; row < count; row += TileRows)
            read(_firstOrdinal + row, new Span<float>(Row(row), Math.Min(TileRows, count - row) * Shape.Dimensions));
    }

    /// <summary>Copies one row in, without its codes.</summary>
    public void SetRow(int row, int ordinal, ReadOnlySpan<float> vector)
    {
        vector.CopyTo(new Span<float>(Row(row), Shape.Dimensions));
        if (_ordinals is not null) _ordinals[row] = ordinal;
    }

    /// <summary>Codes rows that are in place.</summary>
    /// <exception cref="ArgumentException">A row holds NaN or infinity.</exception>
    public void Encode(int first, int count)
    {
        var widest = Parts.Max(part => part.Basis.Dims);
        using var scratch = new Scratch((long)TileRows * widest * sizeof(float) + widest);
        var turned = (float*)scratch.Pointer;
        var codes = (byte*)(turned + (long)TileRows * widest);
        Span<double> norms = stackalloc double[TileRows];
        Span<double> inverses = stackalloc double[TileRows];
        for (var start = first; start < first + count; start += TileRows)
        {
            var rows = Math.Min(TileRows, first + count - start);
            var offset = 0;
            foreach (var part in Parts)
            {
                var dims = part.Basis.SourceDims;
                for (var r = 0; r < rows; r++)
                {
                    norms[r] = Math.Sqrt(Exact.NormSquared(new ReadOnlySpan<float>(Row(start + r) + offset, dims)));
                    if (!double.IsFinite(norms[r]))
                        throw new ArgumentException($"row {OrdinalOf(start + r)} holds a value that is not finite; allowed are finite numbers.");
                    inverses[r] = norms[r] > 0 ? 1 / norms[r] : 0;
                }
                part.Basis.Turn(Row(start) + offset, Shape.Dimensions, rows, inverses, turned);
                for (var r = 0; r < rows; r++) part.Write(start + r, turned + (long)r * part.Basis.Dims, norms[r], codes);
                offset += dims;
            }
            if (ProductCount > 0)
            {
                for (var r = 0; r < rows; r++) WriteProducts(start + r);
            }
        }
    }

    private void WriteProducts(int row)
    {
        var dims = Shape.FusedDimensions;
        var products = Products(row);
        for (var i = 0; i < Parts.Length; i++)
        {
            for (var j = i + 1; j < Parts.Length; j++)
                *products++ = (float)Exact.Dot(new ReadOnlySpan<float>(Row(row) + i * dims, dims), new ReadOnlySpan<float>(Row(row) + j * dims, dims));
        }
    }
}
