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

    /// <summary>Reads a header line.</summary>
    /// <exception cref="BadInputException">A required column is missing, or a column comes twice.</exception>
    public static PriceField[] Parse(ReadOnlySpan<byte> line, string path)
    {
        string text = Encoding.UTF8.GetString(line).TrimStart('\uFEFF').TrimEnd('\r', '\n');
        string[] names = [.. text.Split(',').Select(name => name.Trim('"'))];
        var fields = Array.ConvertAll(names, name => s_fields.GetValueOrDefault(name));
        if (fields.Where(field => field != PriceField.Ignored).GroupBy(field => field).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new BadInputException($"{path} line 1, header", NameOf(twice.Key), "each column once");
        foreach (var field in s_required.Except(fields))
            throw new BadInputException($"{path} line 1, header", text, $"a header with column {NameOf(field)}");
        return fields;
    }
}
