using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Prometheus.Grid.Similarity.Rows;

namespace Prometheus.Grid.Similarity.Scanning;

/// <summary>
/// Upper bounds of the cosines of a tile's 64 rows, from the first look's integer sums, and which rows they leave. A comparison
/// that involves NaN leaves the row: the exact sums decide it.
/// </summary>
internal static unsafe class TileBounds
{
    private const float Rounding = 4e-6f;

    /// <summary>Rows of the tile at <paramref name="first"/> whose bound is not below the threshold, as bits; rows of one part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Plain(PartCodes codes, int first, in PartQuery query, int* sums, float threshold)
    {
        ulong below = 0UL;
        if (Avx512F.IsSupported)
        {
            var least = Vector512.Create(threshold - query.Constant);
            for (int r = 0; r < ChunkStore.TileRows; r += 16)
                below |= Vector512.LessThan(Bound16(codes, first + r, query, sums + r), least).ExtractMostSignificantBits() << r;
        }
        else
        {
            var least = Vector256.Create(threshold - query.Constant);
            for (int r = 0; r < ChunkStore.TileRows; r += 8)
                below |= (ulong)Vector256.LessThan(Bound(codes, first + r, query, sums + r), least).ExtractMostSignificantBits() << r;
        }
        return ~below;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Bound16(PartCodes codes, int row, in PartQuery query, int* sums)
    {
        var sum = Vector512.ConvertToSingle(Vector512.Load(sums));
        var dot = Vector512.FusedMultiplyAdd(sum, Vector512.Create(query.HighSlope), Vector512.Create(query.HighOffset));
        return Vector512.FusedMultiplyAdd(Vector512.Load(codes.Scale + row), dot, Vector512.Load(codes.HighError + row) * query.ErrorSlope);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Bound(PartCodes codes, int row, in PartQuery query, int* sums)
    {
        var sum = Vector256.ConvertToSingle(Vector256.Load(sums));
        var dot = Vector256.FusedMultiplyAdd(sum, Vector256.Create(query.HighSlope), Vector256.Create(query.HighOffset));
        return Vector256.FusedMultiplyAdd(Vector256.Load(codes.Scale + row), dot, Vector256.Load(codes.HighError + row) * query.ErrorSlope);
    }

    /// <summary>The same for rows of several parts, whose sums stand one part after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Fused(ChunkCodes codes, int first, ScanQuery query, int* sums, float threshold)
    {
        ulong kept = 0UL;
        bool areAdded = codes.Pairs.Length > 0;
        for (int r = 0; r < ChunkStore.TileRows; r += 8)
        {
            var numerator = Vector256<float>.Zero;
            var squared = Vector256<float>.Zero;
            var hidden = Vector256<float>.Zero;
            var mostHidden = Vector256<float>.Zero;
            var weights = Vector256<float>.Zero;
            for (int j = 0; j < codes.Parts.Length; j++)
            {
                ref var part = ref query.Parts[j];
                var norms = Vector256.Load(codes.Parts[j].Norm + first + r);
                squared += norms * norms * part.FactorSquared;
                if (part.Weight == 0) continue;
                var weight = norms * part.Weight;
                numerator += weight * (Bound(codes.Parts[j], first + r, part, sums + j * ChunkStore.TileRows + r) + Vector256.Create(part.Constant + Rounding));
                if (!areAdded) continue;
                var hides = weight * Vector256.Load(codes.Parts[j].HighError + first + r);
                hidden += hides * hides;
                mostHidden += hides;
                weights += weight;
            }
            var magnitude = squared;
            for (int pair = 0; pair < codes.Pairs.Length; pair++)
            {
                var product = PairProduct(codes, pair, first + r, query);
                squared += product;
                magnitude += Vector256.Abs(product);
                hidden += PairHidden(codes, pair, first + r, query);
            }
            if (areAdded) numerator -= mostHidden - HiddenTogether(hidden, mostHidden, weights);
            var below = Vector256.LessThan(numerator, LeastNumerator(squared, magnitude, threshold));
            kept |= (ulong)~below.ExtractMostSignificantBits() << 56 >>> (56 - r);
        }
        return kept;
    }

    /// <summary>2 f_i f_j v_i·v_j: what a pair of parts that are added gives to the squared norm of their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PairProduct(ChunkCodes codes, int pair, int row, ScanQuery query)
    {
        var (i, j) = codes.Pairs[pair];
        return Vector256.Load(codes.Product(pair) + row) * (float)(2 * query.Factors[i] * query.Factors[j]);
    }

    /// <summary>What a pair gives to the squared norm of all that the parts hide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PairHidden(ChunkCodes codes, int pair, int row, ScanQuery query)
    {
        var (i, j) = codes.Pairs[pair];
        return Vector256.Load(codes.HighErrorProduct(pair) + row)
            * Vector256.Load(codes.Parts[i].Norm + row) * Vector256.Load(codes.Parts[j].Norm + row) * (2 * query.Parts[i].Weight * query.Parts[j].Weight);
    }

    /// <summary>
    /// Parts that are added meet one direction p, so what they hide together is at most ‖Σ f_j n_j (u_j − û′_j)‖, not the sum of the norms. The products
    /// below the root are known to 4·10⁻⁷ of a norm; ten times that is added.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> HiddenTogether(Vector256<float> squared, Vector256<float> most, Vector256<float> weights) =>
        Vector256.Sqrt(Vector256.Max(squared, Vector256<float>.Zero) + (most * (most + weights) * Rounding));

    /// <summary>
    /// The numerator that a row needs for a cosine of the threshold. Its norm is known up to rounding; a bound above 0 is largest over the least norm,
    /// one below 0 over the largest.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> LeastNumerator(Vector256<float> squared, Vector256<float> magnitude, float threshold)
    {
        var slack = magnitude * Rounding;
        var least = Vector256.Sqrt(Vector256.Max(squared - slack, Vector256<float>.Zero));
        var largest = Vector256.Sqrt(squared + slack);
        return threshold * Vector256.ConditionalSelect(Vector256.GreaterThan(Vector256.Create(threshold), Vector256<float>.Zero), least, largest);
    }

    /// <summary>Upper bound of the cosine of one row, from the integer sums of both looks; rows of one part.</summary>
    /// <remarks>64-bit: sixteen times the high sum and the low one of 32,768 coordinates come close to the 32-bit limit together.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Second(PartCodes codes, int row, in PartQuery query, int highSum, int lowSum) =>
        codes.Scale[row] * ((16L * highSum + lowSum) * query.Slope + query.Offset) + codes.Error[row] * query.ErrorSlope + query.Constant;

    /// <summary>False when the second look, of all codes, proves that the cosine of a row of several parts is below the threshold.</summary>
    /// <param name="codes">Holds the row.</param>
    /// <param name="row">The row.</param>
    /// <param name="query">The query.</param>
    /// <param name="highSums">The row's sums of the first look, one a part, 64 integers apart.</param>
    /// <param name="lowSums">Those of the second.</param>
    /// <param name="threshold">The cosine to reach.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool FusedMayReach(ChunkCodes codes, int row, ScanQuery query, int* highSums, int* lowSums, double threshold)
    {
        double numerator = 0, squared = 0;
        for (int j = 0; j < codes.Parts.Length; j++)
        {
            ref var part = ref query.Parts[j];
            double norm = codes.Parts[j].Norm[row];
            squared += norm * norm * part.FactorSquared;
            if (part.Weight != 0)
                numerator += norm * part.Weight * (Second(codes.Parts[j], row, part, highSums[j * ChunkStore.TileRows], lowSums[j * ChunkStore.TileRows]) + Rounding);
        }
        double magnitude = squared;
        for (int pair = 0; pair < codes.Pairs.Length; pair++)
        {
            var (i, j) = codes.Pairs[pair];
            double product = 2 * codes.Product(pair)[row] * query.Factors[i] * query.Factors[j];
            squared += product;
            magnitude += Math.Abs(product);
        }
        double slack = magnitude * Rounding;
        double norms = Math.Sqrt(threshold > 0 ? Math.Max(squared - slack, 0) : squared + slack);
        return !(numerator < threshold * norms);
    }
}
