using System.Runtime.CompilerServices;
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
    public void Write(int row, float* turned, double norm)
    {
        int dims = Basis.Dims, head = Basis.HeadDims;
        var largest = 0f;
        for (var d = 0; d < dims; d++) largest = MathF.Max(largest, MathF.Abs(turned[d]));
        var scale = largest / 127;
        var inverse = largest > 0 ? 127 / largest : 0;

        var plane = Plane + (long)(row / NibbleKernel.BlockRows) * head * (NibbleKernel.BlockRows / 2) + row % NibbleKernel.BlockRows * 4;
        var rest = Rest + (long)row * RestBytes;
        for (var d = 0; d < head / 2; d++) rest[d] = 0;
        double headError = 0, error = 0, tail = 0;
        for (var d = 0; d < head; d++)
        {
            var code = Code(turned[d], inverse);
            int high = code >> 4, low = code & 15;
            var cell = plane + d / 8 * 64 + d % 4;
            *cell = d % 8 < 4 ? (byte)high : (byte)(*cell | high << 4);
            rest[d / 64 * 32 + d % 32] |= (byte)(d % 64 < 32 ? low : low << 4);
            var first = turned[d] - scale * (16 * high - 120.5f);
            var second = turned[d] - scale * (code - 128);
            headError += first * first;
            error += second * second;
        }
        for (var d = head; d < dims; d++)
        {
            var code = Code(turned[d], inverse);
            rest[head / 2 + d - head] = (byte)code;
            var second = turned[d] - scale * (code - 128);
            error += second * second;
            tail += (double)turned[d] * turned[d];
        }

        Scale[row] = scale;
        var isZero = largest == 0;
        HeadError[row] = isZero ? 0 : RoundUp(Math.Sqrt(headError));
        Error[row] = isZero ? 0 : RoundUp(Math.Sqrt(error));
        if (Tail != null) Tail[row] = isZero ? 0 : RoundUp(Math.Sqrt(tail));
        if (Norm != null) Norm[row] = norm == 0 || norm is >= SmallestNorm and <= LargestNorm ? (float)norm : float.NaN;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Code(float value, float inverse) => Math.Clamp((int)MathF.Round(value * inverse), -127, 127) + 128;

    /// <summary>
    /// Above the true norm: one part in 10⁵ covers the float steps of the error itself, the basis the distance between the
    /// turned row in float32 and the true one.
    /// </summary>
    private float RoundUp(double norm) => (float)(norm * 1.00001 + Basis.RowError);
}
