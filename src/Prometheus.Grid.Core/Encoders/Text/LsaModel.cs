using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fits;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>
/// A fitted <c>text-lsa</c> model: latent semantic analysis (Deerwester et al. 1990). A document is the unit vector of its terms, √count
/// by idf^1.5; its coordinates are the projection on the leading right singular vectors of the corpus, taken to unit length, freed of the
/// corpus mean and scaled by the roots of the singular values.
/// </summary>
internal sealed class LsaModel : IFittedTextModel
{
    private readonly Dictionary<string, int> _places;
    private readonly float[] _termWeights;
    private readonly float[] _directions;
    private readonly double[] _mean;
    private readonly double[] _scales;

    /// <param name="terms">The vocabulary, ordinally ascending.</param>
    /// <param name="termWeights">A weight a term.</param>
    /// <param name="directions">Coordinates of each term, term by term (terms × dimension). Half precision: it moves no cosine by 1e-3 and halves the file.</param>
    /// <param name="mean">Mean unit coordinates of the corpus.</param>
    /// <param name="scales">Scale of each coordinate.</param>
    public LsaModel(IReadOnlyList<string> terms, float[] termWeights, Half[] directions, double[] mean, double[] scales)
    {
        Terms = terms;
        _places = terms.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        _termWeights = termWeights;
        _directions = Array.ConvertAll(directions, half => (float)half);
        _mean = mean;
        _scales = scales;
    }

    /// <summary>The vocabulary.</summary>
    public IReadOnlyList<string> Terms { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> All => Terms;

    /// <inheritdoc/>
    public int Dimension => _scales.Length;

    /// <inheritdoc/>
    public IReadOnlyList<int> FoundIn(string document) => [.. KnownTerms(document).Select(term => term.Place).Distinct()];

    /// <inheritdoc/>
    public void Encode(string document, Span<float> vector)
    {
        vector.Clear();
        var terms = KnownTerms(document);
        if (terms.Count == 0)
            return;
        double[] coordinates = new double[Dimension];
        for (int i = 0; i < terms.Count;)
        {
            int place = terms[i].Place;
            double count = 0;
            for (; i < terms.Count && terms[i].Place == place; i++)
                count += terms[i].Weight;
            Vectors.AddScaled(coordinates, Math.Sqrt(count) * _termWeights[place], _directions.AsSpan(place * Dimension, Dimension));
        }
        Vectors.Normalise(coordinates);
        for (int c = 0; c < Dimension; c++)
            coordinates[c] = (coordinates[c] - _mean[c]) * _scales[c];
        Vectors.Normalise(coordinates);
        for (int c = 0; c < Dimension; c++)
            vector[c] = (float)coordinates[c];
    }

    /// <summary>Writes the model as a file.</summary>
    public byte[] ToBytes() => new FitFile(DateOnly.MinValue)
        .Add("terms", Terms)
        .Add<float>("term_weights", _termWeights)
        .Add<Half>("directions", Array.ConvertAll(_directions, value => (Half)value))
        .Add<double>("mean", _mean)
        .Add<double>("scales", _scales)
        .ToBytes();

    /// <summary>Reads a model.</summary>
    /// <exception cref="GridFaultException">The file is damaged or no text model.</exception>
    public static LsaModel Read(ReadOnlySpan<byte> content, string what)
    {
        var fit = FitFile.Read(content, what);
        return new LsaModel(
            fit.Lines("terms"), fit.Get<float>("term_weights"), fit.Get<Half>("directions"), fit.Get<double>("mean"), fit.Get<double>("scales"));
    }

    // Sorted by place, so that the sums do not depend on the order in which words occur first. Occurrences of one term stay in their order.
    private List<(int Place, double Weight)> KnownTerms(string document)
    {
        var terms = new List<(int Place, double Weight)>();
        var lookup = _places.GetAlternateLookup<ReadOnlySpan<char>>();
        LsaTerms.ForEach(document, (term, weight) =>
        {
            if (lookup.TryGetValue(term, out int place))
                terms.Add((place, weight));
        });
        // Weights fall along the document, so descending weights are the order of occurrence.
        terms.Sort((a, b) => a.Place != b.Place ? a.Place.CompareTo(b.Place) : b.Weight.CompareTo(a.Weight));
        return terms;
    }
}
