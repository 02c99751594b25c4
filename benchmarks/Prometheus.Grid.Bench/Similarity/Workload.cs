using System.Runtime.InteropServices;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>Unit rows and queries of 384 numbers, from a seed: the same on every run and number of threads.</summary>
internal sealed class Workload
{
    public const int Dimensions = 384;
    public const int Queries = 256;
    private const int Block = 4096;
    private const int Centres = 1000;
    private readonly bool _clustered;
    private readonly float[] _centres = [];
    private readonly float[][] _mirrors = [];

    /// <param name="kind">"uniform": directions without any structure, the worst case of a scan. "clustered": 1,000 clusters whose spectrum decays as 1/rank.</param>
    /// <param name="count">Rows.</param>
    public Workload(string kind, int count)
    {
        (Kind, Count, _clustered) = (kind, count, kind == "clustered");
        if (_clustered)
        {
            var random = new SplitMix64(7);
            _centres = new float[Centres * Dimensions];
            Normal(ref random, _centres);
            // A chain of mirrors hides the axes of the spectrum, as a fitted encoder does.
            _mirrors = [.. Enumerable.Range(0, 8).Select(_ => { float[] mirror = new float[Dimensions]; Normal(ref random, mirror); Unit(mirror); return mirror; })];
        }
    }

    public string Kind { get; }

    public int Count { get; }

    /// <summary>Fills rows first, first + 1, …; any split gives the same numbers, since each row has its own seed.</summary>
    public void Fill(int first, Span<float> rows) => Fill(first, rows, 0x5EED);

    /// <summary>256 queries that are no rows.</summary>
    public float[] QueryRows()
    {
        float[] rows = new float[Queries * Dimensions];
        Fill(0, rows, 0xA5C);
        return rows;
    }

    /// <summary>All rows in managed memory; count × 384 must be below 2³¹.</summary>
    public float[] Rows()
    {
        float[] rows = new float[Count * Dimensions];
        Parallel.For(0, (Count + Block - 1) / Block, block =>
        {
            int first = block * Block;
            Fill(first, rows.AsSpan(first * Dimensions, Math.Min(Block, Count - first) * Dimensions));
        });
        return rows;
    }

    private void Fill(int first, Span<float> rows, ulong seed)
    {
        for (int r = 0; r < rows.Length / Dimensions; r++)
        {
            var row = rows.Slice(r * Dimensions, Dimensions);
            var random = new SplitMix64((seed << 32) + (ulong)(first + r) * 0x9E37_79B9);
            Normal(ref random, row);
            if (_clustered)
            {
                var centre = _centres.AsSpan(random.NextIndex(Centres) * Dimensions, Dimensions);
                for (int d = 0; d < Dimensions; d++) row[d] = (centre[d] + 0.5f * row[d]) / MathF.Sqrt(d + 1);
                foreach (float[] mirror in _mirrors)
                {
                    float twice = 2 * System.Numerics.Tensors.TensorPrimitives.Dot(mirror, row);
                    for (int d = 0; d < Dimensions; d++) row[d] -= twice * mirror[d];
                }
            }
            Unit(row);
        }
    }

    private static void Normal(ref SplitMix64 random, Span<float> values)
    {
        for (int i = 0; i < values.Length; i += 2)
        {
            var (sine, cosine) = MathF.SinCos(2 * MathF.PI * (float)random.NextDouble());
            float radius = MathF.Sqrt(-2 * MathF.Log(1 - (float)(random.NextDouble() * 0.99999994)));
            values[i] = radius * cosine;
            if (i + 1 < values.Length) values[i + 1] = radius * sine;
        }
    }

    private static void Unit(Span<float> row)
    {
        float norm = System.Numerics.Tensors.TensorPrimitives.Norm(row);
        for (int d = 0; d < row.Length; d++) row[d] /= norm;
    }

    /// <summary>Writes a NumPy file of float32 rows.</summary>
    public static void WriteNpy(string path, ReadOnlySpan<float> values)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({values.Length / Dimensions}, {Dimensions}), }}";
        header = header.PadRight(128 - 10 - 1) + "\n";
        using var file = File.Create(path);
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)header.Length, 0]);
        file.Write(System.Text.Encoding.ASCII.GetBytes(header));
        for (int start = 0; start < values.Length; start += 1 << 24)
            file.Write(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(1 << 24, values.Length - start))));
    }
}
