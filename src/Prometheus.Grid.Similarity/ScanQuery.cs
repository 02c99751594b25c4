namespace Prometheus.Grid.Similarity;

/// <summary>Constants of one part of a query in the bounds of a scan.</summary>
internal unsafe struct PartQuery
{
    /// <summary>Codes of the query's part, turned by the basis; Basis.Dims of them.</summary>
    public sbyte* Codes;

    /// <summary>How much this part counts in the numerator: factor × ‖query part‖ / ‖query‖; 0 skips the part.</summary>
    public float Weight;

    /// <summary>factor², the part's share in the norm of a fused row.</summary>
    public float FactorSquared;

    // First look: cosine ≤ scale·(HeadSlope·sum + HeadOffset) + HeadErrorSlope·headError + TailSlope·tail + HeadConstant.
    public float HeadSlope, HeadOffset, HeadErrorSlope, TailSlope, HeadConstant;

    // Second look: cosine ≤ scale·(Slope·sum + Offset) + ErrorSlope·error + Constant.
    public float Slope, Offset, ErrorSlope, Constant;
}

/// <summary>A query made ready for the shards of one basis: coded, with every constant of the bounds. Reused.</summary>
internal sealed unsafe class ScanQuery : IDisposable
{
    /// <summary>
    /// What the float32 arithmetic of a bound may lose, as a share of the terms that it adds: about ten roundings of 2⁻²⁴.
    /// </summary>
    private const double Rounding = 1e-6;

    private Scratch? _memory;
    private long _capacity;

    public PartQuery[] Parts { get; private set; } = [];

    /// <summary>The target in double precision.</summary>
    public double* Target { get; private set; }

    /// <summary>‖target‖².</summary>
    public double TargetSquared { get; private set; }

    /// <summary>Factor of each part.</summary>
    public double[] Factors { get; private set; } = [];

    /// <summary>True when rows have one part: the plain cosine of the stored row.</summary>
    public bool IsPlain { get; private set; }

    public RowShape Shape { get; private set; } = null!;

    public void Prepare(RowShape shape, IReadOnlyList<Basis> bases, IReadOnlyList<double>? factors, VectorQuery query)
    {
        Shape = shape;
        var parts = bases.Count;
        if (Parts.Length != parts) (Parts, Factors) = (new PartQuery[parts], new double[parts]);
        var widest = bases.Max(basis => basis.Dims);
        var codeBytes = bases.Sum(basis => (long)basis.Dims);
        Reserve((shape.FusedDimensions + 2L * widest) * sizeof(double) + codeBytes);
        Target = (double*)_memory!.Pointer;
        var unit = Target + shape.FusedDimensions;
        var turned = unit + widest;
        var codes = (sbyte*)(turned + widest);

        var vector = query.Vector.Span;
        TargetSquared = Exact.NormSquared(vector);
        for (var d = 0; d < vector.Length; d++) Target[d] = vector[d];
        for (int j = 0, offset = 0; j < parts; j++)
        {
            Factors[j] = factors is null || parts == 1 ? 1 : factors[j];
            var dims = shape.Parts[j];
            var start = shape.Fusion == PartFusion.Sum ? 0 : offset;
            var norm = Math.Sqrt(Exact.NormSquared(vector.Slice(start, dims)));
            for (var d = 0; d < dims; d++) unit[d] = norm > 0 ? Target[start + d] / norm : 0;
            bases[j].Turn(new ReadOnlySpan<double>(unit, dims), new Span<double>(turned, bases[j].Dims));
            Code(ref Parts[j], bases[j], turned, codes);
            Parts[j].Weight = TargetSquared > 0 ? (float)(Factors[j] * norm / Math.Sqrt(TargetSquared)) : 0;
            Parts[j].FactorSquared = (float)(Factors[j] * Factors[j]);
            codes += bases[j].Dims;
            offset += dims;
        }
        IsPlain = parts == 1;
    }

    /// <summary>
    /// With p the query, p̂ its code, u a row, û its code, and h, t for head and tail: p·u = p̂·û + (p − p̂)·û + p·(u − û), so
    /// p·u ≤ p̂·û + ‖p − p̂‖(1 + ‖u − û‖) + ‖p‖‖u − û‖, and for the first look the same over the head, plus ‖p_t‖‖u_t‖.
    /// </summary>
    private static void Code(ref PartQuery part, Basis basis, double* turned, sbyte* codes)
    {
        int dims = basis.Dims, head = basis.HeadDims;
        var largest = 0.0;
        for (var d = 0; d < dims; d++) largest = Math.Max(largest, Math.Abs(turned[d]));
        var scale = largest / 127;
        double sum = 0, headSum = 0, absolute = 0, headError = 0, error = 0, headNorm = 0, norm = 0;
        for (var d = 0; d < dims; d++)
        {
            var code = scale > 0 ? Math.Clamp((int)Math.Round(turned[d] / scale), -127, 127) : 0;
            codes[d] = (sbyte)code;
            var gap = turned[d] - code * scale;
            sum += code;
            absolute += Math.Abs(code);
            error += gap * gap;
            norm += turned[d] * turned[d];
            if (d == head - 1) (headSum, headError, headNorm) = (sum, error, norm);
        }
        var tailNorm = Math.Sqrt(Math.Max(norm - headNorm, 0)) * (1 + 1e-7);
        (error, headError, norm, headNorm) = (Math.Sqrt(error), Math.Sqrt(headError), Math.Sqrt(norm), Math.Sqrt(headNorm));
        var slack = Rounding * scale * 256 * absolute;

        part.Codes = codes;
        part.HeadSlope = (float)(16 * scale);
        part.HeadOffset = (float)(-120.5 * scale * headSum + slack);
        part.HeadErrorSlope = (float)((headNorm + headError) * (1 + Rounding));
        part.TailSlope = (float)(tailNorm * (1 + Rounding));
        part.HeadConstant = (float)(headError + Rounding * 4);
        part.Slope = (float)scale;
        part.Offset = (float)(-128 * scale * sum + slack);
        part.ErrorSlope = (float)((norm + error) * (1 + Rounding));
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
