using System.Numerics.Tensors;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>The vector of a document in the making: pools token vectors, and averages windows once the last one is in.</summary>
/// <param name="vector">Receives the result.</param>
/// <param name="normalise">Scales it to unit length.</param>
/// <param name="windows">In how many pieces the document is encoded.</param>
internal sealed class PooledDocument(Memory<float> vector, bool normalise, int windows)
{
    // torch.nn.functional.normalize divides by no less than this.
    private const double SmallestNorm = 1e-12;

    private readonly float[][] _windows = new float[windows][];
    private readonly int[] _tokens = new int[windows];
    private int _missing = windows;

    /// <summary>Takes the token vectors of one window; windows may come from several threads, in any order.</summary>
    /// <param name="window">Which one.</param>
    /// <param name="tokenVectors">The vectors of its tokens, without padding, one behind the other.</param>
    /// <param name="pooling">How they become one.</param>
    public void Pool(int window, ReadOnlySpan<float> tokenVectors, Pooling pooling)
    {
        int dimension = vector.Length;
        float[] pooled = new float[dimension];
        if (pooling == Pooling.Cls)
        {
            tokenVectors[..dimension].CopyTo(pooled);
        }
        else
        {
            for (int start = 0; start < tokenVectors.Length; start += dimension)
                TensorPrimitives.Add(pooled, tokenVectors.Slice(start, dimension), pooled);
            TensorPrimitives.Divide(pooled, tokenVectors.Length / dimension, pooled);
        }
        _windows[window] = pooled;
        _tokens[window] = tokenVectors.Length / dimension;
        if (Interlocked.Decrement(ref _missing) == 0)
            Finish();
    }

    private void Finish()
    {
        var result = vector.Span;
        if (_windows.Length == 1)
        {
            _windows[0].CopyTo(result);
        }
        else
        {
            // In the order of the windows, whoever finished first.
            result.Clear();
            for (int window = 0; window < _windows.Length; window++)
                TensorPrimitives.MultiplyAdd(_windows[window], (float)_tokens[window] / _tokens.Sum(), result, result);
        }
        if (!normalise)
            return;
        double squares = 0;
        foreach (float value in result)
            squares += (double)value * value;
        double scale = 1 / Math.Max(Math.Sqrt(squares), SmallestNorm);
        foreach (ref float value in result)
            value = (float)(value * scale);
    }
}
