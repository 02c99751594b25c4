using System.Globalization;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>Documents with the classes that people gave to them; what a class model learns from.</summary>
/// <param name="Documents">The documents.</param>
/// <param name="Columns">The taxonomies, for example <c>sector</c> and <c>industry</c>.</param>
/// <param name="Labels">For each column the class of each document; empty where it has none.</param>
/// <param name="Sources">Where they came from, a <c>name: value</c> a line; kept in the fit.</param>
public sealed record LabelledCorpus(
    IReadOnlyList<string> Documents, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Labels, IReadOnlyList<string> Sources);

/// <summary>A fitted class model.</summary>
/// <param name="File">The model in the format of model files.</param>
/// <param name="Classes">The class behind each coordinate, written <c>column: class</c>.</param>
/// <param name="Terms">How many words and pairs it knows.</param>
/// <param name="LearnedFrom">What it was taught with and how good it was on what it had not seen, a <c>name: value</c> a line.</param>
public sealed record FittedClasses(byte[] File, IReadOnlyList<string> Classes, int Terms, IReadOnlyList<string> LearnedFrom);

/// <summary>Fits a <c>text-classes</c> model on documents whose classes are known.</summary>
public static class ClassFit
{
    private const int FewestDocumentsOfTerm = 12;
    private const double LargestShareOfDocuments = 0.5;
    private const float Lambda = 2;

    private const int Folds = 3;

    // Each fold then has neighbours to judge by.
    private const int FewestDocuments = 3 * Folds * (SpaceEvaluator.Neighbours + 2);

    // Precision by neighbours takes time by the square, and a user's universe has about as many issuers.
    private const int MostJudged = 2000;

    /// <summary>The most classes that a model can have, over all columns.</summary>
    public const int MostClasses = 384;

