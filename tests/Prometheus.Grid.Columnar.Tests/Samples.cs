namespace Prometheus.Grid.Columnar.Tests;

/// <summary>Tables of every kind of cell, and what comes back of them.</summary>
internal static class Samples
{
    public const int Dimension = 3;

    public static readonly Column[] Columns =
        [Column.Text("id"), Column.Date("day"), Column.Whole("rank"), Column.Number("value"), Column.Vector("vector", Dimension)];

    public static readonly Dictionary<string, string> Metadata = new() { ["model_id"] = "m", ["as_known"] = "2024-01-02T00:00:00Z", ["checksum"] = "ab" };

    public static object?[] Row(int i) =>
    [
        i % 5 == 4 ? null : $"é{i:D6}", i % 7 == 6 ? null : new DateOnly(2024, 1, 2).AddDays(i % 1000), i % 3 == 2 ? null : i, i % 11 == 10 ? null : i / 7.0,
        new ReadOnlyMemory<float>([i, -i / 3f, 0.5f]),
    ];

    public static byte[] Write(ColumnarFormat format, IEnumerable<object?[]> rows, Column[]? columns = null, bool writesBehind = false)
    {
        using var file = new MemoryStream();
        using (var writer = new ColumnarWriter(format, file, columns ?? Columns, Metadata, writesBehind))
        {
            foreach (object?[] row in rows)
                writer.Write(row);
            writer.Complete();
        }
        return file.ToArray();
    }

    /// <summary>All rows as text, cells behind each other; a vector by its numbers.</summary>
    public static List<string[]> Read(ColumnarFormat format, byte[] file, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(file, writable: false);
        using var reader = new ColumnarReader(format, stream, "table");
        var rows = new List<string[]>();
        foreach (var block in reader.Blocks([.. Enumerable.Range(0, reader.Columns.Count)], cancellationToken))
        {
            using (block)
            {
                for (int row = 0; row < block.Count; row++)
                    rows.Add([.. block.Columns.Select(cells => cells.Vector(row) is { Length: > 0 } vector ? Text(vector) : cells.IsMissing(row) ? "-" : cells.Text(row))]);
            }
        }
        return rows;
    }

    /// <summary>The same of a row as it was written.</summary>
    public static string[] Text(object?[] row) =>
    [
        .. row.Select(cell => cell switch
        {
            null => "-",
            DateOnly day => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            ReadOnlyMemory<float> vector => Text(vector.ToArray()),
            _ => FormattableString.Invariant($"{cell}"),
        }),
    ];

    // By their bits, so that a NaN is itself and the two zeros differ.
    private static string Text(float[] vector) => string.Join(' ', vector.Select(BitConverter.SingleToInt32Bits));
}
