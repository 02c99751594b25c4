using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Tables;

/// <summary>Instruments whose issuer or market is in no table: they are encoded, and nobody's joint vector has them.</summary>
internal static class UnknownOwners
{
    /// <summary>The notes about them; none when every instrument has both.</summary>
    public static IEnumerable<InputNote> Notes(Universe universe)
    {
        InputNote?[] notes =
        [
            UnknownIds.Note("instruments", "issuer_id", universe.Instruments.Select(instrument => (instrument.IssuerId, 1)), [.. universe.Issuers.Keys]),
            UnknownIds.Note("instruments", "market_id", universe.Instruments.Select(instrument => (instrument.MarketId, 1)), [.. universe.Markets.Keys]),
        ];
        return notes.OfType<InputNote>();
    }
}
