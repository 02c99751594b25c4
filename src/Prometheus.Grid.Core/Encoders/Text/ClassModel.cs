using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fits;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>
/// A fitted <c>text-classes</c> model: a coordinate a class, whose value is the score that a ridge regression gives to the class for the
/// words and pairs of the document, each weighing √(sum of occurrences, early ones counting more) · idf; to unit length. Two documents are close when the same classes speak for both.
/// </summary>
internal sealed class ClassModel : IFittedTextModel
{
    private readonly ClassVocabulary _vocabulary;
    private readonly float[] _termWeights;
    private readonly sbyte[] _codes;
    private readonly float[] _values;

    private ClassModel(ClassVocabulary vocabulary, float[] termWeights, sbyte[] codes, IReadOnlyList<string> classes, IReadOnlyList<string> learnedFrom, DateOnly fittedOn)
    {
        (_vocabulary, _termWeights, _codes, Classes, LearnedFrom, FittedOn) = (vocabulary, termWeights, codes, classes, learnedFrom, fittedOn);
        _values = Array.ConvertAll(codes, code => (float)code);
    }

    /// <summary>The class behind each coordinate, written <c>column: class</c>.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What the model was taught with and how good it was on what it had not seen, a <c>name: value</c> a line.</summary>
    public IReadOnlyList<string> LearnedFrom { get; }

    /// <summary>When it was fitted.</summary>
    public DateOnly FittedOn { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> All => _vocabulary.Terms;

    /// <inheritdoc/>
    public int Dimension => Classes.Count;

    /// <inheritdoc/>
    public IReadOnlyList<int> FoundIn(string document) => [.. _vocabulary.WeighIn(document).Select(term => term.Place)];

    /// <summary>How many terms it knows.</summary>
    public int Terms => _termWeights.Length;

    /// <summary>
    /// Rounds weights to a byte each. A term's codes share one scale, which goes into the weight of the term; the length of a document's
    /// own vector need not be known, since its scores come to unit length anyway.
    /// </summary>
    /// <param name="vocabulary">The terms.</param>
    /// <param name="inverseFrequencies">The idf of each term.</param>
    /// <param name="weights">Weights of the regression, term by term (terms × classes).</param>
    /// <param name="classes">The classes.</param>
    /// <param name="learnedFrom">What it learned from.</param>
    /// <param name="fittedOn">When.</param>
    public static ClassModel Quantised(
        ClassVocabulary vocabulary, ReadOnlySpan<double> inverseFrequencies, ReadOnlySpan<float> weights,
        IReadOnlyList<string> classes, IReadOnlyList<string> learnedFrom, DateOnly fittedOn)
    {
        float[] termWeights = new float[inverseFrequencies.Length];
        sbyte[] codes = new sbyte[weights.Length];
        for (int t = 0; t < termWeights.Length; t++)
        {
            var row = weights.Slice(t * classes.Count, classes.Count);
            double largest = 0;
            foreach (float weight in row)
                largest = Math.Max(largest, Math.Abs(weight));
            double step = largest / sbyte.MaxValue;
            termWeights[t] = (float)(inverseFrequencies[t] * step);
            for (int c = 0; c < row.Length && step > 0; c++)
                codes[(t * classes.Count) + c] = (sbyte)Math.Round(row[c] / step);
        }
        return new ClassModel(vocabulary, termWeights, codes, classes, learnedFrom, fittedOn);
    }

    /// <inheritdoc/>
    public void Encode(string document, Span<float> vector) => Encode(_vocabulary.WeighIn(document), vector);

    /// <summary>Writes the unit vector of weighed terms.</summary>
    public void Encode(List<(int Place, double Weight)> terms, Span<float> vector)
    {
        Span<double> scores = stackalloc double[Dimension];
        scores.Clear();
        foreach ((int place, double weight) in terms)
            Vectors.AddScaled(scores, TermFrequency(weight) * _termWeights[place], _values.AsSpan(place * Dimension, Dimension));
        Vectors.Normalise(scores);
        for (int c = 0; c < Dimension; c++)
            vector[c] = (float)scores[c];
    }

    /// <summary>What the occurrences of a term are worth together.</summary>
    public static double TermFrequency(double weight) => Math.Sqrt(weight);

    /// <summary>Writes the model as a file.</summary>
    public byte[] ToBytes() => new FitFile(FittedOn)
        .Add("terms", _vocabulary.Terms)
        .Add<float>("term_weights", _termWeights)
        .Add<sbyte>("codes", _codes)
        .Add("classes", Classes)
        .Add("learned_from", LearnedFrom)
        .ToBytes();

    /// <summary>Reads a model.</summary>
    /// <exception cref="GridFaultException">The file is damaged or no class model.</exception>
    public static ClassModel Read(ReadOnlySpan<byte> content, string what)
    {
        var fit = FitFile.Read(content, what);
        return new ClassModel(
            new ClassVocabulary(fit.Lines("terms")), fit.Get<float>("term_weights"), fit.Get<sbyte>("codes"), fit.Lines("classes"), fit.Lines("learned_from"), fit.AsOf);
    }
}
