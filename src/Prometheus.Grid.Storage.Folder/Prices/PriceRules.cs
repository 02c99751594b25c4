using System.Text.Unicode;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>What a value of prices_daily may be, whatever its file is made of; the texts are the second half of "… ; allowed: …".</summary>
internal static class PriceRules
{
    public const string Date = "a date as yyyy-MM-dd, for example 2023-11-30";
    public const string Volume = "a finite number, 0 or more";

    private const int LongestId = 256;

    /// <summary>What a price may be.</summary>
    public static string Price(PriceField column) => column == PriceField.Close ? "a finite number above 0" : "a finite number above 0, or nothing";

    /// <summary>True for a number that can be a price.</summary>
    public static bool IsPrice(double value) => value > 0 && double.IsFinite(value);

    /// <summary>True for a number that can be a volume.</summary>
    public static bool IsVolume(double value) => value >= 0 && double.IsFinite(value);

    /// <summary>What an id would have to be; null for one that is as it should be.</summary>
    public static string? IdFault(ReadOnlySpan<byte> id)
    {
        if (id.Length is 0 or > LongestId || id.ContainsAnyInRange((byte)0, (byte)31))
            return $"1 to {LongestId} bytes without control characters";
        if (id[0] == (byte)' ' || id[^1] == (byte)' ')
            return "an id without blanks at its ends";
        return Utf8.IsValid(id) ? null : "UTF-8";
    }
}
