using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>Fits a <c>text-lsa</c> model on a corpus.</summary>
public static class LsaFit
{
    private const int FewestDocumentsOfTerm = 10;
    private const double LargestShareOfDocuments = 0.5;

    // idf to the power 1.5 rather than 1: words such as 'services' still dominate with 1 (sector precision@10 0.714 against 0.730).
    private const double IdfPower = 1.5;

    // Coordinates scale with √σ: leading topics speak louder than late ones, which the corpus only just supports.
    private const double SpectrumPower = 0.5;

    private const int Iterations = 24;

    /// <summary>The longest vector a fit can have.</summary>
    public const int MostDimensions = 384;

    /// <summary>Fits a model and writes it in the format of model files.</summary>
    /// <param name="documents">The corpus; empty documents are passed over.</param>
    /// <param name="dimension">Length of the vectors, 2 to <see cref="MostDimensions"/>.</param>
    /// <param name="workers">Cores to use; the bits do not depend on it.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The file, and how many terms it knows.</returns>
    /// <exception cref="BadInputException">The corpus is too small for the dimension.</exception>
    public static (byte[] File, int Terms) Fit(IReadOnlyList<string> documents, int dimension, int workers, CancellationToken cancellationToken)
    {
        if (dimension is < 2 or > MostDimensions)
            throw new BadInputException("Dimension", dimension, $"a whole number from 2 to {MostDimensions}");
        var model = FitModel(documents, dimension, workers, cancellationToken);
        return (model.ToBytes(), model.Terms.Count);
    }

    internal static LsaModel FitModel(IReadOnlyList<string> documents, int dimension, int workers, CancellationToken cancellationToken)
    {
        var counts = Count(documents, workers, cancellationToken);
        (string[] terms, float[] weights) = Vocabulary(counts);
        if (terms.Length < dimension || counts.Length < dimension)
        {
            throw new BadInputException(
                "Corpus",
                $"{counts.Length} documents, {terms.Length} terms that at least {FewestDocumentsOfTerm} of them share",
                $"a corpus with at least {dimension} of each, as that is the dimension");
        }

        SparseRows corpus = Rows(counts, terms, weights, cancellationToken), transposed = corpus.Transposed();
        var leading = SubspaceIteration.Leading(
            terms.Length,
            dimension,
            (block, width) => transposed.Multiply(corpus.Multiply(block, width, workers, cancellationToken), width, workers, cancellationToken),
            Iterations,
            cancellationToken);

        var directions = new Half[terms.Length * dimension];
        for (int c = 0; c < dimension; c++)
        {
            for (int t = 0; t < terms.Length; t++)
                directions[(t * dimension) + c] = (Half)leading.Vector(c)[t];
        }
        // An eigenvalue of AᵀA is σ².
        double[] scales = [.. leading.Values.Select(value => Math.Pow(value / leading.Values[0], SpectrumPower / 2))];
        return new LsaModel(terms, weights, directions, Mean(corpus, directions, dimension), scales);
    }

    /// <summary>The weighted terms of each document that has any.</summary>
    private static SortedDictionary<string, double>[] Count(IReadOnlyList<string> documents, int workers, CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, double>[documents.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, documents.Count, options, d =>
        {
            counts[d] = new SortedDictionary<string, double>(StringComparer.Ordinal);
            LsaTerms.ForEach(documents[d], (term, weight) =>
            {
                string key = term.ToString();
                counts[d][key] = counts[d].GetValueOrDefault(key) + weight;
            });
        });
        return [.. counts.Where(count => count.Count > 0)];
    }

    private static (string[] Terms, float[] Weights) Vocabulary(SortedDictionary<string, double>[] counts)
    {
        var documents = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (string term in counts.SelectMany(count => count.Keys))
            documents[term] = documents.GetValueOrDefault(term) + 1;
        KeyValuePair<string, int>[] kept =
        [
            .. documents.Where(term => term.Value >= FewestDocumentsOfTerm && term.Value <= LargestShareOfDocuments * counts.Length),
        ];
        return ([.. kept.Select(term => term.Key)], [.. kept.Select(term => (float)Math.Pow(Math.Log((double)counts.Length / term.Value), IdfPower))]);
    }

    private static SparseRows Rows(
        SortedDictionary<string, double>[] counts, string[] terms, float[] weights, CancellationToken cancellationToken)
    {
        var places = terms.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var rows = new List<(int Column, float Value)[]>(counts.Length);
        foreach (var count in counts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = new List<(int Place, double Value)>();
            foreach ((string term, double value) in count)
            {
                if (places.TryGetValue(term, out int place))
                    row.Add((place, Math.Sqrt(value) * weights[place]));
            }
            double norm = Math.Sqrt(row.Sum(entry => entry.Value * entry.Value));
            rows.Add([.. row.Select(entry => (entry.Place, (float)(entry.Value / norm)))]);
        }
        return SparseRows.Of(rows, terms.Length);
    }

    private static double[] Mean(SparseRows corpus, Half[] directions, int dimension)
    {
        double[] mean = new double[dimension];
        Span<double> coordinates = stackalloc double[dimension];
        for (int d = 0; d < corpus.RowCount; d++)
        {
            coordinates.Clear();
            (var places, var values) = corpus.Row(d);
            for (int i = 0; i < places.Length; i++)
            {
                ReadOnlySpan<Half> direction = directions.AsSpan(places.Span[i] * dimension, dimension);
                for (int c = 0; c < dimension; c++)
                    coordinates[c] += values.Span[i] * (double)direction[c];
            }
            Vectors.Normalise(coordinates);
            Vectors.AddScaled(mean, 1.0 / corpus.RowCount, coordinates);
        }
        return mean;
    }
}
