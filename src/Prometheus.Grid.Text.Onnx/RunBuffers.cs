using Microsoft.ML.OnnxRuntime;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>
/// Memory of one run at a time: token ids in, token vectors out. Pinned and used again, so that the runtime reads and writes it in place.
/// </summary>
/// <param name="capacity">Most tokens in a batch, padding included.</param>
/// <param name="dimension">Length of a token's vector.</param>
internal sealed class RunBuffers(int capacity, int dimension)
{
    private readonly long[] _ids = GC.AllocateUninitializedArray<long>(capacity, pinned: true);
    private readonly long[] _mask = GC.AllocateUninitializedArray<long>(capacity, pinned: true);
    private readonly long[] _types = GC.AllocateArray<long>(capacity, pinned: true);
    private readonly float[] _vectors = GC.AllocateUninitializedArray<float>(capacity * dimension, pinned: true);
    private Float16[]? _halfVectors;
    private int _rows;

    /// <summary>Tokens of a row, padding included.</summary>
    public int Length { get; private set; }

    /// <summary>Lays out a batch.</summary>
    /// <param name="sequences">Whole sequences, [CLS] and [SEP] included.</param>
    /// <param name="paddingId">Fills up rows shorter than the longest.</param>
    public void Fill(ReadOnlySpan<int[]> sequences, int paddingId)
    {
        _rows = sequences.Length;
        Length = 0;
        foreach (int[] sequence in sequences)
            Length = Math.Max(Length, sequence.Length);
        for (int row = 0; row < _rows; row++)
        {
            int[] sequence = sequences[row];
            int start = row * Length;
            for (int t = 0; t < sequence.Length; t++)
                _ids[start + t] = sequence[t];
            _mask.AsSpan(start, sequence.Length).Fill(1);
            _ids.AsSpan(start + sequence.Length, Length - sequence.Length).Fill(paddingId);
            _mask.AsSpan(start + sequence.Length, Length - sequence.Length).Clear();
        }
    }

    /// <summary>The vectors of a row's tokens, one behind the other.</summary>
    public ReadOnlySpan<float> Vectors(int row) => _vectors.AsSpan(row * Length * dimension, Length * dimension);

    /// <summary>Hands the memory of the batch to the runtime until the result is disposed.</summary>
    public Batch Bind(int inputs, bool isHalf)
    {
        int tokens = _rows * Length;
        long[] shape = [_rows, Length], outputShape = [_rows, Length, dimension];
        if (isHalf)
            _halfVectors ??= GC.AllocateUninitializedArray<Float16>(_vectors.Length, pinned: true);
        return new Batch(
            [.. ((long[][])[_ids, _mask, _types])[..inputs].Select(array => Tensor(array, tokens, shape))],
            [isHalf ? Tensor(_halfVectors!, tokens * dimension, outputShape) : Tensor(_vectors, tokens * dimension, outputShape)]);
    }

    /// <summary>Takes over the result of a graph that writes float16.</summary>
    public void Widen()
    {
        for (int i = 0; i < _rows * Length * dimension; i++)
            _vectors[i] = (float)_halfVectors![i];
    }

    private static OrtValue Tensor<T>(T[] array, int count, long[] shape)
        where T : unmanaged =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, array.AsMemory(0, count), shape);

    /// <summary>The tensors of one run.</summary>
    internal sealed record Batch(OrtValue[] Inputs, OrtValue[] Outputs) : IDisposable
    {
        public void Dispose()
        {
            foreach (var value in (OrtValue[])[.. Inputs, .. Outputs])
                value.Dispose();
        }
    }
}
