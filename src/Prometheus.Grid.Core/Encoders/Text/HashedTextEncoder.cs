using System.Collections.Concurrent;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>
/// <c>text-hash-v1</c>: signed feature hashing (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"). Nothing is
/// fitted, so any document of any date has a vector. Features of the lower-cased ASCII tokens <c>[a-z0-9]+</c> are the words, the pairs of
/// neighbours and the character 3- to 5-grams of <c>&lt;token&gt;</c>; each weighs 1 + ln(count); FNV-1a 64 picks slot and sign; the sum is
/// scaled to unit length.
/// </summary>
/// <param name="dimension">Length of the vectors.</param>
/// <param name="workers">How many documents are encoded at once.</param>
public sealed class HashedTextEncoder(int dimension, int workers) : ITextEncoder
{
    /// <inheritdoc/>
    public int Dimension { get; } = dimension;

    // Kept from one call to the next, because what they know of the words is worth more than their memory.
    private readonly ConcurrentBag<FeatureCounter> _counters = [];

    /// <inheritdoc/>
    public Task EncodeAsync(IReadOnlyList<string> documents, Memory<float> vectors, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(
            0,
            documents.Count,
            options,
            () => _counters.TryTake(out var counter) ? counter : new FeatureCounter(Dimension),
            (i, _, counter) =>
            {
                Encode(documents[i], counter, vectors.Span.Slice(i * Dimension, Dimension));
                return counter;
            },
            _counters.Add);
        return Task.CompletedTask;
    }

    private static void Encode(string document, FeatureCounter counter, Span<float> vector)
    {
        var sums = counter.Sum(document);

        double squares = 0;
        foreach (double sum in sums)
            squares += sum * sum;
        double norm = Math.Sqrt(squares);
        for (int slot = 0; slot < vector.Length; slot++)
            vector[slot] = norm == 0 ? 0f : (float)(sums[slot] / norm);
    }
}
