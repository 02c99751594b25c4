using Microsoft.Extensions.Logging;

namespace Prometheus.Grid.Grains.Search;

/// <summary>Says what became of snapshots.</summary>
internal sealed partial class SnapshotLog(ILogger logger)
{
    [LoggerMessage(LogLevel.Warning, "{What}")]
    public partial void Warn(string what);
}
