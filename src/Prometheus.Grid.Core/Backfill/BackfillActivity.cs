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
}
