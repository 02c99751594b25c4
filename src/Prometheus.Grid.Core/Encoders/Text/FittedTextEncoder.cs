namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>A text model that was fitted once and reads nothing but the document from then on. Thread-safe.</summary>
internal interface IFittedTextModel : ITextTerms
{
    /// <summary>Length of the vectors.</summary>
    int Dimension { get; }

    /// <summary>Writes the unit vector of a document; zero when it has no known term.</summary>
    void Encode(string document, Span<float> vector);
}

/// <summary><c>text-lsa-v1</c>, <c>text-classes-v1</c> and text models of the user's own: encodes with a fitted model, a document at a time.</summary>
internal sealed class FittedTextEncoder(IFittedTextModel model, int workers) : ITextEncoder
{
    public int Dimension => model.Dimension;

    public ITextTerms Terms => model;

    public Task EncodeAsync(IReadOnlyList<string> documents, Memory<float> vectors, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, documents.Count, options, i => model.Encode(documents[i], vectors.Span.Slice(i * Dimension, Dimension)));
        return Task.CompletedTask;
    }
}