    /// <summary>Fits a model, and judges the recipe by cross-validation: on documents that the fit did not see, do the ten nearest share the class?</summary>
    /// <param name="corpus">What to learn from; documents without a known term teach nothing.</param>
    /// <param name="fittedOn">The date that the fit is to carry.</param>
    /// <param name="workers">Cores to use; the bits do not depend on it.</param>
    /// <param name="progress">Receives the share that is done, 0 to 1; null for none.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="BadInputException">The corpus is too small, or its classes are fewer than two or more than <see cref="MostClasses"/>.</exception>
    public static FittedClasses Fit(
        LabelledCorpus corpus, DateOnly fittedOn, int workers, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var classes = ClassTargets.Of(corpus);
        if (classes.Names.Count is < 2 or > MostClasses)
            throw new BadInputException("Classes", $"{classes.Names.Count} classes", $"2 to {MostClasses} classes, over all columns");
        (string[] terms, int[] frequencies) = ClassVocabulary.Count(
            corpus.Documents, FewestDocumentsOfTerm, LargestShareOfDocuments * corpus.Documents.Count, cancellationToken);
        int[] all = [.. Enumerable.Range(0, corpus.Documents.Count)];
        int[] whole = [.. all.Where(d => corpus.Labels.All(labels => labels[d].Length > 0))];
        if (whole.Length < FewestDocuments)
            throw new BadInputException("Classes", $"{whole.Length} documents with a class in every column", $"at least {FewestDocuments}");
        if (terms.Length == 0)
        {
            throw new BadInputException(
                "Corpus", $"{corpus.Documents.Count} documents with classes", $"at least {FewestDocumentsOfTerm} that share a word which not half of them have");
        }

        var examples = new Examples(
            new ClassVocabulary(terms), [.. frequencies.Select(count => Math.Log((double)corpus.Documents.Count / count))], corpus.Documents, workers, cancellationToken);
        double[] precision = Judge();
        float[] weights = Weights(all, Folds);
        string[] learnedFrom =
        [
            .. corpus.Sources,
            $"documents: {corpus.Documents.Count}",
            $"terms: {terms.Length}",
            .. corpus.Columns.Select((column, c) => $"classes of {column}: {classes.CountOf(c)}"),
            .. corpus.Columns.Select((column, c) => string.Create(
                CultureInfo.InvariantCulture, $"{column} precision@{SpaceEvaluator.Neighbours} in {Folds}-fold cross-validation: {precision[c]:F4}")),
        ];
        var model = ClassModel.Quantised(examples.Vocabulary, examples.InverseFrequencies, weights, classes.Names, learnedFrom, fittedOn);
        progress?.Report(1);
        return new FittedClasses(model.ToBytes(), classes.Names, terms.Length, learnedFrom);

        float[] Weights(int[] taught, int done)
        {
            var part = progress is null ? null : new Part(progress, done / (Folds + 1.0), 1 / (Folds + 1.0));
            return RidgeRegression.Solve(examples.Select(taught), classes.Select(taught), classes.Names.Count, Lambda, workers, part, cancellationToken);
        }

        double[] Judge()
        {
            double[] means = new double[corpus.Columns.Count];
            for (int fold = 0; fold < Folds; fold++)
            {
                int[] taught = [.. all.Where(d => d % Folds != fold)], held = [.. whole.Where(d => d % Folds == fold)];
                int step = (held.Length + MostJudged - 1) / MostJudged;
                int[] judged = [.. held.Where((_, i) => i % step == 0)];
                var model = ClassModel.Quantised(examples.Vocabulary, examples.InverseFrequencies, Weights(taught, fold), classes.Names, [], fittedOn);
                float[] vectors = new float[judged.Length * model.Dimension];
                for (int i = 0; i < judged.Length; i++)
                    model.Encode(examples.Weighed[judged[i]], vectors.AsSpan(i * model.Dimension, model.Dimension));
                RowHeader[] rows = [.. judged.Select(d => new RowHeader(d.ToString("D9", CultureInfo.InvariantCulture)))];
                var pairs = new PairFigures(Neighbourhoods.Of(new VectorBatch(rows, vectors, model.Dimension), SpaceEvaluator.Neighbours, workers, cancellationToken));
                for (int c = 0; c < means.Length; c++)
                    means[c] += pairs.Precision([.. judged.Select(d => corpus.Labels[c][d])]).OfNeighbours.Value / Folds;
            }
            return means;
        }
    }

    private sealed class Part(IProgress<double> whole, double start, double share) : IProgress<double>
    {
        public void Report(double value) => whole.Report(start + (share * value));
    }

    /// <summary>The documents as rows of terms.</summary>
    private sealed class Examples
    {
        public Examples(
            ClassVocabulary vocabulary, double[] inverseFrequencies, IReadOnlyList<string> documents, int workers, CancellationToken cancellationToken)
        {
            (Vocabulary, InverseFrequencies) = (vocabulary, inverseFrequencies);
            Weighed = new List<(int Place, double Weight)>[documents.Count];
            var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
            Parallel.For(0, documents.Count, options, d => Weighed[d] = vocabulary.WeighIn(documents[d]));
        }

        public ClassVocabulary Vocabulary { get; }

        public double[] InverseFrequencies { get; }

        public List<(int Place, double Weight)>[] Weighed { get; }

        /// <summary>Unit rows, √(sum of occurrences, early ones counting more) · idf.</summary>
        public SparseRows Select(int[] documents) => SparseRows.Of([.. documents.Select(d => Row(Weighed[d]))], InverseFrequencies.Length);

        private (int Column, float Value)[] Row(List<(int Place, double Weight)> terms)
        {
            double[] values = [.. terms.Select(term => ClassModel.TermFrequency(term.Weight) * InverseFrequencies[term.Place])];
            double norm = Math.Sqrt(Vectors.Dot(values, values));
            return [.. terms.Select((term, i) => (term.Place, (float)(values[i] / norm)))];
        }
    }
}
