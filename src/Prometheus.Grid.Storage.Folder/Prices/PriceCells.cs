using System.Text;
using Prometheus.Grid.Columnar;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Reads rows of prices_daily from the columns of a block, under the rules that rows of text have. An empty text counts as nothing.</summary>
/// <param name="columns">The columns.</param>
/// <param name="fields">What they hold.</param>
internal sealed class PriceCells(IReadOnlyList<Cells> columns, PriceField[] fields)
{
    /// <summary>Reads a row.</summary>
    /// <param name="number">Which, from 0.</param>
    /// <param name="known">An id that needs no check any more: that of the row before; empty for none.</param>
    /// <param name="row">Gets the row.</param>
    /// <returns>The instrument as UTF-8, valid as long as the block is.</returns>
    /// <exception cref="BadRowException">The row is refused.</exception>
    public ReadOnlySpan<byte> Read(int number, ReadOnlySpan<byte> known, ref PriceRow row)
    {
        row = new PriceRow { Open = double.NaN, High = double.NaN, Low = double.NaN, AdjustedClose = double.NaN, Line = (uint)number };
        ReadOnlySpan<byte> instrument = [];
        for (int i = 0; i < fields.Length; i++)
        {
            switch (fields[i])
            {
                case PriceField.InstrumentId:
                    instrument = Utf8(i, number);
                    if ((known.IsEmpty || !instrument.SequenceEqual(known)) && PriceRules.IdFault(instrument) is { } allowed)
                        throw Bad(i, number, allowed);
                    break;
                case PriceField.TradeDate:
                    if (!columns[i].TryDay(number, out row.Day) && !Utf8Number.TryDay(Utf8(i, number), out row.Day))
                        throw Bad(i, number, PriceRules.Date);
                    break;
                case PriceField.Open:
                    row.Open = Price(i, number);
                    break;
                case PriceField.High:
                    row.High = Price(i, number);
                    break;
                case PriceField.Low:
                    row.Low = Price(i, number);
                    break;
                case PriceField.Close:
                    row.Close = Price(i, number);
                    if (double.IsNaN(row.Close))
                        throw Bad(i, number, PriceRules.Price(PriceField.Close));
                    break;
                case PriceField.AdjustedClose:
                    row.AdjustedClose = Price(i, number);
                    break;
                case PriceField.Volume:
                    if (!TryNumber(i, number, out row.Volume) || !PriceRules.IsVolume(row.Volume))
                        throw Bad(i, number, PriceRules.Volume);
                    break;
                default:
                    break;
            }
        }
        return instrument;
    }

    // NaN for a missing one.
    private double Price(int column, int number)
    {
        if (TryNumber(column, number, out double value))
            return PriceRules.IsPrice(value) ? value : throw Bad(column, number, PriceRules.Price(fields[column]));
        return columns[column].Text(number).Length == 0 ? double.NaN : throw Bad(column, number, PriceRules.Price(fields[column]));
    }

    private bool TryNumber(int column, int number, out double value) =>
        columns[column].TryNumber(number, out value) || (!columns[column].IsMissing(number) && Utf8Number.TryDouble(Utf8(column, number), out value));

    private ReadOnlySpan<byte> Utf8(int column, int number) =>
        columns[column].AreText ? columns[column].Bytes(number) : Encoding.UTF8.GetBytes(columns[column].Text(number));

    private BadRowException Bad(int column, int number, string allowed) =>
        new(number, PriceColumns.NameOf(fields[column]), columns[column].Text(number), allowed);
}
