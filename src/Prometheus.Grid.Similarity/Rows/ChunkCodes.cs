using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity.Rows;

/// <summary>What a scan reads of a chunk instead of its vectors: the codes of each part, and the products of parts that are added.</summary>
internal sealed unsafe class ChunkCodes
{
    private readonly RowShape _shape;
    private readonly int _capacity;
    private readonly AlignedBuffer? _pairs;

    /// <param name="shape">What a row consists of.</param>
    /// <param name="dims">Coordinates to code of each part.</param>
    /// <param name="capacity">Rows, a multiple of 64.</param>
    public ChunkCodes(RowShape shape, IReadOnlyList<int> dims, int capacity)
    {
        (_shape, _capacity) = (shape, capacity);
        Parts = new PartCodes[dims.Count];
        for (int j = 0; j < Parts.Length; j++) Parts[j] = new PartCodes(dims[j], capacity, Parts.Length > 1);
        Pairs = PairsOf(shape);
        if (Pairs.Length > 0) _pairs = new AlignedBuffer(PairBytes(shape, capacity));
    }

    public PartCodes[] Parts { get; }

    /// <summary>Every two parts that are added, the first below the second.</summary>
    public (int First, int Second)[] Pairs { get; }

    /// <summary>⟨c_i, c_j⟩ of a pair's parts, row by row: with it the norm of any sum of the parts is known.</summary>
    public float* Product(int pair) => (float*)_pairs!.Pointer + (2L * pair * _capacity);

    /// <summary>
    /// ⟨u_i − û′_i, u_j − û′_j⟩ of a pair's parts, row by row: with it the norm of any sum of what the first look hides is known. It is near 0, while the sum of
    /// the norms, which needs nothing stored, is larger by a third for shares of 0.7, 0.2 and 0.1.
    /// </summary>
    public float* HighErrorProduct(int pair) => Product(pair) + _capacity;

    public static long BytesOf(RowShape shape, IReadOnlyList<int> dims, int capacity) =>
        dims.Sum(part => PartCodes.BytesOf(part, capacity, dims.Count > 1)) + PairBytes(shape, capacity);

    /// <summary>
    /// Asks for what the bounds of a tile need beside its codes, while those are summed: three parts have eighteen arrays, more than the hardware follows. Without
    /// it the bounds of three parts take as long as all of their sums.
    /// </summary>
    public void PrefetchTile(int first)
    {
        foreach (var part in Parts)
        {
            PrefetchTile(part.Scale + first);
            PrefetchTile(part.HighError + first);
            PrefetchTile(part.Error + first);
            PrefetchTile(part.Norm + first);
        }
        for (int pair = 0; pair < Pairs.Length; pair++)
        {
            PrefetchTile(Product(pair) + first);
            PrefetchTile(HighErrorProduct(pair) + first);
        }
    }

    private static void PrefetchTile(float* values) => Prefetch.Lines((byte*)values, ChunkStore.TileRows * sizeof(float));

    /// <summary>Codes rows first to first + count − 1 of a store.</summary>
    public void Encode(ChunkStore store, int first, int count)
    {
        int widest = Parts.Max(part => part.Dims) * (sizeof(float) + 1);
        using var scratch = new Scratch(widest + ((long)Parts.Length * _shape.FusedDimensions * sizeof(float)));
        float* errors = (float*)(scratch.Pointer + widest);
        for (int row = first; row < first + count; row++)
        {
            float* part = store.Row(row);
            for (int j = 0; j < Parts.Length; j++)
            {
                Parts[j].Write(row, part, _shape.Parts[j], (float*)scratch.Pointer);
                if (Pairs.Length > 0) Parts[j].HighErrors(row, part, _shape.Parts[j], (float*)scratch.Pointer, errors + (j * _shape.FusedDimensions));
                part += _shape.Parts[j];
            }
            if (Pairs.Length > 0) WriteProducts(row, store.Row(row), errors);
        }
    }

    private void WriteProducts(int row, float* parts, float* errors)
    {
        int dims = _shape.FusedDimensions;
        for (int pair = 0; pair < Pairs.Length; pair++)
        {
            var (i, j) = Pairs[pair];
            Product(pair)[row] = (float)Dot(parts, i, j, dims);
            HighErrorProduct(pair)[row] = (float)Dot(errors, i, j, dims);
        }
    }

    private static double Dot(float* vectors, int i, int j, int dims) =>
        Exact.Dot(new ReadOnlySpan<float>(vectors + i * dims, dims), new ReadOnlySpan<float>(vectors + j * dims, dims));

    private static long PairBytes(RowShape shape, int capacity) => PairsOf(shape).Length * 2L * capacity * sizeof(float);

    private static (int, int)[] PairsOf(RowShape shape) => shape.Fusion != PartFusion.Sum
        ? []
        : [.. from j in Enumerable.Range(0, shape.Parts.Count) from i in Enumerable.Range(0, j) select (i, j)];
}
