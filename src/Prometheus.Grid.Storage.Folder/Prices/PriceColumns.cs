using System.Text;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>What a field of prices_daily holds.</summary>
internal enum PriceField : byte
{
    Ignored,
    InstrumentId,
    TradeDate,
    Open,
    High,
    Low,
    Close,
    AdjustedClose,
    Volume,
}

/// <summary>The columns of prices_daily in the order of its header.</summary>
internal static class PriceColumns
{
    private static readonly Dictionary<string, PriceField> s_fields = new(StringComparer.Ordinal)
    {
        ["instrument_id"] = PriceField.InstrumentId,
        ["trade_date"] = PriceField.TradeDate,
        ["open"] = PriceField.Open,
        ["high"] = PriceField.High,
        ["low"] = PriceField.Low,
        ["close"] = PriceField.Close,
        ["adjusted_close"] = PriceField.AdjustedClose,
        ["volume"] = PriceField.Volume,
    };

    private static readonly PriceField[] s_required = [PriceField.InstrumentId, PriceField.TradeDate, PriceField.Close, PriceField.Volume];

    /// <summary>The name of a column.</summary>
    public static string NameOf(PriceField field) => s_fields.First(column => column.Value == field).Key;

    private static readonly string[] s_optional = ["open", "high", "low", "adjusted_close"];

    /// <summary>Reads the header, the first row of the text.</summary>
    /// <param name="text">The beginning of the table.</param>
    /// <param name="path">For errors.</param>
    /// <returns>The columns, and where the rows begin.</returns>
    /// <exception cref="BadInputException">A required column is missing, or the header is refused.</exception>
    public static (string[] Names, PriceField[] Fields, int Length, int Lines) Parse(ReadOnlySpan<byte> text, string path)
    {
        var fields = new CsvFields(text);
        var names = new List<string>();
        try
        {
            bool isLast = !fields.NextRow();
            while (!isLast)
                names.Add(Encoding.UTF8.GetString(fields.Next(out isLast)));
        }
        catch (BadRowException bad)
        {
            throw new BadInputException($"{path} line {bad.Line + 1}, header", bad.Value, bad.Allowed);
        }
        return ([.. names], Of(names, $"{path} line {fields.Line + 1}, header"), fields.Position, fields.NextLine);
    }

    /// <summary>What columns hold, by their names.</summary>
    /// <param name="names">The names in their order.</param>
    /// <param name="place">Where they stand, for errors.</param>
    /// <param name="isText">True when commas stand between them.</param>
    /// <exception cref="BadInputException">A required column is missing, or the header is refused.</exception>
    public static PriceField[] Of(IReadOnlyList<string> names, string place, bool isText = true)
    {
        HeaderRules.Check(place, names, [.. s_required.Select(NameOf)], s_optional, isText);
        return [.. names.Select(name => s_fields.GetValueOrDefault(name))];
    }
}
