using System.Buffers.Text;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Http.Data;

/// <summary>Where a page begins: behind an id, on a date where pages go over several. Opaque to callers, so that it can change.</summary>
/// <param name="AsOf">The date, or null.</param>
/// <param name="Id">The last id of the page before.</param>
internal sealed record Cursor(DateOnly? AsOf, string Id)
{
    private const char Separator = '\n';

    /// <summary>Reads a cursor; null where there is none.</summary>
    /// <exception cref="BadInputException">The text is none of ours.</exception>
    public static Cursor? Parse(string? text)
    {
        if (text is null)
            return null;
        try
        {
            string[] parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(Separator, 2);
            if (parts is [var date, var id])
                return new Cursor(date.Length == 0 ? null : DateRange.Parse("cursor", date), id);
        }
        catch (FormatException)
        {
            // Said below, as for every other text that is no cursor.
        }
        throw new BadInputException("cursor", text, "next_cursor of the page before, unchanged");
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{(AsOf is { } date ? DateRange.Text(date) : "")}{Separator}{Id}"));
}
