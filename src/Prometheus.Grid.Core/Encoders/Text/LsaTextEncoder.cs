namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary><c>text-lsa-v1</c> and text models of the user's own: encodes with a fitted <see cref="LsaModel"/>; nothing but the document is read.</summary>
internal sealed class LsaTextEncoder(LsaModel model, int workers) : ITextEncoder
{
    public int Dimension => model.Dimension;

    public Task EncodeAsync(IReadOnlyList<string> documents, Memory<float> vectors, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, documents.Count, options, i => model.Encode(documents[i], vectors.Span.Slice(i * Dimension, Dimension)));
        return Task.CompletedTask;
    }
}
