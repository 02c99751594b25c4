namespace Prometheus.Grid.Tables;

/// <summary>The rows of an open table, whatever its file is made of: a header and fields, each with its text. One thread at a time.</summary>
internal interface IRowSource : IDisposable
{
    /// <summary>The names of the columns, as they stand there.</summary>
    IReadOnlyList<string> Header { get; }

    /// <summary>What counts the rows of such a file, in messages: <c>line</c> or <c>row</c>.</summary>
    string Counts { get; }

    /// <summary>Where the current row stands; before the first one, where the header does.</summary>
    long Number { get; }

    /// <summary>Fields of the current row.</summary>
    int Fields { get; }

    /// <summary>The text of a field of the current row, empty where it has none.</summary>
    string Text(int column);

    /// <summary>A field of the current row with a list of numbers; empty where it has none.</summary>
    float[] Vector(int column);

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="Core.Errors.BadInputException">The file cannot be read on from here.</exception>
    bool Next();
}
