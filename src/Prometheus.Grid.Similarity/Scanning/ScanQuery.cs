using Prometheus.Grid.Similarity.Kernels;
using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity.Scanning;

/// <summary>Constants of one part of a query in the bounds of a scan.</summary>
internal unsafe struct PartQuery
{
    /// <summary>Codes of the query's part, as many as the rows' part has.</summary>
    public sbyte* Codes;

    /// <summary>How much this part counts in the numerator: factor × ‖query part‖ / ‖query‖; 0 skips the part.</summary>
    public float Weight;

    /// <summary>factor², the part's share in the norm of a fused row.</summary>
    public float FactorSquared;

    // First look: cosine ≤ scale·(HighSlope·sum + HighOffset) + ErrorSlope·highError + Constant.
    public float HighSlope, HighOffset;

    // Second look: cosine ≤ scale·(Slope·sum + Offset) + ErrorSlope·error + Constant.
    public float Slope, Offset;

    public float ErrorSlope, Constant;
}

/// <summary>A query made ready for shards of one shape: coded, with every constant of the bounds. Reused.</summary>
internal sealed unsafe class ScanQuery : IDisposable
{
    /// <summary>
    /// What the float32 arithmetic of a bound may lose, as a share of the terms that it adds: about ten roundings of 2⁻²⁴.
    /// </summary>
    private const double Rounding = 1e-6;

    private Scratch? _memory;
    private long _capacity;

    public PartQuery[] Parts { get; private set; } = new PartQuery[1];

    /// <summary>The target in double precision.</summary>
    public double* Target { get; private set; }

    /// <summary>The target's direction in float32, filled up with zeros to a multiple of 64 coordinates; for rows of one part.</summary>
    public float* Direction { get; private set; }

    /// <summary>‖target‖².</summary>
    public double TargetSquared { get; private set; }

    /// <summary>Factor of each part.</summary>
    public double[] Factors { get; private set; } = new double[1];

    /// <summary>True when rows have one part: the plain cosine of the stored row.</summary>
    public bool IsPlain { get; private set; }

    public RowShape Shape { get; private set; } = null!;

    /// <summary>Coordinates of each part that are coded.</summary>
    public IReadOnlyList<int> Dims { get; private set; } = [];

    public void Prepare(RowShape shape, IReadOnlyList<int> dims, IReadOnlyList<double>? factors, VectorQuery query)
    {
        (Shape, Dims, IsPlain) = (shape, dims, dims.Count == 1);
        int parts = dims.Count;
        if (Parts.Length != parts) (Parts, Factors) = (new PartQuery[parts], new double[parts]);
        int fused = shape.FusedDimensions;
        long codeBytes = 0L;
        for (int j = 0; j < parts; j++) codeBytes += dims[j];
        Reserve(fused * (sizeof(double) + sizeof(float)) + codeBytes);
        Target = (double*)_memory!.Pointer;
        Direction = (float*)(Target + fused);
        sbyte* codes = (sbyte*)(Direction + fused);

        var vector = query.Vector.Span;
        TargetSquared = Exact.NormSquared(vector);
        double inverse = TargetSquared > 0 ? 1 / Math.Sqrt(TargetSquared) : 0;
        for (int d = 0; d < vector.Length; d++)
        {
            Target[d] = vector[d];
            Direction[d] = (float)(Target[d] * inverse);
        }
        for (int j = 0, offset = 0; j < parts; j++)
        {
            Factors[j] = factors is null || parts == 1 ? 1 : factors[j];
            int count = shape.Parts[j];
            int start = shape.Fusion == PartFusion.Sum ? 0 : offset;
            double norm = Math.Sqrt(Exact.NormSquared(vector.Slice(start, count)));
            Code(ref Parts[j], Target + start, count, norm, codes, dims[j]);
            Parts[j].Weight = (float)(Factors[j] * norm * inverse);
            Parts[j].FactorSquared = (float)(Factors[j] * Factors[j]);
            codes += dims[j];
            offset += count;
        }
    }

    /// <summary>
    /// With p the query's direction, p̂ its code, u a row and û its code: p·u = p̂·û + (p − p̂)·û + p·(u − û), so
    /// p·u ≤ p̂·û + ‖p − p̂‖(1 + ‖u − û‖) + ‖p‖‖u − û‖, with the rounding error of either look for u − û. Where rows are not coded, û is 0,
    /// so that only the coded coordinates of p need a code.
    /// </summary>
    private static void Code(ref PartQuery part, double* values, int count, double norm, sbyte* codes, int dims)
    {
        double inverse = norm > 0 ? 1 / norm : 0;
        int coded = Math.Min(count, dims);
        double largest = 0.0;
        for (int d = 0; d < coded; d++) largest = Math.Max(largest, Math.Abs(values[d]));
        double scale = largest * inverse / 127;
        double toCode = scale > 0 ? inverse / scale : 0;
        int sum = 0, absolute = 0;
        double squared = 0.0;
        for (int d = 0; d < coded; d++)
        {
            int code = Math.Clamp((int)Math.Round(values[d] * toCode), -127, 127);
            codes[d] = (sbyte)code;
            double gap = values[d] * inverse - code * scale;
            sum += code;
            absolute += Math.Abs(code);
            squared += gap * gap;
        }
        for (int d = coded; d < dims; d++) codes[d] = 0;
        double error = Math.Sqrt(squared);
        double slack = Rounding * scale * 256 * absolute;

        part.Codes = codes;
        part.HighSlope = (float)(16 * scale);
        part.HighOffset = (float)(-120.5 * scale * sum + slack);
        part.Slope = (float)scale;
        part.Offset = (float)(-128 * scale * sum + slack);
        part.ErrorSlope = (float)((1 + error) * (1 + Rounding));
        part.Constant = (float)(error + Rounding * 4);
    }

    private void Reserve(long bytes)
    {
        if (bytes <= _capacity) return;
        _memory?.Dispose();
        _memory = new Scratch(bytes);
        _capacity = bytes;
    }

    public void Dispose() => _memory?.Dispose();
}
