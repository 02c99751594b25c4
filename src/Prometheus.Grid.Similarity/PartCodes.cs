using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Similarity;

/// <summary>
/// The codes of one part of a chunk's rows. A row u of unit norm, turned by the part's basis, is coded as
/// û_d = scale·(v_d − 128), v_d in 1..255, and its first look, of the high nibbles of the head alone, is
/// û'_d = scale·(16·(v_d ≫ 4) + 7.5 − 128), 0 in the tail. The errors ‖u − û‖ and ‖u_head − û'_head‖ and the norm ‖u_tail‖
/// are stored beside it, rounded up: by Cauchy–Schwarz they bound what either look can hide.
/// </summary>
internal sealed unsafe class PartCodes
{
    /// <summary>Beyond these the squares and products of norms leave the range of float32: NaN then sends the row to the exact sums.</summary>
    private const double SmallestNorm = 1e-15, LargestNorm = 1e15;

    private readonly AlignedBuffer _memory;

    public PartCodes(Basis basis, int capacity, bool keepsNorms)
    {
        Basis = basis;
        RestBytes = basis.HeadDims / 2 + basis.TailDims;
        var planeBytes = (long)capacity * basis.HeadDims / 2;
        var scalars = 3 + (basis.TailDims > 0 ? 1 : 0) + (keepsNorms ? 1 : 0);
        _memory = new AlignedBuffer(planeBytes + (long)capacity * RestBytes + (long)capacity * scalars * sizeof(float));
        Plane = _memory.Pointer;
        Rest = Plane + planeBytes;
        Scale = (float*)(Rest + (long)capacity * RestBytes);
        HeadError = Scale + capacity;
        Error = HeadError + capacity;
        var next = Error + capacity;
        if (basis.TailDims > 0)
        {
            Tail = next;
            next += capacity;
        }
        if (keepsNorms) Norm = next;
    }

    public Basis Basis { get; }
    public byte* Plane { get; }
    public byte* Rest { get; }
    public int RestBytes { get; }
    public float* Scale { get; }
    public float* HeadError { get; }
    public float* Error { get; }

    /// <summary>‖u_tail‖ a row; null when there is no tail.</summary>
    public float* Tail { get; }

    /// <summary>Norm of the part a row; null in rows of one part, whose norm cancels.</summary>
    public float* Norm { get; }

    public long Bytes => _memory.Bytes;

    /// <summary>Writes the codes of one row.</summary>
    /// <param name="row">Position in the chunk.</param>
    /// <param name="turned">The part over its norm, turned by the basis; zeros for a zero part. Basis.Dims long.</param>
    /// <param name="norm">Norm of the part.</param>
    /// <param name="codes">Room for Basis.Dims bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int row, float* turned, double norm, byte* codes)
    {
        int dims = Basis.Dims, head = Basis.HeadDims;
        var largest = Largest(turned, dims);
        var scale = largest / 127;
        double headError = 0, error = 0, tail = 0;
        Code(turned, head, scale, codes, ref headError, ref error);
        var unused = 0.0;
        Code(turned + head, dims - head, scale, codes + head, ref unused, ref error);
        for (var d = head; d < dims; d++) tail += (double)turned[d] * turned[d];
        Store(row, codes);

        Scale[row] = scale;
        var isZero = largest == 0;
        HeadError[row] = isZero ? 0 : RoundUp(Math.Sqrt(headError));
        Error[row] = isZero ? 0 : RoundUp(Math.Sqrt(error));
        if (Tail != null) Tail[row] = isZero ? 0 : RoundUp(Math.Sqrt(tail));
        if (Norm != null) Norm[row] = norm == 0 || norm is >= SmallestNorm and <= LargestNorm ? (float)norm : float.NaN;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest(float* values, int count)
    {
        var largest = Vector256<float>.Zero;
        for (var d = 0; d < count; d += 8) largest = Vector256.Max(largest, Vector256.Abs(Vector256.Load(values + d)));
        var most = 0f;
        for (var i = 0; i < 8; i++) most = MathF.Max(most, largest[i]);
        return most;
    }

    /// <summary>Codes v of some coordinates, and what they add to the squared errors of either look.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Code(float* values, int count, float scale, byte* codes, ref double headError, ref double error)
    {
        var inverse = scale > 0 ? 1 / scale : 0;
        var headErrors = Vector256<float>.Zero;
        var errors = Vector256<float>.Zero;
        for (var d = 0; d < count; d += 32)
        {
            var v0 = Code(values + d, inverse, scale, ref headErrors, ref errors);
            var v1 = Code(values + d + 8, inverse, scale, ref headErrors, ref errors);
            var v2 = Code(values + d + 16, inverse, scale, ref headErrors, ref errors);
            var v3 = Code(values + d + 24, inverse, scale, ref headErrors, ref errors);
            Vector256.Narrow(Vector256.Narrow(v0, v1).AsUInt16(), Vector256.Narrow(v2, v3).AsUInt16()).Store(codes + d);
        }
        headError += Vector256.Sum(headErrors);
        error += Vector256.Sum(errors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Code(float* values, float inverse, float scale, ref Vector256<float> headErrors, ref Vector256<float> errors)
    {
        var value = Vector256.Load(values);
        var nearest = Vector256.Round(value * inverse);
        var code = Vector256.ConvertToInt32(Vector256.Min(Vector256.Max(nearest, Vector256.Create(-127f)), Vector256.Create(127f))) + Vector256.Create(128);
        var error = value - Vector256.ConvertToSingle(code - Vector256.Create(128)) * scale;
        var headError = value - (Vector256.ConvertToSingle(code & Vector256.Create(0xF0)) - Vector256.Create(120.5f)) * scale;
        errors += error * error;
        headErrors += headError * headError;
        return code;
    }

    /// <summary>Takes the codes of a row apart: high nibbles of the head into the plane, low ones and the tail into the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store(int row, byte* codes)
    {
        var head = Basis.HeadDims;
        var plane = Plane + (long)(row / NibbleKernel.BlockRows) * head * (NibbleKernel.BlockRows / 2) + row % NibbleKernel.BlockRows * 4;
        for (var d = 0; d < head; d += 8, plane += 64)
        {
            var high = *(ulong*)(codes + d) >> 4 & 0x0F0F0F0F0F0F0F0F;
            *(uint*)plane = (uint)(high | high >> 28);
        }
        var rest = Rest + (long)row * RestBytes;
        var low = Vector256.Create((byte)15);
        for (var d = 0; d < head; d += 64, rest += 32)
            ((Vector256.Load(codes + d) & low) | (Vector256.Load(codes + d + 32) << 4)).Store(rest);
        new ReadOnlySpan<byte>(codes + head, Basis.TailDims).CopyTo(new Span<byte>(rest, Basis.TailDims));
    }

    /// <summary>
    /// Above the true norm: one part in 10⁵ covers the float steps of the error itself, the basis the distance between the
    /// turned row in float32 and the true one.
    /// </summary>
    private float RoundUp(double norm) => (float)(norm * 1.00001 + Basis.RowError);
}
