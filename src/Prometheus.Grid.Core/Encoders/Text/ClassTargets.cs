namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>
/// What a class model is to predict: a column a class, 1 for its documents and 0 for others, minus its mean, divided by the root of its
/// frequency. So rare classes speak as loudly as common ones, and a document that a column does not label says nothing about it.
/// </summary>
internal sealed class ClassTargets
{
    private readonly int[][] _classOf;
    private readonly int[] _columnOf;
    private readonly double[] _frequencies;

    private ClassTargets(string[] names, int[][] classOf, int[] columnOf, double[] frequencies) =>
        (Names, _classOf, _columnOf, _frequencies) = (names, classOf, columnOf, frequencies);

    /// <summary>The classes, written <c>column: class</c>: the columns in their order, the classes of each ordinally.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How many classes a column has.</summary>
    public int CountOf(int column) => _columnOf.Count(of => of == column);

    public static ClassTargets Of(LabelledCorpus corpus)
    {
        var names = new List<string>();
        var columnOf = new List<int>();
        var frequencies = new List<double>();
        int[][] classOf = new int[corpus.Columns.Count][];
        for (int column = 0; column < classOf.Length; column++)
        {
            var labels = corpus.Labels[column];
            var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
            foreach (string label in labels.Where(label => label.Length > 0))
                counts[label] = counts.GetValueOrDefault(label) + 1;
            var places = counts.Keys.Index().ToDictionary(pair => pair.Item, pair => names.Count + pair.Index, StringComparer.Ordinal);
            int labelled = counts.Values.Sum();
            classOf[column] = [.. labels.Select(label => label.Length > 0 ? places[label] : -1)];
            foreach ((string label, int count) in counts)
            {
                names.Add($"{corpus.Columns[column]}: {label}");
                columnOf.Add(column);
                frequencies.Add((double)count / labelled);
            }
        }
        return new ClassTargets([.. names], classOf, [.. columnOf], [.. frequencies]);
    }

    /// <summary>The targets of some documents, row by row (documents × classes).</summary>
    public float[] Select(int[] documents)
    {
        float[] targets = new float[documents.Length * Names.Count];
        for (int d = 0; d < documents.Length; d++)
        {
            var row = targets.AsSpan(d * Names.Count, Names.Count);
            for (int c = 0; c < row.Length; c++)
            {
                int own = _classOf[_columnOf[c]][documents[d]];
                row[c] = own < 0 ? 0 : (float)(((own == c ? 1 : 0) - _frequencies[c]) / Math.Sqrt(_frequencies[c]));
            }
        }
        return targets;
    }
}
