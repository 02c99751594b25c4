namespace Prometheus.Grid.Similarity;

/// <summary>What a scan reads of a chunk instead of its vectors: the codes of each part, and the products of parts that are added.</summary>
internal sealed unsafe class ChunkCodes
{
    private readonly RowShape _shape;
    private readonly AlignedBuffer? _products;

    /// <param name="shape">What a row consists of.</param>
    /// <param name="dims">Coordinates to code of each part.</param>
    /// <param name="capacity">Rows, a multiple of 64.</param>
    public ChunkCodes(RowShape shape, IReadOnlyList<int> dims, int capacity)
    {
        _shape = shape;
        Parts = new PartCodes[dims.Count];
        for (var j = 0; j < Parts.Length; j++) Parts[j] = new PartCodes(dims[j], capacity, Parts.Length > 1);
        ProductCount = ProductsOf(shape);
        if (ProductCount > 0) _products = new AlignedBuffer((long)capacity * ProductCount * sizeof(float));
    }

    public PartCodes[] Parts { get; }

    /// <summary>Products ⟨c_i, c_j⟩, i below j, that a row stores so that the norm of any sum of its parts is known.</summary>
    public int ProductCount { get; }

    public float* Products(int row) => (float*)_products!.Pointer + (long)row * ProductCount;

    public static long BytesOf(RowShape shape, IReadOnlyList<int> dims, int capacity) =>
        dims.Sum(part => PartCodes.BytesOf(part, capacity, dims.Count > 1)) + (long)capacity * ProductsOf(shape) * sizeof(float);

    /// <summary>Codes rows first to first + count − 1 of a store.</summary>
    public void Encode(ChunkStore store, int first, int count)
    {
        using var scratch = new Scratch(Parts.Max(part => part.Dims) * (sizeof(float) + 1));
        for (var row = first; row < first + count; row++)
        {
            var part = store.Row(row);
            for (var j = 0; j < Parts.Length; j++)
            {
                Parts[j].Write(row, part, _shape.Parts[j], (float*)scratch.Pointer);
                part += _shape.Parts[j];
            }
            if (ProductCount > 0) WriteProducts(store.Row(row), Products(row));
        }
    }

    private void WriteProducts(float* row, float* products)
    {
        var dims = _shape.FusedDimensions;
        for (var i = 0; i < Parts.Length; i++)
        {
            for (var j = i + 1; j < Parts.Length; j++)
                *products++ = (float)Exact.Dot(new ReadOnlySpan<float>(row + i * dims, dims), new ReadOnlySpan<float>(row + j * dims, dims));
        }
    }

    private static int ProductsOf(RowShape shape) => shape.Fusion == PartFusion.Sum ? shape.Parts.Count * (shape.Parts.Count - 1) / 2 : 0;
}
