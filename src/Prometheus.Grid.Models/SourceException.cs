namespace Prometheus.Grid.Models;

/// <summary>One source cannot give what the manifest says it has; another may.</summary>
internal sealed class SourceException(string message, bool canRetry = false, Exception? innerException = null) : Exception(message, innerException)
{
    public bool CanRetry { get; } = canRetry;
}
