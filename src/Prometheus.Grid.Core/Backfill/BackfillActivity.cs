using System.Diagnostics;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>What a backfill tells tracing. Beside the driver's own spans they tell encoding from waiting for a database.</summary>
internal static class BackfillActivity
{
    /// <summary>Begins the encoding of a chunk; null when nobody listens.</summary>
    public static Activity? Encoding() => GridActivity.Start("encode chunk");

    /// <summary>Begins the encoding of a chunk that others failed at, and says why they did; null when nobody listens.</summary>
    public static Activity? Fallback(ChunkOrder order, Exception cause) =>
        GridActivity.Start("encode chunk that others failed at")?.SetTag("chunk", order.Number).AddException(cause);
}
