using System.Globalization;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core;

/// <summary>An inclusive range of calendar dates.</summary>
public readonly record struct DateRange
{
    /// <summary>The one format in which dates are read and written.</summary>
    public const string Format = "yyyy-MM-dd";

    /// <summary>Creates the range.</summary>
    /// <param name="start">First date.</param>
    /// <param name="end">Last date, not before <paramref name="start"/>.</param>
    /// <exception cref="BadInputException">The range is reversed.</exception>
    public DateRange(DateOnly start, DateOnly end)
    {
        if (end < start)
            throw new BadInputException(nameof(End), Text(end), $"a date on or after the start, {Text(start)}");
        Start = start;
        End = end;
    }

    /// <summary>First date.</summary>
    public DateOnly Start { get; }

    /// <summary>Last date.</summary>
    public DateOnly End { get; }

    /// <summary>Every date.</summary>
    public static DateRange All => new(DateOnly.MinValue, DateOnly.MaxValue);

    /// <summary>A range of one day.</summary>
    public static DateRange On(DateOnly date) => new(date, date);

    /// <summary>True when <paramref name="date"/> lies in the range.</summary>
    public bool Contains(DateOnly date) => date >= Start && date <= End;

    /// <summary>Writes a date as <c>yyyy-MM-dd</c>.</summary>
    public static string Text(DateOnly date) => date.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Reads a date written as <c>yyyy-MM-dd</c>.</summary>
    /// <param name="field">The member or column, for the error.</param>
    /// <param name="text">The text to read.</param>
    /// <exception cref="BadInputException">The text is no such date.</exception>
    public static DateOnly Parse(string field, string text) =>
        DateOnly.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw new BadInputException(field, text, "a date as yyyy-MM-dd, for example 2023-11-30");
}
