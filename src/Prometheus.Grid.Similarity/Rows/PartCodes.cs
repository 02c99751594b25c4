using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity.Rows;

/// <summary>
/// The codes of one part of a chunk's rows. The direction u of a row is coded as û_d = scale·(v_d − 128), v_d in 1..255, and its first
/// look, of the high nibbles alone, is û'_d = scale·(16·(v_d ≫ 4) + 7.5 − 128). Coordinates from <see cref="Dims"/> on are not coded and
/// count as 0. The errors ‖u − û‖ and ‖u − û'‖ are stored beside it, rounded up: by Cauchy–Schwarz they bound what either look can hide.
/// </summary>
internal sealed unsafe class PartCodes
{
    /// <summary>Coordinates are coded by so many at a time.</summary>
    public const int DimsStep = 64;

    /// <summary>Beyond these the squares and products of norms leave the range of float32: NaN then sends the row to the exact sums.</summary>
    private const double SmallestNorm = 1e-15, LargestNorm = 1e15;

    /// <summary>Upper bound of what rounding a unit row to float32 moves it.</summary>
    private const double UnitRounding = 4e-7;

    private readonly AlignedBuffer _memory;

    /// <param name="dims">Coordinates to code, a multiple of <see cref="DimsStep"/>.</param>
    /// <param name="capacity">Rows, a multiple of 64.</param>
    /// <param name="keepsNorms">Whether <see cref="Norm"/> is there.</param>
    public PartCodes(int dims, int capacity, bool keepsNorms)
    {
        Dims = dims;
        _memory = new AlignedBuffer(BytesOf(dims, capacity, keepsNorms));
        High = _memory.Pointer;
        Low = High + (long)capacity * dims / 2;
        Scale = (float*)(Low + (long)capacity * dims / 2);
        HighError = Scale + capacity;
        Error = HighError + capacity;
        if (keepsNorms) Norm = Error + capacity;
    }

    public static long BytesOf(int dims, int capacity, bool keepsNorms) => (long)capacity * (dims + (keepsNorms ? 4 : 3) * sizeof(float));

    public int Dims { get; }
    public byte* High { get; }
    public byte* Low { get; }
    public float* Scale { get; }
    public float* HighError { get; }
    public float* Error { get; }

    /// <summary>Norm of the part a row; null in rows of one part, whose norm cancels.</summary>
    public float* Norm { get; }

    /// <summary>Writes the codes of one row.</summary>
    /// <param name="row">Position in the chunk.</param>
    /// <param name="part">The part as it was given.</param>
    /// <param name="count">Its coordinates.</param>
    /// <param name="scratch">Room for Dims floats and as many bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int row, float* part, int count, float* scratch)
    {
        double norm = Math.Sqrt(Exact.NormSquared(new ReadOnlySpan<float>(part, count)));
        int coded = Math.Min(count, Dims);
        float largest = Unit(part, coded, norm > 0 ? 1 / norm : 0, scratch);
        float scale = largest / 127;
        byte* codes = (byte*)(scratch + Dims);
        var (highError, error) = Code(scratch, scale, codes);
        double uncoded = norm > 0 && count > coded ? Exact.NormSquared(new ReadOnlySpan<float>(part + coded, count - coded)) / norm / norm : 0;
        Store(row, codes);

        Scale[row] = scale;
        HighError[row] = RoundUp(Math.Sqrt(highError + uncoded));
        Error[row] = RoundUp(Math.Sqrt(error + uncoded));
        if (Norm != null) Norm[row] = norm == 0 || norm is >= SmallestNorm and <= LargestNorm ? (float)norm : float.NaN;
    }

