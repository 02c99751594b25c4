using Apache.Arrow;
using Apache.Arrow.Types;

namespace Prometheus.Grid.Columnar;

/// <summary>What the cells of a column are.</summary>
public enum CellKind
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A day without a time: date32.</summary>
    Date,

    /// <summary>A whole number of 32 bits.</summary>
    Whole,

    /// <summary>A number of 64 bits.</summary>
    Number,

    /// <summary>As many numbers of 32 bits in each row: a list of fixed size.</summary>
    Vector,
}

/// <summary>A column of a table that is written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What its cells are.</param>
/// <param name="Length">Numbers of a vector, 1 or more; 0 for any other kind.</param>
public sealed record Column(string Name, CellKind Kind, int Length = 0)
{
    /// <summary>A column of strings.</summary>
    public static Column Text(string name) => new(name, CellKind.Text);

    /// <summary>A column of days.</summary>
    public static Column Date(string name) => new(name, CellKind.Date);

    /// <summary>A column of whole numbers of 32 bits.</summary>
    public static Column Whole(string name) => new(name, CellKind.Whole);

    /// <summary>A column of numbers of 64 bits.</summary>
    public static Column Number(string name) => new(name, CellKind.Number);

    /// <summary>A column of vectors of one length.</summary>
    public static Column Vector(string name, int length) => new(name, CellKind.Vector, length);

    /// <summary>Bytes of a cell, about.</summary>
    internal int Width => Kind == CellKind.Vector ? sizeof(float) * Length : 16;

    // Vectors are never missing, which readers know from the schema; any other cell may be.
    internal Field ToField() => Kind switch
    {
        CellKind.Text => new Field(Name, StringType.Default, nullable: true),
        CellKind.Date => new Field(Name, Date32Type.Default, nullable: true),
        CellKind.Whole => new Field(Name, Int32Type.Default, nullable: true),
        CellKind.Number => new Field(Name, DoubleType.Default, nullable: true),
        _ => new Field(Name, VectorType(Length), nullable: false),
    };

    internal static FixedSizeListType VectorType(int length) => new(new Field("item", FloatType.Default, nullable: false), length);
}
