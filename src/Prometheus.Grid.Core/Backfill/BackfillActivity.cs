using System.Diagnostics;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// What a backfill tells tracing, as activities of the source <c>Prometheus.Grid</c>. Beside the driver's own activities they tell encoding
/// from waiting for a database.
/// </summary>
internal static class BackfillActivity
{
    private static readonly ActivitySource s_source = new("Prometheus.Grid");

    /// <summary>Begins the encoding of a chunk; null when nobody listens.</summary>
    public static Activity? Encoding() => s_source.StartActivity("encode chunk");

    /// <summary>Begins the encoding of a chunk that others failed at, and says why they did; null when nobody listens.</summary>
    public static Activity? Fallback(ChunkOrder order, Exception cause) =>
        s_source.StartActivity("encode chunk that others failed at")?.SetTag("chunk", order.Number).AddException(cause);
}