    /// <summary>u − û′ of the row that was written last: what the first look hides, coordinate by coordinate.</summary>
    /// <param name="row">Position in the chunk.</param>
    /// <param name="part">The part as it was given.</param>
    /// <param name="count">Its coordinates.</param>
    /// <param name="scratch">As <see cref="Write"/> left it.</param>
    /// <param name="errors">Room for as many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void HighErrors(int row, float* part, int count, float* scratch, float* errors)
    {
        byte* codes = (byte*)(scratch + Dims);
        int coded = Math.Min(count, Dims);
        for (int d = 0; d < coded; d++) errors[d] = scratch[d] - (((codes[d] & 0xF0) - 120.5f) * Scale[row]);
        if (count == coded) return;
        double norm = Math.Sqrt(Exact.NormSquared(new ReadOnlySpan<float>(part, count)));
        for (int d = coded; d < count; d++) errors[d] = norm > 0 ? (float)(part[d] / norm) : 0;
    }

    /// <summary>The direction of a part, filled up with zeros to Dims; answers its largest coordinate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Unit(float* part, int count, double inverse, float* unit)
    {
        var largest = Vector256<float>.Zero;
        int d = 0;
        for (; d + 8 <= count; d += 8)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Load(part + d));
            var values = Vector256.Narrow(lower * inverse, upper * inverse);
            values.Store(unit + d);
            largest = Vector256.Max(largest, Vector256.Abs(values));
        }
        float most = 0f;
        for (; d < count; d++) most = MathF.Max(most, MathF.Abs(unit[d] = (float)(part[d] * inverse)));
        for (; d < Dims; d++) unit[d] = 0;
        for (int i = 0; i < 8; i++) most = MathF.Max(most, largest[i]);
        return most;
    }

    /// <summary>Codes v, and the squared errors of either look.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double HighError, double Error) Code(float* unit, float scale, byte* codes)
    {
        float inverse = scale > 0 ? 1 / scale : 0;
        var highErrors = Vector256<float>.Zero;
        var errors = Vector256<float>.Zero;
        for (int d = 0; d < Dims; d += 32)
        {
            var v0 = Code(unit + d, inverse, scale, ref highErrors, ref errors);
            var v1 = Code(unit + d + 8, inverse, scale, ref highErrors, ref errors);
            var v2 = Code(unit + d + 16, inverse, scale, ref highErrors, ref errors);
            var v3 = Code(unit + d + 24, inverse, scale, ref highErrors, ref errors);
            Vector256.Narrow(Vector256.Narrow(v0, v1).AsUInt16(), Vector256.Narrow(v2, v3).AsUInt16()).Store(codes + d);
        }
        return (Vector256.Sum(highErrors), Vector256.Sum(errors));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Code(float* values, float inverse, float scale, ref Vector256<float> highErrors, ref Vector256<float> errors)
    {
        var value = Vector256.Load(values);
        var nearest = Vector256.Round(value * inverse);
        var code = Vector256.ConvertToInt32(Vector256.Min(Vector256.Max(nearest, Vector256.Create(-127f)), Vector256.Create(127f))) + Vector256.Create(128);
        var error = value - Vector256.ConvertToSingle(code - Vector256.Create(128)) * scale;
        var highError = value - (Vector256.ConvertToSingle(code & Vector256.Create(0xF0)) - Vector256.Create(120.5f)) * scale;
        errors += error * error;
        highErrors += highError * highError;
        return code;
    }

    /// <summary>Takes the codes of a row apart, into high and low nibbles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store(int row, byte* codes)
    {
        byte* high = High + (long)(row / NibbleKernel.BlockRows) * Dims * (NibbleKernel.BlockRows / 2) + row % NibbleKernel.BlockRows * 4;
        for (int d = 0; d < Dims; d += 8, high += 64)
        {
            ulong nibbles = *(ulong*)(codes + d) >> 4 & 0x0F0F0F0F0F0F0F0F;
            *(uint*)high = (uint)(nibbles | nibbles >> 28);
        }
        byte* low = Low + (long)row * Dims / 2;
        var nibble = Vector256.Create((byte)15);
        for (int d = 0; d < Dims; d += 64, low += 32)
            ((Vector256.Load(codes + d) & nibble) | (Vector256.Load(codes + d + 32) << 4)).Store(low);
    }

    /// <summary>Above the true norm: one part in 10⁵ covers the float steps of the error itself.</summary>
    private static float RoundUp(double norm) => (float)(norm * 1.00001 + UnitRounding);
}
