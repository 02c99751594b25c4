using System.Runtime.InteropServices;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>One parsed row of prices_daily, without its instrument.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PriceRow
{
    public int Day;

    /// <summary>Where it stood, counted from the start of its block or file; wraps beyond 4 billion lines and is only for messages.</summary>
    public uint Line;

    public double Open;
    public double High;
    public double Low;
    public double Close;
    public double AdjustedClose;
    public double Volume;
}
